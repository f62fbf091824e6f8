"""Weighted averages, covariances, counts."""

import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_nn.errors import ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare, fixed, valued
from autograd_nn.ops.indexing import scatter
from autograd_nn.table import composite, refuse


@composite(np.average)
def average(
    a: Value,
    axis: Any = None,
    weights: Any = None,
    returned: bool = False,  # noqa: FBT001, FBT002 (NumPy's signature)
    *,
    keepdims: bool = False,
) -> Any:
    """Average along `axis`, with weights of the shape of `a` or of the axes averaged over."""
    a = valued(a)
    if weights is None:
        y = np.mean(a, axis=axis, keepdims=keepdims)
        scale = np.asarray(a.size / y.size, y.dtype)
    else:
        w = stretched(valued(weights), a, axis)
        scale = np.sum(w, axis=axis, keepdims=keepdims)
        if np.any(bare(scale) == 0):
            message = "average: weights sum to zero, so they cannot be normalised"
            raise ZeroDivisionError(message)
        y = np.sum(a * w, axis=axis, keepdims=keepdims) / scale
    return (y, np.broadcast_to(scale, y.shape)) if returned else y


def stretched(w: Value, a: Value, axis: Any) -> Value:
    """Give weights the dtype of the result, and an axis for each axis of `a`."""
    dtype = np.result_type(a.dtype, w.dtype, *([] if a.dtype.kind in "fc" else [float]))
    w = w if w.dtype == dtype else w.astype(dtype)
    if w.shape == a.shape:
        return w
    if axis is None:
        message = f"average: weights of shape {w.shape} and a of {a.shape} differ; say axis="
        raise TypeError(message)
    axes = normalize_axis_tuple(axis, a.ndim)
    if w.shape != tuple(a.shape[i] for i in axes):
        message = f"average: weights of shape {w.shape} do not fit axis {axis} of {a.shape}"
        raise ShapeError(message)
    w = np.transpose(w, tuple(np.argsort(axes)))
    wide = np.reshape(w, tuple(n if i in axes else 1 for i, n in enumerate(a.shape)))
    return np.broadcast_to(wide, a.shape)


# ---- covariance --------------------------------------------------------------------------------


def observations(m: Any, dtype: Any, rowvar: bool) -> Value:  # noqa: FBT001
    """Make rows of variables, columns of observations."""
    m = valued(m)
    if m.ndim > 2:  # noqa: PLR2004
        message = f"cov: observations of shape {m.shape} have more than 2 axes"
        raise ShapeError(message)
    X = m if m.dtype == dtype else m.astype(dtype)
    if m.ndim < 2:  # noqa: PLR2004
        return np.reshape(X, (1, -1))
    return X if rowvar else np.transpose(X)


def observation_weights(w: Any, n: int, name: str) -> Value:
    """Check one weight per observation, in double precision as NumPy does."""
    w = valued(w)
    if w.ndim != 1 or len(w) != n:
        message = f"cov: {name} of shape {w.shape} must be one number for each of {n} observations"
        raise ShapeError(message)
    if np.any(bare(w) < 0):
        message = f"cov: {name} must not be negative"
        raise ValueError(message)
    return w if w.dtype == float else w.astype(float)


@composite(np.cov)
def cov(
    m: Value,
    y: Any = None,
    rowvar: bool = True,  # noqa: FBT001, FBT002
    bias: bool = False,  # noqa: FBT001, FBT002
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Value:
    """Estimate the covariance matrix of variables in rows (columns, if not `rowvar`)."""
    if ddof is not None and ddof != int(ddof):
        message = f"cov: ddof={ddof} must be an integer"
        raise ValueError(message)
    given = [valued(x).dtype for x in (m, y) if x is not None]
    dtype = np.dtype(np.result_type(*given, float) if dtype is None else dtype)
    X = observations(m, dtype, rowvar)
    if X.shape[0] == 0:
        return np.reshape(X, (0, 0))
    if y is not None:
        other = valued(y)
        by_row = rowvar or other.ndim < 2 or other.shape[0] == 1  # noqa: PLR2004 (as NumPy)
        X = np.concatenate([X, observations(other, dtype, by_row)])
    ddof = (0 if bias else 1) if ddof is None else ddof
    n = X.shape[1]
    frequency = None if fweights is None else observation_weights(fweights, n, "fweights")
    weight = None if aweights is None else observation_weights(aweights, n, "aweights")
    if frequency is not None and np.any(bare(frequency) != np.rint(bare(frequency))):
        message = "cov: fweights must be whole numbers"
        raise TypeError(message)
    w = frequency if weight is None else weight if frequency is None else frequency * weight
    mean, total = np.average(X, axis=1, weights=w, returned=True)
    if w is None:
        freedom: Any = n - ddof
    elif ddof == 0 or weight is None:
        freedom = total[0] - ddof
    else:
        freedom = total[0] - ddof * np.sum(w * weight) / total[0]
    if np.real(bare(freedom)) <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=3)
        freedom = np.float64(0)
    X = X - np.expand_dims(mean, 1)
    XT = np.conjugate(np.transpose(X if w is None else X * w))
    c = X @ XT
    return np.squeeze(c * np.true_divide(1, freedom).astype(c.dtype))


@composite(np.corrcoef)
def corrcoef(
    x: Value,
    y: Any = None,
    rowvar: bool = True,  # noqa: FBT001, FBT002
    *,
    dtype: Any = None,
) -> Value:
    """Estimate the correlations of variables in rows (columns, if not `rowvar`)."""
    c = np.cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    deviation = np.sqrt(np.real(np.einsum("ii->i", c)))
    c = c / np.expand_dims(deviation, 1) / deviation
    if c.dtype.kind != "c":
        return np.clip(c, -1, 1)
    return np.clip(np.real(c), -1, 1) + 1j * np.clip(np.imag(c), -1, 1)


# ---- counts ------------------------------------------------------------------------------------


@composite(np.bincount)
def bincount(x: Value, /, weights: Any = None, minlength: int = 0) -> Value:
    """Sum the weights of each of 0, 1, 2, ..."""
    x = fixed(x, "bincount: the argument x")
    counts = np.bincount(x, minlength=minlength)
    if weights is None:
        return counts
    return binned(x, weights, len(counts))


def binned(places: Any, weights: Any, n: int) -> Value:
    """Sum, in double precision, the weights that go to each of `n` places."""
    w = valued(weights)
    w = w.astype(np.result_type(w.dtype, float))
    return scatter(w, index=(np.asarray(places),), shape=(n,))


@composite(np.histogram_bin_edges)
def histogram_bin_edges(
    a: Value,
    bins: Any = 10,
    range: Any = None,  # noqa: A002 (NumPy's name)
    weights: Any = None,
) -> Value:
    """Divide the range from the smallest to the largest entry into bins."""
    edges = np.histogram_bin_edges(bare(a), bare(bins), range, bare(weights))
    if np.ndim(bare(bins)) > 0:
        return valued(bins)
    if range is not None or np.size(bare(a)) == 0:
        return edges
    first, last = np.min(a), np.max(a)
    if bare(first) == bare(last):  # NumPy then takes 1 around it
        first, last = first - 0.5, last + 0.5
    n = len(edges) - 1
    inner = np.arange(n) * np.expand_dims((last - first) / n, 0) + first
    return np.concatenate([inner.astype(edges.dtype), np.expand_dims(last, 0).astype(edges.dtype)])


@composite(np.histogram)
def histogram(
    a: Value,
    bins: Any = 10,
    range: Any = None,  # noqa: A002
    density: bool | None = None,  # noqa: FBT001
    weights: Any = None,
) -> Any:
    """Count the entries in each bin, or sum their weights: by value `a` itself, in steps.

    Only the edges and the weights are differentiated; so is the density, through both.
    """
    counts, _ = np.histogram(bare(a), bare(bins), range)
    edges = np.histogram_bin_edges(a, bins, range, weights)
    if weights is not None:
        bare_edges = bare(edges)
        flat = np.ravel(bare(a))
        places = np.searchsorted(bare_edges, flat, side="right") - 1
        places[flat == bare_edges[-1]] = len(counts) - 1  # the last bin has its right edge
        inside = (places >= 0) & (places < len(counts))
        w = np.ravel(valued(weights))
        counts = binned(places[inside], w[inside], len(counts)).astype(w.dtype)
    if not density:
        return counts, edges
    widths = np.diff(edges).astype(float)
    return counts / widths / np.sum(counts), edges


for function in (np.histogram2d, np.histogramdd):
    refuse(
        function,
        "counts move in steps; detach() the samples if that is wanted, and for differentiable "
        "weights find the bins with np.digitize and sum with np.bincount(..., weights=)",
    )
