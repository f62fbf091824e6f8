"""Samples of autograd_nn/ops/order.py."""

from typing import Any

import numpy as np

from samples import Sample, about, gappy, part, row, spaced

METHODS = (
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation"),
    *("interpolated_inverted_cdf", "hazen", "weibull", "linear", "median_unbiased"),
    *("normal_unbiased", "lower", "higher", "midpoint", "nearest"),
)
JUMPING = {
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation"),
    *("lower", "higher", "midpoint", "nearest"),
}
WEIGHTS = np.array([[1.0, 2, 1], [3, 1, 1]])


def sorted_as_complex(x: Any) -> Any:
    return np.real(np.sort_complex(x))


sorted_as_complex.forward = np.sort_complex  # type: ignore[attr-defined]  # whose sample this is

SAMPLES: list[Sample] = [
    *[row(np.sort, spaced(3, 2, 4), axis=axis) for axis in (-1, 0, 1, None)],
    row(np.sort, spaced(5), kind="stable"),
    row(np.sort, spaced(0)),
    row(sorted_as_complex, spaced(2, 3), analytic=False),
    *[row(np.partition, spaced(4, 5), [1, 3], axis=axis) for axis in (-1, 0, None)],
    *[row(np.median, spaced(*shape)) for shape in ((), (5,), (2, 3), (3, 3))],
    *[row(np.median, spaced(3, 2, 3), axis=a, keepdims=k) for a, k in ((1, True), ((0, 2), False))],
    *[row(np.nanmedian, gappy(2, 5), axis=a, keepdims=True) for a in (None, 1, 0)],
    *[row(np.quantile, spaced(6), 0.3, method=m, analytic=False) for m in METHODS],
    *[row(np.quantile, spaced(2, 3, 2), [0.1, 0.7], axis=a, analytic=False) for a in (0, (1, 2))],
    row(np.quantile, spaced(3, 3), np.array([[0.2], [0.5]]), axis=1, keepdims=True, analytic=False),
    *[
        row(np.quantile, spaced(6), about(0.37, 2), method=m, analytic=False)
        for m in METHODS
        if m not in JUMPING
    ],
    row(np.quantile, spaced(2, 6), about(0.37), axis=1, keepdims=True, analytic=False),
    row(np.nanpercentile, gappy(2, 5), about(37, 2, 1), axis=1, method="hazen", analytic=False),
    row(np.percentile, spaced(2, 5), 40, axis=1, analytic=False),
    *[row(np.percentile, spaced(2, 5), [20.0, 60.0], axis=a, analytic=False) for a in (None, 1)],
    *[row(np.nanquantile, gappy(2, 5), 0.3, method=m, analytic=False) for m in METHODS],
    *[row(np.nanquantile, gappy(4, 5), [0.3, 0.5], axis=a, analytic=False) for a in (0, (0, 1))],
    row(np.nanpercentile, gappy(2, 5), 30, axis=1, analytic=False),
    *[
        row(
            f,
            spaced(2, 3),
            q,
            axis=axis,
            method="inverted_cdf",
            weights=WEIGHTS,
            analytic=False,
        )
        for f in (np.quantile, np.nanquantile)
        for q, axis in ((0.3, None), ([0.2, 0.9], 1))
    ],
    *[row(np.unique, spaced(2, 3), axis=axis) for axis in (None, 0, 1)],
    row(part(np.unique, 0), spaced(5), True, True, True),  # noqa: FBT003 (NumPy's signature)
    row(np.unique_values, spaced(6), analytic=False),
    *[row(part(f, 0), spaced(6)) for f in (np.unique_all, np.unique_counts, np.unique_inverse)],
]
