"""One gradient, computed in four ways that share no code, agrees to the last digits.

It is that of a small sigmoid network by all its weights: automatic, derived by hand, by the complex
step and by finite differences.  A tutorial's printed rule stands beside them: it does not agree.
Give a folder to have the picture there.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn import grad, plotting, tutorial
from autograd_nn.compare import Verdict, compare_gradients, complex_step, finite_difference

Array = NDArray[np.float64]
COLOURS = {
    "printed": "orange",
    "finite differences": "green",
    "complex step": "blue",
    "by hand": "pink",
}
PARTS = ("weights", "bias")


def flat(gradient: Any) -> Array:
    """Lay the gradients of both layers out in a row."""
    return np.concatenate([np.ravel(layer[part]) for layer in gradient for part in PARTS])


@plotting.style()
def draw(gradients: dict[str, Any]) -> Any:
    """Draw by how much each entry differs from the automatic gradient's."""
    figure, [axes] = plotting.subplots(size=(8.5, 4.4))
    truth = flat(gradients["automatic"])
    entries = np.arange(1, len(truth) + 1)
    for source, colour in COLOURS.items():
        apart = np.abs(flat(gradients[source]) - truth) / np.abs(truth)
        apart = np.maximum(apart, 1e-17)  # where 0 is drawn
        axes.semilogy(entries, apart, "o", ms=4, color=plotting.COLOURS[colour])
        above = {"complex step": 7, "by hand": -7}.get(source, 0)
        plotting.label(axes, entries[-1], np.median(apart), source, colour, xytext=(12, above))
    ends = np.cumsum([np.size(layer[part]) for layer in gradients["automatic"] for part in PARTS])
    axes.set_xticks([0.5, *(ends + 0.5)], [])
    names = ("W1", "b1", "W2", "b2")
    for name, start, end in zip(names, [0, *ends], ends, strict=False):
        axes.annotate(name, ((start + end + 1) / 2, 0), (0, -14), ha="center",
                      xycoords=("data", "axes fraction"), textcoords="offset points")  # fmt: skip
    axes.set(ylim=(3e-18, 1e2))
    axes.set_title("Relative difference from the automatic gradient, entry by entry")
    return figure


def main(folder: Path) -> None:
    """Compute the gradient in all ways, and compare."""
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((6, 3)), rng.random((6, 2))
    layers = tutorial.initialize_network(3, 5, 2, rng=rng)

    def loss(layers: Any) -> Any:  # of arrays, complex arrays and Tensors alike
        _, y = tutorial.forward_propagation(x, *layers)
        return tutorial.half_sse(t, y)

    gradients = {
        "automatic": grad(loss)(layers),
        "by hand": tutorial.mended_gradients(x, *layers, t),
        "complex step": complex_step(loss, layers),
        "finite differences": finite_difference(loss, layers),
        "printed": tutorial.printed_gradients(x, *layers, t),
    }
    comparison = compare_gradients(gradients, reference="automatic")
    print(comparison)
    for row in comparison.rows:
        assert row.verdict is (Verdict.DIFFERS if row.source == "printed" else Verdict.AGREES)
    print("written to", plotting.save(draw(gradients), folder / "gradients-four-ways.svg"))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
