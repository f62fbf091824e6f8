"""Turning: matrices of a batch are held with a row for every feature, where rows are added to them.

A row of biases added to a tall matrix makes NumPy begin anew at every sample.  Turned, it is a
column added to a wide one: few long loops; and with a row of ones below what is multiplied, and
the biases below the weights, it is no addition at all (`packs`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograd_nn.program.ir import Constant, Instruction, Program, Value, call
from autograd_nn.program.passes import (
    constant,
    is_elementwise,
    merged,
    simplified,
    without_dead,
)

MATRIX = 2


def turned(program: Program) -> Program:
    """Hold the sums of tall products and rows, and all that is computed with them, transposed."""
    tall = tall_ones(program)
    if not tall:
        return program
    turner = Turner()
    for instruction in program.instructions:
        turner.write(instruction, is_tall=not tall.isdisjoint(instruction.outs))
    return without_dead(merged(simplified(program.rewritten(turner.instructions, {}))))


def tall_ones(program: Program) -> set[Value]:
    """Find the values to be turned: from sums of products and rows, through what is entrywise."""
    kept = set(program.kept)
    candidates = {
        i.out: i
        for i in program.instructions
        if (i.function is np.dot or is_elementwise(i))
        and len(i.out.shape) == MATRIX
        and i.out.order is None
        and i.out not in kept
    }
    tall = {v for v, i in candidates.items() if adds_row(i)}
    before = -1
    while before != len(tall):
        before = len(tall)
        for v, i in candidates.items():
            if is_elementwise(i):
                same = [x for x in i.operands if x.shape == v.shape and x in candidates]
                if v in tall or not tall.isdisjoint(same):
                    tall.update([v, *same])
    return tall


def adds_row(i: Instruction) -> bool:
    """Tell whether a row is added to a product at least as high as wide."""
    height, width = i.out.shape
    if i.function is not np.add or height < width:
        return False
    for x, row in (i.args, i.args[::-1]):
        maker = x.maker if isinstance(x, Value) else None
        if maker is not None and maker.function is np.dot and isinstance(row, Value):
            spread = row.maker if row.shape == i.out.shape else None
            if row.shape in {(width,), (1, width)} or (spread is not None and is_spread(spread)):
                return True
    return False


def is_spread(i: Instruction) -> bool:
    """Tell whether an instruction repeats a row by a product with ones."""
    return i.function is np.dot and i.args[0].shape[-1] == 1 and i.args[1].shape[0] == 1


class Turner:
    """Writes the instructions of turned values."""

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.turned: dict[Value, Value] = {}  # what holds their transposes

    def write(self, i: Instruction, *, is_tall: bool) -> None:
        """Write an instruction; where its result is tall, turned, and the result as a view."""
        if is_tall:
            args = [self.transposed(a) for a in i.args]
            made = self.call(i, *(args[::-1] if i.function is np.dot else args))
            self.turned[i.out] = made
            i = replace(i, function=np.transpose, args=(made,), views=made)
            i.out.source = i
        elif is_inner(i) and i.args[0].maker.args[0] in self.turned:
            held = self.turned[i.args[0].maker.args[0]]
            line = call(np.reshape, held, (-1,), shape=(held.size,), dtype=held.dtype)
            line.views = held
            self.instructions.append(line)
            i = replace(i, args=(line.out, line.out))
            i.out.source = i
        self.instructions.append(i)

    def call(self, i: Instruction, *args: Any) -> Value:
        """Write an instruction whose result is the transpose of another's."""
        made = call(i.function, *args, shape=i.out.shape[::-1], dtype=i.out.dtype)
        made.site, made.errors = i.site, i.errors
        self.instructions.append(made)
        return made.out

    def transposed(self, x: Any) -> Any:
        """Transpose what an instruction is given; a row becomes a column."""
        if not isinstance(x, Value) or not x.shape:
            return x
        if x not in self.turned:
            if isinstance(x.source, Constant):
                return constant(np.ascontiguousarray(np.atleast_2d(x.source.content).T))
            height, width = (1, *x.shape)[-MATRIX:]
            if height == 1:
                made = call(np.reshape, x, (width, 1), shape=(width, 1), dtype=x.dtype)
            else:
                made = call(np.transpose, x, shape=(width, height), dtype=x.dtype)
            made.views = x
            self.instructions.append(made)
            self.turned[x] = made.out
        return self.turned[x]


def is_inner(i: Instruction) -> bool:
    """Tell whether it sums squares, in whatever order, of a matrix laid out as one line."""
    line = i.args[0].maker if i.function is np.dot and i.args[0] is i.args[1] else None
    return (
        line is not None and line.function is np.reshape and line.out.shape == (line.args[0].size,)
    )
