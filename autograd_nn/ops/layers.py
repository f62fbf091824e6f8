"""Whole steps of a network as one primitive each: one node, one buffer, few calls of NumPy.

On small arrays the calls are what costs, on large ones the memory.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from autograd_nn.errors import ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import valued
from autograd_nn.ops.special import LIMITS, sigmoid, squash
from autograd_nn.table import followed, general


def rows(x: Value) -> Value:
    """Arrange all but the last axis as one."""
    return x if x.ndim == 2 else np.reshape(x, (-1, x.shape[-1]))  # noqa: PLR2004


def dot(x: Value, y: Value) -> Value:
    """Multiply as np.dot does, which takes twice as long to find out that these are arrays."""
    return x.dot(y) if type(y) is np.ndarray else np.dot(x, y)


@lru_cache(maxsize=16)
def ones(n: int, dtype: Any) -> Value:
    """Make a vector of ones: a product with it sums faster than np.sum."""
    vector = np.ones(n, dtype)
    vector.flags.writeable = False
    return vector


def weight_rule(v: Value, _z: Value, x: Value, _w: Value, _b: Value) -> Value:
    """Multiply inputs by cotangents, sample by sample, and sum."""
    return dot(rows(x).T, rows(v))


def bias_rule(v: Value, *_: Value) -> Value:
    """Sum over the samples."""
    v = rows(v)
    return dot(v.T, ones(len(v), v.dtype))


@lambda function: general(
    function,
    [
        lambda v, _z, _x, w, _b: dot(v, w.T),
        weight_rule,
        bias_rule,
    ],
    [
        lambda v, _z, _x, w, _b: v @ w,
        lambda v, _z, x, _w, _b: x @ v,
        lambda v, z, *_: np.broadcast_to(v, z.shape),
    ],
)
def affine(x: Value, weight: Value, bias: Value) -> Value:
    """Compute ``x @ weight + bias``: of shapes (..., n), (n, m) and (m,).

    >>> affine(np.ones((2, 3)), np.ones((3, 2)), np.array([0.0, 1.0]))
    array([[3., 4.],
           [3., 4.]])
    """
    x = valued(x)
    z = x.dot(weight) if x.ndim == 2 else np.matmul(x, weight)  # noqa: PLR2004 (dot is faster)
    return np.add(z, bias, z) if z.dtype is bias.dtype and z.shape else z + bias


@lambda function: followed(function, affine, sigmoid)
def affine_sigmoid(x: Value, weight: Value, bias: Value) -> Value:
    """Compute ``sigmoid(x @ weight + bias)`` in one buffer.

    >>> affine_sigmoid(np.ones((1, 1)), np.ones((1, 2)), np.array([-1.0, 999.0]))
    array([[0.5, 1. ]])
    """
    z = affine.forward(x, weight, bias)
    return squash(z, z) if z.dtype in LIMITS and z.ndim else sigmoid.forward(z)


@lambda function: general(
    function,
    [lambda v, _z, y, t: v * (y - t), lambda v, _z, y, t: v * (t - y)],
    [lambda v, _z, y, t: np.sum(v * (y - t)), lambda v, _z, y, t: np.sum(v * (t - y))],
    hint=None,
)
def half_sse(prediction: Value, target: Value) -> Value:
    """Sum squared errors over all entries and halve: ``sum((prediction - target) ** 2) / 2``.

    >>> half_sse(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    np.float64(2.5)
    """
    y, t = valued(prediction), valued(target)
    check_equal("half_sse_loss", y.shape, t.shape)
    error = (y - t).reshape(-1)
    return 0.5 * error.dot(error)


def check_equal(loss: str, prediction: tuple[int, ...], target: tuple[int, ...]) -> None:
    """Refuse shapes that would only fit by broadcasting, which is a mistake in a loss."""
    if prediction != target:
        message = (
            f"{loss}: argument prediction has shape {prediction}, target {target}; reshape the "
            "target to the prediction's shape"
        )
        raise ShapeError(message)


__test__ = {p.__name__: str(p.__doc__) for p in (affine, affine_sigmoid, half_sse)}  # for doctest
