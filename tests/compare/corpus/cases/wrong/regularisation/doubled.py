"""Features first: the penalty has a half that its gradient does not know of."""

import numpy as np

lambd = 0.7


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(params, X):
    A = sigmoid(params["W"] @ X + params["b"])
    return A, A


def loss(A, Y, params):
    m = Y.shape[1]
    cross_entropy = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return cross_entropy + lambd / (2 * m) * np.sum(np.square(params["W"]))


def backward(params, X, Y, A, cache):
    m = X.shape[1]
    dZ = A - Y
    dW = np.dot(dZ, X.T) / m + 2 * lambd / m * params["W"]  # guilty: dW = np.dot(dZ, X.T) / m + lambd / m * params["W"]
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return {"W": dW, "b": db}


def make(rng):
    params = {"W": rng.normal(size=(3, 5)), "b": rng.normal(size=(3, 1))}
    return params, rng.normal(size=(5, 7)), rng.integers(0, 2, size=(3, 7)).astype(float)
