"""Making arrays: grids, diagonals, triangles, ranges."""

from operator import index
from typing import Any

import numpy as np

from autograd_nn.errors import ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare, valued
from autograd_nn.ops.indexing import scatter
from autograd_nn.table import composite, constant, linear, refuse

# ---- grids -----------------------------------------------------------------------------------


@composite(np.meshgrid)
def meshgrid(
    *xi: Value, copy: bool = True, sparse: bool = False, indexing: Any = "xy"
) -> tuple[Value, ...]:
    """Lay vectors along the axes of a grid."""
    stand_ins = np.meshgrid(*[np.arange(np.size(x)) for x in xi], sparse=True, indexing=indexing)
    grids = [np.reshape(x, along.shape) for x, along in zip(xi, stand_ins, strict=True)]
    if not sparse:
        grids = list(np.broadcast_arrays(*grids))
    return tuple(map(np.copy, grids)) if copy else tuple(grids)


@composite(np.ix_)
def ix_(*args: Value) -> tuple[Value, ...]:
    """Lay vectors along the axes of an open grid."""
    if any(np.ndim(x) != 1 for x in args):
        message = f"ix_: the arguments have shapes {[*map(np.shape, args)]}; all must be vectors"
        raise ShapeError(message)
    real = [hasattr(x, "dtype") and x.dtype.kind in "fc" for x in args]
    vectors = [x if r else np.ix_(bare(x))[0].ravel() for x, r in zip(args, real, strict=True)]
    return np.meshgrid(*vectors, indexing="ij", sparse=True, copy=False)


# ---- diagonals and triangles -----------------------------------------------------------------


def on_diagonal(v: Value, offset: int, rows: int, columns: int) -> Value:
    """Put the last axis of `v` on a diagonal of zero matrices: in memory, a regular step."""
    start = offset if offset >= 0 else -offset * columns
    places = slice(start, start + v.shape[-1] * (columns + 1), columns + 1)
    flat = scatter(v, index=(..., places), shape=(*v.shape[:-1], rows * columns))
    return np.reshape(flat, (*v.shape[:-1], rows, columns))


def diagonal_vjp(
    v: Value, _y: Value, x: Value, offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Value:
    """Put the diagonal back into zeros."""
    matrices = on_diagonal(v, offset, x.shape[axis1], x.shape[axis2])
    return np.moveaxis(matrices, (-2, -1), (axis1, axis2))


diagonal = linear(np.diagonal, diagonal_vjp)


@composite(np.diag)
def diag(v: Value, k: int = 0) -> Value:
    """Make a matrix of a diagonal, or take the diagonal of a matrix."""
    if np.ndim(v) != 1:
        np.diag(np.empty(np.shape(v)))  # NumPy's own check
        return np.diagonal(v, k)
    n = np.size(v) + abs(k)
    return on_diagonal(v, k, n, n)


@composite(np.diagflat)
def diagflat(v: Value, k: int = 0) -> Value:
    """Make a matrix with the flattened entries on a diagonal."""
    return diag(np.reshape(v, -1), k)


tril = linear(np.tril, lambda v, *_, k=0: np.tril(v, k))
triu = linear(np.triu, lambda v, *_, k=0: np.triu(v, k))


@composite(np.vander)
def vander(x: Value, N: int | None = None, increasing: bool = False) -> Value:  # noqa: FBT001, FBT002
    """Make the columns ``x ** i``, by multiplying again and again, as NumPy does."""
    if np.ndim(x) != 1:
        message = f"vander: the argument has shape {np.shape(x)}; it must be a vector"
        raise ShapeError(message)
    x = x.astype(np.promote_types(x.dtype, int))
    powers = [np.ones_like(x)]
    n = np.size(x) if N is None else N
    while len(powers) < n:
        powers.append(powers[-1] * x if len(powers) > 1 else x)
    matrix = np.stack(powers[:n], axis=1) if n else np.zeros((x.size, 0), x.dtype)
    return matrix if increasing else np.fliplr(matrix)


# ---- ranges ----------------------------------------------------------------------------------


@composite(np.linspace)
def linspace(
    start: Value,
    stop: Value,
    num: Any = 50,
    endpoint: bool = True,  # noqa: FBT001, FBT002 (NumPy's)
    retstep: bool = False,  # noqa: FBT001, FBT002
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """Divide the way from `start` to `stop` evenly."""
    num = index(num)
    ends = bare(start), bare(stop)
    natural = np.linspace(*ends, min(num, 0), device=device).dtype  # what NumPy computes in
    delta = np.subtract(stop, start)
    places = np.arange(num, dtype=natural).reshape((-1,) + (1,) * np.ndim(delta))
    parts = num - bool(endpoint)
    step = delta / parts if parts > 0 else np.nan
    if parts > 0 and not np.any(np.equal(step, 0)):
        line = places * step
    else:
        line = places / max(parts, 1) * delta  # what underflows when divided does not vanish
    line = line + start
    if endpoint and num > 1:
        line = np.where(places == num - 1, stop, line)
    line = line.astype(natural) if line.dtype != natural else line
    line = np.moveaxis(line, 0, axis) if axis else line
    if dtype is not None:
        floored = np.issubdtype(dtype, np.integer)
        line = (np.floor(line) if floored else line).astype(dtype)
    return (line, step) if retstep else line


@composite(np.logspace)
def logspace(
    start: Value,
    stop: Value,
    num: Any = 50,
    endpoint: bool = True,  # noqa: FBT001, FBT002
    base: Value = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Value:
    """Raise `base` to evenly divided powers."""
    if np.ndim(base):
        rank = max(map(np.ndim, (start, stop, base)))
        start, stop, base = (
            np.reshape(x, (1,) * (rank - np.ndim(x)) + np.shape(x)) for x in (start, stop, base)
        )
        base = np.expand_dims(base, axis)
    powers = np.power(base, np.linspace(start, stop, num, endpoint, axis=axis))
    return powers if dtype is None else powers.astype(dtype)


@composite(np.geomspace)
def geomspace(
    start: Value,
    stop: Value,
    num: Any = 50,
    endpoint: bool = True,  # noqa: FBT001, FBT002
    dtype: Any = None,
    axis: int = 0,
) -> Value:
    """Divide the way from `start` to `stop` into equal ratios."""
    natural = np.geomspace(bare(start), bare(stop), 1, dtype=dtype).dtype  # and NumPy's checks
    start, stop = valued(start), valued(stop)
    kind = np.result_type(start.dtype, stop.dtype, float(num), np.zeros((), dtype))
    start, stop = start.astype(kind), stop.astype(kind)
    sign = np.sign(start)
    low, high = start / sign, stop / sign
    line = np.logspace(np.log10(low), np.log10(high), num, endpoint)
    places = np.arange(index(num)).reshape((-1,) + (1,) * (np.ndim(line) - 1))
    line = np.where(places == 0, low, line)  # exactly, which 10 ** log10 is not
    if endpoint and num > 1:
        line = np.where(places == num - 1, high, line)
    line = line * sign
    line = np.moveaxis(line, 0, axis) if axis else line
    return line.astype(natural) if line.dtype != natural else line


# ---- filling ---------------------------------------------------------------------------------


def spread_over(shape: Any, value: Value) -> Value:
    """Stretch a value over a shape; as in any assignment, it may have more axes of length 1."""
    shape = shape if np.iterable(shape) else (shape,)
    extra = np.ndim(value) - len(shape)
    if extra > 0 and np.shape(value)[:extra] == (1,) * extra:
        value = np.reshape(value, np.shape(value)[extra:])
    return np.broadcast_to(value, shape)


@composite(np.full)
def full(
    shape: Any, fill_value: Value, dtype: Any = None, order: Any = "C", *, device: Any = None
) -> Value:
    """Fill an array with a value: with ``like=`` a Tensor, for NumPy dispatches by that alone."""
    np.empty(0, device=device)  # NumPy's own check
    filled = np.copy(spread_over(shape, fill_value), order)
    return filled if dtype is None else filled.astype(dtype)


@composite(np.full_like)
def full_like(
    a: Value,
    fill_value: Value,
    dtype: Any = None,
    order: Any = "K",
    subok: bool = True,  # noqa: ARG001, FBT001, FBT002 (it is about subclasses of ndarray)
    shape: Any = None,
    *,
    device: Any = None,
) -> Value:
    """Fill an array like another with a value."""
    np.empty(0, device=device)  # NumPy's own check
    wide = spread_over(np.shape(a) if shape is None else shape, fill_value)
    return np.copy(wide, order).astype(a.dtype if dtype is None else dtype)


constant(np.zeros_like, np.ones_like, np.empty_like)
constant(np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri, np.arange)
constant(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from)
constant(np.indices, np.diag_indices, np.tril_indices, np.triu_indices, np.mask_indices)
constant(np.broadcast_shapes, np.frombuffer, np.fromfile, np.fromstring, np.fromregex)
constant(np.loadtxt, np.genfromtxt)

for maker in (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray):
    refuse(maker, "it makes plain arrays; use np.stack to join tensors, np.copy or t.astype")
refuse(np.require, "it makes plain arrays; use the tensor itself, np.copy or t.astype")
refuse(np.asarray_chkfinite, "it makes plain arrays; use np.isfinite, and the tensor itself")
refuse(np.asmatrix, "it makes plain matrices; use np.atleast_2d")
refuse(np.bmat, "it makes plain matrices; use np.block")
refuse(np.fromiter, "it makes plain arrays of Python's numbers; use np.stack")
refuse(np.vectorize, "it makes plain arrays of Python objects; call the function on the tensor")
refuse(np.frompyfunc, "its ufuncs make arrays of Python objects; call the function on the tensor")
