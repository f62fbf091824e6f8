"""Summarise outcomes: a row for each configuration, over its seeds, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
class Distance:
    """Hold how far a rule is from the gradient at the initial weights.

    Attributes
    ----------
    cosine, norm_ratio : Estimate
        Medians; see `Agreement`.
    sign_flips : Estimate
        The mean.
    """

    cosine: Estimate
    norm_ratio: Estimate
    sign_flips: Estimate


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
    curl : Estimate
        The median at the initial weights.
    lowest_cosine : float or None
        Of all runs, where the curves were sampled.
    distance : dict of str to Distance
        For 'W1', 'b1', 'W2', 'b2', the layers 'hidden' and 'output', and 'all'.
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
    curl: Estimate
    lowest_cosine: float | None
    distance: dict[str, Distance]


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
        _summary(dict(zip(CONFIGURATION, key, strict=True)), group) for key, group in groups.items()
    ]


def table(summaries: Sequence[Summary]) -> str:
    """Print how each configuration trained; what all have in common is said once, above.

    Intervals are of 95 %; '-' stands where there is nothing to measure.

    Examples
    --------
    >>> from autograd_nn.compare import cases, summarize, sweep, table
    >>> rows = summarize(sweep(cases(rule=["printed", "mended"], seed=range(5), epochs=1500)))
    >>> for line in table(rows).splitlines():
    ...     print(line[:46].rstrip())
    data xor, hidden 4, batch_size all, scale 1, l
    <BLANKLINE>
       rule     successes [%]   median epochs  rel
    printed    0 of 5 [0, 43]               -
     mended  5 of 5 [57, 100]  587 [510, 767]
    """
    return _lay_out(
        [(s.configuration, [show(s) for show in TRAINING.values()]) for s in summaries],
        list(TRAINING),
    )


def distance_table(summaries: Iterable[Summary]) -> str:
    """Print how far each rule is from the gradient at the initial weights, by parameter and layer.

    Configurations with the same distances, such as those that differ in the learning rate, are
    printed once.

    Examples
    --------
    >>> from autograd_nn.compare import cases, distance_table, summarize, sweep
    >>> print(distance_table(summarize(sweep(cases(rule="mended", seed=range(5), epochs=1)))))
    data xor, hidden 4, scale 1, rule mended
    <BLANKLINE>
      part                cosine         norm ratio         sign flips
        W1  1.000 [1.000, 1.000]  1.00 [1.00, 1.00]  0.0% [0.0%, 0.0%]
        b1  1.000 [1.000, 1.000]  1.00 [1.00, 1.00]  0.0% [0.0%, 0.0%]
        W2  1.000 [1.000, 1.000]  1.00 [1.00, 1.00]  0.0% [0.0%, 0.0%]
        b2  1.000 [1.000, 1.000]  1.00 [1.00, 1.00]  0.0% [0.0%, 0.0%]
    hidden  1.000 [1.000, 1.000]  1.00 [1.00, 1.00]  0.0% [0.0%, 0.0%]
    output  1.000 [1.000, 1.000]  1.00 [1.00, 1.00]  0.0% [0.0%, 0.0%]
       all  1.000 [1.000, 1.000]  1.00 [1.00, 1.00]  0.0% [0.0%, 0.0%]
    """
    distinct: dict[Any, Summary] = {}
    for summary in summaries:
        key = summary.configuration["rule"], tuple(summary.distance.items())
        distinct.setdefault(key, summary)
    rows = [
        (
            s.configuration,
            [part, d.cosine.show(".3f"), d.norm_ratio.show(".2f"), d.sign_flips.show(".1%")],
        )
        for s in distinct.values()
        for part, d in s.distance.items()
    ]
    decisive = "data", "hidden", "scale", "rule"
    return _lay_out(rows, ["part", "cosine", "norm ratio", "sign flips"], decisive)


def to_json(summaries: Iterable[Summary]) -> list[dict[str, Any]]:
    """Return the summaries as JSON's own types."""
    return [asdict(summary) for summary in summaries]


def _show(value: float | None, form: str) -> str:
    return "-" if value is None else f"{value:{form}}"


def _successes(summary: Summary) -> str:
    low, high = summary.share.interval or (0.0, 1.0)
    return f"{summary.successes} of {summary.runs} [{100 * low:.0f}, {100 * high:.0f}]"


TRAINING: dict[str, Callable[[Summary], str]] = {
    "successes [%]": _successes,
    "median epochs": lambda s: s.epochs.show(".0f"),
    "relapsed": lambda s: str(s.relapsed),
    "raised": lambda s: _show(s.raised.value, ".1%"),
    "final loss": lambda s: _show(s.loss.value, ".2g"),
    "accuracy": lambda s: _show(s.accuracy.value, ".1%"),
    "cosine": lambda s: s.distance["all"].cosine.show(".3f"),
    "lowest": lambda s: _show(s.lowest_cosine, ".3f"),
    "norm ratio": lambda s: _show(s.distance["all"].norm_ratio.value, ".2f"),
    "sign flips": lambda s: _show(s.distance["all"].sign_flips.value, ".1%"),
    "curl": lambda s: _show(s.curl.value, ".2g"),
}


def _lay_out(
    rows: Sequence[tuple[dict[str, Any], list[str]]],
    head: list[str],
    decisive: Sequence[str] = CONFIGURATION,
) -> str:
    """Put what varies among the configurations of the rows in columns before `head`.

    Of what does not, the `decisive` is said above.
    """
    if not rows:
        return "no outcomes"
    seen = {name: [configuration[name] for configuration, _ in rows] for name in CONFIGURATION}
    varying = [name for name in CONFIGURATION if len(set(seen[name])) > 1]
    common = [f"{name} {spell(seen[name][0])}" for name in decisive if name not in varying]
    lines = [[*(name.replace("_", " ") for name in varying), *head]]
    lines += [
        [*(spell(configuration[name]) for name in varying), *cells] for configuration, cells in rows
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    printed = [
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    ]
    return "\n".join([", ".join(common), "", *printed])


def _summary(configuration: dict[str, Any], group: list[Outcome]) -> Summary:
    reached = [outcome for outcome in group if outcome.epochs_to_target is not None]
    cosines = [c for outcome in group for c in outcome.cosines if c is not None]
    parts = {part: [outcome.agreement[part] for outcome in group] for part in group[0].agreement}
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
        curl=_estimate(outcome.curl for outcome in group),
        lowest_cosine=min(cosines, default=None),
        distance={
            part: Distance(
                cosine=_estimate(agreement.cosine for agreement in found),
                norm_ratio=_estimate(agreement.norm_ratio for agreement in found),
                sign_flips=_estimate((agreement.sign_flips for agreement in found), np.mean),
            )
            for part, found in parts.items()
        },
    )


def _estimate(found: Iterable[float | None], statistic: Callable[..., Any] = np.median) -> Estimate:
    values = sorted(value for value in found if value is not None)
    if not values:
        return Estimate(None, None)
    return Estimate(float(statistic(values)), bootstrap(values, statistic))


def spell(value: Any) -> str:
    """Spell the value of a field of a case."""
    if value is None:
        return "all"
    return f"{value:g}" if isinstance(value, float) else str(value)
