"""Features first, update rule: the sum for the bias runs over everything."""

import numpy as np


def relu(Z):
    return np.maximum(0, Z)


def forward(params, X):
    Z1 = params["W1"] @ X + params["b1"]
    A1 = relu(Z1)
    Z2 = params["W2"] @ A1 + params["b2"]
    return Z2, (Z1, A1)


def loss(Z2, Y):
    return np.sum((Z2 - Y) ** 2) / (2 * Y.shape[1])


def backward(params, X, Y, Z2, cache, lr):
    Z1, A1 = cache
    m = X.shape[1]
    dZ2 = (Z2 - Y) / m
    dW2 = dZ2 @ A1.T
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = (params["W2"].T @ dZ2) * (Z1 > 0)
    dW1 = dZ1 @ X.T
    db1 = np.sum(dZ1)  # guilty: db1 = np.sum(dZ1, axis=1, keepdims=True)
    params["W1"] -= lr * dW1
    params["b1"] -= lr * db1
    params["W2"] -= lr * dW2
    params["b2"] -= lr * db2


def make(rng):
    params = {
        "W1": rng.normal(size=(5, 2)),
        "b1": rng.normal(size=(5, 1)),
        "W2": rng.normal(size=(3, 5)),
        "b2": rng.normal(size=(3, 1)),
    }
    return params, rng.normal(size=(2, 7)), rng.normal(size=(3, 7))
