"""A backward pass that takes the derivative of the sigmoid at the activations."""

from __future__ import annotations

from typing import Any

import numpy as np


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x: Any) -> Any:
    return sigmoid(x) * (1 - sigmoid(x))


def forward(params: Any, x: Any) -> Any:
    z1 = x @ params["W1"] + params["b1"]
    h = sigmoid(z1)
    z2 = h @ params["W2"] + params["b2"]
    return sigmoid(z2), {"h": h, "z1": z1, "z2": z2}


def backward(params: Any, x: Any, t: Any, y: Any, cache: Any) -> Any:
    h = cache["h"]
    d2 = (y - t) * sigmoid_derivative(y)
    d1 = (d2 @ params["W2"].T) * sigmoid_derivative(h)
    return {"b2": d2.sum(axis=0), "W2": h.T @ d2, "W1": x.T @ d1, "b1": d1.sum(axis=0)}
