"""Borders: a row of biases below the weights, a row of ones below what they multiply.

``W.T @ x + b`` is one product then, and so are the gradients of `W` and `b`.  It takes no more
memory: weights and biases are parts of one vector already (`packs`), and what a function
of NumPy computes can be written above a row of ones.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeGuard

import numpy as np

from autograd_nn.program.functions import getitem
from autograd_nn.program.ir import Constant, Instruction, Value, call
from autograd_nn.program.packs import Packed, placeable, without_dead_parts
from autograd_nn.program.passes import constant, is_dot

MATRIX = 2
COPIED = 1 << 10  # entries up to which to copy an argument costs less than to add


def bordered(plan: Packed) -> Packed:
    """Let sums of products and biases be one product, and their gradients another."""
    borderer = Borderer(plan)
    for instruction in plan.program.instructions:
        borderer.write(instruction)
    program = replace(plan.program, instructions=borderer.instructions)
    return Packed(without_dead_parts(program, borderer.packs), borderer.packs)


class Borderer:
    """Writes products with borders where parts of packs lie so that there can be."""

    def __init__(self, plan: Packed) -> None:
        self.kept = set(plan.program.kept)
        self.packs = {flat: [*parts] for flat, parts in plan.packs.items()}
        self.holders = {part: flat for flat, parts in plan.packs.items() for part in parts}
        self.next = {a: b for parts in plan.packs.values() for a, b in pairwise(parts)}
        self.instructions: list[Instruction] = []
        self.stacks: dict[Value, Value] = {}  # matrices, and the same with the next row below
        self.wide: dict[Value, Value] = {}  # matrices, and the same with a row of ones below
        self.done: set[Value] = set()

    def write(self, i: Instruction) -> None:
        """Write an instruction, or a product that it is a part of."""
        if i.function is np.add and self.is_sum(i):
            return
        if i.function is np.dot:
            self.look_for_gradients(i.out)
        if self.done.isdisjoint(i.outs):
            self.instructions.append(i)

    def is_sum(self, i: Instruction) -> bool:
        """Write ``W.T @ x + b`` or ``x.T @ W + b`` as one product, if it is that."""
        product, addend = made_by(i.args[0]), unspread(i.args[1])
        if product is None or not is_dot(product) or i.out.shape != product.out.shape:
            return False
        turned, right = made_by(product.args[0]), product.args[1]
        if not called(turned, np.transpose) or len(right.shape) != MATRIX:
            return False
        left = turned.args[0]
        for w, x in (left, right), (right, left):
            b = self.next.get(w)
            shapes = {(w.shape[-1], 1)} if w is left else {w.shape[-1:], (1, w.shape[-1])}
            if b is None or not are_stackable(w, b) or addend.shape not in shapes:
                continue
            wide = self.with_ones(x) if b in {addend, *viewed(addend)} else None
            if wide is not None:
                factors = {w: self.stacked(w, b), x: wide}
                first = call(
                    np.transpose, factors[left], shape=factors[left].shape[::-1], dtype=w.dtype
                )
                self.instructions.append(first)
                self.instructions.append(instruction_of(i, np.dot, first.out, factors[right]))
                return True
        return False

    def look_for_gradients(self, out: Value) -> None:
        """Write ``x @ d`` and the sum of all rows of `d` as one product, with the first of them."""
        pairs = [(dw, db) for dw, db in self.next.items() if out in (dw, db)]
        for dw, db in pairs:
            product, total = made_by(dw), made_by(db)
            if product is None or total is None or dw in self.done:
                continue
            if not (is_dot(product) and is_dot(total)):
                continue
            x, d = product.args
            ones, summed = total.args if holds_ones(total.args[0]) else total.args[::-1]
            is_d = summed is d if ones is total.args[0] else are_turned(d, summed)
            if is_d and holds_ones(ones) and x in self.wide and are_stackable(dw, db):
                both, height = self.stacked(dw, db), dw.shape[0]
                if out is db and summed is not d:  # d may be made of it later
                    back = call(np.transpose, summed, shape=d.shape, dtype=d.dtype)
                    self.instructions.append(back)
                    d = back.out
                made = call(np.dot, self.wide[x], d, like=both)
                made.outs, both.source = [both], made
                self.instructions.append(made)
                for i, index in ((product, slice(height)), (total, height)):
                    self.instructions.append(instruction_of(i, getitem, both, index))
                self.done |= {dw, db}

    def stacked(self, upper: Value, row: Value) -> Value:
        """Make the matrix of a part of a pack and the one after it, which is its last row."""
        if upper not in self.stacks:
            both = Value((upper.shape[0] + 1, row.size), upper.dtype)
            parts = self.packs[self.holders[upper]]
            at = parts.index(upper)
            parts[at : at + 2] = [both]
            self.packs[both] = [upper, row]
            self.stacks[upper] = both
        return self.stacks[upper]

    def with_ones(self, x: Value) -> Value | None:
        """Let a matrix lie above a row of ones, if it can be anywhere or is soon copied."""
        if x not in self.wide:
            part, (height, width) = x, x.shape
            if x in self.holders or x in self.kept or x.order is not None or not placeable(x):
                if x.size > COPIED:
                    return None
                copied = call(np.positive, x, shape=x.shape, dtype=x.dtype)
                self.instructions.append(copied)
                part = copied.out
            self.wide[x] = Value((height + 1, width), x.dtype)
            self.packs[self.wide[x]] = [part, constant(np.ones((1, width), x.dtype))]
            self.holders[part] = self.wide[x]
        return self.wide[x]


def are_stackable(upper: Value, row: Value) -> bool:
    """Tell whether one is a matrix, and the other could be its next row."""
    return len(upper.shape) == MATRIX and row.shape == upper.shape[1:]


def unspread(x: Any) -> Any:
    """Find the row or column that a product with ones repeats."""
    maker = made_by(x)
    if maker is None or not is_dot(maker) or not any(map(holds_ones, maker.args)):
        return x
    return maker.args[1] if holds_ones(maker.args[0]) else maker.args[0]


def viewed(x: Any) -> tuple[Any, ...]:
    """Find the value that is only given another shape."""
    maker = made_by(x)
    return (maker.args[0],) if called(maker, np.reshape) else ()


def are_turned(x: Any, y: Any) -> bool:
    """Tell whether one value is the transpose of the other."""
    return any(
        called(maker, np.transpose) and maker.args[0] is other
        for maker, other in ((made_by(x), y), (made_by(y), x))
    )


def instruction_of(i: Instruction, function: Any, *args: Any) -> Instruction:
    """Make an instruction that makes what another one made."""
    made = replace(i, function=function, args=args, params={}, views=None)
    for out in made.outs:
        out.source = made
    return made


def made_by(x: Any) -> Instruction | None:
    """Find the instruction that made what another one was given."""
    return x.maker if isinstance(x, Value) else None


def called(i: Instruction | None, function: Any) -> TypeGuard[Instruction]:
    """Tell whether it is a call of a function."""
    return i is not None and i.function is function


def holds_ones(x: Any) -> bool:
    """Tell whether it is a constant of ones."""
    content = x.source.content if isinstance(x, Value) and isinstance(x.source, Constant) else 0
    return bool(np.all(content == 1))
