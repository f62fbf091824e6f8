"""What a recorded operation costs in time and memory: deep chains of multiplications."""

from __future__ import annotations

import gc
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from benchmarks.memory import resident

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
HELD = 100_000  # nodes whose memory is measured
FACTOR = np.linspace(1 - 1e-6, 1 + 1e-6, 10)
ONES = np.ones(10)


class Chain(NamedTuple):
    """The last product, with all that it holds, and how its gradient is found."""

    end: Any
    gradient: Callable[[], Any]


def microseconds(name: str, n: int) -> float:
    """Multiply n times and go back; return microseconds a node, the garbage collector running."""
    times = []
    for _ in range(max(2, min(101, 100_000 // n))):  # the first only warms up
        start = perf_counter()
        gradient = CHAINS[name](n).gradient()
        times.append(perf_counter() - start)
        if not np.allclose(gradient, FACTOR**n, rtol=1e-9):
            message = f"the gradient of a chain of {n} by {name} is wrong"
            raise ArithmeticError(message)
    return median(times[1:]) / n * 1e6


def held(name: str) -> float:
    """Return the bytes that a node holds until the gradient has gone through it."""
    CHAINS[name](100).gradient()
    gc.collect()
    before = resident()
    chain = CHAINS[name](HELD)
    after = resident()
    del chain
    return (after - before) / HELD


def ours(n: int) -> Chain:
    """Chain Tensors."""
    import autograd_nn as ag

    x, factor = ag.Tensor(ONES, requires_grad=True), ag.Tensor(FACTOR)
    y = x
    for _ in range(n):
        y = y * factor

    def gradient() -> Any:
        y.backward(ONES)
        return x.grad

    return Chain(y, gradient)


def pytorch(n: int) -> Chain:
    """Chain PyTorch's tensors."""
    import torch

    x, factor = torch.tensor(ONES, requires_grad=True), torch.tensor(FACTOR)
    y: Any = x
    for _ in range(n):
        y = y * factor

    def gradient() -> Any:
        y.backward(torch.tensor(ONES))
        return x.grad

    return Chain(y, gradient)


def hips(n: int) -> Chain:
    """Chain HIPS autograd's boxes."""
    from autograd import make_vjp

    def chain(x: Any) -> Any:
        for _ in range(n):
            x = x * FACTOR
        return x

    pull, end = make_vjp(chain, ONES)
    return Chain(end, lambda: pull(ONES))


CHAINS: dict[str, Callable[[int], Chain]] = {
    "autograd_nn": ours,
    "HIPS autograd": hips,
    "PyTorch": pytorch,
}
