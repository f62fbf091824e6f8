"""The ratios as a picture."""

from __future__ import annotations

from io import BytesIO
from textwrap import wrap

from benchmarks.competitors import UNIT
from benchmarks.rounds import Measured, Refused

COLOURS = {
    UNIT: "0.45",
    "autograd_nn": "#1b6ca8",
    "autograd_nn compiled": "#0b3c5d",
    "autograd_nn repeat": "#328cc1",
}


def draw(results: dict[str, list[Measured | Refused]], form: str, caption: str) -> bytes:
    """Draw a line a competitor over the cases, from small to large, on a logarithmic axis.

    Returns the file's content, in the form "png", "svg" or "pdf".
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.2), layout="constrained")
    axes = figure.add_subplot()
    cases = list(results)
    for k, first in enumerate(results[cases[0]]):
        points = [
            (x, r.median, r.low, r.high)
            for x, case in enumerate(cases)
            if isinstance(r := results[case][k], Measured)
        ]
        if not points:
            continue
        xs, medians, lows, highs = zip(*points, strict=True)
        mine = first.name in COLOURS and first.name != UNIT
        (line,) = axes.plot(
            xs, medians, marker="o", markersize=5 if mine else 3.5, label=first.name,
            linewidth=2.4 if mine else 1.2, color=COLOURS.get(first.name), zorder=3 if mine else 2,
            linestyle="-" if mine or first.name == UNIT else "--",
        )  # fmt: skip
        axes.fill_between(xs, lows, highs, color=line.get_color(), alpha=0.15, linewidth=0)
    axes.axhline(1, color="0.6", linewidth=0.8, zorder=1)
    axes.set_yscale("log")
    axes.set_xticks(range(len(cases)), [case.replace(", ", "\n") for case in cases])
    axes.set_ylabel("time of a training step ÷ hand-written loop")
    axes.set_title("One training step beside the tutorial's own loop (less is faster)", loc="left")
    axes.grid(axis="y", which="major", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.supxlabel("\n".join(wrap(caption, 150)), fontsize=6, color="0.4", ha="left", x=0.02)
    drawn = BytesIO()
    figure.savefig(drawn, format=form, dpi=160)
    return drawn.getvalue()
