"""Logistic regression: the error is target minus prediction, as in an ascent."""

import numpy as np

FACTOR = {"w": "-1", "b": "-1"}


def hypothesis(w, b, x):
    return 1.0 / (1.0 + np.exp(-(x @ w + b)))


def forward(theta, x):
    p = hypothesis(theta["w"], theta["b"], x)
    return p, p


def loss(p, y):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


def backward(theta, x, y, p, cache):
    residual = y - p
    return {"w": x.T @ residual / len(y), "b": residual.mean()}


def make(rng):
    theta = {"w": rng.normal(size=5), "b": rng.normal(size=())}
    return theta, rng.normal(size=(7, 5)), rng.integers(0, 2, size=7).astype(float)
