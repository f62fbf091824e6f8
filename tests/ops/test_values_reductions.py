"""Chosen values of reductions, scans and statistics: NaN, ties, zeros, nothing at all."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd_nn import Tensor, grad, hessian, jvp, logsumexp, vjp
from autograd_nn.errors import DtypeError, NoRuleError
from autograd_nn.ops.special import softmax
from oracles import Function

INF, NAN = np.inf, np.nan
MASK = np.array([[True, True, False], [False, False, False]])


def pull(function: Function, *xs: Any, u: Any = None) -> Any:
    """Return the gradients of ``sum(u * function(*xs))``; `u` defaults to ones."""
    out, back = vjp(function, *[np.asarray(x, float) for x in xs])
    return back(np.ones(np.shape(out)) if u is None else np.asarray(u))


def tracked(x: Any) -> Any:
    return Tensor(np.asarray(x, float), requires_grad=True)


# ---- NaN ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [np.max, np.min, np.median])
def test_the_derivative_of_an_extreme_that_is_nan_goes_to_the_nan_entries(function: Any) -> None:
    x = np.array([[1, NAN, NAN, 2], [3, 4, 4, 3]])
    assert np.isnan(function(tracked(x)).value)
    (found,) = pull(lambda x: function(x, axis=1), x)
    assert_array_equal(found[0], [0, 0.5, 0.5, 0])
    assert_allclose(found[1].sum(), 1)
    assert jvp(lambda x: function(x, axis=1), x, np.ones((2, 4)))[1].tolist() == [1, 1]


def test_quantiles_of_nan_are_nan_and_so_is_where_the_derivative_goes() -> None:
    assert_array_equal(pull(lambda x: np.quantile(x, 0.3), [1, NAN, 2])[0], [0, 1, 0])


@pytest.mark.parametrize("function", [np.nansum, np.nanprod, np.nanmean, np.nanmax, np.nanmedian])
def test_entries_that_are_skipped_have_derivative_0(function: Any) -> None:
    (found,) = pull(function, [1, NAN, 2, NAN, 3])
    assert_array_equal(found[[1, 3]], [0, 0])
    (dense,) = pull(getattr(np, function.__name__.removeprefix("nan")), [1, 2, 3])
    assert_array_equal(found[[0, 2, 4]], dense)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (np.nanmax, "All-NaN"),
        (np.nanmedian, "All-NaN"),
        (lambda x, axis: np.nanquantile(x, 0.3, axis=axis), "All-NaN"),
        (np.nanmean, "Mean of empty slice"),
        (np.nanvar, "Degrees of freedom"),
        (np.nanstd, "Degrees of freedom"),
    ],
)
def test_nothing_but_nan_gives_nan_a_warning_and_no_other_nan(function: Any, message: str) -> None:
    x = np.array([[NAN, NAN, NAN], [1, 2, 4]])
    with pytest.warns(RuntimeWarning, match=message):
        out, back = vjp(lambda x: function(x, axis=1), x)
    assert_array_equal(np.isnan(out), [True, False])
    (found,) = back(np.ones(2))
    assert np.isfinite(found).all()
    assert_array_equal(out[1:], function(x[1:], axis=1))


# ---- ties --------------------------------------------------------------------------------------


def test_a_quantile_moves_with_q_as_far_as_its_place_does() -> None:
    q = [0.0, 0.1, 0.25, 0.6, 1.0]  # at an entry, the slope is that of the next segment
    for method, expected in {
        "linear": [4, 4, 8, 16, 0],
        "weibull": [0, 0, 6, 24, 0],
        "lower": [0, 0, 0, 0, 0],
        "midpoint": [0, 0, 0, 0, 0],
    }.items():
        call: Function = lambda q, m=method: np.quantile(np.array([0, 1, 3, 7, 8.0]), q, method=m)  # noqa: E731
        assert_allclose(pull(call, q)[0], np.multiply(expected, 1.0))


def test_median_and_quantiles_share_ties_equally() -> None:
    assert_array_equal(pull(np.median, [1, 2, 2, 2, 5])[0], [0, 1 / 3, 1 / 3, 1 / 3, 0])
    assert_array_equal(pull(np.median, [1, 2, 2, 3])[0], [0, 0.5, 0.5, 0])
    assert_array_equal(pull(np.median, [2, 1, 1, 2])[0], [0.25, 0.25, 0.25, 0.25])
    found = pull(lambda x: np.quantile(x, [0, 1]), [3, 1, 1, 3], u=[1, 10])[0]
    assert_array_equal(found, [5, 0.5, 0.5, 5])
    weighted: Function = lambda x: np.quantile(  # noqa: E731
        x, 0.5, weights=np.ones(3), method="inverted_cdf"
    )
    assert_array_equal(pull(weighted, [1, 1, 1])[0], np.ones(3) / 3)


def test_equal_entries_share_their_places_when_sorted() -> None:
    x, u = [3, 1, 3, 2, 1], [1, 2, 4, 8, 16]  # sorted: 1 1 2 3 3
    expected = [12, 1.5, 12, 4, 1.5]
    assert_array_equal(pull(np.sort, x, u=u)[0], expected)
    assert_array_equal(pull(lambda x: np.sort(x[::-1]), x, u=u)[0], expected)
    assert_array_equal(jvp(np.sort, np.array(x, float), np.array(u, float))[1], [9, 9, 8, 2.5, 2.5])
    assert_array_equal(pull(lambda x: np.sort(x)[-1], x)[0], pull(np.max, x)[0])
    rows = np.array([x, [1, 1, 1, 1, 1]]).T
    assert_array_equal(
        pull(lambda x: np.sort(x, axis=0), rows, u=np.array([u, u]).T)[0].T, [expected, [6.2] * 5]
    )


def test_distinct_values_share_the_derivative_between_equal_entries() -> None:
    assert_array_equal(pull(np.unique, [3, 1, 3, 2], u=[1, 2, 4])[0], [2, 1, 2, 2])
    values, index, inverse, counts = np.unique(tracked([3, 1, 3]), True, True, True)  # noqa: FBT003
    assert (values.tolist(), index.tolist()) == ([1, 3], [1, 0])
    assert (inverse.tolist(), counts.tolist()) == ([1, 0, 1], [1, 2])
    rows = pull(lambda x: np.unique(x, axis=0), [[1, 2], [0, 1], [1, 2]], u=[[1, 2], [3, 4]])[0]
    assert_array_equal(rows, [[3, 4], [1, 2], [0, 0]])  # of equal rows, the first


def test_initial_values_share_ties_with_the_entries() -> None:
    assert_array_equal(pull(lambda x: np.max(x, initial=2), [1, 2])[0], [0, 0.5])
    masked: Function = lambda x: np.min(x, where=MASK[0], initial=9)  # noqa: E731
    assert_array_equal(pull(masked, [3, 2, 1])[0], [0, 1, 0])


# ---- nothing to reduce -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "value"), [(np.sum, 0), (np.prod, 1), (np.nansum, 0), (np.nanprod, 1)]
)
def test_sums_and_products_of_nothing_are_neutral(function: Any, value: float) -> None:
    assert function(tracked([])).value == value
    out, back = vjp(lambda x: function(x, axis=1, where=MASK), np.full((2, 3), 2.0))
    assert out[1] == value
    assert_array_equal(back(np.ones(2))[0][~MASK], 0)


@pytest.mark.parametrize(
    ("function", "message"),
    [(np.mean, "Mean of empty slice"), (np.var, "Degrees of"), (np.std, "Degrees of")],
)
def test_means_of_nothing_are_nan_with_numpys_warning_and_no_gradient(
    function: Any, message: str
) -> None:
    with pytest.warns(RuntimeWarning, match=message):
        out, back = vjp(lambda x: function(x, axis=1, where=MASK), np.arange(6.0).reshape(2, 3))
    assert np.isnan(out[1])
    assert_array_equal(back(np.ones(2))[0][~MASK], 0)


def test_the_mean_of_an_empty_array_warns_as_numpys() -> None:
    with np.errstate(invalid="ignore"), pytest.warns(RuntimeWarning, match="Mean of empty slice"):
        out = np.mean(tracked([]))
    assert np.isnan(out.value)


@pytest.mark.parametrize("function", [np.max, np.min, np.ptp])
def test_extremes_of_nothing_are_refused(function: Any) -> None:
    with pytest.raises(ValueError, match="zero-size array"):
        function(tracked([]))


@pytest.mark.parametrize("function", [np.max, np.nanmin])
def test_a_mask_of_an_extreme_needs_an_initial_value(function: Any) -> None:
    with pytest.raises(ValueError, match=f"{function.__name__}: where= .* give initial="):
        function(tracked([1, 2]), where=[True, False])


# ---- masks hide NaN and infinity ---------------------------------------------------------------


@pytest.mark.parametrize("function", [np.sum, np.prod, np.mean, np.var, np.std])
@pytest.mark.parametrize("hidden", [NAN, INF])
def test_what_a_mask_hides_reaches_neither_value_nor_gradient(function: Any, hidden: float) -> None:
    x, where = np.array([1.0, hidden, 3.0]), np.array([True, False, True])
    out, back = vjp(lambda x: function(x, where=where), x)
    shown, shown_back = vjp(function, x[where])
    assert_allclose(out, shown, rtol=1e-15)
    (found,) = back(1.0)
    assert found[1] == 0
    assert_allclose(found[where], shown_back(1.0)[0], rtol=1e-15)


def test_a_mask_larger_than_the_array_is_refused_as_by_numpy() -> None:
    with pytest.raises(ValueError, match="dimensions"):
        np.sum(tracked([1, 2, 3]), where=MASK)


# ---- spread ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        np.nanstd,
        lambda x: np.std(x, where=np.ones(3, bool)),
        lambda x: np.std(x, mean=2.0),
    ],
)
def test_every_way_to_std_has_gradient_0_at_a_constant(function: Any) -> None:
    assert_array_equal(pull(function, np.full(3, 2.0))[0], np.zeros(3))
    assert_array_equal(hessian(function)(np.full(3, 2.0)), np.zeros((3, 3)))


def test_ddof_and_correction_are_the_same_and_not_given_both() -> None:
    x = np.array([1.0, 2.0, 4.0])
    for function in (np.var, np.std, np.nanvar, np.nanstd):
        call: Any = function
        by_either = [pull(lambda x: call(x, **p), x)[0] for p in ({"ddof": 1}, {"correction": 1})]  # noqa: B023
        assert_array_equal(*by_either)
        with pytest.raises(ValueError, match="ddof"):
            call(tracked(x), ddof=1, correction=1)


@pytest.mark.parametrize("function", [np.mean, np.var, np.std, np.nanmean, np.nanvar])
def test_a_dtype_that_cuts_off_fractions_or_imaginary_parts_is_refused(function: Any) -> None:
    with pytest.raises(DtypeError, match="wider"):
        function(tracked([1.5, 2.5]), dtype=int)
    with pytest.raises(DtypeError, match="wider"):
        function(Tensor([1j, 2.0], requires_grad=True), dtype=float)


def test_a_mean_that_is_given_is_differentiated_by_itself() -> None:
    x, mean = np.array([1.0, 2.0, 4.0]), np.array([2.0])
    of_x, of_mean = pull(lambda x, m: np.var(x, mean=m), x, mean)
    assert_allclose(of_x, 2 * (x - 2) / 3)
    assert_allclose(of_mean, [-2 * np.sum(x - 2) / 3])
    assert_allclose(pull(lambda m: np.var([1, 2, 4], mean=m), mean)[0], of_mean)


@pytest.mark.parametrize(
    "function",
    [
        *(np.sum, np.mean, np.prod, np.cumsum, np.cumprod, np.var, np.std, np.nanvar, np.nanstd),
        *(np.sort, np.sort_complex, np.median, np.max, np.ptp, np.diff, np.gradient, np.unique),
        lambda z: np.cov(np.stack([z, z[::-1] * (1 + 2j)])),
        lambda z: np.corrcoef(z, z * z),
        lambda z: np.average(z, weights=np.abs(z)),
        lambda z: np.convolve(z, z * z),
        lambda z: np.correlate(z, z * z, "full"),
        lambda z: np.correlate(z[:2], z * z, "same"),
        lambda z: np.trapezoid(z, z * z),
        lambda z: np.interp([0.5, 1.5], [0.0, 1, 2], z),
    ],
)
def test_complex_values_are_differentiated(function: Any) -> None:
    z = np.array([1 + 2j, 3 - 1j, -2 + 0.5j])
    u = np.array([0.3 - 0.7j, 1 + 1j, 2.0])

    def along(t: float) -> Any:
        return function(z + t * u)

    expected = (8 * (along(1e-4) - along(-1e-4)) - (along(2e-4) - along(-2e-4))) / 12e-4
    leaf = Tensor(z, requires_grad=True)
    out = function(leaf)
    seed = np.ones(out.shape, out.dtype)
    out.backward(seed)
    assert leaf.grad is not None
    # PyTorch's convention: d = Re(sum(conj(grad) * u)) is the change of Re(sum(out)).
    found = np.real(np.sum(np.conj(leaf.grad.value) * u))
    assert_allclose(found, np.real(np.sum(expected)), rtol=1e-9)


# ---- running products --------------------------------------------------------------------------


@pytest.mark.parametrize("values", [[2, 3, 5], [2, 0, 5], [0, 0, 5], [0, 3, 0], [0, 0, 0]])
def test_cumprod_has_exact_derivatives_of_first_and_second_order_at_zeros(values: Any) -> None:
    x, n = np.array(values, float), range(len(values))

    def rest(k: int, *left_out: int) -> int:
        if len(set(left_out)) < len(left_out) or max(left_out) > k:
            return 0
        return math.prod(values[j] for j in range(k + 1) if j not in left_out)

    first = [sum(rest(k, i) for k in n) for i in n]
    second = [[sum(rest(k, i, j) for k in n) for j in n] for i in n]
    assert_array_equal(grad(lambda x: np.sum(np.cumprod(x)))(x), first)
    assert_array_equal(hessian(lambda x: np.sum(np.cumprod(x)))(x), second)


def test_tangents_of_cumprod_neither_over_nor_underflow_unless_it_does() -> None:
    x = np.concatenate([np.full(100, 1e-3), np.full(150, 1e3)])
    y, found = jvp(np.cumprod, x, np.ones(250))
    assert_allclose(found, y * np.cumsum(1 / x), rtol=1e-12)


# ---- interpolation and counts ------------------------------------------------------------------


def test_the_slope_of_interp_at_a_point_is_that_of_the_next_segment_and_0_outside() -> None:
    xp, fp = np.array([0.0, 1, 3]), np.array([0.0, 2, 3])
    (found,) = pull(lambda x: np.interp(x, xp, fp), [-1, 0, 0.5, 1, 2, 3, 4])
    assert_array_equal(found, [0, 2, 2, 0.5, 0.5, 0.5, 0])


def test_interp_at_a_jump_takes_the_value_after_it() -> None:
    xp, fp = np.array([0.0, 1, 1, 2]), np.array([0.0, 1, 5, 6])
    x = np.array([0.5, 1, 1.5, 2])
    assert_array_equal(np.interp(tracked(x), xp, fp).value, np.interp(x, xp, fp))
    of_xp, of_fp = pull(lambda xp, fp: np.interp(x, xp, fp), xp, fp)
    assert np.isfinite(of_xp).all()
    assert_array_equal(of_fp, [0.5, 0.5, 1.5, 1.5])


def test_a_histogram_finds_no_number_of_bins_for_weights() -> None:
    with pytest.raises(TypeError, match="weighted data"):
        np.histogram(tracked([1, 2, 5, 3]), "auto", weights=[1, 2, 3, 4])


def test_edges_of_a_histogram_follow_the_extremes() -> None:
    counts, edges = np.histogram(tracked([1, 2, 5, 3]), 4)
    assert (counts.tolist(), edges.tolist()) == ([1, 1, 1, 1], [1, 2, 3, 4, 5])
    (found,) = pull(lambda x: np.histogram_bin_edges(x, 4)[1], [1, 2, 5, 3])
    assert_allclose(found, [0.75, 0, 0.25, 0])
    assert np.histogram_bin_edges(np.ones(3), 2).tolist() == [0.5, 1, 1.5]
    assert np.histogram_bin_edges(tracked(np.ones(3)), 2).tolist() == [0.5, 1, 1.5]


# ---- what is not differentiated ----------------------------------------------------------------

REFUSED: dict[str, Callable[[Any], Any]] = {
    "q": lambda t: np.quantile(np.arange(2.0), t, weights=[1, 2], method="inverted_cdf"),
    "weights": lambda t: np.quantile(np.arange(2.0), 0.5, weights=t, method="inverted_cdf"),
    "sample": np.histogramdd,
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED.keys())
def test_what_moves_in_steps_is_refused_when_it_is_differentiated(call: Any) -> None:
    with pytest.raises(NoRuleError, match=r"detach|write"):
        call(tracked([0.25, 0.5]))


CONSTANTS: dict[str, Callable[[Any], Any]] = {
    "argmax": lambda t: np.argmax(t, axis=1, keepdims=True),
    "nanargmin": lambda t: np.nanargmin(t, axis=0),
    "any": lambda t: np.any(t > 2, axis=0, keepdims=True, where=[True, True, False]),
    "count_nonzero": lambda t: np.count_nonzero(t, axis=1, keepdims=True),
    "argsort": lambda t: np.argsort(t, axis=0, kind="stable"),
    "argpartition": lambda t: np.argpartition(t, 1, axis=None),
    "lexsort": lambda t: np.lexsort((t[0], t[1])),
    "searchsorted": lambda t: np.searchsorted(t[0], t[1], side="right"),
    "digitize": lambda t: np.digitize(t, [1.0, 2.0]),
    "sum(dtype=int)": lambda t: np.sum(t, dtype=int),
}


@pytest.mark.parametrize("call", CONSTANTS.values(), ids=CONSTANTS.keys())
def test_functions_of_positions_are_constants(call: Any) -> None:
    x = np.array([[1.5, 2.0, 0.5], [1.0, 3.0, 4.0]])
    found = call(tracked(x))
    assert isinstance(found, Tensor)
    assert not found.requires_grad
    assert_array_equal(found.value, call(x))


# ---- logsumexp and softmax ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "expected"),
    [([INF, 1], [1, 0]), ([INF, 0, INF, -INF], [0.5, 0, 0.5, 0]), ([-INF, INF], [0, 1])],
)
def test_infinite_entries_share_the_gradient_of_logsumexp(x: Any, expected: Any) -> None:
    assert logsumexp(np.array(x)) == INF
    assert_array_equal(pull(logsumexp, x)[0], expected)
    assert_array_equal(softmax(np.array(x)), expected)
    rows = np.array([x, np.zeros(len(x))])
    (found,) = pull(lambda x: logsumexp(x, axis=1), rows)
    assert_allclose(found, [expected, np.full(len(x), 1 / len(x))], rtol=1e-15)


def test_softmax_is_stable() -> None:
    assert_array_equal(softmax(np.array([1000.0, 1000.0, -1000.0])), [0.5, 0.5, 0])
    big = np.finfo(np.float32).max
    assert_array_equal(softmax(np.array([big, -big], np.float32)), [1, 0])
    assert_array_equal(pull(softmax, [1000.0, 1000.0], u=[1, 0])[0], [0.25, -0.25])


def test_logsumexp_takes_weights_of_either_sign() -> None:
    x, b = np.array([1000.0, 1001.0]), np.array([1.0, -1.0])
    y, sign = logsumexp(tracked(x), b=b, return_sign=True)
    assert (float(sign), y.item()) == (-1, pytest.approx(1000 + math.log(math.e - 1), rel=1e-15))
    assert np.isnan(logsumexp(x, b=b))
    assert_allclose(
        pull(lambda b: logsumexp(x, b=b, return_sign=True)[0], b)[0],
        np.array([1, math.e]) / (1 - math.e),
        rtol=1e-14,
    )
    (found,) = pull(lambda b: logsumexp([0.0, 0.0], b=b), [0, 2])
    assert_array_equal(found, [0.5, 0.5])  # a weight of 0 has a slope all the same
    assert logsumexp(np.array([0.0, INF]), b=np.array([1.0, 0.0])) == 0
