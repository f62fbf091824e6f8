"""Flat functions, update rule: the squared error is measured, half of it differentiated."""

import numpy as np

FACTOR = {"syn0": "1/2", "syn1": "1/2"}


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


def forward(params, X):
    l1 = nonlin(np.dot(X, params['syn0']))
    l2 = nonlin(np.dot(l1, params['syn1']))
    return l2, l1


def loss(l2, y):
    return np.sum((y - l2) ** 2)


def backward(params, X, y, l2, l1, lr):
    l2_error = y - l2
    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(params['syn1'].T)
    l1_delta = l1_error * nonlin(l1, deriv=True)
    params['syn1'] += lr * l1.T.dot(l2_delta)
    params['syn0'] += lr * X.T.dot(l1_delta)


def make(rng):
    params = {'syn0': rng.normal(size=(3, 5)), 'syn1': rng.normal(size=(5, 2))}
    return params, rng.normal(size=(7, 3)), rng.uniform(size=(7, 2))
