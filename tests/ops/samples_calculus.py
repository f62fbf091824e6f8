"""Samples of autograd_nn/ops/calculus.py."""

import numpy as np

from samples import Draw, Sample, normal, positive, row, spaced

POINTS = np.array([-1.5, -0.5, 0.5, 1.0, 2.0])
COORDINATES = np.array([0.0, 1.0, 1.5, 3.0])
growing = Draw("growing", (5,), lambda rng, size: np.cumsum(rng.uniform(0.5, 1, size)) - 2)

SAMPLES: list[Sample] = [
    *[row(np.diff, normal(2, 3, 4), n=n, axis=axis) for n, axis in ((1, -1), (2, 2), (1, 0))],
    row(np.diff, normal(2, 3), prepend=1.0, append=np.ones((2, 2))),
    row(np.diff, normal(3), n=4),
    row(np.ediff1d, normal(2, 3)),
    row(np.ediff1d, normal(2, 3), to_end=[1.0, 2.0], to_begin=3.0),
    row(np.trapezoid, normal(2, 3)),
    row(np.trapezoid, normal(3, 2), normal(3), axis=0),
    row(np.trapezoid, normal(2, 3), normal(2, 3)),
    row(np.trapezoid, normal(2, 3), None, positive(2, 1)),
    *[row(np.gradient, normal(3, 3), edge_order=k) for k in (1, 2)],
    *[row(np.gradient, normal(5), 0.5, edge_order=k) for k in (1, 2)],
    *[row(np.gradient, normal(5), positive(), edge_order=k) for k in (1, 2)],
    *[row(np.gradient, normal(4, 2), COORDINATES, axis=0, edge_order=k) for k in (1, 2)],
    *[row(np.gradient, normal(2, 5), growing, axis=-1, edge_order=k) for k in (1, 2)],
    row(np.gradient, normal(2, 3), axis=(1, 0)),
    row(np.interp, spaced(8), POINTS, normal(5), analytic=False),
    row(np.interp, spaced(2, 4), POINTS, normal(5), left=1.0, right=-1.0, analytic=False),
    row(np.interp, spaced(8), POINTS, normal(5), period=2.75, analytic=False),
    row(np.interp, spaced(6), growing, normal(5), analytic=False),
    row(np.interp, POINTS, np.ones(1), normal(1), analytic=False),
    *[
        row(np.convolve, normal(n), normal(m), mode=mode)
        for n, m in ((4, 3), (2, 4))
        for mode in ("full", "same", "valid")
    ],
    *[
        row(np.correlate, normal(n), normal(m), mode=mode, analytic=False)
        for n, m in ((4, 3), (2, 4), (3, 3))
        for mode in ("full", "same", "valid")
    ],
]
