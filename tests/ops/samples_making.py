"""Samples of autograd_nn/ops/making.py."""

from typing import Any

import numpy as np

from autograd_nn import Tensor
from samples import Sample, Spelled, about, normal, positive, row

OFFSETS = (-3, -1, 0, 1, 6)


def filled(x: Any) -> Any:
    return np.full((2, 3), x, like=x if isinstance(x, Tensor) else None)


def filled_like(x: Any) -> Any:
    return np.full_like(x, x[0], shape=(3, 2))


SAMPLES: list[Sample] = [
    row(np.meshgrid, normal(3), normal(2)),
    row(np.meshgrid, normal(3), normal(2), np.ones(2, np.float32), indexing="ij"),
    row(np.meshgrid, normal(3), normal(2), sparse=True, copy=False),
    row(np.meshgrid, normal(3), normal(), copy=False),
    row(np.meshgrid, normal(2)),
    row(np.ix_, normal(3), normal(2)),
    row(np.ix_, normal(3), [True, False, True]),
    *[row(np.diagonal, normal(2, 4), k) for k in OFFSETS],
    *[row(np.diagonal, normal(4, 2), k) for k in OFFSETS],
    row(np.diagonal, normal(2, 3, 4), offset=-1, axis1=-1, axis2=0),
    row(np.diagonal, normal(2, 3, 4), 1, 2, 1),
    *[row(np.diag, normal(3), k) for k in OFFSETS],
    *[row(np.diag, normal(3, 2), k=k) for k in OFFSETS],
    row(np.diag, normal(0)),
    *[row(np.diagflat, normal(2, 2), k) for k in (-1, 0, 2)],
    *[row(f, normal(2, 3, 4), k) for f in (np.tril, np.triu) for k in OFFSETS],
    *[row(f, normal(3)) for f in (np.tril, np.triu)],
    row(np.vander, normal(3)),
    *[row(np.vander, normal(3), N=n, increasing=True) for n in (2, 5)],
    row(np.vander, normal(0), 2),
    row(np.linspace, normal(), normal()),
    row(np.linspace, normal(2, 1), normal(3), 4),
    row(np.linspace, normal(3), 2.0, 5, endpoint=False, axis=-1),
    row(np.linspace, 1, normal(2), num=5, axis=1, retstep=True),
    *[row(np.linspace, normal(2), normal(2), n) for n in (0, 1, 2)],
    row(np.linspace, normal(), normal(), 3, dtype=np.longdouble, analytic=False),
    row(np.logspace, normal(), normal(), 5),
    row(np.logspace, normal(2), normal(2), 4, endpoint=False, base=2.0, axis=-1),
    row(np.logspace, normal(2, 1), normal(), 4, 1, positive(3)),
    row(np.logspace, normal(2), 1.0, 4, 0, positive(), axis=1),
    row(np.logspace, normal(), 1.0, 4, dtype=np.longdouble, analytic=False),
    row(np.geomspace, positive(), positive(), 5, analytic=False),
    row(np.geomspace, [1.0, 2.0], positive(2), 3, axis=-1, analytic=False),
    row(np.geomspace, positive(2), 3.0, 4, endpoint=False, axis=-1, analytic=False),
    row(np.geomspace, -2.0, about(-5.0, 3), 4, analytic=False),
    row(Spelled(np.full, filled), normal()),
    row(Spelled(np.full, filled), normal(3)),
    row(Spelled(np.full_like, filled_like), normal(3, 2)),
]
