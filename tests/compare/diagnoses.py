"""A diagnosis made by hand, as the engine would make it of a well-known kind of tutorial."""

from __future__ import annotations

import numpy as np

from autograd_nn.compare import compare_gradients
from autograd_nn.compare.diagnosis.result import Blame, CodeLine, Diagnosis, DiagnosisVerdict

FILE = "network.py"
SOURCE = """\
import numpy as np


def sigmoid_derivative(x):
    return sigmoid(x) * (1 - sigmoid(x))


def backward(x, hidden, output, a1, a2, t, lr):
    e2 = t - a2
    d2 = e2 * sigmoid_derivative(a2)

    e1 = d2 @ output["W"].T
    d1 = e1 * sigmoid_derivative(a1)

    output["W"] += lr * (a1.T @ d2)
    hidden["W"] += lr * (x.T @ d1)
"""
LINES = SOURCE.splitlines()


def line(number: int, variable: str) -> CodeLine:
    return CodeLine(FILE, number, variable, LINES[number - 1].strip())


def blame(number: int, variable: str, **found: object) -> Blame:
    return Blame(FILE, number, variable, LINES[number - 1].strip(), **found)  # type: ignore[arg-type]


COMPARISON = compare_gradients(
    {
        "automatic": {"hidden": np.array([[1.0, 2.0]]), "output": np.array([[3.0], [4.0]])},
        "hand": {"hidden": np.array([[1.5, -0.5]]), "output": np.array([[3.5], [4.0]])},
    }
)
WRONG = Diagnosis(
    DiagnosisVerdict.NOT_A_DESCENT,
    COMPARISON,
    blame=(
        blame(
            10,
            "d2",
            mistake="double-derivative",
            explanation="`sigmoid_derivative` applies the sigmoid itself, and `a2` has gone "
            "through it already; its argument was to be `z2`.",
            repair="d2 = e2 * a2 * (1 - a2)",
            verified=True,
            ties=("`d2 = e2 * sigmoid_derivative(z2)`",),
        ),
        blame(13, "d1", mistake="double-derivative", repair="replace `a1` by `z1`"),
    ),
    contaminated=(line(12, "e1"), line(15, 'output["W"]'), line(16, 'hidden["W"]')),
    exact=(line(9, "e2"),),
    counterexample={
        "params": {"hidden": np.array([[6.0]]), "output": np.array([[-6.0, 6.0]])},
        "cosine": -0.73,
    },
    notes=("The file defines no loss; half the summed squared error was assumed.",),
    sources={FILE: SOURCE},
)
RIGHT = Diagnosis(
    DiagnosisVerdict.EXACT,
    compare_gradients({"automatic": [1.0, 2.0], "hand": [1.0, 2.0]}),
    reason="`a * (1 - a)` is the derivative of the sigmoid, written with its value.",
)
UNDECIDED = Diagnosis(
    DiagnosisVerdict.CANNOT_DECIDE,
    COMPARISON,
    reason="Two runs of the backward pass gave different numbers.",
)
