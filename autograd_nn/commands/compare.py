"""``autograd-nn compare``: the tutorial's gradients beside automatic and numerical ones."""

from __future__ import annotations

import argparse
import textwrap
from itertools import product
from math import isnan, nan
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_nn import nn, tutorial
from autograd_nn.commands.common import (
    DONE,
    EXIT_CODES,
    FAILED,
    Parser,
    add_common_arguments,
    at_least,
    check_writable,
    complain,
    ending_in,
    positive,
    publish,
    write_report,
)
from autograd_nn.commands.data import add_data_arguments, layers_of, load, spelled
from autograd_nn.compare import (
    GradientComparison,
    Verdict,
    compare_gradients,
    complex_step,
    finite_difference,
)
from autograd_nn.compare.rows import number
from autograd_nn.datasets import standardise

DESCRIPTION = """\
Compute the gradient of the tutorial's network (one hidden layer, sigmoids, half the summed squared
error) in five ways: automatic, by the tutorial's backprop as printed and with its mistake mended,
by finite differences and by complex steps.  Features are standardised, but for xor."""
EPILOG = f"""\
example: autograd-nn compare --data iris --scale 0.1 1 3 --seeds 5 --out gradients.json

With several seeds or scales the table is over all starting points.  Whatever the gradients are, the
comparison is done: the exit code is 0.
{EXIT_CODES}"""
LEGEND = (
    "max rel. error: the largest difference between the two gradients of a parameter, relative to "
    "the largest entry of either.  cosine: of the angle between them.  norm ratio: length of the "
    "source's over that of the automatic one.  wrong sign: share of entries that point the wrong "
    "way."
)
WIDTH = 96
HIDDEN = 4
ONE_HIDDEN = 3  # sizes of a network of one hidden layer
Layers = dict[str, dict[str, NDArray[np.float64]]]  # the tutorial's two layers


class Found(NamedTuple):
    """A starting point, and how the gradients compare there."""

    seed: int
    scale: float
    comparison: GradientComparison


def add_arguments(parser: Parser) -> None:
    """Add the options of the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    add_data_arguments(parser, hidden=HIDDEN)
    add = parser.add_argument
    add(
        "--scale",
        nargs="+",
        type=positive,
        default=[1.0],
        help="the initial weights and biases are standard normal times this (1)",
    )
    add("--seeds", type=at_least(1), default=1, metavar="N", help="how many (1)")
    add_common_arguments(
        parser,
        seed="the first of the seeds, which decide the initial weights",
        out="also write the report, to .json or .txt files",
        metavar="FILE",
        nargs="+",
        type=ending_in(["json", "txt"]),
        default=[],
    )


def run(options: argparse.Namespace, parser: Parser) -> int:
    """Compare the gradients that the options describe."""
    for path in options.out:
        check_writable(path.parent)
    data = load(options.data)
    sizes = layers_of(parser, options.network, options.data, data, HIDDEN)
    if len(sizes) != ONE_HIDDEN:
        parser.error(
            f"--network {spelled(sizes)}: the tutorial's network has one hidden layer: give "
            f"{sizes[0]}-...-{sizes[-1]} with one number between"
        )
    x = data.features if options.data == "xor" else standardise(data.features)
    found = []
    scales = dict.fromkeys(options.scale)  # each once
    for scale, seed in product(scales, range(options.seed, options.seed + options.seeds)):
        try:
            with np.errstate(all="ignore"):  # sigmoids of large weights overflow, as they should
                comparison = compare(network_of(sizes, seed, scale), x, data.targets)
        except ValueError as error:  # of an oracle, at weights beyond reason
            complain(parser, f"seed {seed}, scale {scale:g}: {error}")
            return FAILED
        found.append(Found(seed, scale, comparison))
    report = report_on(found, f"{options.data}: {spelled(sizes)} sigmoid network, {len(x)} samples")
    fields = {
        "data": options.data,
        "network": sizes,
        "comparisons": [
            {"seed": point.seed, "scale": point.scale, **point.comparison.to_dict()}
            for point in found
        ],
    }
    written = write_report(report, fields, options.out)
    publish(report, fields, written, as_data=options.json)
    return DONE


def network_of(sizes: tuple[int, ...], seed: int, scale: float = 1.0) -> nn.SigmoidNetwork:
    """Make the tutorial's network, with its initial weights times `scale`."""
    network = nn.SigmoidNetwork(sizes, rng=seed)
    for parameter in network.parameters():
        parameter.data = parameter.numpy() * scale
    return network


def compare(network: nn.SigmoidNetwork, x: Any, t: Any) -> GradientComparison:
    """Set the automatic gradient beside the tutorial's two and two numerical ones."""
    layers = layers_from(network)

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


def layers_from(network: nn.SigmoidNetwork) -> Layers:
    """Return copies of the network's parameters in the tutorial's form."""
    (w1, b1, w2, b2) = (p.detach().numpy().copy() for p in network.parameters())
    return {"hidden": {"weights": w1, "bias": b1}, "output": {"weights": w2, "bias": b2}}


def report_on(found: list[Found], title: str) -> str:
    """Say how the gradients compare: at one point in full, at several in one table."""
    if len(found) == 1:
        point = found[0]
        title = f"{title}, seed {point.seed}, weights times {point.scale:g}"
        return "\n".join([title, "", str(point.comparison), "", paragraph(LEGEND)])
    scales = ", ".join(f"{scale:g}" for scale in dict.fromkeys(point.scale for point in found))
    seeds = [point.seed for point in found]
    title = f"{title}, seeds {min(seeds)} to {max(seeds)}, weights times {scales}"
    return "\n".join([title, "", *summary(found), "", paragraph(SUMMARY_LEGEND)])


SUMMARY_LEGEND = (
    "agree: at how many starting points.  Of all starting points: the largest relative error, the "
    "lowest and the median cosine, the lowest and the highest norm ratio, the largest share of "
    "entries with the wrong sign."
)
COLUMNS = (
    *("scale", "source", "parameter", "agree", "max rel. error"),
    *("cosine", "median", "norm ratio", "wrong sign"),
)


def summary(found: list[Found]) -> list[str]:
    """Return the lines of a table: a row for each scale, source and parameter."""
    table = [COLUMNS]
    for scale in dict.fromkeys(point.scale for point in found):
        comparisons = [point.comparison for point in found if point.scale == scale]
        for i, row in enumerate(comparisons[0].rows):
            rows = [comparison.rows[i] for comparison in comparisons]
            agree = sum(row.verdict is Verdict.AGREES for row in rows)
            cosines = [row.cosine for row in rows if not isnan(row.cosine)] or [nan]
            ratios = [row.norm_ratio for row in rows if not isnan(row.norm_ratio)] or [nan]
            table.append(
                (
                    f"{scale:g}",
                    row.source,
                    row.parameter,
                    f"{agree} of {len(rows)}",
                    number(max(row.max_relative_error for row in rows), ".1e"),
                    number(min(cosines), ".4f"),
                    number(median(cosines), ".4f"),
                    f"{number(min(ratios), '.3g')} to {number(max(ratios), '.3g')}",
                    f"{max(row.wrong_sign for row in rows):.1%}",
                )
            )
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in table]


def paragraph(text: str) -> str:
    """Wrap a text to the width of the tables."""
    return textwrap.fill(text, width=WIDTH)
