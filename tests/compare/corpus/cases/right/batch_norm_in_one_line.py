"""Batch norm, per-layer backward: one formula, from which the terms that are zero are gone."""

import numpy as np


def batchnorm_forward(x, gamma, beta):
    mean = np.mean(x, axis=0)
    var = np.mean((x - mean) ** 2, axis=0)
    ivar = 1.0 / np.sqrt(var + 1e-5)
    xhat = (x - mean) * ivar
    return gamma * xhat + beta, (xhat, gamma, ivar)


def batchnorm_backward(dout, cache):
    xhat, gamma, ivar = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dx = (gamma * ivar / N) * (N * dout - dbeta - xhat * dgamma)
    return dx, dgamma, dbeta


def forward(params, x):
    a, cache_bn = batchnorm_forward(x @ params['W'], params['gamma'], params['beta'])
    h = 1 / (1 + np.exp(-a))
    return h @ params['V'], (h, cache_bn)


def loss(out, y):
    return np.sum((out - y) ** 2) / 2


def backward(params, x, y, out, cache):
    h, cache_bn = cache
    dout = out - y
    da = dout @ params['V'].T * h * (1 - h)
    dz, dgamma, dbeta = batchnorm_backward(da, cache_bn)
    return {'W': x.T @ dz, 'gamma': dgamma, 'beta': dbeta, 'V': h.T @ dout}


def make(rng):
    params = {
        'W': rng.normal(size=(3, 5)),
        'gamma': rng.normal(size=5),
        'beta': rng.normal(size=5),
        'V': rng.normal(size=(5, 2)),
    }
    return params, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
