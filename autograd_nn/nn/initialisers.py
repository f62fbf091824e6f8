"""How parameters begin: functions ``(rng, shape, fan_in) -> array``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def standard_normal(
    rng: np.random.Generator, shape: tuple[int, ...], _fan_in: int
) -> NDArray[np.float64]:
    """Draw from N(0, 1), as the tutorial does: wide layers of sigmoids start saturated.

    >>> standard_normal(np.random.default_rng(0), (2,), 3)
    array([ 0.12573022, -0.13210486])
    """
    return rng.standard_normal(shape)


def uniform_fan_in(
    rng: np.random.Generator, shape: tuple[int, ...], fan_in: int
) -> NDArray[np.float64]:
    """Draw from U(-1, 1) / sqrt(fan_in), so that sums over the inputs keep their size.

    LeCun, Bottou, Orr & Müller, "Efficient BackProp" (1998), section 4.6, up to a constant;
    the same as PyTorch's default for linear layers.

    >>> uniform_fan_in(np.random.default_rng(0), (2,), 4)
    array([ 0.13696169, -0.23021329])
    """
    bound = fan_in**-0.5
    return rng.uniform(-bound, bound, shape)
