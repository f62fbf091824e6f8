"""With one budget, sigmoid stacks learn less with every layer; tanh and ReLU do not; width helps.

Networks of many depths and widths read handwritten digits after ten epochs, six seeds of each.
The seeds are trained side by side, as a stack of matrices: one compiled step for all of them.
Give a folder to have the picture there.
"""

import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import autograd_nn as ag
from autograd_nn import Tensor, datasets, nn, optim, plotting
from autograd_nn.compare.experiments.intervals import bootstrap

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
SEEDS, EPOCHS, BATCH, RATE = 6, 10, 64, 3e-3
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "ReLU": ag.relu,
    "tanh": np.tanh,
    "sigmoid": ag.sigmoid,
}
COLOURS = {"ReLU": "blue", "tanh": "green", "sigmoid": "orange"}
DEPTHS, WIDTHS = (1, 2, 4, 6), (8, 32, 128)
WIDTH = 32  # of what differs in depth; what differs in width has one hidden layer


def stack(sizes: tuple[int, ...]) -> list[tuple[Tensor, Tensor]]:
    """Draw weights and biases of `SEEDS` networks, the seeds along the first axis."""
    rngs = [np.random.default_rng(seed) for seed in range(SEEDS)]
    return [
        (
            Tensor([nn.glorot_uniform(r, (m, n), m, n) for r in rngs], requires_grad=True),
            Tensor(np.zeros((SEEDS, 1, n)), requires_grad=True),
        )
        for m, n in pairwise(sizes)
    ]


def accuracies(
    depth: int, width: int, activation: Callable[[Any], Any], split: list[Array]
) -> Array:
    """Train a stack; return of each seed the share of unseen digits that it reads, (SEEDS,)."""
    X, X_test, Y, Y_test = split
    layers = stack((X.shape[1], *[width] * depth, Y.shape[1]))

    def network(x: Any) -> Any:
        for W, b in layers[:-1]:
            x = activation(x @ W + b)
        W, b = layers[-1]
        return x @ W + b

    optimizer = optim.Adam([tensor for layer in layers for tensor in layer], lr=RATE)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = -np.sum(y * ag.log_softmax(network(x))) / BATCH  # seeds do not touch one another
        loss.backward()
        optimizer.step()
        return loss

    learn = ag.compile(step, X[:BATCH], Y[:BATCH])
    for epoch in range(EPOCHS):
        for x, y in datasets.batches(X, Y, BATCH, rng=epoch, drop_last=True):
            learn(x, y)
    with ag.no_grad():
        read = np.argmax(network(X_test).numpy(), axis=-1)
    found: Array = np.mean(read == np.argmax(Y_test, axis=1), axis=1)
    return found


@plotting.style()
def picture(found: dict[tuple[str, int, int], Array]) -> "Figure":
    """Draw mean accuracies with their intervals, over depth and over width."""
    figure, panels = plotting.subplots(1, 2, size=(8.4, 3.3), sharey=True)
    plans = [(DEPTHS, [(d, WIDTH) for d in DEPTHS]), (WIDTHS, [(1, w) for w in WIDTHS])]
    beside = [{"ReLU": -5, "tanh": 5, "sigmoid": 0}, {"ReLU": 9, "tanh": -1, "sigmoid": -6}]
    for axes, (values, plan), heights in zip(panels, plans, beside, strict=True):
        for name, colour in COLOURS.items():
            means = [100 * float(np.mean(found[name, *shape])) for shape in plan]
            bounds = np.array([bootstrap(found[name, *shape], np.mean) for shape in plan])
            axes.fill_between(
                values, *(100 * bounds.T), color=plotting.COLOURS[colour], alpha=0.2, linewidth=0
            )
            axes.plot(values, means, "o-", markersize=4, color=plotting.COLOURS[colour])
            plotting.label(axes, values[-1], means[-1], name, colour, xytext=(8, heights[name]))
        axes.set_xticks(values)
    panels[0].set_title(f"Deeper: layers of {WIDTH} units", loc="left")
    panels[0].set(xlabel="hidden layers", ylabel="unseen digits read [%]", ylim=(0, 100))
    panels[1].set_title("Wider: one hidden layer", loc="left")
    panels[1].set(xlabel="units", xscale="log")
    panels[1].set_xticks(WIDTHS, [str(width) for width in WIDTHS])
    panels[1].minorticks_off()
    return figure


def main() -> None:
    """Train, print, draw, assert."""
    data = datasets.digits()
    split = datasets.train_test_split(data.features / 16, data.targets, rng=0)
    shapes = [*[(depth, WIDTH) for depth in DEPTHS], *[(1, w) for w in WIDTHS if w != WIDTH]]
    found = {
        (name, *shape): accuracies(*shape, activation, split)
        for shape in shapes
        for name, activation in ACTIVATIONS.items()
    }
    print(f"Unseen digits read after {EPOCHS} epochs, mean of {SEEDS} seeds [95 % interval]")
    for depth, width in shapes:
        print(f"{depth} x {width:3}", end="")
        for name in ACTIVATIONS:
            values = found[name, depth, width]
            low, high = bootstrap(values, np.mean) or (0.0, 1.0)
            print(f"   {name} {np.mean(values):.1%} [{low:.1%}, {high:.1%}]", end="")
        print()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    print("written to", plotting.save(picture(found), folder / "architectures.svg"))

    # With every layer a sigmoid network learns less, and ReLU's worst seed is above its best.
    sigmoids = [np.mean(found["sigmoid", depth, WIDTH]) for depth in DEPTHS]
    assert all(later < earlier for earlier, later in pairwise(sigmoids))
    for depth in DEPTHS:
        assert found["ReLU", depth, WIDTH].min() > found["sigmoid", depth, WIDTH].max()
    assert found["sigmoid", 6, WIDTH].max() < 0.5
    assert found["ReLU", 6, WIDTH].min() > 0.85
    # The widest beats the narrowest with every activation, in every seed.
    for name in ACTIVATIONS:
        assert found[name, 1, 128].min() > found[name, 1, 8].max()


if __name__ == "__main__":
    main()
