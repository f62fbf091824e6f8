"""Back through twenty sigmoid layers a gradient shrinks to a trillionth; tanh and ReLU keep it.

Each sigmoid multiplies it by its slope, at most 1/4.  Weights four times as large make up for much
of that at first, but saturate the sigmoids.  Glorot's weights for tanh, and He's for ReLU, are
chosen for the gradient to pass.  Give a folder to have the pictures there.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn import Tensor, draw, nn, plotting, relu, sigmoid

Array = NDArray[np.float64]
LAYERS, WIDTH, SAMPLES, SEEDS = 20, 64, 128, 8


@dataclass(frozen=True)
class Stack:
    """An activation, the scheme by which its weights are drawn, and how they are stretched."""

    activation: Callable[[Any], Any]
    initialise: Callable[..., Array]
    stretch: float
    colour: str

    def run(self, seed: int) -> tuple[Any, list[Tensor], list[float]]:
        """Go forward through all layers and back.

        Returns the loss, the weights, and how long the gradient is at each layer's result.
        """
        rng = np.random.default_rng(seed)
        x: Any = rng.normal(size=(SAMPLES, WIDTH))
        weights: list[Tensor] = []
        norms: list[float] = []
        for _ in range(LAYERS):
            drawn = self.initialise(rng, (WIDTH, WIDTH), WIDTH, WIDTH)
            weights.append(Tensor(self.stretch * drawn, requires_grad=True))
            x = self.activation(x @ weights[-1])
            x.register_hook(lambda gradient: norms.append(float(np.linalg.norm(gradient.numpy()))))
        loss: Any = np.mean(np.square(x))
        loss.backward(retain_graph=True)
        return loss, weights, norms[::-1]  # they came from the last layer to the first


STACKS = {
    "ReLU, He's weights": Stack(relu, nn.he_normal, 1, "blue"),
    "tanh, Glorot's weights": Stack(np.tanh, nn.glorot_normal, 1, "green"),
    "sigmoid, Glorot's times 4": Stack(sigmoid, nn.glorot_normal, 4, "pink"),
    "sigmoid, Glorot's weights": Stack(sigmoid, nn.glorot_normal, 1, "orange"),
}


@plotting.style()
def draw_norms(norms: dict[str, Array]) -> Any:
    """Draw what is left of the gradient in each layer: the median, and all between the extremes."""
    figure, [axes] = plotting.subplots(size=(8.5, 4.6))
    layers = np.arange(1, LAYERS + 1)
    for name, stack in STACKS.items():
        left = norms[name] / norms[name][:, -1:]
        colour = plotting.COLOURS[stack.colour]
        axes.fill_between(layers, left.min(0), left.max(0), color=colour, alpha=0.2, linewidth=0)
        axes.semilogy(layers, np.median(left, axis=0), color=colour)
        below = -14 if stack.activation is not relu else 14
        plotting.label(axes, 10, np.median(left[:, 9]), name, stack.colour, xytext=(0, below))
    axes.set(xlabel="layer", xticks=[1, 5, 10, 15, 20], ylim=(5e-14, 60))
    axes.set_title("Gradient at each layer's result, beside the last layer's (←  backward)")
    return figure


def main(folder: Path) -> None:
    """Measure the gradients of all stacks, and draw one of them in full."""
    norms: dict[str, Array] = {}
    for name, stack in STACKS.items():
        norms[name] = np.array([stack.run(seed)[2] for seed in range(SEEDS)])
    print(f"left in the first of {LAYERS} layers, the median of {SEEDS} seeds, and by each layer:")
    kept = {name: np.median(found[:, 0] / found[:, -1]) for name, found in norms.items()}
    for name, share in kept.items():
        print(f"  {name:26} {share:7.0e}  {share ** (1 / (LAYERS - 1)):.2f}")
    assert 1e-13 < kept["sigmoid, Glorot's weights"] < 1e-10
    assert kept["sigmoid, Glorot's times 4"] < 1e-2
    assert 0.1 < kept["tanh, Glorot's weights"] < 10
    assert 0.1 < kept["ReLU, He's weights"] < 10
    print("written to", plotting.save(draw_norms(norms), folder / "vanishing-gradients.svg"))

    loss, weights, _ = STACKS["sigmoid, Glorot's weights"].run(seed=0)
    names = {"loss": loss} | {f"W{i}": weight for i, weight in enumerate(weights, 1)}
    graph = draw.graph(loss, fold="repeats", names=names, width=1000)
    print("written to", graph.render(folder / "deep-sigmoid.svg"))
    (fold,) = (card for card in graph.picture.cards if card.kind == "repeat")
    assert fold.norms[0] < 1e-8 * fold.norms[-1]  # drawn as a line, on the card of what is folded


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
