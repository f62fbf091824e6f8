"""Samples of autograd_nn/ops/indexing.py."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograd_nn.ops.indexing import assign, getitem, scatter
from samples import Sample, Spelled, normal, row


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

TAKES: list[tuple[Any, dict[str, Any]]] = [
    (2, {}),
    ([0, 11, -1, 0], {}),
    (1, {"axis": 0}),
    ([[0, 1], [-1, 1]], {"axis": 1}),
    ([7, -9], {"axis": 1, "mode": "wrap"}),
    ([7, -9], {"axis": -1, "mode": "clip"}),
    (np.array([], int), {"axis": 0}),
]
ORDER = np.array([[3, 1, 0, 2], [0, 0, 1, 1], [-1, 2, 0, 0]])


def trimmed(x: Any, trim: Any) -> Any:
    return np.trim_zeros(np.pad(x, (2, 1)), trim)


def square_grid(v: Any) -> Any:
    return np.outer(v, v)


def scaled(v: Any, scale: float, *, shift: float) -> Any:
    return v[:2] * scale + shift


SAMPLES: list[Sample] = [
    *[row(np.take, normal(3, 4), i, **p) for i, p in TAKES],
    row(np.take, normal(), 0),
    row(np.take_along_axis, normal(3, 4), ORDER, axis=1),
    row(np.take_along_axis, normal(3, 4), ORDER[:, :1], axis=-1),
    row(np.take_along_axis, normal(3, 4), np.array([0, 5, 5]), axis=None),
    row(np.compress, [0, 1, 1], normal(3, 4), axis=0),
    row(np.compress, [True, False, True], normal(3, 4), axis=-1),
    row(np.compress, np.arange(12) % 3 == 0, normal(3, 4)),
    row(np.extract, np.arange(12).reshape(3, 4) % 5 == 0, normal(3, 4)),
    *[row(Spelled(np.trim_zeros, trimmed), normal(3), trim=trim) for trim in ("f", "B", "fb")],
    row(sliding_window_view, normal(3, 4), (2, 3)),
    row(sliding_window_view, normal(5), 2, axis=0),
    row(np.apply_over_axes, np.sum, normal(2, 3, 2), [0, -1], exact=False),
    row(np.apply_over_axes, np.cumsum, normal(2, 3), 1),
    *[row(np.apply_along_axis, square_grid, axis, normal(2, 3, 2)) for axis in (0, 1, -1)],
    row(np.apply_along_axis, np.prod, 1, normal(2, 3)),
    row(np.apply_along_axis, scaled, 0, normal(3, 2), 2.0, shift=1.0),
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
