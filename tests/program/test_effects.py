"""Effects come last: results and gradients are of the values that were, whatever is updated."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, optim
from autograd_nn.nn import Linear, Sequential, Sigmoid, half_sse_loss
from backends import with_each_backend

SMALL, LARGE = 3, 200  # the updates of matrices of 200 rows are written over the old ones

Made = tuple[Callable[..., Any], list[Tensor]]


def matrix(n: int, shift: float = 0.0) -> Tensor:
    return Tensor(np.sin(np.arange(n * n).reshape(n, n) + shift), requires_grad=True)


def stepping(parameters: list[Tensor], loss_of: Callable[[Any], Any]) -> Callable[..., Any]:
    optimizer = optim.SGD(parameters, lr=0.1)

    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss, *more = loss_of(x)
        loss.backward()
        optimizer.step()
        return loss, *more

    return step


def product(n: int) -> Made:
    w, v = matrix(n), matrix(n, 5.0)
    return stepping([w, v], lambda x: (np.sum(w * v * x),)), [w, v]


def product_alone(n: int) -> Made:
    w, v = matrix(n), matrix(n, 5.0)
    return stepping([w, v], lambda _: (np.sum(w * v),)), [w, v]


def copy_returned(n: int) -> Made:
    w = matrix(n)
    return stepping([w], lambda x: (np.sum((w * x) ** 2), w.detach() * 1.0)), [w]


def diagonal_returned(n: int) -> Made:
    w = matrix(n)
    return stepping([w], lambda x: (np.sum(w * x), np.diagonal(w.detach().copy()))), [w]


def transpose_returned(n: int) -> Made:
    w = matrix(n)
    return stepping([w], lambda x: (np.sum(w * x), w.detach().copy().T)), [w]


def each_of_the_other(n: int) -> Made:
    w, v = matrix(n), matrix(n, 5.0)

    def step(x: Any) -> Any:
        with ag.no_grad():
            old = w.copy()
            w.data = (w - v.T).data
            v.data = (v - old.T).data
        return np.sum(x)

    return step, [w, v]


def exchanged(n: int) -> Made:
    w, v = matrix(n), matrix(n, 5.0)

    def step(x: Any) -> Any:
        with ag.no_grad():
            old = w * 1.0
            w.data = v.data
            v.data = old.data
        return np.sum(x)

    return step, [w, v]


@with_each_backend
@pytest.mark.parametrize("n", [SMALL, LARGE])
@pytest.mark.parametrize(
    "make",
    [
        *(product, product_alone, copy_returned, diagonal_returned, transpose_returned),
        *(each_of_the_other, exchanged),
    ],
)
def test_what_is_kept_is_what_it_was_before_the_updates(
    make: Callable[[int], Made], n: int, backend: str
) -> None:
    (eager, expected), (step, tensors) = make(n), make(n)
    x = np.cos(np.arange(n * n).reshape(n, n))
    fast = ag.compile(step, x, backend=backend)
    for k in range(3):
        for one, other in zip(
            as_tuple(fast(x + k)),
            as_tuple(eager(x + k)),
            strict=True,
        ):
            close(one, other)
        for one, other in zip(tensors, expected, strict=True):
            close(one, other)
            assert (one.grad is None) == (other.grad is None)
            if one.grad is not None:
                close(one.grad, other.grad)


def as_tuple(x: Any) -> tuple[Any, ...]:
    return x if isinstance(x, tuple) else (x,)


def close(found: Any, expected: Any) -> None:
    found, expected = (
        np.asarray(t.detach() if isinstance(t, Tensor) else t) for t in (found, expected)
    )
    np.testing.assert_allclose(found, expected, 1e-12, 1e-12)


@with_each_backend
def test_repeated_steps_accumulate_gradients(backend: str) -> None:
    w = Tensor([1.0, 2.0, 3.0], requires_grad=True)

    def step(x: Any) -> Any:
        loss = np.sum((w * x) ** 2)
        loss.backward()
        return loss

    x = np.ones(3)
    fast = ag.compile(step, x, backend=backend)
    fast(x)
    fast.repeat(4, x)
    assert w.grad is not None
    assert w.grad.tolist() == [10.0, 20.0, 30.0]


def network() -> tuple[Callable[..., Any], Sequential]:
    """Make a training step of layers, whose parameters a program lays side by side."""
    model = Sequential(Linear(3, 4, rng=0), Sigmoid(), Linear(4, 2, rng=0), Sigmoid())
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = half_sse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, model


HOLDS: list[Callable[[Tensor], Any]] = [
    *(lambda p: p.numpy(), lambda p: p.numpy()[..., :1], lambda p: p.numpy().T),
    *(lambda p: p.detach(), lambda p: p.detach().numpy()),
]


@pytest.mark.parametrize("hold", HOLDS)
@with_each_backend
def test_who_holds_what_parameters_were_keeps_it(
    hold: Callable[[Tensor], Any], backend: str
) -> None:
    step, model = network()
    x, y = np.ones((5, 3)), np.zeros((5, 2))
    fast = ag.compile(step, x, y, backend=backend)
    for _ in range(3):  # the first time, and when all is at home
        held = [hold(p) for p in model.parameters()]
        before = [np.array(h) for h in held]
        fast(x, y)
        for one, other in zip(held, before, strict=True):
            np.testing.assert_array_equal(np.array(one), other)


@with_each_backend
def test_views_of_parameters_see_the_updates(backend: str) -> None:
    step, model = network()
    x, y = np.ones((5, 3)), np.zeros((5, 2))
    fast = ag.compile(step, x, y, backend=backend)
    weight = model.parameters()[0]
    with ag.no_grad():
        row = weight[0]
    for _ in range(3):
        fast(x, y)
        close(row, weight.numpy()[0])


def test_formulas_side_by_side_may_have_uniform_arrays() -> None:
    w, v, x = (matrix(SMALL, shift).detach().numpy() for shift in (0.0, 5.0, 7.0))
    uniform = np.broadcast_to(0.1, (SMALL, SMALL))

    def function(x: Any) -> Any:
        one, other = x @ w, x @ v
        return np.sin(uniform + one).T @ np.sin(uniform + other)

    close(ag.compile(function, x)(x), function(x))


def test_formulas_side_by_side_may_be_of_one_another() -> None:
    w, v, x = (matrix(SMALL, shift).detach().numpy() for shift in (0.0, 5.0, 7.0))

    def function(x: Any) -> Any:
        one, other = x @ w, x @ v
        one, other = one / 9, other / 9
        return (one @ other) @ ((one / 9) @ (other / 9))

    fast = ag.compile(function, x)
    for k in range(3):
        close(fast(x + k), function(x + k))


def test_a_row_may_be_added_to_columns() -> None:
    w, x = (matrix(SMALL, shift).detach().numpy() for shift in (0.0, 7.0))

    def function(x: Any) -> Any:
        return np.sin((x + 1.0).T + (x @ w)[0])

    close(ag.compile(function, x)(x), function(x))
