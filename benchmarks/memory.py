"""Peak memory of the first training step of a deep network."""

from __future__ import annotations

import gc
from pathlib import Path

from benchmarks.cases import Case
from benchmarks.competitors import named

DEPTH, WIDTH = 20, 1024
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")  # Linux's


def peak(name: str, depth: int = DEPTH, width: int = WIDTH) -> float:
    """Return by how many MiB the peak rises above what is there before the step.

    A step of one layer goes first: what is imported and set up once is not the step's.
    """
    build = named(name).build
    build(Case("one layer", (width, width), width)).run()
    gc.collect()
    step = build(Case("deep", (width,) * (depth + 1), width))
    before = resident()
    CLEAR.write_text("5", encoding="ascii")  # the peak is forgotten
    step.run()
    return (status("VmHWM") - before) / 2**20


def resident() -> float:
    """Return the memory of this process, in bytes."""
    return status("VmRSS")


def status(key: str) -> float:
    """Return a number of bytes from what Linux says of this process."""
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return 1024 * float(next(line for line in lines if line.startswith(key)).split()[1])
