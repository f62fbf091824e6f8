"""Flat functions: softmax with squared error by p(1 - p)."""

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def forward(params, X):
    h = np.tanh(X @ params['W1'] + params['b1'])
    p = softmax(h @ params['W2'] + params['b2'])
    return p, h


def loss(p, Y):
    return 0.5 * np.sum((p - Y) ** 2)


def backward(params, X, Y, p, h):
    dp = p - Y
    dz2 = dp * p * (1 - p)  # guilty: dz2 = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
    dW2 = h.T @ dz2
    db2 = dz2.sum(axis=0)
    dz1 = dz2 @ params['W2'].T * (1 - h ** 2)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)
    return {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}


def make(rng):
    params = {
        'W1': rng.normal(size=(2, 5)),
        'b1': rng.normal(size=5),
        'W2': rng.normal(size=(5, 3)),
        'b2': rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 2)), np.eye(3)[rng.integers(0, 3, size=7)]
