"""Passes: each makes of a program one that computes the same with less.

All here are exact: the results stay the same to the last bit.  Only where joined powers of two pass
by an overflow, or by numbers so small (below 1e-307) that they lose digits, are they better.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from math import frexp
from typing import Any

import numpy as np

from autograd_nn.program.functions import RuleCall, astype, getitem
from autograd_nn.program.ir import (
    Constant,
    Instruction,
    Program,
    Value,
    call,
    follow,
    tree_of,
)

SMALL = 4096  # bytes up to which equal constants are found to be one
SHAPED_BY_VALUES = {
    *(np.nonzero, np.flatnonzero, np.argwhere, np.extract, np.compress, np.trim_zeros, np.bincount),
    *(np.unique, np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values),
    *(np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d),
}
SHAPED_BY_OTHERS = {  # ... where there are one, or several, arguments that are computed
    np.where: range(1, 2),
    **dict.fromkeys([np.repeat, np.delete], range(2, 4)),
}
TRANSPOSING = {np.transpose, np.swapaxes}
WHOLE = {np.transpose, np.reshape}  # their views of an array without gaps have none


def optimised(program: Program) -> Program:
    """Apply all passes until nothing changes any more."""
    before = -1
    while len(program.instructions) != before:
        before = len(program.instructions)
        for change in (simplified, folded, merged, without_dead):
            program = change(program)
    return program


def without_dead(program: Program) -> Program:
    """Drop what nobody looks at, but for what only its shape was looked at."""
    needed, kept = set(program.kept), []
    for instruction in reversed(program.instructions):
        if is_shaped_by_values(instruction) or not needed.isdisjoint(instruction.outs):
            kept.append(instruction)
            needed.update(instruction.operands)
    return replace(program, instructions=kept[::-1])


def is_shaped_by_values(i: Instruction) -> bool:
    """Tell whether the shapes of results depend on values, which a run has to check."""
    if i.function is getitem:
        return any(v.dtype == bool for v in i.operands[1:])
    few = len(i.operands) in SHAPED_BY_OTHERS.get(i.function, ())
    return few or i.function in SHAPED_BY_VALUES


def folded(program: Program) -> Program:
    """Compute now what depends on constants alone."""
    stands_for: dict[Value, Value] = {}
    kept = []
    for old in program.instructions:
        instruction = reading(old, stands_for)
        sources = [v.source for v in instruction.operands]
        if not all(isinstance(s, Constant) for s in sources) or instruction.form is not None:
            kept.append(instruction)
            continue
        with np.errstate(**(instruction.errors or {})):
            args = tree_of(instruction.args, content)
            result = instruction.function(*args, **tree_of(instruction.params, content))
        stands_for[instruction.out] = constant(result, name=instruction.out.name)
    return program.rewritten(kept, stands_for)


def merged(program: Program) -> Program:
    """Compute once what is computed twice."""
    stands_for: dict[Value, Value] = {}
    known: dict[Hashable, Instruction] = {}
    kept = []
    for old in program.instructions:
        instruction = reading(old, stands_for)
        key = key_of((instruction.function, instruction.args, instruction.params))
        first = known.setdefault(key, instruction)
        if first is instruction:
            kept.append(instruction)
        for mine, theirs in zip(instruction.outs, first.outs, strict=True):
            if mine is not theirs:
                stands_for[mine] = theirs
                theirs.name = theirs.name or mine.name
                theirs.cotangent_of = theirs.cotangent_of or mine.cotangent_of
    return program.rewritten(kept, stands_for)


def simplified(program: Program) -> Program:
    """Leave out what changes nothing: ``1 * x``, ``-(-x)``, transposes of transposes."""
    stands_for: dict[Value, Value] = {}
    kept = []
    for old in program.instructions:
        instruction = reading(old, stands_for)
        rule = RULES.get(instruction.function)
        found = rule(instruction) if rule is not None else None
        copies = instruction.views is None  # what no longer lies in parts, BLAS adds otherwise
        if isinstance(found, Value) and copies and is_part(found):
            found = None
        if isinstance(found, Value) and fits(found, instruction.out):
            stands_for[instruction.out] = found
            found.name = found.name or instruction.out.name
            found.cotangent_of = found.cotangent_of or instruction.out.cotangent_of
            continue
        if isinstance(found, Instruction):
            instruction = found
            for out in found.outs:
                out.source = found
        kept.append(instruction)
    return program.rewritten(kept, stands_for)


def is_part(x: Value) -> bool:
    """Tell whether an array may lie in memory with gaps, or backwards."""
    while x.maker is not None and x.maker.function in WHOLE and x.maker.views is not None:
        x = x.maker.views
    return x.maker is not None and (x.maker.function is getitem or x.maker.views is not None)


# ---- one rule a function -------------------------------------------------------------------------


def times(i: Instruction) -> Value | Instruction | None:
    """Leave out factors of 1, and join powers of two: exact but beyond the range of numbers."""
    factor, x = scalar_first(i)
    if x is None or factor is None:
        return None
    if factor == 1:
        return x
    if any(isinstance(a, Value) and a is not x and a.shape for a in i.args):
        i = replace(i, args=(factor, x))
    inner = x.maker
    if inner is not None and inner.function is np.multiply:
        other, y = scalar_first(inner)
        if y is not None and is_power_of_two(factor) and is_power_of_two(other):
            return product(factor * other, y, i)
    return i


def product(factor: Any, x: Value, i: Instruction) -> Value | Instruction:
    """Multiply by a number, in place of another instruction."""
    if factor == 1:
        return x
    return replace(i, args=(factor, x)) if fits(x, i.out) else i


def negation(i: Instruction) -> Value | None:
    """Undo the negation of a negation."""
    inner = operand(i).maker
    return operand(inner) if inner is not None and inner.function is np.negative else None


def transposition(i: Instruction) -> Value | Instruction | None:
    """Write all transposes of matrices as one function; undo the transpose of a transpose."""
    x = operand(i)
    if len(x.shape) != 2 or axes_of(i) != (1, 0):  # noqa: PLR2004
        return x if axes_of(i) == tuple(range(len(x.shape))) else None
    inner = x.maker
    if inner is not None and inner.function in TRANSPOSING and axes_of(inner) == (1, 0):
        return operand(inner)
    plain = i.function is np.transpose and len(i.args) == 1 and not i.params
    return None if plain else replace(i, function=np.transpose, args=(x,), params={})


def axes_of(i: Instruction) -> tuple[int, ...]:
    """Find the order of axes that a transpose makes."""
    x = operand(i)
    args = tree_of(i.args[1:], content)
    places = np.empty(range(1, len(x.shape) + 1))
    return tuple(n - 1 for n in i.function(places, *args, **i.params).shape)


def reshaping(i: Instruction) -> Value | Instruction | None:
    """Leave out a change of shape that is none, or that is followed by another."""
    x = operand(i)
    if fits(x, i.out) or i.params or len(i.args) != 2:  # noqa: PLR2004
        return x
    inner = x.maker
    if inner is not None and inner.function is np.reshape and len(inner.args) == 2:  # noqa: PLR2004
        y = operand(inner)
        if not inner.params:
            return y if fits(y, i.out) else replace(i, args=(y, i.out.shape), views=y)
    return None


def same_shape(i: Instruction) -> Value | None:
    """Leave out a broadcast that is none."""
    return operand(i)


def same_dtype(i: Instruction) -> Value | None:
    """Leave out a conversion that is none."""
    return operand(i) if not operand(i).weak else None


def itself(i: Instruction) -> Value | None:
    """Leave out what returns its argument."""
    return operand(i)


RULES: dict[Any, Callable[[Instruction], Value | Instruction | None]] = {
    np.multiply: times,
    np.negative: negation,
    np.positive: itself,
    np.transpose: transposition,
    np.swapaxes: transposition,
    np.reshape: reshaping,
    np.broadcast_to: same_shape,
    astype: same_dtype,
}


# ---- words ---------------------------------------------------------------------------------------


def reading(i: Instruction, stands_for: dict[Value, Value]) -> Instruction:
    """Let an instruction read what stands for its operands; its results stay the same Values."""
    if not any(v in stands_for for v in i.operands):
        return i

    def new(v: Value) -> Value:
        return follow(v, stands_for)

    views = None if i.views is None else new(i.views)
    changed = replace(i, args=tree_of(i.args, new), params=tree_of(i.params, new), views=views)
    for out in changed.outs:
        out.source = changed
    return changed


def content(v: Value) -> Any:
    """Take the content of a constant."""
    assert isinstance(v.source, Constant)  # noqa: S101 (for mypy: the caller has looked)
    return v.source.content


def constant(array: Any, name: str = "") -> Value:
    """Make the Value of a constant."""
    weak = not isinstance(array, np.ndarray | np.generic)
    dtype = np.result_type(array) if weak else array.dtype
    return Value(np.shape(array), dtype, Constant(array), name=name, weak=weak)


def fits(x: Value, out: Value) -> bool:
    """Tell whether a value can take the place of another."""
    return x.shape == out.shape and x.dtype == out.dtype and x.weak == out.weak


def is_elementwise(i: Instruction) -> bool:
    """Tell whether an instruction computes entry by entry, into any array."""
    ufunc = i.function
    plain = not i.params and not i.errors
    return isinstance(ufunc, np.ufunc) and ufunc.signature is None and ufunc.nout == 1 and plain


def is_dot(i: Instruction) -> bool:
    """Tell whether an instruction is a product that np.dot computes into any array."""
    return (
        i.function is np.dot
        and not i.params
        and all(isinstance(x, Value) and x.dtype == i.out.dtype and not x.weak for x in i.args)
    )


def operand(i: Instruction) -> Value:
    """Return the first argument."""
    x: Value = i.args[0]
    return x


def number(x: Any) -> Any:
    """Return a number, if `x` is one that never changes, or an array that holds one throughout."""
    if isinstance(x, Value) and isinstance(x.source, Constant):
        array = np.asarray(x.source.content)
        uniform = array.size == 1 or (array.size > 0 and not any(array.strides))
        x = array.flat[0].item() if uniform else None
    if isinstance(x, np.floating | np.integer):
        x = x.item()
    return x if isinstance(x, int | float) else None


def scalar_first(i: Instruction) -> tuple[Any, Value | None]:
    """Take a product apart into a number that never changes and a Value."""
    x, y = i.args if len(i.args) == 2 else (None, None)  # noqa: PLR2004
    if i.params:
        return None, None
    for one, other in ((x, y), (y, x)):
        factor = number(one)
        if factor is not None and isinstance(other, Value) and fits(other, i.out):
            return factor, other
    return None, None


def is_power_of_two(x: Any) -> bool:
    """Tell whether a product by `x` is exact."""
    return isinstance(x, int | float) and abs(frexp(x)[0]) == 0.5  # noqa: PLR2004


def key_of(x: Any) -> Hashable:  # noqa: PLR0911 (a kind of thing a line)
    """Make a key that is equal for equal calls."""
    if isinstance(x, Value):
        if isinstance(x.source, Constant) and isinstance(x.source.content, np.ndarray | np.generic):
            array = np.asarray(x.source.content)
            if array.nbytes <= SMALL:
                return "array", array.shape, array.dtype, array.strides, array.tobytes()
        return "value", id(x)
    if isinstance(x, list | tuple):
        return type(x), *map(key_of, x)
    if isinstance(x, dict):
        return "dict", *((k, key_of(x[k])) for k in sorted(x))
    if isinstance(x, slice):
        return "slice", x.start, x.stop, x.step
    if isinstance(x, float):
        return float, x.hex()
    if isinstance(x, RuleCall):
        return "rule", id(x)
    try:
        hash(x)
    except TypeError:
        return "thing", id(x)
    return type(x), x


def instruction_like(i: Instruction, function: Any, *args: Any, **params: Any) -> Instruction:
    """Make an instruction of one result like that of another, at the same line."""
    made = call(function, *args, like=i.out, **params)
    made.site, made.errors = i.site, i.errors
    return made
