"""compile: plain functions and their derivatives."""

from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor
from backends import with_each_backend
from test_compile import close


def valley(x: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def unfit(x: Any) -> Any:
    """Make a matrix of infinities, of infinite slope."""
    with np.errstate(all="ignore"):
        return np.outer(x, 1 / (x - x))


@with_each_backend
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize(
    "function",
    [
        valley,
        ag.grad(valley),
        ag.value_and_grad(valley),
        ag.hessian(valley),
        lambda x: ag.hvp(valley, x, np.ones(4)),
        lambda x: ag.grad(lambda y: np.sum(ag.grad(valley)(y) ** 2))(x),
        lambda x: ag.jvp(np.sort, x, np.arange(4.0)),
        lambda x: ag.checkpoint(valley)(x),
        lambda x: ag.grad(ag.checkpoint(valley))(x),
        lambda x: np.linalg.svd(x.reshape(2, 2)),
        lambda x: ag.jacobian(lambda a: np.linalg.eigvalsh(a + a.T))(x.reshape(2, 2)),
        ag.grad(lambda x: np.sum(np.where(x > 0.5, x, np.sqrt(np.abs(x) * 0)))),
        ag.grad(lambda x: np.max(x) + np.median(x)),
        ag.grad(lambda x: np.sum(np.where(x > 9, unfit(x) @ x, x))),
    ],
)
def test_functions_and_their_derivatives(backend: str, function: Any) -> None:
    x = np.array([0.5, -0.3, 0.7, 1.1])
    fast = ag.compile(function, x, backend=backend)
    for point in (x, x * 1.5, np.array([2.0, 1.0, 0.1, 0.4])):
        found, expected = fast(point), function(point)
        assert type(found) is type(expected)
        if not isinstance(found, tuple):
            found, expected = (found,), (expected,)
        for one, other in zip(found, expected, strict=True):
            close(one, other)
            assert type(one) is type(other)


@with_each_backend
def test_plain_numpy_with_writes(backend: str) -> None:
    def smooth(x: Any) -> Any:
        y = x.copy()
        for i in range(1, len(x)):
            y[i] = 0.9 * y[i - 1] + 0.1 * x[i]
        y[0] += 1
        middle = y[1:3]
        middle *= 2
        y[-1] = middle[0]
        return y, middle

    x = np.arange(5.0)
    fast = ag.compile(smooth, x, backend=backend)
    for point in (x, x**2):
        kept = point.copy()
        for one, other in zip(fast(point), smooth(point), strict=True):
            close(one, other)
        assert np.array_equal(point, kept)


@with_each_backend
def test_hooks_are_part_of_the_program(backend: str) -> None:
    def function(x: Any) -> Any:
        t = Tensor(x, requires_grad=True)
        y: Any = np.sin(t)
        y.register_hook(lambda g: 10 * g)
        y.sum().backward()
        return t.grad

    x = np.arange(3.0)
    fast = ag.compile(function, x, backend=backend)
    close(fast(x + 1), function(x + 1))


@with_each_backend
def test_custom_rules_may_do_anything(backend: str) -> None:
    square = ag.custom_vjp(
        lambda x: x * x if float(x.sum()) > 0 else -x * x, lambda v, _y, x: 2 * v * np.asarray(x)
    )
    function = ag.value_and_grad(lambda x: np.sum(square(x)))
    fast = ag.compile(function, np.ones(2), backend=backend)
    for x in (np.ones(2), -np.ones(2)):
        for one, other in zip(fast(x), function(x), strict=True):
            close(one, other)


@with_each_backend
def test_a_compiled_function_can_be_differentiated(backend: str) -> None:
    fast = ag.compile(valley, np.arange(4.0), backend=backend)
    x = np.array([0.5, -0.3, 0.7, 1.1])
    close(ag.grad(fast)(x), ag.grad(valley)(x))
