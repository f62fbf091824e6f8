"""Samples of autograd_nn/ops/scans.py."""

import numpy as np

from autograd_nn.ops.scans import recurrence
from samples import Sample, gappy, normal, row

FULL = (np.cumsum, np.cumprod)
SKIPPING = (np.nancumsum, np.nancumprod)
NEWER = (np.cumulative_sum, np.cumulative_prod) if hasattr(np, "cumulative_sum") else ()

SAMPLES: list[Sample] = [
    *[row(f, normal()) for f in FULL],
    *[row(f, normal(0, 3), axis=0) for f in FULL],
    *[row(f, normal(0, 3), axis=1) for f in FULL],
    *[row(f, normal(2, 3, 2), axis=axis) for f in FULL for axis in (None, 0, 1, -1)],
    *[row(f, normal(3, 2), axis=0, dtype=np.float64, analytic=False) for f in FULL],
    *[row(f, gappy(2, 5), axis=axis) for f in SKIPPING for axis in (None, 1)],
    *[row(f, normal(2, 3), axis=1) for f in NEWER],
    *[row(f, normal(2, 3), axis=-2, include_initial=True) for f in NEWER],
    *[row(f, normal(4), include_initial=True) for f in NEWER],
    row(recurrence, normal(4, 2), normal(4, 2), formula=recurrence.forward),
]
