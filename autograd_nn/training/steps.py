"""What `fit` does with a batch: gradients, clipping, a step; as it is written or compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any

from autograd_nn.batch import Loss, forward_and_backward
from autograd_nn.nn import Module
from autograd_nn.optim import LBFGS, Optimizer, clip_grad_norm_, clip_grad_value_
from autograd_nn.parallel import DataParallel
from autograd_nn.program import compile as compiled
from autograd_nn.tensor import Tensor

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


def parallel_step_of(
    replica: DataParallel, optimizer: Optimizer | LBFGS, clip: Clip | None
) -> Callable[[Any, Any], dict[str, float]]:
    """Make the function that learns from a batch together with other ranks, and measures it."""
    if isinstance(optimizer, LBFGS):
        return minimising_together(replica, optimizer)

    def learn(x: Any, y: Any) -> dict[str, float]:
        found = replica.backward(x, y)
        move(optimizer, clip)
        return found

    return learn


def minimising_together(
    replica: DataParallel, optimizer: LBFGS
) -> Callable[[Any, Any], dict[str, float]]:
    """Make the function that minimises the loss of a batch on all ranks, each in the same way."""

    def gradients(x: Any, y: Any) -> tuple[Any, Any]:
        found = replica.backward(x, y)
        return found["loss"], found

    minimise = minimising(gradients, optimizer)
    return lambda x, y: minimise(x, y)[1]  # what was found first


def learning(model: Module, loss: Loss, optimizer: LBFGS) -> Step:
    """Make the function that brings the parameters the gradients of a batch."""

    def learn(x: Any, y: Any) -> tuple[Any, Any]:
        optimizer.zero_grad()
        return forward_and_backward("fit", model, loss, x, y)

    return learn


def stepping(model: Module, loss: Loss, optimizer: Optimizer, clip: Clip | None) -> Step:
    """Make the function that steps down the gradients of a batch.

    It reads the optimiser from its own closure, where compile looks for numbers that change.
    """

    def step(x: Any, y: Any) -> tuple[Any, Any]:
        optimizer.zero_grad()
        found = forward_and_backward("fit", model, loss, x, y)
        move(optimizer, clip)
        return found

    return step


def move(optimizer: Optimizer, clip: Clip | None) -> None:
    """Step down gradients that are limited before."""
    if clip is not None:
        clip(optimizer.parameters)
    optimizer.step()


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
    if not (isinstance(limit, Real) and limit > 0):
        message = f"fit: argument {name}={limit!r} must be a positive number"
        raise ValueError(message)
    limiter = clip_grad_norm_ if norm is not None else clip_grad_value_
    return lambda parameters: limiter(parameters, limit)
