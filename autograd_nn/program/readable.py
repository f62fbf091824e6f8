"""A program rewritten to be read: the same numbers, in the formulas that a person would write.

Each rewriting looks at one instruction and says what may stand in its place; none reorders sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_nn.program.functions import getitem
from autograd_nn.program.ir import (
    Constant,
    Instruction,
    Program,
    Value,
    call,
    follow,
    tree_of,
)

Rewriting = Callable[[Instruction], "Instruction | Value | None"]


def readable(program: Program) -> Program:
    """Rewrite a program until nothing is left to say more simply, and drop what is not used."""
    program, changed = copied(program), True
    while changed:
        program, changed = once(program)
    return without_unused(program)


def copied(program: Program) -> Program:
    """Make the same program of values of its own: what is rewritten is nobody else's."""
    stands_for: dict[Value, Value] = {}
    instructions = []
    for old in program.instructions:
        new = renewed(old, stands_for)
        new = replace(new, outs=[replace(out) for out in old.outs])
        for out, was in zip(new.outs, old.outs, strict=True):
            out.source = new
            stands_for[was] = out
            out.cotangent_of = stands_for.get(out.cotangent_of, out.cotangent_of)
        instructions.append(new)
    return program.rewritten(instructions, stands_for)


def once(program: Program) -> tuple[Program, bool]:
    """Rewrite every instruction once."""
    instructions: list[Instruction] = []
    stands_for: dict[Value, Value] = {}
    known: dict[Any, Value] = {}
    for old in program.instructions:
        instruction = renewed(old, stands_for)
        found = rewritten(instruction)
        if isinstance(found, Instruction):
            inherit(found.out, instruction.out)
            stands_for[instruction.out] = found.out
            instruction = found
        elif isinstance(found, Value):
            inherit(found, instruction.out)
            stands_for[instruction.out] = found
            continue
        key = spelling(instruction)
        same = known.get(key) if key is not None else None
        if same is not None:
            inherit(same, instruction.out)
            stands_for[instruction.out] = same
            continue
        if key is not None:
            known[key] = instruction.out
        instructions.append(instruction)
    return program.rewritten(instructions, stands_for), bool(stands_for)


def rewritten(instruction: Instruction) -> Instruction | Value | None:
    """Find the first rewriting that has something to say."""
    for rewriting in REWRITINGS:
        found = rewriting(instruction)
        if found is not None:
            return found
    return None


def renewed(instruction: Instruction, stands_for: dict[Value, Value]) -> Instruction:
    """Let an instruction read what stands for its operands."""
    if not any(v in stands_for for v in instruction.operands):
        return instruction
    new = Instruction(
        instruction.function,
        tree_of(instruction.args, lambda v: follow(v, stands_for)),
        tree_of(instruction.params, lambda v: follow(v, stands_for)),
        instruction.outs,
        site=instruction.site,
        form=instruction.form,
    )
    for out in new.outs:
        out.source = new
    return new


def inherit(value: Value, old: Value) -> None:
    """Let what stands for a value have its name and its meaning, if it has none of its own."""
    if value.maker is None:
        return
    value.name = value.name or old.name
    value.cotangent_of = value.cotangent_of or old.cotangent_of


def spelling(instruction: Instruction) -> Any:
    """Make the key by which the same call is known again."""
    if len(instruction.outs) != 1:
        return None
    try:
        key = (
            instruction.function,
            repr(tree_of(instruction.args, id)),
            repr(tree_of(instruction.params, id)),
        )
        hash(key)
    except TypeError:
        return None
    return key


def without_unused(program: Program) -> Program:
    """Drop instructions whose results nobody looks at."""
    needed = set(program.kept)
    kept = []
    for instruction in reversed(program.instructions):
        if needed.intersection(instruction.outs):
            kept.append(instruction)
            needed.update(instruction.operands)
    return program.rewritten(kept[::-1], {})


# ---- rewritings ----------------------------------------------------------------------------------


def scalar(x: Any) -> Any:
    """Return the number that an operand always is, or None."""
    if isinstance(x, Value):
        if not isinstance(x.source, Constant) or x.shape != ():
            return None
        x = x.source.content
        x = x.item() if isinstance(x, np.generic | np.ndarray) else x
    return x if isinstance(x, int | float) and not isinstance(x, bool) else None


def products_of_numbers(i: Instruction) -> Instruction | Value | None:
    """Write 1 * x as x, and 0.5 * (2 * x) too: exact for powers of two."""
    if i.function is not np.multiply:
        return None
    for number, x in (i.args, i.args[::-1]):
        if not isinstance(x, Value):
            continue
        factor = scalar(number) if x.shape != i.out.shape else everywhere(number)
        if factor is None:
            continue
        if factor == 1 and x.dtype == i.out.dtype and x.shape == i.out.shape:
            return x
        inner = x.maker
        if inner is not None and inner.function is np.multiply:
            for again, y in (inner.args, inner.args[::-1]):
                further = scalar(again) if y_shape(y) != inner.out.shape else everywhere(again)
                if further is not None and isinstance(y, Value) and is_power_of_two(factor):
                    return call(np.multiply, factor * further, y, like=i.out)
    return None


def everywhere(x: Any) -> Any:
    """Return the number that all entries of an operand are, or None."""
    if isinstance(x, Value) and isinstance(x.source, Constant) and x.size:
        content = np.asarray(x.source.content)
        if content.dtype.kind in "fi" and np.all(content == content.flat[0]):
            return content.flat[0].item()
    return scalar(x)


def y_shape(y: Any) -> Any:
    """Return the shape of an operand."""
    return y.shape if isinstance(y, Value) else ()


def is_power_of_two(number: float) -> bool:
    """Tell whether multiplying by a number is exact."""
    return abs(math.frexp(number)[0]) == 0.5  # noqa: PLR2004


def negations(i: Instruction) -> Value | None:
    """Write -(-x) as x."""
    inner = operand(i, np.negative)
    return None if inner is None else operand_of(inner, np.negative)


def operand(i: Instruction, function: Any) -> Value | None:
    """Return the operand of an instruction, if it is a call of `function`."""
    return i.args[0] if i.function is function and isinstance(i.args[0], Value) else None


def operand_of(value: Value, function: Any) -> Value | None:
    """Return what `value` was computed from, if by `function`."""
    return None if value.maker is None else operand(value.maker, function)


def transposes(i: Instruction) -> Instruction | None:
    """Spell the swapping of a matrix's axes as a transpose."""
    if i.function is np.swapaxes and len(i.out.shape) == 2:  # noqa: PLR2004
        axes = {a % 2 for a in (*i.args[1:], *i.params.values())}
        if axes == {0, 1}:
            return call(np.transpose, i.args[0], like=i.out)
    return None


def idle(i: Instruction) -> Value | None:
    """Drop a reshape to the same shape, a conversion to the same dtype, an index of nothing."""
    x = i.args[0] if i.args else None
    if not isinstance(x, Value) or x.shape != i.out.shape or x.dtype != i.out.dtype:
        return None
    does_nothing = i.function in (np.reshape, np.broadcast_to, np.positive, np.ravel) or (
        i.name == "astype" or (i.function is getitem and i.args[1] == ())
    )
    return x if does_nothing else None


def sums_over_rows(i: Instruction) -> Instruction | None:
    """Spell a sum over the first axis so: it may be a sum reshaped, or a product with ones."""
    if i.function is np.reshape:
        x = operand_of(i.args[0], np.sum)
        if x is None or i.args[0].maker is None or i.out.shape != x.shape[1:]:
            return None
        axes = i.args[0].maker.params.get("axis")
        axes = axes if isinstance(axes, tuple) else (axes,)
        if 0 in axes and all(a == 0 or x.shape[a] == 1 for a in axes if a is not None):
            return call(np.sum, x, like=i.out, axis=0)
    if i.function is np.sum and isinstance(i.params.get("axis"), tuple):
        params = {"axis": i.params["axis"], "keepdims": i.params.get("keepdims", False)}
        (x, *rest), ndim = i.args, len(i.args[0].shape)
        if not rest and set(params["axis"]) == {0} and not params["keepdims"] and ndim:
            return call(np.sum, x, like=i.out, axis=0)
    if i.name == "dot" and len(i.args) == 2:  # noqa: PLR2004
        matrix, vector = i.args
        x = operand_of(matrix, np.transpose) if isinstance(matrix, Value) else None
        if x is not None and all_ones(vector):
            return call(np.sum, x, like=i.out, axis=0)
    return None


def all_ones(x: Any) -> bool:
    """Tell whether an operand is a vector of ones."""
    if not isinstance(x, Value) or not isinstance(x.source, Constant) or len(x.shape) != 1:
        return False
    return bool(np.all(x.source.content == 1))


def matrix_products(i: Instruction) -> Instruction | None:
    """Spell ``np.dot`` of matrices ``@``."""
    if i.name == "dot" and len(i.args) == 2 and not i.params:  # noqa: PLR2004
        x, y = i.args
        if isinstance(x, Value) and isinstance(y, Value) and x.shape and len(y.shape) in (1, 2):
            return call(np.matmul, x, y, like=i.out)
    return None


REWRITINGS: list[Rewriting] = [
    *(products_of_numbers, negations, transposes),
    *(idle, sums_over_rows, matrix_products),
]
