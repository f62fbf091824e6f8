"""Say how sure a count or a median of few runs is: intervals of 95 %."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]
LEVEL = 0.95
RESAMPLES = 2000


def wilson(successes: int, runs: int) -> Interval:
    """Return the Wilson score interval of a share.

    Unlike the normal approximation, it is sound for few runs and near 0 and 1.

    Parameters
    ----------
    successes : int
    runs : int
        At least `successes`; of none, nothing is known.

    Returns
    -------
    low, high : float
        Between 0 and 1.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    *Journal of the American Statistical Association* 22, 209-212, 1927.

    Examples
    --------
    >>> low, high = wilson(79, 100)
    >>> round(low, 3), round(high, 3)
    (0.7, 0.858)
    """
    if not runs:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share, weight = successes / runs, z * z / runs
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / runs + weight / (4 * runs))
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap(
    values: Sequence[float] | NDArray[Any], statistic: Callable[..., Any] = np.median, seed: int = 0
) -> Interval | None:
    """Return the percentile bootstrap interval of a statistic; None of no values.

    Parameters
    ----------
    values : sequence of float
    statistic : callable, default numpy.median
        ``statistic(array, axis=1)``.
    seed : int
        Decides which values are drawn again.

    References
    ----------
    B. Efron, "Bootstrap methods: another look at the jackknife", *Annals of Statistics* 7(1),
    1-26, 1979.

    Examples
    --------
    >>> low, high = bootstrap([1.0, 2.0, 3.0, 4.0, 100.0])
    >>> low <= 3.0 <= high
    True
    """
    if not len(values):
        return None
    drawn = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    found = statistic(np.asarray(values, dtype=np.float64)[drawn], axis=1)
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
