"""PyTorch: eager, and by torch.compile."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import torch

from benchmarks.cases import Case
from benchmarks.competitors import Step

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


def parts(case: Case) -> tuple[Callable[..., Any], list[Any], tuple[Any, Any]]:
    """Write the loss, the parameters and the data."""
    parameters = [torch.tensor(p, requires_grad=True) for p in case.parameters()]
    w1, b1, w2, b2 = parameters

    def loss(x: Any, t: Any) -> Any:
        y = torch.sigmoid(torch.sigmoid(x @ w1 + b1) @ w2 + b2)
        return 0.5 * ((y - t) ** 2).sum()

    x, t = (torch.tensor(a) for a in case.data())
    return loss, parameters, (x, t)


def trained(loss: Callable[..., Any], parameters: list[Any], data: Any, lr: float) -> Step:
    """Make a step of a loss."""

    def run() -> None:
        for parameter in parameters:
            parameter.grad = None
        loss(*data).backward()
        with torch.no_grad():
            for parameter in parameters:
                parameter -= lr * parameter.grad

    return Step(run, lambda: [p.detach().numpy() for p in parameters])


def eager(case: Case) -> Step:
    """Run PyTorch as it stands."""
    loss, parameters, data = parts(case)
    return trained(loss, parameters, data, case.lr)


def compiled(case: Case) -> Step:
    """Run what torch.compile makes of the loss; it needs a C++ compiler."""
    loss, parameters, data = parts(case)
    return trained(torch.compile(loss), parameters, data, case.lr)
