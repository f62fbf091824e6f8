"""Where arguments are drawn from, and which earlier values can take their place.

All domains stay away from the singularities of the functions they are made for, so that every
oracle can be held to rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .shapes import Shape

MARGIN = 1 / 32  # the least distance from kinks and ties


@dataclass(frozen=True)
class Domain:
    """How entries are drawn; whether an earlier value may be used; what brings any value in."""

    sample: Callable[[Generator, Shape], NDArray[Any]]
    holds: Callable[[Any], Any] = lambda x: True
    wrap: str = ""


def away(x: Any) -> bool:
    """Tell whether all entries are clearly different from 0."""
    return bool(np.all(np.abs(x) > MARGIN))


def gaps(x: Any) -> Any:
    """Subtract all entries along the last axis from each other, in pairs."""
    x = np.asarray(x)
    i, j = np.triu_indices(x.shape[-1] if x.ndim else 1, 1)
    return (np.atleast_1d(x)[..., i] - np.atleast_1d(x)[..., j]) if x.size else x


def distinct(rng: Generator, shape: Shape) -> NDArray[Any]:
    n = int(np.prod(shape))
    steps = rng.permutation(n) - n // 2 + rng.uniform(-0.2, 0.2, n)
    return (steps / 4).reshape(shape)


def broken(rng: Generator, shape: Shape) -> NDArray[Any]:
    """Draw numbers that are far from the integers, and from the halves."""
    return rng.integers(-6, 6, shape) / 2 + rng.uniform(0.1, 0.4, shape)


real = Domain(lambda rng, shape: rng.uniform(-2, 2, shape))
positive = Domain(
    lambda rng, shape: rng.uniform(0.3, 2.5, shape),
    lambda x: np.all(np.real(x) > 0.2),
    "(1.5 + np.tanh({}))",
)
nonzero = Domain(
    lambda rng, shape: rng.uniform(0.3, 2, shape) * rng.choice([-1, 1], shape),
    lambda x: np.all(np.abs(x) > 0.2),
    "(1.5 + np.tanh({}))",
)
unit = Domain(
    lambda rng, shape: rng.uniform(-0.85, 0.85, shape),
    lambda x: np.all(np.abs(x) < 0.9),
    "(0.85 * np.tanh({}))",
)
between = Domain(
    lambda rng, shape: rng.uniform(0.1, 0.9, shape),
    lambda x: np.all((np.real(x) > 0.05) & (np.real(x) < 0.95)),
    "(0.5 + 0.4 * np.tanh({}))",
)
above_one = Domain(
    lambda rng, shape: rng.uniform(1.2, 3, shape),
    lambda x: np.all(np.real(x) > 1.15),
    "(2.5 + np.tanh({}))",
)
apart = Domain(distinct, lambda x: away(gaps(np.ravel(x))))
fractional = Domain(broken, lambda x: away(2 * x - np.rint(2 * x)))
