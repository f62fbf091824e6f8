"""Samples of autograd_nn/ops/losses.py."""

from typing import Any

import numpy as np

from autograd_nn.ops.losses import bernoulli_loss, label_loss, logistic_loss
from samples import Draw, Sample, each, normal, row


def between(*shape: int) -> Draw:
    return Draw("between", shape, lambda rng, size: rng.uniform(0.1, 0.9, size))


def of_logits(x: Any, t: Any) -> Any:
    return np.log1p(np.exp(x)) - x * t


def of_probabilities(p: Any, t: Any) -> Any:
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


def of_labels(x: Any, labels: Any) -> Any:
    chosen = np.sum(x * (labels[..., None] == np.arange(x.shape[-1])), axis=-1)
    return np.log(np.sum(np.exp(x), axis=-1)) - chosen


SAMPLES: list[Sample] = [
    each(logistic_loss, normal(3, 4), between(3, 4), formula=of_logits, analytic=False),
    each(bernoulli_loss, between(3, 4), between(3, 4), formula=of_probabilities, analytic=False),
    row(label_loss, normal(4, 3), np.array([0, 2, 1, 1]), formula=of_labels),
    row(label_loss, normal(2, 2, 3), np.array([[0, 2], [1, 1]]), formula=of_labels),
    row(label_loss, normal(3), np.array(2), formula=of_labels),
]
