"""Many programs, each drawn from a seed and its number alone, whatever process runs it."""

from __future__ import annotations

from random import Random

from .judge import judge
from .operation import Operation
from .programs import Program, draw_program
from .report import Tally
from .table import OPERATIONS

BATCH = 100
PROBES = 8
MIXTURE = (*["float64"] * 10, *["complex128"] * 4, *["float32"] * 3, *["mixed"] * 2, "float16")


def chosen(ops: str | None) -> list[Operation]:
    """Take the operations that were asked for and that have a rule at all."""
    parts = ops.split("|") if ops else [""]
    return [op for name, op in OPERATIONS.items() if any(part in name for part in parts)]


def refused(operation: Operation) -> bool:
    """Tell whether an operation is refused whenever it is tried, for it has no rule yet."""
    probes = (draw_program(Random(i), [operation]) for i in range(PROBES))
    return all(judge(program, ()).not_yet for program in probes)


def compose(seed: int, number: int, names: list[str]) -> Program:
    """Draw the program of a number."""
    return draw_program(Random(f"{seed}:{number}"), [OPERATIONS[n] for n in names], MIXTURE)


def batch(
    start: int, stop: int, seed: int, names: list[str], oracles: list[str], jax_every: int
) -> Tally:
    """Judge the compositions of some numbers: what they are depends on seed and number alone."""
    tally = Tally()
    for number in range(start, stop):
        program = compose(seed, number, names)
        asked = [o for o in oracles if o != "jax" or number % jax_every == 0]
        tally.add(number, program, judge(program, asked))
    return tally
