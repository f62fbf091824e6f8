"""Reductions: sums and means, extremes, products, spread; their keywords are in masked.py."""

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import conj
from autograd_nn.table import constant, general, linear

PLAIN = (np.ndarray, np.generic)
FEW = 1024  # entries: so many are copied sooner than np.broadcast_to has made a view


def axes_of(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """List the axes that `axis` (None, one or several) reduces, counted from the front."""
    n = len(shape)
    if axis is None or n == 0:  # NumPy lets a number be reduced along axis 0
        return tuple(range(n))
    return tuple(a % n for a in (axis if isinstance(axis, tuple) else (axis,)))


def spread(v: Value, x: Value, axis: Any, keepdims: bool) -> Value:  # noqa: FBT001 (NumPy's name)
    """Stretch a reduced value back over the shape of `x`, which it was reduced from."""
    if not keepdims:
        gone = axes_of(x.shape, axis)
        v = v.reshape([1 if i in gone else n for i, n in enumerate(x.shape)])
    if not (isinstance(v, PLAIN) and isinstance(x, PLAIN) and x.size <= FEW):
        return np.broadcast_to(v, x.shape)
    copies = np.empty(x.shape, v.dtype)
    copies[...] = v
    return copies


def count(x: Value, axis: Any) -> int:
    """Count the entries that go into each result."""
    return int(np.prod([x.shape[a] for a in axes_of(x.shape, axis)], dtype=int))


sum = linear(  # noqa: A001 (NumPy's names are the table's)
    np.sum, lambda v, _y, x, axis=None, keepdims=False: spread(v, x, axis, keepdims)
)
mean = linear(
    np.mean,
    lambda v, _y, x, axis=None, keepdims=False: spread(v, x, axis, keepdims) / count(x, axis),
)


def cumsum_vjp(v: Value, _y: Value, x: Value, axis: int | None = None) -> Value:
    """Sum from the other end: entry i went into every sum from i on."""
    if axis is None or x.ndim == 0:
        return np.reshape(np.cumsum(v[::-1])[::-1], x.shape)
    back = (*[slice(None)] * (axis % x.ndim), slice(None, None, -1))
    return np.cumsum(v[back], axis=axis)[back]


cumsum = linear(np.cumsum, cumsum_vjp)


def share(y: Value, x: Value, axis: Any, keepdims: bool, dtype: Any) -> Value:  # noqa: FBT001
    """Split 1 equally between the entries of `x` that attain the extreme `y`.

    Where the extreme is NaN, these are the NaN entries.
    """
    top = spread(y, x, axis, keepdims)
    attained = x == top
    if np.any(np.isnan(y)):
        attained = np.logical_or(attained, np.logical_and(np.isnan(x), np.isnan(top)))
    attained = attained.astype(dtype)
    return attained / np.sum(attained, axis=axes_of(x.shape, axis), keepdims=True)


def extreme_vjp(
    v: Value, y: Value, x: Value, axis: Any = None, *, keepdims: bool = False, **_: Any
) -> Value:
    """Send the cotangent to the extreme entry; ties share it equally."""
    return spread(v, x, axis, keepdims) * share(y, x, axis, keepdims, v.dtype)


def extreme_jvp(
    v: Value, y: Value, x: Value, axis: Any = None, *, keepdims: bool = False, **_: Any
) -> Value:
    """Average the tangents of the entries that attain the extreme."""
    return np.sum(v * share(y, x, axis, keepdims, v.dtype), axis=axis, keepdims=keepdims)


max = general(np.max, [extreme_vjp], [extreme_jvp])  # noqa: A001
min = general(np.min, [extreme_vjp], [extreme_jvp])  # noqa: A001
nanmax = general(np.nanmax, [extreme_vjp], [extreme_jvp])
nanmin = general(np.nanmin, [extreme_vjp], [extreme_jvp])


def products_of_others(x: Value, axis: Any) -> Value:
    """Multiply, for each entry, all the others that are reduced with it.

    Never divides, so zeros are right in derivatives of any order.  A tree of pairwise
    products: what lies outside a pair, times its sibling, is what lies outside an entry.
    """
    axes = axes_of(x.shape, axis)
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, last)
    flat = np.reshape(moved, (*moved.shape[: x.ndim - len(axes)], count(x, axis)))
    return np.moveaxis(np.reshape(outside(flat), moved.shape), last, axes)


def outside(x: Value) -> Value:
    """Multiply, along the last axis, all entries but one; for each one."""
    n = x.shape[-1]
    if n <= 1:
        return np.ones_like(x)
    if n % 2:
        one = np.ones((*x.shape[:-1], 1), x.dtype)
        return outside(np.concatenate([x, one], axis=-1))[..., :n]
    pairs = np.reshape(x, (*x.shape[:-1], n // 2, 2))
    beyond = outside(pairs[..., 0] * pairs[..., 1])
    return np.reshape(np.expand_dims(beyond, -1) * pairs[..., ::-1], x.shape)


prod = general(
    np.prod,
    [
        lambda v, _y, x, axis=None, keepdims=False: (
            spread(v, x, axis, keepdims) * products_of_others(x, axis)
        )
    ],
    [
        lambda v, _y, x, axis=None, keepdims=False: np.sum(
            v * products_of_others(x, axis), axis=axis, keepdims=keepdims
        )
    ],
)


def deviation(x: Value, axis: Any, ddof: float) -> Value:
    """Compute ``conj(x - mean) / (n - ddof)``, nan where NumPy's own variance is."""
    n = count(x, axis) - ddof
    return conj(x - np.mean(x, axis=axis, keepdims=True)) * (1 / n if n > 0 else float("nan"))


def slope_of_std(y: Value, x: Value, axis: Any, ddof: float, keepdims: bool) -> Value:  # noqa: FBT001
    """Compute ``d std / d x``; where all entries are equal, 0 is chosen of its subgradients."""
    y = spread(y, x, axis, keepdims)
    return deviation(x, axis, ddof) / np.where(y == 0, np.inf, y)


var = general(
    np.var,
    [
        lambda v, _y, x, axis=None, ddof=0, keepdims=False: (
            spread(v, x, axis, keepdims) * (2 * deviation(x, axis, ddof))
        )
    ],
    [
        lambda v, _y, x, axis=None, ddof=0, keepdims=False: np.sum(
            v * (2 * deviation(x, axis, ddof)), axis=axis, keepdims=keepdims
        )
    ],
)
std = general(
    np.std,
    [
        lambda v, y, x, axis=None, ddof=0, keepdims=False: (
            spread(v, x, axis, keepdims) * slope_of_std(y, x, axis, ddof, keepdims)
        )
    ],
    [
        lambda v, y, x, axis=None, ddof=0, keepdims=False: np.sum(
            v * slope_of_std(y, x, axis, ddof, keepdims), axis=axis, keepdims=keepdims
        )
    ],
)

constant(np.any, np.all, np.count_nonzero, np.argmax, np.argmin, np.nanargmax, np.nanargmin)
