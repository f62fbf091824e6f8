"""Judges of derivatives: NumPy alone, and nothing shared with what they judge."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Function = Callable[..., Any]
Arrays = Sequence[NDArray[Any]]
Judge = Callable[[Function, Arrays, Arrays], Any]


def complex_step(function: Function, xs: Arrays, vs: Arrays) -> Any:
    """Differentiate along `vs`, exact to rounding where `function` is complex-analytic.

    W. Squire and G. Trapp, Using Complex Variables to Estimate Derivatives, SIAM Review (1998).
    """
    h = 1e-30
    return np.imag(function(*[x + 1j * h * v for x, v in zip(xs, vs, strict=True)])) / h


def richardson(function: Function, xs: Arrays, vs: Arrays) -> Any:
    """Differentiate along `vs` by central differences, extrapolated twice: error O(h**6)."""

    def central(h: float) -> Any:
        ahead, behind = (
            function(*[x + step * v for x, v in zip(xs, vs, strict=True)]) for step in (h, -h)
        )
        return (ahead - behind) / (2 * h)

    wide, middle, narrow = (central(2.0**-k) for k in (8, 9, 10))
    return (64 * narrow - 20 * middle + wide) / 45


def gradient(judge: Judge, function: Function, xs: Arrays, u: Any) -> list[NDArray[Any]]:
    """Compute the gradient of ``sum(u * function(*xs))``, entry by entry."""
    found = []
    for k, x in enumerate(xs):
        g = np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            vs = [np.zeros(other.shape) for other in xs]
            vs[k][i] = 1
            g[i] = np.sum(u * judge(function, xs, vs)).real  # eig is complex since NumPy 2.5
        found.append(g)
    return found


def error(found: Any, expected: Any) -> float:
    """Measure the largest deviation, relative to the largest entry that is expected."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    if not expected.size:
        return 0.0
    scale = float(np.max(np.abs(expected)))
    return float(np.max(np.abs(found - expected))) / (scale or 1.0)
