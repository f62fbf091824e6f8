"""Norms of vectors and matrices, and condition numbers.

At 0 every norm has gradient 0, and so has every derivative of it; a zero entry has slope 0.
"""

from math import prod
from typing import Any

import numpy as np

from autograd_nn.errors import NoDerivativeError, ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import conj, valued
from autograd_nn.ops.matrices import real
from autograd_nn.ops.reductions import spread
from autograd_nn.primitive import Primitive, record
from autograd_nn.table import composite, general


def direction(x: Value, y: Value) -> Value:
    """Compute ``conj(x) / y``, and 0 (with all its derivatives) where the norm `y` is."""
    zero = y == 0
    return conj(x) * np.where(zero, 0, 1 / np.where(zero, 1, y))


def euclidean_vjp(
    v: Value, y: Value, x: Value, axis: Any = None, *, keepdims: Any = False
) -> Value:
    """Point along `x`."""
    return spread(v, x, axis, keepdims) * direction(x, spread(y, x, axis, keepdims))


def euclidean_jvp(
    v: Value, y: Value, x: Value, axis: Any = None, *, keepdims: Any = False
) -> Value:
    """Take the change along `x`."""
    along = real(v * direction(x, spread(y, x, axis, keepdims)))
    return np.sum(along, axis=axis, keepdims=keepdims)


euclidean = general(np.linalg.norm, [euclidean_vjp], [euclidean_jvp])

nonzero = Primitive(
    lambda x: (x != 0).astype(x.real.dtype),
    [lambda v, *_: np.zeros_like(v)],
    [lambda v, *_: np.zeros_like(real(v))],
)


@composite(np.linalg.norm)
def norm(x: Value, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Value:  # noqa: A002, FBT001, FBT002
    """Measure vectors along an axis, matrices along two, or the flattened whole."""
    x = valued(x)
    if axis is None and (ord is None or (ord == 2 and x.ndim == 1)):  # noqa: PLR2004
        return euclidean(x, keepdims=keepdims)
    axes = axes_named(x, axis)
    if len(axes) == 1:
        return vector(x, ord, axes[0], keepdims)
    if len(axes) == 2:  # noqa: PLR2004
        return matrix(x, ord, (axes[0] % x.ndim, axes[1] % x.ndim), keepdims)
    message = f"norm: axis={axis!r} of shape {x.shape} names {len(axes)} axes; give one or two"
    raise ShapeError(message)


def axes_named(x: Value, axis: Any) -> tuple[Any, ...]:
    """List the axes that `axis` (None, one or several) names."""
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(axis) if isinstance(axis, tuple | list) else (axis,)


def largest(x: Value, axis: int, keepdims: bool = False) -> Value:  # noqa: FBT001, FBT002
    """Find the largest of what is not negative: of nothing, 0."""
    nothing: Any = {} if x.shape[axis] else {"initial": 0}
    return np.max(x, axis=axis, keepdims=keepdims, **nothing)


def vector(x: Value, ord: Any, axis: int, keepdims: bool) -> Value:  # noqa: A002, FBT001
    """Measure vectors."""
    axis = axis % x.ndim
    if ord is None or ord == 2:  # noqa: PLR2004
        return euclidean(x, axis=axis, keepdims=keepdims)
    if ord == np.inf:
        return largest(np.abs(x), axis, keepdims)
    if ord == -np.inf:
        return np.min(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum(record(nonzero, (x,)), axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if isinstance(ord, str):
        message = f"norm: ord={ord!r} is no norm of vectors; give a number"
        raise ValueError(message)  # noqa: TRY004 (as NumPy does)
    return power_norm(x, ord, axis, keepdims)


def power_norm(x: Value, p: float, axis: int, keepdims: bool) -> Value:  # noqa: FBT001
    """Compute ``sum(abs(x) ** p) ** (1 / p)``."""
    p = int(p) if p == int(p) else float(p)
    if p > 0 and p % 2 == 0:  # smooth at zero entries
        zero = np.all(x == 0, axis=axis, keepdims=True)
        terms = real(x * conj(x)) ** (p // 2)
    else:
        none = x == 0
        zero = (np.all if p > 0 else np.any)(none, axis=axis, keepdims=True)
        terms = np.where(none, 0, np.abs(np.where(none, 1, x)) ** p)
    total = np.sum(terms, axis=axis, keepdims=True)
    found = np.where(zero, 0, np.where(zero, 1, total) ** (1 / p))
    return found if keepdims else np.squeeze(found, axis)


def matrix(x: Value, ord: Any, axes: tuple[int, int], keepdims: bool) -> Value:  # noqa: A002, FBT001
    """Measure matrices."""
    if axes[0] == axes[1]:
        message = f"norm: axis={axes!r} names an axis twice"
        raise ShapeError(message)
    if ord in {None, "fro", "f"}:
        return euclidean(x, axis=axes, keepdims=keepdims)
    if ord in {1, -1, np.inf, -np.inf}:
        added, compared = axes if abs(ord) == 1 else axes[::-1]
        sums = np.sum(np.abs(x), axis=added, keepdims=True)
        found = (largest if ord > 0 else np.min)(sums, axis=compared, keepdims=True)
    elif ord in {2, -2, "nuc"}:
        s = stretches(np.moveaxis(x, axes, (-2, -1)))
        reduced = (np.sum if ord == "nuc" else largest if ord > 0 else np.min)(s, axis=-1)
        found = np.expand_dims(reduced, tuple(sorted(axes)))
    else:
        message = (
            f"norm: ord={ord!r} is no norm of matrices; give 1, 2, inf, fro, nuc, -1, -2, -inf"
        )
        raise ValueError(message)
    return found if keepdims else np.squeeze(found, axes)


def stretches(x: Value) -> Value:
    """Find singular values; of a matrix of zeros they are 0 with all their derivatives."""
    zero = np.all(x == 0, axis=(-1, -2), keepdims=True)
    if not np.any(zero):
        return np.linalg.svdvals(x)
    m, n = x.shape[-2:]
    other = np.diag(np.arange(1, max(m, n) + 1)).astype(x.dtype)[:m, :n]  # with derivatives
    s = np.linalg.svdvals(np.where(zero, other, x))
    return np.where(zero[..., 0], 0, s)


@composite(np.linalg.matrix_norm)
def matrix_norm(x: Value, /, *, keepdims: bool = False, ord: Any = "fro") -> Value:  # noqa: A002
    """Measure the matrices of the last two axes."""
    return norm(x, ord, (-2, -1), keepdims)


@composite(np.linalg.vector_norm)
def vector_norm(x: Value, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Value:  # noqa: A002
    """Measure what lies along the axes, flattened, as a vector."""
    x = valued(x)
    axes = axes_named(x, axis)
    gone = tuple(a % x.ndim for a in axes)
    kept = [a for a in range(x.ndim) if a not in gone]
    lengths = [x.shape[a] for a in kept]
    flat = np.reshape(np.transpose(x, (*gone, *kept)), (prod(x.shape[a] for a in gone), *lengths))
    found = norm(flat, ord, 0)
    return np.expand_dims(found, gone) if keepdims else found


@composite(np.linalg.cond)
def cond(x: Value, p: Any = None) -> Value:
    """Compare the largest stretch of a matrix to its smallest."""
    x = valued(x)
    if x.size and np.any(np.linalg.matrix_rank(x) < min(x.shape[-2:])):
        message = (
            "cond: the matrix is singular (up to rounding), where the condition number is infinite "
            "and has no derivative"
        )
        raise NoDerivativeError(message)
    if p is None or p in {2, -2}:
        s = np.linalg.svdvals(x)
        largest, smallest = np.max(s, axis=-1), np.min(s, axis=-1)
        return smallest / largest if p == -2 else largest / smallest  # noqa: PLR2004
    return norm(x, p, (-2, -1)) * norm(np.linalg.inv(x), p, (-2, -1))
