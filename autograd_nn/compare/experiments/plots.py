"""Draw outcomes with Matplotlib, the extra ``[plot]``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn import plotting
from autograd_nn.compare.experiments import witnesses
from autograd_nn.compare.experiments.cases import Case
from autograd_nn.compare.experiments.outcome import Outcome
from autograd_nn.compare.experiments.report import CONFIGURATION, spell
from autograd_nn.plotting import style, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {
    "printed": plotting.COLOURS["orange"],
    "mended": plotting.COLOURS["blue"],
    "hidden-mended": plotting.COLOURS["green"],
    "output-mended": plotting.COLOURS["pink"],
    "stale-weights": plotting.COLOURS["grey"],
    "mean-bias": "#9a7d0a",
    "no-output-slope": "#7d3c98",
    "no-hidden-slope": "#a0522d",
}
METHODS = {  # colour and width; central differences lie under the complex step for a long way
    "forward": ("pink", 1.2),
    "central": ("orange", 2.8),
    "richardson": ("green", 1.2),
    "complex step": ("blue", 1.2),
}
COLUMNS = 4  # of panels, where nothing suggests another number
WIDEST = 6
SCATTERED = 20  # seeds, at most
QUARTILES = (0.25, 0.5, 0.75)


def draw(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """Draw every picture that the outcomes are enough for, by name."""
    first = outcomes[0].case
    rules = dict.fromkeys(outcome.case.rule for outcome in outcomes)
    seeds = list(dict.fromkeys(outcome.case.seed for outcome in outcomes))[:SCATTERED]
    pictures = {
        "learning-curves": learning_curves(outcomes),
        "cosines": cosine_curves(outcomes),
        "gradient-entries": gradient_scatter(
            [replace(first, rule=rule, seed=seed) for rule in rules for seed in seeds]
        ),
        "taylor": taylor_slopes([replace(first, rule=rule) for rule in rules]),
        "step-sizes": step_sizes(first),
    }
    if len({(o.case.learning_rate, o.case.scale) for o in outcomes}) > 1:
        pictures["successes"] = heat_maps(outcomes)
    return pictures


@style()
def learning_curves(outcomes: Sequence[Outcome]) -> Figure:
    """Draw the loss over the epochs: medians over the seeds, the middle half as a band."""
    figure, panels = _panels(outcomes)
    for axes, group in panels.items():
        _curves(axes, group, "losses")
        axes.axhline(group[0].case.target, color="0.5", linewidth=0.8, linestyle=":")
        axes.set_yscale("log")
    return _finish(
        figure, list(panels), "epoch", "half SSE", "Learning curves: median and middle half"
    )


@style()
def cosine_curves(outcomes: Sequence[Outcome]) -> Figure:
    """Draw the cosine between rule and gradient over the epochs, as `learning_curves` does."""
    figure, panels = _panels(outcomes)
    for axes, group in panels.items():
        _curves(axes, group, "cosines")
        axes.axhline(0, color="0.5", linewidth=0.8, linestyle=":")
    title = "Angle between the rule and the gradient, along training: median and middle half"
    return _finish(figure, list(panels), "epoch", "cosine", title)


@style()
def heat_maps(outcomes: Sequence[Outcome]) -> Figure:
    """Draw the share of successes over learning rate and weight scale, a map for each rule."""
    rules = list(dict.fromkeys(outcome.case.rule for outcome in outcomes))
    rates = sorted({outcome.case.learning_rate for outcome in outcomes})
    scales = sorted({outcome.case.scale for outcome in outcomes})
    width, height = 0.8 + 0.5 * len(rates), 0.8 + 0.5 * len(scales)
    figure, grid = _grid(len(rules), width=width, height=height, sharey=True)
    for axes, rule in zip(grid, rules, strict=True):
        shares = np.full((len(scales), len(rates)), np.nan)
        for i, j in np.ndindex(shares.shape):
            reached = [
                outcome.epochs_to_target is not None
                for outcome in outcomes
                if (outcome.case.rule, outcome.case.scale, outcome.case.learning_rate)
                == (rule, scales[i], rates[j])
            ]
            if reached:
                shares[i, j] = 100 * np.mean(reached)
                colour = "white" if shares[i, j] < 60 else "black"  # noqa: PLR2004 (to be legible)
                axes.text(j, i, f"{shares[i, j]:.0f}", ha="center", va="center", color=colour)
        axes.grid(visible=False)
        image = axes.imshow(shares, origin="lower", vmin=0, vmax=100, aspect="auto")
        axes.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
        axes.set_yticks(range(len(scales)), [f"{scale:g}" for scale in scales])
        axes.set_title(rule)
        axes.set_xlabel("learning rate")
    figure.supylabel("scale of initial weights")
    figure.colorbar(image, ax=grid, label="successes [%]")
    return figure


@style()
def gradient_scatter(cases: Sequence[Case]) -> Figure:
    """Draw what each rule takes for the gradient against the gradient, entry by entry."""
    rules = list(dict.fromkeys(case.rule for case in cases))
    figure, grid = _grid(len(rules), sharex=True, sharey=True)
    for axes, rule in zip(grid, rules, strict=True):
        axes.set_title(rule)
        for part, marker in (("hidden", "o"), ("output", "s")):
            entries = [witnesses.gradient_entries(c, part) for c in cases if c.rule == rule]
            taken, gradient = np.hstack(entries)
            axes.scatter(
                gradient, taken, s=14, marker=marker, alpha=0.5, linewidth=0, label=f"{part} layer"
            )
        axes.axline((0, 0), slope=1, color="0.5", linewidth=0.8, zorder=0)
        for line in (axes.axhline, axes.axvline):
            line(0, color="0.8", linewidth=0.8, zorder=0)
    title = "What is taken for the gradient, entry by entry, at the initial weights"
    return _finish(figure, grid, "gradient", "rule", title)


@style()
def taylor_slopes(cases: Sequence[Case]) -> Figure:
    """Draw what is left of the loss beyond its linear part, over the length of the step."""
    figure, [axes] = _grid(1, width=6.0, height=3.8)
    steps = np.geomspace(1e-4, 1e-1, 13).tolist()
    for case in cases:
        remainders = witnesses.taylor_remainders(case, steps)
        slope = witnesses.order(steps[:7], remainders[:7])
        label = f"{case.rule}: order {slope:.2f}"
        axes.loglog(steps, remainders, "o-", ms=3.5, color=COLOURS[case.rule], label=label)
    title = "Taylor test: order 2 is the gradient, order 1 is not"
    remainder = "|L(w + h d) - L(w) - h <g, d>|"
    return _finish(figure, [axes], "step h along a random direction", remainder, title)


@style()
def step_sizes(case: Case) -> Figure:
    """Draw the error of four numerical gradients over their step."""
    figure, [axes] = _grid(1, width=6.0, height=3.8)
    steps = np.geomspace(1e-15, 1, 46).tolist()
    step_curves(axes, steps, witnesses.step_errors(case, steps))
    title = f"Numerical gradients of a {'-'.join(map(str, case.sizes))} network on {case.data}"
    return _finish(figure, [axes], "relative step", "relative error", title)


def step_curves(axes: Any, steps: Sequence[float], errors: Mapping[str, Sequence[float]]) -> None:
    """Draw the errors of numerical gradients over their step, a line a method."""
    smallest = np.finfo(np.float64).eps / 16  # where an error of 0 is drawn
    for method, measured in errors.items():
        colour, width = METHODS[method]
        drawn = np.maximum(measured, smallest)
        axes.loglog(steps, drawn, linewidth=width, color=plotting.COLOURS[colour], label=method)


def _panels(outcomes: Sequence[Outcome]) -> tuple[Figure, dict[Any, list[Outcome]]]:
    """Make a panel for each configuration but the rule, with the outcomes that belong there."""
    names = [
        name
        for name in CONFIGURATION
        if name != "rule" and len({getattr(outcome.case, name) for outcome in outcomes}) > 1
    ]
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        title = ", ".join(
            f"{name.replace('_', ' ')} {spell(getattr(outcome.case, name))}" for name in names
        )
        groups.setdefault(title, []).append(outcome)
    values = {getattr(outcome.case, names[-1]) for outcome in outcomes} if names else {None}
    figure, grid = _grid(len(groups), columns=len(values), sharex=True, sharey=True)
    for axes, title in zip(grid, groups, strict=True):
        axes.set_title(title)
    return figure, dict(zip(grid, groups.values(), strict=True))


def _curves(axes: Any, group: Sequence[Outcome], curve: str) -> None:
    """Draw a line and a band for each rule; runs without a number there are left out."""
    for rule in dict.fromkeys(outcome.case.rule for outcome in group):
        runs = [outcome for outcome in group if outcome.case.rule == rule]
        values = np.array([getattr(outcome, curve) for outcome in runs], dtype=np.float64)
        known = ~np.isnan(values).all(axis=0)
        low, middle, high = np.nanquantile(values[:, known], QUARTILES, axis=0)
        epochs = np.array(runs[0].epochs)[known]
        axes.plot(epochs, middle, color=COLOURS[rule], linewidth=1.6, label=rule)
        axes.fill_between(epochs, low, high, color=COLOURS[rule], alpha=0.15, linewidth=0)
    axes.set_xscale("symlog", linthresh=1)


def _grid(
    panels: int,
    columns: int = COLUMNS,
    width: float = 3.0,
    height: float = 2.7,
    **shared: Any,
) -> tuple[Figure, list[Any]]:
    """Make a figure of so many panels, row after row."""
    columns = min(columns, panels, WIDEST)
    rows = math.ceil(panels / columns)
    size = (width * columns + 2.2, height * rows + 0.8)
    figure, grid = subplots(rows, columns, size=size, **shared)
    for axes in grid[panels:]:
        axes.set_visible(False)
    return figure, grid[:panels]


def _finish(figure: Figure, panels: Sequence[Any], x: str, y: str, title: str) -> Figure:
    """Label what all panels share."""
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center")
    figure.supxlabel(x)
    figure.supylabel(y)
    figure.suptitle(title)
    return figure
