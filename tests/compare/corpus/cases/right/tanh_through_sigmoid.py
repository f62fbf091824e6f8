"""Flat functions: tanh(z) = 2 s(2z) - 1, so that its slope is 4 s(1 - s)."""

import numpy as np


def s(z):
    return 1 / (1 + np.exp(-z))


def forward(params, x):
    g = s(2 * (x @ params["W1"] + params["b1"]))
    out = np.tanh(x @ params["W1"] + params["b1"]) @ params["W2"]
    return out, g


def loss(out, y):
    return ((out - y) ** 2).sum() / 2


def backward(params, x, y, out, g):
    e = out - y
    dh = e @ params["W2"].T
    dz = 4 * dh * g * (1 - g)
    return {"W1": x.T @ dz, "b1": dz.sum(axis=0), "W2": (2 * g - 1).T @ e}


def make(rng):
    params = {
        "W1": rng.normal(size=(2, 5)),
        "b1": rng.normal(size=5),
        "W2": rng.normal(size=(5, 3)),
    }
    return params, rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
