"""Flat functions, square weights: the error goes back through the weights untransposed."""

import numpy as np


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def forward(params, inputs):
    hid = sigmoid(inputs @ params["V"] + params["c"])
    out = sigmoid(hid @ params["U"] + params["d"])
    return out, (hid, out)


def loss(out, targets):
    return 0.5 * ((out - targets) ** 2).sum()


def backward(params, inputs, targets, output, cache):
    hid, out = cache
    g_out = (out - targets) * out * (1 - out)
    g_hid = (g_out @ params["U"]) * hid * (1 - hid)  # guilty: g_hid = (g_out @ params["U"].T) * hid * (1 - hid)
    return {
        "V": inputs.T @ g_hid,
        "c": g_hid.sum(axis=0),
        "U": hid.T @ g_out,
        "d": g_out.sum(axis=0),
    }


def make(rng):
    params = {
        "V": rng.normal(size=(2, 5)),
        "c": rng.normal(size=5),
        "U": rng.normal(size=(5, 5)),
        "d": rng.normal(size=5),
    }
    return params, rng.normal(size=(7, 2)), rng.uniform(size=(7, 5))
