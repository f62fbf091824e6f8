"""Samples of autograd_nn/ops/elementwise.py."""

from typing import Any

import numpy as np

from autograd_nn import relu, sigmoid, softplus
from samples import Sample, about, each, nonzero, normal, positive, row, spaced


def float_power(x: Any, y: Any) -> Any:
    """Compute in double precision, as float_power does, and go back."""
    return np.float_power(x, y).astype(np.result_type(x, y))


float_power.forward = np.float_power  # type: ignore[attr-defined]  # the entry

SAMPLES: list[Sample] = [
    each(np.add, normal(3, 4), normal(4)),
    each(np.add, normal(3, 1), 2.0),
    each(np.subtract, normal(3, 1), normal(2, 1, 4)),
    each(np.subtract, 2.0, normal(3)),
    each(np.multiply, normal(2, 1, 4), normal(3, 1)),
    each(np.multiply, normal(0, 3), normal(3)),
    each(np.divide, normal(3, 4), nonzero(4)),
    each(np.divide, 1.0, nonzero(3)),
    each(np.negative, normal(3, 4)),
    each(np.positive, normal(3, 4)),
    each(np.reciprocal, nonzero(3, 4)),
    each(np.square, normal(3, 4)),
    each(np.sqrt, positive(3, 4)),
    each(np.exp, normal(3, 4)),
    each(np.exp, normal()),
    each(np.expm1, normal(3, 4)),
    each(np.log, positive(3, 4)),
    each(np.log1p, positive(3, 4)),
    each(np.sin, normal(3, 4)),
    each(np.cos, normal(3, 4)),
    each(np.tanh, normal(3, 4)),
    *[each(f, normal(3, 4)) for f in (np.tan, np.arctan, np.sinh, np.cosh, np.arcsinh, np.exp2)],
    *[each(f, about(0.4, 3, 4)) for f in (np.arcsin, np.arccos, np.arctanh)],
    each(np.arccosh, about(2.0, 3, 4)),
    *[each(f, positive(3, 4)) for f in (np.log2, np.log10)],
    *[
        each(f, normal(3, 4), analytic=False)
        for f in (np.degrees, np.radians, np.rad2deg, np.deg2rad)
    ],
    each(np.cbrt, nonzero(3, 4), analytic=False),
    *[each(f, normal(3, 1), normal(4), analytic=False) for f in (np.logaddexp, np.logaddexp2)],
    each(np.hypot, normal(3, 1), normal(4), analytic=False),
    each(np.hypot, nonzero(3), 2.0, analytic=False),
    each(np.arctan2, nonzero(3, 1), nonzero(4), analytic=False),
    each(np.tanh, normal(0)),
    each(np.remainder, spaced(3, 4), about(1.0, 4), analytic=False),
    each(np.remainder, about(0.7, 3), -0.5, analytic=False),
    each(np.floor_divide, spaced(3, 4), about(1.0, 4), analytic=False),
    each(np.fmod, spaced(3, 4), about(1.0, 4), analytic=False),
    each(np.fmod, spaced(3, 4), -0.5, analytic=False),
    each(np.fmod, 2.0, about(-0.7, 3), analytic=False),
    row(np.divmod, spaced(3, 4), about(1.0, 4), analytic=False),
    each(np.power, positive(3, 4), normal(4)),
    each(np.power, normal(3, 4), 3),
    each(np.power, nonzero(3, 4), -2.0),
    each(np.power, normal(3, 4), 0),
    each(np.power, positive(3, 4), 0.5),
    each(np.power, 2.0, normal(3, 4)),
    each(np.power, nonzero(3), np.array([0, 1, 3], np.uint8)),
    each(float_power, positive(3, 4), normal(4)),
    each(float_power, normal(3, 4), 3),
    each(sigmoid, normal(3, 4), formula=lambda x: 1 / (1 + np.exp(-x))),
    each(relu, spaced(3, 4), formula=lambda x: np.maximum(x, 0)),
    each(softplus, normal(3, 4), formula=lambda x: np.log(1 + np.exp(x))),
]
