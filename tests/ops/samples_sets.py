"""Samples of autograd_nn/ops/sets.py; common entries, which no judge can move apart, are values."""

import numpy as np

from samples import Sample, Spelled, about, row, spaced

SAMPLES: list[Sample] = [
    *[row(f, spaced(3), about(5, 1), analytic=False) for f in (np.union1d, np.setxor1d)],
    *[row(f, [7.0, 0.0], spaced(2, 3), analytic=False) for f in (np.union1d, np.setxor1d)],
    *[row(np.setdiff1d, spaced(5), [7.0], *flag, analytic=False) for flag in ([], [True])],
    row(Spelled(np.intersect1d, lambda x: np.intersect1d(x, x)), spaced(3), analytic=False),
]
