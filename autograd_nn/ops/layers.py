"""Whole steps of a network as one primitive each: one node, one buffer, few calls of NumPy.

On small arrays the calls are what costs, on large ones the memory.
"""

from collections.abc import Sequence
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


@lru_cache(maxsize=16)
def ones(n: int, dtype: Any) -> Value:
    """Make a vector of ones: a product with it sums faster than np.sum."""
    vector = np.ones(n, dtype)
    vector.flags.writeable = False
    return vector


def affine_rule(
    v: Value, wanted: Sequence[Any], _z: Value, x: Value, w: Value, _b: Value
) -> tuple[Value, Value, Value]:
    """Carry `v` back to inputs, weights and biases; those of all samples are summed."""
    plain = type(v) is type(x) is type(w) is np.ndarray
    dot = np.ndarray.dot if plain else np.dot  # which takes twice as long to find that out
    to_x = dot(v, w.T) if wanted[0] else None
    if v.ndim != 2:  # noqa: PLR2004
        x, v = rows(x), rows(v)
    to_w = dot(x.T, v) if wanted[1] else None
    return to_x, to_w, dot(ones(len(v), v.dtype), v) if wanted[2] else None


@lambda function: general(
    function,
    affine_rule,
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
    return squash(z, z) if z.ndim and z.dtype in LIMITS else sigmoid.forward(z)


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
    error = (y - t).ravel()
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
