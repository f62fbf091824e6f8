"""The keywords of reductions, composed: dtype=, initial=, where=; and those that skip NaN.

`dtype` converts first, `where` puts the neutral entry in place of what is not selected, and
`initial` takes part as one entry more.  `out` is the business of the protocols.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.errors import DtypeError, ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops import reductions
from autograd_nn.ops.arguments import bare, fixed, squared, typed, valued
from autograd_nn.primitive import NO_PARAMS, Primitive, record
from autograd_nn.table import composite


def mask_of(where: Any, a: Value) -> Value:
    """Stretch a mask over the shape of what it selects from."""
    return np.broadcast_to(np.asarray(bare(where), bool), a.shape)


def select(a: Value, where: Any, neutral: float) -> Value:
    """Put the neutral entry in place of what `where` does not select."""
    return a if where is True else np.where(mask_of(where, a), a, neutral)


def like(number: Any, a: Value) -> Value:
    """Convert a number to the dtype of `a`, as NumPy converts initial=."""
    return valued(number).astype(a.dtype)


def accumulating(
    function: Callable[..., Any], primitive: Primitive, combine: Callable[..., Any], neutral: int
) -> Any:
    """Enter sum or prod with all of its keywords."""

    @composite(function)
    def reduce(
        a: Value,
        axis: Any = None,
        dtype: Any = None,
        keepdims: bool = False,  # noqa: FBT001, FBT002 (NumPy's signature)
        initial: Any = None,
        where: Any = True,  # noqa: FBT002
    ) -> Value:
        whole = axis is None and not keepdims
        params = NO_PARAMS if whole else {"axis": axis, "keepdims": keepdims}
        if dtype is None and where is True and initial is None:
            return record(primitive, (a,), params)
        y: Value = record(primitive, (select(typed(a, dtype), where, neutral),), params)
        return y if initial is None else combine(y, like(initial, y))

    return reduce


total = accumulating(np.sum, reductions.sum, np.add, 0)
product = accumulating(np.prod, reductions.prod, np.multiply, 1)


def extreme(
    function: Callable[..., Any], primitive: Primitive, choose: Callable[..., Any], least: float
) -> Any:
    """Enter a maximum or minimum with all of its keywords."""

    @composite(function)
    def reduce(
        a: Value,
        axis: Any = None,
        keepdims: bool = False,  # noqa: FBT001, FBT002
        initial: Any = None,
        where: Any = True,  # noqa: FBT002
    ) -> Value:
        params = {"axis": axis, "keepdims": keepdims}
        if initial is not None:
            a = select(a, where, least)
            y: Value = record(primitive, (a,), params | {"initial": least})
            return choose(y, like(initial, y))
        if where is not True:
            message = (
                f"{function.__name__}: where= may leave nothing to choose from; give initial=, "
                "the value to return then"
            )
            raise ShapeError(message)
        return record(primitive, (a,), params)

    return reduce


extreme(np.max, reductions.max, np.maximum, -np.inf)
extreme(np.min, reductions.min, np.minimum, np.inf)
extreme(np.amax, reductions.max, np.maximum, -np.inf)  # the older names of the same
extreme(np.amin, reductions.min, np.minimum, np.inf)
extreme(np.nanmax, reductions.nanmax, np.maximum, -np.inf)
extreme(np.nanmin, reductions.nanmin, np.minimum, np.inf)


@composite(np.ptp)
def ptp(
    a: Value,
    axis: Any = None,
    keepdims: bool = False,  # noqa: FBT001, FBT002
) -> Value:
    """Subtract the smallest entry from the largest, along `axis`."""
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


# ---- means and variances of what is selected ---------------------------------------------------


def number_of(a: Value, axis: Any, keepdims: bool, where: Any) -> Value:  # noqa: FBT001
    """Count the selected entries that go into each result, in the real dtype of `a`."""
    n = np.sum(mask_of(where, a), axis=axis, keepdims=keepdims)
    return np.asarray(n, np.finfo(a.dtype).dtype if a.dtype.kind in "fc" else float)[()]


def check_wide(name: str, a: Value, dtype: Any) -> None:
    """Refuse a dtype= that cuts off fractions or imaginary parts."""
    if np.dtype(dtype).kind not in ("c" if valued(a).dtype.kind == "c" else "fc"):
        message = f"{name}: dtype={np.dtype(dtype)} loses part of each number; give a wider one"
        raise DtypeError(message)


def mean_of_selected(a: Value, axis: Any, keepdims: bool, where: Any) -> Value:  # noqa: FBT001
    """Average the selected entries; the average of none is NaN."""
    n = number_of(a, axis, keepdims, where)
    return total(a, axis, keepdims=keepdims, where=where) / np.where(n == 0, like(np.nan, n), n)


@composite(np.mean)
def mean(
    a: Value,
    axis: Any = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    where: Any = True,
) -> Value:
    """Average the selected entries along `axis`."""
    if dtype is not None:
        check_wide("mean", a, dtype)
        a = typed(a, dtype)
    if where is True:
        return record(reductions.mean, (a,), {"axis": axis, "keepdims": keepdims})
    if np.any(number_of(a, axis, keepdims, where) == 0):
        warnings.warn("Mean of empty slice", RuntimeWarning, stacklevel=3)
    return mean_of_selected(a, axis, keepdims, where)


@composite(np.nanmean)
def nanmean(
    a: Value,
    axis: Any = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    where: Any = True,
) -> Value:
    """Average the selected entries that are not NaN."""
    return mean(a, axis, dtype, keepdims=keepdims, where=numbers(a, where))


def numbers(a: Value, where: Any) -> Value:
    """Select what is not NaN."""
    return np.logical_and(np.logical_not(np.isnan(bare(a))), bare(where))


def variance(
    a: Value,
    axis: Any,
    ddof: float,
    keepdims: bool,  # noqa: FBT001
    where: Any,
    mean: Any,
    *,
    skips_nan: bool,
) -> Value:
    """Average squared deviations of the selected entries; where there are none, give NaN."""
    n = number_of(a, axis, keepdims, where)
    if np.any(n <= ddof):
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=4)
    centre = mean_of_selected(a, axis, True, where) if mean is None else mean  # noqa: FBT003
    squares = squared(select(a - centre, where, 0))
    undefined = n <= ddof if skips_nan else n == 0  # as np.nanvar and np.var have it
    divisor = np.where(undefined, like(np.nan, n), np.maximum(n - like(ddof, n), 0))
    return total(squares, axis, keepdims=keepdims) / divisor


def root(variance: Value) -> Value:
    """Take the square root, whose derivative at 0 is chosen to be 0."""
    flat = variance == 0
    return np.where(flat, 0, np.sqrt(np.where(flat, 1, variance)))


def deviating(
    function: Callable[..., Any], primitive: Primitive | None, finish: Callable[[Value], Value]
) -> None:
    """Enter a measure of spread with all of its keywords; without a primitive it skips NaN."""

    @composite(function)
    def measure(
        a: Value,
        axis: Any = None,
        dtype: Any = None,
        ddof: float = 0,
        *,
        keepdims: bool = False,
        where: Any = True,
        mean: Any = None,
        correction: float | None = None,
    ) -> Value:
        if correction is not None and ddof != 0:
            message = f"{function.__name__}: ddof= and correction= are the same; give one of them"
            raise ValueError(message)
        ddof = fixed(ddof if correction is None else correction, f"{function.__name__}: ddof")
        if dtype is not None:
            check_wide(function.__name__, a, dtype)
            y = measure(typed(a, dtype), axis, ddof=ddof, keepdims=keepdims, where=where, mean=mean)
            return y if y.dtype == dtype else y.astype(dtype)
        if primitive is not None and where is True and mean is None:
            return record(primitive, (a,), {"axis": axis, "ddof": ddof, "keepdims": keepdims})
        a, skips_nan = valued(a), primitive is None
        if skips_nan:
            where = numbers(a, where)
            mean = None if mean is None else typed(mean, a.dtype)  # as NumPy
        return finish(variance(a, axis, ddof, keepdims, where, mean, skips_nan=skips_nan))


deviating(np.var, reductions.var, np.positive)
deviating(np.std, reductions.std, root)
deviating(np.nanvar, None, np.positive)
deviating(np.nanstd, None, root)


# ---- sums and products that skip NaN -----------------------------------------------------------


def without_nan(a: Any, neutral: int, dtype: Any) -> Value:
    """Put the neutral entry in place of NaN."""
    a = valued(a)
    return typed(np.where(np.isnan(a), neutral, a), dtype)


def skipping(function: Callable[..., Any], body: Callable[..., Any], neutral: int) -> None:
    """Enter a sum or product that takes NaN for the neutral entry."""

    @composite(function)
    def reduce(
        a: Value,
        axis: Any = None,
        dtype: Any = None,
        keepdims: bool = False,  # noqa: FBT001, FBT002
        initial: Any = None,
        where: Any = True,  # noqa: FBT002
    ) -> Value:
        a = without_nan(a, neutral, dtype)
        return body(a, axis, keepdims=keepdims, initial=initial, where=where)


skipping(np.nansum, total, 0)
skipping(np.nanprod, product, 1)
