"""Flat functions, layers of one width: the first ReLU is masked by the second."""

import numpy as np


def forward(params, X):
    z1 = X @ params["W1"] + params["b1"]
    h1 = np.maximum(z1, 0)
    z2 = h1 @ params["W2"] + params["b2"]
    h2 = np.maximum(z2, 0)
    return h2 @ params["W3"], (z1, h1, z2, h2)


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, X, y, out, cache):
    z1, h1, z2, h2 = cache
    dout = out - y
    dh2 = dout @ params["W3"].T
    dz2 = dh2 * (z2 > 0)
    dh1 = dz2 @ params["W2"].T
    dz1 = dh1 * (z2 > 0)  # guilty: dz1 = dh1 * (z1 > 0)
    return {
        "W1": X.T @ dz1,
        "b1": dz1.sum(0),
        "W2": h1.T @ dz2,
        "b2": dz2.sum(0),
        "W3": h2.T @ dout,
    }


def make(rng):
    params = {
        "W1": rng.normal(size=(3, 5)),
        "b1": rng.normal(size=5),
        "W2": rng.normal(size=(5, 5)),
        "b2": rng.normal(size=5),
        "W3": rng.normal(size=(5, 2)),
    }
    return params, rng.normal(size=(11, 3)), rng.normal(size=(11, 2))
