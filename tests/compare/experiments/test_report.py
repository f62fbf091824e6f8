"""Intervals, summaries and tables, and the known outcomes on exclusive or."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from autograd_nn.compare import (
    Agreement,
    Case,
    Outcome,
    cases,
    distance_table,
    summarize,
    sweep,
    table as table_of,
)
from autograd_nn.compare.experiments.intervals import bootstrap, wilson
from autograd_nn.compare.experiments.report import to_json

PUBLISHED = {  # successes of 100 seeds at each learning rate
    "printed": {0.1: 0, 0.5: 79, 1.0: 96, 5.0: 0},
    "mended": {0.1: 99, 0.5: 100, 1.0: 100, 5.0: 100},
    "hidden-mended": {0.1: 99, 0.5: 100, 1.0: 100, 5.0: 100},
    "output-mended": {0.1: 0, 0.5: 64, 1.0: 84, 5.0: 0},
}


def test_success_on_exclusive_or_is_as_published_within_sampling_error() -> None:
    work = cases(rule=PUBLISHED, learning_rate=[0.1, 0.5, 1, 5], seed=range(12))
    for row in summarize(sweep(work, progress=False)):
        rule, rate = row.configuration["rule"], row.configuration["learning_rate"]
        published = PUBLISHED[rule][rate] / 100
        assert row.share.interval is not None
        low, high = row.share.interval
        assert low <= published <= high, (rule, rate, row.successes)
        assert row.runs == 12


@pytest.mark.parametrize(("successes", "runs"), [(0, 10), (5, 10), (10, 10), (79, 100), (1, 1)])
def test_wilsons_interval_is_scipys(successes: int, runs: int) -> None:
    expected = scipy.stats.binomtest(successes, runs).proportion_ci(0.95, method="wilson")
    assert wilson(successes, runs) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilsons_interval_covers_what_it_promises() -> None:
    for p, n in ((0.5, 20), (0.1, 50), (0.9, 30)):
        found = np.random.default_rng(0).binomial(n, p, size=4000)
        covered = np.mean(
            [low <= p <= high for low, high in (wilson(k, n) for k in found.tolist())]
        )
        assert 0.92 < covered < 0.98


def test_of_no_runs_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert bootstrap([]) is None


def test_the_bootstrap_agrees_with_the_standard_error_of_a_mean() -> None:
    values = np.random.default_rng(3).normal(7, 2, size=200)
    interval = bootstrap(values.tolist(), np.mean)
    assert interval is not None
    error = values.std() / np.sqrt(200)
    expected = values.mean() - 1.96 * error, values.mean() + 1.96 * error
    assert interval == pytest.approx(expected, abs=0.15 * error)
    assert bootstrap([5.0]) == (5.0, 5.0)


def outcome(seed: int, epochs: int | None, cosine: float | None, relapses: int = 0) -> Outcome:
    agreement = Agreement(cosine, 2.0, 0.25)
    return Outcome(
        case=Case(seed=seed), loss=0.5 + seed, accuracy=0.75, epochs_to_target=epochs,
        relapses=relapses, raised=0.1 * seed, curl=None, agreement={"all": agreement},
        epochs=(0, 9), losses=(1.0, 0.5 + seed), cosines=(cosine, -0.5),
    )  # fmt: skip


def test_a_summary_counts_over_the_seeds() -> None:
    runs = [
        outcome(0, 10, 0.9, 2),
        outcome(1, None, None),
        outcome(2, 30, 0.7),
        outcome(3, 50, 0.8),
    ]
    [row] = summarize(runs)
    assert (row.runs, row.successes, row.share.value, row.relapsed) == (4, 3, 0.75, 1)
    assert row.share.interval == wilson(3, 4)
    assert row.epochs.value == 30
    assert row.loss.value == 2.0
    assert row.accuracy.value == 0.75
    assert row.raised.value == pytest.approx(0.15)
    assert (row.curl.value, row.curl.interval) == (None, None)
    assert row.lowest_cosine == -0.5
    assert row.distance["all"].cosine.value == pytest.approx(0.8)
    assert row.distance["all"].norm_ratio.value == 2
    assert row.distance["all"].sign_flips.value == 0.25
    assert "seed" not in row.configuration
    assert summarize(runs[::-1])[0] == row


def test_configurations_are_apart_and_in_order() -> None:
    found = summarize(sweep(cases(scale=[3, 1], rule=["mended", "printed"], epochs=5, seed=[0, 1])))
    order = [(row.configuration["scale"], row.configuration["rule"]) for row in found]
    assert order == [(3, "mended"), (3, "printed"), (1, "mended"), (1, "printed")]
    assert all(row.runs == 2 for row in found)


def test_tables_say_once_what_is_common() -> None:
    runs = [outcome(0, None, None), outcome(1, 12, 0.25)]
    other = [replace(run, case=replace(run.case, learning_rate=0.5)) for run in runs]
    lines = table_of(summarize(runs + other)).splitlines()
    assert lines[0].startswith("data xor, hidden 4, batch_size all, scale 1, rule printed, epochs")
    assert lines[2].split("  ")[0] == "learning rate"
    assert [line.split()[0] for line in lines[3:]] == ["1", "0.5"]
    assert all("1 of 2 [9, 91]" in line for line in lines[3:])
    assert all("12 [12, 12]" in line for line in lines[3:])
    assert all(line.endswith(" -") for line in lines[3:])  # the curl is not known


def test_equal_distances_are_printed_once() -> None:
    rows = summarize(sweep(cases(rule="printed", learning_rate=[0.1, 1], epochs=1, seed=[0, 1])))
    assert len(rows) == 2
    assert len(distance_table(rows).splitlines()) == 3 + 7
    stale = cases(rule="stale-weights", learning_rate=[0.1, 1], epochs=1, seed=[0, 1])
    assert len(distance_table(summarize(sweep(stale))).splitlines()) == 3 + 14


def test_of_no_outcomes_there_is_no_table() -> None:
    assert table_of(summarize([])) == "no outcomes"


def test_summaries_are_json() -> None:
    rows = to_json(summarize([outcome(0, None, None)]))
    assert json.loads(json.dumps(rows, allow_nan=False))[0]["epochs"] == {
        "value": None,
        "interval": None,
    }
