"""Losses whose plain formulas overflow or cancel, as one node each."""

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import check_real
from autograd_nn.ops.special import log_softmax, sigmoid, softmax
from autograd_nn.table import elementwise, general

LOWEST = -100.0  # of a logarithm, as in PyTorch: a loss of probabilities stays finite
THINNEST = 1e-12  # of p * (1 - p), by which its gradient is divided


@lambda function: elementwise(
    function,
    lambda v, _y, x, t: v * (sigmoid(x) - t),
    lambda v, _y, x, _t: -v * x,
)
def logistic_loss(logit: Value, target: Value) -> Value:
    """Compute ``-target * log(p) - (1 - target) * log(1 - p)`` for ``p = sigmoid(logit)``.

    Accurate relatively where `target` is 0 or 1, however sure the logit is.

    >>> logistic_loss(np.array([-1000.0, 0.0, 40.0]), np.array([1.0, 0.0, 1.0]))
    array([1.00000000e+03, 6.93147181e-01, 4.24835426e-18])
    """
    check_real("logistic_loss", logit)
    return np.maximum(logit, 0) - logit * target + np.log1p(np.exp(-np.abs(logit)))


def log_or_lowest(p: Value) -> Value:
    """Take the logarithm, but at least -100."""
    return np.maximum(np.where(p == 0, LOWEST, np.log(np.where(p == 0, 1, p))), LOWEST)


def log_of_rest(p: Value) -> Value:
    """Take the logarithm of ``1 - p``, which keeps how small `p` is, but at least -100."""
    return np.maximum(np.where(p == 1, LOWEST, np.log1p(-np.where(p == 1, 0, p))), LOWEST)


@lambda function: elementwise(
    function,
    lambda v, _y, p, t: v * (p - t) / np.maximum(p * (1 - p), THINNEST),
    lambda v, _y, p, _t: v * (log_of_rest(p) - log_or_lowest(p)),
)
def bernoulli_loss(probability: Value, target: Value) -> Value:
    """Compute ``-target * log(p) - (1 - target) * log(1 - p)``, with logarithms of at least -100.

    >>> bernoulli_loss(np.array([0.0, 0.5]), np.array([1.0, 0.0]))
    array([100.        ,   0.69314718])
    """
    p, t = probability, target
    return -(t * log_or_lowest(p) + (1 - t) * log_of_rest(p))


def one_hot(labels: Value, n: int) -> Value:
    """Mark each label's place among `n`: of shape (..., n), false but there."""
    return np.expand_dims(labels, -1) == np.arange(n)


@lambda function: general(
    function,
    [
        lambda v, _y, x, labels: (
            np.expand_dims(v, -1) * (softmax(x) - one_hot(labels, x.shape[-1]))
        ),
        None,
    ],
    [
        lambda v, _y, x, labels: np.sum(v * (softmax(x) - one_hot(labels, x.shape[-1])), axis=-1),
        None,
    ],
)
def label_loss(logits: Value, labels: Value) -> Value:
    """Compute ``-log_softmax(logits)`` at each label: of shapes (..., n) and (...).

    >>> label_loss(np.array([[0.0, 0.0], [1000.0, 0.0]]), np.array([0, 1]))
    array([6.93147181e-01, 1.00000000e+03])
    """
    places = np.expand_dims(labels, -1)
    return -np.squeeze(np.take_along_axis(log_softmax.forward(logits), places, -1), -1)


__test__ = {p.__name__: str(p.__doc__) for p in (logistic_loss, bernoulli_loss, label_loss)}
