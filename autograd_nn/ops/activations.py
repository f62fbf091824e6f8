"""Activations of networks that NumPy lacks, beside those in `special`; stable at any argument."""

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import check_real
from autograd_nn.ops.special import sigmoid
from autograd_nn.table import elementwise

ERFCX = (  # exp(z * z) * erfc(z) / t, for t = 4 / (4 + z), as a Chebyshev series in 2 * t - 1
    *(0.40802446954913149, 0.37635823567636743, 0.14758035457222362, 0.049571317930027586),
    *(0.014227107557117174, 0.0034434932627175241, 0.00068225418328380806),
    *(0.00010340451975756188, 9.72854595199015e-6, -1.1988713758412044e-7),
    *(-2.1747767703449564e-7, -3.0291767735991391e-8, 9.4799175652045492e-10),
    *(8.6334116949909559e-10, 6.8721564259534024e-11, -1.7034898438296276e-11),
    *(-3.3921306868290886e-12, 2.6158087668540245e-13, 1.212767580310864e-13),
    *(-2.1146895432448092e-15, -4.1173409334041784e-15),
    *(-6.3287127217007087e-17, 1.4393110983449847e-16),
)
ROOT_2, ROOT_2_PI = 2**0.5, (2 * np.pi) ** 0.5
LARGE = 40.0  # normal_cdf is 0 or 1 from here on, in any dtype


def normal_density(x: Value) -> Value:
    """Compute the density of the standard normal distribution."""
    x = np.minimum(np.abs(x), LARGE)
    return np.exp(-0.5 * x * x) / float(ROOT_2_PI)


@lambda function: elementwise(function, lambda v, _y, x: v * normal_density(x))
def normal_cdf(x: Value) -> Value:
    """Compute how probable it is that a standard normal number is below `x`.

    As SciPy's ``ndtr``: to 4e-16 absolutely, and below 0 to about ``1e-15 * x**2`` of itself.

    >>> normal_cdf(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    check_real("normal_cdf", x)
    x = np.asarray(x)
    z = np.minimum(np.abs(x), LARGE) / ROOT_2
    t = 4 / (4 + z)
    tail = 0.5 * t * np.exp(-z * z) * series(4 * t - 2)
    return np.where(x < 0, tail, 1 - tail)


def series(u: Value) -> Value:
    """Sum the Chebyshev series at ``u / 2`` by Clenshaw's recurrence, in three buffers."""
    u = np.asarray(u)
    new, last, before = np.empty_like(u), np.zeros_like(u), np.zeros_like(u)
    for coefficient in ERFCX[:0:-1]:
        np.multiply(u, last, out=new)
        np.subtract(new, before, out=new)
        np.add(new, coefficient, out=new)
        new, last, before = before, new, last
    return 0.5 * u * last - before + ERFCX[0]


@lambda function: elementwise(
    function, lambda v, _y, x: v * (normal_cdf(x) + x * normal_density(x))
)
def gelu(x: Value) -> Value:
    """Weigh `x` by the normal distribution: ``x * normal_cdf(x)``.

    Hendrycks & Gimpel, "Gaussian error linear units" (2016).

    >>> gelu(np.array([-1000.0, 0.0, 1000.0]))
    array([  -0.,    0., 1000.])
    """
    return x * normal_cdf.forward(x)


@lambda function: elementwise(function, lambda v, _y, x: v * (sigmoid(x) * (1 + x * sigmoid(-x))))
def silu(x: Value) -> Value:
    """Weigh `x` by the logistic distribution: ``x * sigmoid(x)``, also called swish.

    Elfwing, Uchibe & Doya, "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning" (2018).

    >>> silu(np.array([-1000.0, 0.0, 1000.0]))
    array([  -0.,    0., 1000.])
    """
    return x * sigmoid.forward(x)


@lambda function: elementwise(
    function,
    lambda v, _y, x, alpha=1.0: np.where(x > 0, v, v * (alpha * np.exp(np.minimum(x, 0)))),
)
def elu(x: Value, *, alpha: Any = 1.0) -> Value:
    """Bend negative entries towards ``-alpha``: ``alpha * (exp(x) - 1)``, with slope alpha at 0.

    Clevert, Unterthiner & Hochreiter, "Fast and accurate deep network learning by exponential
    linear units" (2016).

    >>> elu(np.array([-1000.0, 0.0, 1000.0]))
    array([  -1.,    0., 1000.])
    """
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


@lambda function: elementwise(
    function, lambda v, _y, x, negative_slope=0.01: np.where(x > 0, v, v * negative_slope)
)
def leaky_relu(x: Value, *, negative_slope: Any = 0.01) -> Value:
    """Scale negative entries by `negative_slope`, which is the slope at 0 too.

    Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013).

    >>> leaky_relu(np.array([-100.0, 3.0]))
    array([-1.,  3.])
    """
    return np.where(x > 0, x, x * negative_slope)


__test__ = {
    p.__name__: str(p.__doc__) for p in (normal_cdf, gelu, silu, elu, leaky_relu)
}  # for doctest
