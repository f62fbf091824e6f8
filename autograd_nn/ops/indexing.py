"""Picking entries, and putting them back where they came from."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple
from numpy.lib.stride_tricks import sliding_window_view

from autograd_nn import masks
from autograd_nn.errors import ShapeError
from autograd_nn.fitting import Symbolic, Value
from autograd_nn.ops.arguments import bare
from autograd_nn.table import composite, constant, general, linear
from autograd_nn.traced import settled


@lambda function: linear(function, lambda v, *_, index, shape: v[index])
def scatter(v: Value, *, index: Any, shape: tuple[int, ...]) -> Value:
    """Add `v` at `index` into zeros of `shape`: the transpose of getitem, repeats included."""
    out = np.zeros(shape, v.dtype)
    if repeats(index):
        flat = isinstance(index, np.ndarray) and len(shape) == 1
        np.add.at(out, index.ravel() if flat else index, v.ravel() if flat else v)  # fast if flat
    else:
        out[index] = v  # many times faster than add.at
    return out


def repeats(index: Any) -> bool:
    """Tell whether an index may pick an entry twice: only arrays or lists of integers can."""
    parts = index if isinstance(index, tuple) else (index,)
    several: list[Value] = [
        np.asarray(p) if isinstance(p, list) else p
        for p in parts
        if isinstance(p, np.ndarray | list | Symbolic)
    ]
    return any(p.ndim > 0 and p.dtype != np.bool_ for p in several)


@lambda function: linear(
    function, lambda v, _y, x, *, index: scatter(v, index=index, shape=x.shape)
)
def getitem(x: Value, *, index: Any) -> Value:
    """Pick the entries ``x[index]``, as NumPy indexes."""
    return x[index]


getitem.reach = masks.asked


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


assign.chooses, assign.reach = True, masks.asked  # nothing comes back from what was overwritten


# ---- NumPy's functions that pick -------------------------------------------------------------


def along(axis: int, part: Any) -> tuple[Any, ...]:
    """Build the index that takes `part` of an axis, counted from the front, and all of others."""
    return (*[slice(None)] * axis, part)


def picked(a: Value, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Value:
    """Apply a function that only moves entries: NumPy moves their places, and entries follow."""
    places = np.arange(np.size(a)).reshape(np.shape(a))
    return np.reshape(a, -1)[function(places, *args, **kwargs)]


def laid_flat(a: Value, axis: int | None) -> tuple[Value, int]:
    """Flatten `a` if `axis` is None (or `a` a number); return it, and the axis from the front."""
    flat = axis is None or np.ndim(a) == 0
    a = np.reshape(a, -1) if flat else a
    return a, normalize_axis_index(axis or 0, np.ndim(a))


@composite(np.take)
def take(a: Value, indices: Any, axis: int | None = None, *, mode: Any = "raise") -> Value:
    """Pick entries, or slices along an axis, by their places."""
    a, axis = laid_flat(a, axis)
    if not np.size(a):  # what may be taken of nothing, NumPy decides
        return picked(a, np.take, bare(indices), axis, mode=mode)
    places = np.take(np.arange(np.shape(a)[axis]), bare(indices), mode=mode)  # from the front
    taken = a[along(axis, places)]
    return taken if bare(taken).flags.c_contiguous else np.copy(taken, order="C")


@composite(np.take_along_axis)
def take_along_axis(arr: Value, indices: Any, axis: int | None = -1) -> Value:
    """Pick entries along an axis by their places there."""
    return picked(arr, np.take_along_axis, bare(indices), axis)


@composite(np.compress)
def compress(condition: Any, a: Value, axis: int | None = None) -> Value:
    """Pick the entries, or slices along an axis, where a condition holds."""
    condition = bare(condition)
    return np.take(a, np.compress(condition, np.arange(np.size(condition))), axis)


@composite(np.extract)
def extract(condition: Any, arr: Value) -> Value:
    """Pick the entries where a condition holds, flattened."""
    return np.compress(np.ravel(bare(condition)), arr)


@composite(np.trim_zeros)
def trim_zeros(filt: Value, trim: str = "fb", axis: Any = None) -> Value:
    """Cut off zeros at the ends."""
    rank, sides = np.ndim(filt), trim.lower()
    if sides not in {"f", "b", "fb", "bf"}:
        message = f"trim_zeros: trim={trim!r}; it must be 'f' (front), 'b' (back) or 'fb'"
        raise ShapeError(message)
    axes = range(rank) if axis is None else normalize_axis_tuple(axis, rank)
    found = np.argwhere(bare(filt))
    box = [slice(None)] * rank
    for i in axes:
        first, last = (found[:, i].min(), found[:, i].max()) if len(found) else (0, -1)
        front = "f" in sides or not len(found)
        back = "b" in sides or not len(found)
        box[i] = slice(first if front else None, last + 1 if back else None)
    return filt[tuple(box)]


def windows_vjp(v: Value, _y: Value, x: Value, window_shape: Any, axis: Any = None) -> Value:
    """Add each window to where it was taken from."""
    places = sliding_window_view(np.arange(x.size).reshape(x.shape), window_shape, axis)
    return np.reshape(scatter(v, index=places, shape=(x.size,)), x.shape)


windows = linear(sliding_window_view, windows_vjp)


@composite(np.apply_over_axes)
def apply_over_axes(func: Callable[..., Any], a: Value, axes: Any) -> Value:
    """Apply ``func(a, axis)`` along one axis after another, which keeps its place."""
    for axis in normalize_axis_tuple(bare(axes), np.ndim(a), allow_duplicate=True):
        reduced = func(a, axis)
        a = reduced if reduced.ndim == a.ndim else np.expand_dims(reduced, axis)
    return a


@composite(np.apply_along_axis)
def apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Value, *args: Any, **kwargs: Any
) -> Value:
    """Apply a function to every vector along an axis; its results take the axis's place."""
    axis = normalize_axis_index(axis, np.ndim(arr))
    lanes = np.moveaxis(arr, axis, -1)
    outer = lanes.shape[:-1]
    if 0 in outer:
        message = f"apply_along_axis: shape {arr.shape} has no vectors along axis {axis}"
        raise ShapeError(message)
    results = np.stack([func1d(lanes[i], *args, **kwargs) for i in np.ndindex(outer)])
    within = range(len(outer), len(outer) + results.ndim - 1)
    grid = np.reshape(results, outer + results.shape[1:])
    return np.moveaxis(grid, tuple(within), tuple(i - len(outer) + axis for i in within))


constant(np.nonzero, np.argwhere, np.flatnonzero)
constant(np.ravel_multi_index, np.unravel_index)
