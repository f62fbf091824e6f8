"""Samples of autograd_nn/ops/reductions.py and masked.py."""

from typing import Any

import numpy as np

from samples import Sample, gappy, normal, row, spaced

AXES: list[dict[str, Any]] = [
    {},
    {"keepdims": True},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": (-1, 0), "keepdims": True},
    {"axis": ()},
]
MASK = np.array([[True, False, True], [True, True, False]])
MASKED: list[dict[str, Any]] = [
    {"where": MASK},
    {"where": MASK, "axis": 1},
    {"where": MASK[:, :1], "axis": 0, "keepdims": True},
]
INITIAL: list[dict[str, Any]] = [
    {"initial": 0.5},
    {"initial": 0.5, "axis": 1, "where": MASK},
    {"initial": 0.5, "axis": 1, "keepdims": True},
]
MEAN = np.array([[0.3], [-0.2]])

SAMPLES: list[Sample] = [
    *[row(f, normal(2, 3, 2), **p) for f in (np.sum, np.mean, np.prod) for p in AXES],
    *[row(f, spaced(2, 3, 2), **p) for f in (np.max, np.min) for p in AXES],
    *[row(f, spaced(2, 3), **p) for f in (np.amax, np.amin, np.ptp) for p in AXES[:4]],
    *[row(np.var, normal(2, 3, 2), **p, analytic=False) for p in AXES],
    *[row(np.std, normal(3, 2, 3), **p, analytic=False) for p in AXES[:-1]],
    *[row(f, normal(3, 4), axis=1, ddof=1, analytic=False) for f in (np.var, np.std)],
    *[row(f, normal()) for f in (np.sum, np.mean, np.prod, np.max)],
    *[row(f, normal(), axis=0) for f in (np.sum, np.prod, np.max)],
    *[row(f, normal(0, 3), axis=0) for f in (np.sum, np.prod, np.nansum)],
    *[row(f, normal(0, 3), axis=1) for f in (np.sum, np.mean, np.prod, np.max)],
    *[row(np.prod, normal(n, 2), axis=0) for n in (1, 5, 8)],
    *[row(f, normal(2, 3), **p) for f in (np.sum, np.prod) for p in MASKED + INITIAL],
    *[row(f, normal(2, 3), dtype=np.float64, analytic=False) for f in (np.sum, np.prod, np.mean)],
    *[row(np.mean, normal(2, 3), **p) for p in MASKED],
    *[row(f, spaced(2, 3), **p) for f in (np.max, np.min, np.amax, np.amin) for p in INITIAL],
    *[row(f, gappy(2, 3), **p) for f in (np.nanmax, np.nanmin) for p in AXES[:4] + INITIAL],
    *[row(f, normal(0, 3), axis=0, initial=0.0) for f in (np.max, np.min)],
    *[row(np.var, normal(2, 3), **p, analytic=False) for p in MASKED[:2]],
    *[row(np.std, normal(2, 3), **p, analytic=False) for p in MASKED[:1]],
    *[row(f, normal(4, 3), axis=0, correction=1, analytic=False) for f in (np.var, np.std)],
    *[row(f, normal(2, 3), axis=1, mean=MEAN, analytic=False) for f in (np.var, np.std)],
    *[row(f, normal(2, 3), dtype=np.float64, analytic=False) for f in (np.var, np.std)],
    *[row(f, gappy(4, 5), **p) for f in (np.nansum, np.nanprod) for p in AXES[:4]],
    *[row(f, gappy(2, 3), **p) for f in (np.nansum, np.nanprod) for p in (MASKED + INITIAL)[:5]],
    *[row(np.nanmean, gappy(4, 5), **p) for p in AXES[:4]],
    *[
        row(f, gappy(4, 5), **p, analytic=False)
        for f in (np.nanvar, np.nanstd)
        for p in [*AXES[:4], {"ddof": 1}, {"axis": 1, "mean": np.ones((4, 1)), "correction": 1}]
    ],
]
