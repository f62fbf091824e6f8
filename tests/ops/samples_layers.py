"""Samples of autograd_nn/ops/layers.py."""

from typing import Any

import numpy as np

from autograd_nn.ops.layers import affine, affine_sigmoid, half_sse
from samples import Sample, normal, row

INPUTS: list[tuple[int, ...]] = [(5, 3), (3,), (2, 4, 3), (0, 3), (1, 3)]


def plain_affine(x: Any, weight: Any, bias: Any) -> Any:
    return x @ weight + bias


def plain_affine_sigmoid(x: Any, weight: Any, bias: Any) -> Any:
    return 1 / (1 + np.exp(-(x @ weight + bias)))


def plain_half_sse(prediction: Any, target: Any) -> Any:
    return np.sum((prediction - target) ** 2) / 2


SAMPLES: list[Sample] = [
    *[
        row(function, normal(*shape), normal(3, 2), normal(2), formula=formula)
        for function, formula in ((affine, plain_affine), (affine_sigmoid, plain_affine_sigmoid))
        for shape in INPUTS
    ],
    *[
        row(half_sse, normal(*shape), normal(*shape), formula=plain_half_sse)
        for shape in [(4, 2), (3,), (), (0, 2), (2, 3, 2)]
    ],
]
