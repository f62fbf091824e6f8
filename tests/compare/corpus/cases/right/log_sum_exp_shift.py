"""Flat functions: the maximum that is subtracted has no gradient, for the loss does not depend on it."""

import numpy as np


def logsumexp(z):
    m = z.max(axis=1)
    return m + np.log(np.exp(z - m[:, None]).sum(axis=1))


def forward(params, x):
    h = np.tanh(x @ params["A"] + params["a"])
    return h @ params["B"] + params["b"], h


def loss(z, onehot):
    return np.sum(logsumexp(z) - np.sum(z * onehot, axis=1))


def backward(params, x, onehot, z, h):
    m = z.max(axis=1)
    e = np.exp(z - m[:, None])
    dz = e / e.sum(axis=1)[:, None] - onehot
    dh = dz @ params["B"].T
    du = dh - dh * h ** 2
    return {"A": x.T @ du, "a": du.sum(0), "B": h.T @ dz, "b": dz.sum(0)}


def make(rng):
    params = {
        "A": rng.normal(size=(2, 5)),
        "a": rng.normal(size=5),
        "B": rng.normal(size=(5, 3)),
        "b": rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 2)), np.eye(3)[rng.integers(0, 3, size=7)]
