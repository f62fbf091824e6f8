"""Matrix products and their generalisations: linear in each factor."""

from functools import cache
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd_nn.errors import DtypeError, ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import conj, valued
from autograd_nn.ops.matrices import column, mT, row
from autograd_nn.table import composite, linear


def left(v: Value, _z: Value, x: Value, y: Value) -> Value:
    """Carry `v` back to the left factor: ``v @ y.T``, and its forms for vectors."""
    if y.ndim == 1:
        return np.expand_dims(v, -1) * y
    if x.ndim == 1:
        v = np.expand_dims(v, -2)
    return times(v, mT(y))


def right(v: Value, _z: Value, x: Value, y: Value) -> Value:
    """Carry `v` back to the right factor: ``x.T @ v``, and its forms for vectors."""
    if x.ndim == 1:
        return x * v if y.ndim == 1 else np.expand_dims(x, -1) * np.expand_dims(v, -2)
    if y.ndim == 1:
        return np.squeeze(mT(x) @ np.expand_dims(v, -1), -1)
    return times(mT(x), v)


def times(x: Value, y: Value) -> Value:
    """Multiply matrices, or stacks of them: ``x @ y``."""
    plain = type(x) is type(y) is np.ndarray and x.ndim == y.ndim == 2  # noqa: PLR2004
    return x.dot(y) if plain else x @ y  # the first takes NumPy a third of the time


matmul = linear(
    np.matmul,
    left,
    right,
    hint="The last axis of the first must be as long as the last but one of the second: "
    "transpose or reshape one of them.",
)

vecdot = linear(
    np.vecdot,
    lambda v, _z, _x, y: conj(column(v) * y),
    lambda v, _z, x, _y: column(v) * conj(x),
    hint="The last axes must be equally long.",
)
if hasattr(np, "matvec"):  # since NumPy 2.2
    matvec = linear(
        np.matvec, lambda v, _z, _x, y: column(v) * row(y), lambda v, _z, x, _y: np.matvec(mT(x), v)
    )
    vecmat = linear(
        np.vecmat,
        lambda v, _z, _x, y: conj(np.matvec(y, v)),
        lambda v, _z, x, _y: column(conj(x)) * row(v),
    )


@composite(np.dot)
def dot(a: Value, b: Value) -> Value:
    """Multiply as np.dot does: over the last axis of `a` and the last but one of `b`."""
    a, b = valued(a), valued(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if b.ndim <= 2:  # noqa: PLR2004
        return a @ b
    return np.tensordot(a, b, axes=(-1, -2))


@composite(np.inner)
def inner(a: Value, b: Value) -> Value:
    """Sum products over the last axes of `a` and `b`."""
    a, b = valued(a), valued(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return np.tensordot(a, b, axes=(-1, -1))


@composite(np.vdot)
def vdot(a: Value, b: Value) -> Value:
    """Sum products of the entries, those of `a` conjugated."""
    a, b = valued(a), valued(b)
    return np.vecdot(np.reshape(a, -1), np.reshape(b, -1))


@composite(np.outer)
def outer(a: Value, b: Value) -> Value:
    """Multiply every entry of `a` with every entry of `b`, both flattened."""
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


@composite(np.kron)
def kron(a: Value, b: Value) -> Value:
    """Put every entry of `a` times all of `b` in the place of that entry."""
    a, b = valued(a), valued(b)
    n = max(a.ndim, b.ndim)
    shape_a, shape_b = ((1,) * (n - x.ndim) + x.shape for x in (a, b))
    blocks = np.reshape(a, [m for size in shape_a for m in (size, 1)])
    tiles = np.reshape(b, [m for size in shape_b for m in (1, size)])
    return np.reshape(blocks * tiles, [p * q for p, q in zip(shape_a, shape_b, strict=True)])


def cross_left(
    v: Value, _z: Value, x: Value, y: Value, axisa: int = -1, axisb: int = -1, axisc: int = -1
) -> Value:
    """Carry `v` back to the left factor: ``y x v``."""
    return np.cross(y, v, axisa=axisb - y.ndim, axisb=axisc, axisc=axisa - x.ndim)


def cross_right(
    v: Value, _z: Value, x: Value, y: Value, axisa: int = -1, axisb: int = -1, axisc: int = -1
) -> Value:
    """Carry `v` back to the right factor: ``v x x``."""
    return np.cross(v, x, axisa=axisc, axisb=axisa - x.ndim, axisc=axisb - y.ndim)


of_triples = linear(np.cross, cross_left, cross_right)


@composite(np.cross)
def cross(
    a: Value, b: Value, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Value:
    """Multiply vectors in space; two components stand for three of which the last is 0."""
    a, b = valued(a), valued(b)
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    axisa = normalize_axis_index(axisa, a.ndim, "axisa")
    axisb = normalize_axis_index(axisb, b.ndim, "axisb")
    flat = a.shape[axisa] == b.shape[axisb] == 2  # noqa: PLR2004
    a, b = raised(a, axisa), raised(b, axisb)
    if flat:
        return of_triples(a, b, axisa=axisa, axisb=axisb, axisc=-1)[..., 2]
    return of_triples(a, b, axisa=axisa, axisb=axisb, axisc=axisc)


def raised(x: Value, axis: int) -> Value:
    """Give vectors of two components a third, 0."""
    if x.shape[axis] != 2:  # noqa: PLR2004
        return x
    zeros = np.zeros([1 if i == axis else n for i, n in enumerate(x.shape)], x.dtype)
    return np.concatenate([x, zeros], axis=axis)


def trace_vjp(
    v: Value,
    _y: Value,
    x: Value,
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: Any = None,  # noqa: ARG001 (the sweep mends dtypes)
) -> Value:
    """Put the cotangent on the diagonal."""
    ones = np.eye(x.shape[axis1], x.shape[axis2], offset, dtype=v.dtype)
    return np.moveaxis(column(column(v)) * ones, (-2, -1), (axis1, axis2))


sum_of_diagonal = linear(np.trace, trace_vjp)


@composite(np.trace)
def trace(a: Value, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Value:
    """Sum diagonals."""
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        message = f"trace: dtype={dtype!r} has no derivative; give a floating one"
        raise DtypeError(message)
    return sum_of_diagonal(a, offset, axis1, axis2, dtype)


@composite(np.tensordot)
def tensordot(a: Value, b: Value, axes: Any = 2) -> Value:
    """Sum products over the paired axes of `a` and `b`, as one matrix product."""
    shape_a, shape_b = np.shape(a), np.shape(b)
    pairs = axes if np.iterable(axes) else (range(-axes, 0), range(axes))
    try:
        in_a, in_b = (
            normalize_axis_tuple(p, len(s)) for p, s in zip(pairs, (shape_a, shape_b), strict=True)
        )
    except ValueError as error:
        message = f"tensordot: axes={axes!r} do not fit shapes {shape_a} and {shape_b}: {error}"
        raise ShapeError(message) from error
    if [shape_a[i] for i in in_a] != [shape_b[j] for j in in_b]:
        message = (
            f"tensordot: axes {in_a} of shape {shape_a} cannot be paired with axes {in_b} of "
            f"shape {shape_b}; paired axes must be equally long"
        )
        raise ShapeError(message)
    of_a, of_b = ([i for i in range(np.ndim(x)) if i not in p] for x, p in ((a, in_a), (b, in_b)))
    rows, columns = [shape_a[i] for i in of_a], [shape_b[j] for j in of_b]
    terms = prod(shape_a[i] for i in in_a)
    left_factor = np.reshape(np.transpose(a, (*of_a, *in_a)), (prod(rows), terms))
    right_factor = np.reshape(np.transpose(b, (*in_b, *of_b)), (terms, prod(columns)))
    return np.reshape(left_factor @ right_factor, (*rows, *columns))


@composite(np.linalg.multi_dot)
def multi_dot(arrays: Any) -> Value:
    """Multiply a chain of matrices in the cheapest order; a vector may stand at either end.

    The order is found as in Cormen et al., Introduction to Algorithms, section 14.2.
    """
    chain = [valued(a) for a in arrays]
    if len(chain) < 2:  # noqa: PLR2004
        message = "multi_dot: give at least two arrays"
        raise ShapeError(message)
    rows = [a.shape[0] if a.ndim > 1 else 1 for a in chain[:1]] + [a.shape[0] for a in chain[1:]]
    sizes = [*rows, chain[-1].shape[-1] if chain[-1].ndim > 1 else 1]

    @cache
    def best(i: int, j: int) -> tuple[int, int]:
        """Find the cost of multiplying i to j, and where to split them."""
        if i == j:
            return 0, i
        return min(
            (best(i, k)[0] + best(k + 1, j)[0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
            for k in range(i, j)
        )

    def product(i: int, j: int) -> Value:
        if i == j:
            return chain[i]
        k = best(i, j)[1]
        return product(i, k) @ product(k + 1, j)

    return product(0, len(chain) - 1)


@composite(np.linalg.outer)
def outer_of_vectors(x1: Value, x2: Value, /) -> Value:
    """Multiply every entry of one vector with every entry of another."""
    x1, x2 = valued(x1), valued(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        message = (
            f"linalg.outer cannot be applied to shapes {x1.shape} and {x2.shape}: both must be "
            "vectors; np.outer flattens what it is given"
        )
        raise ShapeError(message)
    return column(x1) * row(x2)


@composite(np.linalg.cross)
def cross_of_triples(x1: Value, x2: Value, /, *, axis: int = -1) -> Value:
    """Multiply vectors of three components."""
    x1, x2 = valued(x1), valued(x2)
    if not x1.shape[axis] == x2.shape[axis] == 3:  # noqa: PLR2004
        message = (
            f"linalg.cross cannot be applied to shapes {x1.shape} and {x2.shape}: both need "
            f"length 3 along axis {axis}"
        )
        raise ShapeError(message)
    return np.cross(x1, x2, axis=axis)


@composite(np.linalg.vecdot)
def vecdot_along(x1: Value, x2: Value, /, *, axis: int = -1) -> Value:
    """Sum products along an axis, the first factor conjugated."""
    return np.vecdot(np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1))


composite(np.linalg.matmul)(matmul)
composite(np.linalg.tensordot)(lambda x1, x2, /, *, axes=2: np.tensordot(x1, x2, axes))
composite(np.linalg.trace)(lambda x, /, *, offset=0, dtype=None: np.trace(x, offset, -2, -1, dtype))
composite(np.linalg.diagonal)(lambda x, /, *, offset=0: np.diagonal(x, offset, -2, -1))
composite(np.linalg.matrix_transpose)(lambda x, /: mT(x))
