"""Packs: many small updates of the same form become one, of one flat vector.

An optimiser does the same to every parameter: ``w -= lr * dw`` for each.  Where the parameters
lie side by side in one buffer, and the gradients in another, it is two calls for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

import numpy as np

from autograd_nn.program.functions import getitem
from autograd_nn.program.ir import Constant, Instruction, Live, Program, Value, call
from autograd_nn.program.passes import (
    constant,
    is_dot,
    is_elementwise,
    number,
    reading,
    without_dead,
)

SMALL = 1 << 12  # entries up to which calls cost more than what they compute
DEEP = 32  # steps of an update that are joined
MANY = 4  # arrays of which a formula is made
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


def stepped(plan: Packed) -> Packed:
    """Let a small step ``w - lr * dw`` be one product with ``(1, -lr)``, of `w` above `dw`.

    That cannot fail, so that it can be written straight over `w`.
    """
    program = plan.program
    for live, new in [] if program.exact else program.updates:
        found = step_of(live, new.maker)
        parts = plan.packs.get(found[0], []) if found is not None else []
        if found is None or not parts or any(part.maker is None for part in parts):
            continue
        both = Value((2, live.size), live.dtype)
        old = call(np.positive, live, like=live)
        dot = call(np.dot, constant(np.array([1, -found[1]], live.dtype)), both, like=new)
        dot.outs, new.source = [new], dot
        rest = [i for i in program.instructions if new not in i.outs]
        changed = replace(program, instructions=[*rest, old, dot])
        packs = {both: [old.out, found[0]], **plan.packs}
        return Packed(without_dead_parts(changed, packs), packs)
    return plan


def step_of(live: Value, minus: Instruction | None) -> tuple[Value, float] | None:
    """Find the array and the number whose product is taken from a few live numbers."""
    if minus is None or minus.function is not np.subtract or minus.args[0] is not live:
        return None
    times = minus.args[1].maker if isinstance(minus.args[1], Value) else None
    if times is None or times.function is not np.multiply or not 1 < live.size <= SMALL:
        return None
    for x, lr in (times.args, times.args[::-1]):
        if isinstance(x, Value) and number(lr) is not None and live.dtype.char in "fd":
            return x, number(lr)
    return None


# ---- what is done to several arrays alike --------------------------------------------------------


def batched(plan: Packed) -> Packed:
    """Do once to small arrays laid side by side what is done to each: ``a * (1 - a)`` of layers."""
    joined: Packed | None = plan
    while joined is not None:
        plan, joined = joined, next_joined(joined)
    return plan


def next_joined(plan: Packed) -> Packed | None:
    """Join the group of the longest formulas that can be."""
    program = plan.program
    uses = Counter(v for i in program.instructions for v in (*i.operands, i.views))
    bound = {*program.kept, *(v for parts in plan.packs.values() for v in parts)}
    uses.update(bound)  # parts are read where they lie
    groups: dict[Any, list[Formula]] = {}
    levels: dict[Any, int] = {}  # what is made of one of a group cannot be made with it
    for root, formula in formulas_in(program, uses).items():
        maker, form = root.maker, (root.dtype, formula.spelling)
        level = 1 + max(levels.get((form, leaf), -1) for leaf in formula.leaves)
        levels[form, root] = level
        if maker is not None and len(maker.operands) > 1 and root not in bound:
            groups.setdefault((form, level), []).append(formula)
    for group in sorted(groups.values(), key=lambda group: -group[0].length):
        joined = joined_group(plan, group)
        if joined is not None:
            return joined
    return None


def joined_group(plan: Packed, group: list[Formula]) -> Packed | None:
    """Compute the formulas of a group as one, if there is a moment at which all of them can be."""
    program, instructions = plan.program, plan.program.instructions
    place = {o: n for n, i in enumerate(instructions) for o in i.outs}
    group = [f for f in group if all(v in place and placeable(v) for v in f.leaves)]
    gaps = {f: gap for f in group if (gap := gap_behind(f, plan.packs)) is not None}
    sizes = {f: f.root.size + sum(v.size for v in gap[0]) for f, gap in gaps.items()}
    group = [f for f, end in zip(sizes, accumulate(sizes.values()), strict=True) if end <= SMALL]
    leaves = [leaf for f in group for leaf in f.leaves]
    if len(group) < 2 or len(set(leaves)) < len(leaves):  # noqa: PLR2004
        return None
    mine = {i for f in group for i in f.steps()}
    roots = {f.root for f in group}
    needed = [n for n, i in enumerate(instructions) if not roots.isdisjoint(i.operands)]
    made = max(place[leaf] for leaf in leaves)
    if made >= min(needed):
        return None
    flats = {
        Value((sum(sizes[f] for f in group),), group[0].root.dtype): [
            part for f in group for part in (f.leaves[j], *gaps[f][j])
        ]
        for j in range(len(group[0].leaves))
    }
    new, stands_for = group[0].of([*flats]), {}
    result, start = new[-1].out, 0
    for f in group:
        new += pieces(f.root, result, start)
        stands_for[f.root] = new[-1].out
        start += sizes[f]
    changed = [
        *instructions[: made + 1],
        *new,
        *(reading(i, stands_for) for i in instructions[made + 1 :]),
    ]
    kept = [i for i in changed if i not in mine]
    return Packed(program.rewritten(kept, stands_for), flats | plan.packs)


def pieces(root: Value, flat: Value, start: int) -> list[Instruction]:
    """View a piece of a flat value as what stands for another one."""
    row = call(getitem, flat, slice(start, start + root.size), shape=(root.size,), dtype=root.dtype)
    shaped = call(np.reshape, row.out, root.shape, shape=root.shape, dtype=root.dtype)
    row.views, shaped.views = flat, row.out
    shaped.out.name, shaped.out.cotangent_of = root.name, root.cotangent_of
    return [row, shaped]


def gap_behind(f: Formula, packs: dict[Value, list[Value]]) -> list[list[Value]] | None:
    """Find what must lie behind each leaf of a formula, if the leaves can be anywhere: constants.

    Behind one there may be a row of ones already; behind the others there are then as many.
    """
    rests = [behind(leaf, packs) for leaf in f.leaves]
    sizes = {sum(v.size for v in rest) for rest in rests if rest}
    if any(rest is None for rest in rests) or len(sizes) > 1:
        return None
    gap = [rest or [constant(np.ones(n, f.root.dtype)) for n in sizes] for rest in rests]
    return gap if not sizes or f.is_quiet(gap) else None


def behind(value: Value, packs: dict[Value, list[Value]]) -> list[Value] | None:
    """Find the constants that lie behind a value in its pack; None if it cannot be elsewhere."""
    holders = [flat for flat, parts in packs.items() if value in parts]
    if not holders:
        return []
    first, *rest = packs[holders[0]]
    is_inner = len(holders) > 1 or any(holders[0] in parts for parts in packs.values())
    fixed = all(isinstance(v.source, Constant) for v in rest)
    return rest if first is value and fixed and not is_inner else None


@dataclass(frozen=True)
class Formula:
    """Elementwise steps from a few arrays, the leaves, to the root, each used for the next alone.

    The same formulas have the same `spelling`; `length` is the number of steps.
    """

    root: Value
    leaves: tuple[Value, ...]
    spelling: int
    length: int

    def steps(self) -> list[Instruction]:
        """List the instructions, in an order in which they compute."""
        found, todo = [], [self.root]
        while todo:
            maker = todo.pop().maker
            assert maker is not None  # noqa: S101 (for mypy)
            found.append(maker)
            todo += [x for x in maker.args if number(x) is None and x not in self.leaves]
        return found[::-1]

    def is_quiet(self, constants: list[list[Value]]) -> bool:
        """Tell whether NumPy computes it of some constants without a warning."""
        made: dict[Value, Any] = {}
        for leaf, parts in zip(self.leaves, constants, strict=True):
            made[leaf] = np.concatenate([np.ravel(p.source.content) for p in parts])  # type: ignore[union-attr]
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                for i in self.steps():
                    args = [number(a) if number(a) is not None else made[a] for a in i.args]
                    made[i.out] = i.function(*args)
        except FloatingPointError:
            return False
        return True

    def of(self, flats: Sequence[Value]) -> list[Instruction]:
        """Write the formula again, of other arrays."""
        made, new = dict(zip(self.leaves, flats, strict=True)), []
        for i in self.steps():
            args = [scalar(a) if number(a) is not None else made[a] for a in i.args]
            new.append(call(i.function, *args, like=flats[0]))
            made[i.out] = new[-1].out
        return new


def formulas_in(program: Program, uses: Counter[Value | None]) -> dict[Value, Formula]:
    """Find all formulas, each from those of what its last step is given."""
    formulas: dict[Value, Formula] = {}
    spellings: dict[Any, int] = {}
    for i in program.instructions:
        if len(i.outs) != 1 or not is_elementwise(i) or not i.out.shape or i.out.order is not None:
            continue
        leaves: dict[Value, int] = {}  # and their numbers
        words: list[Any] = [i.function]
        length = 1
        for x in i.args:
            if number(x) is not None:
                words.append(repr(number(x)))
            elif not isinstance(x, Value) or form_of(x) != form_of(i.out):
                break
            else:
                inner = formulas.get(x) if uses[x] == 1 else None
                own = (x,) if inner is None else inner.leaves
                numbers = tuple(leaves.setdefault(leaf, len(leaves)) for leaf in own)
                words.append((None if inner is None else inner.spelling, numbers))
                length += 0 if inner is None else inner.length
        else:
            if 0 < len(leaves) <= MANY:
                spelling = spellings.setdefault(tuple(words), len(spellings))
                formulas[i.out] = Formula(i.out, tuple(leaves), spelling, length)
    return formulas


def form_of(v: Value) -> Any:
    """Tell what values that are laid side by side have in common, for the same function."""
    return v.shape, v.dtype, v.order


def placeable(v: Value) -> bool:
    """Tell whether a value is written by one call, and can be anywhere."""
    return v.maker is not None and (is_dot(v.maker) or is_elementwise(v.maker))


# ---- joining -------------------------------------------------------------------------------------


class Builder:
    """Join values that are made in the same way."""

    def __init__(self, program: Program, homes: Container[Value]) -> None:
        self.homes, self.kept = homes, set(program.kept) - {new for _, new in program.updates}
        self.uses = Counter(v for i in program.instructions for v in i.operands)
        self.views = {i.views for i in program.instructions}
        self.packs: dict[Value, list[Value]] = {}
        self.instructions: list[Instruction] = []

    def join(self, values: Sequence[Value], depth: int = DEEP) -> Value | None:
        """Make one flat value of values, by at most `depth` flat instructions in a row."""
        if not all(isinstance(v, Value) for v in values):  # numbers among them
            return None
        makers = [v.maker for v in values]
        first = makers[0]
        if first is not None and depth and self.are_alike(values, makers):
            args: list[Any] = []
            for column in zip(*(m.args for m in makers if m is not None), strict=True):
                arg = scalar(column[0]) if is_one_number(column) else self.join(column, depth - 1)
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
            and is_elementwise(m)
            and v not in self.kept
            and v.order is None
            and self.uses[v] <= 1
            and v.dtype == values[0].dtype
            and all(
                number(a) is not None or (isinstance(a, Value) and a.shape == v.shape)
                for a in m.args
            )
            for v, m in zip(values, makers, strict=True)
        )

    def leaf(self, values: Sequence[Value]) -> Value | None:
        """Let values lie side by side, if they may: each is written by one call, or has a home."""
        known = [flat for flat, parts in self.packs.items() if parts == [*values]]
        if known:
            return known[0]
        taken = {v for parts in self.packs.values() for v in parts}
        for v in values:
            if v in taken or v.dtype != values[0].dtype or not v.shape or v.order is not None:
                return None
            if isinstance(v.source, Live) and v in self.homes:
                continue
            if not placeable(v):
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


def scalar(x: Any) -> Any:
    """Take a number that is the same throughout an array; the flat array has another shape."""
    return number(x) if isinstance(x, Value) and x.shape else x
