"""The main job, end to end: train, compare gradients, see what a mistake costs, draw."""

from __future__ import annotations

import argparse
import contextlib
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from autograd_nn import datasets, draw, nn, optim, tutorial
from autograd_nn.commands.common import (
    DONE,
    EXIT_CODES,
    Parser,
    add_common_arguments,
    check_writable,
    print_json,
)
from autograd_nn.commands.compare import LEGEND, compare, network_of, paragraph
from autograd_nn.compare import GradientComparison, Verdict, training_effect
from autograd_nn.datasets import Dataset, standardise
from autograd_nn.tensor import Tensor

DESCRIPTION = """\
Train the tutorial's network, compare its printed and mended gradients with the automatic one, show
what the mistake does to training, and draw one step."""
EPILOG = f"""\
example: autograd-nn demo --seed 3 --out pictures

{EXIT_CODES}"""
N_SEEDS = 20
INTRODUCTION = (
    "A well-known kind of tutorial builds a neural network from scratch: a hidden layer, sigmoids, "
    "and a backward pass derived by hand.  Its loss, half the summed squared error 1/2 sum (y - "
    "t)^2, goes down when it trains.  Is what it descends the gradient?"
)


def add_arguments(parser: Parser) -> None:
    """Add the options of the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    add_common_arguments(
        parser,
        seed="decides all initial weights",
        out="for the picture; made if it does not exist (here)",
        metavar="FOLDER",
        type=Path,
        default=Path(),
    )


def run(options: argparse.Namespace, _parser: Parser) -> int:
    """Run the demonstration; its text is progress where JSON is asked for."""
    options.out.mkdir(parents=True, exist_ok=True)
    check_writable(options.out)
    with contextlib.redirect_stdout(sys.stderr if options.json else sys.stdout):
        fields = demonstrate(options.seed, options.out)
    if options.json:
        print_json(**fields)
    return DONE


def demonstrate(seed: int, folder: Path) -> dict[str, Any]:
    """Run the demonstration, in a few seconds; the same for the same seed.

    Parameters
    ----------
    seed : int
        Decides all initial weights.
    folder : Path
        Where the picture is written.

    Returns
    -------
    dict
        All that is printed, as data.
    """
    xor, iris = datasets.xor(), datasets.iris()
    iris = replace(iris, features=standardise(iris.features))

    print(paragraph(INTRODUCTION))
    heading("1. The tutorial's network, written on Tensor, learns")
    trained = [
        train("XOR", xor, n_hidden=4, lr=1.0, epochs=2000, seed=seed),
        train("Iris", iris, n_hidden=8, lr=0.02, epochs=1000, seed=seed),
    ]

    heading("2. Which gradient is right?  Five ways to compute it, at the initial weights")
    comparisons: list[GradientComparison] = []
    for name, data, n_hidden in (("XOR", xor, 4), ("Iris", iris, 8)):
        n_samples, n_features = data.features.shape
        sizes = f"{n_features}-{n_hidden}-{data.targets.shape[1]}"
        print(f"{name}: {sizes} sigmoid network, {n_samples} samples, standard normal weights\n")
        network = make_network(data, n_hidden, seed)
        comparisons.append(compare(network, data.features, data.targets))
        print(comparisons[-1])
        print()
    print(paragraph(LEGEND))
    print()
    print(paragraph(explanation(make_network(xor, 4, seed), xor, comparisons)))

    heading("3. What the mistake does to training: XOR 2-4-1")
    effect = show_training_effect(xor, seed)

    heading("4. One training step, drawn")
    return {
        "training": trained,
        "comparisons": [comparison.to_dict() for comparison in comparisons],
        "effect": effect,
        "written": [draw_step(make_network(xor, 4, seed), xor, folder)],
    }


def heading(text: str) -> None:
    """Print a section's title."""
    print(f"\n{text}\n{'=' * len(text)}\n")


def make_network(data: Dataset, n_hidden: int, seed: int) -> nn.SigmoidNetwork:
    """Make the tutorial's two-layer network for a data set, with the tutorial's initial weights."""
    return network_of((data.features.shape[1], n_hidden, data.targets.shape[1]), seed)


def train(
    name: str, data: Dataset, n_hidden: int, lr: float, epochs: int, seed: int
) -> dict[str, Any]:
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
    loss = float(nn.half_sse_loss(network(data.features), data.targets).numpy())
    return {"data": name, "loss": loss, "correct": correct, "samples": len(data.labels)}


def classify(network: nn.SigmoidNetwork, data: Dataset) -> NDArray[Any]:
    """Choose the most active output, or for a single one whether it is above 1/2."""
    output = network(data.features).numpy()
    chosen: NDArray[Any] = output[:, 0] > 0.5  # noqa: PLR2004
    return chosen if output.shape[1] == 1 else np.argmax(output, axis=1)


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


def show_training_effect(data: Dataset, seed: int) -> list[dict[str, Any]]:
    """Train many networks by both rules and print how many succeed, and when."""
    print(
        paragraph(
            f"{N_SEEDS} initial weights, at most 10,000 epochs; a run succeeds when half the "
            "summed squared error reaches 0.01:"
        )
    )
    print()
    print("learning rate   rule      successes   median epochs")
    rows = training_effect(data.features, data.targets, seeds=range(seed, seed + N_SEEDS))
    for row in rows:
        median = f"{row.median_epochs:.0f}" if row.successes else "-"
        share = f"{row.successes} of {row.runs}"
        print(f"{row.learning_rate:13}   {row.rule:7}   {share:>9}   {median:>13}")
    return [asdict(row) for row in rows]


def draw_step(network: nn.SigmoidNetwork, data: Dataset, folder: Path) -> str:
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
    path = picture.render(folder / "training-step.svg")
    print(f"written to {path}")
    return str(path)
