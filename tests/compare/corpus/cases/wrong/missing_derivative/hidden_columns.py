"""Dictionaries, features first: the hidden layer's slope is forgotten."""

import numpy as np


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def forward(parameters, X):
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = sigmoid(Z1)
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = sigmoid(Z2)
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    return A2, cache


def loss(A2, Y):
    m = Y.shape[1]
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m


def backward(parameters, X, Y, output, cache):
    m = X.shape[1]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dA1 = np.dot(parameters["W2"].T, dZ2)  # guilty: dA1 = np.dot(parameters["W2"].T, dZ2) * A1 * (1 - A1)
    dZ1 = dA1  # or: dZ1 = dA1 * A1 * (1 - A1)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def make(rng):
    parameters = {
        "W1": rng.normal(size=(5, 2)),
        "b1": rng.normal(size=(5, 1)),
        "W2": rng.normal(size=(1, 5)),
        "b2": rng.normal(size=(1, 1)),
    }
    return parameters, rng.normal(size=(2, 7)), rng.integers(0, 2, size=(1, 7)).astype(float)
