"""Layers, losses and initialisers for networks."""

from autograd_nn.nn.initialisers import standard_normal, uniform_fan_in
from autograd_nn.nn.layers import Linear, Sequential, Sigmoid, SigmoidNetwork
from autograd_nn.nn.losses import half_sse_loss, mse_loss
from autograd_nn.nn.module import Module

__all__ = [
    "Linear",
    "Module",
    "Sequential",
    "Sigmoid",
    "SigmoidNetwork",
    "half_sse_loss",
    "mse_loss",
    "standard_normal",
    "uniform_fan_in",
]
