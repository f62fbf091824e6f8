"""Samples of autograd_nn/ops/shaping.py."""

from typing import Any

import numpy as np

from autograd_nn.ops.shaping import astype, reshape
from samples import Sample, normal, row


def converted(x: Any) -> Any:
    return np.astype(np.astype(x, np.longdouble), x.dtype, copy=False)


converted.forward = getattr(np, "astype", None)  # type: ignore[attr-defined]  # the entry

TURNS: list[dict[str, Any]] = [{}, {"k": 2}, {"k": -1}, {"k": 3, "axes": (2, 0)}, {"k": 0}]
ROLLS: list[dict[str, Any]] = [
    {"shift": 2},
    {"shift": -5, "axis": 1},
    {"shift": (1, 2), "axis": (0, -1)},
    {"shift": (1, 2), "axis": 1},
    {"shift": 1, "axis": (0, 1)},
]
REPEATS: list[dict[str, Any]] = [
    {"repeats": 2},
    {"repeats": 3, "axis": 1},
    {"repeats": [2], "axis": -1},
    {"repeats": [1, 0, 2], "axis": 1},
    {"repeats": np.arange(12)},
    {"repeats": 0, "axis": 0},
]

SAMPLES: list[Sample] = [
    *[row(np.reshape, normal(2, 3, 2), shape) for shape in [(3, 4), (2, -1), -1]],
    *[row(np.reshape, normal(2, 3, 2), (3, 4), order=order) for order in ("C", "F")],
    row(np.reshape, normal(1), ()),
    row(reshape, normal(2, 3), (3, 2), formula=np.reshape),
    row(reshape, normal(2, 3), (3, 2), formula=np.reshape, order="F"),
    row(np.reshape, normal(0, 3), (3, 0, 2)),
    row(np.swapaxes, normal(2, 3, 4), 0, -1),
    row(np.matrix_transpose, normal(2, 3, 4)),
    row(np.expand_dims, normal(2, 3), 1),
    row(np.expand_dims, normal(2, 3), [0, -1]),
    row(np.expand_dims, normal(2, 3), axis=(0, -1)),
    row(np.squeeze, normal(1, 3, 1)),
    row(np.squeeze, normal(1, 3, 1), axis=-1),
    row(np.moveaxis, normal(2, 3, 4), 0, -1),
    row(np.moveaxis, normal(2, 3, 4), (0, 1), (2, 0)),
    *[row(np.rollaxis, normal(2, 3, 4), axis, n) for axis, n in [(2, 0), (0, 3), (-1, 1), (1, -1)]],
    row(np.rollaxis, normal(2, 3, 4), 1),
    row(np.broadcast_to, normal(3, 1), (2, 3, 4)),
    row(np.broadcast_to, normal(), (2, 3)),
    row(np.broadcast_to, normal(1), (0,)),
    row(np.broadcast_arrays, normal(3, 1), normal(4), np.ones(1, np.float32)),
    row(np.broadcast_arrays, normal(), normal(2)),
    *[row(f, normal()) for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d)],
    *[row(f, normal(3)) for f in (np.atleast_2d, np.atleast_3d)],
    row(np.atleast_3d, normal(2, 3)),
    row(np.atleast_2d, normal(), normal(3), normal(2, 3)),
    row(np.transpose, normal(2, 3, 4)),
    row(np.transpose, normal(2, 3, 4), (1, 2, 0)),
    row(np.transpose, normal(2, 3, 4), axes=(-1, 0, 1)),
    *[row(np.ravel, normal(2, 3), order=order) for order in "CF"],
    row(np.copy, normal(2, 3)),
    row(np.copy, normal(2, 3), order="F"),
    *[row(np.flip, normal(2, 3, 2), axis=axis) for axis in (None, 0, -1, (0, 2))],
    *[row(converted, normal(3), analytic=False) for _ in range(hasattr(np, "astype"))],
    row(np.fliplr, normal(2, 3)),
    row(np.flipud, normal(2, 3)),
    *[row(np.rot90, normal(2, 3, 4), **p) for p in TURNS],
    *[row(np.roll, normal(2, 3, 4), **p) for p in ROLLS],
    *[row(np.tile, normal(2, 3), reps) for reps in [2, (2, 3), (2, 1, 2), (0, 2), 1, ()]],
    row(np.tile, normal(), (2, 3)),
    row(np.tile, normal(0, 2), 2),
    *[row(np.repeat, normal(2, 3, 2), **p) for p in REPEATS],
    row(np.repeat, normal(), 3),
    row(np.repeat, normal(), 3, axis=0),
    *[row(np.resize, normal(2, 3), shape) for shape in [4, (4, 4), (3, 2), (0,)]],
    row(astype, normal(3), formula=np.asarray, analytic=False, dtype=np.longdouble),
]
