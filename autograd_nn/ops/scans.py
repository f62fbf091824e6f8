"""Running sums and products."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import typed
from autograd_nn.ops.masked import without_nan
from autograd_nn.ops.reductions import cumsum
from autograd_nn.primitive import Primitive, record
from autograd_nn.table import composite, general

BACKWARDS = slice(None, None, -1)


def shifted(x: Value, first: float) -> Value:
    """Move rows down by one, `first` coming in at the top."""
    return np.concatenate([np.full(x[:1].shape, first, x.dtype), x[:-1]])


def recur(x: Value, b: Value) -> Value:
    """Run ``y[k] = x[k] * y[k - 1] + b[k]`` along the first axis, from 0.

    The derivatives of a running product are such recurrences, and so are theirs in turn.  They
    never divide, so zeros are right in derivatives of any order.
    """
    y = np.empty(b.shape, np.result_type(x, b))
    y[:1] = b[:1]
    for k in range(1, len(b)):
        y[k] = x[k] * y[k - 1] + b[k]
    return y


def recurrence_back(x: Value, v: Value) -> Value:
    """Run the transposed recurrence, ``r[k] = x[k + 1] * r[k + 1] + v[k]``, from the end."""
    return recurrence(shifted(x[BACKWARDS], 0), v[BACKWARDS])[BACKWARDS]


recurrence: Primitive = general(
    recur,
    [
        lambda v, y, x, _b: recurrence_back(x, v) * shifted(y, 0),
        lambda v, _y, x, _b: recurrence_back(x, v),
    ],
    [
        lambda v, y, x, _b: recurrence(x, v * shifted(y, 0)),
        lambda v, _y, x, _b: recurrence(x, v),
    ],
)


@lambda function: Primitive(
    function,
    [lambda v, y, x: recurrence_back(x, v) * shifted(y, 1)],
    [lambda v, y, x: recurrence(x, v * shifted(y, 1))],
)
def running_product(x: Value) -> Value:
    """Multiply up to each entry, along the first axis."""
    return np.cumprod(x, axis=0)


def scan_sum(a: Value, axis: Any) -> Value:
    """Sum up to each entry along `axis`; None flattens first."""
    y: Value = record(cumsum, (a,), {"axis": axis})
    return y


def scan_product(a: Value, axis: Any) -> Value:
    """Multiply up to each entry along `axis`; None flattens first."""
    if axis is None or a.ndim == 0:
        a, axis = np.reshape(a, -1), 0
    first: Value = record(running_product, (np.moveaxis(a, axis, 0),))
    return np.moveaxis(first, 0, axis)


def scanning(function: Callable[..., Any], scan: Callable[..., Any], nan: int | None) -> None:
    """Enter a running sum or product; NaN counts as the number `nan`, if that is given."""

    @composite(function)
    def run(a: Value, axis: int | None = None, dtype: Any = None) -> Value:
        return scan(typed(a, dtype) if nan is None else without_nan(a, nan, dtype), axis)


scanning(np.cumsum, scan_sum, None)
scanning(np.cumprod, scan_product, None)
scanning(np.nancumsum, scan_sum, 0)
scanning(np.nancumprod, scan_product, 1)


def cumulative(function: Callable[..., Any], scan: Callable[..., Any], neutral: int) -> None:
    """Enter the array API's running sum or product (NumPy 2.1)."""

    @composite(function)
    def run(
        x: Value,
        /,
        *,
        axis: int | None = None,
        dtype: Any = None,
        include_initial: bool = False,
    ) -> Value:
        x = typed(x, dtype)
        if axis is None and x.ndim != 1:
            message = f"{function.__name__}: say axis= for an array of {x.ndim} axes"
            raise ValueError(message)
        axis = 0 if axis is None else axis
        y = scan(x, axis)
        if not include_initial:
            return y
        thin = tuple(1 if i == axis % x.ndim else n for i, n in enumerate(x.shape))
        start = np.full(thin, neutral, y.dtype)
        return np.concatenate([start, y], axis=axis)


if hasattr(np, "cumulative_sum"):
    cumulative(np.cumulative_sum, scan_sum, 0)
    cumulative(np.cumulative_prod, scan_product, 1)
