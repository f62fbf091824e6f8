"""Leaves to compute from, the same in every run."""

from typing import Any

import numpy as np

from autograd_nn import Tensor

RNG = np.random.default_rng(0)


def leaf(*shape: int, dtype: Any = float) -> Any:
    """Make a Tensor of random values that requires a gradient."""
    return Tensor(RNG.standard_normal(shape), requires_grad=True, dtype=dtype)
