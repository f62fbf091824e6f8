"""Two lines of a well-known kind of tutorial are wrong: they are found, named, mended, proved."""

from typing import Any

import numpy as np

from autograd_nn.compare import DiagnosisVerdict, diagnose


def sigmoid(x: Any) -> Any:
    """Squash."""
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x: Any) -> Any:
    """Differentiate the sigmoid at its input x."""
    return sigmoid(x) * (1 - sigmoid(x))


def forward(layers: Any, x: Any) -> Any:
    """Go forward."""
    hidden, output = layers["hidden"], layers["output"]
    hidden_in = x @ hidden["weights"] + hidden["bias"]
    hidden_out = sigmoid(hidden_in)
    output_in = hidden_out @ output["weights"] + output["bias"]
    output_out = sigmoid(output_in)
    return output_out, {"hidden_in": hidden_in, "hidden_out": hidden_out, "output_in": output_in}


def backward(layers: Any, x: Any, target: Any, output_out: Any, cache: Any, rate: Any) -> None:
    """Update the layers, as such tutorials print it."""
    output_error = target - output_out
    output_delta = output_error * sigmoid_derivative(output_out)
    hidden_error = output_delta @ layers["output"]["weights"].T
    hidden_delta = hidden_error * sigmoid_derivative(cache["hidden_out"])
    layers["output"]["weights"] += rate * cache["hidden_out"].T @ output_delta
    layers["output"]["bias"] += rate * output_delta.sum(axis=0)
    layers["hidden"]["weights"] += rate * x.T @ hidden_delta
    layers["hidden"]["bias"] += rate * hidden_delta.sum(axis=0)


def mended(layers: Any, x: Any, target: Any, output_out: Any, cache: Any, rate: Any) -> None:
    """Update the layers, with the two lines mended in the two ways that are as good."""
    output_error = target - output_out
    output_delta = output_error * sigmoid_derivative(cache["output_in"])
    hidden_error = output_delta @ layers["output"]["weights"].T
    hidden_delta = hidden_error * (cache["hidden_out"] * (1 - cache["hidden_out"]))
    layers["output"]["weights"] += rate * cache["hidden_out"].T @ output_delta
    layers["output"]["bias"] += rate * output_delta.sum(axis=0)
    layers["hidden"]["weights"] += rate * x.T @ hidden_delta
    layers["hidden"]["bias"] += rate * hidden_delta.sum(axis=0)


def half_sse(output_out: Any, target: Any) -> Any:
    """Compute half the sum of squared errors."""
    return np.sum((output_out - target) ** 2) / 2


rng = np.random.default_rng(0)
sizes = {"hidden": (3, 5), "output": (5, 2)}
layers = {
    name: {"weights": rng.standard_normal(size), "bias": rng.standard_normal(size[1])}
    for name, size in sizes.items()
}
x, target = rng.standard_normal((7, 3)), rng.random((7, 2))

printed = diagnose(forward, backward, half_sse, layers, x, target, returns="update")
print(printed)
assert printed.verdict is DiagnosisVerdict.NOT_A_DESCENT
assert {line.variable for line in printed.blame} == {"output_delta", "hidden_delta"}
assert all(line.mistake == "double-derivative" and line.verified for line in printed.blame)

right = diagnose(forward, mended, half_sse, layers, x, target, returns="update")
print(f"\nThe mended rule:\n{right}")
right.assert_ok()
