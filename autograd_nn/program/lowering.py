"""Lowering: the same program in the calls that NumPy does fastest.

`exact` ones give the same results to the last bit.  The others add in another order: a sum over
rows becomes a product with ones, a sum of squares an inner product.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.ops import layers, special
from autograd_nn.program.ir import Argument, Constant, Instruction, Program, Value, call
from autograd_nn.program.passes import (
    constant,
    instruction_like,
    is_part,
    merged,
    number,
    simplified,
    without_dead,
)
from autograd_nn.program.turning import turned

MATRIX = 2
SPREAD = 1 << 12  # entries up to which calls cost more than what they compute
LIMITS = 1 << 16  # entries up to which np.minimum is faster of an array than of a number
WEAK = {  # functions whose arguments have one dtype, so that a number can be given as an array
    *(np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum),
    *(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal),
}
Lowered = list[Instruction]


def lowered(program: Program, *, exact: bool = False) -> Program:
    """Make a program, of Values of its own, with every instruction in its fastest form."""
    program = program.copied()
    kept: Lowered = []
    is_exact = True
    for instruction in program.instructions:
        new = None if exact else INEXACT.get(instruction.function, nothing)(instruction)
        is_exact = is_exact and new is None
        for one in new or EXACT.get(instruction.function, nothing)(instruction) or [instruction]:
            strengthen(one)
            for out in one.outs:
                out.source = one
            kept.append(one)
    changed = program.rewritten(kept, {}, exact=program.exact and is_exact)
    changed = without_dead(merged(simplified(changed)))
    return changed if changed.exact else turned(changed)


def nothing(_i: Instruction) -> Lowered | None:
    """Leave an instruction alone."""
    return None


def strengthen(i: Instruction) -> None:
    """Give Python's numbers as arrays of the dtype that they take on: NumPy is faster so."""
    if i.function not in WEAK or i.params or len(i.args) != 2:  # noqa: PLR2004
        return
    for k in (0, 1):
        number, other = i.args[k], i.args[1 - k]
        if not isinstance(other, Value) or other.weak or other.dtype.kind != "f" or not other.shape:
            continue
        if type(number) in (int, float):
            array = np.array(number, other.dtype)
            i.args = tuple(constant(array) if j == k else a for j, a in enumerate(i.args))


def is_real_matrix(x: Any) -> bool:
    """Tell whether BLAS multiplies it."""
    return isinstance(x, Value) and len(x.shape) == MATRIX and x.dtype.char in "fd"


# ---- exact ---------------------------------------------------------------------------------------


def product(i: Instruction) -> Lowered | None:
    """Multiply matrices by np.dot, which asks less than np.matmul.

    Of parts of matrices the two sum in another order, where BLAS does not take them as they lie.
    """
    x, y = i.args[:2]
    if any(is_part(v) for v in i.operands):
        return None
    if i.params or not (is_real_matrix(x) and is_real_matrix(y) and x.dtype == y.dtype):
        return None
    return [renamed(i, np.dot, x, y)]


def addition(i: Instruction) -> Lowered | None:
    """Spread a small row over the rows of a matrix by a product with ones, then add the two.

    To broadcast takes NumPy longer than both.
    """
    if i.params or len(i.args) != 2 or not is_real_matrix(i.out) or i.out.size > SPREAD:  # noqa: PLR2004
        return None
    for x, row in (i.args, i.args[::-1]):
        if not (is_real_matrix(x) and isinstance(row, Value) and row.shape == x.shape[1:]):
            continue
        known = isinstance(row.source, Argument | Constant)
        if known or x.shape != i.out.shape or x.dtype != row.dtype or row.weak:
            continue
        ones = constant(np.ones((x.shape[0], 1), x.dtype))
        flat = call(np.reshape, row, (1, x.shape[1]), shape=(1, x.shape[1]), dtype=x.dtype)
        flat.views = row
        spread = call(np.dot, ones, flat.out, shape=i.out.shape, dtype=i.out.dtype)
        return [flat, spread, renamed(i, np.add, x, spread.out)]
    return None


def renamed(i: Instruction, function: Callable[..., Any], *args: Any, **params: Any) -> Instruction:
    """Make another instruction of the same result."""
    return Instruction(function, args, params, i.outs, site=i.site, errors=i.errors)


def half_sse(i: Instruction) -> Lowered:
    """Sum squared errors as the layer's own function does: by an inner product."""
    y, t = i.args
    error = call(np.subtract, y, t, shape=y.shape, dtype=i.out.dtype)
    flat = call(np.reshape, error.out, (-1,), shape=(y.size,), dtype=i.out.dtype)
    flat.views = error.out
    total = call(np.dot, flat.out, flat.out, shape=(), dtype=i.out.dtype)
    return [error, flat, total, renamed(i, np.multiply, 0.5, total.out)]


EXACT: dict[Any, Callable[[Instruction], Lowered | None]] = {
    np.matmul: product,
    np.add: addition,
    layers.half_sse.forward: half_sse,
}

# ---- not exact -----------------------------------------------------------------------------------


def total(i: Instruction) -> Lowered | None:
    """Add rows by a product with ones; add squares by an inner product."""
    x, axis, rest = i.args[0], i.params.get("axis"), set(i.params) - {"axis", "keepdims"}
    if rest or len(i.args) > 1 or x.dtype.char not in "fd" or 0 in x.shape:
        return None
    axes = axis if isinstance(axis, tuple) else (axis,)
    if len(x.shape) == MATRIX and (axes == (0,) or (axes == (0, 1) and x.shape[1] == 1)):
        ones = constant(np.ones(x.shape[0], x.dtype))
        if i.out.shape == x.shape[1:]:
            return [renamed(i, np.dot, ones, x)]
        rows = call(np.dot, ones, x, shape=x.shape[1:], dtype=x.dtype)
        shaped = renamed(i, np.reshape, rows.out, i.out.shape)
        shaped.views = rows.out
        return [rows, shaped]
    if i.params.get("keepdims"):
        return None
    square = x.maker
    if axis is None and square is not None and square.function is np.square:
        (e,) = square.args
        flat = Instruction(np.reshape, (e, (-1,)), {}, [Value((e.size,), e.dtype)], views=e)
        return [flat, renamed(i, np.dot, flat.out, flat.out)]
    return None


def squash(i: Instruction) -> Lowered | None:
    """Compute sigmoid by four calls: exp(x) / (1 + exp(x)), where 50 is as good as infinity."""
    (x,) = i.args
    if x.dtype.char not in "fd" or not x.shape:
        return None
    limit: Any = constant(np.full(x.shape, 50.0, x.dtype)) if i.out.size <= LIMITS else 50.0
    limited = instruction_like(i, np.minimum, x, limit)
    e = instruction_like(i, np.exp, limited.out)
    more = instruction_like(i, np.add, e.out, 1.0)
    return [limited, e, more, renamed(i, np.divide, e.out, more.out)]


def slope(i: Instruction) -> Lowered | None:
    """Find ``y * (1 - y)`` of a sigmoid ``y = e / (1 + e)``, where 1 - y is 1 / (1 + e)."""
    for y, rest in (i.args, i.args[::-1]):
        maker = y.maker if isinstance(y, Value) else None
        less = rest.maker if isinstance(rest, Value) else None
        if (
            maker is not None
            and less is not None
            and less.function is np.subtract
            and less.args[1] is y
            and number(less.args[0]) == 1
            and maker.function is np.divide
            and is_one_more(maker.args[1], maker.args[0])
        ):
            return [renamed(i, np.divide, y, maker.args[1])]
    return None


def is_one_more(x: Any, e: Any) -> bool:
    """Tell whether x is 1 + e."""
    maker = x.maker if isinstance(x, Value) else None
    added = maker is not None and maker.function is np.add and maker.args[0] is e
    return added and maker is not None and number(maker.args[1]) == 1


INEXACT: dict[Any, Callable[[Instruction], Lowered | None]] = {
    np.sum: total,
    special.sigmoid.forward: squash,
    np.multiply: slope,
}
