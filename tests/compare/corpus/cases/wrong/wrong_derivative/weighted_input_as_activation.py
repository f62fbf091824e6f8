"""Flat functions, update rule: x(1 - x) is evaluated at weighted inputs."""

import numpy as np


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)  # guilty: return nonlin(x) * (1 - nonlin(x))
    return 1 / (1 + np.exp(-x))


def forward(params, X):
    u = X.dot(params['w0'])
    h = nonlin(u)
    v = h.dot(params['w1'])
    return nonlin(v), (u, h, v)


def loss(out, y):
    return 0.5 * ((y - out) ** 2).sum()


def backward(params, X, y, out, cache, lr):
    u, h, v = cache
    out_delta = (y - out) * out * (1 - out)
    h_delta = out_delta.dot(params['w1'].T) * nonlin(u, deriv=True)  # or: h_delta = out_delta.dot(params['w1'].T) * nonlin(h, deriv=True)
    params['w1'] += lr * h.T.dot(out_delta)
    params['w0'] += lr * X.T.dot(h_delta)


def make(rng):
    params = {'w0': rng.normal(size=(3, 5)), 'w1': rng.normal(size=(5, 2))}
    return params, rng.normal(size=(7, 3)), rng.uniform(size=(7, 2))
