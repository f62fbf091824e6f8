"""What recording one small operation costs, as a multiple of bare NumPy, forward and back."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

A = np.linspace(0.1, 0.9, 16).reshape(4, 4)
V = np.ones((4, 4))
CALLS = 200  # a round


class Operation(NamedTuple):
    """A function of a module like NumPy and an array, and what a person writes to go back."""

    forward: Callable[[Any, Any], Any]
    back: Callable[[Any], Any]
    cotangent: Any = V


OPERATIONS = {
    "add": Operation(lambda _, x: x + x, lambda _: V + V),
    "multiply": Operation(lambda _, x: x * x, lambda _: V * A + V * A),
    "tanh": Operation(lambda np, x: np.tanh(x), lambda y: V * (1 - y * y)),
    "matmul": Operation(lambda np, x: np.matmul(x, x), lambda _: V @ A.T + A.T @ V),
    "sum": Operation(
        lambda np, x: np.sum(x, axis=0), lambda _: np.broadcast_to(V[0], (4, 4)).copy(), V[0]
    ),
}


def multiple(name: str, operation: str, rounds: int) -> float:
    """Time an operation on 4 x 4 entries, forward and back, beside NumPy's own calls."""
    asked = OPERATIONS[operation]
    recorded = RECORDED[name](asked)

    def bare() -> Any:
        return asked.back(asked.forward(np, A))

    if not np.allclose(recorded(), bare(), rtol=1e-12):
        message = f"the gradient of {operation} by {name} is wrong"
        raise ArithmeticError(message)
    return median(seconds(recorded) / seconds(bare) for _ in range(rounds))


def seconds(function: Callable[[], Any]) -> float:
    """Time a number of calls."""
    start = perf_counter()
    for _ in range(CALLS):
        function()
    return perf_counter() - start


def ours(operation: Operation) -> Callable[[], Any]:
    """Record on Tensors."""
    import autograd_nn as ag

    x = ag.Tensor(A, requires_grad=True)

    def run() -> Any:
        x.grad = None
        operation.forward(np, x).backward(operation.cotangent)
        return x.grad

    return run


def hips(operation: Operation) -> Callable[[], Any]:
    """Record on HIPS autograd's boxes."""
    import autograd.numpy as anp
    from autograd import make_vjp

    def run() -> Any:
        pull, _ = make_vjp(lambda x: operation.forward(anp, x), A)
        return pull(operation.cotangent)

    return run


def pytorch(operation: Operation) -> Callable[[], Any]:
    """Record on PyTorch's tensors."""
    import torch

    x, v = torch.tensor(A, requires_grad=True), torch.tensor(operation.cotangent)

    def run() -> Any:
        x.grad = None
        operation.forward(torch, x).backward(v)
        return x.grad

    return run


RECORDED: dict[str, Callable[[Operation], Callable[[], Any]]] = {
    "autograd_nn": ours,
    "HIPS autograd": hips,
    "PyTorch": pytorch,
}
