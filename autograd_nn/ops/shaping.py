"""Rearranging entries: linear, so only the transposes are written."""

from itertools import chain
from math import prod
from operator import index
from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare, valued
from autograd_nn.ops.indexing import laid_flat, picked
from autograd_nn.table import composite, constant, linear

swapaxes = linear(np.swapaxes, lambda v, _y, _x, axis1, axis2: np.swapaxes(v, axis1, axis2))
matrix_transpose = linear(np.matrix_transpose, lambda v, *_: np.matrix_transpose(v))
expand_dims = linear(np.expand_dims, lambda v, _y, x, axis: np.reshape(v, x.shape))
squeeze = linear(np.squeeze, lambda v, _y, x, axis=None: np.reshape(v, x.shape))
moveaxis = linear(
    np.moveaxis, lambda v, _y, _x, source, destination: np.moveaxis(v, destination, source)
)
broadcast_to = linear(np.broadcast_to, lambda v, *_, shape: v)  # the sweep sums what was stretched
transpose = linear(
    np.transpose,
    lambda v, _y, _x, axes=None: np.transpose(v, None if axes is None else inverse(np.ravel(axes))),
)
flip = linear(np.flip, lambda v, *_, axis=None: np.flip(v, axis))
fliplr = linear(np.fliplr, lambda v, *_: np.fliplr(v))
flipud = linear(np.flipud, lambda v, *_: np.flipud(v))
rot90 = linear(np.rot90, lambda v, *_, k=1, axes=(0, 1): np.rot90(v, -k, axes))
roll = linear(np.roll, lambda v, *_, shift, axis=None: np.roll(v, np.negative(shift), axis))
copy = linear(np.copy, lambda v, *_, order="K", subok=False: v)


@lambda function: linear(function, lambda v, _y, x, shape, order="C": np.reshape(v, x.shape, order))
def reshape(a: Value, shape: Any, order: Any = "C") -> Value:
    """Arrange the entries in another shape, read and written in order "C" or "F"."""
    return np.reshape(a, shape, order=order)


@composite(np.reshape)
def any_reshape(
    a: Value,
    shape: Any = None,
    order: Any = "C",
    *,
    newshape: Any = None,  # its name before NumPy 2.1
    copy: bool | None = None,
) -> Value:
    """Arrange the entries in another shape."""
    shape = bare(newshape if shape is None else shape)
    if order == "A":  # Fortran's order if the entries are in that order in memory
        order = "F" if bare(a).flags.fnc else "C"
    if copy is False:
        np.reshape(bare(a), shape, order=order, copy=False)  # raises if it cannot be
    arranged = reshape(a, shape, order=order)
    return np.copy(arranged) if copy else arranged


def inverse(axes: Any) -> tuple[int, ...]:
    """Invert a permutation of axes, which may count from the end."""
    return tuple(np.argsort([axis % len(axes) for axis in axes]))


@lambda function: linear(function, lambda v, *_, dtype: v)  # the sweep converts it back
def astype(x: Value, *, dtype: Any) -> Value:
    """Convert to another floating dtype."""
    return x.astype(dtype)


@composite(getattr(np, "astype", astype.forward))  # new in NumPy 2.1
def astype_of(x: Value, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Value:
    """Convert to another dtype; without `copy` the very same, if it is of that dtype."""
    np.empty(0, device=device)  # NumPy's own check
    return x.astype(dtype, copy=copy)


@composite(np.ravel)
def ravel(a: Value, order: Any = "C") -> Value:
    """Flatten in C's order, Fortran's ("F", or "A" as in reshape), or that of memory ("K")."""
    array = np.asarray(bare(a))
    if order == "K":
        laid = np.nditer([array, None], ["zerosize_ok"], order="K").operands[1]  # as in memory
        flat = np.reshape(np.transpose(a, np.argsort(np.negative(np.abs(laid.strides)))), -1)
    else:
        flat = np.reshape(a, -1, order=order)
    if np.may_share_memory(bare(flat), array) > np.may_share_memory(np.ravel(array, order), array):
        return np.copy(flat)  # a view may step backwards, but NumPy ravels only what does not
    return flat


@composite(np.rollaxis)
def rollaxis(a: Value, axis: int, start: int = 0) -> Value:
    """Move an axis before another."""
    numbered = np.empty(range(np.ndim(a)))  # axis i has length i: its shape names its axes
    return np.transpose(a, np.rollaxis(numbered, axis, start).shape)


def at_least(rank: int, function: Any) -> Any:
    """Build np.atleast_1d and its like: NumPy shows on a stand-in where the new axes go."""

    def reshaped(a: Value) -> Value:
        a = valued(a)
        if a.ndim >= rank:
            return a
        return np.reshape(a, function(np.broadcast_to(np.int8(0), a.shape)).shape)

    def atleast(*arys: Value) -> Value | tuple[Value, ...]:
        several = tuple(map(reshaped, arys))
        return several[0] if len(several) == 1 else several

    return composite(function)(atleast)


atleast_1d = at_least(1, np.atleast_1d)
atleast_2d = at_least(2, np.atleast_2d)
atleast_3d = at_least(3, np.atleast_3d)


@composite(np.broadcast_arrays)
def broadcast_arrays(
    *args: Value,
    subok: bool = False,  # noqa: ARG001 (it is about subclasses of ndarray)
) -> tuple[Value, ...]:
    """Stretch arrays to their common shape."""
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(np.broadcast_to(a, shape) for a in args)


def repeated(a: Value, counts: list[int], *, whole: bool) -> Value:
    """Repeat along each axis: the axis as a whole, or entry by entry."""
    shape = np.shape(a)
    pairs = [(1, n) if whole else (n, 1) for n in shape]
    stretched = [(k, n) if whole else (n, k) for k, n in zip(counts, shape, strict=True)]
    wide = np.broadcast_to(np.reshape(a, (*chain(*pairs),)), (*chain(*stretched),))
    out = np.reshape(wide, tuple(k * n for k, n in zip(counts, shape, strict=True)))
    return np.copy(out) if prod(counts) == 1 else out  # a view of `a` otherwise


@composite(np.tile)
def tile(A: Value, reps: Any) -> Value:
    """Lay copies of an array side by side, `reps` along each axis."""
    counts = [index(n) for n in np.ravel(bare(reps))]
    rank = max(len(counts), np.ndim(A))
    a = np.reshape(A, (1,) * (rank - np.ndim(A)) + np.shape(A))
    return repeated(a, [1] * (rank - len(counts)) + counts, whole=True)


@composite(np.repeat)
def repeat(a: Value, repeats: Any, axis: int | None = None) -> Value:
    """Repeat each entry, flattened or along an axis; `repeats` for all or for each."""
    a, axis = laid_flat(a, axis)
    repeats, n = bare(repeats), np.shape(a)[axis]
    if np.size(repeats) == 1:
        counts = [1] * np.ndim(a)
        counts[axis] = len(np.repeat(0, repeats))  # NumPy checks it
        return repeated(a, counts, whole=False)
    return np.take(a, np.repeat(np.arange(n), repeats), axis=axis)


@composite(np.resize)
def resize(a: Value, new_shape: Any) -> Value:
    """Fill another shape with the entries, over and over."""
    if np.size(a) == 0:
        return np.zeros_like(a, shape=new_shape)
    return picked(a, np.resize, new_shape)


constant(np.shape, np.ndim, np.size, np.result_type, np.isfortran)
constant(np.may_share_memory, np.shares_memory)
