"""Samples of autograd_nn/ops/activations.py."""

from math import erf
from typing import Any

import numpy as np

from autograd_nn.ops.activations import elu, gelu, leaky_relu, normal_cdf, silu
from samples import Sample, each, nonzero, normal


def cdf(x: Any) -> Any:
    return np.vectorize(lambda x: (1 + erf(x / 2**0.5)) / 2)(x)


def plain_elu(x: Any, alpha: float = 1.0) -> Any:
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def plain_leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    return x * np.where(x > 0, 1, negative_slope)


SAMPLES: list[Sample] = [
    each(normal_cdf, normal(3, 4), formula=cdf, analytic=False),
    each(gelu, normal(3, 4), formula=lambda x: x * cdf(x), analytic=False),
    each(silu, normal(3, 4), formula=lambda x: x / (1 + np.exp(-x))),
    each(elu, nonzero(3, 4), formula=plain_elu),
    Sample(elu, (nonzero(3, 4),), {"alpha": 0.5}, plain_elu, independent=False),
    each(leaky_relu, nonzero(3, 4), formula=plain_leaky_relu),
    Sample(
        leaky_relu,
        (nonzero(3, 4),),
        {"negative_slope": 0.3},
        plain_leaky_relu,
        independent=False,
    ),
]
