"""What depends on the order of the entries: sorting, medians and quantiles, distinct values.

All of it is made of `sort`, whose entries share the derivative equally where they tie, as
those of max and min do; so the median shares it too.
"""

import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd_nn.errors import DtypeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare, fixed, is_differentiated, valued
from autograd_nn.ops.indexing import scatter
from autograd_nn.ops.reductions import extreme_jvp, extreme_vjp
from autograd_nn.primitive import Primitive, record
from autograd_nn.table import composite, constant

constant(np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize)


def averaged(v: Value, y: Value, axis: int) -> Value:
    """Average `v` over each run of equal entries (or NaN) in the sorted `y`."""
    y = np.moveaxis(bare(y), axis, -1)
    same = y[..., 1:] == y[..., :-1]
    if np.any(np.isnan(y)):
        same |= np.isnan(y[..., 1:]) & np.isnan(y[..., :-1])
    if not np.any(same):
        return v
    begins = np.concatenate([np.ones((*y.shape[:-1], 1), bool), ~same], axis=-1)
    runs = np.reshape(np.cumsum(begins) - 1, y.shape)
    sizes = np.bincount(np.reshape(runs, -1)).astype(v.dtype)
    runs = np.moveaxis(runs, -1, axis)
    return (scatter(v, index=(runs,), shape=sizes.shape) / sizes)[runs]


def rank(x: Value, axis: int) -> Value:
    """Find the place that each entry takes when sorted."""
    return np.argsort(np.argsort(bare(x), axis=axis, kind="stable"), axis=axis)


@lambda function: Primitive(
    function,
    [lambda v, y, x, axis, kind: np.take_along_axis(averaged(v, y, axis), rank(x, axis), axis)],
    [
        lambda v, y, x, axis, kind: averaged(
            np.take_along_axis(v, np.argsort(bare(x), axis=axis, kind="stable"), axis), y, axis
        )
    ],
)
def sorting(x: Value, axis: int, kind: Any) -> Value:
    """Sort along one axis, counted from the front."""
    return np.sort(x, axis=axis, kind=kind)


@composite(np.sort)
def sort(
    a: Value, axis: int | None = -1, kind: Any = None, order: None = None, *, stable: Any = None
) -> Value:
    """Sort along `axis`; None flattens first."""
    if order is not None:
        message = "sort: order= is for arrays with fields, which have no derivatives"
        raise ValueError(message)
    if axis is None:
        a, axis = np.ravel(a), 0
    kind = "stable" if stable else kind
    y: Value = record(sorting, (a,), {"axis": normalize_axis_index(axis, a.ndim), "kind": kind})
    return y


@composite(np.sort_complex)
def sort_complex(a: Value) -> Value:
    """Sort along the last axis, and convert to complex."""
    y = np.sort(a)
    return y if y.dtype.kind == "c" else y.astype(complex)


@composite(np.partition)
def partition(
    a: Value, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: None = None
) -> Value:
    """Bring the entries of rank `kth` to their places, smaller ones before, larger ones after."""
    if order is not None:
        message = "partition: order= is for arrays with fields, which have no derivatives"
        raise ValueError(message)
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = normalize_axis_index(axis, a.ndim)
    return np.take_along_axis(
        np.sort(a, axis=axis), rank(np.partition(bare(a), bare(kth), axis, kind), axis), axis
    )


# ---- medians and quantiles ---------------------------------------------------------------------


def gathered(a: Value, axis: Any) -> tuple[Value, tuple[int, ...]]:
    """Flatten the axes to be reduced into a first one; tell the shape that keepdims keeps."""
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    kept = tuple(1 if i in axes else n for i, n in enumerate(a.shape))
    rest = [n for i, n in enumerate(a.shape) if i not in axes]
    n = int(np.prod([a.shape[i] for i in axes]))
    return np.reshape(np.moveaxis(a, axes, tuple(range(len(axes)))), (n, *rest)), kept


@composite(np.median)
def median(
    a: Value,
    axis: Any = None,
    keepdims: bool = False,  # noqa: FBT001, FBT002
) -> Value:
    """Find the middle entry along `axis`, or the mean of the middle two."""
    columns, kept = gathered(valued(a), axis)
    n = len(columns)
    s = np.sort(columns, axis=0)
    y = np.mean(s[(n - 1) // 2 : n // 2 + 1] if n else s, axis=0)
    if n:
        y = np.where(np.isnan(bare(s)[-1]), s[-1], y)
    return np.reshape(y, kept) if keepdims else y


@composite(np.nanmedian)
def nanmedian(
    a: Value,
    axis: Any = None,
    keepdims: bool = False,  # noqa: FBT001, FBT002
) -> Value:
    """Find the middle of the entries that are not NaN."""
    columns, kept = gathered(valued(a), axis)
    s, n = sorted_numbers(columns)
    low, high = (np.expand_dims(np.maximum(k, 0), 0) for k in ((n - 1) // 2, n // 2))
    y = np.take_along_axis(s, low, 0)[0] / 2 + np.take_along_axis(s, high, 0)[0] / 2
    return np.reshape(y, kept) if keepdims else y


def sorted_numbers(columns: Value) -> tuple[Value, Value]:
    """Sort along the first axis, NaN last, and count what is not NaN."""
    s = np.sort(columns, axis=0)
    n = np.sum(~np.isnan(bare(s)), axis=0)
    if np.any(n == 0):
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=4)
    return s, n


# Between sorted entries, numbered from 0, the quantile q of n lies at (n + 1 - a - b) q + a - 1:
# R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, Am. Stat. 50 (1996).
PLACES = {
    "linear": (1, 1),
    "hazen": (1 / 2, 1 / 2),
    "weibull": (0, 0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
    "interpolated_inverted_cdf": (0, 1),
}
STEPPED = {"inverted_cdf", "closest_observation", "lower", "higher", "nearest"}


def quantile_of(columns: Value, q: Any, method: str, *, skips_nan: bool) -> Value:
    """Find quantiles along the first axis.

    NumPy itself tells where they lie: a quantile of 0, 1, ..., n - 1 is its place among n.
    """
    weak, varied, q = type(q) in (int, float), q, np.asarray(bare(q))
    if columns.dtype.kind == "c":
        message = "quantiles of complex numbers are not defined; take those of the parts"
        raise DtypeError(message)
    s, n = np.sort(columns, axis=0), columns.shape[0]
    rest = s.shape[1:]
    if skips_nan:
        s, n = sorted_numbers(columns)
        place = np.empty((*q.shape, *rest))
        for k in np.unique(n):
            place[..., n == k] = np.expand_dims(place_of(q, int(k), method), -1)
    else:
        place = np.broadcast_to(
            np.reshape(place_of(q, n, method), (*q.shape, *[1] * len(rest))), (*q.shape, *rest)
        )
    places = np.reshape(place, (q.size, *rest))
    low = places.astype(np.intp)
    y = np.take_along_axis(s, low, 0)
    if not (method in STEPPED or (method == "linear" and q.dtype.kind in "iu")):
        high = np.clip(low + 1, 0, np.maximum(n - 1, 0))
        t: Value = (places - low).astype(np.result_type(q, np.float16) if not weak else float)
        if weak:  # a Python number, which does not widen float32
            t = t.astype(y.dtype) if skips_nan or not t.size else float(t.flat[0])
        if is_differentiated(varied) and method in PLACES:  # the others go in steps
            t = moved(t, np.reshape(varied, (-1, *[1] * len(rest))), n, method)
        y = between(y, np.take_along_axis(s, high, 0), t)
    if not skips_nan:
        y = np.where(np.isnan(bare(s)[-1]), s[-1], y)
    return np.reshape(y, place.shape)


def place_of(q: Any, n: int, method: Any) -> Value:
    """Find where among `n` sorted entries a quantile lies; among none, at 0."""
    return np.quantile(np.arange(n or 1), q, method=method)


def moved(t: Value, q: Value, n: Value, method: str) -> Value:
    """Let the fraction `t` of a step move with `q`, but below the first entry."""
    a, b = PLACES[method]
    rate = n + 1 - a - b
    slope = np.where(rate * bare(q) + a >= 1, rate, 0).astype(t.dtype)
    return t + slope * (q - bare(q))


def between(a: Value, b: Value, t: Value) -> Value:
    """Interpolate linearly, monotonously in `t`, as np.quantile does."""
    step = b - a
    later = np.asarray(bare(t)) >= 0.5  # noqa: PLR2004 (nearer to b)
    return np.where(later, b - step * (1 - t), a + step * t)


# An inverted distribution function picks an entry: its derivative is that of an extreme.
picking = Primitive(np.quantile, [extreme_vjp], [extreme_jvp])
nan_picking = Primitive(np.nanquantile, [extreme_vjp], [extreme_jvp])


def quantiles(function: Any, percent: bool, skips_nan: bool) -> None:  # noqa: FBT001
    """Enter a quantile function with all of its keywords."""
    name = function.__name__

    @composite(function)
    def find(
        a: Value,
        q: Any,
        axis: Any = None,
        method: str = "linear",
        *,
        keepdims: bool = False,
        weights: Any = None,
    ) -> Value:
        a = valued(a)
        if percent:
            q = q / 100 if isinstance(q, int | float) else np.true_divide(q, 100)
        if weights is not None:
            q = fixed(q, f"{name}: with weights=, the argument q")
            weights = fixed(weights, f"{name}: the argument weights")
            params = {"axis": axis, "method": method, "keepdims": keepdims, "weights": weights}
            primitive = nan_picking if skips_nan else picking
            picked: list[Value] = [record(primitive, (a,), {"q": k, **params}) for k in np.ravel(q)]
            return np.reshape(np.stack(picked), (*np.shape(q), *np.shape(picked[0])))
        columns, kept = gathered(a, axis)
        y = quantile_of(columns, q, method, skips_nan=skips_nan)
        return np.reshape(y, (*np.shape(q), *kept)) if keepdims else y


quantiles(np.quantile, percent=False, skips_nan=False)
quantiles(np.percentile, percent=True, skips_nan=False)
quantiles(np.nanquantile, percent=False, skips_nan=True)
quantiles(np.nanpercentile, percent=True, skips_nan=True)


# ---- distinct values ---------------------------------------------------------------------------


def distinct(a: Value, values: Value) -> Value:
    """Find the `values` among the sorted entries of `a`; equal entries share them."""
    s = np.sort(a, axis=None)
    order = np.sort(values)
    starts = np.searchsorted(bare(s), order)  # NaN is found too, and sorted last
    repeats = np.arange(len(order)) - np.searchsorted(order, order)  # several NaN
    return s[(starts + repeats)[rank(values, 0)]]


@composite(np.unique)
def unique(
    ar: Value,
    return_index: bool = False,  # noqa: FBT001, FBT002
    return_inverse: bool = False,  # noqa: FBT001, FBT002
    return_counts: bool = False,  # noqa: FBT001, FBT002
    axis: int | None = None,
    **others: Any,
) -> Any:
    """Find the distinct entries, or along `axis` the distinct slices, each where it is first."""
    numpys: Any = np.unique  # whose types tell flags apart
    flags = return_index, return_inverse, return_counts
    if axis is None:
        found = numpys(bare(ar), *flags, **others)
        values, *rest = found if any(flags) else (found,)
        values = distinct(ar, values)
    else:
        found = numpys(bare(ar), True, *flags[1:], axis=axis, **others)  # noqa: FBT003
        _, index, *rest = found
        rest = [index, *rest] if return_index else rest
        values = ar[(*[slice(None)] * normalize_axis_index(axis, ar.ndim), index)]
    return (values, *rest) if any(flags) else values


@composite(np.unique_values)
def unique_values(x: Value) -> Value:
    """Find the distinct entries."""
    return distinct(x, np.unique_values(bare(x)))


def with_distinct_values(function: Any) -> None:
    """Enter a function that returns distinct entries and facts about them."""

    @composite(function)
    def find(x: Value) -> Any:
        found = function(bare(x))
        return found._replace(values=distinct(x, found.values))


for function in (np.unique_all, np.unique_counts, np.unique_inverse):
    with_distinct_values(function)
