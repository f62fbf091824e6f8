"""Reverse-mode automatic differentiation over NumPy arrays: to read, to check and to see."""

from importlib import import_module
from typing import Any

from autograd_nn import errors, heap
from autograd_nn.ops.special import log_softmax, logsumexp, relu, sigmoid, softmax, softplus
from autograd_nn.tensor import Tensor
from autograd_nn.traced import no_grad
from autograd_nn.transforms import (
    checkpoint,
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    linearize,
    stop_gradient,
    value_and_grad,
    vjp,
)

__all__ = [
    "Tensor",
    "checkpoint",
    "compile",
    "custom_jvp",
    "custom_vjp",
    "errors",
    "fit",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "linearize",
    "load",
    "log_softmax",
    "logsumexp",
    "no_grad",
    "relu",
    "save",
    "sigmoid",
    "softmax",
    "softplus",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]
__version__ = "0.1.0"

heap.keep_freed_memory()

SUBMODULES = {
    "compare",
    "datasets",
    "draw",
    "nn",
    "ops",
    "optim",
    "plotting",
    "parallel",
    "program",
    "scipy",
    "training",
    "tutorial",
}
FUNCTIONS = {"compile": "program", "fit": "training", "load": "saving", "save": "saving"}


def __getattr__(name: str) -> Any:
    """Import a submodule when first asked for, or for a function: this import stays quick."""
    if name in SUBMODULES:
        return import_module(f"autograd_nn.{name}")
    if name in FUNCTIONS:
        return getattr(import_module(f"autograd_nn.{FUNCTIONS[name]}"), name)
    message = f"module 'autograd_nn' has no attribute {name!r}"
    raise AttributeError(message)
