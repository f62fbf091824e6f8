"""Chosen values at kinks, ties, zeros and infinities, and NumPy's spellings and indexing."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd_nn import Tensor, grad, hessian, log_softmax, logsumexp, relu, sigmoid, softplus, vjp
from autograd_nn.errors import ShapeError
from autograd_nn.ops.indexing import getitem
from oracles import Function, complex_step, error, gradient, richardson

INF = np.inf


def pull(function: Function, *xs: Any, u: Any = None) -> Any:
    """Return the gradients of ``sum(u * function(*xs))``; `u` defaults to ones."""
    out, back = vjp(function, *[np.asarray(x, float) for x in xs])
    return back(np.ones(np.shape(out)) if u is None else np.asarray(u))


# ---- kinks and ties ----------------------------------------------------------------------------


def test_slope_of_abs_is_0_at_0_and_the_sign_elsewhere() -> None:
    assert_array_equal(pull(np.abs, [-2, 0, -0.0, 3])[0], [-1, 0, 0, 1])


def test_slope_of_relu_is_0_at_0() -> None:
    assert_array_equal(pull(relu, [-2, 0, 3])[0], [0, 0, 1])


def test_slope_of_sign_is_0_everywhere() -> None:
    assert_array_equal(pull(np.sign, [-2, 0, 3])[0], [0, 0, 0])


@pytest.mark.parametrize(("function", "winner"), [(np.maximum, 0), (np.minimum, 1)])
def test_maximum_and_minimum_share_ties_equally(function: Any, winner: int) -> None:
    of_x, of_y = pull(function, [1, 2, 3], [2, 2, 2], u=[10, 20, 30])
    assert_array_equal([of_x, of_y][winner], [0, 10, 30])
    assert_array_equal([of_x, of_y][1 - winner], [10, 10, 0])


@pytest.mark.parametrize("function", [np.max, np.min])
def test_max_and_min_share_ties_equally(function: Any) -> None:
    assert_array_equal(pull(function, np.ones(4))[0], np.full(4, 0.25))
    rows = np.array([[1, 1, 2], [3, 1, 3]])
    tied = rows == function(rows, axis=1, keepdims=True)
    expected = tied / tied.sum(axis=1, keepdims=True) * [[10], [20]]
    by_rows = pull(lambda x: function(x, axis=1), rows, u=[10, 20])[0]
    assert_array_equal(by_rows, expected)


def test_clip_shares_the_slope_at_its_bounds() -> None:
    of_x, of_low, of_high = pull(np.clip, [-1, 0, 0.5, 1, 2], np.zeros(5), np.ones(5))
    assert_array_equal(of_x, [0, 0.5, 1, 0.5, 0])
    assert_array_equal(of_low, [1, 0.5, 0, 0, 0])
    assert_array_equal(of_high, [0, 0, 0, 0.5, 1])


# ---- powers ------------------------------------------------------------------------------------


def test_power_at_0_to_the_0_is_flat() -> None:
    assert_array_equal(pull(np.power, 0, 0), [0, 0])


def test_0_to_the_y_is_flat_in_y() -> None:
    of_x, of_y = pull(np.power, np.zeros(3), [1, 2, 3])
    assert_array_equal(of_x, [1, 0, 0])
    assert_array_equal(of_y, [0, 0, 0])


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_integer_powers_have_every_derivative_at_0(n: int) -> None:
    derivative: Function = lambda x: x**n  # noqa: E731
    for k in range(5):
        assert float(derivative(np.array(0.0))) == (math.factorial(n) if k == n else 0)
        derivative = grad(derivative)


@pytest.mark.parametrize("n", [0, 0.0, np.array(0.0, np.float32), np.array(0)])
@pytest.mark.parametrize("x", [0.0, 1e-30, -1e-30, 2.0, INF])
def test_x_to_the_0_is_flat_to_any_order(x: float, n: Any) -> None:
    """Though the slopes of ``1 / x`` overflow, and 0 * inf is NaN."""
    derivative: Function = lambda x: x**n  # noqa: E731
    for _ in range(3):
        derivative = grad(derivative)
        assert float(derivative(np.array(x, np.float32))) == 0


def test_negative_bases_take_integer_powers() -> None:
    assert_array_equal(pull(lambda x: x**3, [-2.0, -1.0])[0], [12, 3])
    assert_array_equal(pull(lambda x: x**-1.0, [-2.0, -1.0])[0], [-0.25, -1])


@pytest.mark.parametrize(("x", "y"), [(2.0, 0.0), (2.0, 3.0), (0.5, 1.0)])
def test_mixed_derivatives_of_power_agree_in_both_orders(x: float, y: float) -> None:
    expected = x ** (y - 1) * (1 + y * math.log(x))
    by_x_then_y = grad(lambda y: grad(lambda x: x**y)(x))(y)
    by_y_then_x = grad(lambda x: grad(lambda y: x**y)(y))(x)
    assert_allclose([by_x_then_y, by_y_then_x], expected, rtol=1e-15)


def test_a_root_at_0_has_an_infinite_slope() -> None:
    with np.errstate(divide="ignore"):
        assert_array_equal(pull(np.sqrt, 0), [INF])
        assert_array_equal(pull(lambda x: x**0.5, 0), [INF])


def test_a_python_number_to_a_float32_power_has_a_float32_gradient() -> None:
    x = Tensor(np.array([1, 2], np.float32), requires_grad=True)
    seen = []
    x.register_hook(lambda g: seen.append(g.dtype))
    (2.0**x).sum().backward()
    assert seen == [np.float32]


# ---- prod, var, std ----------------------------------------------------------------------------


@pytest.mark.parametrize("values", [[2, 3, 5], [2, 0, 5], [0, 0, 5], [0, 0, 0], [0, 3, 5, 7, 0]])
def test_prod_has_exact_derivatives_of_first_and_second_order_at_zeros(values: list[int]) -> None:
    x, n = np.array(values, float), range(len(values))
    first = [math.prod(values[j] for j in n if j != i) for i in n]
    second = [[math.prod(values[j] for j in n if j not in (i, k)) * (i != k) for k in n] for i in n]
    assert_array_equal(grad(np.prod)(x), first)
    assert_array_equal(hessian(np.prod)(x), second)


def test_third_derivative_of_prod_at_zeros_is_exact() -> None:
    def along(x: Any) -> Any:
        return np.sum(hessian(np.prod)(x) * np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0]]))

    assert_array_equal(grad(along)(np.zeros(3)), [0, 0, 1])


def test_std_of_a_constant_has_gradient_0() -> None:
    assert_array_equal(pull(np.std, np.full(4, 3.0))[0], np.zeros(4))
    rows = np.array([[1.0, 1.0], [1.0, 3.0]])
    assert_array_equal(pull(lambda x: np.std(x, axis=1), rows)[0], [[0, 0], [-0.5, 0.5]])
    assert_array_equal(hessian(np.std)(np.full(3, 2.0)), np.zeros((3, 3)))


# ---- sigmoid and its kin at any size -----------------------------------------------------------

EXTREMES = [-INF, -1000.0, -100.0, -40.0, -1.0, 0.0, 1.0, 40.0, 100.0, 1000.0, INF]


def exact_sigmoid(x: float) -> float:
    """Compute 1 / (1 + exp(-x)) from an exponential that does not overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def exact_softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@pytest.mark.parametrize(
    ("function", "exact", "slope"),
    [
        (sigmoid, exact_sigmoid, lambda x: exact_sigmoid(x) * exact_sigmoid(-x)),
        (softplus, exact_softplus, exact_sigmoid),
        (relu, lambda x: max(x, 0.0), lambda x: float(x > 0)),
        (np.tanh, math.tanh, lambda x: 4 * exact_sigmoid(2 * x) * exact_sigmoid(-2 * x)),
    ],
    ids=["sigmoid", "softplus", "relu", "tanh"],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_squashing_functions_are_accurate_at_any_size(
    function: Any, exact: Any, slope: Any, dtype: Any
) -> None:
    big = float(np.finfo(dtype).max)
    x = np.array([-big, *EXTREMES, big], dtype)
    out, back = vjp(function, x)
    eps = float(np.finfo(dtype).eps)
    tiny = float(np.finfo(dtype).tiny)
    assert out.dtype == dtype
    assert_allclose(out, [exact(float(v)) for v in x], rtol=4 * eps, atol=tiny)
    (found,) = back(np.ones_like(x))
    assert found.dtype == dtype
    assert_allclose(found, [slope(float(v)) for v in x], rtol=4 * eps, atol=2 * eps)


def test_sigmoid_is_relatively_accurate_far_below_0() -> None:
    x = np.array([-700.0, -300.0, -30.0])
    assert_allclose(sigmoid(x), [math.exp(v) for v in x[:2]] + [exact_sigmoid(-30)], rtol=4e-16)
    assert_allclose(pull(sigmoid, x)[0][:2], [math.exp(v) for v in x[:2]], rtol=4e-16)


@pytest.mark.parametrize("function", [sigmoid, softplus, np.tanh])
def test_second_derivatives_vanish_far_out(function: Any) -> None:
    for x in (-1000.0, 1000.0):
        assert grad(grad(function))(x) == 0


@pytest.mark.parametrize(
    ("x", "value", "weights"),
    [
        ([1000, 1000], 1000 + math.log(2), [0.5, 0.5]),
        ([-1000, -1000], -1000 + math.log(2), [0.5, 0.5]),
        ([-1000, 1000], 1000, [0, 1]),
        ([-INF, 0], 0, [0, 1]),
        ([-INF, -1000, -1000], -1000 + math.log(2), [0, 0.5, 0.5]),
        ([-INF, -INF], -INF, [0, 0]),
        ([-INF], -INF, [0]),
    ],
)
def test_logsumexp_is_stable_and_its_gradient_is_softmax(
    x: list[float], value: float, weights: list[float]
) -> None:
    assert_allclose(logsumexp(np.array(x, float)), value, rtol=1e-15)
    assert_allclose(pull(logsumexp, x)[0], weights, rtol=1e-12)


def test_logsumexp_of_plus_infinity_is_infinite_without_a_warning() -> None:
    assert logsumexp(np.array([INF, 1000.0, -INF])) == INF


def test_logsumexp_takes_rows_of_minus_infinity_among_others() -> None:
    x = np.array([[-INF, -INF], [0, 0]])
    assert_array_equal(logsumexp(x, axis=1), [-INF, math.log(2)])
    assert_array_equal(pull(lambda x: logsumexp(x, axis=1), x)[0], [[0, 0], [0.5, 0.5]])


def test_logsumexp_keeps_float32_at_its_extremes() -> None:
    big = np.finfo(np.float32).max
    for x in ([big, -big], [big, big], [-big, -big]):
        assert logsumexp(np.array(x, np.float32)) == x[0]
    assert logsumexp(np.array([200, 200], np.float32)).dtype == np.float32


def test_log_softmax_is_stable_and_its_gradient_sums_to_0() -> None:
    x = np.array([[-1000.0, 1000.0], [1000.0, 1000.0], [-INF, 5.0]])
    expected = np.array([[-2000, 0], [-math.log(2), -math.log(2)], [-INF, 0]])
    assert_allclose(log_softmax(x), expected, rtol=1e-15)
    (found,) = pull(log_softmax, x, u=[[1, 2], [3, 4], [0, 1]])
    assert_allclose(found, np.array([[1, -1], [-0.5, 0.5], [0, 0]]), atol=1e-12)


def test_log_softmax_keeps_float32_at_its_extremes() -> None:
    big = np.finfo(np.float32).max
    out, back = vjp(log_softmax, np.array([[big, -big], [-big, -big]], np.float32))
    assert out.dtype == np.float32
    expected = np.array([[0, -INF], [-math.log(2), -math.log(2)]])
    assert_allclose(out, expected, rtol=1e-7)
    assert_allclose(back(np.array([[1, 0], [1, 0]]))[0], np.array([[0, 0], [0.5, -0.5]]), rtol=1e-6)


# ---- indexing ----------------------------------------------------------------------------------


def test_repeated_integer_indices_add_up() -> None:
    x = np.arange(3.0)
    for index in ([0, 0, 2], np.array([0, 0, 2]), Tensor([0, 0, 2])):
        assert_array_equal(pull(lambda x: x[index], x, u=[1, 2, 4])[0], [3, 0, 4])  # noqa: B023


def test_an_entry_picked_by_a_list_given_to_getitem_adds_up() -> None:
    assert_array_equal(pull(lambda x: getitem(x, index=[1, 1]), [5, 6], u=[1, 2])[0], [0, 3])


def test_a_boolean_mask_sends_gradients_where_it_is_true() -> None:
    x = np.array([[1.0, -2.0], [-3.0, 4.0]])
    expected = np.where(x > 0, 2 * x, 0)
    assert_array_equal(pull(lambda x: x[x > 0] ** 2, x)[0], expected)


@pytest.mark.parametrize(
    "index",
    [
        None,
        Ellipsis,
        (np.newaxis, Ellipsis, 1, np.newaxis),
        (slice(None, None, -2), 1),
        (slice(10, None, -1), slice(None), slice(-1, None, -3)),
        (1, slice(None), [0, 0, 3]),
        (slice(None), [2, 2], slice(None, None, -1)),
        ([0, 1], slice(None), [3, 3]),
        (np.array([True, False]), slice(None), 0),
        (Ellipsis, np.array([True, False, True, False])),
        np.int64(1),
        np.array(1),
        True,
    ],
    ids=str,
)
def test_every_kind_of_index_picks_and_returns_as_numpy(index: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 4))
    t = Tensor(x, requires_grad=True)
    out = t[index]
    assert_array_equal(out.value, x[index])
    u = rng.normal(size=out.shape)
    out.backward(u)
    expected = np.zeros(x.shape)
    np.add.at(expected, index, u)
    assert t.grad is not None
    assert_array_equal(t.grad.value, expected)


# ---- einsum ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk", [(2, 3), (3, 4)]),
        ("cb,ab", [(2, 3), (4, 3)]),
        ("...i,i", [(2, 3), (3,)]),
        ("i...j,j...->i...", [(2, 3, 4), (4, 3)]),
        ("ii", [(3, 3)]),
        ("ii->i", [(3, 3)]),
        ("iijj->ij", [(2, 2, 3, 3)]),
        ("ij,kl->k", [(2, 3), (4, 5)]),
        ("ij->", [(2, 3)]),
        ("ij,ik->i", [(2, 3), (2, 4)]),
    ],
)
def test_einsum_is_numpys_forward_backward_and_twice_backward(
    subscripts: str, shapes: list[tuple[int, ...]]
) -> None:
    rng = np.random.default_rng(0)
    xs = [rng.normal(size=shape) for shape in shapes]
    call: Function = lambda *xs: np.einsum(subscripts, *xs)  # noqa: E731
    out, back = vjp(call, *xs)
    assert_array_equal(out, call(*xs))
    u = rng.normal(size=np.shape(out))
    for found, expected in zip(back(u), gradient(complex_step, call, xs, u), strict=True):
        assert error(found, expected) <= 1e-12

    def of_first(x: Any) -> Any:
        return grad(lambda x: np.sum(u * call(x, *xs[1:]) ** 2) / 2)(x)

    v = rng.normal(size=xs[0].shape)
    found = grad(lambda x: np.sum(v * of_first(x)))(xs[0])
    assert error(found, richardson(of_first, [xs[0]], [v])) <= 1e-8


def test_a_diagonal_is_untouched_by_infinities_beside_it() -> None:
    x = Tensor([[1, INF], [-INF, 2]], requires_grad=True)
    out = np.einsum("ii", x)
    out.backward()
    assert out.item() == 3
    assert x.grad is not None
    assert_array_equal(x.grad.value, np.eye(2))


@pytest.mark.parametrize(
    ("shape_x", "shape_y", "axes"),
    [((2, 3), (3, 2), 2), ((2, 3), (6,), 1), ((2, 3), (6,), ((0, 1), (0,)))],
)
def test_tensordot_refuses_axes_of_different_lengths(shape_x: Any, shape_y: Any, axes: Any) -> None:
    x, y = (Tensor(np.ones(shape), requires_grad=True) for shape in (shape_x, shape_y))
    with pytest.raises(ValueError, match="tensordot"):
        np.tensordot(x, y, axes=axes)


# ---- NumPy's spellings -------------------------------------------------------------------------

A = np.random.default_rng(0).normal(size=(2, 3))
MASK = A > 0
SPELLINGS: dict[str, Callable[[Any], Any]] = {
    "sum(t, 0)": lambda t: np.sum(t, 0),
    "sum(a=t, axis=0)": lambda t: np.sum(a=t, axis=0),
    "sum(axis, keepdims)": lambda t: np.sum(t, axis=(0, 1), keepdims=True),
    "sum(axis=None)": lambda t: np.sum(t, axis=None),
    "mean(t, -1)": lambda t: np.mean(t, -1),
    "mean(keepdims)": lambda t: np.mean(t, axis=1, keepdims=True),
    "max(t, 1)": lambda t: np.max(t, 1),
    "amax(axis=1)": lambda t: np.amax(t, axis=1),
    "min(keepdims)": lambda t: np.min(t, axis=0, keepdims=True),
    "prod(t, (0, 1))": lambda t: np.prod(t, (0, 1)),
    "var(ddof)": lambda t: np.var(t, 0, ddof=1),
    "std(keepdims)": lambda t: np.std(t, axis=1, keepdims=True),
    "cumsum(t, 1)": lambda t: np.cumsum(t, 1),
    "reshape(t, (3, -1))": lambda t: np.reshape(t, (3, -1)),
    "reshape(t, -1)": lambda t: np.reshape(t, -1),
    "transpose(t)": np.transpose,
    "transpose(t, (1, 0))": lambda t: np.transpose(t, (1, 0)),
    "transpose(axes)": lambda t: np.transpose(t, axes=[1, 0]),
    "swapaxes": lambda t: np.swapaxes(t, axis1=0, axis2=1),
    "expand_dims(t, 0)": lambda t: np.expand_dims(t, 0),
    "expand_dims(axis)": lambda t: np.expand_dims(t, axis=(0, -1)),
    "squeeze": lambda t: np.squeeze(np.expand_dims(t, 0), axis=0),
    "broadcast_to": lambda t: np.broadcast_to(t, shape=(4, 2, 3)),
    "ravel": np.ravel,
    "where(mask, t, 0.0)": lambda t: np.where(MASK, t, 0.0),
    "where(t > 0, t, -t)": lambda t: np.where(t > 0, t, -t),
    "clip(t, 0, 1)": lambda t: np.clip(t, 0, 1),
    "clip(a_min)": lambda t: np.clip(t, a_min=0, a_max=None),
    "maximum(t, 0)": lambda t: np.maximum(t, 0),
    "concatenate([t, array], axis=1)": lambda t: np.concatenate([t, A], axis=1),
    "concatenate((t, list))": lambda t: np.concatenate((t, [[1.0, 2.0, 3.0]])),
    "concatenate(axis=None)": lambda t: np.concatenate([t, A], axis=None),
    "stack([t, t], -1)": lambda t: np.stack([t, t], -1),
    "stack of rows": lambda t: np.stack(list(t), axis=1),
    "dot": lambda t: np.dot(t, A.T),
    "matmul(array, t)": lambda t: np.matmul(A.T, t),
    "matmul(t, list)": lambda t: np.matmul(t, [1.0, 2.0, 3.0]),
    "array @ t": lambda t: A.T @ t,
    "outer": lambda t: np.outer([1.0, 2.0], t),
    "tensordot(axes)": lambda t: np.tensordot(t, A, axes=([0, 1], [0, 1])),
    "einsum": lambda t: np.einsum("ij,kj", t, A),
    "einsum with a list": lambda t: np.einsum("ij,j->i", t, [1.0, 2.0, 3.0]),
    "power(t, 2)": lambda t: np.power(t, 2),
    "array - t": lambda t: A - t,
    "1 / t": lambda t: 1 / t,
    "2 ** t": lambda t: 2**t,
    "square + abs": lambda t: np.square(t) + np.abs(t),
}


@pytest.mark.parametrize("call", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_numpy_functions_take_tensors_spelled_as_numpy_spells_them(call: Any) -> None:
    t = Tensor(A, requires_grad=True)
    out = call(t)
    assert_array_equal(out.value, call(A))
    u = np.random.default_rng(1).normal(size=out.shape)
    out.backward(u)
    assert t.grad is not None
    assert error(t.grad.value, gradient(richardson, call, [A], u)[0]) <= 1e-8


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.1.0", reason="NumPy 2.1's names")
def test_names_that_numpy_2_1_introduced_are_understood() -> None:
    t: Any = Tensor(A, requires_grad=True)
    clipped: Any = np.clip(t, min=0, max=1)
    reshaped: Any = np.reshape(t, shape=(3, 2))
    assert_array_equal(clipped.value, np.clip(A, 0, 1))
    assert_array_equal(reshaped.value, A.reshape(3, 2))


def test_hypot_and_arctan2_have_slope_0_at_the_origin() -> None:
    for function in (np.hypot, np.arctan2):
        x, y = (Tensor(np.zeros(2), requires_grad=True) for _ in range(2))
        function(x, y).sum().backward()
        assert x.grad is not None
        assert y.grad is not None
        assert x.grad.tolist() == y.grad.tolist() == [0, 0]


def test_split_refuses_unequal_parts() -> None:
    with pytest.raises(ShapeError, match="split: axis 0 of length 5 has no 2 equal parts"):
        np.split(Tensor(np.ones(5), requires_grad=True), 2)
