"""Random training steps: what a compiled one returns and leaves is what the eager one does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, optim
from backends import without_numba

N_STEPS = 150
UNARY: list[Callable[[Any], Any]] = [
    *(np.tanh, np.sin, abs),
    *(lambda x: x * x, lambda x: -x, lambda x: 2 * x, lambda x: x + 1.0, lambda x: x * (1 - x)),
    *(lambda x: x.T, lambda x: x[::-1], lambda x: x.copy(), lambda x: x.reshape(-1).reshape(3, 3)),
    *(lambda x: np.where(x > 0, x, 0.1 * x), lambda x: np.maximum(x, 0.0), lambda x: x / 9),
    *(lambda x: x - x.mean(0), lambda x: x / (1 + np.sum(x * x)), lambda x: np.exp(-x * x)),
    *(lambda x: np.broadcast_to(x[0], x.shape), lambda x: np.diag(np.diagonal(x))),
    *(lambda x: np.sort(x, 1), lambda x: np.cumsum(x, 0) / 9),
    lambda x: np.concatenate([x[1:], x[:1]]),
]
BINARY: list[Callable[[Any, Any], Any]] = [
    *(np.add, np.subtract, np.multiply, np.maximum, np.hypot),
    *(lambda a, b: (a @ b) / 9, lambda a, b: np.einsum("ij,kj->ik", a, b) / 9),
    *(lambda a, b: a + b[0], lambda a, b: a * b.sum(1, keepdims=True) / 5),
    *(lambda a, b: np.where(a > b, a, b * 2), lambda a, b: a / (2 + b * b)),
]


def replace(a: Tensor, b: Tensor) -> None:
    a.data = (b * 0.9).data


def write_row(a: Tensor, b: Tensor) -> None:
    a[0] = b[1] * 0.5


def subtract_transposed(a: Tensor, b: Tensor) -> None:
    a -= b.T * 0.1


WRITES: list[Callable[[Tensor, Tensor], None]] = [replace, write_row, subtract_transposed]


def random_step(seed: int) -> tuple[Callable[..., Any], list[Tensor]]:
    """Make a step of three matrices and a bias: some formula, some writes, some optimiser."""
    rng = np.random.default_rng(seed)
    weights = [Tensor(0.3 * rng.standard_normal((3, 3)), requires_grad=True) for _ in range(3)]
    bias = Tensor(0.3 * rng.standard_normal(3), requires_grad=True)
    speeds = [Tensor(np.zeros(w.shape)) for w in weights]
    plan = [(*rng.integers(100, size=4), rng.random() < 0.5) for _ in range(rng.integers(3, 9))]
    writes = [rng.integers(3, size=3) for _ in range(rng.integers(4))]
    forgets, has_momentum, returned = rng.random() < 0.8, rng.random() < 0.4, rng.integers(4)
    optimizer = optim.SGD([*weights, bias], lr=0.05)

    def step(x: Any) -> Any:
        if forgets:
            optimizer.zero_grad()
        values: list[Any] = [x, *weights, weights[0] + bias]
        for f, g, i, k, one in plan:
            a, b = values[i % len(values)], values[k % len(values)]
            values.append(UNARY[f % len(UNARY)](a) if one else BINARY[g % len(BINARY)](a, b))
        loss = np.sum(values[-1] * values[-2]) + np.sum(values[-3] ** 2) + 0.1 * np.sum(bias)
        for w in weights:
            loss = loss + 0.1 * np.sum(w)
        old = weights[0].detach() * 1.0
        loss.backward()
        gradient = weights[1].grad
        assert gradient is not None
        more = [(), (old,), (gradient * 1.0,), (old, gradient * 1.0)][returned]
        with ag.no_grad():
            for kind, i, k in writes:
                WRITES[kind](weights[i], weights[k])
            for w, speed in zip(weights, speeds, strict=True) if has_momentum else ():
                assert w.grad is not None
                speed[...] = 0.9 * speed + w.grad
                w -= 0.01 * speed  # noqa: PLW2901 (in place)
        if not has_momentum:
            optimizer.step()
        return loss, *more

    return step, [*weights, bias, *speeds]


def bare(t: Any) -> Any:
    return np.asarray(t.detach() if isinstance(t, Tensor) else t)


def close(found: Any, expected: Any) -> None:
    assert bare(found).dtype == bare(expected).dtype
    np.testing.assert_allclose(bare(found), bare(expected), 1e-10, 1e-12)


@pytest.mark.parametrize(
    ("seed", "backend"),
    [
        *((seed, "numpy") for seed in range(N_STEPS)),
        *(pytest.param(seed, "numba", marks=without_numba) for seed in range(0, N_STEPS, 20)),
    ],
)
def test_a_random_step_is_the_eager_one(seed: int, backend: str) -> None:
    (eager, expected), (step, tensors) = random_step(seed), random_step(seed)
    rng = np.random.default_rng(seed)
    xs = [rng.standard_normal((3, 3)) for _ in range(3)]
    fast = ag.compile(step, xs[0], backend=backend)
    for k in (0, 1, 2, 2):
        for one, other in zip(tensors, expected, strict=True):  # alike, lest differences grow
            one.data = other.numpy().copy()
            one.grad = None if other.grad is None else other.grad.numpy().copy()
        for one, other in zip(fast(xs[k]), eager(xs[k]), strict=True):
            close(one, other)
        for one, other in zip(tensors, expected, strict=True):
            close(one, other)
            assert (one.grad is None) == (other.grad is None)
            if other.grad is not None:
                close(one.grad, other.grad)
