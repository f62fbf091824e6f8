"""Reverse-mode automatic differentiation over NumPy arrays: to read, to check and to see."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:  # what `__getattr__` imports
    from autograd_nn import (
        compare as compare,
        datasets as datasets,
        draw as draw,
        nn as nn,
        ops as ops,
        optim as optim,
        parallel as parallel,
        plotting as plotting,
        program as program,
        scipy as scipy,
        training as training,
        tutorial as tutorial,
    )
    from autograd_nn.program import compile  # noqa: A004 (it is called so in its field)
    from autograd_nn.saving import load, save
    from autograd_nn.training import fit

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
    "parallel",
    "plotting",
    "program",
    "scipy",
    "training",
    "tutorial",
}
FUNCTIONS = {"compile": "program", "fit": "training", "load": "saving", "save": "saving"}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Import a submodule when first asked for, or for a function: this import stays quick."""
        if name in SUBMODULES:
            return import_module(f"autograd_nn.{name}")
        if name in FUNCTIONS:
            return getattr(import_module(f"autograd_nn.{FUNCTIONS[name]}"), name)
        message = f"module 'autograd_nn' has no attribute {name!r}"
        raise AttributeError(message)
