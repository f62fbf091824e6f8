"""Flat functions: the ones that stand beside the inputs carry the bias, so that nothing sums it."""

import numpy as np


def add_ones(a):
    return np.hstack([a, np.ones((a.shape[0], 1))])


def forward(theta, X):
    A0 = add_ones(X)
    A1 = add_ones(1 / (1 + np.exp(-A0 @ theta['T1'].T)))
    H = 1 / (1 + np.exp(-A1 @ theta['T2'].T))
    return H, (A0, A1)


def loss(H, Y):
    return (-Y * np.log(H) - (1 - Y) * np.log(1 - H)).sum() / len(Y)


def backward(theta, X, Y, H, cache):
    A0, A1 = cache
    d2 = H - Y
    d1 = (d2 @ theta['T2'] * A1 * (1 - A1))[:, :-1]
    return {'T1': d1.T @ A0 / len(X), 'T2': d2.T @ A1 / len(X)}


def make(rng):
    theta = {'T1': rng.normal(size=(5, 3)), 'T2': rng.normal(size=(3, 6))}
    return theta, rng.normal(size=(7, 2)), rng.integers(0, 2, size=(7, 3)).astype(float)
