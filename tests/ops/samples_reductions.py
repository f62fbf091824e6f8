"""Samples of autograd_nn/ops/reductions.py."""

from typing import Any

import numpy as np

from autograd_nn import log_softmax, logsumexp
from samples import Sample, normal, row, spaced


def log_of_sum(x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def log_of_share(x: Any, axis: Any = -1) -> Any:
    return x - log_of_sum(x, axis, keepdims=True)


AXES: list[dict[str, Any]] = [
    {},
    {"keepdims": True},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": (-1, 0), "keepdims": True},
    {"axis": ()},
]

SAMPLES: list[Sample] = [
    *[row(f, normal(2, 3, 2), **p) for f in (np.sum, np.mean, np.prod) for p in AXES],
    *[row(f, spaced(2, 3, 2), **p) for f in (np.max, np.min) for p in AXES],
    *[row(f, spaced(2, 3), **p) for f in (np.amax, np.amin) for p in AXES[:4]],
    *[row(np.var, normal(2, 3, 2), **p, analytic=False) for p in AXES],
    *[row(np.std, normal(3, 2, 3), **p, analytic=False) for p in AXES[:-1]],
    *[row(f, normal(3, 4), axis=1, ddof=1, analytic=False) for f in (np.var, np.std)],
    *[row(logsumexp, normal(2, 3, 2), **p, formula=log_of_sum) for p in AXES],
    row(log_softmax, normal(3, 4), formula=log_of_share),
    *[row(log_softmax, normal(2, 3), formula=log_of_share, axis=a) for a in (0, (0, 1), None)],
    *[row(f, normal()) for f in (np.sum, np.mean, np.prod, np.max, np.cumsum)],
    *[row(f, normal(), axis=0) for f in (np.sum, np.prod, np.max)],
    *[row(f, normal(0, 3), axis=0) for f in (np.sum, np.prod, np.cumsum)],
    *[row(f, normal(0, 3), axis=1) for f in (np.sum, np.mean, np.prod, np.max)],
    *[row(np.prod, normal(n, 2), axis=0) for n in (1, 5, 8)],
    *[row(np.cumsum, normal(2, 3, 2), axis=axis) for axis in (None, 0, 1, -1)],
]
