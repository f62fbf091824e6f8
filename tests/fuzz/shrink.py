"""Make a failing program small: Hypothesis searches for the simplest that fails alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import HealthCheck, Phase, find, settings, strategies as st
from hypothesis.errors import NoSuchExample

from .judge import Disagreement, judge
from .operation import Operation
from .programs import Input, Program, draw_program

SEARCH = settings(
    max_examples=300,
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


def cut(program: Program, output: int, kept: list[bool]) -> Program:
    """Take an earlier value for the output, and inputs for the values of steps not kept."""
    steps = {step.name: step for step in program.steps}
    last = program.steps[output]
    frozen = {s.name for s, keep in zip(program.steps, kept, strict=True) if not keep}
    needed, kept_steps = {last.name}, []
    for step in reversed(program.steps[: output + 1]):
        if step.name in needed and (step is last or step.name not in frozen):
            kept_steps.append(step)
            needed.update(step.uses)
    inputs = [given for given in program.inputs if given.name in needed]
    for name in sorted((needed & frozen) - {last.name}):
        value = np.asarray(steps[name].value)
        rounded = np.asarray(np.round(value, 3).astype(value.dtype))
        inputs.append(Input(name, rounded, differentiated=True))
    if not any(given.differentiated for given in inputs):
        inputs = [replace(g, differentiated=g.array.dtype.kind in "fc") for g in inputs]
    return Program(inputs, kept_steps[::-1], last.name, program.seed, program.profile)


def shrink(
    failure: Disagreement, oracles: Collection[str], operations: dict[str, Operation]
) -> Disagreement:
    """Find the smallest program that fails in the same kind before the same judge."""
    program = failure.program
    n = len(program.steps)

    def alike(other: Program) -> Disagreement | None:
        if not any(given.array.dtype.kind in "fc" for given in other.inputs):
            return None
        try:
            found = judge(other, oracles).disagreements
        except Exception:  # noqa: BLE001 (a program cut in a way that nobody can run)
            return None
        return next((d for d in found if d.kind == failure.kind), None)

    cuts = st.builds(
        lambda output, kept: cut(program, output, kept),
        st.integers(0, n - 1),
        st.lists(st.booleans(), min_size=n, max_size=n),
    )
    smaller = program
    try:
        smaller = find(cuts, lambda p: alike(p) is not None, settings=SEARCH)
        few = [operations[name] for name in dict.fromkeys(smaller.operations)]
        fresh = st.randoms(use_true_random=False).map(
            lambda random: draw_program(Random(random.random()), few, (program.profile,))
        )
        simplest = find(
            fresh,
            lambda p: weight(p) < weight(smaller) and alike(p) is not None,
            settings=SEARCH,
        )
        smaller = simplest
    except NoSuchExample:
        pass
    return alike(smaller) or failure


def weight(program: Program) -> tuple[int, int]:
    """Measure how much there is to read."""
    return len(program.steps), sum(given.array.size for given in program.inputs)
