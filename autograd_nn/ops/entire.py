"""sinc and i0: integrals of simpler functions, which give derivatives of any order."""

import math
from functools import cache

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.table import elementwise

COSINES = [math.cos(math.pi * (k + 0.5) / 128) for k in range(64)]


@cache
def legendre() -> list[tuple[float, float]]:
    """Compute Gauss's points in [0, pi] and their weights, which sum to 1."""
    points, weights = np.polynomial.legendre.leggauss(16)
    return [
        (math.pi * (1 + float(t)) / 2, float(w) / 2) for t, w in zip(points, weights, strict=True)
    ]


def slope_of_sinc(x: Value) -> Value:
    """Differentiate sin(pi x) / (pi x).

    Near 0 the quotient rule subtracts nearly equal numbers, and more so in every further
    derivative.  There sinc is integrated: it is the mean of cos(pi x t) over t in [0, 1], by
    Gauss and Legendre's rule.
    """
    near = np.absolute(x) < 1
    x_near, x_far = np.where(near, x, 0), np.where(near, 1, x)
    integral = -sum(w * t * np.sin(t * x_near) for t, w in legendre())
    return np.where(near, integral, (np.cos(math.pi * x_far) - np.sinc(x_far)) / x_far)


def slope_of_i0(x: Value) -> Value:
    """Differentiate the modified Bessel function, the mean of cosh(x cos a) over angles a.

    For a periodic function the mean of equidistant points is exact but for the 256th
    coefficient: below rounding for |x| < 700, where i0 overflows.  (Trefethen and Weideman, The
    Exponentially Convergent Trapezoidal Rule, SIAM Review, 2014.)
    """
    return sum(c / 64 * np.sinh(c * x) for c in COSINES)


sinc = elementwise(np.sinc, lambda v, _y, x: v * slope_of_sinc(x))
i0 = elementwise(np.i0, lambda v, _y, x: v * slope_of_i0(x))
