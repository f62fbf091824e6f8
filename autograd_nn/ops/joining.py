"""Joining arrays, and cutting them into parts."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn import masks
from autograd_nn.errors import ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare, typed, valued
from autograd_nn.ops.indexing import along, laid_flat
from autograd_nn.primitive import Primitive, record
from autograd_nn.table import composite


@cache
def joining(n: int) -> Primitive:
    """Build the primitive that joins `n` arrays along an axis."""

    def concatenate(*arrays: Value, axis: int = 0) -> Value:
        return np.concatenate(arrays, axis=axis)

    def part(i: int, axis: int, arrays: tuple[Value, ...]) -> tuple[slice, ...]:
        start = sum(x.shape[axis] for x in arrays[:i])
        return along(axis % arrays[i].ndim, slice(start, start + arrays[i].shape[axis]))

    def vjp(i: int) -> Any:
        return lambda v, _z, *arrays, axis=0: v[part(i, axis, arrays)]

    def jvp(i: int) -> Any:
        def rule(v: Value, _z: Value, *arrays: Value, axis: int = 0) -> Value:
            zeros = [np.zeros(x.shape, v.dtype) for x in arrays]
            return np.concatenate([*zeros[:i], v, *zeros[i + 1 :]], axis=axis)

        return rule

    primitive = Primitive(concatenate, [vjp(i) for i in range(n)], [jvp(i) for i in range(n)])
    primitive.reach = masks.asked
    return primitive


@composite(np.concatenate)
def concatenate(
    arrays: Iterable[Value],
    axis: int | None = 0,
    *,
    dtype: Any = None,
    casting: Any = "same_kind",
) -> Value:
    """Join arrays along an existing axis; None joins them flattened."""
    arrays = [valued(a) for a in arrays]
    if dtype is not None or casting != "same_kind":
        stand_ins = [np.empty(0, a.dtype) for a in arrays]
        dtype = np.concatenate(stand_ins, dtype=dtype, casting=casting).dtype  # NumPy's checks
        arrays = [a.astype(dtype) for a in arrays]
    if axis is None:
        arrays, axis = [np.reshape(a, -1) for a in arrays], 0
    return record(joining(len(arrays)), arrays, {"axis": axis})


@composite(np.stack)
def stack(
    arrays: Iterable[Value], axis: int = 0, *, dtype: Any = None, casting: Any = "same_kind"
) -> Value:
    """Join arrays along a new axis."""
    expanded = [np.expand_dims(a, axis) for a in arrays]
    return np.concatenate(expanded, axis=axis, dtype=dtype, casting=casting)


@composite(np.vstack)
def vstack(tup: Iterable[Value], *, dtype: Any = None, casting: Any = "same_kind") -> Value:
    """Join arrays as rows."""
    return np.concatenate([np.atleast_2d(a) for a in tup], dtype=dtype, casting=casting)


@composite(np.hstack)
def hstack(tup: Iterable[Value], *, dtype: Any = None, casting: Any = "same_kind") -> Value:
    """Join arrays along the second axis, vectors along their only one."""
    arrays = [np.atleast_1d(a) for a in tup]
    axis = 0 if arrays and arrays[0].ndim == 1 else 1
    return np.concatenate(arrays, axis=axis, dtype=dtype, casting=casting)


@composite(np.dstack)
def dstack(tup: Iterable[Value]) -> Value:
    """Join arrays along the third axis."""
    return np.concatenate([np.atleast_3d(a) for a in tup], axis=2)


@composite(np.column_stack)
def column_stack(tup: Iterable[Value]) -> Value:
    """Join vectors as columns, matrices side by side."""
    columns = [a if np.ndim(a) >= 2 else np.reshape(a, (-1, 1)) for a in tup]  # noqa: PLR2004
    return np.concatenate(columns, axis=1)


@composite(np.block)
def block(arrays: Any) -> Value:
    """Join nested lists of blocks: the innermost lists along the last axis."""
    np.block(stand_ins(arrays))  # NumPy's own checks
    ranks, depth = ranks_and_depth(arrays)
    whole = joined(arrays, max(ranks, depth), depth)
    return whole if depth else np.copy(whole)


def stand_ins(blocks: Any) -> Any:
    """Put arrays of the same shapes, that take no memory, in the place of blocks."""
    if isinstance(blocks, list):
        return [stand_ins(b) for b in blocks]
    return blocks if isinstance(blocks, tuple) else np.broadcast_to(np.False_, np.shape(blocks))


def ranks_and_depth(blocks: Any) -> tuple[int, int]:
    """Find the largest number of axes of a block, and how deep the lists are nested."""
    if not isinstance(blocks, list):
        return np.ndim(blocks), 0
    found = [ranks_and_depth(b) for b in blocks]
    return max(rank for rank, _ in found), 1 + found[0][1]


def joined(blocks: Any, rank: int, depth: int) -> Value:
    """Join blocks, each with `rank` axes, along the axis that belongs to `depth`."""
    if depth:
        return np.concatenate([joined(b, rank, depth - 1) for b in blocks], axis=-depth)
    return np.reshape(blocks, (1,) * (rank - np.ndim(blocks)) + np.shape(blocks))


@composite(np.append)
def append(arr: Value, values: Value, axis: int | None = None) -> Value:
    """Join two arrays, flattened or along an axis."""
    return np.concatenate([arr, values], axis=axis)


@composite(np.insert)
def insert(arr: Value, obj: Any, values: Value, axis: int | None = None) -> Value:
    """Insert values before places: NumPy moves positions, and entries follow."""
    dtype, n = np.result_type(arr), np.size(arr)
    values = typed(values, dtype)
    old = np.arange(n).reshape(np.shape(arr))
    new = np.arange(n, n + values.size).reshape(values.shape)
    entries = np.concatenate([arr, values], axis=None)
    return entries[np.insert(old, bare(obj), new, axis)]


@composite(np.delete)
def delete(arr: Value, obj: Any, axis: int | None = None) -> Value:
    """Leave out some entries, or some along an axis."""
    arr, axis = laid_flat(arr, axis)
    kept = np.zeros(np.shape(arr)[axis], bool)
    kept[np.delete(np.arange(kept.size), bare(obj))] = True
    return arr[along(axis, kept)]


# ---- cutting ---------------------------------------------------------------------------------


@composite(np.array_split)
def array_split(ary: Value, indices_or_sections: Any, axis: int = 0) -> list[Value]:
    """Cut an array along `axis` into parts about as long, or at the given places."""
    n, places = np.shape(ary)[axis], bare(indices_or_sections)
    if np.ndim(places) == 0:
        lengths = [len(p) for p in np.array_split(np.empty(n, bool), places)]
        places = np.cumsum(lengths)[:-1]
    before = normalize_axis_index(axis, np.ndim(ary))
    cuts = [0, *map(int, places), n]
    return [ary[along(before, slice(a, b))] for a, b in pairwise(cuts)]


@composite(np.split)
def split(ary: Value, indices_or_sections: Any, axis: int = 0) -> list[Value]:
    """Cut an array along `axis` into equal parts, or at the given places."""
    n, places = np.shape(ary)[axis], bare(indices_or_sections)
    if np.ndim(places) == 0 and n % places:
        message = f"split: axis {axis} of length {n} has no {places} equal parts"
        raise ShapeError(message)
    return array_split(ary, places, axis)


def splitting(function: Any, needed: int, axis_of: Sequence[int]) -> Any:
    """Build np.hsplit and its like, which need an array of several axes."""

    def cut(ary: Value, indices_or_sections: Any) -> list[Value]:
        rank = np.ndim(ary)
        if rank < needed:
            message = f"{function.__name__}: an array of shape {np.shape(ary)} has too few axes"
            raise ShapeError(message)
        return split(ary, indices_or_sections, axis_of[min(rank, len(axis_of)) - 1])

    return composite(function)(cut)


hsplit = splitting(np.hsplit, 1, (0, 1))
vsplit = splitting(np.vsplit, 2, (0,))
dsplit = splitting(np.dsplit, 3, (2,))

if hasattr(np, "unstack"):  # since NumPy 2.1

    @composite(np.unstack)
    def unstack(x: Value, /, *, axis: int = 0) -> tuple[Value, ...]:
        """Cut an array into its slices along an axis."""
        return tuple(np.moveaxis(x, axis, 0))
