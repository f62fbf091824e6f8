"""What `fit` does with a batch: gradients, clipping, a step; as it is written or compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd_nn.nn import Module
from autograd_nn.optim import LBFGS, Optimizer, clip_grad_norm_, clip_grad_value_
from autograd_nn.program import compile as compiled
from autograd_nn.tensor import Tensor

Loss = Callable[[Any, Any], Any]
Step = Callable[[Any, Any], tuple[Any, Any]]  # of a batch: the loss and the prediction
Clip = Callable[[Iterable[Tensor]], Any]


def step_of(
    model: Module,
    loss: Loss,
    optimizer: Optimizer | LBFGS,
    clip: Clip | None,
    batch: tuple[Any, Any],
    backend: str | None,
) -> Step:
    """Make the function that learns from a batch; with a backend, compiled for one like `batch`."""

    def recorded(function: Step) -> Step:
        return compiled(function, *batch, backend=backend) if backend else function

    if isinstance(optimizer, LBFGS):  # SciPy's part is not recorded
        return minimising(recorded(learning(model, loss, optimizer)), optimizer)
    return recorded(stepping(model, loss, optimizer, clip))


def gradients_of(
    model: Module, loss: Loss, optimizer: Optimizer | LBFGS, x: Any, y: Any
) -> tuple[Any, Any]:
    """Bring the parameters the gradients of a batch; return the loss and the prediction."""
    optimizer.zero_grad()
    prediction = model(x)
    value = loss(prediction, y)
    if not isinstance(value, Tensor):
        message = (
            f"fit: argument loss returned a {type(value).__name__}, not a Tensor that has a "
            "gradient; compute it with NumPy's functions of the prediction itself"
        )
        raise TypeError(message)
    value.backward()
    return value, prediction


def learning(model: Module, loss: Loss, optimizer: LBFGS) -> Step:
    """Make the function that brings the parameters the gradients of a batch."""
    return lambda x, y: gradients_of(model, loss, optimizer, x, y)


def stepping(model: Module, loss: Loss, optimizer: Optimizer, clip: Clip | None) -> Step:
    """Make the function that steps down the gradients of a batch."""

    def step(x: Any, y: Any) -> tuple[Any, Any]:
        found = gradients_of(model, loss, optimizer, x, y)
        if clip is not None:
            clip(optimizer.parameters)
        optimizer.step()
        return found

    return step


def minimising(learn: Step, optimizer: LBFGS) -> Step:
    """Make the function that minimises the loss of a batch, and returns what it was before."""

    def step(x: Any, y: Any) -> tuple[Any, Any]:
        first: list[tuple[Any, Any]] = []

        def closure() -> Any:
            found = learn(x, y)
            if not first:
                first.append(found)
            return found[0]

        optimizer.step(closure)
        return first[0]

    return step


def clipping(optimizer: Any, norm: float | None, value: float | None) -> Clip | None:
    """Make the function that limits gradients before a step, if any is asked for."""
    given = {k: x for k, x in (("clip_norm", norm), ("clip_value", value)) if x is not None}
    if not given:
        return None
    if len(given) > 1:
        message = "fit: arguments clip_norm and clip_value exclude each other; give one of them"
        raise ValueError(message)
    ((name, limit),) = given.items()
    if isinstance(optimizer, LBFGS):
        message = f"fit: {name} would mislead the line search of LBFGS; leave it out"
        raise TypeError(message)
    if not (isinstance(limit, int | float) and limit > 0):
        message = f"fit: argument {name}={limit!r} must be a positive number"
        raise ValueError(message)
    limiter = clip_grad_norm_ if norm is not None else clip_grad_value_
    return lambda parameters: limiter(parameters, limit)
