"""Samples of autograd_nn/ops/indexing.py."""

from typing import Any

import numpy as np

from autograd_nn.ops.indexing import getitem, scatter
from samples import Sample, normal, row


def placed(v: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, v.dtype)
    np.add.at(out, index, v)
    return out


INDICES: list[Any] = [
    0,
    -1,
    (1, 2),
    slice(None, None, -1),
    (slice(1, None), slice(None, None, 2)),
    (Ellipsis, 0),
    (None, slice(None), None, 1),
    np.array([2, 0, 2, 2]),
    (np.array([0, 0, 1]), np.array([1, 1, 3])),
    (slice(None), np.array([[0, 1], [3, 0]])),
    np.array([True, False, True]),
    np.arange(12).reshape(3, 4) % 5 == 0,
    (np.array([True, False, True]), 1),
    (np.array([[0], [1]]), np.array([2, 2])),
    np.array([], int),
]

SAMPLES: list[Sample] = [
    *[row(getitem, normal(3, 4), formula=lambda x, index: x[index], index=i) for i in INDICES],
    row(scatter, normal(2, 3), formula=placed, index=slice(1, None), shape=(3, 3)),
    row(scatter, normal(3), formula=placed, index=np.array([0, 2, 0]), shape=(4,)),
]
