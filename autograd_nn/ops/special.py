"""Functions of our own that NumPy lacks: sigmoid and its kin, stable at any argument."""

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.ops.reductions import spread
from autograd_nn.table import elementwise, general


@lambda function: elementwise(function, lambda v, y, _x: v * (y * (1 - y)))
# From the output, not the input: no exp in the backward pass.  Absolutely accurate to eps.
def sigmoid(x: Value) -> Value:
    """Squash to (0, 1): ``1 / (1 + exp(-x))``, for any x without overflow or warning.

    Takes an array or a Tensor of any shape and a floating dtype, which it keeps.  The exponent
    is never positive, so nothing overflows; the relative error is at most 2 ulp.

    >>> import numpy as np
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    e = np.exp(-np.abs(x))
    return np.where(np.greater_equal(x, 0), 1, e) / (1 + e)


@lambda function: elementwise(function, lambda v, _y, x: v * (x > 0))
def relu(x: Value) -> Value:
    """Clip negative entries to 0: ``maximum(x, 0)``, with slope 0 at 0.

    >>> import numpy as np
    >>> relu(np.array([-2.0, 3.0]))
    array([0., 3.])
    """
    return np.maximum(x, 0)


@lambda function: elementwise(function, lambda v, _y, x: v * sigmoid(x))
def softplus(x: Value) -> Value:
    """Smooth the ramp: ``log(1 + exp(x))``, for any x without overflow; its slope is sigmoid.

    >>> import numpy as np
    >>> softplus(np.array([-1000.0, 0.0, 1000.0])).round(4)
    array([0.000e+00, 6.931e-01, 1.000e+03])
    """
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softmax(y: Value, x: Value, axis: Any, keepdims: bool) -> Value:  # noqa: FBT001 (as in spread)
    """Compute exp(x - y), where `y` is the logsumexp of `x`; 0 where all of `x` is -inf."""
    return np.exp(x - spread(np.where(y == -np.inf, 0, y), x, axis, keepdims))


def logsumexp_vjp(
    v: Value, y: Value, x: Value, axis: Any = None, *, keepdims: bool = False
) -> Value:
    """Weigh each entry by its softmax."""
    return spread(v, x, axis, keepdims) * softmax(y, x, axis, keepdims)


def logsumexp_jvp(
    v: Value, y: Value, x: Value, axis: Any = None, *, keepdims: bool = False
) -> Value:
    """Average the tangents, weighed by softmax."""
    return np.sum(v * softmax(y, x, axis, keepdims), axis=axis, keepdims=keepdims)


@lambda function: general(function, [logsumexp_vjp], [logsumexp_jvp])
def logsumexp(x: Value, axis: Any = None, *, keepdims: bool = False) -> Value:
    """Compute ``log(sum(exp(x)))`` along `axis` (None, one or several), stable at any size of x.

    Its gradient is softmax.  The largest entry is taken out before exp (Blanchard, Higham &
    Higham, 2021).

    >>> import numpy as np
    >>> float(logsumexp(np.array([1000.0, 1000.0])))
    1000.6931471805599
    """
    top = np.nan_to_num(np.max(x, axis=axis, keepdims=True))  # finite: never inf - inf
    with np.errstate(divide="ignore", over="ignore"):  # log(0) and exp(-inf) are right
        y = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis=axis)


def log_softmax_vjp(v: Value, y: Value, _x: Value, axis: Any = -1) -> Value:
    """Take from each cotangent its softmax share of their sum."""
    return v - np.exp(y) * np.sum(v, axis=axis, keepdims=True)


def log_softmax_jvp(v: Value, y: Value, _x: Value, axis: Any = -1) -> Value:
    """Take from each tangent their mean, weighed by softmax."""
    return v - np.sum(np.exp(y) * v, axis=axis, keepdims=True)


@lambda function: general(function, [log_softmax_vjp], [log_softmax_jvp])
# Not x - logsumexp(x), which adds the largest entry and takes it away again: eps * |x| is lost.
def log_softmax(x: Value, axis: Any = -1) -> Value:
    """Normalise log-probabilities along `axis`: ``x - logsumexp(x)``, stable at any size of x.

    Takes an array or a Tensor and returns the same shape and dtype.

    >>> import numpy as np
    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    with np.errstate(over="ignore"):  # what lies too far below is -inf
        x = x - np.nan_to_num(np.max(x, axis=axis, keepdims=True))
    return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))


__test__ = {
    p.name: str(p.__doc__) for p in (sigmoid, relu, softplus, logsumexp, log_softmax)
}  # for doctest
