"""Batch norm: the bias before the normalisation gets zeros, since the mean removes it."""

import numpy as np


def normalise(z):
    centred = z - z.mean(axis=0)
    scale = np.sqrt((centred ** 2).mean(axis=0) + 1e-3)
    return centred / scale, scale


def forward(params, x):
    n, scale = normalise(x @ params["W"] + params["b"])
    h = np.tanh(n)
    return h @ params["V"], (n, scale, h)


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, x, y, out, cache):
    n, scale, h = cache
    dout = out - y
    dn = dout @ params["V"].T * (1 - h ** 2)
    dz = (dn - dn.mean(axis=0) - n * (dn * n).mean(axis=0)) / scale
    return {"W": x.T @ dz, "b": np.zeros_like(params["b"]), "V": h.T @ dout}


def make(rng):
    params = {
        "W": rng.normal(size=(3, 5)),
        "b": rng.normal(size=5),
        "V": rng.normal(size=(5, 2)),
    }
    return params, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
