"""Samples of autograd_nn/ops/steps.py."""

from typing import Any

import numpy as np

from samples import Sample, about, each, nonzero, normal, row, spaced


def mantissa(x: Any) -> Any:
    """Return the first result of frexp; the second is of integers."""
    return np.frexp(x)[0]


mantissa.forward = np.frexp  # type: ignore[attr-defined]  # the entry

SAMPLES: list[Sample] = [
    *[each(f, spaced(3, 4), analytic=False) for f in (np.floor, np.ceil, np.trunc, np.rint)],
    each(np.round, spaced(3, 4), analytic=False),
    row(np.round, spaced(3, 4), 1, analytic=False),
    row(np.around, spaced(4), decimals=-1, analytic=False),
    row(np.fix, spaced(3, 4), analytic=False),
    each(np.heaviside, nonzero(3, 4), normal(4), analytic=False),
    each(np.heaviside, np.array([-1, 0, 2], np.float32), normal(3), analytic=False),
    row(np.modf, spaced(3, 4), analytic=False),
    row(np.modf, spaced(), analytic=False),
    row(mantissa, nonzero(3, 4), analytic=False),
    each(np.ldexp, normal(3, 1), np.array([0, 3, -2]), analytic=False),
    each(np.nextafter, about(1.5, 4), 2.0, analytic=False),
    each(np.nextafter, about(1.5, 4), about(-1.5, 3, 1), analytic=False),
    each(np.spacing, about(1.5, 3, 4), analytic=False),
    each(np.copysign, nonzero(3, 4), nonzero(4), analytic=False),
    each(np.copysign, nonzero(3), -1, analytic=False),
    each(np.fabs, nonzero(3, 4), analytic=False),
    row(np.unwrap, normal(4), analytic=False),
    row(np.unwrap, normal(3, 4), axis=0, period=1.5, analytic=False),
    row(np.unwrap, normal(3, 4), 0.7, -1, period=1.0, analytic=False),
    row(np.nan_to_num, normal(3, 4), analytic=False),
    row(np.nan_to_num, normal(3), nan=1.0, posinf=2.0, neginf=3.0, analytic=False),
]
