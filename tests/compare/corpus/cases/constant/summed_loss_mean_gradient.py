"""Features first: the loss is summed over samples, the gradient divided by their number."""

import numpy as np

N = 7
FACTOR = dict.fromkeys(["W1", "b1", "W2", "b2"], "1/N")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(params, X):
    A1 = np.tanh(np.dot(params["W1"], X) + params["b1"])
    A2 = sigmoid(np.dot(params["W2"], A1) + params["b2"])
    return A2, {"A1": A1, "A2": A2}


def loss(A2, Y):
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


def backward(params, X, Y, output, cache):
    m = X.shape[1]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = 1 / m * np.dot(dZ2, A1.T)
    db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.multiply(np.dot(params["W2"].T, dZ2), 1 - np.power(A1, 2))
    dW1 = 1 / m * np.dot(dZ1, X.T)
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def make(rng):
    params = {
        "W1": rng.normal(size=(5, 2)),
        "b1": rng.normal(size=(5, 1)),
        "W2": rng.normal(size=(3, 5)),
        "b2": rng.normal(size=(3, 1)),
    }
    return params, rng.normal(size=(2, N)), rng.integers(0, 2, size=(3, N)).astype(float)
