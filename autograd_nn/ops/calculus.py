"""Discrete calculus: differences, slopes, integrals, interpolation, convolution."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd_nn.errors import ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare, conj, valued
from autograd_nn.ops.indexing import along, scatter
from autograd_nn.primitive import record
from autograd_nn.table import composite, linear


@composite(np.diff)
def diff(a: Value, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Value:
    """Subtract from each entry the one before it, `n` times."""
    if n < 0:
        message = f"diff: n={n} must not be negative"
        raise ValueError(message)
    if n == 0:
        return a
    a = valued(a)
    if a.ndim == 0:
        message = "diff: a number has no differences; give an array of at least one axis"
        raise ShapeError(message)
    axis = normalize_axis_index(axis, a.ndim)
    thin = tuple(1 if i == axis else length for i, length in enumerate(a.shape))
    ends = [
        [] if end is None else [end if end.ndim else np.broadcast_to(end, thin)]
        for end in (None if e is None else valued(e) for e in (prepend, append))
    ]
    if any(ends):
        a = np.concatenate([*ends[0], a, *ends[1]], axis=axis)
    for _ in range(n):
        a = a[along(axis, slice(1, None))] - a[along(axis, slice(None, -1))]
    return a


@composite(np.ediff1d)
def ediff1d(ary: Value, to_end: Any = None, to_begin: Any = None) -> Value:
    """Subtract neighbours of the flattened array, with entries of yours around."""
    flat = np.ravel(valued(ary))
    ends = [
        [] if end is None else [np.ravel(end).astype(flat.dtype)]
        for end in (None if e is None else valued(e) for e in (to_begin, to_end))
    ]
    inner = flat[1:] - flat[:-1]
    return np.concatenate([*ends[0], inner, *ends[1]]) if any(ends) else inner


@composite(np.trapezoid)
def trapezoid(y: Value, x: Value = None, dx: Value = 1.0, axis: int = -1) -> Value:
    """Integrate by the trapezoidal rule along `axis`."""
    y = valued(y)
    axis = normalize_axis_index(axis, y.ndim)
    if x is not None:
        x = valued(x)
        dx = np.diff(x, axis=axis if x.ndim > 1 else 0)
        if x.ndim == 1:
            dx = np.reshape(dx, (-1, *[1] * (y.ndim - axis - 1)))
    ends = y[along(axis, slice(1, None))] + y[along(axis, slice(None, -1))]
    return np.sum(dx * ends / 2.0, axis=axis)


# ---- gradient ----------------------------------------------------------------------------------


@composite(np.gradient)
def gradient(f: Value, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Estimate slopes by central differences inside and one-sided ones at the ends."""
    f = valued(f)
    axes = range(f.ndim) if axis is None else normalize_axis_tuple(axis, f.ndim)
    spacings = [*varargs] or [1.0]
    if len(spacings) == 1 and np.ndim(bare(spacings[0])) == 0:
        spacings *= len(axes)
    if len(spacings) != len(axes):
        message = f"gradient: {len(varargs)} spacings were given for {len(axes)} axes"
        raise TypeError(message)
    if edge_order not in (1, 2):
        message = f"gradient: edge_order={edge_order} must be 1 or 2"
        raise ValueError(message)
    if f.dtype.kind not in "fc":
        f = f.astype(float)
    slopes = [
        np.moveaxis(slopes_of(np.moveaxis(f, a, 0), h, edge_order), 0, a)
        for a, h in zip(axes, spacings, strict=True)
    ]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def slopes_of(f: Value, spacing: Any, edge_order: int) -> Value:
    """Estimate the slopes along the first axis; `spacing` is a step or the coordinates.

    Uneven steps: the quadratic through three points (A. Quarteroni, R. Sacco and F. Saleri,
    Numerical Mathematics, 2007), as in NumPy.
    """
    if len(f) < edge_order + 1:
        message = f"gradient: an axis of length {len(f)} is too short, {edge_order + 1} are needed"
        raise ShapeError(message)
    h = step_or_steps(spacing, f)
    if np.ndim(h) == 0:
        middle = (f[2:] - f[:-2]) / (2.0 * h)
        h_first = h_last = h
        forward, backward = (-1.5 / h, 2.0 / h, -0.5 / h), (0.5 / h, -2.0 / h, 1.5 / h)
    else:
        d, e = h[:-1], h[1:]
        middle = (
            -e / (d * (d + e)) * f[:-2] + (e - d) / (d * e) * f[1:-1] + d / (e * (d + e)) * f[2:]
        )
        h_first, h_last = h[0], h[-1]
    if edge_order == 1:
        first, last = (f[1] - f[0]) / h_first, (f[-1] - f[-2]) / h_last
    else:
        if np.ndim(h) > 0:
            d, e = h[0], h[1]
            forward = -(2.0 * d + e) / (d * (d + e)), (d + e) / (d * e), -d / (e * (d + e))
            d, e = h[-2], h[-1]
            backward = e / (d * (d + e)), -(e + d) / (d * e), (2.0 * e + d) / (e * (d + e))
        first = forward[0] * f[0] + forward[1] * f[1] + forward[2] * f[2]
        last = backward[0] * f[-3] + backward[1] * f[-2] + backward[2] * f[-1]
    slopes = np.concatenate([np.expand_dims(first, 0), middle, np.expand_dims(last, 0)])
    return slopes if slopes.dtype == f.dtype else slopes.astype(f.dtype)


def step_or_steps(spacing: Any, f: Value) -> Value:
    """Tell the step, or the steps between coordinates along the first axis of `f`."""
    if np.ndim(bare(spacing)) == 0:
        return spacing
    x = valued(spacing)
    if x.ndim > 1 or len(x) != len(f):
        message = f"gradient: coordinates of shape {x.shape} do not fit an axis of length {len(f)}"
        raise ShapeError(message)
    h = np.diff(x if x.dtype.kind in "fc" else x.astype(float))
    if isinstance(h, np.ndarray) and (h == h[0]).all():  # as NumPy: one step
        return h[0]
    return np.reshape(h, (-1, *[1] * (f.ndim - 1)))


# ---- interpolation -----------------------------------------------------------------------------


@composite(np.interp)
def interp(
    x: Value, xp: Value, fp: Value, left: Any = None, right: Any = None, period: Any = None
) -> Value:
    """Interpolate linearly between the points (xp, fp); at a point, the slope is the next one."""
    x, xp, fp = (as_double(valued(arg)) for arg in (x, xp, fp))
    if xp.ndim != 1 or fp.shape != xp.shape or not len(xp):
        message = f"interp: xp of shape {xp.shape} and fp of {fp.shape} must be equally long rows"
        raise ShapeError(message)
    if period is not None:
        period, left, right = np.abs(valued(period)), None, None
        if period == 0:
            message = "interp: period=0; it must be a non-zero number"
            raise ValueError(message)
        x, xp = x % period, xp % period
        order = np.argsort(bare(xp))
        xp, fp = xp[order], fp[order]
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    below, above = bare(x) < bare(xp)[0], bare(x) > bare(xp)[-1]
    if len(xp) == 1:
        y = np.broadcast_to(fp[0], x.shape)
    else:
        known = np.searchsorted(bare(xp), bare(x), side="right") - 1  # the point at or below x
        known = np.clip(known, 0, len(xp) - 1)
        segment = np.minimum(known, len(xp) - 2)
        steps = xp[1:] - xp[:-1]
        slopes = (fp[1:] - fp[:-1]) / np.where(steps == 0, 1, steps)  # at a jump: not used
        inside = np.where(np.logical_or(below, above), xp[known], x)
        y = slopes[segment] * (inside - xp[known]) + fp[known]
    y = np.where(below, fp[0] if left is None else left, y)
    return np.where(above, fp[-1] if right is None else right, y)


def as_double(x: Value) -> Value:
    """Compute in double precision, as np.interp does."""
    wide = np.result_type(x.dtype, float)
    return x if x.dtype == wide else x.astype(wide)


# ---- convolution -------------------------------------------------------------------------------


def window(n: int, m: int, mode: str) -> slice:
    """Find what part of a full convolution `mode` shows."""
    start, length = {
        "full": (0, n + m - 1),
        "same": ((min(n, m) - 1) // 2, max(n, m)),
        "valid": (min(n, m) - 1, max(n, m) - min(n, m) + 1),
    }[mode]
    return slice(start, start + length)


def correlation(v: Value, x: Value, other: Value, mode: str) -> Value:
    """Carry a cotangent of a convolution of `x` back to `x`, sliding `other` over it."""
    n, m = x.shape[0], other.shape[0]
    full = scatter(v, index=window(n, m, mode), shape=(n + m - 1,))
    return np.convolve(full, other[::-1], mode="valid")


convolution = linear(
    np.convolve,
    lambda v, _y, a, b, mode="full": correlation(v, a, b, mode),
    lambda v, _y, a, b, mode="full": correlation(v, b, a, mode),
)


@composite(np.convolve)
def convolve(a: Value, v: Value, mode: str = "full") -> Value:
    """Slide `v`, reversed, over `a`, and sum the products."""
    a, v = (np.reshape(x, -1) if np.ndim(x) == 0 else x for x in (valued(a), valued(v)))
    y: Value = record(convolution, (a, v), {"mode": mode})
    return y


@composite(np.correlate)
def correlate(a: Value, v: Value, mode: str = "valid") -> Value:
    """Slide the conjugate of `v` over `a`, and sum the products."""
    a, v = (np.reshape(x, -1) if np.ndim(x) == 0 else x for x in (valued(a), valued(v)))
    longer = len(v) > len(a)  # then NumPy slides the shorter one all the same
    pair = (conj(v), a[::-1]) if longer else (a, conj(v)[::-1])
    y: Value = record(convolution, pair, {"mode": mode})
    return y[::-1] if longer else y
