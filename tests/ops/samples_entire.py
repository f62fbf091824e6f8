"""Samples of autograd_nn/ops/entire.py."""

import numpy as np

from samples import Sample, about, each, normal

SAMPLES: list[Sample] = [
    each(np.sinc, normal(3, 4)),
    each(np.sinc, about(0.0, 4)),
    each(np.sinc, about(5.0, 4)),
    each(np.i0, normal(3, 4), analytic=False),
    each(np.i0, about(9.0, 3), analytic=False),
]
