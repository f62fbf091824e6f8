"""The main job, end to end: train, compare gradients, see what a mistake costs, draw."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from autograd_nn import datasets, draw, nn, optim, tutorial
from autograd_nn.compare import (
    GradientComparison,
    Verdict,
    compare_gradients,
    complex_step,
    finite_difference,
    training_effect,
)
from autograd_nn.datasets import Dataset
from autograd_nn.tensor import Tensor

Layers = dict[str, dict[str, NDArray[np.float64]]]  # the tutorial's two layers
N_SEEDS = 20
INTRODUCTION = (
    "A well-known kind of tutorial builds a neural network from scratch: a hidden layer, sigmoids, "
    "and a backward pass derived by hand.  Its loss, half the summed squared error 1/2 sum (y - "
    "t)^2, goes down when it trains.  Is what it descends the gradient?"
)
LEGEND = (
    "max rel. error: the largest difference between the two gradients of a parameter, relative to "
    "the largest entry of either.  cosine: of the angle between them.  norm ratio: length of the "
    "source's over that of the automatic one.  wrong sign: share of entries that point the wrong "
    "way."
)


def run(seed: int, folder: Path) -> None:
    """Run the demonstration, in a few seconds; the same for the same seed.

    Parameters
    ----------
    seed : int
        Decides all initial weights.
    folder : Path
        Where the picture is written; made if it does not exist.
    """
    check_writable(folder)
    xor, iris = datasets.xor(), standardised(datasets.iris())

    print(paragraph(INTRODUCTION))
    heading("1. The tutorial's network, written on Tensor, learns")
    train("XOR", xor, n_hidden=4, lr=1.0, epochs=2000, seed=seed)
    train("Iris", iris, n_hidden=8, lr=0.02, epochs=1000, seed=seed)

    heading("2. Which gradient is right?  Five ways to compute it, at the initial weights")
    comparisons: list[GradientComparison] = []
    for name, data, n_hidden in (("XOR", xor, 4), ("Iris", iris, 8)):
        n_samples, n_features = data.features.shape
        sizes = f"{n_features}-{n_hidden}-{data.targets.shape[1]}"
        print(f"{name}: {sizes} sigmoid network, {n_samples} samples, standard normal weights\n")
        comparisons.append(compare(make_network(data, n_hidden, seed), data))
        print(comparisons[-1])
        print()
    print(paragraph(LEGEND))
    print()
    print(paragraph(explanation(make_network(xor, 4, seed), xor, comparisons)))

    heading("3. What the mistake does to training: XOR 2-4-1")
    show_training_effect(xor, seed)

    heading("4. One training step, drawn")
    draw_step(make_network(xor, 4, seed), xor, folder)


def check_writable(folder: Path) -> None:
    """Make the folder, and fail now rather than at the end if nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = f"cannot write to {folder}: {error.strerror}"
        raise OSError(message) from error


def heading(text: str) -> None:
    """Print a section's title."""
    print(f"\n{text}\n{'=' * len(text)}\n")


def paragraph(text: str) -> str:
    """Wrap a text to the width of the tables."""
    return textwrap.fill(text, width=96)


def standardised(data: Dataset) -> Dataset:
    """Shift and scale every feature to mean 0 and standard deviation 1."""
    x = data.features
    return replace(data, features=(x - x.mean(axis=0)) / x.std(axis=0))


def make_network(data: Dataset, n_hidden: int, seed: int) -> nn.SigmoidNetwork:
    """Make the tutorial's two-layer network for a data set, with the tutorial's initial weights."""
    sizes = (data.features.shape[1], n_hidden, data.targets.shape[1])
    return nn.SigmoidNetwork(sizes, rng=seed)


def train(name: str, data: Dataset, n_hidden: int, lr: float, epochs: int, seed: int) -> None:
    """Train on all samples at once and print the loss on the way and the accuracy at the end."""
    network = make_network(data, n_hidden, seed)
    optimizer = optim.SGD(network.parameters(), lr)
    on_terminal = sys.stderr.isatty()
    bar = tqdm(
        range(1, epochs + 1),
        desc=name,
        disable=not on_terminal,
        nrows=24,  # where the terminal does not say how high it is, tqdm would show nothing
        bar_format="{desc}: {percentage:3.0f}%|{bar}| epoch {n} of {total}{postfix}",
    )
    for epoch in bar:
        optimizer.zero_grad()
        loss = nn.half_sse_loss(network(data.features), data.targets)
        loss.backward()
        optimizer.step()
        if epoch % (epochs // 4) == 0:
            bar.set_postfix_str(f"loss {loss:.4f}")
            if not on_terminal:
                print(f"{name}: epoch {epoch:5d}, half the summed squared error {loss:.4f}")
    correct = int(np.sum(classify(network, data) == data.labels))
    print(f"{name}: {correct} of {len(data.labels)} samples classified correctly")


def classify(network: nn.SigmoidNetwork, data: Dataset) -> NDArray[Any]:
    """Choose the most active output, or for a single one whether it is above 1/2."""
    output = network(data.features).numpy()
    chosen: NDArray[Any] = output[:, 0] > 0.5  # noqa: PLR2004
    return chosen if output.shape[1] == 1 else np.argmax(output, axis=1)


def layers_of(network: nn.SigmoidNetwork) -> Layers:
    """Return copies of the network's parameters in the tutorial's form."""
    (w1, b1, w2, b2) = (p.detach().numpy().copy() for p in network.parameters())
    return {"hidden": {"weights": w1, "bias": b1}, "output": {"weights": w2, "bias": b2}}


def compare(network: nn.SigmoidNetwork, data: Dataset) -> GradientComparison:
    """Set the automatic gradient beside the tutorial's two and two numerical ones."""
    x, t = data.features, data.targets
    layers = layers_of(network)

    def loss(layers: Layers) -> Any:
        _, y = tutorial.forward_propagation(x, layers["hidden"], layers["output"])
        return tutorial.half_sse(t, y)

    def by_hand(rule: Any) -> list[NDArray[np.float64]]:
        hidden, output = rule(x, layers["hidden"], layers["output"], t)
        return [hidden["weights"], hidden["bias"], output["weights"], output["bias"]]

    def numerically(oracle: Any) -> list[NDArray[np.float64]]:
        found = oracle(loss, layers)
        return [found[layer][kind] for layer in found for kind in found[layer]]

    network.zero_grad()
    nn.half_sse_loss(network(x), t).backward()
    sources: dict[str, list[Any]] = {
        "automatic": [p.grad for p in network.parameters()],
        "tutorial as printed": by_hand(tutorial.printed_gradients),
        "tutorial mended": by_hand(tutorial.mended_gradients),
        "central differences": numerically(finite_difference),
        "complex step": numerically(complex_step),
    }
    named = {
        source: dict(zip(("W1", "b1", "W2", "b2"), gradients, strict=True))
        for source, gradients in sources.items()
    }
    return compare_gradients(named, reference="automatic")


def explanation(
    network: nn.SigmoidNetwork, data: Dataset, comparisons: list[GradientComparison]
) -> str:
    """Say what the table shows, with the ratio at the output delta as just measured."""
    hidden, output, squash = network[0], network[2], network[3]
    z = output(squash(hidden(data.features)))
    true_delta: list[Tensor] = []
    z.register_hook(true_delta.append)
    y = squash(z)
    nn.half_sse_loss(y, data.targets).backward()
    a = y.numpy()
    ratio = (a - data.targets) * tutorial.sigmoid_derivative(a) / true_delta[0].numpy()
    expected = tutorial.sigmoid_derivative(a) / (a * (1 - a))
    deviation = np.max(np.abs(ratio / expected - 1))
    mended = [row for c in comparisons for row in c.rows if "printed" not in row.source]
    agree = all(row.verdict is Verdict.AGREES for row in mended)
    return (
        "The printed rule is not the gradient of half the summed squared error.  Its "
        "sigmoid_derivative(x) applies sigmoid itself, so it wants the weighted input z, but it is "
        "called on values that are activations already, a = sigmoid(z).  So sigmoid is applied "
        "twice, and at the output delta the printed value divided by the true one is exactly "
        f"sigmoid'(a) / (a (1 - a)): on XOR here {ratio.min():.3f} to {ratio.max():.3f}, equal to "
        f"that formula within a relative {max(deviation, np.finfo(float).eps):.0e}.  The hidden "
        "delta inherits this factor and adds one of its own.  The factors differ from sample to "
        "sample, so the sums over samples are not a multiple of the gradient, entries can have "
        "the wrong sign, and no learning rate makes up for it.  Writing a * (1 - a) in both "
        "places mends it: the mended rule, the automatic gradient and both numerical ones "
        f"{'agree' if agree else 'should agree, but see the tables'}."
    )


def show_training_effect(data: Dataset, seed: int) -> None:
    """Train many networks by both rules and print how many succeed, and when."""
    print(
        paragraph(
            f"{N_SEEDS} initial weights, at most 10,000 epochs; a run succeeds when half the "
            "summed squared error reaches 0.01:"
        )
    )
    print()
    print("learning rate   rule      successes   median epochs")
    for row in training_effect(data.features, data.targets, seeds=range(seed, seed + N_SEEDS)):
        median = f"{row.median_epochs:.0f}" if row.successes else "-"
        share = f"{row.successes} of {row.runs}"
        print(f"{row.learning_rate:13}   {row.rule:7}   {share:>9}   {median:>13}")


def draw_step(network: nn.SigmoidNetwork, data: Dataset, folder: Path) -> None:
    """Draw the graph of one training step and say where the picture is."""
    x, t = Tensor(data.features), Tensor(data.targets)
    z1 = network[0](x)
    a1 = network[1](z1)
    z2 = network[2](a1)
    y = network[3](z2)
    loss = nn.half_sse_loss(y, t)
    loss.backward(retain_graph=True)  # keeps the values in between, to be drawn
    parameters = dict(zip(("W1", "b1", "W2", "b2"), network.parameters(), strict=True))
    names = {"x": x, "t": t, "z1": z1, "a1": a1, "z2": z2, "y": y, "loss": loss}
    picture = draw.graph(loss, names=names | parameters)
    print(f"written to {picture.render(folder / 'training-step.svg')}")
