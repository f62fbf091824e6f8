"""The losses by name, for code that defines none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def half_sse(output: Any, targets: Any) -> Any:
    """Return half the sum of squared errors."""
    return np.sum((output - targets) ** 2) / 2


def sse(output: Any, targets: Any) -> Any:
    """Return the sum of squared errors."""
    return np.sum((output - targets) ** 2)


def mse(output: Any, targets: Any) -> Any:
    """Return the mean of squared errors, over all entries."""
    return np.mean((output - targets) ** 2)


def half_mse(output: Any, targets: Any) -> Any:
    """Return half the sum of squared errors over the number of samples."""
    return np.sum((output - targets) ** 2) / (2 * len(output))


def bce(output: Any, targets: Any) -> Any:
    """Return the summed binary cross-entropy of probabilities."""
    return -np.sum(targets * np.log(output) + (1 - targets) * np.log(1 - output))


def mean_bce(output: Any, targets: Any) -> Any:
    """Return the binary cross-entropy of probabilities, summed, over the number of samples."""
    return bce(output, targets) / len(output)


def cross_entropy(output: Any, targets: Any) -> Any:
    """Return the summed cross-entropy of probabilities, with one-hot targets or labels."""
    if np.ndim(targets) < np.ndim(output):
        targets = np.eye(output.shape[-1])[targets]
    return -np.sum(targets * np.log(output))


def mean_cross_entropy(output: Any, targets: Any) -> Any:
    """Return the cross-entropy of probabilities, summed, over the number of samples."""
    return cross_entropy(output, targets) / len(output)


def logits_cross_entropy(output: Any, targets: Any) -> Any:
    """Return the summed cross-entropy of logits, with one-hot targets or labels."""
    top = np.max(np.real(output), axis=-1, keepdims=True)
    scores = np.exp(output - top)
    return cross_entropy(scores / np.sum(scores, axis=-1, keepdims=True), targets)


def mean_logits_cross_entropy(output: Any, targets: Any) -> Any:
    """Return the cross-entropy of logits, summed, over the number of samples."""
    return logits_cross_entropy(output, targets) / len(output)


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "half-sse": half_sse,
    "sse": sse,
    "mse": mse,
    "half-mse": half_mse,
    "bce": bce,
    "mean-bce": mean_bce,
    "cross-entropy": cross_entropy,
    "mean-cross-entropy": mean_cross_entropy,
    "logits-cross-entropy": logits_cross_entropy,
    "mean-logits-cross-entropy": mean_logits_cross_entropy,
}


def meaning(name: str) -> str:
    """Say in words what a loss is.

    Examples
    --------
    >>> meaning("half-sse")
    'half the sum of squared errors'
    """
    return (LOSSES[name].__doc__ or "").removeprefix("Return ").split("\n")[0].rstrip(".")
