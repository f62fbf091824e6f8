"""What is printed: Markdown tables, and the machine that they are of."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.rounds import Measured, Refused

PEERS = ("numpy", "scipy", "numba", "autograd", "mygrad", "torch", "jax")


def machine(threads: int) -> str:
    """Say what the figures are of."""
    import numpy as np

    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    config: Any = np.show_config(mode="dicts")
    blas = config["Build Dependencies"]["blas"]
    return (
        f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores, "
        f"{platform.system()} {platform.release()}, Python {sys.version.split()[0]}, "
        f"{', '.join(filter(None, map(versioned, PEERS)))}, BLAS {blas['name']} {blas['version']}; "
        f"{threads} thread{'s' * (threads > 1)}, load average {os.getloadavg()[0]:.1f}"
    )


def versioned(package: str) -> str:
    """Name a package and its version, if it is installed."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in (head, ["-" * w for w in widths], *rows)
    ]
    return "\n".join(lines)


def of_steps(results: dict[str, list[Measured | Refused]]) -> str:
    """Lay out the ratios of training steps: a column a case, a row a competitor."""
    cases = list(results)
    names = [r.name for r in results[cases[0]]]
    rows = [[name, *(cell(results[case][k]) for case in cases)] for k, name in enumerate(names)]
    table = markdown(["one step, multiple of the tutorial's loop", *cases], rows)
    notes = dict.fromkeys(
        f"* {r.name}: {r.reason}" for rs in results.values() for r in rs if isinstance(r, Refused)
    )
    return "\n".join([table, *(["", *notes] if notes else [])])


def cell(result: Measured | Refused) -> str:
    """Write a median ratio with its quartiles, and the time."""
    if isinstance(result, Refused):
        return "–"
    faults = f", {result.faults:.0f} faults" if result.faults >= 1 else ""
    return (
        f"{result.median:.3g} ({result.low:.3g}–{result.high:.3g}), "
        f"{duration(result.seconds)}{faults}"
    )


def duration(seconds: float) -> str:
    """Write a time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
