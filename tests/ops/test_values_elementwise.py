"""Chosen values of elementwise functions at kinks, ties, zeros, infinities, and their spellings."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd_nn import Tensor, grad, jvp, vjp
from autograd_nn.errors import NoRuleError
from autograd_nn.table import CONSTANTS, TABLE
from oracles import Function

INF, NAN = np.inf, np.nan


def pull(function: Function, *xs: Any) -> Any:
    """Return the gradients of ``sum(function(*xs))``."""
    out, back = vjp(function, *[np.asarray(x, float) for x in xs])
    return back(np.ones(np.shape(out)))


def tensor(x: Any) -> Any:
    return Tensor(x, requires_grad=True)


def test_every_ufunc_of_numpy_is_known() -> None:
    ufuncs = {f for f in vars(np).values() if isinstance(f, np.ufunc) and f.signature is None}
    assert ufuncs - set(TABLE) - CONSTANTS == set()


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (np.gcd, (12, 18)),
        (np.lcm, (4, 6)),
        (np.left_shift, (1, 3)),
        (np.bitwise_right_shift, (8, 1)),
        (np.bitwise_count, (7,)),
        (np.isposinf, (INF,)),
        (np.isclose, (1.0, 1.0)),
        (np.array_equiv, (1.0, 1.0)),
        (np.iscomplex, (1.0,)),
        (np.isrealobj, (1.0,)),
    ],
)
def test_functions_of_values_alone_are_constants(function: Any, args: Any) -> None:
    found = function(*[tensor(a) if isinstance(a, float) else Tensor(a) for a in args])
    assert not getattr(found, "requires_grad", False)
    assert getattr(found, "value", found) == function(*args)


# ---- powers and roots --------------------------------------------------------------------------


@pytest.mark.parametrize("power", [np.power, np.float_power])
@pytest.mark.parametrize(
    ("x", "y", "of_x", "of_y"),
    [
        (0, 0, 0, 0),
        (0, 1, 1, 0),
        (0, 2, 0, 0),
        (0, 0.5, INF, 0),
        (0, -1, -INF, -INF),
        (-2, 3, 12, NAN),
        (-2, -1, -0.25, NAN),
        (-2, 0, 0, NAN),
        (2, 0, 0, math.log(2)),
    ],
)
def test_slopes_of_powers(power: Any, x: float, y: float, of_x: float, of_y: float) -> None:
    with np.errstate(all="ignore"):
        assert_array_equal(pull(power, x, y), [of_x, of_y])
        assert_array_equal(pull(lambda x: power(x, y), x), [of_x])
        assert_array_equal(pull(lambda x: power(x, np.array(y)), x), [of_x])
        assert_array_equal(jvp(power, (float(x), float(y)), (1.0, 0.0))[1], of_x + 0 * of_y)


def test_an_unsigned_exponent_of_0_does_not_wrap_around() -> None:
    y = np.array([0, 1, 2], np.uint8)
    assert_array_equal(pull(lambda x: x**y, np.full(3, 1e10))[0], [0, 1, 2e10])


def test_roots_have_an_infinite_slope_at_0() -> None:
    with np.errstate(divide="ignore"):
        assert_array_equal(pull(np.sqrt, 0), [INF])
        assert_array_equal(pull(np.cbrt, 0), [INF])


# ---- sizes, signs and angles -------------------------------------------------------------------


@pytest.mark.parametrize("function", [np.absolute, np.fabs, lambda x: np.copysign(x, 1)])
def test_sizes_are_flat_at_0(function: Any) -> None:
    assert_array_equal(pull(function, [-2, 0, -0.0, 3])[0], [-1, 0, 0, 1])
    assert grad(grad(function))(0.0) == 0


def test_copysign_follows_the_sign_of_zeros_too() -> None:
    of_x, of_y = pull(np.copysign, [2, -2, 2, -2], [0.0, 0.0, -0.0, -3])
    assert_array_equal(of_x, [1, -1, -1, 1])
    assert_array_equal(of_y, [0, 0, 0, 0])


@pytest.mark.parametrize("function", [np.arctan2, np.hypot])
def test_the_origin_is_flat(function: Any) -> None:
    assert_array_equal(pull(function, 0, 0), [0, 0])
    for x, y in ((0, 2), (-0.0, 2), (2, 0), (0, -2)):
        expected = {np.arctan2: [y / 4, -x / 4], np.hypot: [x / 2, y / 2]}[function]
        assert_array_equal(pull(function, x, y), expected)


def test_squares_of_legs_do_not_overflow() -> None:
    assert_allclose(pull(np.arctan2, 3e200, 4e200), [4 / 25 * 1e-200, -3 / 25 * 1e-200])
    assert_allclose(pull(np.hypot, 3e200, 4e200), [0.6, 0.8])
    side = np.array([100], np.int8)
    assert_allclose(pull(lambda y: np.arctan2(side, y), [100.0])[0], [-0.005])


def test_slopes_near_the_end_of_a_domain_keep_their_digits() -> None:
    x = 1 - 2.0**-40
    assert_allclose(pull(np.arcsin, x), [1 / math.sqrt(2.0**-40 * (2 - 2.0**-40))], rtol=4e-16)
    assert_allclose(pull(np.arctanh, x), [1 / (2.0**-40 * (2 - 2.0**-40))], rtol=4e-16)
    x = 1 + 2.0**-40
    assert_allclose(pull(np.arccosh, x), [1 / math.sqrt(2.0**-40 * (2 + 2.0**-40))], rtol=4e-16)


@pytest.mark.parametrize("function", [np.logaddexp, np.logaddexp2])
def test_a_sum_of_nothing_is_flat(function: Any) -> None:
    of_x, of_y = pull(function, [-INF, -INF, 1], [-INF, 2, -INF])
    assert_array_equal(of_x, [0, 0, 1])
    assert_array_equal(of_y, [0, 1, 0])


# ---- larger and smaller ------------------------------------------------------------------------


@pytest.mark.parametrize("function", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_ties_are_shared_equally_and_so_is_nan(function: Any) -> None:
    assert_array_equal(pull(function, [2, INF, NAN], [2, INF, NAN]), np.full((2, 3), 0.5))


def test_fmax_and_fmin_pass_nan_over() -> None:
    for function in (np.fmax, np.fmin):
        of_x, of_y = pull(function, [NAN, 1], [1, NAN])
        assert_array_equal(of_x, [0, 1])
        assert_array_equal(of_y, [1, 0])


def test_clip_takes_numpy_s_spellings() -> None:
    x = tensor([-1.0, 0.25, 2.0])
    expected = np.clip(x.value, 0, 1)
    calls = [np.clip(x, 0, 1), np.clip(x, a_max=1, a_min=0), np.clip(a=x, a_min=0, a_max=1)]
    for found in (*calls, x.clip(0, 1), np.clip(np.clip(x, None, 1), 0, None)):
        assert_array_equal(found.value, expected)
    with pytest.raises(ValueError, match="not both"):
        np.clip(x, 0, 1, min=0)
    assert np.clip(x, 0, 1, dtype=np.float32, casting="same_kind").dtype == np.float32
    with pytest.raises(TypeError, match="Cannot cast"):
        np.clip(x, 0, 1, dtype=np.float32, casting="safe")
    with pytest.raises(NoRuleError, match=r"clip: where= .* np.where"):
        np.clip(x, 0, 1, where=x.value > 0)


def test_clip_between_bounds_in_the_wrong_order_gives_the_upper() -> None:
    of_x, of_low, of_high = pull(np.clip, [0, 1, 2], np.full(3, 3), np.zeros(3))
    assert_array_equal([of_x, of_low, of_high], [[0] * 3, [0] * 3, [1] * 3])


# ---- steps -------------------------------------------------------------------------------------


def test_fmod_and_remainder_count_how_often_the_divisor_goes_in() -> None:
    for function in (np.fmod, np.remainder):
        assert_array_equal(pull(function, 1, 0.1), [1, -9])  # though 1 / 0.1 rounds to 10
    assert_array_equal(pull(np.fmod, -7, 3), [1, 2])
    assert_array_equal(pull(np.remainder, -7, 3), [1, 3])


def test_modf_splits_infinities_and_signed_zeros_as_numpy_does() -> None:
    x = np.array([-INF, -2.0, -0.0, 1.75, INF])
    for found, expected in zip(np.modf(tensor(x)), np.modf(x), strict=True):
        assert_array_equal(found.value, expected)
        assert_array_equal(np.signbit(found.value), np.signbit(expected))
    assert_array_equal(pull(lambda x: np.modf(x)[0], x)[0], np.ones(5))
    assert_array_equal(pull(lambda x: np.modf(x)[1], x)[0], np.zeros(5))


def test_frexp_has_a_constant_for_its_exponent() -> None:
    mantissa, exponent = np.frexp(tensor([0.0, 3.0, -0.3]))
    assert_array_equal(exponent.value, [0, 2, -1])
    assert not exponent.requires_grad
    assert_array_equal(pull(lambda x: np.frexp(x)[0], [0, 3, -0.3])[0], [1, 0.25, 2])
    assert_array_equal(pull(lambda x: np.ldexp(*np.frexp(x)), [3, -0.3])[0], [1, 1])


def test_heaviside_is_flat_and_passes_on_what_it_is_at_0() -> None:
    of_x, of_h = pull(np.heaviside, [-1, 0, 2], [5, 6, 7])
    assert_array_equal([of_x, of_h], [[0, 0, 0], [0, 1, 0]])


def test_nan_to_num_carries_the_gradient_of_what_it_puts_in() -> None:
    x = np.array([NAN, INF, -INF, 1.0, NAN])
    call: Function = lambda *fills: np.nan_to_num(tensor(x), True, *fills)  # noqa: E731, FBT003
    assert_array_equal(call(5.0, 6.0, 7.0).value, [5, 6, 7, 1, 5])
    assert [float(slope) for slope in pull(call, 5.0, 6.0, 7.0)] == [2, 1, 1]
    narrow = np.nan_to_num(tensor(x.astype(np.float32)), nan=tensor(2.0))
    assert narrow.dtype == np.float32
    with pytest.raises(NoRuleError, match="nan_to_num: the argument nan"):
        np.nan_to_num(tensor(x + 1j), nan=tensor(2.0))


def test_nan_to_num_is_flat_where_it_replaces() -> None:
    x = np.array([NAN, INF, -INF, 2])
    assert_array_equal(pull(np.nan_to_num, x)[0], [0, 0, 0, 1])
    call: Function = lambda x: np.nan_to_num(x, True, 7.0, 8.0, neginf=9.0)  # noqa: E731, FBT003
    assert_array_equal(call(tensor(x)).value, call(x))
    assert_array_equal(pull(call, x)[0], [0, 0, 0, 1])
    with pytest.raises(NoRuleError, match="copy"):
        np.nan_to_num(tensor(x), copy=False)


def test_unwrap_adds_what_numpy_adds() -> None:
    x = np.array([[0, 3.5, 7, 1], [1, -4, 2, 12]])
    calls: list[Function] = [
        np.unwrap,
        lambda x: np.unwrap(x, 4.0, 0),
        lambda x: np.unwrap(x, axis=1, period=4.0),
    ]
    for call in calls:
        assert_array_equal(call(tensor(x)).value, call(x))
        assert_array_equal(pull(call, x)[0], np.ones(x.shape))


def test_rounding_takes_numpy_s_spellings() -> None:
    x = np.array([1.2345, -0.5, 2.5])
    calls: list[Function] = [np.round, lambda x: np.round(x, 2), lambda x: np.around(x, -1), np.fix]
    for call in calls:
        assert_array_equal(call(tensor(x)).value, call(x))
        assert_array_equal(pull(call, x)[0], np.zeros(3))


# ---- choosing ----------------------------------------------------------------------------------


def test_where_of_a_condition_alone_finds_places() -> None:
    places: Any = np.where(tensor([0.0, 2.0, 3.0]))[0]
    assert_array_equal(places.value, [1, 2])


def test_select_takes_the_first_condition_that_holds() -> None:
    x = np.array([-1.0, 0.5, 2.0, 0.0])
    call: Function = lambda x: np.select([x > 1, x > 0], [x * x, 3 * x], 7)  # noqa: E731
    assert_array_equal(call(tensor(x)).value, call(x))
    assert_array_equal(pull(call, x)[0], [0, 3, 4, 0])
    narrow = tensor(x.astype(np.float32))
    assert np.select([x > 1, x > 0], [narrow, 1.0], 2.0).dtype == np.float32
    listed = np.select([x > 1, x > 0], [narrow, [1.0] * len(x)])
    assert_array_equal(listed.value, np.select([x > 1, x > 0], [narrow.value, [1.0] * len(x)]))
    lists = np.select([[True, False, False, False]], [narrow], [1.0] * len(x))
    assert_array_equal(lists.value, [-1, 1, 1, 1])
    with pytest.raises(TypeError, match="bool"):
        np.select([narrow], [narrow])
    with pytest.raises(ValueError, match="2 conditions for 1 choices"):
        np.select([x > 1, x > 0], [narrow])


def test_piecewise_applies_each_function_to_its_own_entries_alone() -> None:
    x = np.array([-4.0, 0.0, 1.0, 9.0])
    call: Function = lambda x: np.piecewise(x, [x < 0, x > 0], [lambda x: np.log(-x), np.sqrt, 5])  # noqa: E731
    assert_array_equal(call(tensor(x)).value, call(x))
    assert_allclose(pull(call, x)[0], [-0.25, 0, 0.5, 1 / 6])  # no log(-9), no 1 / 0
    last: Function = lambda x: np.piecewise(x, [x < 5, x > 0], [np.square, np.negative])  # noqa: E731
    assert_array_equal(last(tensor(x)).value, last(x))
    assert_array_equal(pull(last, x)[0], [-8, 0, -1, -1])  # the last condition that holds
    one: Function = lambda x: np.piecewise(x, x < 1, [np.square, lambda x: np.cumsum(x)])  # noqa: E731
    assert_array_equal(one(tensor(x)).value, one(x))
    assert_array_equal(pull(one, x)[0], [-8, 0, 2, 1])
    with pytest.raises(ValueError, match="1 conditions take 1 or 2 functions, not 3"):
        np.piecewise(tensor(x), [x < 0], [1, 2, 3])


def test_piecewise_keeps_the_dtype_of_x_and_carries_gradients_of_extra_arguments() -> None:
    x = np.array([-1.0, 2.0], np.float32)
    found = np.piecewise(tensor(x), [x < 0], [np.float64(3.0), np.exp])
    assert found.dtype == np.float32
    pieces = [lambda x, a: x * a, lambda x, a: a**x]
    of_x, of_a = pull(lambda x, a: np.piecewise(x, [x < 0], pieces, a), x, 3.0)
    assert_allclose(of_x, [3, 9 * math.log(3)])
    assert_allclose(of_a, -1 + 6)


def test_choose_checks_numbers_as_numpy_does() -> None:
    x = tensor([1.0, 2.0])
    with pytest.raises(ValueError, match="invalid entry"):
        np.choose([0, 2], [x, x])
    with pytest.raises(TypeError, match="Cannot cast"):
        np.choose(x, [x, x])


# ---- sinc and i0 -------------------------------------------------------------------------------


def sinc_by_series(x: float, order: int) -> float:
    """Sum the derivative of the Taylor series of sinc, at small x."""
    return math.fsum(
        (-1) ** k * math.pi ** (2 * k) / math.factorial(2 * k + 1)
        * math.perm(2 * k, order) * x ** (2 * k - order)
        for k in range((order + 1) // 2, 40)
    )  # fmt: skip


@pytest.mark.parametrize("order", range(5))
@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-8, -1e-3, 0.3, 0.999, 1.0, -1.001, 2.0])
def test_sinc_has_every_derivative(x: float, order: int) -> None:
    derivative: Function = np.sinc
    for _ in range(order):
        derivative = grad(derivative)
    expected = sinc_by_series(x, order)
    assert_allclose(float(derivative(x)), expected, rtol=1e-13, atol=1e-12 if abs(x) > 1e-3 else 0)


def i0_by_series(x: float, order: int) -> float:
    return math.fsum(
        (x / 2) ** (2 * k - order) / 2**order * math.perm(2 * k, order) / math.factorial(k) ** 2
        for k in range((order + 1) // 2, 80)
    )


@pytest.mark.parametrize("order", range(1, 4))
@pytest.mark.parametrize("x", [0.0, 1e-8, -0.3, 2.0, 8.0, -30.0])
def test_i0_has_every_derivative(x: float, order: int) -> None:
    derivative: Function = np.i0
    for _ in range(order):
        derivative = grad(derivative)
    assert_allclose(float(derivative(x)), i0_by_series(x, order), rtol=2e-15 * (1 + abs(x)))


def test_i0_has_its_slope_up_to_where_it_overflows() -> None:
    x = 700.0  # where i1 / i0 is 1 - 1 / 2x - 1 / 8x**2 - 1 / 8x**3 ...
    ratio = 1 - 1 / (2 * x) - 1 / (8 * x**2) - 1 / (8 * x**3)
    assert_allclose(pull(np.i0, x)[0] / np.i0(x), ratio, rtol=1e-9)


# ---- float16 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 2 * x + 1,
        lambda x: (x - 0.5) / 3.0,
        lambda x: 1 / x - 2**x,
        lambda x: x**3 + x**0.5 + x**-1 + x**2,
        lambda x: np.maximum(x, 0.5) + np.fmin(1.0, x),
        lambda x: np.where(x > 0.5, x, 1.0),
        lambda x: np.clip(x, 0.1, 0.9),
        lambda x: np.arctan2(x, 1.0) + np.hypot(2, x) + np.copysign(x, -1),
        lambda x: np.logaddexp(x, 0.5) + np.logaddexp2(1, x),
        lambda x: np.fmod(x, 0.3) + x % 0.2 + np.heaviside(x, 0.5),
        lambda x: np.sinc(x) + np.i0(x) + np.nan_to_num(x, nan=1.0) + np.angle(x),
        lambda x: np.degrees(x) + np.log2(x) + np.exp2(x) + np.cbrt(x) + np.unwrap(x, period=0.5),
        lambda x: np.select([x > 0.5], [x], 2.0) + np.piecewise(x, [x > 0.5], [1.5, np.sin]),
    ],
)
def test_half_precision_stays_half_precision(function: Any) -> None:
    x = np.array([0.25, 0.75, 1.25], np.float16)
    t = tensor(x)
    seen = []
    t.register_hook(lambda g: seen.append(g.dtype))
    half, out = np.dtype(np.float16), function(t)
    assert out.dtype == function(x).dtype == half
    out.sum().backward()
    assert t.grad is not None
    assert (t.grad.dtype, seen) == (half, [half])
    assert jvp(function, (x,), (x,))[1].dtype == half
    wide = tensor(x.astype(float))
    function(wide).sum().backward()
    assert wide.grad is not None
    assert_allclose(t.grad.value, wide.grad.value, rtol=2e-2, atol=2e-3)
