"""PyTorch: eager, and by torch.compile."""

from __future__ import annotations

import os
from collections.abc import Callable
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


def trained(function: Callable[..., Any], case: Case) -> Step:
    """Go backward from a loss, and update the parameters in place."""
    x, t = (torch.tensor(a) for a in case.data())
    parameters: list[Any] = [torch.tensor(p, requires_grad=True) for p in case.parameters()]

    def run() -> None:
        for p in parameters:
            p.grad = None
        function(parameters, x, t).backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=case.lr)

    return Step(run, lambda: [p.detach().numpy() for p in parameters])


def eager(case: Case) -> Step:
    """Run PyTorch as it stands."""
    return trained(loss, case)


def compiled(case: Case) -> Step:
    """Run what torch.compile makes of the loss; it needs a C++ compiler."""
    return trained(torch.compile(loss), case)
