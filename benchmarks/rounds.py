"""Time steps beside one another: interleaved rounds, ratios within a round, their medians."""

from __future__ import annotations

import gc
import resource
from collections.abc import Sequence
from statistics import quantiles
from time import perf_counter
from typing import NamedTuple

import numpy as np

from benchmarks.cases import Case
from benchmarks.competitors import UNIT, Competitor, Step

CHUNK = 0.02  # seconds that a competitor runs in a round, at least one call
AGREED = {"float64": 1e-9, "float32": 2e-3}  # relative


class Measured(NamedTuple):
    """A competitor's times in units of the tutorial's step of the same round.

    `seconds` and `faults` (minor page faults) are medians, a step.
    """

    name: str
    low: float
    median: float
    high: float
    seconds: float
    faults: float


class Refused(NamedTuple):
    """A competitor that was not timed, and why."""

    name: str
    reason: str


def build(competitor: Competitor, case: Case) -> Step | Refused:
    """Make a competitor's step, or say why there is none."""
    package = competitor.lacks()
    if package is not None:
        return Refused(competitor.name, f"skipped: {package} is not installed")
    try:
        return competitor.build(case)
    except Exception as error:  # noqa: BLE001 (a peer may fail in any way; the others go on)
        reason = str(error).strip().splitlines() or [type(error).__name__]
        return Refused(competitor.name, f"skipped: {reason[0]}")


def disagreement(step: Step, expected: Step, case: Case) -> str | None:
    """Train a few steps and compare with the tutorial's; say how far they are apart."""
    calls = 3 if step.steps == 1 else 1
    for _ in range(calls):
        step.run()
    for _ in range(calls * step.steps):
        expected.run()
    worst = max(
        float(np.max(np.abs(a - b)) / np.max(np.abs(b)))
        for a, b in zip(step.parameters(), expected.parameters(), strict=True)
    )
    if worst <= AGREED[case.dtype]:
        return None
    return f"not timed: its parameters are {worst:.1e} from the tutorial's"


def compare(
    chosen: Sequence[Competitor], case: Case, rounds: int, unit: Competitor
) -> list[Measured | Refused]:
    """Time the competitors and the tutorial in turn, round after round."""
    outcomes: dict[str, Measured | Refused] = {}
    steps: dict[str, Step] = {}
    for competitor in (unit, *(c for c in chosen if c.name != UNIT)):
        step = build(competitor, case)
        if isinstance(step, Refused):
            outcomes[competitor.name] = step
            continue
        wrong = disagreement(step, unit.build(case), case)
        if wrong is not None:
            outcomes[competitor.name] = Refused(competitor.name, wrong)
        else:
            steps[competitor.name] = step
    times: dict[str, list[float]] = {name: [] for name in steps}
    faults: dict[str, list[float]] = {name: [] for name in steps}
    calls = {name: calls_a_chunk(step) for name, step in steps.items()}
    for _ in range(rounds):
        for name, step in steps.items():
            seconds, faulted = chunk(step, calls[name])
            times[name].append(seconds)
            faults[name].append(faulted)
    for name in steps:
        ratios = [t / u for t, u in zip(times[name], times[UNIT], strict=True)]
        low, median, high = quantiles(ratios, n=4) if rounds > 1 else ratios * 3
        outcomes[name] = Measured(
            name, low, median, high, float(np.median(times[name])), float(np.median(faults[name]))
        )
    return [outcomes[c.name] for c in chosen]


def calls_a_chunk(step: Step) -> int:
    """Find out how many calls fill a chunk."""
    step.run()
    start = perf_counter()
    step.run()
    return max(1, int(CHUNK / max(perf_counter() - start, 1e-7)))


def chunk(step: Step, calls: int) -> tuple[float, float]:
    """Run a number of calls without the garbage collector; return seconds and faults a step."""
    gc.collect()
    gc.disable()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    start = perf_counter()
    for _ in range(calls):
        step.run()
    seconds = perf_counter() - start
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    gc.enable()
    n = calls * step.steps
    return seconds / n, faults / n
