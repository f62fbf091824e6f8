"""Samples of autograd_nn/ops/shaping.py."""

from typing import Any

import numpy as np

from autograd_nn.ops.shaping import astype, reshape
from samples import Sample, normal, row


def converted(x: Any) -> Any:
    return np.astype(np.astype(x, np.longdouble), x.dtype, copy=False)


converted.forward = getattr(np, "astype", None)  # type: ignore[attr-defined]  # the entry

SAMPLES: list[Sample] = [
    *[row(np.reshape, normal(2, 3, 2), shape) for shape in [(3, 4), (2, -1), -1]],
    row(np.reshape, normal(1), ()),
    row(reshape, normal(2, 3), (3, 2), formula=np.reshape),
    row(np.reshape, normal(0, 3), (3, 0, 2)),
    row(np.swapaxes, normal(2, 3, 4), 0, -1),
    row(np.expand_dims, normal(2, 3), 1),
    row(np.expand_dims, normal(2, 3), axis=(0, -1)),
    row(np.squeeze, normal(1, 3, 1)),
    row(np.squeeze, normal(1, 3, 1), axis=-1),
    row(np.moveaxis, normal(2, 3, 4), 0, -1),
    row(np.moveaxis, normal(2, 3, 4), (0, 1), (2, 0)),
    row(np.broadcast_to, normal(3, 1), (2, 3, 4)),
    row(np.broadcast_to, normal(), (2, 3)),
    row(np.broadcast_to, normal(1), (0,)),
    row(np.transpose, normal(2, 3, 4)),
    row(np.transpose, normal(2, 3, 4), (1, 2, 0)),
    row(np.transpose, normal(2, 3, 4), axes=(-1, 0, 1)),
    row(np.ravel, normal(2, 3)),
    row(np.concatenate, normal(2, 3), normal(4, 3)),
    row(np.concatenate, normal(2, 3), normal(2, 1), normal(2, 0), axis=-1),
    row(np.concatenate, normal(2, 3), np.ones((1, 3), np.float32), axis=0),
    row(np.concatenate, normal(2, 3), normal(4), axis=None),
    row(np.stack, normal(2, 3), normal(2, 3)),
    row(np.stack, normal(2, 3), np.ones((2, 3), np.float32), normal(2, 3), axis=-1),
    row(np.stack, normal(), normal()),
    row(np.vstack, normal(3), normal(2, 3), normal(3)),
    row(np.hstack, normal(2, 3), normal(2, 1)),
    row(np.hstack, normal(3), normal(2)),
    row(np.hstack, normal(), normal(2)),
    *[row(np.flip, normal(2, 3, 2), axis=axis) for axis in (None, 0, -1, (0, 2))],
    row(np.split, normal(6, 2), 3),
    row(np.split, normal(2, 6), 2, axis=-1),
    row(np.split, normal(4), [2]),
    *[row(converted, normal(3), analytic=False) for _ in range(hasattr(np, "astype"))],
    row(astype, normal(3), formula=np.asarray, analytic=False, dtype=np.longdouble),
]
