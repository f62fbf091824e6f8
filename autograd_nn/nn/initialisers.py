"""How parameters begin: functions ``(rng, shape, fan_in, fan_out) -> array``.

`fan_in` says how many inputs a unit adds up, `fan_out` how many units an input goes to.  Those
of the papers are for weights: what has one axis, a bias, they begin at 0.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.tensor import Tensor

Array = NDArray[Any]
Initialiser = Callable[[np.random.Generator, tuple[int, ...], int, int], Array]


def parameter(values: Any) -> Tensor:
    """Make a leaf that is trained."""
    return Tensor(values, requires_grad=True)


def of_weights(initialise: Initialiser) -> Initialiser:
    """Let an initialiser of weights begin biases at 0."""

    @wraps(initialise)
    def of_any(
        rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int
    ) -> Array:
        return initialise(rng, shape, fan_in, fan_out) if len(shape) > 1 else np.zeros(shape)

    return of_any


def standard_normal(
    rng: np.random.Generator, shape: tuple[int, ...], _fan_in: int, _fan_out: int
) -> Array:
    """Draw from N(0, 1), as the tutorial does: wide layers of sigmoids start saturated.

    >>> standard_normal(np.random.default_rng(0), (2,), 3, 2)
    array([ 0.12573022, -0.13210486])
    """
    return rng.standard_normal(shape)


def uniform_fan_in(
    rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, _fan_out: int
) -> Array:
    """Draw from U(-1, 1) / sqrt(fan_in), so that sums over the inputs keep their size.

    LeCun, Bottou, Orr & Müller, "Efficient BackProp" (1998), section 4.6, up to a constant;
    the same as PyTorch's default for linear layers and convolutions.

    >>> uniform_fan_in(np.random.default_rng(0), (2,), 4, 2)
    array([ 0.13696169, -0.23021329])
    """
    bound = 1 / sqrt(fan_in)
    return rng.uniform(-bound, bound, shape)


@of_weights
def lecun_normal(
    rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, _fan_out: int
) -> Array:
    """Draw from N(0, 1) / sqrt(fan_in): sums over inputs of variance 1 have variance 1.

    LeCun, Bottou, Orr & Müller, "Efficient BackProp" (1998), section 4.6.

    >>> lecun_normal(np.random.default_rng(0), (1, 2), 4, 2)
    array([[ 0.06286511, -0.06605243]])
    """
    return rng.standard_normal(shape) / sqrt(fan_in)


@of_weights
def glorot_uniform(
    rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int
) -> Array:
    """Draw from U(-1, 1) * sqrt(6 / (fan_in + fan_out)), the mean of what both ways ask for.

    Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks"
    (2010), equation 16; for tanh.

    >>> glorot_uniform(np.random.default_rng(0), (1, 2), 4, 2)
    array([[ 0.27392337, -0.46042657]])
    """
    bound = sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, shape)


@of_weights
def glorot_normal(
    rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int
) -> Array:
    """Draw from N(0, 1) * sqrt(2 / (fan_in + fan_out)).

    Glorot & Bengio (2010), equation 12, with the variance of `glorot_uniform`.

    >>> glorot_normal(np.random.default_rng(0), (1, 2), 6, 2)
    array([[ 0.06286511, -0.06605243]])
    """
    return rng.standard_normal(shape) * sqrt(2 / (fan_in + fan_out))


@of_weights
def he_uniform(
    rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, _fan_out: int
) -> Array:
    """Draw from U(-1, 1) * sqrt(6 / fan_in), with the variance of `he_normal`.

    He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015), equation 10.

    >>> he_uniform(np.random.default_rng(0), (1, 2), 6, 2)
    array([[ 0.27392337, -0.46042657]])
    """
    bound = sqrt(6 / fan_in)
    return rng.uniform(-bound, bound, shape)


@of_weights
def he_normal(
    rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, _fan_out: int
) -> Array:
    """Draw from N(0, 1) * sqrt(2 / fan_in): for ReLU, which lets half of the variance through.

    He, Zhang, Ren & Sun, "Delving deep into rectifiers" (2015), equation 10.

    >>> he_normal(np.random.default_rng(0), (1, 2), 8, 2)
    array([[ 0.06286511, -0.06605243]])
    """
    return rng.standard_normal(shape) * sqrt(2 / fan_in)


@of_weights
def orthogonal(
    rng: np.random.Generator, shape: tuple[int, ...], _fan_in: int, _fan_out: int
) -> Array:
    """Draw a matrix whose rows, or columns if there are fewer, are orthonormal, uniformly.

    All axes but the first are taken as one.  Saxe, McClelland & Ganguli, "Exact solutions to the
    nonlinear dynamics of learning in deep linear neural networks" (2014); drawn as in Mezzadri,
    "How to generate random matrices from the classical compact groups" (2007).

    >>> q = orthogonal(np.random.default_rng(0), (2, 3), 2, 3)
    >>> (q @ q.T).round(12)
    array([[ 1., -0.],
           [-0.,  1.]])
    """
    n, m = shape[0], int(np.prod(shape[1:]))
    q, r = np.linalg.qr(rng.standard_normal((max(n, m), min(n, m))))
    q = q * np.sign(np.diagonal(r))
    return np.reshape(q if n >= m else q.T, shape)
