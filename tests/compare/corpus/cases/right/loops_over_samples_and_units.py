"""Loops over samples and units: sums are written as loops that accumulate."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(params, X):
    A = sigmoid(X @ params['W1'].T + params['b1'])
    return A @ params['W2'].T + params['b2'], A


def loss(out, Y):
    return np.sum((out - Y) ** 2) / (2 * len(Y))


def backward(params, X, Y, out, A):
    m = len(X)
    Delta1 = np.zeros_like(params['W1'])
    Delta2 = np.zeros_like(params['W2'])
    db1 = np.zeros_like(params['b1'])
    db2 = np.zeros_like(params['b2'])
    for i in range(m):
        delta2 = out[i] - Y[i]
        for k in range(len(delta2)):
            Delta2[k] += delta2[k] * A[i]
            db2[k] += delta2[k]
        delta1 = np.dot(params['W2'].T, delta2) * A[i] * (1 - A[i])
        for j in range(len(delta1)):
            Delta1[j] += delta1[j] * X[i]
            db1[j] += delta1[j]
    return {'W1': Delta1 / m, 'b1': db1 / m, 'W2': Delta2 / m, 'b2': db2 / m}


def make(rng):
    params = {
        'W1': rng.normal(size=(5, 2)),
        'b1': rng.normal(size=5),
        'W2': rng.normal(size=(3, 5)),
        'b2': rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
