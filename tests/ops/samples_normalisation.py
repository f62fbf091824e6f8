"""Samples of autograd_nn/ops/normalisation.py."""

from typing import Any

import numpy as np

from autograd_nn.ops.normalisation import standardise
from samples import Sample, normal, row


def plain(x: Any, *, axis: Any, eps: float) -> Any:
    mean = np.mean(x, axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(np.mean((x - mean) ** 2, axis=axis, keepdims=True) + eps)


SAMPLES: list[Sample] = [
    row(standardise, normal(3, 4), formula=plain, axis=axis, eps=eps)
    for axis in (-1, 0, (0, 1))
    for eps in (0.0, 0.1)
]
