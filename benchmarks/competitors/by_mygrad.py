"""MyGrad, as its documentation trains."""

from __future__ import annotations

from typing import Any

import mygrad
from mygrad.nnet.activations import sigmoid

from benchmarks.cases import Case, layers
from benchmarks.competitors import Step

mg: Any = mygrad  # its tensor is not what its types export


def step(case: Case) -> Step:
    """Go backward, and update the arrays in place."""
    x, t = case.data()
    parameters = [mg.tensor(p) for p in case.parameters()]

    def run() -> None:
        y: Any = x
        for w, b in layers(parameters):
            y = sigmoid(mg.matmul(y, w) + b)
        loss = 0.5 * mg.sum((y - t) ** 2)
        loss.backward()
        for parameter in parameters:
            parameter.data -= case.lr * parameter.grad

    return Step(run, lambda: [p.data for p in parameters])
