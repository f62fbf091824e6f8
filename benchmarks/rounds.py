"""Time steps beside one another: interleaved rounds, ratios within a round, their medians."""

from __future__ import annotations

import gc
import resource
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median, quantiles
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from benchmarks import processes
from benchmarks.cases import CASES, Case
from benchmarks.competitors import UNIT, Competitor, Step, named

CHUNK = 0.02  # seconds that a competitor runs in a round, at least one call
CHUNKS = 5  # of which a process of its own takes the median
AGREED = {"float64": 1e-9, "float32": 2e-3}  # relative to the largest entry


class Measured(NamedTuple):
    """A competitor's times in units of the tutorial's step of the same round.

    `low`, `median` and `high` are quartiles; `seconds` and `faults` (minor page faults) are
    medians, a step.
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


Timer = Callable[[], tuple[float, float]]  # the seconds and page faults of a step


def compare(
    chosen: Sequence[Competitor],
    case: Case,
    rounds: int,
    prepare: Callable[[Competitor, Case], Timer | Refused],
) -> list[Measured | Refused]:
    """Time the competitors and the tutorial in turn, round after round."""
    prepared = {c.name: prepare(c, case) for c in (named(UNIT), *chosen)}
    timers = {name: timer for name, timer in prepared.items() if not isinstance(timer, Refused)}
    times = [{name: timer() for name, timer in timers.items()} for _ in range(rounds)]
    outcomes: list[Measured | Refused] = []
    for name in (c.name for c in chosen):
        outcome: Any = prepared[name]
        if not isinstance(outcome, Refused):
            quartiles = quantiles(
                [each[name][0] / each[UNIT][0] for each in times], n=4, method="inclusive"
            )
            typical = [median(each[name][k] for each in times) for k in (0, 1)]
            outcome = Measured(name, *quartiles, *typical)
        outcomes.append(outcome)
    return outcomes


def here(competitor: Competitor, case: Case) -> Timer | Refused:
    """Make a competitor's step and check it, to be timed in this process."""
    reason = competitor.missing()
    if reason is None:
        try:
            step = competitor.build(case)
            reason = disagreement(step, case)
        except Exception as error:  # noqa: BLE001 (a peer may fail in any way; the others go on)
            lines = str(error).strip().splitlines() or [type(error).__name__]
            reason = f"skipped: {lines[0]}"
    if reason is not None:
        return Refused(competitor.name, reason)
    calls = calls_a_chunk(step)
    return lambda: chunk(step, calls)


def apart(threads: int) -> Callable[[Competitor, Case], Timer | Refused]:
    """Make every step in processes of their own, a new one each time; the first only checks it."""

    def prepare(competitor: Competitor, case: Case) -> Timer | Refused:
        def timed() -> Any:
            return processes.call("rounds.alone", *about, threads=threads)

        about = competitor.name, case.name, case.dtype
        try:
            found = timed()
        except RuntimeError as error:
            found = f"skipped: {error}"
        return Refused(competitor.name, found) if isinstance(found, str) else timed

    return prepare


def alone(name: str, case: str, dtype: str) -> tuple[float, ...] | str:
    """Return the median seconds and page faults of a step, or why there are none."""
    timer = here(named(name), replace(next(c for c in CASES if c.name == case), dtype=dtype))
    if isinstance(timer, Refused):
        return timer.reason
    chunks = [timer() for _ in range(CHUNKS)]
    return tuple(median(each[k] for each in chunks) for k in (0, 1))


def disagreement(step: Step, case: Case) -> str | None:
    """Train a few steps and compare with the tutorial's; say how far they are apart."""
    expected = named(UNIT).build(case)
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
