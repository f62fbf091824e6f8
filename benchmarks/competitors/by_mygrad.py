"""MyGrad, as its documentation trains."""

from __future__ import annotations

import mygrad as mg
from mygrad.nnet.activations import sigmoid

from benchmarks.cases import Case
from benchmarks.competitors import Step


def step(case: Case) -> Step:
    """Go backward, and update the arrays in place."""
    x, t = case.data()
    parameters = [mg.tensor(p) for p in case.parameters()]
    w1, b1, w2, b2 = parameters

    def run() -> None:
        y = sigmoid(mg.matmul(sigmoid(mg.matmul(x, w1) + b1), w2) + b2)
        loss = 0.5 * mg.sum((y - t) ** 2)
        loss.backward()
        for parameter in parameters:
            parameter.data -= case.lr * parameter.grad

    return Step(run, lambda: [p.data for p in parameters])
