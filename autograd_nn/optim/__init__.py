"""Optimisers: they change parameters by their gradients; schedules; clipping."""

from autograd_nn.optim.adagrad import Adagrad
from autograd_nn.optim.adam import Adam, AdamW
from autograd_nn.optim.clipping import clip_grad_norm_, clip_grad_value_
from autograd_nn.optim.lbfgs import LBFGS
from autograd_nn.optim.optimizer import Optimizer
from autograd_nn.optim.rmsprop import RMSprop
from autograd_nn.optim.schedules import (
    CosineAnnealingLR,
    LinearLR,
    LRSchedule,
    OneCycleLR,
    SequentialLR,
    StepLR,
)
from autograd_nn.optim.sgd import SGD

__all__ = [
    "LBFGS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "CosineAnnealingLR",
    "LRSchedule",
    "LinearLR",
    "OneCycleLR",
    "Optimizer",
    "RMSprop",
    "SequentialLR",
    "StepLR",
    "clip_grad_norm_",
    "clip_grad_value_",
]
