"""Rearranging entries: linear, so only the transposes are written."""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_nn import masks
from autograd_nn.errors import ShapeError
from autograd_nn.fitting import Value
from autograd_nn.primitive import Primitive, record
from autograd_nn.table import composite, constant, linear

swapaxes = linear(np.swapaxes, lambda v, _y, _x, axis1, axis2: np.swapaxes(v, axis1, axis2))
expand_dims = linear(np.expand_dims, lambda v, _y, x, axis: np.reshape(v, x.shape))
squeeze = linear(np.squeeze, lambda v, _y, x, axis=None: np.reshape(v, x.shape))
moveaxis = linear(
    np.moveaxis, lambda v, _y, _x, source, destination: np.moveaxis(v, destination, source)
)
broadcast_to = linear(np.broadcast_to, lambda v, *_, shape: v)  # the sweep sums what was stretched
transpose = linear(
    np.transpose,
    lambda v, _y, _x, axes=None: np.transpose(v, None if axes is None else inverse(axes)),
)


@composite(np.reshape)
@lambda function: linear(function, lambda v, _y, x, shape: np.reshape(v, x.shape))
# NumPy's own, but for the name of `shape`, which was newshape before NumPy 2.1.
def reshape(a: Value, shape: Any, order: Any = "C") -> Value:
    """Arrange the entries in another shape."""
    return np.reshape(a, shape, order=order)


def inverse(axes: Any) -> tuple[int, ...]:
    """Invert a permutation of axes, which may count from the end."""
    return tuple(np.argsort([axis % len(axes) for axis in axes]))


@lambda function: linear(function, lambda v, *_, dtype: v)  # the sweep converts it back
def astype(x: Value, *, dtype: Any) -> Value:
    """Convert to another floating dtype."""
    return x.astype(dtype)


@composite(getattr(np, "astype", astype.forward))  # new in NumPy 2.1
def astype_of(x: Value, dtype: Any, /, *, copy: bool = True) -> Value:
    """Convert to another dtype; without `copy` the very same, if it is of that dtype."""
    return x.astype(dtype) if copy or x.dtype != dtype else x


@composite(np.ravel)
def ravel(a: Value) -> Value:
    """Flatten in C order."""
    return np.reshape(a, -1)


@cache
def joining(n: int) -> Primitive:
    """Build the primitive that joins `n` arrays along an axis."""

    def concatenate(*arrays: Value, axis: int = 0) -> Value:
        return np.concatenate(arrays, axis=axis)

    def part(i: int, axis: int, arrays: tuple[Value, ...]) -> tuple[slice, ...]:
        start = sum(x.shape[axis] for x in arrays[:i])
        axis %= arrays[i].ndim
        return (*[slice(None)] * axis, slice(start, start + arrays[i].shape[axis]))

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
def concatenate(arrays: Any, axis: int | None = 0) -> Value:
    """Join arrays along an existing axis; None joins them flattened."""
    if axis is None:
        arrays, axis = [np.ravel(a) for a in arrays], 0
    return record(joining(len(arrays)), arrays, {"axis": axis})


@composite(np.stack)
def stack(arrays: Any, axis: int = 0) -> Value:
    """Join arrays along a new axis."""
    return np.concatenate([np.expand_dims(a, axis) for a in arrays], axis=axis)


@composite(np.vstack)
def vstack(tup: Any) -> Value:
    """Join arrays as rows."""
    return np.concatenate([np.reshape(a, (1, -1)) if np.ndim(a) < 2 else a for a in tup])  # noqa: PLR2004


@composite(np.hstack)
def hstack(tup: Any) -> Value:
    """Join arrays along the second axis, vectors along their only one."""
    arrays = [np.reshape(a, -1) if np.ndim(a) == 0 else a for a in tup]
    return np.concatenate(arrays, axis=0 if np.ndim(arrays[0]) == 1 else 1)


@composite(np.flip)
def flip(m: Value, axis: Any = None) -> Value:
    """Reverse the order of the entries along `axis`: None (all), one or several."""
    axes = range(np.ndim(m)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    reversed_axes = {a % np.ndim(m) for a in axes}
    whole, backwards = slice(None), slice(None, None, -1)
    return m[tuple(backwards if a in reversed_axes else whole for a in range(np.ndim(m)))]


@composite(np.split)
def split(ary: Value, indices_or_sections: Any, axis: int = 0) -> list[Value]:
    """Cut an array along `axis` into equal parts, or at the given places."""
    n = np.shape(ary)[axis]
    if isinstance(indices_or_sections, int | np.integer):
        if n % indices_or_sections:
            message = f"split: axis {axis} of length {n} has no {indices_or_sections} equal parts"
            raise ShapeError(message)
        size = n // indices_or_sections
        cuts = [size * i for i in range(1, indices_or_sections)]
    else:
        cuts = list(indices_or_sections)
    before = (slice(None),) * (axis % np.ndim(ary))
    return [ary[(*before, slice(a, b))] for a, b in pairwise([0, *cuts, n])]


constant(np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.result_type)
