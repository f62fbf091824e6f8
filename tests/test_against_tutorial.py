"""The main claim: automatic gradients are the mended tutorial's, and the printed ones are not."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import autograd_nn as ag
from autograd_nn import Tensor, nn, optim, tutorial

Layers = tuple[dict[str, Any], dict[str, Any]]
CASES = {
    "sizes": st.tuples(st.integers(1, 7), st.integers(1, 9), st.integers(1, 5)),
    "n_samples": st.integers(1, 12),
    "scale": st.sampled_from([0.1, 1.0, 3.0]),
    "seed": st.integers(0, 2**32 - 1),
}


def draw_case(
    sizes: tuple[int, int, int], n_samples: int, scale: float, seed: int
) -> tuple[Any, Any, Layers]:
    rng = np.random.default_rng(seed)
    hidden, output = tutorial.initialize_network(*sizes, rng=rng)
    layers = tuple({k: scale * v for k, v in layer.items()} for layer in (hidden, output))
    x, t = rng.standard_normal((n_samples, sizes[0])), rng.random((n_samples, sizes[2]))
    return x, t, (layers[0], layers[1])


def tracked(layers: Layers) -> Layers:
    first, second = (
        {k: Tensor(v, requires_grad=True) for k, v in layer.items()} for layer in layers
    )
    return first, second


def automatic_gradients(x: Any, t: Any, layers: Layers, sigmoid: Any = ag.sigmoid) -> list[Any]:
    """Differentiate the network written on Tensors, with a sigmoid of one's choice."""
    hidden, output = tracked(layers)
    h = sigmoid(x @ hidden["weights"] + hidden["bias"])
    y = sigmoid(h @ output["weights"] + output["bias"])
    nn.half_sse_loss(y, t).backward()
    return [p.grad.numpy() for layer in (hidden, output) for p in layer.values()]


def by_hand(rule: Any, x: Any, t: Any, layers: Layers) -> list[Any]:
    return [g for layer in rule(x, *layers, t) for g in layer.values()]


def assert_relative(found: list[Any], expected: list[Any], rtol: float) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert np.max(np.abs(ours - theirs)) <= rtol * np.max(np.abs(theirs)) + 1e-300


@given(**CASES)
def test_automatic_gradients_are_the_mended_ones(
    sizes: Any, n_samples: int, scale: float, seed: int
) -> None:
    x, t, layers = draw_case(sizes, n_samples, scale, seed)
    mended = by_hand(tutorial.mended_gradients, x, t, layers)
    assert_relative(automatic_gradients(x, t, layers), mended, 1e-10)


@given(**CASES)
def test_each_printed_delta_is_the_true_one_times_the_factor(
    sizes: Any, n_samples: int, scale: float, seed: int
) -> None:
    x, t, (hidden, output) = draw_case(sizes, n_samples, scale, seed)
    rng = np.random.default_rng(seed)
    z1: Any = Tensor(x @ hidden["weights"] + hidden["bias"], requires_grad=True)
    z2: Any = Tensor(rng.standard_normal((n_samples, sizes[2])), requires_grad=True)
    for z in (z1, z2):
        upstream = rng.standard_normal(z.shape)
        a = ag.sigmoid(z)
        a.backward(upstream)
        value = a.numpy()
        printed_delta = upstream * tutorial.sigmoid_derivative(value)
        factor = tutorial.sigmoid_derivative(value) / (value * (1 - value))
        np.testing.assert_allclose(printed_delta, z.grad.numpy() * factor, rtol=1e-9)


@given(**CASES)
def test_with_the_printed_rule_for_sigmoid_automatic_gradients_are_the_printed_ones(
    sizes: Any, n_samples: int, scale: float, seed: int
) -> None:
    x, t, layers = draw_case(sizes, n_samples, scale, seed)
    printed_sigmoid = ag.custom_vjp(
        tutorial.sigmoid, lambda v, a, _z: v * tutorial.sigmoid_derivative(a)
    )
    printed = by_hand(tutorial.printed_gradients, x, t, layers)
    with_the_mistake = automatic_gradients(x, t, layers, printed_sigmoid)
    for ours, theirs in zip(with_the_mistake, printed, strict=True):
        np.testing.assert_array_equal(ours, theirs)  # to the last bit


@given(**CASES)
def test_the_printed_gradient_is_wrong_on_every_network(
    sizes: Any, n_samples: int, scale: float, seed: int
) -> None:
    x, t, layers = draw_case(sizes, n_samples, scale, seed)
    printed = by_hand(tutorial.printed_gradients, x, t, layers)
    found = automatic_gradients(x, t, layers)
    with pytest.raises(AssertionError):
        assert_relative(found, printed, 1e-6)


def test_the_tutorials_forward_function_runs_unchanged_on_tensors() -> None:
    x, t, layers = draw_case((3, 5, 2), 4, 1.0, seed=0)
    hidden, output = tracked(layers)
    _, y = tutorial.forward_propagation(x, hidden, output)
    assert isinstance(y, Tensor)
    np.testing.assert_array_equal(y.numpy(), tutorial.predict(x, *layers))
    tutorial.half_sse(t, y).backward()
    found = [p.grad.numpy() for layer in (hidden, output) for p in layer.values()]
    assert_relative(found, by_hand(tutorial.mended_gradients, x, t, layers), 1e-12)


@pytest.mark.parametrize("sizes", [(2, 4, 1), (4, 8, 3)])
def test_training_follows_the_mended_tutorial_for_a_thousand_epochs(sizes: Any) -> None:
    rng = np.random.default_rng(3)
    x, t = rng.standard_normal((10, sizes[0])), rng.random((10, sizes[2]))
    mended = tutorial.mended_backward_propagation
    hidden, output = tutorial.train_network(
        x, t, sizes[0], sizes[1], sizes[2], 0.5, 1000, rng=7, backward=mended
    )
    network = nn.SigmoidNetwork(sizes, rng=7)
    optimizer = optim.SGD(network.parameters(), lr=0.5)
    for _ in range(1000):
        optimizer.zero_grad()
        nn.half_sse_loss(network(x), t).backward()
        optimizer.step()
    expected = [p for layer in (hidden, output) for p in layer.values()]
    assert_relative([p.numpy() for p in network.parameters()], expected, 1e-9)
