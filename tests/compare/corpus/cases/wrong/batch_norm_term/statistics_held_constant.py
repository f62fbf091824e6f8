"""Batch norm, per-layer backward: mean and variance are taken for constants."""

import numpy as np


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mu) * inv_std
    return gamma * x_hat + beta, (x_hat, inv_std, gamma)


def batchnorm_backward(dout, cache):
    x_hat, inv_std, gamma = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    dx = dx_hat * inv_std  # guilty: dx = inv_std * (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0))
    return dx, dgamma, dbeta


def forward(params, x):
    z = x @ params["W1"]
    n, bn_cache = batchnorm_forward(z, params["gamma"], params["beta"])
    h = np.tanh(n)
    return h @ params["W2"], (h, bn_cache)


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, x, y, out, cache):
    h, bn_cache = cache
    dout = out - y
    dW2 = h.T @ dout
    dn = dout @ params["W2"].T * (1 - h ** 2)
    dz, dgamma, dbeta = batchnorm_backward(dn, bn_cache)
    return {"W1": x.T @ dz, "gamma": dgamma, "beta": dbeta, "W2": dW2}


def make(rng):
    params = {
        "W1": rng.normal(size=(3, 5)),
        "gamma": rng.normal(size=5),
        "beta": rng.normal(size=5),
        "W2": rng.normal(size=(5, 2)),
    }
    return params, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
