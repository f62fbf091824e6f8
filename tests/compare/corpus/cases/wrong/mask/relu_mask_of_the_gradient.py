"""Features first: the ReLU's mask is taken from the gradient, not from its input."""

import numpy as np


def relu(Z):
    return np.maximum(0, Z)


def relu_backward(dA, Z):
    dZ = np.array(dA, copy=True)
    dZ[dA <= 0] = 0  # guilty: dZ[Z <= 0] = 0
    return dZ


def forward(params, X):
    Z1 = params["W1"].dot(X) + params["b1"]
    A1 = relu(Z1)
    Z2 = params["W2"].dot(A1) + params["b2"]
    return Z2, (Z1, A1)


def loss(Z2, Y):
    return 0.5 / Y.shape[1] * np.sum((Z2 - Y) ** 2)


def backward(params, X, Y, Z2, cache):
    Z1, A1 = cache
    m = Y.shape[1]
    dZ2 = (Z2 - Y) / m
    dA1 = params["W2"].T.dot(dZ2)
    dZ1 = relu_backward(dA1, Z1)
    return {
        "W1": dZ1.dot(X.T),
        "b1": dZ1.sum(axis=1, keepdims=True),
        "W2": dZ2.dot(A1.T),
        "b2": dZ2.sum(axis=1, keepdims=True),
    }


def make(rng):
    params = {
        "W1": rng.normal(size=(5, 2)),
        "b1": rng.normal(size=(5, 1)),
        "W2": rng.normal(size=(3, 5)),
        "b2": rng.normal(size=(3, 1)),
    }
    return params, rng.normal(size=(2, 7)), rng.normal(size=(3, 7))
