"""--data and --network: what a network learns, and how many units its layers have."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograd_nn import datasets
from autograd_nn.commands.common import Parser
from autograd_nn.datasets import Dataset

DATA = {
    "xor": datasets.xor,
    "iris": datasets.iris,
    "digits": datasets.digits,
    "breast_cancer": datasets.breast_cancer,
}
FILES = (".csv", ".npz")


def add_data_arguments(parser: Parser, *, hidden: int) -> None:
    """Add --data and --network; `hidden` units are what `layers_of` assumes."""
    parser.set_defaults(data="xor")
    parser.add_argument(
        "--data",
        type=named,
        metavar="DATA",
        help=f"{', '.join(DATA)}, or a .csv or .npz file with the label in its last column (xor)",
    )
    parser.add_argument(
        "--network",
        type=sizes,
        metavar="SIZES",
        help=f"units of each layer, such as 2-4-1 (one hidden layer of {hidden})",
    )


def named(text: str) -> str:
    """Parse the name of a data set or of a file."""
    if text not in DATA and Path(text).suffix.lower() not in FILES:
        message = f"{text!r} is none of {', '.join(DATA)}, and no .csv or .npz file"
        raise argparse.ArgumentTypeError(message)
    return text


def sizes(text: str) -> tuple[int, ...]:
    """Parse the sizes of layers.

    >>> sizes("2-4-1")
    (2, 4, 1)
    """
    parts = text.split("-")
    if len(parts) < 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):  # noqa: PLR2004 (in and out)
        message = f"{text!r} are no sizes of layers; give them like 2-4-1"
        raise argparse.ArgumentTypeError(message)
    return tuple(map(int, parts))


def spelled(layers: tuple[int, ...]) -> str:
    """Spell the sizes of layers as `sizes` reads them.

    >>> spelled((2, 4, 1))
    '2-4-1'
    """
    return "-".join(map(str, layers))


def load(name: str) -> Dataset:
    """Load a data set, or a file."""
    return DATA[name]() if name in DATA else datasets.read(name)


def layers_of(
    parser: Parser, network: tuple[int, ...] | None, name: str, data: Dataset, hidden: int
) -> tuple[int, ...]:
    """Return the sizes of a network's layers; end the program if they do not fit the data."""
    n_in, n_out = data.features.shape[1], data.targets.shape[1]
    layers = network or (n_in, hidden, n_out)
    if (layers[0], layers[-1]) != (n_in, n_out):
        parser.error(
            f"--network {spelled(layers)} does not fit {name}, which has {n_in} features and "
            f"{n_out} targets: give {n_in}-...-{n_out}"
        )
    return layers
