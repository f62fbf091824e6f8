"""Two lines of a well-known kind of tutorial are wrong: they are found, named, mended, proved.

Give a folder to have the picture there.
"""

import sys
import tempfile
from inspect import getsourcelines
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn import plotting
from autograd_nn.compare import Diagnosis, DiagnosisVerdict, diagnose

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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


@plotting.style()
def picture(diagnosis: Diagnosis, function: Any) -> "Figure":
    """Draw the code of a function, each guilty line with what to write instead."""
    lines, first = getsourcelines(function)
    blame = {line.line: line for line in diagnosis.blame}
    rows: list[tuple[str, str, str | None, str]] = []
    for number, code in enumerate(lines, first):
        guilty = blame.get(number)
        rows.append(
            (str(number), code.rstrip(), "orange" if guilty else None, "✗" if guilty else "")
        )
        if guilty and guilty.repair:
            indent = code[: len(code) - len(code.lstrip())]
            repair = f"{indent}{guilty.repair}  ({guilty.mistake})"
            rows.append(("", repair.replace("`", ""), "green", "→"))
    figure, [axes] = plotting.subplots(size=(8.4, 0.21 * len(rows)))
    axes.set(xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6))
    axes.set_axis_off()
    for i, (place, code, name, mark) in enumerate(rows):
        colour = plotting.COLOURS[name] if name else plotting.INK
        axes.text(0.03, i, place, size=8, ha="right", va="center", color=plotting.SOFT)
        axes.text(0.05, i, mark, ha="center", va="center", color=colour)
        kept = code.replace(" ", "\N{NO-BREAK SPACE}")  # SVG drops spaces at the beginning
        axes.text(0.07, i, kept, family="monospace", va="center", color=colour)
    return figure


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

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
print("written to", plotting.save(picture(printed, backward), folder / "diagnosis.svg"))
