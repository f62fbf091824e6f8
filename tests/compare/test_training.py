"""The stacked trainer reproduces single runs of the tutorial's loop and its known outcomes."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pytest

from autograd_nn.compare.training import (
    SLOPES,
    TrainingEffect,
    _initial_weights,
    _sigmoid,
    _train,
    training_effect,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([[0.0], [1.0], [1.0], [0.0]])

# Long runs of the printed rule amplify rounding: seeds and lengths below are such that a
# relative change of 1e-13 in the first weights leaves every count as it is.


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def slope(rule: str, a: Array) -> Array:
    return sigmoid(a) * (1 - sigmoid(a)) if rule == "printed" else a * (1 - a)


def single_run(
    x: Array, t: Array, sizes: tuple[int, int, int], rule: str, rate: float, seed: int, epochs: int
) -> list[float]:
    """Train one network the tutorial's way; return the loss after 0, 1, ... `epochs` updates."""
    n_features, n_hidden, n_outputs = sizes
    rng = np.random.default_rng(seed)
    w1, b1 = rng.standard_normal((n_features, n_hidden)), rng.standard_normal(n_hidden)
    w2, b2 = rng.standard_normal((n_hidden, n_outputs)), rng.standard_normal(n_outputs)
    losses = []
    for _ in range(epochs + 1):
        h = sigmoid(np.dot(x, w1) + b1)
        y = sigmoid(np.dot(h, w2) + b2)
        losses.append(float(np.sum((t - y) ** 2)) / 2)
        delta2 = (t - y) * slope(rule, y)
        delta1 = np.dot(delta2, w2.T) * slope(rule, h)
        w2 += rate * np.dot(h.T, delta2)
        b2 += rate * np.sum(delta2, axis=0)
        w1 += rate * np.dot(x.T, delta1)
        b1 += rate * np.sum(delta1, axis=0)
    return losses


def first_success(losses: list[float], threshold: float) -> float:
    return next((float(i) for i, loss in enumerate(losses) if loss <= threshold), float("nan"))


@pytest.mark.parametrize("rule", ["printed", "mended"])
def test_each_run_of_the_stack_follows_the_single_run_of_its_seed(rule: str) -> None:
    rng = np.random.default_rng(1)
    x, t, sizes = rng.normal(size=(7, 3)), rng.random((7, 2)), (3, 5, 2)
    seeds, rates, epochs = [4, 8, 15], np.array([0.3, 0.1, 2.0]), 150
    starts = _initial_weights(sizes, seeds)
    singles = [
        single_run(x, t, sizes, rule, rate, seed, epochs)
        for seed, rate in zip(seeds, rates.tolist(), strict=True)
    ]
    threshold = (singles[0][99] + singles[0][100]) / 2
    updates, losses = _train(SLOPES[rule], x, t, *starts, rates, epochs, threshold)
    assert updates[0] == 100
    np.testing.assert_array_equal(updates, [first_success(s, threshold) for s in singles])
    np.testing.assert_allclose(losses, [single[-1] for single in singles], rtol=1e-9)


@pytest.mark.parametrize("rule", ["printed", "mended"])
def test_reported_epochs_are_those_of_the_tutorials_loop_on_xor(rule: str) -> None:
    losses = single_run(X, XOR, (2, 4, 1), rule, 1.0, seed=15, epochs=2000)
    expected = TrainingEffect(1.0, rule, 1, 1, first_success(losses, 0.01))
    assert expected in training_effect(X, XOR, learning_rates=[1.0], seeds=[15], epochs=2000)
    assert expected.median_epochs > 100


def test_rows_equal_single_runs_counted_by_hand() -> None:
    seeds, rates, epochs, threshold = range(4), (0.5, 1.0), 400, 0.3
    expected = []
    for rate in rates:
        for rule in ("printed", "mended"):
            firsts = [
                first_success(single_run(X, XOR, (2, 4, 1), rule, rate, s, epochs), threshold)
                for s in seeds
            ]
            successes = [first for first in firsts if not isnan(first)]
            median = float(np.median(successes)) if successes else float("nan")
            expected.append((rate, rule, len(seeds), len(successes), median))
    rows = training_effect(
        X, XOR, learning_rates=rates, seeds=seeds, epochs=epochs, threshold=threshold
    )
    found = [(r.learning_rate, r.rule, r.runs, r.successes, r.median_epochs) for r in rows]
    assert [row[:4] for row in found] == [row[:4] for row in expected]
    np.testing.assert_array_equal([row[4] for row in found], [row[4] for row in expected])
    assert len({row[3] for row in found}) > 1


def test_at_learning_rate_a_tenth_the_printed_rule_never_learns_xor_and_the_mended_does() -> None:
    printed, mended = training_effect(X, XOR, learning_rates=[0.1], seeds=range(8))
    assert (printed.rule, printed.successes, mended.rule) == ("printed", 0, "mended")
    assert isnan(printed.median_epochs)
    assert mended.successes >= 7
    assert 3000 < mended.median_epochs < 9000


def test_a_run_that_starts_below_the_threshold_succeeds_after_no_update() -> None:
    for row in training_effect(X, XOR, learning_rates=[1.0], seeds=[0], epochs=3, threshold=10.0):
        assert (row.successes, row.median_epochs) == (1, 0.0)


def test_the_loss_after_the_last_update_still_counts() -> None:
    losses = single_run(X, XOR, (2, 4, 1), "mended", 1.0, seed=6, epochs=50)
    assert min(losses[:-1]) > losses[-1]
    between = (losses[-2] + losses[-1]) / 2
    _, mended = training_effect(
        X, XOR, learning_rates=[1.0], seeds=[6], epochs=50, threshold=between
    )
    assert (mended.successes, mended.median_epochs) == (1, 50.0)


def test_a_later_rise_of_the_loss_does_not_undo_a_success() -> None:
    losses = single_run(X, XOR, (2, 4, 1), "printed", 5.0, seed=0, epochs=40)
    threshold = (min(losses) + losses[-1]) / 2
    assert losses[-1] > threshold * (1 + 1e-4)
    printed, _ = training_effect(
        X, XOR, learning_rates=[5.0], seeds=[0], epochs=40, threshold=threshold
    )
    expected = first_success(losses, threshold)
    assert (printed.successes, printed.median_epochs) == (1, expected)


def test_a_loss_that_is_not_a_number_is_no_success() -> None:
    bad = np.where(X == 1, np.nan, X)
    for row in training_effect(bad, XOR, learning_rates=[1.0], seeds=[0], epochs=2, threshold=10.0):
        assert row.successes == 0


def test_repeated_learning_rates_and_no_seeds_are_counted_as_given() -> None:
    rows = training_effect(X, XOR, learning_rates=[1.0, 1.0], seeds=range(3), epochs=1)
    assert [row.runs for row in rows] == [3, 3, 3, 3]
    rows = training_effect(X, XOR, learning_rates=[1.0], seeds=[], epochs=1)
    assert [(row.runs, row.successes) for row in rows] == [(0, 0), (0, 0)]


def test_sigmoid_neither_overflows_nor_leaves_the_unit_interval() -> None:
    z = np.array([-1e300, -745.0, -709.0, -30.0, 0.0, 30.0, 745.0, 1e300])
    out = np.empty_like(z)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        _sigmoid(z, out)
    np.testing.assert_allclose(out[2:], sigmoid(z[2:]), rtol=1e-15 * 4, atol=1e-300)
    assert np.all((out > 0) & (out <= 1))


@pytest.mark.parametrize(
    ("features", "targets"),
    [
        pytest.param(X[:, :1], XOR, id="features"),
        pytest.param(X, np.hstack([XOR, XOR]), id="outputs"),
        pytest.param(X, XOR[:3], id="samples"),
        pytest.param(X, XOR[:, 0], id="flat targets"),
    ],
)
def test_data_that_does_not_fit_the_sizes_is_refused(features: Array, targets: Array) -> None:
    with pytest.raises(ValueError, match=r"sizes \(2, 4, 1\) need features and targets of shapes"):
        training_effect(features, targets, epochs=1)
