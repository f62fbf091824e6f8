"""Ours: eager, compiled, compiled as a loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd_nn as ag
from autograd_nn import nn, optim
from benchmarks.cases import Array, Case, layers
from benchmarks.competitors import Step


def training(case: Case) -> tuple[Callable[..., Any], tuple[Array, Array], Any]:
    """Write a training step as a user would."""
    modules: list[nn.Module] = []
    for w, b in layers(case.parameters()):
        layer = nn.Linear(*w.shape)
        layer.weight, layer.bias = (ag.Tensor(p, requires_grad=True) for p in (w, b))
        modules += [layer, nn.Sigmoid()]
    model = nn.Sequential(*modules)
    optimizer = optim.SGD(model.parameters(), lr=case.lr)

    def step(x: Any, t: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.half_sse_loss(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    return step, case.data(), lambda: [p.numpy() for p in model.parameters()]


def eager(case: Case) -> Step:
    """Run the step as it stands."""
    step, data, parameters = training(case)
    return Step(lambda: step(*data), parameters)


def compiled(case: Case, backend: str = "numpy") -> Step:
    """Run the step as a program, a call a step."""
    step, data, parameters = training(case)
    fast = ag.compile(step, *data, backend=backend)
    return Step(lambda: fast(*data), parameters)


def repeated(case: Case, backend: str = "numpy") -> Step:
    """Run the step as a program, many steps a call."""
    step, data, parameters = training(case)
    fast = ag.compile(step, *data, backend=backend)
    return Step(lambda: fast.repeat(case.repeats, *data), parameters, case.repeats)


def numba(case: Case) -> Step:
    """Run the step as a program compiled by Numba, a call a step."""
    return compiled(case, "numba")


def numba_repeated(case: Case) -> Step:
    """Run the step as a program compiled by Numba, many steps a call."""
    return repeated(case, "numba")
