"""Schedule: the instructions of a kernel as loops and matrix products, one after the other.

Elementwise instructions that go through arrays of one shape share a loop, and so do sums of what
is computed there: a value that only its loop reads is never in memory.  They wait until somebody
needs them, so that they are computed where they are used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from autograd_nn.program.fusion import REDUCTIONS, VIEWS, is_elementwise
from autograd_nn.program.ir import Instruction, Value

Shape = tuple[int, ...] | None


@dataclass(eq=False)
class Step:
    """A loop through arrays of one shape, or a matrix product by itself, whose shape is None."""

    shape: Shape
    instructions: list[Instruction] = field(default_factory=list)


class Schedule:
    """Steps in order, and what is known of values: the steps that make them, and read them last.

    Parameters
    ----------
    instructions : list of Instruction
    kept : iterable of Value
        What is looked at afterwards.
    late : dict
        Values that are written over others, when nobody reads these any more.
    """

    def __init__(
        self, instructions: list[Instruction], kept: Iterable[Value], late: Mapping[Value, Value]
    ) -> None:
        self.steps: list[Step] = []
        self.made: dict[Value, int] = {}
        self.ends: dict[Value, int] = {}
        self.stored = set(kept)  # and what other steps read than the one that makes it
        self.views = [i for i in instructions if i.function in VIEWS]
        self.base: dict[Value, Value] = {}  # what views are views of
        for i in self.views:
            self.base[i.out] = self.base_of(i.args[0])
        self.number = {i: n for n, i in enumerate(instructions)}
        self.waiting = {i for i in instructions if i.function not in VIEWS}
        needed = {*self.stored, *self.base.values()}
        for i in instructions:
            can_wait = i.function in VIEWS or i.out in late
            if not can_wait and (not is_elementwise(i) or i.out in needed):
                self.place(i)
        last = [i for i in instructions if i.out in late]
        for i in last:
            others = {old for old in late.values() if old is not late[i.out]}
            for one in self.waiting_for(i)[:-1]:
                if not others.isdisjoint(map(self.base_of, one.operands)):
                    self.place(one)
        for i in last:
            self.place(i, over=late[i.out])

    def base_of(self, v: Value) -> Value:
        """Find the value that a value is a view of."""
        return self.base.get(v, v)

    def waiting_for(self, i: Instruction) -> list[Instruction]:
        """List an instruction, and before it those in its loop that have waited for it."""
        found, new = {i}, [i]
        while new:
            for v in new.pop().operands:
                maker = v.maker
                if maker is None or maker not in self.waiting or maker in found:
                    continue
                if is_elementwise(maker) and shape_of(maker) == shape_of(i):
                    found.add(maker)
                    new.append(maker)
        return sorted(found, key=self.number.__getitem__)

    def place(self, i: Instruction, over: Value | None = None) -> None:
        """Put an instruction, and what has waited for it, into the first step that is possible."""
        if i not in self.waiting:
            return
        shape, group = shape_of(i), self.waiting_for(i)
        for v in self.from_outside(group):
            maker = v.maker
            if maker is not None and maker in self.waiting:
                self.place(maker)
        group = [one for one in group if one in self.waiting]  # others were needed before
        n = max([0, *(self.ready(v, shape) for v in self.from_outside(group))])
        if over is not None:
            n = max(n, self.ends.get(over, 0))
            if n < len(self.steps) and self.steps[n].shape != shape:
                n += 1
            if any(self.base_of(v) is over for v in self.base if self.ends.get(v, -1) >= n):
                n += 1
        same = (k for k in range(n, len(self.steps)) if shape is not None)
        n = next((k for k in same if self.steps[k].shape == shape), len(self.steps))
        if n == len(self.steps):
            self.steps.append(Step(shape))
        for one in group:
            self.put(one, n)

    def from_outside(self, group: list[Instruction]) -> list[Value]:
        """List what instructions read that others make."""
        mine = {one.out for one in group}
        return [v for one in group for v in one.operands if v not in mine]

    def put(self, i: Instruction, n: int) -> None:
        """Put an instruction into a step."""
        self.waiting.remove(i)
        self.steps[n].instructions.append(i)
        self.made[i.out] = self.ends[i.out] = n
        for v in i.operands:
            for read in (v, self.base_of(v)):
                self.ends[read] = max(self.ends.get(read, 0), n)
            if not self.is_at_hand(v, n):
                self.stored.add(self.base_of(v))

    def ready(self, v: Value, shape: Shape) -> int:
        """Find the first step, of a shape, in which a value can be read."""
        made = self.made.get(self.base_of(v))
        if made is None:
            return 0
        shared = self.steps[made].shape == shape and self.is_at_hand(v, made)
        return made if shared else made + 1

    def is_at_hand(self, v: Value, n: int) -> bool:
        """Tell whether a value is computed in a step, entry by entry."""
        return self.made.get(v) == n and v.maker is not None and is_elementwise(v.maker)


def shape_of(i: Instruction) -> Shape:
    """Find the shape that an instruction loops through."""
    if i.function in (np.dot, np.matmul):
        return None
    shape: tuple[int, ...] = i.args[0].shape if i.function in REDUCTIONS else i.out.shape
    return shape
