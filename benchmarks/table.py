"""What is printed: Markdown tables, and the machine that they are of."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rounds import Measured, Refused

PEERS = ("numpy", "scipy", "numba", "autograd", "mygrad", "torch", "jax")
NOTHING = "\N{EN DASH}"


def machine(threads: int) -> str:
    """Say what the figures are of."""
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


def markdown(
    head: Sequence[str], rows: Sequence[Sequence[str]], notes: Iterable[tuple[str, str]] = ()
) -> str:
    """Lay out a table, and below it who is not in it, and why."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in (head, ["-" * w for w in widths], *rows)
    ]
    listed = [f"* {name}: {reason}" for name, reason in notes]
    return "\n".join([*lines, *([""] if listed else []), *listed])


def of_steps(results: dict[str, list[Measured | Refused]]) -> str:
    """Lay out the ratios of training steps: a row a competitor, a column a case."""
    outcomes = list(zip(*results.values(), strict=True))
    rows = [[row[0].name, *map(cell, row)] for row in outcomes]
    refused: dict[Refused, list[str]] = {}
    for row in outcomes:
        for case, outcome in zip(results, row, strict=True):
            if isinstance(outcome, Refused):
                refused.setdefault(outcome, []).append(case)
    notes = [
        (name if len(cases) == len(results) else f"{name} ({'; '.join(cases)})", reason)
        for (name, reason), cases in refused.items()
    ]
    return markdown(["one step, multiple of the tutorial's loop", *results], rows, notes)


def cell(result: Measured | Refused) -> str:
    """Write a median ratio with its quartiles, the time, and the page faults if there are any."""
    if isinstance(result, Refused):
        return NOTHING
    faults = f", {result.faults:.0f} faults" if result.faults >= 1 else ""
    return (
        f"{result.median:.3g} ({result.low:.3g}\N{EN DASH}{result.high:.3g}), "
        f"{duration(result.seconds)}{faults}"
    )


def duration(seconds: float) -> str:
    """Write a time, given in seconds, in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
