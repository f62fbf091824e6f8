"""Networks of layers: turned, bordered and packed programs compute what the eager step does."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, nn, optim

N_NETWORKS = 80
ACTIVATIONS: list[Callable[[Any], Any]] = [
    *(ag.sigmoid, np.tanh, ag.relu, lambda z: z, lambda z: z * ag.sigmoid(z), np.sin),
    lambda z: z / (1 + z * z),
    *(lambda z: z - np.mean(z, axis=1, keepdims=True), lambda z: z[::-1] * 0.5),
]
Made = tuple[Callable[..., Any], list[Tensor]]


def network(sizes: tuple[int, ...], seed: int) -> tuple[list[list[Tensor]], list[Tensor]]:
    """Make weights and biases; the optimiser has them in one order or another."""
    rng = np.random.default_rng(seed)
    layers = [
        [Tensor(rng.standard_normal(s) / n, requires_grad=True) for s in ((n, m), (m,))]
        for n, m in pairwise(sizes)
    ]
    parameters = [p for layer in layers for p in layer]
    if seed % 3 == 2:  # often not side by side
        parameters = [parameters[k] for k in rng.permutation(len(parameters))]
    return layers, parameters


def random_training(seed: int) -> tuple[Made, tuple[int, ...]]:
    """Make a training step of a random network."""
    rng = np.random.default_rng(seed)
    depth, batch = int(rng.integers(1, 5)), int(rng.integers(1, 9))
    sizes = tuple(int(n) for n in rng.integers(1, 7, size=depth + 1))
    layers, parameters = network(sizes, seed)
    chosen = [ACTIVATIONS[k] for k in rng.integers(len(ACTIVATIONS), size=depth)]
    returns_hidden, decays, forgets = (bool(rng.random() < p) for p in (0.3, 0.3, 0.8))
    optimizer = optim.SGD(parameters, lr=0.05)

    def step(x: Any, t: Any) -> Any:
        if forgets:
            optimizer.zero_grad()
        y, hidden = x, []
        for (w, b), activation in zip(layers, chosen, strict=True):
            y = activation(y @ w + b)
            hidden.append(y)
        loss = nn.half_sse_loss(y, t)
        if decays:
            loss = loss + 0.01 * sum(np.sum(p * p) for p in parameters)
        loss.backward()
        more = [hidden[rng_index % depth].detach() * 1.0] if returns_hidden else []
        optimizer.step()
        return loss, *more

    rng_index = int(rng.integers(9))
    return (step, parameters), (batch, *sizes)


def close(found: Any, expected: Any) -> None:
    found, expected = (
        np.asarray(t.detach() if isinstance(t, Tensor) else t) for t in (found, expected)
    )
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, 1e-10, 1e-12)


@pytest.mark.parametrize("seed", range(N_NETWORKS))
def test_a_network_trains_as_eagerly(seed: int) -> None:
    (step, tensors), (batch, n, *_, m) = random_training(seed)
    (eager, expected), _ = random_training(seed)
    rng = np.random.default_rng(seed)
    fast = ag.compile(step, np.zeros((batch, n)), np.zeros((batch, m)))
    for repeats in (1, 1, 3):
        x, t = rng.standard_normal((batch, n)), rng.standard_normal((batch, m))
        results = fast(x, t) if repeats == 1 else fast.repeat(repeats, x, t)
        others = [eager(x, t) for _ in range(repeats)][-1]
        for one, other in zip(results, others, strict=True):
            close(one, other)
        for one, other in zip(tensors, expected, strict=True):
            close(one, other)
            close(one.grad, other.grad)


def training(batch: int, sizes: tuple[int, ...], dtype: Any = float) -> tuple[Any, Any, Any]:
    """Make the tutorial's training step, as a user writes it."""
    modules: list[Any] = []
    for n, m in pairwise(sizes):
        modules += [nn.Linear(n, m, rng=n), nn.Sigmoid()]
    model = nn.Sequential(*modules)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step(x: Any, t: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.half_sse_loss(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    rng = np.random.default_rng(0)
    data = rng.standard_normal((batch, sizes[0])).astype(dtype), rng.random((batch, sizes[-1]))
    return step, data, model.parameters()


def calls(fast: Any, function: Any) -> int:
    return sum(i.function is function for i in fast.latest.runner.program.instructions)


@pytest.mark.parametrize("sizes", [(2, 4, 1), (4, 8, 3), (3, 5, 4, 2)])
def test_biases_and_their_gradients_are_part_of_the_products(sizes: tuple[int, ...]) -> None:
    step, data, _ = training(8, sizes)
    fast = ag.compile(step, *data)
    depth = len(sizes) - 1
    assert calls(fast, np.add) == depth  # of sigmoids
    assert calls(fast, np.dot) == 3 * depth - 1 + 2  # the loss and the update are one each
    assert calls(fast, np.divide) == depth + 1  # one for the derivatives of all sigmoids


def deep(activation: Callable[[Any], Any], formula: Callable[[Any], Any]) -> Made:
    """Make a step of hidden layers, which lie above rows of ones, with a formula of each."""
    layers, parameters = network((3, 4, 5, 2), 0)
    optimizer = optim.SGD(parameters, lr=0.001)

    def step(x: Any) -> Any:
        optimizer.zero_grad()
        (w, b), (v, c), (u, d) = layers
        one = activation(x @ w + b)
        other = activation(one @ v + c)
        y = other @ u + d
        with ag.no_grad():
            of_one, of_other = formula(one), formula(other)
            total = np.sum(np.tanh(of_one)) + np.sum(np.tanh(of_other))
        np.sum(y * y).backward()
        optimizer.step()
        return total

    return step, parameters


FORMULAS: list[tuple[Callable[[Any], Any], int]] = [  # and how often they call np.hypot
    (lambda h: np.hypot(h, 2 - h), 1),
    (lambda h: np.hypot(np.hypot(h, 3), 2 - h), 2),
    (lambda h: np.hypot(h, 1 / (1 - h)), 2),  # NumPy would warn of it at the ones
]


@pytest.mark.parametrize("activation", [np.tanh, lambda z: z * z, lambda z: np.exp(z) / 9])
@pytest.mark.parametrize(("formula", "expected_calls"), FORMULAS)
def test_formulas_of_layers_are_computed_as_one(
    activation: Any, formula: Any, expected_calls: int
) -> None:
    (step, tensors), (eager, expected) = (deep(activation, formula) for _ in range(2))
    x = np.random.default_rng(0).standard_normal((9, 3))
    fast = ag.compile(step, x)
    for k in range(3):
        close(fast(x / (k + 1)), eager(x / (k + 1)))
        for one, other in zip(tensors, expected, strict=True):
            close(one, other)
    assert calls(fast, np.hypot) == expected_calls


def test_data_of_another_dtype_than_the_parameters() -> None:
    (step, data, parameters), (eager, _, expected) = (
        training(5, (3, 4, 2), np.float32) for _ in range(2)
    )
    fast = ag.compile(step, *data)
    for _ in range(3):
        close(fast(*data), eager(*data))
        for one, other in zip(parameters, expected, strict=True):
            close(one, other)
            close(one.grad, other.grad)


def by_hand(seed: int) -> Made:
    """Make a step whose gradients are spelled out: in another order, a square one like the rest."""
    rng = np.random.default_rng(seed)
    w, b, v, c = (Tensor(rng.standard_normal(s)) for s in ((3, 3), 3, (3, 3), 3))
    ones = np.ones(3)
    orders: list[Callable[..., Any]] = [
        lambda h, d: (np.dot(d.T, ones), np.dot(h.T, d)),
        lambda h, d: (np.dot(h.T, d), np.dot(d.T, ones))[::-1],
        lambda h, d: (np.dot(ones, d), np.dot(h.T, d)),
        lambda h, d: (np.dot(d, ones), np.dot(h.T, d)),  # no gradient, but of the same shape
        lambda h, d: (np.dot(e := np.tanh(d.T), ones), np.dot(h.T, e.T)),
    ]

    def step(x: Any) -> Any:
        with ag.no_grad():
            h = ag.sigmoid(x @ w + b)
            column = np.tanh(h @ v + c.reshape(3, 1))
            d = np.tanh(h @ v + c) + column
            dc, dv = orders[seed % 5](h, d)
            db, dw = orders[(seed + 1) % 5](x, (d @ v.T) * h * (1 - h))
            for p, g in ((w, dw), (b, db), (v, dv), (c, dc)):
                p -= 0.1 * g  # noqa: PLW2901 (in place)
            return np.sum(d)

    return step, [w, b, v, c]


@pytest.mark.parametrize("seed", range(5))
def test_what_looks_like_a_bias_or_its_gradient_and_is_not(seed: int) -> None:
    (step, tensors), (eager, expected) = by_hand(seed), by_hand(seed)
    fast = ag.compile(step, np.ones((3, 3)))
    for k in range(3):
        x = np.cos(np.arange(9.0).reshape(3, 3) + k)
        close(fast(x), eager(x))
        for one, other in zip(tensors, expected, strict=True):
            close(one, other)


def test_a_layer_spelled_out_has_borders_too() -> None:
    def step_of(seed: int) -> Made:
        layers, parameters = network((3, 4, 2), seed)
        optimizer = optim.SGD(parameters, lr=0.1)

        def step(x: Any) -> Any:
            optimizer.zero_grad()
            for w, b in layers:
                x = ag.sigmoid(x @ w + b)
            loss = np.sum(x**2)
            loss.backward()
            optimizer.step()
            return loss

        return step, parameters

    fast = ag.compile(step_of(0)[0], np.ones((5, 3)))
    assert (calls(fast, np.add), calls(fast, np.dot)) == (2, 7)


@pytest.mark.parametrize("dtype", [float, np.float32, complex])
def test_steps_of_a_momentum_and_of_constants(dtype: Any) -> None:
    made = []
    for _ in range(2):
        ws = [Tensor(np.sin(np.arange(n) + 1.0).astype(dtype)) for n in (3, 4)]
        vs = [Tensor(np.cos(np.arange(n) + 1.0).astype(dtype)) for n in (3, 4)]

        def step(x: Any, ws: Any = ws, vs: Any = vs) -> Any:
            with ag.no_grad():
                for w, v in zip(ws, vs, strict=True):
                    w -= 0.5 * v  # noqa: PLW2901 (in place)
                    v -= 0.25  # noqa: PLW2901 (in place)
            return np.sum(x)

        made.append((step, [*ws, *vs]))
    (step, tensors), (eager, expected) = made
    fast = ag.compile(lambda x: step(x), np.ones(2))
    before = [t.numpy().copy() for t in tensors]
    snapshots = [t.detach() for t in tensors]
    for k in range(3):
        close(fast(np.ones(2)), eager(np.ones(2)))
        for one, other in zip(tensors, expected, strict=True):
            close(one, other)
        if k == 0:
            for snapshot, was in zip(snapshots, before, strict=True):
                close(snapshot, was)
        views = [t.detach()[1:] for t in tensors]
        kept = [view.numpy().copy() for view in views]
    fast(np.ones(2))
    for view, was in zip(views, kept, strict=True):
        close(view, was)
