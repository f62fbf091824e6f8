"""Random programs: compiled as eager, call after call, whatever shares a buffer with what."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, optim

UNARY: list[Callable[[Any], Any]] = [
    np.tanh,
    np.sin,
    np.negative,
    np.square,
    ag.sigmoid,
    ag.relu,
    lambda x: 1.0 * x,
    lambda x: x * (1 - x),
    lambda x: 0.5 * (2 * x),
    lambda x: 0.1 * (0.3 * x),
    lambda x: np.negative(-x),
    lambda x: x.T,
    lambda x: x.T.T,
    lambda x: x[..., ::-1],
    lambda x: x.reshape(-1).reshape(x.shape),
    lambda x: np.sum(x, axis=0),
    lambda x: np.sum(x, keepdims=True),
    lambda x: np.sum(np.square(x)) * x,
    lambda x: np.maximum(x, 0.25),
    lambda x: np.where(x > 0, x, 0.5 * x),
    lambda x: np.concatenate([x, x]),
    lambda x: x / (2 + np.abs(x)),
    lambda x: np.exp(np.minimum(x, 1.0)),
    lambda x: x.astype(np.float32).astype(float),
    lambda x: np.max(x) - x,
]
BINARY: list[Callable[[Any, Any], Any]] = [
    np.add,
    np.subtract,
    np.multiply,
    np.maximum,
    np.arctan2,
    np.matmul,
    lambda x, y: x @ y.T,
    lambda x, y: x.T @ y,
    lambda x, y: x + y * x,
    lambda x, y: np.where(x > y, x, y),
]


def composition(seed: int, n_steps: int) -> Callable[..., Any]:
    """Draw a function of arrays: the same one at every call."""

    def function(*inputs: Any) -> Any:
        rng = np.random.default_rng(seed)
        held = list(inputs)
        for _ in range(n_steps):
            if rng.random() < 0.5:
                x = held[rng.integers(len(held))]
                made = UNARY[rng.integers(len(UNARY))](x) if x.ndim else np.tanh(x)
            else:
                x, y = (held[i] for i in rng.integers(len(held), size=2))
                try:
                    made = BINARY[rng.integers(len(BINARY))](x, y)
                except (ValueError, TypeError):  # they do not fit together
                    continue
            if np.size(made) <= 64:
                held.append(made)
        return [held[i] for i in rng.integers(len(held), size=3)] + held[-2:]

    return function


def agree(found: Any, expected: Any, *, exact: bool) -> None:
    found, expected = np.asarray(found), np.asarray(expected)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    tolerance = 0.0 if exact else 1e-9  # relative to what may have been cancelled
    scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
    assert np.allclose(found, expected, tolerance, tolerance * scale, equal_nan=True)


def draws(seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=s) for s in ((3, 4), (4, 3), (4,), (3, 1), (3, 3))]


@pytest.mark.parametrize("seed", range(60))
def test_random_functions(seed: int) -> None:
    function = composition(seed, 14)
    with np.errstate(all="ignore"):
        fast = ag.compile(function, *draws(0))
        for k in range(3):
            for one, other in zip(fast(*draws(k)), function(*draws(k)), strict=True):
                agree(one, other, exact=fast.program.exact)


@pytest.mark.parametrize("seed", range(60))
def test_random_gradients(seed: int) -> None:
    inner = composition(seed, 10)

    def function(*inputs: Any) -> Any:
        return ag.value_and_grad(
            lambda *xs: sum(np.sum(np.tanh(x)) for x in inner(*xs)), (0, 1, 2, 3, 4)
        )(*inputs)

    with np.errstate(all="ignore"):
        fast = ag.compile(function, *draws(0))
        for k in range(3):
            value, gradients = fast(*draws(k))
            expected, others = function(*draws(k))
            agree(value, expected, exact=fast.program.exact)
            for one, other in zip(gradients, others, strict=True):
                agree(one, other, exact=fast.program.exact)


@pytest.mark.parametrize("seed", range(40))
def test_random_training(seed: int) -> None:
    inner = composition(seed, 10)

    def make() -> tuple[Any, Any]:
        parameters = [Tensor(x, requires_grad=True) for x in draws(7)]
        optimizer = optim.SGD(parameters, lr=0.01)

        def step(x: Any) -> Any:
            optimizer.zero_grad()
            loss = sum(np.sum(np.tanh(y)) for y in inner(*parameters, x)) / 5
            loss.backward()
            optimizer.step()
            return loss

        return parameters, step

    (ps, step), (qs, eager) = make(), make()
    with np.errstate(all="ignore"):
        fast = ag.compile(step, draws(0)[0])
        for k in range(3):
            agree(fast(draws(k)[0]), eager(draws(k)[0]).detach(), exact=False)
            for p, q in zip(ps, qs, strict=True):
                agree(p.detach(), q.detach(), exact=False)
                assert (p.grad is None) == (q.grad is None)
                if p.grad is not None:
                    agree(p.grad, q.grad, exact=False)
