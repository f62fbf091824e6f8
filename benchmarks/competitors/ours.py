"""The tutorial's loop, mended, and ours: eager, compiled, compiled as a loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd_nn as ag
from autograd_nn import nn, optim, tutorial
from benchmarks.cases import Array, Case
from benchmarks.competitors import Step

STEPS = 100  # of what runs many in one call


def tutorial_loop(case: Case) -> Step:
    """Train as the tutorial does, with the derivative mended."""
    x, t = case.data()
    w1, b1, w2, b2 = case.parameters()
    hidden, output = {"weights": w1, "bias": b1}, {"weights": w2, "bias": b2}

    def run() -> None:
        outputs = tutorial.forward_propagation(x, hidden, output)
        tutorial.mended_backward_propagation(x, hidden, output, *outputs, t, case.lr)

    return Step(run, lambda: [layer[k] for layer in (hidden, output) for k in ("weights", "bias")])


def training(case: Case) -> tuple[Callable[..., Any], tuple[Array, Array], Any]:
    """Write a training step as a user would."""
    n, h, o = case.sizes
    model = nn.Sequential(nn.Linear(n, h), nn.Sigmoid(), nn.Linear(h, o), nn.Sigmoid())
    for place, value in zip((0, 2), (case.parameters()[:2], case.parameters()[2:]), strict=True):
        layer: Any = model[place]
        layer.weight, layer.bias = (ag.Tensor(v, requires_grad=True) for v in value)
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
    return Step(lambda: fast.repeat(STEPS, *data), parameters, STEPS)


def compiled_by_numba(case: Case) -> Step:
    """Run the step as a program that numba compiles."""
    return compiled(case, "numba")


def repeated_by_numba(case: Case) -> Step:
    """Run many steps as one function that numba compiles."""
    return repeated(case, "numba")
