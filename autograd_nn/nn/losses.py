"""Losses, each with its reduction stated, with PyTorch's names and numbers.

`reduction` says what becomes of the loss of every entry (or sample): "mean", "sum" or "none".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.errors import DtypeError, ShapeError
from autograd_nn.fitting import Symbolic
from autograd_nn.ops.arguments import VALUES, bare, valued
from autograd_nn.ops.elementwise import square
from autograd_nn.ops.layers import check_equal, half_sse
from autograd_nn.ops.losses import bernoulli_loss, label_loss, logistic_loss
from autograd_nn.ops.reductions import mean
from autograd_nn.ops.special import log_softmax, softplus
from autograd_nn.primitive import record

REDUCTIONS = ("mean", "sum", "none")


def half_sse_loss(prediction: Any, target: Any, reduction: str = "sum") -> Any:
    """Square the errors, halve, and sum over all entries: ``sum((prediction - target)**2) / 2``.

    The tutorial's loss: its gradient with respect to the prediction is ``prediction - target``.
    Both arguments have the same shape; returns one number, unless ``reduction="none"``.

    >>> half_sse_loss(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    np.float64(2.5)
    """
    if reduction == "sum":
        return record(half_sse, (prediction, target))
    error = errors_of("half_sse_loss", prediction, target)
    return reduced("half_sse_loss", 0.5 * square(error), reduction)


def mse_loss(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """Square the errors, and average over all entries: ``mean((prediction - target)**2)``.

    Both arguments have the same shape; returns one number, unless ``reduction="none"``.

    >>> mse_loss(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    np.float64(2.5)
    """
    return reduced("mse_loss", square(errors_of("mse_loss", prediction, target)), reduction)


def l1_loss(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """Average the absolute errors over all entries: ``mean(abs(prediction - target))``.

    Both arguments have the same shape; the slope at an error of 0 is 0.

    >>> l1_loss(np.array([1.0, -2.0]), np.array([0.0, 0.0]))
    np.float64(1.5)
    """
    return reduced("l1_loss", np.abs(errors_of("l1_loss", prediction, target)), reduction)


def huber_loss(prediction: Any, target: Any, reduction: str = "mean", *, delta: float = 1.0) -> Any:
    """Average half the squared errors, growing only linearly beyond `delta`.

    Huber, "Robust estimation of a location parameter" (1964).  Both arguments have the same
    shape.

    >>> huber_loss(np.array([1.0, 3.0]), np.array([0.0, 0.0]), "none")
    array([0.5, 2.5])
    """
    if not delta > 0:
        message = f"huber_loss: delta={delta!r} must be positive"
        raise ValueError(message)
    error = errors_of("huber_loss", prediction, target)
    limited = np.clip(error, -delta, delta)
    return reduced("huber_loss", limited * (error - 0.5 * limited), reduction)


def binary_cross_entropy(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """Average ``-target * log(p) - (1 - target) * log(1 - p)``, of probabilities `p`.

    Logarithms are at least -100, as in PyTorch.  `prediction` and `target` have the same shape,
    and entries from 0 to 1.  Where there is a sigmoid before it, take
    `binary_cross_entropy_with_logits` of what goes into that: it is exact.

    >>> binary_cross_entropy(np.array([0.5, 0.0]), np.array([1.0, 1.0]), "none").round(4)
    array([  0.6931, 100.    ])
    """
    name = "binary_cross_entropy"
    check_equal(name, np.shape(prediction), np.shape(target))
    values = bare(valued(prediction))
    if not isinstance(values, Symbolic) and not np.all((values >= 0) & (values <= 1)):
        message = (
            f"{name}: argument prediction has entries that are no probabilities (outside [0, 1] or "
            "NaN); take binary_cross_entropy_with_logits of logits"
        )
        raise ValueError(message)
    return reduced(name, bernoulli_loss(valued(prediction), valued(target)), reduction)


def binary_cross_entropy_with_logits(
    prediction: Any, target: Any, reduction: str = "mean", *, pos_weight: Any = None
) -> Any:
    """Average the `binary_cross_entropy` of ``sigmoid(prediction)``, exact at any size of it.

    `prediction` and `target` have the same shape; targets are from 0 to 1.  `pos_weight`, of a
    shape that broadcasts to theirs, multiplies the loss of targets of 1: how many samples of 0
    one of 1 stands for.

    >>> logits, targets = np.array([0.0, 1000.0]), np.array([1.0, 0.0])
    >>> binary_cross_entropy_with_logits(logits, targets, "none").round(4)
    array([6.931e-01, 1.000e+03])
    """
    name = "binary_cross_entropy_with_logits"
    check_equal(name, np.shape(prediction), np.shape(target))
    x, t = valued(prediction), valued(target)
    if pos_weight is None:
        return reduced(name, logistic_loss(x, t), reduction)
    weight = weights(pos_weight, x)
    try:
        fits = np.broadcast_shapes(np.shape(weight), x.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        message = (
            f"{name}: argument pos_weight has shape {np.shape(pos_weight)}, which does not "
            f"broadcast to {x.shape}; give a number, or one for each output"
        )
        raise ShapeError(message)
    return reduced(name, (1 - t) * softplus(x) + weight * t * softplus(-x), reduction)


def cross_entropy(
    prediction: Any,
    target: Any,
    reduction: str = "mean",
    *,
    weight: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Any:
    """Average over the samples how improbable softmax finds the target: exact at any size.

    Parameters
    ----------
    prediction : (n, classes), (classes,) or (n, classes, ...) of float
        Logits; the softmax is along axis 1 (0 if there is one axis).
    target : whole numbers, or float of the shape of `prediction`
        The class of each sample, of shape (n,), () or (n, ...); or the probability of each class.
    reduction : {"mean", "sum", "none"}
        The mean is over samples, each counted by the weight of its class; where there are
        probabilities, plainly.
    weight : (classes,) of float, optional
        What the loss of each class is multiplied by.
    ignore_index : int, optional
        A label of samples that have loss 0 and are not counted; in PyTorch -100 unless given.  The
        mean of no samples is NaN.
    label_smoothing : float
        How much of a target's probability is shared equally between all classes.

    Raises
    ------
    ShapeError, DtypeError, IndexError
        If the target has another shape, is of no fitting dtype, or names a class that is not.

    Examples
    --------
    >>> cross_entropy(np.array([[0.0, 0.0], [1000.0, 0.0]]), np.array([0, 1]), "none").round(4)
    array([6.931e-01, 1.000e+03])
    """
    logits, target = valued(prediction), valued(target)
    if logits.ndim == 0:
        message = "cross_entropy: argument prediction is a number; give logits of (n, classes)"
        raise ShapeError(message)
    if not 0 <= label_smoothing <= 1:
        message = f"cross_entropy: label_smoothing={label_smoothing!r} must be from 0 to 1"
        raise ValueError(message)
    axis = min(1, logits.ndim - 1)
    n = logits.shape[axis]
    if weight is not None and np.shape(weight) != (n,):
        message = (
            f"cross_entropy: argument weight has shape {np.shape(weight)}; give a number for each "
            f"of the {n} classes"
        )
        raise ShapeError(message)
    weight = None if weight is None else weights(weight, logits)
    logits = logits if axis == logits.ndim - 1 else np.moveaxis(logits, axis, -1)
    share = None  # what each sample counts in the mean
    if target.dtype.kind == "f":
        check_equal("cross_entropy", np.shape(prediction), target.shape)
        shares = target if axis == target.ndim - 1 else np.moveaxis(target, axis, -1)
        losses = losses_of_shares(logits, shares, weight, label_smoothing)
    else:
        labels = bare(target)
        losses, share = losses_of_labels(logits, labels, weight, ignore_index, label_smoothing)
    if share is None or reduction != "mean":
        return reduced("cross_entropy", losses, reduction)
    total = np.sum(share)
    return np.sum(losses) / np.where(total == 0, np.nan, total)  # no warning where it is NaN


def losses_of_shares(logits: Any, shares: Any, weight: Any, smoothing: float) -> Any:
    """Compute the cross-entropy of probabilities, along the last axis."""
    if smoothing:
        shares = shares * (1 - smoothing) + smoothing / logits.shape[-1]
    shares = shares if weight is None else shares * weight
    return -np.sum(shares * log_softmax(logits), axis=-1)


def losses_of_labels(
    logits: Any, labels: Any, weight: Any, ignored: int | None, smoothing: float
) -> tuple[Any, Any]:
    """Compute the cross-entropy of labels, and what each counts; None where all count the same."""
    counted, share = None, None
    if ignored is not None:
        counted = labels != ignored
        labels = np.where(counted, labels, 0)
    check_labels(labels, logits.shape)
    losses = label_loss(logits, labels)
    if weight is not None:
        share = np.take_along_axis(weight, np.reshape(labels, -1), 0)
        share = np.reshape(share, labels.shape)
        losses = share * losses
    if smoothing:
        logs = log_softmax(logits)
        even = -np.mean(logs if weight is None else logs * weight, axis=-1)
        losses = (1 - smoothing) * losses + smoothing * even
    if counted is not None:
        losses = np.where(counted, losses, 0)
        share = np.where(counted, losses.dtype.type(1) if share is None else share, 0)
    return losses, share


def weights(given: Any, logits: Any) -> Any:
    """Make an array of a number or a list, as precise as the logits; leave arrays and Tensors."""
    if isinstance(given, VALUES):
        return given
    return np.asarray(given, np.result_type(logits.dtype, np.float16))


def kl_div(
    prediction: Any, target: Any, reduction: str = "mean", *, log_target: bool = False
) -> Any:
    """Average ``target * (log(target) - prediction)``: by how much `prediction` misses `target`.

    Kullback & Leibler, "On information and sufficiency" (1951).

    Parameters
    ----------
    prediction : float array
        Logarithms of probabilities, as `log_softmax` returns.
    target : float array of the same shape
        Probabilities (their logarithms if `log_target`).
    reduction : {"mean", "batchmean", "sum", "none"}
        As in PyTorch, "mean" divides by the number of entries; the divergence of distributions is
        "sum", or "batchmean", which divides by the length of the first axis.
    log_target : bool

    Examples
    --------
    >>> half = np.log(np.array([[0.5, 0.5]]))
    >>> kl_div(half, np.array([[1.0, 0.0]]), "batchmean").round(4)
    np.float64(0.6931)
    """
    check_equal("kl_div", np.shape(prediction), np.shape(target))
    x, t = valued(prediction), valued(target)
    some = bare(t) > (-np.inf if log_target else 0)  # elsewhere nothing is missed, however far x is
    x = np.where(some, x, 0)
    if log_target:
        t = np.where(some, t, 0)
        losses = np.where(some, np.exp(t) * (t - x), 0)
    else:
        losses = np.where(some, t * (np.log(np.where(some, t, 1)) - x), 0 * t)
    if reduction == "batchmean":
        return np.sum(losses) / len(x)
    return reduced("kl_div", losses, reduction)


def errors_of(loss: str, prediction: Any, target: Any) -> Any:
    """Subtract, where the shapes are equal."""
    check_equal(loss, np.shape(prediction), np.shape(target))
    return valued(prediction) - valued(target)


def check_labels(labels: Any, shape: tuple[int, ...]) -> None:
    """Refuse labels that do not name a class of logits of `shape` (..., classes) each."""
    if labels.dtype.kind not in "iu":
        message = (
            f"cross_entropy: argument target has dtype {labels.dtype}; give whole numbers, the "
            "class of each sample, or probabilities as floats"
        )
        raise DtypeError(message)
    if labels.shape != shape[:-1]:
        message = (
            f"cross_entropy: argument target has shape {labels.shape}; classes of these logits "
            f"have shape {shape[:-1]}"
        )
        raise ShapeError(message)
    if not isinstance(labels, Symbolic) and labels.size:
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= shape[-1]:
            message = (
                f"cross_entropy: argument target names class {low if low < 0 else high}; there are "
                f"classes 0 to {shape[-1] - 1}"
            )
            raise IndexError(message)


def reduced(loss: str, losses: Any, reduction: str) -> Any:
    """Average or sum the losses, or leave them."""
    if reduction == "mean":
        return mean(losses)
    if reduction == "sum":
        return np.sum(losses)
    if reduction != "none":
        message = f"{loss}: reduction={reduction!r} must be one of {', '.join(REDUCTIONS)}"
        raise ValueError(message)
    return losses
