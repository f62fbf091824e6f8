"""The methods of ufuncs (reduce, accumulate, reduceat, outer), and the keywords of all."""

import re
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd_nn.calling import refuse_keyword
from autograd_nn.errors import DetachError, ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import typed, valued
from autograd_nn.ops.indexing import assign

Ufunc = Any  # np.ufunc, whose stubs do not say how it is called
REDUCTIONS: dict[Ufunc, Any] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
}
ACCUMULATIONS: dict[Ufunc, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}
WEAK = (int, float, complex)  # numbers that adapt to the dtypes of arrays


def call(
    ufunc: Ufunc,
    *inputs: Value,
    out: Any = None,
    where: Any = True,
    dtype: Any = None,
    casting: Any = "same_kind",
    order: Any = "K",
    subok: bool = True,  # noqa: ARG001 (it is about subclasses of ndarray)
    signature: Any = None,
    **axes: Any,
) -> Value:
    """Apply a ufunc with keywords: where `where` is false, `out` stays as it is."""
    if signature is not None:
        refuse_keyword(ufunc.__name__, "signature", ("axes", "axis", "dtype", "keepdims", "where"))
    if dtype is not None or casting != "same_kind":
        inputs = cast(ufunc, inputs, dtype, casting)
    if where is True:
        result = along_axes(ufunc, *inputs, **axes) if axes else ufunc(*inputs)
        return result if order == "K" else np.copy(result, order)
    if out is None:
        message = (
            f"{ufunc.__name__}: where= without out= leaves entries undefined; give out=, or choose "
            "between two results with np.where"
        )
        raise DetachError(message)
    where = np.broadcast_to(where, out.shape)
    return assign(out, ufunc(*(np.broadcast_to(x, out.shape)[where] for x in inputs)), index=where)


def cast(ufunc: Ufunc, inputs: tuple[Value, ...], dtype: Any, casting: Any) -> tuple[Value, ...]:
    """Convert what a ufunc is applied to as it needs it for results of `dtype`.

    Whether `casting` allows that NumPy says of empty arrays: resolve_dtypes crashes where a
    Python number may not be converted.
    """
    given = [valued(x).dtype for x in inputs]
    pairs = zip(inputs, given, strict=True)
    stand_ins = [x if type(x) in WEAK else np.empty((0, 0), of_x) for x, of_x in pairs]
    ufunc(*stand_ins, dtype=dtype, casting=casting)
    if dtype is None:
        return inputs
    places: list[Any] = [None] * ufunc.nout
    wanted = (*[None] * ufunc.nin, *[np.dtype(dtype)] * ufunc.nout)
    found = ufunc.resolve_dtypes((*given, *places), signature=wanted, casting="unsafe")
    return tuple(map(typed, inputs, found[: ufunc.nin]))


def along_axes(
    ufunc: Ufunc, *inputs: Value, axes: Any = None, axis: Any = None, keepdims: bool = False
) -> Value:
    """Apply a product of vectors or matrices along other axes than the last ones."""
    if ufunc.signature is None or ((axis is not None or keepdims) and ufunc is not np.vecdot):
        keyword = "axes" if axes is not None else "axis" if axis is not None else "keepdims"
        message = f"{ufunc.__name__} takes no {keyword}="
        raise TypeError(message)
    if axes is None:
        axis = -1 if axis is None else axis
        axes = [axis, axis, axis if keepdims else ()]
    named = [a if isinstance(a, tuple) else (a,) for a in axes]
    if len(named) == len(inputs):  # the result may go without, if it has none of its own
        named.append(named[0] if keepdims else ())
    cores = [part.count(",") + bool(part) for part in re.findall(r"\((.*?)\)", ufunc.signature)]
    lengths = [min(n, np.ndim(x)) for n, x in zip(cores, inputs, strict=False)]  # vectors of matmul
    lengths.append(1 if keepdims else cores[-1] - sum(cores[:-1]) + sum(lengths))
    if [*map(len, named)] != lengths:
        message = f"{ufunc.__name__}: axes={axes!r} must name, in a list, {lengths} axes"
        raise ShapeError(message)
    *of_inputs, of_result = named
    moved = [
        np.moveaxis(x, along, range(-len(along), 0))
        for x, along in zip(inputs, of_inputs, strict=True)
    ]
    result = ufunc(*moved)
    if keepdims:
        return np.expand_dims(result, of_result)
    return np.moveaxis(result, range(-len(of_result), 0), of_result)


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
    array = typed(array, dtype)
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
        total = np.broadcast_to(valued(start).astype(array.dtype), rest)
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
    array = typed(array, dtype)
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
