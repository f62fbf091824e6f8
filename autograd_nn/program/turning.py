"""Turning: what goes into a layer is held with a row for every feature, not for every sample.

Then there is room for a row of ones below it, by which the layer's biases are part of its product
(`borders`).  And a row added to a tall matrix makes NumPy begin anew at every sample; turned,
it is a column added to a wide one: few long loops.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograd_nn.program.ir import Constant, Instruction, Program, Value, call
from autograd_nn.program.passes import (
    constant,
    is_dot,
    is_elementwise,
    merged,
    simplified,
    without_dead,
)

MATRIX = PAIR = 2
NARROW = 64  # entries of a row up to which to begin anew at each costs NumPy as much as they do


def turned(program: Program) -> Program:
    """Hold tall inputs of layers transposed, and what is computed with them entry by entry."""
    tall = tall_ones(program)
    if not tall:
        return program
    turner = Turner()
    for instruction in program.instructions:
        turner.write(instruction, is_tall=not tall.isdisjoint(instruction.outs))
    return without_dead(merged(simplified(program.rewritten(turner.instructions, {}))))


def tall_ones(program: Program) -> set[Value]:
    """Find the values to be turned: narrow inputs of layers, and the rest of their formulas."""
    kept = set(program.kept)
    candidates = {
        i.out: i
        for i in program.instructions
        if (is_product(i) or (is_elementwise(i) and len(i.out.shape) == MATRIX))
        and i.out.order is None
        and i.out not in kept
    }
    inputs = {x for i in program.instructions for x in inputs_of(i)}
    tall = {x for x in inputs.intersection(candidates) if x.shape[1] <= min(x.shape[0], NARROW)}
    before = -1
    while before != len(tall):
        before = len(tall)
        for v, i in candidates.items():
            if is_elementwise(i):
                same = [x for x in i.operands if x.shape == v.shape and x in candidates]
                if v in tall or not tall.isdisjoint(same):
                    tall.update([v, *same])
    return tall


def inputs_of(i: Instruction) -> list[Value]:
    """Find the matrix whose product a row is added to, if that is what is computed."""
    found = []
    for x, row in (i.args, i.args[::-1]) if i.function is np.add and len(i.args) == PAIR else ():
        maker = x.maker if isinstance(x, Value) else None
        if maker is None or not is_product(maker) or not isinstance(row, Value):
            continue
        if row.shape in {x.shape[1:], (1, *x.shape[1:])} or is_spread(row.maker):
            found.append(maker.args[0])
    return found


def is_spread(i: Instruction | None) -> bool:
    """Tell whether an instruction repeats a row by a product with ones."""
    return i is not None and is_product(i) and i.args[0].shape[1:] == (1,)


def is_product(i: Instruction) -> bool:
    """Tell whether an instruction multiplies matrices."""
    return is_dot(i) and all(len(x.shape) == MATRIX for x in i.args)


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
