"""Derive the tutorial's backprop by hand for many networks at once, with each of its mistakes.

The networks are stacked along a leading axis, and every line is the tutorial's own, in its
order, so that each network of a stack has, bit for bit, the numbers of the tutorial's loop.
Complex arrays pass through, for complex steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_nn.tutorial import activation_derivative, sigmoid, sigmoid_derivative

Array = NDArray[Any]  # float64, or complex128 in a complex step
PARAMETERS = ("W1", "b1", "W2", "b2")


class Network(NamedTuple):
    """Hold a value for each parameter of each network: weights, gradients or steps.

    Attributes
    ----------
    W1 : (n_runs, n_features, n_hidden) array
    b1 : (n_runs, 1, n_hidden) array
    W2 : (n_runs, n_hidden, n_outputs) array
    b2 : (n_runs, 1, n_outputs) array
    """

    W1: Array
    b1: Array
    W2: Array
    b2: Array


class Rule(NamedTuple):
    """Say how a rule departs from the chain rule; see `RULES`.

    Attributes
    ----------
    output_slope, hidden_slope : callable
        What is taken for the slope of the sigmoid, from the activations.
    stale : bool
        Whether the hidden layer is reached through output weights already updated.
    reduce : callable
        What a bias does with the deltas of the samples.
    """

    output_slope: Callable[[Array], Array]
    hidden_slope: Callable[[Array], Array]
    stale: bool = False
    reduce: Callable[..., Array] = np.sum


RULES = {
    "printed": Rule(sigmoid_derivative, sigmoid_derivative),
    "mended": Rule(activation_derivative, activation_derivative),
    "hidden-mended": Rule(sigmoid_derivative, activation_derivative),
    "output-mended": Rule(activation_derivative, sigmoid_derivative),
    "stale-weights": Rule(activation_derivative, activation_derivative, stale=True),
    "mean-bias": Rule(activation_derivative, activation_derivative, reduce=np.mean),
    "no-output-slope": Rule(np.ones_like, activation_derivative),
    "no-hidden-slope": Rule(activation_derivative, np.ones_like),
}
"""The rules by name: the tutorial's as printed, wholly mended, mended in one of its two lines
alone, and mended but for another common mistake."""


def forward(x: Array, network: Network) -> tuple[Array, Array]:
    """Compute the activations of both layers, (n_runs, n_samples, ...) each."""
    h = sigmoid(np.matmul(x, network.W1) + network.b1)
    return h, sigmoid(np.matmul(h, network.W2) + network.b2)


def half_sse(t: Array, y: Array) -> Array:
    """Return half the sum of squared errors of each network, (n_runs,)."""
    squares = (y - t) ** 2
    sums: Array = np.sum(squares.reshape(len(squares), -1), axis=1)
    return 0.5 * sums


def descent(rule: Rule, x: Array, t: Array, network: Network, rates: Array) -> Network:
    """Return minus what `rule` takes for the gradient of `half_sse`, from the features on."""
    return backward(rule, x, t, network, rates, *forward(x, network))


def backward(
    rule: Rule, x: Array, t: Array, network: Network, rates: Array, h: Array, y: Array
) -> Network:
    """Return minus what `rule` takes for the gradient of `half_sse`.

    Parameters
    ----------
    rule : Rule
    x : (n_samples, n_features) array, or one for each network
    t : (n_samples, n_outputs) array, or one for each network
    network : Network
        Left as it is.
    rates : (n_runs, 1, 1) array
        The learning rates, which stale weights depend on.
    h, y : arrays
        What `forward` returned.
    """
    delta2 = (t - y) * rule.output_slope(y)
    dW2 = np.matmul(h.mT, delta2)
    W2 = network.W2 + rates * dW2 if rule.stale else network.W2
    delta1 = np.matmul(delta2, W2.mT) * rule.hidden_slope(h)
    return Network(
        W1=np.matmul(x.mT, delta1),
        b1=rule.reduce(delta1, axis=1, keepdims=True),
        W2=dW2,
        b2=rule.reduce(delta2, axis=1, keepdims=True),
    )


def update(network: Network, steps: Network, rates: Array) -> None:
    """Add `rates` times each step to its parameter, in place."""
    for parameter, step in zip(network, steps, strict=True):
        parameter += rates * step  # noqa: PLW2901 (in place)
