"""Samples of autograd_nn/ops/special.py."""

from typing import Any

import numpy as np

from autograd_nn import log_softmax, logsumexp
from autograd_nn.ops.special import softmax
from samples import Sample, normal, positive, row
from samples_reductions import AXES


def log_of_sum(x: Any, axis: Any = None, b: Any = 1, *, keepdims: bool = False) -> Any:
    return np.log(np.sum(b * np.exp(x), axis=axis, keepdims=keepdims))


def log_of_share(x: Any, axis: Any = -1) -> Any:
    return x - log_of_sum(x, axis, keepdims=True)


def share(x: Any, axis: Any = -1) -> Any:
    return np.exp(log_of_share(x, axis))


def log_of_weighted(x: Any, b: Any, axis: Any = None) -> Any:
    return logsumexp(x, axis, b)


log_of_weighted.forward = logsumexp  # type: ignore[attr-defined]  # whose sample this is

SAMPLES: list[Sample] = [
    *[row(logsumexp, normal(2, 3, 2), **p, formula=log_of_sum) for p in AXES],
    row(
        logsumexp,
        normal(2, 3),
        b=np.array([0.5, 2, 0], np.float32),
        axis=1,
        formula=log_of_sum,
        exact=False,
    ),
    row(
        log_of_weighted,
        normal(2, 3),
        positive(2, 3),
        axis=1,
        formula=lambda x, b, axis: log_of_sum(x, axis, b),
    ),
    *[
        row(f, normal(2, 3), formula=formula, axis=a)
        for f, formula in ((log_softmax, log_of_share), (softmax, share))
        for a in (-1, 0, (0, 1), None)
    ],
]
