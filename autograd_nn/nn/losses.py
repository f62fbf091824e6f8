"""Losses, each with its reduction stated."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.errors import ShapeError
from autograd_nn.ops.elementwise import square
from autograd_nn.ops.reductions import mean
from autograd_nn.ops.reductions import sum as total


def half_sse_loss(prediction: Any, target: Any) -> Any:
    """Sum squared errors over all entries and halve: ``sum((prediction - target) ** 2) / 2``.

    The tutorial's loss: its gradient with respect to the prediction is ``prediction - target``.
    Both arguments have the same shape; returns one number.

    >>> import numpy as np
    >>> half_sse_loss(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    np.float64(2.5)
    """
    check_shapes("half_sse_loss", prediction, target)
    return 0.5 * total(square(prediction - target))


def mse_loss(prediction: Any, target: Any) -> Any:
    """Average squared errors over all entries: ``mean((prediction - target) ** 2)``.

    Both arguments have the same shape; returns one number.

    >>> import numpy as np
    >>> mse_loss(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    np.float64(2.5)
    """
    check_shapes("mse_loss", prediction, target)
    return mean(square(prediction - target))


def check_shapes(loss: str, prediction: Any, target: Any) -> None:
    """Refuse shapes that would only fit by broadcasting, which is a mistake in a loss."""
    shapes = [x.shape if hasattr(x, "shape") else np.shape(x) for x in (prediction, target)]
    if shapes[0] != shapes[1]:
        message = (
            f"{loss}: argument prediction has shape {shapes[0]}, target {shapes[1]}; reshape the "
            "target to the prediction's shape"
        )
        raise ShapeError(message)
