"""Per-layer backward with caches: tanh is applied again to its own output."""

import numpy as np


def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


def tanh_forward(x):
    out = np.tanh(x)
    return out, out


def tanh_backward(dout, cache):
    dx = dout * (1 - np.tanh(cache) ** 2)  # guilty: dx = dout * (1 - cache ** 2)
    return dx


def forward(params, inputs):
    s, c1 = affine_forward(inputs, params["w1"], params["b1"])
    h, c2 = tanh_forward(s)
    out, c3 = affine_forward(h, params["w2"], params["b2"])
    return out, (c1, c2, c3)


def loss(output, targets):
    return np.sum((output - targets) ** 2) / (2 * len(targets))


def backward(params, inputs, targets, output, cache):
    c1, c2, c3 = cache
    grads = {}
    dout = (output - targets) / len(targets)
    dh, grads["w2"], grads["b2"] = affine_backward(dout, c3)
    ds = tanh_backward(dh, c2)
    _, grads["w1"], grads["b1"] = affine_backward(ds, c1)
    return grads


def make(rng):
    params = {
        "w1": rng.normal(size=(3, 5)),
        "b1": rng.normal(size=5),
        "w2": rng.normal(size=(5, 2)),
        "b2": rng.normal(size=2),
    }
    return params, rng.normal(size=(11, 3)), rng.normal(size=(11, 2))
