"""HIPS autograd, as its examples are written."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
from autograd import grad

from benchmarks.cases import Case, layers
from benchmarks.competitors import Step


def step(case: Case) -> Step:
    """Differentiate by a list of parameters, and update them in place."""
    x, t = case.data()
    parameters = case.parameters()

    def loss(parameters: Any) -> Any:
        y: Any = x
        for w, b in layers(parameters):
            y = 1 / (1 + anp.exp(-(anp.dot(y, w) + b)))
        return 0.5 * anp.sum((y - t) ** 2)

    gradient = grad(loss)

    def run() -> None:
        for p, g in zip(parameters, gradient(parameters), strict=True):
            p[...] -= case.lr * g

    return Step(run, lambda: parameters)
