"""Samples of autograd_nn/ops/statistics.py."""

import numpy as np

from samples import Sample, normal, part, positive, row, spaced

ENTRIES = np.array([0.1, 0.2, 0.9, 0.5, 0.6])
FREQUENCIES = np.array([1, 2, 0, 3])

SAMPLES: list[Sample] = [
    row(np.average, normal(2, 3)),
    *[row(np.average, normal(2, 3), axis=1, keepdims=k) for k in (False, True)],
    row(np.average, normal(2, 3), None, positive(2, 3)),
    row(np.average, normal(2, 3), 1, positive(3)),
    row(np.average, normal(2, 3, 2), (2, 1), positive(2, 3), keepdims=True),
    row(part(np.average, 0), normal(2, 3), 0, positive(2), returned=True),
    row(part(np.average, 1), np.ones((2, 3)), 0, positive(2), returned=True),
    row(np.cov, normal(2, 4), analytic=False),
    row(np.cov, normal(4), normal(4), analytic=False),
    row(np.cov, normal(4, 2), normal(4, 3), rowvar=False, bias=True, analytic=False),
    row(np.cov, normal(2, 4), fweights=FREQUENCIES, ddof=0, analytic=False),
    row(np.cov, normal(4), analytic=False),
    *[
        row(
            np.cov,
            normal(2, 4),
            None,
            True,  # noqa: FBT003 (NumPy's signature)
            False,  # noqa: FBT003
            None,
            frequencies,
            positive(4),
            analytic=False,
        )
        for frequencies in (None, FREQUENCIES)
    ],
    row(np.corrcoef, normal(3, 5), analytic=False),
    row(np.corrcoef, normal(5, 2), normal(5, 1), rowvar=False, analytic=False),
    row(np.bincount, np.array([1, 3, 1, 0]), normal(4), minlength=6, analytic=False),
    row(np.histogram_bin_edges, spaced(6), 3, analytic=False),
    row(np.histogram_bin_edges, spaced(6), "sturges", analytic=False),
    row(part(np.histogram, 1), spaced(6), 3, analytic=False),
    row(part(np.histogram, 0), spaced(6), 3, density=True, analytic=False),
    row(part(np.histogram, 0), ENTRIES, 3, None, None, positive(5), analytic=False, exact=False),
    row(
        part(np.histogram, 0),
        *(spaced(5), 3, None, True, positive(5)),
        analytic=False,
        exact=False,
    ),
]
