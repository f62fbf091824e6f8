"""Limiting gradients before a step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.optim.optimizer import checked, factor, own
from autograd_nn.tensor import Tensor


def clip_grad_norm_(parameters: Iterable[Tensor], max_norm: float, norm_type: float = 2.0) -> Any:
    """Scale all gradients, in place, so that together they are at most `max_norm` long.

    Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks" (2013).

    Parameters
    ----------
    parameters : iterable of Tensor
    max_norm : float
        At most how long; positive.
    norm_type : float
        The power of the norm, 2 or another one above 0; ``inf`` for the largest entry.

    Returns
    -------
    float64
        How long they were: NaN or infinite if a gradient was, and then they are spoilt.

    Examples
    --------
    >>> x = Tensor([0.0, 0.0], requires_grad=True)
    >>> x.grad = [3, 4]
    >>> float(clip_grad_norm_([x], 1.0)), x.grad.numpy().round(5).tolist()
    (5.0, [0.6, 0.8])
    """
    if not (max_norm > 0 and norm_type > 0):
        message = (
            f"clip_grad_norm_: max_norm={max_norm!r} and norm_type={norm_type!r} must be positive"
        )
        raise ValueError(message)
    gradients = [p.grad for p in checked("clip_grad_norm_", parameters) if p.grad is not None]
    parts = [part_of_norm(g.value, norm_type) for g in gradients if g.size]
    if not parts:
        return np.float64(0)
    norm = np.max(np.stack(parts)) if norm_type == np.inf else sum(parts) ** (1 / norm_type)
    shrink = np.minimum(max_norm / (norm + 1e-6), 1.0)  # PyTorch's guard against 0
    for gradient in gradients:
        value = own(gradient)
        np.multiply(value, factor(shrink, value), out=value)
    return norm


def part_of_norm(gradient: Value, norm_type: float) -> Any:
    """Compute what a gradient contributes: the largest entry, or the sum of powers."""
    if norm_type == 2 and gradient.dtype.kind == "f":  # noqa: PLR2004
        flat = np.reshape(gradient, -1)
        return flat.dot(flat)  # which needs no buffer
    size = np.abs(gradient)
    return np.max(size) if norm_type == np.inf else np.sum(size**norm_type)


def clip_grad_value_(parameters: Iterable[Tensor], clip_value: float) -> None:
    """Limit every entry of every gradient, in place, to [-clip_value, clip_value].

    >>> x = Tensor([0.0, 0.0], requires_grad=True)
    >>> x.grad = [-3, 0.5]
    >>> clip_grad_value_([x], 1.0)
    >>> x.grad.tolist()
    [-1.0, 0.5]
    """
    if not clip_value > 0:
        message = f"clip_grad_value_: clip_value={clip_value!r} must be positive"
        raise ValueError(message)
    for parameter in checked("clip_grad_value_", parameters):
        if parameter.grad is not None:
            value = own(parameter.grad)
            np.minimum(value, clip_value, out=value)
            np.maximum(value, -clip_value, out=value)
