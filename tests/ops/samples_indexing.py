"""Samples of autograd_nn/ops/indexing.py."""

from typing import Any

import numpy as np

from autograd_nn.ops.indexing import assign, getitem, scatter
from samples import Sample, normal, row


def placed(v: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, v.dtype)
    np.add.at(out, index, v)
    return out


def assigned(x: Any, value: Any, index: Any) -> Any:
    out = np.array(x, np.result_type(x, value))
    out[index] = value
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
ASSIGNMENTS: list[tuple[Any, tuple[int, ...]]] = [
    *[(i, np.zeros((3, 4))[i].shape) for i in INDICES],
    (slice(None), ()),
    (slice(None, None, 2), (4,)),
    (Ellipsis, (3, 1)),
    (0, (1, 1, 4)),  # leading axes of length 1 are dropped
    ((slice(None), 1), (1, 1)),
    (np.array([2, 0, 2, 2]), (4,)),
    (np.array([2, 0, 2, 2]), (1, 4, 1)),
    ((np.array([0, 0, 1]), np.array([1, 1, 3])), (1, 1)),
    (np.arange(12).reshape(3, 4) % 5 == 0, ()),
]

SAMPLES: list[Sample] = [
    *[row(getitem, normal(3, 4), formula=lambda x, index: x[index], index=i) for i in INDICES],
    row(scatter, normal(2, 3), formula=placed, index=slice(1, None), shape=(3, 3)),
    row(scatter, normal(3), formula=placed, index=np.array([0, 2, 0]), shape=(4,)),
    *[
        row(assign, normal(3, 4), normal(*shape), formula=assigned, index=i)
        for i, shape in ASSIGNMENTS
    ],
    row(assign, normal(), normal(), formula=assigned, index=()),
    row(assign, normal(3), 2.0, formula=assigned, index=1),
    row(assign, normal(0, 3), normal(3), formula=assigned, index=slice(None)),
]
