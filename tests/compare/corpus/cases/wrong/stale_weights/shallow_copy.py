"""Dictionaries, update rule: the copy of the old weights is a shallow one."""

import numpy as np


def forward(theta, x):
    h = np.tanh(x @ theta['W1'] + theta['b1'])
    return h @ theta['W2'] + theta['b2'], {'h': h}


def loss(out, t):
    return ((out - t) ** 2).sum() / 2


def backward(theta, x, t, out, cache, lr):
    old = theta.copy()  # guilty: old = {key: value.copy() for key, value in theta.items()}
    # mend: W2 = theta['W2'].copy()
    h = cache['h']
    d2 = out - t
    theta['W2'] -= lr * h.T @ d2
    theta['b2'] -= lr * d2.sum(axis=0)
    d1 = (d2 @ old['W2'].T) * (1 - h ** 2)  # or: d1 = (d2 @ W2.T) * (1 - h ** 2)
    theta['W1'] -= lr * x.T @ d1
    theta['b1'] -= lr * d1.sum(axis=0)


def make(rng):
    theta = {
        'W1': rng.normal(size=(3, 5)),
        'b1': rng.normal(size=5),
        'W2': rng.normal(size=(5, 2)),
        'b2': rng.normal(size=2),
    }
    return theta, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
