"""Gradients to compare, and what may be wrong with them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def network_gradient(seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "hidden_layer": {"weights": rng.normal(size=(3, 4)), "bias": rng.normal(size=4)},
        "output_layer": {"weights": rng.normal(size=(4, 2)), "bias": rng.normal(size=2)},
    }


def scaled(gradient: dict[str, Any], factor: float) -> dict[str, Any]:
    return {
        layer: {name: factor * array for name, array in arrays.items()}
        for layer, arrays in gradient.items()
    }


def changed(
    gradient: dict[str, Any], change: Callable[[NDArray[np.float64]], NDArray[Any] | None]
) -> dict[str, Any]:
    """Change the weights of the hidden layer."""
    hidden = gradient["hidden_layer"]
    return {**gradient, "hidden_layer": {**hidden, "weights": change(hidden["weights"])}}
