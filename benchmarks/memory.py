"""Peak memory of one training step of a deep network: 20 layers, 1024 wide, batch 1024."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

DEPTH, WIDTH = 20, 1024


def peak(name: str, depth: int = DEPTH, width: int = WIDTH) -> float:
    """Return by how many MiB the peak rises above what is there before the step."""
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((width, width)), rng.uniform(size=(width, width))
    weights = [rng.standard_normal((width, width)) / width**0.5 for _ in range(depth)]
    biases = [np.zeros(width) for _ in range(depth)]
    step = STEPS[name](x, t, weights, biases)
    del weights, biases
    before = resident()
    step()
    return (highest() - before) / 2**20


def status(key: str) -> float:
    """Read a number of bytes from what Linux says of this process."""
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123 (no file on disk)
        line = next(line for line in file if line.startswith(key))
    return float(line.split()[1]) * 1024


def resident() -> float:
    """Return the memory in use now, and forget the peak so far."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:  # noqa: PTH123
        file.write("5")
    return status("VmRSS")


def highest() -> float:
    """Return the peak."""
    return status("VmHWM")


def ours(x: Any, t: Any, weights: list[Any], biases: list[Any]) -> Callable[[], None]:
    """Train by autograd_nn."""
    import autograd_nn as ag
    from autograd_nn import nn, optim

    modules: list[Any] = []
    while weights:
        layer = nn.Linear(1, 1)
        layer.weight = ag.Tensor(weights.pop(0), requires_grad=True)
        layer.bias = ag.Tensor(biases.pop(0), requires_grad=True)
        modules += [layer, nn.Sigmoid()]
    model = nn.Sequential(*modules)
    optimizer = optim.SGD(model.parameters(), lr=1e-3)

    def step() -> None:
        loss = nn.half_sse_loss(model(x), t)
        loss.backward()
        optimizer.step()

    return step


def hips(x: Any, t: Any, weights: list[Any], biases: list[Any]) -> Callable[[], None]:
    """Train by HIPS autograd."""
    import autograd.numpy as anp
    from autograd import grad

    def loss(parameters: Any) -> Any:
        a = x
        for w, b in zip(*parameters, strict=True):
            a = 1 / (1 + anp.exp(-(anp.dot(a, w) + b)))
        return 0.5 * anp.sum((a - t) ** 2)

    parameters = (weights.copy(), biases.copy())

    def step() -> None:
        for arrays, gradients in zip(parameters, grad(loss)(parameters), strict=True):
            for p, g in zip(arrays, gradients, strict=True):
                p -= 1e-3 * g

    return step


def pytorch(x: Any, t: Any, weights: list[Any], biases: list[Any]) -> Callable[[], None]:
    """Train by PyTorch."""
    import torch

    ws, bs = ([torch.tensor(p, requires_grad=True) for p in ps] for ps in (weights, biases))
    x, t = torch.tensor(x), torch.tensor(t)

    def step() -> None:
        a = x
        for w, b in zip(ws, bs, strict=True):
            a = torch.sigmoid(a @ w + b)
        (0.5 * ((a - t) ** 2).sum()).backward()
        with torch.no_grad():
            for p in (*ws, *bs):
                p -= 1e-3 * p.grad

    return step


STEPS: dict[str, Callable[..., Callable[[], None]]] = {
    "autograd_nn": ours,
    "HIPS autograd": hips,
    "PyTorch": pytorch,
}
