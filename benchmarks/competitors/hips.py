"""HIPS autograd, as its examples are written."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
from autograd import grad

from benchmarks.cases import Case
from benchmarks.competitors import Step


def step(case: Case) -> Step:
    """Differentiate by a list of parameters, and update it."""
    x, t = case.data()
    state = {"parameters": case.parameters()}

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + anp.exp(-z))

    def loss(parameters: Any) -> Any:
        w1, b1, w2, b2 = parameters
        y = sigmoid(anp.dot(sigmoid(anp.dot(x, w1) + b1), w2) + b2)
        return 0.5 * anp.sum((y - t) ** 2)

    gradient = grad(loss)

    def run() -> None:
        parameters = state["parameters"]
        gradients = gradient(parameters)
        state["parameters"] = [p - case.lr * g for p, g in zip(parameters, gradients, strict=True)]

    return Step(run, lambda: state["parameters"])
