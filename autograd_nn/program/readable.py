"""A program rewritten to be read: the same numbers, in the formulas that a person would write."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.program import passes
from autograd_nn.program.ir import Constant, Instruction, Program, Value, call


def readable(program: Program) -> Program:
    """Leave out what is idle, and spell sums and products as one would."""
    program = passes.optimised(program.copied())
    stands_for: dict[Value, Value] = {}
    instructions = []
    for old in program.instructions:
        instruction = passes.reading(old, stands_for)
        found = sums_over_rows(instruction) or matrix_products(instruction)
        if found is not None:
            was = stands_for[instruction.out] = found.out
            was.name, was.cotangent_of = instruction.out.name, instruction.out.cotangent_of
        instructions.append(found or instruction)
    return passes.optimised(program.rewritten(instructions, stands_for))


def sums_over_rows(i: Instruction) -> Instruction | None:
    """Spell a sum over the first axis so: it may be a sum reshaped, or a product with ones."""
    if i.function is np.reshape:
        x = made_by(i.args[0], np.sum)
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
        vector, matrix = i.args
        if all_ones(vector) and isinstance(matrix, Value) and len(matrix.shape) == 2:  # noqa: PLR2004
            return call(np.sum, matrix, like=i.out, axis=0)
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


def made_by(value: Value, function: Any) -> Value | None:
    """Return the first operand of what made `value`, if that was `function`."""
    maker = value.maker
    return maker.args[0] if maker is not None and maker.function is function else None


def scalar(x: Any) -> Any:
    """Return the number that an operand always is, or None."""
    if isinstance(x, Value):
        if not isinstance(x.source, Constant) or x.shape != ():
            return None
        x = x.source.content
        x = x.item() if isinstance(x, np.generic | np.ndarray) else x
    return x if isinstance(x, int | float) and not isinstance(x, bool) else None
