"""A tutorial's training step with its two guilty lines in red, and the same step mended.

`diagnose` finds the lines; the pictures show whose gradients they compute, the pages have the code
beside.  Give a folder to have them there.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autograd_nn import Tensor, datasets, draw, nn, sigmoid
from autograd_nn.compare import diagnose

Array = NDArray[np.float64]
Arrays = dict[str, Array]


def logistic(x: Array) -> Array:
    """Squash numbers into (0, 1)."""
    return 1 / (1 + np.exp(-x))


def logistic_derivative(x: Array) -> Array:
    """Return the slope of `logistic` at x."""
    return logistic(x) * (1 - logistic(x))


def forward(params: Arrays, x: Array) -> tuple[Array, Array]:
    """Return what the network says, and its hidden layer."""
    a1 = logistic(x @ params["W1"] + params["b1"])
    a2 = logistic(a1 @ params["W2"] + params["b2"])
    return a2, a1


def printed(params: Arrays, x: Array, target: Array, a2: Array, a1: Array) -> Arrays:
    """Go back as the tutorial does, which passes activations where it should not."""
    da2 = a2 - target
    dz2 = da2 * logistic_derivative(a2)
    da1 = dz2 @ params["W2"].T
    dz1 = da1 * logistic_derivative(a1)
    return {
        "W1": x.T @ dz1,
        "b1": dz1.sum(axis=0),
        "W2": a1.T @ dz2,
        "b2": dz2.sum(axis=0),
    }


def mended(params: Arrays, x: Array, target: Array, a2: Array, a1: Array) -> Arrays:
    """Go back as the chain rule says."""
    da2 = a2 - target
    dz2 = da2 * a2 * (1 - a2)
    da1 = dz2 @ params["W2"].T
    dz1 = da1 * a1 * (1 - a1)
    return {
        "W1": x.T @ dz1,
        "b1": dz1.sum(axis=0),
        "W2": a1.T @ dz2,
        "b2": dz2.sum(axis=0),
    }


def half_sse(output: Array, target: Array) -> np.float64:
    """Return half the sum of squared errors."""
    return np.sum((output - target) ** 2) / 2


data = datasets.xor()
rng = np.random.default_rng(0)
shapes = {"W1": (2, 4), "b1": (4,), "W2": (4, 1), "b2": (1,)}
params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
x, target = Tensor(data.features), Tensor(data.targets)
W1, b1, W2, b2 = (Tensor(value, requires_grad=True) for value in params.values())
loss = nn.half_sse_loss(sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2), target)
loss.backward(retain_graph=True)

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
for backward in (printed, mended):
    diagnosis = diagnose(forward, backward, half_sse, params, data.features, data.targets)
    graph = draw.graph(loss, check=diagnosis)
    narrow = draw.graph(loss, check=diagnosis, width=1000)  # as wide as a document
    print(diagnosis.verdict, *(line.code for line in diagnosis.blame), sep="\n  ")
    print("written to", narrow.render(folder / f"tutorial-{backward.__name__}.svg"))
    print("written to", graph.play(folder / f"tutorial-{backward.__name__}.html"))
    found = {card.title: card.verdict.status.value for card in graph.picture.cards if card.verdict}
    if backward is printed:
        assert {name for name, status in found.items() if status == "guilty"} == {"z1", "z2"}
        assert {name for name, status in found.items() if status == "contaminated"} >= {"W1", "b2"}
    else:
        assert found == dict.fromkeys(("W1", "b1", "W2", "b2"), "exact")
