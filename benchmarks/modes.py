"""What is measured beside training steps: one number a cell, each in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks import chain, operations, processes, table
from benchmarks.competitors import LIBRARIES, Competitor


class Mode(NamedTuple):
    """A table: what it shows, of whom, and which call ``function(name, *args)`` fills a column."""

    title: str
    names: Sequence[str]
    columns: dict[str, tuple[str, tuple[object, ...]]]


def modes(rounds: int) -> dict[str, Mode]:
    """List all, by their option."""
    return {
        "import": Mode(
            "import", LIBRARIES, {"multiple of NumPy's": ("imports.multiple", (rounds,))}
        ),
        "memory": Mode(
            "first step, 20 layers of 1024, batch 1024",
            LIBRARIES,
            {"peak over base, MiB": ("memory.peak", ())},
        ),
        "chain": Mode(
            "chain of multiplications, forward and back",
            tuple(chain.CHAINS),
            {f"{n:,}: µs a node": ("chain.microseconds", (n,)) for n in chain.LENGTHS}
            | {"bytes a node": ("chain.held", ())},
        ),
        "operation": Mode(
            "4 x 4 entries, forward and back, multiple of NumPy's own calls",
            tuple(operations.RECORDED),
            {o: ("operations.multiple", (o, rounds)) for o in operations.OPERATIONS},
        ),
    }


def measured(mode: Mode, chosen: Sequence[Competitor], threads: int) -> str:
    """Fill a table; say below it who was skipped, and why."""
    rows, notes = [], []
    for competitor in (c for c in chosen if c.name in mode.names):
        reason = competitor.missing()
        try:
            if reason is None:
                cells = [
                    f"{processes.call(function, competitor.name, *args, threads=threads):.3g}"
                    for function, args in mode.columns.values()
                ]
        except RuntimeError as error:
            reason = f"not measured: {error}"
        if reason is not None:
            cells = [table.NOTHING] * len(mode.columns)
            notes.append((competitor.name, reason))
        rows.append([competitor.name, *cells])
    return table.markdown([mode.title, *mode.columns], rows, notes)
