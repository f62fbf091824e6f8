"""Functions of functions: grad, vjp, jvp, jacobian, hessian and their kin.

Each gives its arguments a fresh vertex in the graph, and differentiates by that vertex alone.
That is the whole defence against perturbation confusion: nested derivatives never mistake one
variable for another, in whatever order the transforms are nested.

Arguments and results may be arrays, or dicts, lists and tuples of them, nested in any way (None
passes through); derivatives are nested alike.  What goes in as plain arrays comes out as plain
arrays; if a Tensor goes in, or the function closes over a Tensor that requires a gradient,
Tensors come out.
"""

from autograd_nn.transforms.custom import custom_jvp, custom_vjp
from autograd_nn.transforms.gradients import (
    grad,
    hvp,
    jvp,
    linearize,
    stop_gradient,
    value_and_grad,
    vjp,
)
from autograd_nn.transforms.jacobians import hessian, jacfwd, jacobian, jacrev
from autograd_nn.transforms.recompute import checkpoint

__all__ = [
    "checkpoint",
    "custom_jvp",
    "custom_vjp",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "linearize",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]
