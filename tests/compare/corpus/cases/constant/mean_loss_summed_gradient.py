"""Flat functions: the loss is a mean over samples, the gradient a sum."""

import numpy as np

N = 7
FACTOR = dict.fromkeys(["W1", "b1", "W2", "b2"], "N")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def forward(params, X):
    a1 = sigmoid(X @ params['W1'] + params['b1'])
    a2 = sigmoid(a1 @ params['W2'] + params['b2'])
    return a2, (a1, a2)


def loss(a2, y):
    return 0.5 * np.mean(np.sum((y - a2) ** 2, axis=1))


def backward(params, X, y, output, cache):
    a1, a2 = cache
    delta2 = (a2 - y) * a2 * (1 - a2)
    delta1 = (delta2 @ params['W2'].T) * a1 * (1 - a1)
    return {
        'W1': X.T @ delta1,
        'b1': delta1.sum(axis=0),
        'W2': a1.T @ delta2,
        'b2': delta2.sum(axis=0),
    }


def make(rng):
    params = {
        'W1': rng.normal(size=(2, 5)),
        'b1': rng.normal(size=5),
        'W2': rng.normal(size=(5, 3)),
        'b2': rng.normal(size=3),
    }
    return params, rng.normal(size=(N, 2)), rng.uniform(size=(N, 3))
