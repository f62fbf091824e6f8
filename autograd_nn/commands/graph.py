"""``autograd-nn graph``: draw one training step of a small network."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograd_nn import draw, nn
from autograd_nn.commands.common import (
    DONE,
    EXIT_CODES,
    FAILED,
    Parser,
    add_common_arguments,
    complain,
    ending_in,
    flush,
    print_json,
)
from autograd_nn.commands.data import add_data_arguments, layers_of, load
from autograd_nn.datasets import Dataset
from autograd_nn.draw.view import FORMATS, THEMES
from autograd_nn.errors import MissingExtraError
from autograd_nn.tensor import Tensor

HIDDEN = 4
DESCRIPTION = """\
Draw a training step of a network of sigmoid layers: its values forward, its gradients back, and on
every edge the local derivative.  An .html file is a page to step through; the other formats are
pictures, text or data."""
EPILOG = f"""\
example: autograd-nn graph --network 2-4-1 --data xor -o step.svg step.html

Files end in {", ".join(f".{name}" for name in FORMATS)}.
PNG and PDF need a renderer; without one the other files are written all the same, an SVG file for
what is missing, and a sentence says what to install: the command has failed then.
{EXIT_CODES}"""


def add_arguments(parser: Parser) -> None:
    """Add the options of the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    add_data_arguments(parser, hidden=HIDDEN)
    parser.add_argument(
        "--theme", choices=THEMES, default="auto", help="colours (auto: the reader's)"
    )
    add_common_arguments(
        parser,
        seed="decides the initial weights",
        out="where to write it, once for each format (step.svg)",
        metavar="FILE",
        nargs="+",
        type=ending_in(FORMATS),
        default=[Path("step.svg")],
    )


def run(options: argparse.Namespace, parser: Parser) -> int:
    """Draw the step that the options describe."""
    data = load(options.data)
    layers = layers_of(parser, options.network, options.data, data, HIDDEN)
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
        print_json(written=written, missing=missing, **facts)
    else:
        print(graph)
        print(*(f"written to {path}" for path in written), sep="\n")
    flush()  # what was written is said before what is missing
    for sentence in missing:
        complain(parser, sentence)
    return FAILED if missing else DONE


def step(data: Dataset, layers: tuple[int, ...], seed: int, theme: str) -> draw.Graph:
    """Make a step of a network with the weights of a seed, and draw it."""
    x, target = Tensor(data.features), Tensor(data.targets)
    network = nn.SigmoidNetwork(layers, rng=seed)
    loss = nn.half_sse_loss(network(x), target)
    loss.backward(retain_graph=True)
    names = {"x": x, "target": target, "network": network, "loss": loss}
    return draw.graph(loss, names=names, theme=theme)
