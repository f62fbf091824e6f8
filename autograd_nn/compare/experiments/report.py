"""Summarise outcomes: a row for each configuration, over its seeds, with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from autograd_nn.compare.experiments.cases import Case
from autograd_nn.compare.experiments.intervals import Interval, bootstrap, wilson
from autograd_nn.compare.experiments.outcome import Outcome

CONFIGURATION = tuple(field.name for field in fields(Case) if field.name != "seed")


@dataclass(frozen=True)
class Estimate:
    """Hold a value over the seeds and its 95 % interval; both None where no seed has one."""

    value: float | None
    interval: Interval | None

    def show(self, form: str) -> str:
        """Spell value and interval, each in the format `form`."""
        if self.value is None or self.interval is None:
            return "-"
        low, high = self.interval
        return f"{self.value:{form}} [{low:{form}}, {high:{form}}]"


@dataclass(frozen=True)
class Summary:
    """Hold what the runs of one configuration have in common.

    Attributes
    ----------
    configuration : dict
        The fields of their cases, the seed left out.
    runs : int
    successes : int
        Runs that came to their target.
    share : Estimate
        Of successes, with Wilson's interval.
    epochs : Estimate
        The median of successful runs' epochs to the target; this and all further intervals are
        bootstrapped.
    relapsed : int
        Successful runs that relapsed.
    raised : Estimate
        The mean share of epochs that raised the loss.
    loss : Estimate
        The median final loss.
    accuracy : Estimate
        The mean final accuracy.
    cosine : Estimate
        The median at the initial weights, all parameters together.
    lowest_cosine : float or None
        Of all runs, where the curves were sampled.
    norm_ratio : Estimate
        The median at the initial weights.
    sign_flips : Estimate
        The mean at the initial weights.
    curl : Estimate
        The median at the initial weights.
    """

    configuration: dict[str, Any]
    runs: int
    successes: int
    share: Estimate
    epochs: Estimate
    relapsed: int
    raised: Estimate
    loss: Estimate
    accuracy: Estimate
    cosine: Estimate
    lowest_cosine: float | None
    norm_ratio: Estimate
    sign_flips: Estimate
    curl: Estimate


def summarize(outcomes: Iterable[Outcome]) -> list[Summary]:
    """Summarise the outcomes of each configuration over its seeds.

    Parameters
    ----------
    outcomes : iterable of Outcome

    Returns
    -------
    list of Summary
        In the order in which the configurations come up.

    Examples
    --------
    >>> from autograd_nn.compare import cases, summarize, sweep
    >>> [row] = summarize(sweep(cases(rule="mended", seed=range(5), epochs=1500)))
    >>> row.successes, row.runs, row.curl.value < 1e-9
    (5, 5, True)
    """
    groups: dict[tuple[Any, ...], list[Outcome]] = {}
    for outcome in outcomes:
        key = tuple(getattr(outcome.case, name) for name in CONFIGURATION)
        groups.setdefault(key, []).append(outcome)
    return [
        _summary(dict(zip(CONFIGURATION, key, strict=True)), group)
        for key, group in groups.items()
    ]


def table(summaries: Sequence[Summary]) -> str:
    """Print a row for each configuration; what all have in common is said once, above.

    Examples
    --------
    >>> from autograd_nn.compare import cases, summarize, sweep, table
    >>> print(table(summarize(sweep(cases(rule="mended", seed=range(5), epochs=1500)))))
    data xor, hidden 4, batch_size all, scale 1, learning_rate 1, rule mended, epochs 1500, target 0.01
    <BLANKLINE>
          successes          median epochs  raised  relapsed         cosine  sign flips      curl
    5 of 5 [57, 100]  498 [395, 669]            ...
    """
    if not summaries:
        return "no outcomes"
    seen = {name: [s.configuration[name] for s in summaries] for name in CONFIGURATION}
    varying = [name for name in CONFIGURATION if len(set(seen[name])) > 1]
    common = ", ".join(
        f"{name} {_spell(seen[name][0])}" for name in CONFIGURATION if name not in varying
    )
    head = [*(name.replace("_", " ") for name in varying), *MEASURES]
    rows = [
        [_spell(s.configuration[name]) for name in varying]
        + [show(s) for show in MEASURES.values()]
        for s in summaries
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]
    return "\n".join([common, "", *lines])


def to_json(summaries: Iterable[Summary]) -> list[dict[str, Any]]:
    """Return the summaries as JSON's own types."""
    return [asdict(summary) for summary in summaries]


def _successes(summary: Summary) -> str:
    low, high = summary.share.interval or (0.0, 1.0)
    return f"{summary.successes} of {summary.runs} [{100 * low:.0f}, {100 * high:.0f}]"


MEASURES = {
    "successes [%]": _successes,
    "median epochs": lambda s: s.epochs.show(".0f"),
    "relapsed": lambda s: str(s.relapsed),
    "raised": lambda s: s.raised.show(".1%"),
    "final loss": lambda s: s.loss.show(".2g"),
    "accuracy": lambda s: "-" if s.accuracy.value is None else f"{s.accuracy.value:.1%}",
    "cosine": lambda s: s.cosine.show(".3f"),
    "lowest": lambda s: "-" if s.lowest_cosine is None else f"{s.lowest_cosine:.3f}",
    "sign flips": lambda s: s.sign_flips.show(".1%"),
    "curl": lambda s: "-" if s.curl.value is None else f"{s.curl.value:.2g}",
}


def _summary(configuration: dict[str, Any], group: list[Outcome]) -> Summary:
    start = [outcome.agreement["all"] for outcome in group]
    reached = [outcome for outcome in group if outcome.epochs_to_target is not None]
    cosines = [c for outcome in group for c in outcome.cosines if c is not None]
    return Summary(
        configuration=configuration,
        runs=len(group),
        successes=len(reached),
        share=Estimate(len(reached) / len(group), wilson(len(reached), len(group))),
        epochs=_estimate(outcome.epochs_to_target for outcome in reached),
        relapsed=sum(outcome.relapses > 0 for outcome in reached),
        raised=_estimate((outcome.raised for outcome in group), np.mean),
        loss=_estimate(outcome.loss for outcome in group),
        accuracy=_estimate((outcome.accuracy for outcome in group), np.mean),
        cosine=_estimate(agreement.cosine for agreement in start),
        lowest_cosine=min(cosines, default=None),
        norm_ratio=_estimate(agreement.norm_ratio for agreement in start),
        sign_flips=_estimate((agreement.sign_flips for agreement in start), np.mean),
        curl=_estimate(outcome.curl for outcome in group),
    )


def _estimate(found: Iterable[float | None], statistic: Any = np.median) -> Estimate:
    values = sorted(value for value in found if value is not None)
    if not values:
        return Estimate(None, None)
    return Estimate(float(statistic(values)), bootstrap(values, statistic))


def _spell(value: Any) -> str:
    if value is None:
        return "all"
    return f"{value:g}" if isinstance(value, float) else str(value)
