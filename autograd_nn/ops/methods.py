"""The methods of ufuncs (reduce, accumulate, reduceat, outer), and the keywords of all."""

from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd_nn.calling import refuse_keyword
from autograd_nn.errors import DetachError
from autograd_nn.fitting import Value
from autograd_nn.ops.indexing import assign

Ufunc = Any  # np.ufunc, whose stubs do not say how it is called
REDUCTIONS: dict[Ufunc, Any] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
}
ACCUMULATIONS: dict[Ufunc, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}
DEFAULTS = {"casting": "same_kind", "order": "K", "subok": True, "signature": None}


def call(
    ufunc: Ufunc,
    *inputs: Value,
    out: Any = None,
    where: Any = True,
    dtype: Any = None,
    **rest: Any,
) -> Value:
    """Apply a ufunc with keywords: where `where` is false, `out` stays as it is."""
    for keyword, value in rest.items():
        if keyword not in DEFAULTS or value != DEFAULTS[keyword]:
            refuse_keyword(ufunc.__name__, keyword, ("out", "where", "dtype"))
    if dtype is not None:
        inputs = tuple(converted(x, dtype) for x in inputs)
    if where is True:
        return ufunc(*inputs)
    if out is None:
        message = (
            f"{ufunc.__name__}: where= without out= leaves entries undefined; give out=, or choose "
            "between two results with np.where"
        )
        raise DetachError(message)
    where = np.broadcast_to(where, out.shape)
    return assign(out, ufunc(*(np.broadcast_to(x, out.shape)[where] for x in inputs)), index=where)


def converted(x: Value, dtype: Any) -> Value:
    """Convert arrays and Tensors, and what can be made an array."""
    return x.astype(dtype) if hasattr(x, "astype") else np.asarray(x, dtype)


def reduce(
    ufunc: Ufunc,
    array: Value,
    axis: Any = 0,
    dtype: Any = None,
    keepdims: bool = False,  # noqa: FBT001, FBT002 (NumPy's signature)
    initial: Any = None,
    where: Any = True,  # noqa: FBT002
) -> Value:
    """Fold `ufunc` along `axis`, from the first entry to the last."""
    given: dict[str, Any] = {} if where is True else {"where": where}
    given |= {} if initial is None else {"initial": initial}
    array = array if dtype is None else converted(array, dtype)
    if ufunc in REDUCTIONS:
        return REDUCTIONS[ufunc](array, axis=axis, keepdims=keepdims, **given)
    shape = np.shape(array)
    if not shape and axis in (0, -1):  # which NumPy allows
        axis = ()
    axes = normalize_axis_tuple(range(len(shape)) if axis is None else axis, len(shape))
    moved = np.moveaxis(array, axes, range(len(axes)))
    rest = np.shape(moved)[len(axes) :]
    length = prod(shape[a] for a in axes)
    entries = np.reshape(moved, (length, *rest))
    start = ufunc.identity if initial is None else initial
    if start is None or (initial is None and where is True and len(entries)):
        total, entries = entries[0], entries[1:]
    else:
        total = np.full(rest, start, array.dtype)
    if where is True:
        for entry in entries:
            total = ufunc(total, entry)
    else:
        chosen = np.moveaxis(np.broadcast_to(where, shape), axes, range(len(axes)))
        for entry, mask in zip(entries, np.reshape(chosen, (length, *rest)), strict=True):
            total = np.where(mask, ufunc(total, entry), total)
    return np.expand_dims(total, axes) if keepdims else total


def accumulate(ufunc: Ufunc, array: Value, axis: int = 0, dtype: Any = None) -> Value:
    """Fold `ufunc` along `axis` and keep every step."""
    array = array if dtype is None else converted(array, dtype)
    if ufunc in ACCUMULATIONS:
        return ACCUMULATIONS[ufunc](array, axis=axis)
    axis = normalize_axis_index(axis, np.ndim(array))
    steps: list[Value] = []
    for entry in np.moveaxis(array, axis, 0):
        steps.append(ufunc(steps[-1], entry) if steps else entry)
    return np.stack(steps, axis=axis) if steps else array * 1


def reduceat(ufunc: Ufunc, array: Value, indices: Any, axis: int = 0, dtype: Any = None) -> Value:
    """Fold `ufunc` along `axis` between each index and the next."""
    axis = normalize_axis_index(axis, np.ndim(array))
    starts = np.asarray(indices).tolist()
    ends = [*starts[1:], np.shape(array)[axis]]
    before = (slice(None),) * axis
    parts = [
        reduce(ufunc, array[(*before, slice(start, max(end, start + 1)))], axis, dtype)
        for start, end in zip(starts, ends, strict=True)
    ]
    return np.stack(parts, axis=axis)


def outer(ufunc: Ufunc, a: Value, b: Value, **keywords: Any) -> Value:
    """Apply `ufunc` to every pair of entries of `a` and `b`."""
    wide = np.reshape(a, (*np.shape(a), *[1] * np.ndim(b)))
    return call(ufunc, wide, b, **keywords)


METHODS: dict[str, Any] = {
    "reduce": reduce,
    "accumulate": accumulate,
    "reduceat": reduceat,
    "outer": outer,
}


def method(ufunc: Ufunc, name: str) -> Any:
    """Return a method of `ufunc` that is made of functions of the table."""
    return partial(call if name == "__call__" else METHODS[name], ufunc)
