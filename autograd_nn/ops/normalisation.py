"""Standardising: to mean 0 and variance 1 along axes, as one node."""

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import check_real
from autograd_nn.table import general


def standardise_rule(v: Value, y: Value, x: Value, *, axis: Any, eps: float) -> Value:
    """Take out what is parallel to the mean and to `y`: the Jacobian is symmetric."""
    v = v - np.mean(v, axis=axis, keepdims=True) - y * np.mean(v * y, axis=axis, keepdims=True)
    return v / np.sqrt(np.var(x, axis=axis, keepdims=True) + eps)


@lambda function: general(function, [standardise_rule], [standardise_rule])
def standardise(x: Value, *, axis: Any, eps: float) -> Value:
    """Compute ``(x - mean) / sqrt(var + eps)`` along `axis`, an axis or several.

    >>> standardise(np.array([1.0, 3.0]), axis=0, eps=0.0)
    array([-1.,  1.])
    """
    check_real("standardise", x)
    centred = x - np.mean(x, axis=axis, keepdims=True)
    variance = np.mean(np.square(centred), axis=axis, keepdims=True)
    return centred / np.sqrt(variance + eps)


__test__ = {"standardise": str(standardise.__doc__)}  # for doctest
