"""PyTorch: eager, and by torch.compile."""

from __future__ import annotations

import os
from typing import Any

import torch

from benchmarks.cases import Case, layers
from benchmarks.competitors import Step

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


def loss(parameters: list[Any], x: Any, t: Any) -> Any:
    """Write the network and its loss."""
    y = x
    for w, b in layers(parameters):
        y = torch.sigmoid(y @ w + b)
    return 0.5 * ((y - t) ** 2).sum()


def eager(case: Case) -> Step:
    """Go backward from the loss, and update the parameters in place."""
    x, t = (torch.tensor(a) for a in case.data())
    parameters: list[Any] = [torch.tensor(p, requires_grad=True) for p in case.parameters()]

    def run() -> None:
        for p in parameters:
            p.grad = None
        loss(parameters, x, t).backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=case.lr)

    return Step(run, lambda: [p.detach().numpy() for p in parameters])


def compiled(case: Case) -> Step:
    """Run what torch.compile makes of the whole step, its fastest form; it needs a C++ compiler."""
    x, t = (torch.tensor(a) for a in case.data())
    parameters: list[Any] = [torch.tensor(p) for p in case.parameters()]
    gradients = torch.func.grad(loss)

    def update(parameters: list[Any], x: Any, t: Any) -> None:
        for p, gradient in zip(parameters, gradients(parameters, x, t), strict=True):
            p.sub_(gradient, alpha=case.lr)

    step = torch.compile(update)

    def run() -> None:
        with torch.no_grad():
            step(parameters, x, t)

    return Step(run, lambda: [p.numpy() for p in parameters])
