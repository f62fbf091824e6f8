"""Losses, each with its reduction stated."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.ops.elementwise import square
from autograd_nn.ops.layers import check_equal, half_sse
from autograd_nn.ops.reductions import mean


def half_sse_loss(prediction: Any, target: Any) -> Any:
    """Sum squared errors over all entries and halve: ``sum((prediction - target) ** 2) / 2``.

    The tutorial's loss: its gradient with respect to the prediction is ``prediction - target``.
    Both arguments have the same shape; returns one number.

    >>> import numpy as np
    >>> half_sse_loss(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    np.float64(2.5)
    """
    return half_sse(prediction, target)


def mse_loss(prediction: Any, target: Any) -> Any:
    """Average squared errors over all entries: ``mean((prediction - target) ** 2)``.

    Both arguments have the same shape; returns one number.

    >>> import numpy as np
    >>> mse_loss(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    np.float64(2.5)
    """
    check_equal("mse_loss", np.shape(prediction), np.shape(target))
    return mean(square(prediction - target))
