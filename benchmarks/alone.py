"""One competitor in a process of its own."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

from benchmarks.cases import CASES
from benchmarks.competitors import competitors
from benchmarks.rounds import Refused, build, calls_a_chunk, chunk

CHUNKS = 5


def step(name: str, case: str, dtype: str) -> list[float] | str:
    """Return the median seconds and page faults of a step, or why there are none."""
    chosen = next(c for c in competitors() if c.name == name)
    built = build(chosen, replace(next(c for c in CASES if c.name == case), dtype=dtype))
    if isinstance(built, Refused):
        return built.reason
    calls = calls_a_chunk(built)
    chunks = [chunk(built, calls) for _ in range(CHUNKS)]
    return [median(seconds for seconds, _ in chunks), median(faults for _, faults in chunks)]
