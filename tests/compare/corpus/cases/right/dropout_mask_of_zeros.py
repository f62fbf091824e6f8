"""Dropout with a given mask: dropped units are zero, so that the activations serve as the mask."""

import numpy as np

KEEP = 0.8


def forward(params, inputs):
    X, mask = inputs
    A1 = 1 / (1 + np.exp(-(params["W1"] @ X + params["b1"])))
    D1 = A1 * mask / KEEP
    return params["W2"] @ D1 + params["b2"], (A1, D1)


def loss(Z2, Y):
    return np.sum((Z2 - Y) ** 2) / (2 * Y.shape[1])


def backward(params, inputs, Y, Z2, cache):
    X, mask = inputs
    A1, D1 = cache
    dZ2 = (Z2 - Y) / Y.shape[1]
    dD1 = params["W2"].T @ dZ2
    dZ1 = dD1 * D1 * (1 - A1)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(axis=1, keepdims=True),
        "W2": dZ2 @ D1.T,
        "b2": dZ2.sum(axis=1, keepdims=True),
    }


def make(rng):
    params = {
        "W1": rng.normal(size=(5, 2)),
        "b1": rng.normal(size=(5, 1)),
        "W2": rng.normal(size=(3, 5)),
        "b2": rng.normal(size=(3, 1)),
    }
    mask = (rng.uniform(size=(5, 7)) < KEEP).astype(float)
    return params, (rng.normal(size=(2, 7)), mask), rng.normal(size=(3, 7))
