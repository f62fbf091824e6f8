"""Dropout with a given mask: the mask is forgotten on the way back."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def forward(params, inputs):
    x, mask = inputs
    h = sigmoid(x @ params["W1"] + params["b1"])
    d = h * mask / 0.6
    out = d @ params["W2"] + params["b2"]
    return out, (h, d)


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, inputs, y, out, cache):
    x, mask = inputs
    h, d = cache
    dout = out - y
    dd = dout @ params["W2"].T  # guilty: dd = dout @ params["W2"].T * mask / 0.6
    dh = dd  # or: dh = dd * mask / 0.6
    dz = dh * h * (1 - h)  # or: dz = dh * mask / 0.6 * h * (1 - h)
    return {
        "W1": x.T @ dz,
        "b1": dz.sum(axis=0),
        "W2": d.T @ dout,
        "b2": dout.sum(axis=0),
    }


def make(rng):
    params = {
        "W1": rng.normal(size=(2, 5)),
        "b1": rng.normal(size=5),
        "W2": rng.normal(size=(5, 3)),
        "b2": rng.normal(size=3),
    }
    mask = (rng.uniform(size=(7, 5)) < 0.6).astype(float)
    return params, (rng.normal(size=(7, 2)), mask), rng.normal(size=(7, 3))
