"""Samples of autograd_nn/ops/slicing.py."""

from typing import Any

import numpy as np

from autograd_nn.ops.slicing import slices
from samples import Sample, Spelled, normal, row


def unstacked(x: Any, *, axis: int) -> list[Any]:
    return [np.take(x, i, axis) for i in range(x.shape[axis])]


ENTRY = slices.__wrapped__  # type: ignore[attr-defined]  # what is entered in the table
ALL = Spelled(ENTRY, slices)
ONE = Spelled(ENTRY, lambda x, **params: slices(x, **params)[1])  # the others are not used

SAMPLES: list[Sample] = [
    *[row(ALL, normal(2, 3, 4), formula=unstacked, axis=axis) for axis in (0, 1, 2)],
    row(ONE, normal(3, 2), formula=lambda x, axis: unstacked(x, axis=axis)[1], axis=0),
]
