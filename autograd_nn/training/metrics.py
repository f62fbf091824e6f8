"""What training is measured by, beside its loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.batch import plain
from autograd_nn.errors import ShapeError


def accuracy(prediction: Any, target: Any) -> float:
    """Compute the share of samples whose largest entry is that of their class.

    Parameters
    ----------
    prediction : array, shape (n, classes)
        Logits, probabilities, or anything else of which the largest is meant.
    target : array, shape (n,) of whole numbers, or (n, classes)
        The class of each sample; or rows whose largest entry is that of the class.

    Raises
    ------
    ShapeError
        If there are not two classes at least, or the shapes do not fit.

    Examples
    --------
    >>> accuracy(np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([1, 1]))
    0.5
    """
    prediction, target = np.asarray(plain(prediction)), np.asarray(plain(target))
    many = prediction.ndim == 2 and prediction.shape[1] > 1  # noqa: PLR2004 (samples, classes)
    if not many or target.shape not in (prediction.shape, prediction.shape[:1]):
        message = (
            f"accuracy: prediction has shape {prediction.shape} and target {target.shape}; give "
            "(n, classes), two classes at least, and (n,) or (n, classes)"
        )
        raise ShapeError(message)
    labels = target if target.ndim == 1 else target.argmax(axis=1)
    return float(np.mean(prediction.argmax(axis=1) == labels))
