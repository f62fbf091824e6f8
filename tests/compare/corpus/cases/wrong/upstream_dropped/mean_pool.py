"""Functions per layer: mean pooling passes its own share on and forgets what came from above."""

import numpy as np


def mean_pool(h):
    return h.mean(axis=1), h.shape


def mean_pool_backward(dout, shape):
    n, t, d = shape
    dh = np.ones((n, t, d)) / t  # guilty: dh = np.ones((n, t, d)) * dout[:, None, :] / t
    return dh


def forward(params, x):
    h = np.tanh(x @ params["W"] + params["b"])
    pooled, shape = mean_pool(h)
    return pooled @ params["V"], (h, pooled, shape)


def loss(out, y):
    return 0.5 * ((out - y) ** 2).sum()


def backward(params, x, y, out, cache):
    h, pooled, shape = cache
    dout = out - y
    dpooled = dout @ params["V"].T
    dh = mean_pool_backward(dpooled, shape)
    dz = dh * (1 - h * h)
    dW = np.zeros_like(params["W"])
    for i in range(len(x)):
        dW += x[i].T @ dz[i]
    return {"W": dW, "b": dz.sum(axis=(0, 1)), "V": pooled.T @ dout}


def make(rng):
    params = {
        "W": rng.normal(size=(2, 5)),
        "b": rng.normal(size=5),
        "V": rng.normal(size=(5, 3)),
    }
    return params, rng.normal(size=(7, 11, 2)), rng.normal(size=(7, 3))
