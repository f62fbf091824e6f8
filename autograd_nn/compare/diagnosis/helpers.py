"""Whether a function of the user's is the derivative of an activation that the forward pass uses.

Such a function is right, whatever it is given: a wrong argument is its caller's mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.repair import Place

Function = Callable[[Any], Any]
ACTIVATIONS: dict[str, Function] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "softplus": lambda z: np.log1p(np.exp(z)),
    "sin": np.sin,
}
AT = np.array([-1.3, -0.7, -0.2, 0.15, 0.4, 0.6, 0.85, 1.9])
STEP = 1e-5


def judged_helpers(place: Place) -> tuple[set[str], set[str]]:
    """Name the functions of one argument that the backward pass alone uses.

    Those that are derivatives of an activation in use come first, then those that are not.
    """
    bench = place.bench
    used = bench.unary(bench.site(k).function for k in place.record.forward)
    made = bench.unary(bench.site(k).function for k in place.record.backward)
    helpers = [f for f in made if f not in used]
    text = " ".join(place.bench.site(k).line.code for k in place.record.forward)
    functions: list[Function] = [*used]
    functions += [f for name, f in ACTIVATIONS.items() if is_written(name, text)]
    right = {g.__qualname__ for g in helpers if any(is_derivative(g, f) for f in functions)}
    return right, {g.__qualname__ for g in helpers} - right


def is_written(name: str, text: str) -> bool:
    """Tell whether code seems to write an activation out."""
    signs = {
        "sigmoid": "exp(-",
        "tanh": "tanh",
        "relu": "maximum(",
        "softplus": "log",
        "sin": "sin(",
    }
    return signs[name] in text


def is_derivative(g: Function, f: Function) -> bool:
    """Tell whether `g` is the derivative of `f`, at its argument or from its value."""
    try:
        with np.errstate(all="ignore"):
            slope = (np.asarray(f(AT + STEP)) - f(AT - STEP)) / (2 * STEP)
            return any(
                np.shape(found) == AT.shape
                and np.allclose(np.asarray(found, float), slope, rtol=1e-6, atol=1e-9)
                for found in (g(AT.copy()), g(np.array(f(AT))))
            )
    except Exception:  # noqa: BLE001 (a function of the user's for something else)
        return False
