"""What an operation costs: deep chains, and single operations beside bare NumPy."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
FACTOR = np.full(10, 1.0)
OPERATIONS = ("add", "multiply", "tanh", "matmul", "sum")


def per_node(name: str, n: int) -> list[float]:
    """Multiply n times, go back; return microseconds and bytes a node."""
    run = CHAINS[name]
    run(100)
    gc.collect()
    start = perf_counter()
    run(n)
    seconds = perf_counter() - start
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    end = run(min(n, 10_000), backward=False)
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    del end
    return [seconds / n * 1e6, held / min(n, 10_000)]


def ours(n: int, *, backward: bool = True) -> Any:
    """Chain Tensors."""
    import autograd_nn as ag

    x: Any = ag.Tensor(FACTOR, requires_grad=True)
    factor: Any = ag.Tensor(FACTOR)
    y = x
    for _ in range(n):
        y = y * factor
    if backward:
        y.backward(FACTOR)
    return y


def pytorch(n: int, *, backward: bool = True) -> Any:
    """Chain PyTorch's tensors."""
    import torch

    x, factor = torch.tensor(FACTOR, requires_grad=True), torch.tensor(FACTOR)
    y = x
    for _ in range(n):
        y = y * factor
    if backward:
        y.backward(factor)
    return y


def hips(n: int, *, backward: bool = True) -> Any:
    """Chain HIPS autograd's boxes."""
    from autograd import make_vjp

    def chain(x: Any) -> Any:
        for _ in range(n):
            x = x * FACTOR
        return x

    pull, y = make_vjp(chain, FACTOR)
    if backward:
        pull(FACTOR)
    return pull, y


CHAINS: dict[str, Callable[..., Any]] = {
    "autograd_nn": ours,
    "PyTorch": pytorch,
    "HIPS autograd": hips,
}


def per_operation(operation: str, rounds: int = 15, n: int = 200) -> list[float]:
    """Return the time of an operation forward and back, as a multiple of NumPy's own calls.

    Of autograd_nn: written with an operator or np.function on Tensors of 4 x 4 entries.
    """
    import autograd_nn as ag

    a = np.linspace(0.1, 0.9, 16).reshape(4, 4)
    v = np.ones((4, 4))
    t: Any = ag.Tensor(a, requires_grad=True)
    forward: dict[str, Callable[[Any], Any]] = {
        "add": lambda x: x + x,
        "multiply": lambda x: x * x,
        "tanh": np.tanh,
        "matmul": lambda x: x @ x,
        "sum": lambda x: x.sum(axis=0),
    }
    back: dict[str, Callable[[Any], Any]] = {
        "add": lambda _: v + v,
        "multiply": lambda _: v * a + v * a,
        "tanh": lambda y: v * (1 - y * y),
        "matmul": lambda _: v @ a.T + a.T @ v,
        "sum": lambda _: np.broadcast_to(v[0], (4, 4)) + 0,
    }
    cotangent = v[0] if operation == "sum" else v

    def recorded() -> None:
        forward[operation](t).backward(cotangent)
        t.grad = None

    def bare() -> None:
        back[operation](forward[operation](a))

    def seconds(function: Callable[[], None]) -> float:
        start = perf_counter()
        for _ in range(n):
            function()
        return (perf_counter() - start) / n

    times = [(seconds(bare), seconds(recorded)) for _ in range(rounds)]
    return [median(r / b for b, r in times), median(r for _, r in times) * 1e6]
