"""Reverse-mode automatic differentiation over NumPy arrays: to read, check, see and run fast."""

from autograd_nn.errors import AutogradError
from autograd_nn.ops.special import log_softmax, logsumexp, relu, sigmoid, softplus
from autograd_nn.tensor import Tensor
from autograd_nn.traced import no_grad
from autograd_nn.transforms import (
    custom_vjp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)

__all__ = [
    "AutogradError",
    "Tensor",
    "custom_vjp",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "log_softmax",
    "logsumexp",
    "no_grad",
    "relu",
    "sigmoid",
    "softplus",
    "value_and_grad",
    "vjp",
]
__version__ = "0.1.0"
