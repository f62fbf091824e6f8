"""``autograd-nn graph``: draw one training step of a small network."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd_nn import datasets, draw, nn
from autograd_nn.draw.view import FORMATS, THEMES
from autograd_nn.errors import MissingExtraError
from autograd_nn.tensor import Tensor

DESCRIPTION = """\
Draw a training step of a network of sigmoid layers: its values forward, its gradients back, and on
every edge the local derivative.  An .html file is a page to step through; the other formats are
pictures, text or data."""
EPILOG = """\
example: autograd-nn graph --network 2-4-1 --data xor -o step.svg step.html step.png

Files end in {endings}.
PNG and PDF need a renderer; without one the other files are written all the same, an SVG file for
what is missing, and a sentence says what to install.  Exit codes: 0 done, 1 failed or a file is
missing, 2 wrong usage, 130 Ctrl-C.""".format(endings=", ".join(f".{name}" for name in FORMATS))
DATA = {"xor": datasets.xor, "iris": datasets.iris}


def add_parser(commands: Any, seed: Callable[[str], int]) -> None:
    """Add the subcommand; `seed` parses seeds."""
    parser = commands.add_parser(
        "graph",
        help="draw a training step, or write a page to step through it",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(parser=parser)
    add = parser.add_argument
    add(
        "--network",
        type=sizes,
        metavar="SIZES",
        help="units of each layer, such as 2-4-1 (4 hidden units)",
    )
    add("--data", choices=list(DATA), default="xor", help="what it is trained on (xor)")
    add("--seed", type=seed, default=0, help="decides the initial weights (0)")
    add("--theme", choices=THEMES, default="auto", help="colours (auto: the reader's)")
    add("--json", action="store_true", help="print what was drawn and written as JSON")
    add(
        "-o",
        "--out",
        nargs="+",
        type=picture,
        default=[Path("step.svg")],
        metavar="FILE",
        help="where to write it, once for each format (step.svg)",
    )


def run(options: argparse.Namespace) -> int:
    """Draw the step that the options describe, and return an exit code."""
    data = DATA[options.data]()
    n_in, n_out = data.features.shape[1], data.targets.shape[1]
    layers = options.network or (n_in, 4, n_out)
    if (layers[0], layers[-1]) != (n_in, n_out):
        given = "-".join(map(str, layers))
        options.parser.error(
            f"--network {given} does not fit {options.data}, which has {n_in} features and {n_out} "
            f"targets: give {n_in}-...-{n_out}"
        )
    graph = step(data, layers, options.seed, options.theme)
    written: list[str] = []
    missing: list[str] = []
    for path in options.out:
        is_page = path.suffix.lower() == ".html"
        try:
            written.append(str(graph.play(path) if is_page else graph.render(path)))
        except MissingExtraError as error:
            missing.append(str(error))
            written += [error.path] if error.path else []
    written = list(dict.fromkeys(written))
    if options.json:
        facts = {key: value for key, value in graph.to_dict().items() if isinstance(value, int)}
        print(json.dumps({"written": written, "missing": missing, **facts}, indent=2))
    else:
        print(graph)
        print(*(f"written to {path}" for path in written), sep="\n")
    sys.stdout.flush()  # so that a full disk is reported here, not lost at exit
    for sentence in missing:
        print(f"autograd-nn graph: {sentence}", file=sys.stderr)
    return 1 if missing else 0


def step(data: datasets.Dataset, layers: tuple[int, ...], seed: int, theme: str) -> draw.Graph:
    """Make a step of a network with the weights of a seed, and draw it."""
    x, target = Tensor(data.features), Tensor(data.targets)
    network = nn.SigmoidNetwork(layers, rng=seed)
    loss = nn.half_sse_loss(network(x), target)
    loss.backward(retain_graph=True)
    names = {"x": x, "target": target, "network": network, "loss": loss}
    return draw.graph(loss, names=names, theme=theme)


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


def picture(text: str) -> Path:
    """Parse the name of a picture, whose ending gives its format."""
    path = Path(text)
    if path.suffix.lower().removeprefix(".") not in FORMATS:
        endings = ", ".join(f".{name}" for name in FORMATS)
        message = f"{path.name} ends in none of {endings}"
        raise argparse.ArgumentTypeError(message)
    return path
