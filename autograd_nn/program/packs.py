"""Packs: many small updates of the same form become one, of one flat vector.

An optimiser does the same to every parameter: ``w -= lr * dw`` for each.  Where the parameters
lie side by side in one buffer, and the gradients in another, it is two calls for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograd_nn.program.ir import Instruction, Live, Program, Value
from autograd_nn.program.passes import number, without_dead

LARGEST = 1 << 15  # entries in all: what is larger is updated array by array, while in the cache


@dataclass
class Packed:
    """A program, and which of its values lie side by side: flat value -> its parts in order."""

    program: Program
    packs: dict[Value, list[Value]] = field(default_factory=dict)


def packed(program: Program, homes: Container[Value]) -> Packed:
    """Pack updates of live values that have a home, if all are of one form."""
    chosen = [(live, new) for live, new in program.updates if live in homes and new is not live]
    if len(chosen) < 2 or sum(live.size for live, _ in chosen) > LARGEST:  # noqa: PLR2004
        return Packed(program)
    builder = Builder(program, homes)
    flat = builder.join([new for _, new in chosen])
    target = builder.leaf([live for live, _ in chosen])
    if flat is None or target is None or flat in builder.packs:
        return Packed(program)
    rest = [pair for pair in program.updates if pair not in chosen]
    joined = replace(
        program,
        instructions=[*program.instructions, *builder.instructions],
        updates=[*rest, (target, flat)],
    )
    return Packed(without_dead_parts(joined, builder.packs), builder.packs)


def without_dead_parts(program: Program, packs: dict[Value, list[Value]]) -> Program:
    """Drop what is not used any more; the parts of a pack that is used are."""
    parts = [v for vs in packs.values() for v in vs if v.maker is not None]
    kept = without_dead(replace(program, results=[*program.results, *parts]))
    return replace(kept, results=program.results)


class Builder:
    """Join values that are made in the same way."""

    def __init__(self, program: Program, homes: Container[Value]) -> None:
        self.homes, self.kept = homes, set(program.kept) - {new for _, new in program.updates}
        self.uses = Counter(v for i in program.instructions for v in i.operands)
        self.views = {i.views for i in program.instructions}
        self.packs: dict[Value, list[Value]] = {}
        self.instructions: list[Instruction] = []

    def join(self, values: Sequence[Value]) -> Value | None:
        """Make one flat value of values, by one flat instruction where that is possible."""
        makers = [v.maker for v in values]
        first = makers[0]
        if first is not None and self.are_alike(values, makers):
            args: list[Any] = []
            for column in zip(*(m.args for m in makers if m is not None), strict=True):
                arg = column[0] if is_one_number(column) else self.join(column)
                if arg is None:
                    return None
                args.append(arg)
            flat = Value((sum(v.size for v in values),), values[0].dtype)
            flat.source = Instruction(first.function, tuple(args), {}, [flat], site=first.site)
            self.instructions.append(flat.source)
            return flat
        return self.leaf(values)

    def are_alike(self, values: Sequence[Value], makers: Sequence[Instruction | None]) -> bool:
        """Tell whether values are made by the same elementwise function and used once, for this."""
        first = makers[0]
        return all(
            m is not None
            and first is not None
            and m.function is first.function
            and isinstance(m.function, np.ufunc)
            and m.function.signature is None
            and not m.params
            and not m.errors
            and v not in self.kept
            and self.uses[v] <= 1
            and v.dtype == values[0].dtype
            and all(number(a) is not None or a.shape == v.shape for a in m.args)
            for v, m in zip(values, makers, strict=True)
        )

    def leaf(self, values: Sequence[Value]) -> Value | None:
        """Let values lie side by side, if they may: each is written by one call, or has a home."""
        known = [flat for flat, parts in self.packs.items() if parts == [*values]]
        if known:
            return known[0]
        taken = {v for parts in self.packs.values() for v in parts}
        for v in values:
            if v in taken or v.dtype != values[0].dtype or not v.shape:
                return None
            if isinstance(v.source, Live) and v in self.homes:
                continue
            if v.maker is None or v.maker.function is not np.dot:
                return None
        if len(set(values)) < len(values):
            return None
        flat = Value((sum(v.size for v in values),), values[0].dtype)
        self.packs[flat] = [*values]
        return flat


def is_one_number(column: Sequence[Any]) -> bool:
    """Tell whether it is the same number in all instructions."""
    numbers = [number(x) for x in column]
    return numbers[0] is not None and all(x == numbers[0] for x in numbers)
