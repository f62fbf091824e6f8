"""Nothing comes back from a branch that was not chosen; all else is as it was."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from autograd_nn import Tensor, grad, hessian, jvp, vjp
from autograd_nn.masks import weighed
from autograd_nn.ops.choosing import where
from autograd_nn.primitive import Primitive
from oracles import Function


def first_alone(a: Any, b: Any) -> Any:
    """Add nothing of `b` to `a`."""
    return np.where(False, b, 0) + a  # noqa: FBT003


def overwritten(x: Any) -> Any:
    """Take the root, and put 0 where there is none."""
    y = np.sqrt(x)
    y[x <= 0] = 0
    return y


def written_below_a_choice(x: Any) -> Any:
    """Write to a part, and choose that part; the other has an infinite slope."""
    roots = np.sqrt(x * np.array([1.0, 0.0]))
    row = roots * 1
    row[:1] = roots[:1]
    return np.sum(np.where([True, False], row, 0))


# What is computed of x, whatever is chosen, and its derivatives at some x.
CASES: list[tuple[str, Function, dict[float, list[float]]]] = [
    ("x or root of -x", lambda x: np.where(x >= 0, x, np.sqrt(-x)),
     {1.0: [1, 0, 0], 0.0: [1, 0, 0], -4.0: [-1 / 4, -1 / 32, -3 / 256]}),
    ("root of x or 0", lambda x: np.where(x > 0, np.sqrt(x), 0),
     {0.0: [0, 0, 0], -1.0: [0, 0, 0], 4.0: [1 / 4, -1 / 32, 3 / 256]}),
    ("finite slope, infinite second", lambda x: np.where(x > 0, x**1.5, 2 * x),
     {0.0: [2, 0, 0], 4.0: [3, 3 / 8, -3 / 64]}),
    ("nested", lambda x: np.where(x > 0, np.where(x > 1, np.sqrt(x - 1), np.log(x)), x**2),
     {-1.0: [-2, 2, 0], 0.0: [0, 2, 0], 0.5: [2, -4, 16], 1.0: [1, -1, 2]}),
    ("used twice", lambda x: np.where(x > 0, np.sqrt(x) * np.sqrt(x), x) + x**2,
     {0.0: [1, 2, 0], -1.0: [-1, 2, 0], 3.0: [7, 2, 0]}),
    ("the same twice in both", lambda x: np.where(x > 0, np.log(x) * x, np.sqrt(x) * x),
     {1.0: [1, 1, -1]}),
    ("select", lambda x: np.select([x > 2, x > 0], [np.sqrt(x - 2), np.log(x)], 5 * x),
     {1.0: [1, -1, 2], 2.0: [1 / 2, -1 / 4, 1 / 4], 0.0: [5, 0, 0], -1.0: [5, 0, 0]}),
    ("choose", lambda x: np.choose(int(x > 0), [x**3, np.log(x)]),
     {0.0: [0, 0, 6], -1.0: [3, -6, 6], 1.0: [1, -1, 2]}),
    ("through sums", lambda x: np.sum(np.where([True, False], np.log(np.sum(np.sqrt(
        x * np.array([[1.0, 1.0], [0.0, 0.0]])), axis=1)), 0)),
     {1.0: [1 / 2, -1 / 2, 1]}),
    ("through shapes", lambda x: np.sum(np.where([[True, False]], np.reshape(np.stack(
        [np.sqrt(x), np.sqrt(0 * x)]), (1, 2)), 0)),
     {1.0: [1 / 2, -1 / 4, 3 / 8]}),
    ("nothing of it", lambda x: np.where(x > 5, np.prod(np.sqrt(x - np.ones(3))), x),
     {1.0: [1, 0, 0], 0.0: [1, 0, 0]}),
    ("nothing of several results", lambda x: np.where(x > 5, np.modf(np.sqrt(x))[0], x),
     {0.0: [1, 0, 0]}),
    ("one of several results", lambda x: np.where(x > 5, np.modf(x)[0], 0) + sum(np.modf(x)),
     {1.5: [1, 0, 0]}),
    ("overwritten", overwritten, {0.0: [0, 0, 0], 4.0: [1 / 4, -1 / 32, 3 / 256]}),
    ("written below a choice", written_below_a_choice, {4.0: [1 / 4, -1 / 32, 3 / 256]}),
    ("one of several and nothing of another", lambda x: first_alone(*np.modf(x * np.exp(x))),
     {0.0: [1, 2, 3]}),
]  # fmt: skip
EXAMPLES = [
    pytest.param(function, x, slopes, id=f"{name} at {x}")
    for name, function, points in CASES
    for x, slopes in points.items()
]


def forward(function: Function) -> Function:
    return lambda x: jvp(function, (x,), (np.ones_like(x),))[1]


@pytest.mark.parametrize(("function", "x", "slopes"), EXAMPLES)
def test_no_nan_comes_back_in_any_mode_or_order(
    function: Function, x: float, slopes: list[float]
) -> None:
    with np.errstate(all="ignore"):  # of the values
        assert_allclose(grad(function)(x), slopes[0], atol=1e-15)
        assert_allclose(forward(function)(x), slopes[0], atol=1e-15)
        for outer in (grad, forward):
            for inner in (grad, forward):
                assert_allclose(outer(inner(function))(x), slopes[1], atol=1e-15)
        assert_allclose(grad(grad(grad(function)))(x), slopes[2], atol=1e-14)
        assert_allclose(forward(grad(grad(function)))(x), slopes[2], atol=1e-14)
        assert_allclose(grad(forward(grad(function)))(x), slopes[2], atol=1e-14)


@pytest.mark.parametrize("function", [c[1] for c in CASES[:7]], ids=[c[0] for c in CASES[:7]])
def test_entries_do_not_touch_each_other(function: Function) -> None:
    points = next(c[2] for c in CASES if c[1] is function)
    x = np.array([*points])
    first, second, _ = np.array([*points.values()]).T
    with np.errstate(all="ignore"):
        assert_allclose(vjp(function, x)[1](np.ones(x.shape))[0], first, atol=1e-15)
        total: Function = lambda x: np.sum(function(x))  # noqa: E731
        assert_allclose(hessian(total)(x), np.diag(second), atol=1e-15)


def test_a_stretched_argument_sums_what_was_chosen() -> None:
    rows: Function = lambda x: np.sum(np.where([[True], [False]], np.sqrt(x), x))  # noqa: E731
    assert_array_equal(grad(lambda x: rows(x * np.ones((2, 3))))(1.0), 1.5 + 3)
    x = np.array([[0.0], [4.0]])
    chosen: Function = lambda x: np.sum(np.where(x > np.zeros(3), np.sqrt(x), 0))  # noqa: E731
    assert_array_equal(grad(chosen)(x), [[0], [0.75]])


def test_going_back_warns_of_nothing_that_was_not_chosen() -> None:
    x = Tensor([0.0, 4.0], requires_grad=True)
    np.where(x.value > 0, np.sqrt(x), 0).sum().backward()  # warnings are errors here
    assert x.grad is not None
    assert_array_equal(x.grad.value, [0, 0.25])


def test_the_zero_of_a_calculation_still_meets_an_infinite_slope() -> None:
    with np.errstate(all="ignore"):
        assert np.isnan(grad(lambda x: np.sqrt(x) ** 2)(0.0))  # the limit is 1, not 0
        assert np.isnan(grad(lambda x: np.where(x >= 0, np.sqrt(x) ** 2, 7))(0.0))
        assert grad(lambda x: np.where(x >= 0, np.sqrt(x), 7))(0.0) == np.inf


def test_a_hook_below_a_choice_may_put_something_where_nothing_was() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.register_hook(lambda g: g + 1)
    np.where([True, False], y, 0).sum().backward(create_graph=True)
    assert x.grad is not None
    assert_array_equal(x.grad.value, [6, 3])


def test_a_mask_is_not_lost_where_contributions_cancel() -> None:
    def back(v: Any, *_: Any) -> Any:
        return np.concatenate([[0], v]) - np.concatenate([v, [0]])

    def difference(x: Any) -> Any:
        return x[1:] - x[:-1]

    primitive = Primitive(difference, [back], [lambda v, *_: difference(v)])
    primitive.reach = weighed
    x = np.array([1.0, 0.0, 1.0, 0.0])
    weights = np.array([1.0, 2.0, 3.0])
    chosen: Function = lambda x: np.where([True, True, False], primitive(np.sqrt(x)), 0)  # noqa: E731
    with np.errstate(divide="ignore"):
        assert_array_equal(vjp(chosen, x)[1](weights)[0], [-0.5, -np.inf, 1, 0])


STEPS: list[Function] = [
    lambda a, b: a * b,
    lambda a, b: a + b,
    lambda a, b: np.sin(a),
    lambda a, b: np.where(np.array([True, False, True]), a, b),
    lambda a, b: np.where(a > b, a, np.exp(-b)),
    lambda a, b: np.where(np.array([[False], [True]]), a, b)[1],
    lambda a, b: a[::-1],
    lambda a, b: np.sum(a) * b,
    lambda a, b: np.concatenate([a[1:], b[:1]]),
    lambda a, b: np.cumsum(a) - b,
    lambda a, b: np.where(False, a, b),  # noqa: FBT003
    lambda a, b: a @ b * np.reshape(a, (3, 1))[:, 0],
]


@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 9), st.integers(0, 9)), max_size=9)
)
@settings(max_examples=100)
def test_where_all_is_finite_masks_change_nothing(program: list[Any]) -> None:
    def run(x: Any) -> Any:
        values = [x, x * 0.5]
        for step, i, j in program:
            values.append(np.tanh(step(values[i % len(values)], values[j % len(values)])))
        return np.sum(values[-1] * values[-1])

    x = np.array([0.3, -0.7, 1.1])
    found, curved = grad(run)(x), hessian(run)(x)
    where.chooses = False
    try:
        assert_allclose(found, grad(run)(x), rtol=1e-13, atol=1e-15)
        assert_allclose(curved, hessian(run)(x), rtol=1e-12, atol=1e-14)
    finally:
        where.chooses = True
