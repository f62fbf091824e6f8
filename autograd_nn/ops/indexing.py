"""Picking entries, and putting them back where they came from."""

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.table import constant, general, linear
from autograd_nn.traced import settled


@lambda function: linear(function, lambda v, *_, index, shape: v[index])
def scatter(v: Value, *, index: Any, shape: tuple[int, ...]) -> Value:
    """Add `v` at `index` into zeros of `shape`: the transpose of getitem, repeats included."""
    out = np.zeros(shape, v.dtype)
    if repeats(index):
        np.add.at(out, index, v)
    else:
        out[index] = v  # many times faster than add.at
    return out


def repeats(index: Any) -> bool:
    """Tell whether an index may pick an entry twice: only arrays or lists of integers can."""
    parts = index if isinstance(index, tuple) else (index,)
    several = [np.asarray(p) for p in parts if isinstance(p, np.ndarray | list)]
    return any(p.ndim > 0 and p.dtype != np.bool_ for p in several)


@lambda function: linear(
    function, lambda v, _y, x, *, index: scatter(v, index=index, shape=x.shape)
)
def getitem(x: Value, *, index: Any) -> Value:
    """Pick the entries ``x[index]``, as NumPy indexes."""
    return x[index]


def survivors(v: Value, _out: Value, _x: Value, value: Value, *, index: Any) -> Value:
    """Pick what was written, 0 where a later write (a repeated index) has overwritten it."""
    picked = v[index]
    if repeats(index):
        order = np.arange(picked.size).reshape(picked.shape)
        last = np.zeros(v.shape, int)
        last[index] = order
        picked = np.where(last[index] == order, picked, 0)
    dropped = np.ndim(value) - picked.ndim  # leading axes of length 1, which NumPy drops
    return np.reshape(picked, (1,) * dropped + picked.shape) if dropped > 0 else picked


def cleared(v: Value, _out: Value, _x: Value, _value: Value, *, index: Any) -> Value:
    """Take what was overwritten out of `v`."""
    return assign(v, 0, index=index)


def placed(v: Value, _out: Value, x: Value, _value: Value, *, index: Any) -> Value:
    """Write `v` into zeros, as the value was written into `x`."""
    return assign(np.zeros_like(x), v, index=index)


@lambda function: general(function, [cleared, survivors], [cleared, placed])
def assign(x: Value, value: Value, *, index: Any) -> Value:
    """Copy `x` and write ``copy[index] = value``, as NumPy assigns: the last write wins."""
    out = np.array(x, order="C")
    if repeats(index):  # in C order too, so that survivors() finds the same last writes
        value = np.broadcast_to(value, np.broadcast_shapes(np.shape(value), out[index].shape))
        value = np.ascontiguousarray(value)
    out[index] = value
    return settled(out)


constant(np.argmax, np.argmin, np.argsort, np.nonzero, np.count_nonzero, np.searchsorted)
constant(np.any, np.all, np.allclose, np.isclose, np.array_equal)
