"""Choosing between values, entry by entry: by a condition, by size, by number."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn import masks
from autograd_nn.errors import NoRuleError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import valued
from autograd_nn.primitive import record
from autograd_nn.table import composite, elementwise
from autograd_nn.traced import Traced

# ---- by a condition ----------------------------------------------------------------------------


@lambda function: elementwise(
    function,
    lambda v, *_: np.zeros_like(v),
    lambda v, _z, c, _x, _y: np.where(c, v, 0),
    lambda v, _z, c, _x, _y: np.where(c, 0, v),
)
# NumPy's own, but with a signature to bind calls by, which NumPy 2.0's has not.
def where(condition: Value, x: Value, y: Value) -> Value:
    """Choose entries of `x` where the condition holds, of `y` elsewhere."""
    return np.where(condition, x, y)


where.chooses, where.reach = True, masks.asked


@composite(np.where)
def where_or_nonzero(condition: Value, /, *branches: Value) -> Any:
    """Choose between two branches; without any, tell where the condition holds: a constant."""
    return record(where, (condition, *branches)) if branches else np.nonzero(condition)


@composite(np.select)
def select(condlist: Sequence[Value], choicelist: Sequence[Value], default: Value = 0) -> Value:
    """Choose by the first condition that holds."""
    if len(condlist) != len(choicelist) or not len(condlist):
        message = f"select: {len(condlist)} conditions for {len(choicelist)} choices; give each one"
        raise ValueError(message)
    condlist = [valued(c) for c in condlist]
    *choicelist, default = (
        valued(c) if isinstance(c, list | tuple) else c for c in (*choicelist, default)
    )
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        if condition.dtype != np.bool_:
            message = "select: the conditions must be of dtype bool"
            raise TypeError(message)
        result = np.where(condition, choice, result)
    return result.astype(np.result_type(*choicelist, default))


@composite(np.piecewise)
def piecewise(x: Value, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Value:
    """Apply each function to the entries where its condition holds, and only to those."""
    if np.isscalar(condlist) or (np.ndim(condlist[0]) == 0 and np.ndim(x) != 0):
        condlist = [condlist]
    conditions = [np.asarray(np.not_equal(c, 0)) for c in condlist]
    if len(conditions) == len(funclist) - 1:
        conditions.append(~np.any(conditions, axis=0))
    if len(conditions) != len(funclist):
        n = len(conditions)
        message = f"piecewise: {n} conditions take {n} or {n + 1} functions, not {len(funclist)}"
        raise ValueError(message)
    y = np.zeros_like(x)
    for condition, piece in zip(conditions, funclist, strict=True):
        if np.any(condition):
            values = piece(x[condition], *args, **kw) if callable(piece) else piece
            y = put_where(condition, values, y)
    return y.astype(x.dtype)


def put_where(condition: Value, values: Value, y: Value) -> Value:
    """Do ``y[condition] = values``, but as a new array."""
    rest = y.shape[condition.ndim :]
    values = np.broadcast_to(values, (int(np.count_nonzero(condition)), *rest))
    places = np.maximum(np.cumsum(condition) - 1, 0).reshape(condition.shape)
    condition = condition.reshape(condition.shape + (1,) * len(rest))
    return np.where(condition, values[places], y)


@composite(np.choose)
def choose(a: Value, choices: Any, *, mode: Any = "raise") -> Value:
    """Choose by number."""
    numbers = a.value if isinstance(a, Traced) else a
    choices = list(choices)
    numbers = np.choose(numbers, np.arange(len(choices)), mode=mode)  # in range now, or an error
    result = choices[0]
    for i, choice in enumerate(choices):
        result = np.where(numbers == i, choice, result)
    return result


# ---- by size -----------------------------------------------------------------------------------


def larger(v: Value, x: Value, y: Value) -> Value:
    """Pass `v` where x > y; at a tie (or beside a NaN) half of it: x and y share equally."""
    return np.where(x > y, v, np.where(x < y, 0, v / 2))


maximum = elementwise(
    np.maximum, lambda v, _z, x, y: larger(v, x, y), lambda v, _z, x, y: larger(v, y, x)
)
minimum = elementwise(
    np.minimum, lambda v, _z, x, y: larger(v, y, x), lambda v, _z, x, y: larger(v, x, y)
)


def present(x: Value, absent: float) -> Value:
    """Replace NaN, which fmax and fmin ignore, by what never wins."""
    return np.where(np.isnan(x), absent, x)


def larger_present(v: Value, _z: Value, x: Value, y: Value) -> Value:
    """Pass `v` where x > y, or only x is there."""
    return larger(v, present(x, -np.inf), present(y, -np.inf))


def smaller_present(v: Value, _z: Value, x: Value, y: Value) -> Value:
    """Pass `v` where x < y, or only x is there."""
    return larger(v, present(y, np.inf), present(x, np.inf))


fmax = elementwise(np.fmax, larger_present, lambda v, z, x, y: larger_present(v, z, y, x))
fmin = elementwise(np.fmin, smaller_present, lambda v, z, x, y: smaller_present(v, z, y, x))


@composite(np.clip)
def clip(
    a: Value,
    a_min: Value = None,
    a_max: Value = None,
    *,
    min: Value = None,  # noqa: A002 (NumPy 2.1's name)
    max: Value = None,  # noqa: A002
    **keywords: Any,
) -> Value:
    """Limit entries to [a_min, a_max]; at a bound the slope is shared, as in maximum."""
    if "where" in keywords:
        message = "clip: where= has no derivative rule; choose with np.where(where, clipped, other)"
        raise NoRuleError(message)
    if (a_min is not None or a_max is not None) and (min is not None or max is not None):
        message = "clip: give a_min and a_max, or min and max, not both"
        raise ValueError(message)
    a_min, a_max = a_min if min is None else min, a_max if max is None else max
    a = np.positive(a, **keywords) if a_min is None else np.maximum(a, a_min, **keywords)
    return a if a_max is None else np.minimum(a, a_max, **keywords)
