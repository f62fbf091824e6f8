"""The ratios as a picture."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import Any

from autograd_nn import plotting
from benchmarks.competitors import UNIT
from benchmarks.rounds import Measured, Refused

COLOURS = {  # peers are grey and dashed
    UNIT: "grey",
    "autograd_nn": "blue",
    "autograd_nn compiled": "orange",
    "autograd_nn repeat": "green",
}


@plotting.style()
def draw(results: dict[str, list[Measured | Refused]], form: str, caption: str) -> bytes:
    """Draw a line a competitor over the cases, from small to large, on a logarithmic axis.

    Returns the file's content, in the form "png", "svg" or "pdf".
    """
    figure, [axes] = plotting.subplots(size=(9, 5.2))
    cases, ends = list(results), []
    for k, first in enumerate(results[cases[0]]):
        points = [
            (x, r.median, r.low, r.high)
            for x, case in enumerate(cases)
            if isinstance(r := results[case][k], Measured)
        ]
        if not points:
            continue
        xs, medians, lows, highs = zip(*points, strict=True)
        mine, colour = first.name in COLOURS, COLOURS.get(first.name, "grey")
        axes.plot(
            xs, medians, marker="o", markersize=4 if mine else 3, color=plotting.COLOURS[colour],
            linewidth=2 if mine else 1, linestyle="-" if mine else "--", zorder=3 if mine else 2,
        )  # fmt: skip
        axes.fill_between(xs, lows, highs, color=plotting.COLOURS[colour], alpha=0.15, linewidth=0)
        ends.append((xs[-1], medians[-1], first.name, colour))
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    name_ends(axes, ends, (high / low) ** 0.04)
    axes.set_xticks(range(len(cases)), [case.replace(", ", "\n") for case in cases])
    axes.set_ylabel("time of a training step ÷ hand-written loop")
    axes.set_title("One training step beside the tutorial's own loop (less is faster)", loc="left")
    figure.supxlabel("\n".join(wrap(caption, 150)), fontsize=6, ha="left", x=0.02)
    return plotting.render(figure, form)


def name_ends(axes: Any, ends: Iterable[tuple[float, float, str, str]], apart: float) -> None:
    """Write names where curves end (x, y, name, colour), each `apart` times as high as the next.

    So all can be read on a logarithmic axis, also where curves end close together.
    """
    height = 0.0
    for x, y, name, colour in sorted(ends, key=lambda end: end[1]):
        height = max(y, apart * height)
        plotting.label(axes, x, height, name, colour)
