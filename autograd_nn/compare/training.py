"""Measure what the tutorial's mistake does to training, over many seeds at once.

Whether a backward rule is the gradient and whether it trains well are two questions; this
module answers the second, for the printed and the mended rule of `autograd_nn.tutorial`.
It imports NumPy alone and shares no code with what it measures.

Long runs of the printed rule amplify rounding.  On exclusive or at a learning rate of 1, a
relative change of 1e-13 in the first weights moved the epoch of success of single seeds by up
to a hundred, and that of the mended rule by none; so expect the printed rule's median to vary
a little from one machine to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Slope = Callable[[Array, Array, Array], object]


@dataclass(frozen=True)
class TrainingEffect:
    """Summarise the runs of one rule at one learning rate.

    Attributes
    ----------
    learning_rate : float
        Per unit of gradient summed over the samples.
    rule : str
        'printed' or 'mended', or which lines of a backward pass were mended.
    runs : int
        The number of seeds.
    successes : int
        Runs whose loss came down to the threshold at some epoch.
    median_epochs : float
        Over the successes, the number of updates it took; nan if there were none.
    raised : float
        The share of updates that raised the loss; nan where it was not measured.
    """

    learning_rate: float
    rule: str
    runs: int
    successes: int
    median_epochs: float
    raised: float = nan

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of the success rate, by Wilson.

        Examples
        --------
        >>> low, high = TrainingEffect(0.1, "mended", 20, 20, 500.0).interval
        >>> round(low, 3), high
        (0.839, 1.0)
        """
        n, z = self.runs, 1.959963984540054
        rate = self.successes / n
        middle = rate + z * z / (2 * n)
        half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
        low, high = ((middle + sign * half) / (1 + z * z / n) for sign in (-1, 1))
        return max(0.0, low), min(1.0, high)


def training_effect(
    features: Array,
    targets: Array,
    sizes: tuple[int, int, int] = (2, 4, 1),
    learning_rates: Sequence[float] = (0.1, 1.0),
    seeds: Iterable[int] = range(20),
    epochs: int = 10_000,
    threshold: float = 0.01,
) -> list[TrainingEffect]:
    """Train the tutorial's network by the printed and by the mended rule and count successes.

    Every step takes all samples.  A run succeeds if after 0, 1, ... or `epochs` updates its
    loss, half the sum of squared errors, is at most `threshold`; a later rise is not held
    against it.  Each seed starts both rules and all learning rates from the same weights.

    Parameters
    ----------
    features : (n_samples, n_features) array
    targets : (n_samples, n_outputs) array
        In [0, 1].
    sizes : (n_features, n_hidden, n_outputs)
    learning_rates : sequence of float
    seeds : iterable of int
        For each, `numpy.random.default_rng` draws hidden weights, hidden bias, output weights
        and output bias, in this order, from the standard normal distribution.
    epochs : int
    threshold : float

    Returns
    -------
    list of TrainingEffect
        For each learning rate the printed rule, then the mended one.

    Raises
    ------
    ValueError
        If `sizes` or the number of targets does not fit the data.

    Examples
    --------
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> exclusive_or = np.array([[0.0], [1.0], [1.0], [0.0]])
    >>> for row in training_effect(
    ...     x, exclusive_or, learning_rates=[1.0], seeds=range(5), epochs=1500
    ... ):
    ...     print(row.rule, row.successes, "of", row.runs)
    printed 0 of 5
    mended 5 of 5
    """
    n_features, _, n_outputs = sizes
    expected = (len(features), n_features), (len(features), n_outputs)
    if (features.shape, targets.shape) != expected:
        message = (
            f"sizes {sizes} need features and targets of shapes {expected[0]} and {expected[1]}, "
            f"not {features.shape} and {targets.shape}"
        )
        raise ValueError(message)

    seeds = tuple(seeds)
    rates = np.repeat(learning_rates, len(seeds))
    hidden, output = (
        np.tile(w, (len(learning_rates), 1, 1)) for w in _initial_weights(sizes, seeds)
    )
    updates = {}
    for rule, slope in SLOPES.items():
        taken, _ = _train(slope, features, targets, hidden, output, rates, epochs, threshold)
        updates[rule] = taken.reshape(len(learning_rates), len(seeds))
    return [
        _summary(learning_rate, rule, updates[rule][i])
        for i, learning_rate in enumerate(learning_rates)
        for rule in SLOPES
    ]


def _initial_weights(sizes: tuple[int, int, int], seeds: Sequence[int]) -> tuple[Array, Array]:
    """Draw both layers of every run; the last row of a layer is its bias."""
    n_features, n_hidden, n_outputs = sizes
    hidden = np.empty((len(seeds), n_features + 1, n_hidden))
    output = np.empty((len(seeds), n_hidden + 1, n_outputs))
    for run, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        rng.standard_normal(out=hidden[run])
        rng.standard_normal(out=output[run])
    return hidden, output


def _train(
    slope: Slope,
    features: Array,
    targets: Array,
    hidden_start: Array,
    output_start: Array,
    learning_rates: Array,
    epochs: int,
    threshold: float,
) -> tuple[Array, Array]:
    """Train a stack of networks side by side, one to each entry of the leading axis.

    Parameters
    ----------
    slope : callable
        ``slope(a, spare, out)`` writes the slope at the activations `a` to `out`.
    features : (n_samples, n_features) array
    targets : (n_samples, n_outputs) array
    hidden_start : (n_runs, n_features + 1, n_hidden) array
    output_start : (n_runs, n_hidden + 1, n_outputs) array
        First weights; a layer's bias is the last row, the weight of an input that is always 1.
    learning_rates : (n_runs,) array
    epochs : int
    threshold : float

    Returns
    -------
    updates : (n_runs,) array
        How many updates brought the loss to `threshold`; nan where it never came down.
    losses : (n_runs,) array
        Half the sum of squared errors after the last update.
    """
    hidden_weights, output_weights = hidden_start.copy(), output_start.copy()
    output_weights_t = output_weights[:, :-1].mT  # without the bias
    hidden_step, output_step = np.empty_like(hidden_weights), np.empty_like(output_weights)
    rates = learning_rates[:, np.newaxis, np.newaxis]

    n_runs, (n_samples, n_outputs), n_hidden = len(rates), targets.shape, hidden_weights.shape[2]
    x = np.column_stack([features, np.ones(n_samples)])
    h, h_slope, h_spare, h_delta = np.empty((4, n_runs, n_samples, n_hidden))
    h_and_1 = np.ones((n_runs, n_samples, n_hidden + 1))
    y, y_slope, y_spare, y_delta = np.empty((4, n_runs, n_samples, n_outputs))

    sse = np.empty(n_runs)
    arrived, pending = np.zeros(n_runs, dtype=bool), np.ones(n_runs, dtype=bool)
    rounds_pending = np.zeros(n_runs, dtype=np.int64)

    for _ in range(epochs + 1):  # the last round is there to measure, its update is not seen
        _sigmoid(np.matmul(x, hidden_weights, out=h), out=h)
        h_and_1[..., :-1] = h
        _sigmoid(np.matmul(h_and_1, output_weights, out=y), out=y)

        np.subtract(targets, y, out=y_delta)
        np.einsum("rnk,rnk->r", y_delta, y_delta, out=sse)
        np.less_equal(sse, 2 * threshold, out=arrived)
        np.greater(pending, arrived, out=pending)  # pending and not arrived
        np.add(rounds_pending, pending, out=rounds_pending)

        slope(y, y_spare, y_slope)
        np.multiply(y_delta, y_slope, out=y_delta)
        np.multiply(y_delta, rates, out=y_delta)
        slope(h, h_spare, h_slope)
        np.matmul(y_delta, output_weights_t, out=h_delta)
        np.multiply(h_delta, h_slope, out=h_delta)

        np.add(output_weights, np.matmul(h_and_1.mT, y_delta, out=output_step), out=output_weights)
        np.add(hidden_weights, np.matmul(x.T, h_delta, out=hidden_step), out=hidden_weights)

    return np.where(pending, nan, rounds_pending), sse / 2


def _sigmoid(z: Array, out: Array) -> None:
    """Write ``1 / (1 + exp(-z))`` to `out`; below -700 as at -700, where it is about 1e-304."""
    np.negative(z, out=out)
    np.minimum(out, 700.0, out=out)
    np.exp(out, out=out)
    np.add(out, 1.0, out=out)
    np.reciprocal(out, out=out)


def _mended_slope(a: Array, _spare: Array, out: Array) -> None:
    """Write the slope of the sigmoid where its value is `a`, ``a * (1 - a)``, to `out`."""
    np.subtract(1.0, a, out=out)
    np.multiply(a, out, out=out)


def _printed_slope(a: Array, spare: Array, out: Array) -> None:
    """Write what the tutorial takes for that slope: `a` goes through the sigmoid once more."""
    _sigmoid(a, out=spare)
    _mended_slope(spare, spare, out)


SLOPES: dict[str, Slope] = {"printed": _printed_slope, "mended": _mended_slope}


def _summary(learning_rate: float, rule: str, updates: Array) -> TrainingEffect:
    """Count the successes among the runs of one rule at one learning rate."""
    successes = updates[~np.isnan(updates)].tolist()
    median_epochs = median(successes) if successes else nan
    return TrainingEffect(learning_rate, rule, len(updates), len(successes), median_epochs)
