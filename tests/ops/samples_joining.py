"""Samples of autograd_nn/ops/joining.py."""

from typing import Any

import numpy as np

from samples import Sample, Spelled, normal, row


def blocks(a: Any, b: Any, c: Any) -> Any:
    return np.block([[a, np.ones((2, 1))], [b, c]])


SAMPLES: list[Sample] = [
    row(np.concatenate, normal(2, 3), normal(4, 3)),
    row(np.concatenate, normal(2, 3), normal(2, 1), normal(2, 0), axis=-1),
    row(np.concatenate, normal(2, 3), np.ones((1, 3), np.float32), axis=0),
    row(np.concatenate, [[1, 2]], normal(2, 2), axis=0),
    row(np.concatenate, normal(2, 3), normal(4), axis=None),
    row(np.concatenate, normal(2), normal(1), dtype=np.longdouble, casting="safe", analytic=False),
    row(np.stack, normal(2, 3), normal(2, 3)),
    row(np.stack, normal(2, 3), np.ones((2, 3), np.float32), normal(2, 3), axis=-1),
    row(np.stack, normal(), normal()),
    row(np.stack, normal(2), normal(2), dtype=np.longdouble, analytic=False),
    row(np.vstack, normal(3), normal(2, 3), normal(3)),
    row(np.hstack, normal(2, 3), normal(2, 1)),
    row(np.hstack, normal(3), normal(2)),
    row(np.hstack, normal(), normal(2)),
    row(np.dstack, normal(2, 3), normal(2, 3)),
    row(np.dstack, normal(3), normal(1, 3, 2)),
    row(np.dstack, normal(), normal()),
    row(np.column_stack, normal(3), normal(3, 2), normal(3)),
    row(np.block, normal(3), normal(), normal(2)),
    row(Spelled(np.block, blocks), normal(2, 2), normal(1, 2), normal()),
    row(Spelled(np.block, np.block), normal(2, 3)),
    row(np.append, normal(2, 3), normal(2)),
    row(np.append, normal(2, 3), normal(1, 3), axis=0),
    row(np.append, normal(3), 1.0),
    row(np.insert, normal(2, 3), 1, normal()),
    row(np.insert, normal(2, 3), [1, 3], normal(2)),
    row(np.insert, normal(2, 3), 1, normal(2), axis=1),
    row(np.insert, normal(2, 3), [1], normal(2, 2), axis=1),
    row(np.insert, normal(2, 3), [0, 0], normal(3), axis=0),
    row(np.insert, normal(2, 3), -1, 5.0, axis=-1),
    row(np.insert, normal(2, 3), slice(0, 2), normal(2, 1), axis=1),
    *[row(np.delete, normal(2, 3), obj, axis=1) for obj in (1, -1, [0, 2], [0, 0], slice(0, 2))],
    row(np.delete, normal(2, 3), 4),
    row(np.delete, normal(2, 3), [], axis=0),
    row(np.split, normal(6, 2), 3),
    row(np.split, normal(2, 6), 2, axis=-1),
    row(np.split, normal(4), [2]),
    row(np.split, normal(4, 2), [1, 1, 5]),
    row(np.array_split, normal(7, 2), 3),
    row(np.array_split, normal(2, 3), 5, axis=1),
    row(np.array_split, normal(5), [1, 4]),
    row(np.hsplit, normal(2, 4), 2),
    row(np.hsplit, normal(4), [1]),
    row(np.vsplit, normal(4, 2), 2),
    row(np.dsplit, normal(2, 1, 4), [1, 3]),
]
if hasattr(np, "unstack"):
    SAMPLES += [row(np.unstack, normal(2, 3)), row(np.unstack, normal(2, 3), axis=-1)]
