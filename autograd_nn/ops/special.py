"""Functions of our own that NumPy lacks: sigmoid and its kin, stable at any argument."""

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare, is_differentiated, valued
from autograd_nn.ops.reductions import axes_of, spread
from autograd_nn.primitive import Primitive, record
from autograd_nn.table import composite, elementwise, general

LIMITS = {  # from where on sigmoid is 1, and 1: as arrays, which NumPy takes faster than numbers
    np.dtype(kind): (np.array(limit, kind), np.array(1, kind))
    for kind, limit in ((np.float16, 11), (np.float32, 50), (np.float64, 50))
}


def squash(x: Value, out: Any = None) -> Value:
    """Compute the sigmoid of a real array of at least one axis, in `out`, which may be `x`."""
    limit, one = LIMITS[x.dtype]
    e = np.minimum(x, limit, out=out)
    np.exp(e, e)
    return np.divide(e, e + one, e)


def sigmoid_rule(v: Value, y: Value, _x: Value) -> Value:
    """Use the output, not the input: no exp in the backward pass.  Absolutely accurate to eps."""
    one = LIMITS[y.dtype][1] if type(y) is np.ndarray and y.dtype in LIMITS else 1
    return v * (y * (one - y))


@lambda function: elementwise(function, sigmoid_rule)
def sigmoid(x: Value) -> Value:
    """Squash to (0, 1): ``1 / (1 + exp(-x))``, for any x without overflow or warning.

    Takes an array or a Tensor of any shape and a floating dtype, which it keeps.  Computed as
    ``e / (1 + e)`` with ``e = exp(x)`` and x limited to where the result is 1, so nothing
    overflows; the relative error is at most 2 ulp.

    >>> import numpy as np
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    x = np.asarray(x)
    if x.dtype in LIMITS and x.ndim:
        return squash(x)
    if x.dtype.kind == "c":
        return 1 / (1 + np.exp(-x))
    e = np.exp(np.minimum(x, LIMITS[x.dtype][0] if x.dtype in LIMITS else 50))
    return e / (1 + e)


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
    if np.iscomplexobj(x):
        return np.log1p(np.exp(x))
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softmax_rule(v: Value, y: Value, _x: Value, axis: Any = -1) -> Value:
    """Scale by the shares, and keep their sum: the Jacobian is symmetric."""
    v = v * y
    return v - y * np.sum(v, axis=axis, keepdims=True)


@lambda function: general(function, [softmax_rule], [softmax_rule])
def softmax(x: Value, axis: Any = -1) -> Value:
    """Share 1 between the entries along `axis`, by their exponentials, stable at any size of x.

    Takes an array or a Tensor and returns the same shape and dtype.  Infinite entries share all
    of it; where every entry is -inf, there is nothing to share by, and the result is NaN.

    >>> import numpy as np
    >>> softmax(np.array([1000.0, 1000.0, -1000.0]))
    array([0.5, 0.5, 0. ])
    """
    e = np.exp(below_top(x, np.max(x, axis=axis, keepdims=True)))
    return e / np.sum(e, axis=axis, keepdims=True)


def below_top(x: Value, top: Value) -> Value:
    """Compute ``x - top``, where `top` is the largest entry: 0 there, also if it is infinite."""
    with np.errstate(invalid="ignore", over="ignore"):  # what lies too far below is -inf
        return np.where(np.logical_and(x == top, np.isfinite(top) | (top > 0)), 0, x - top)


def shares(y: Value, x: Value, axis: Any, keepdims: bool) -> Value:  # noqa: FBT001 (as in spread)
    """Compute exp(x - y), where `y` is the logsumexp of `x`: the softmax of `x`.

    Entries of +inf share all of it; where all of `x` is -inf, there are no shares: 0.
    """
    y = spread(y, x, axis, keepdims)
    if np.any(y == np.inf):
        infinite = np.where(np.logical_and(y == np.inf, np.isinf(x)), np.sign(x), 0)
        n = np.sum(infinite > 0, axis=axes_of(x.shape, axis), keepdims=True)
        x = np.where(y == np.inf, np.where(infinite > 0, 0, -np.inf), x)
        y = np.where(y == np.inf, np.log(np.maximum(n, 1)).astype(y.dtype), y)
    return np.exp(x - np.where(y == -np.inf, 0, y))


def log_of_sum(x: Value, axis: Any = None, *, keepdims: bool = False) -> Value:
    """Compute ``log(sum(exp(x)))``: the largest entry is taken out before exp.

    Blanchard, Higham & Higham, Accurately computing the log-sum-exp and softmax functions (2021).
    """
    top = np.nan_to_num(np.max(x, axis=axis, keepdims=True))  # finite: never inf - inf
    with np.errstate(divide="ignore", over="ignore"):  # log(0) and exp(-inf) are right
        y = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis=axis)


def log_of_sum_vjp(
    v: Value, y: Value, x: Value, axis: Any = None, *, keepdims: bool = False
) -> Value:
    """Weigh each entry by its share."""
    return spread(v, x, axis, keepdims) * shares(y, x, axis, keepdims)


def log_of_sum_jvp(
    v: Value, y: Value, x: Value, axis: Any = None, *, keepdims: bool = False
) -> Value:
    """Average the tangents, weighed by their shares."""
    return np.sum(v * shares(y, x, axis, keepdims), axis=axis, keepdims=keepdims)


log_of_sum_of = Primitive(log_of_sum, [log_of_sum_vjp], [log_of_sum_jvp])


@lambda function: composite(function)(function)
def logsumexp(
    a: Value,
    axis: Any = None,
    b: Any = None,
    keepdims: bool = False,  # noqa: FBT001, FBT002 (SciPy's signature)
    return_sign: bool = False,  # noqa: FBT001, FBT002
) -> Any:
    """Compute ``log(sum(b * exp(a)))`` along `axis` (None, one or several), stable at any size.

    Without `b` its gradient is softmax.  Where the sum is negative the result is NaN, unless
    `return_sign`: then it is that of the absolute value, and its sign comes with it.

    >>> import numpy as np
    >>> float(logsumexp(np.array([1000.0, 1000.0])))
    1000.6931471805599
    """
    if b is None:
        y: Value = record(log_of_sum_of, (valued(a),), {"axis": axis, "keepdims": keepdims})
        return (y, np.ones_like(bare(y))) if return_sign else y
    a, b = valued(a), b if isinstance(b, int | float) else valued(b)
    used = a if is_differentiated(b) else np.where(bare(b) != 0, a, -np.inf)
    top = np.nan_to_num(np.max(bare(used), axis=axis, keepdims=True))  # cancels: no derivative
    total = np.sum(b * np.exp(used - top), axis=axis, keepdims=keepdims)
    top = top if keepdims else np.squeeze(top, axis=axis)
    if bare(total).dtype.kind == "c" and not return_sign:
        return np.log(total) + top
    y = np.log(np.abs(total)) + top
    sign = np.sign(bare(total))
    if return_sign:
        return y, sign
    return np.where(sign < 0, np.nan, y) if np.any(sign < 0) else y


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
    p.__name__: str(p.__doc__) for p in (sigmoid, relu, softplus, softmax, log_softmax)
}  # for doctest
