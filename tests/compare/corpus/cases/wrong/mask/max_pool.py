"""Max-pooling by masks: the window is compared with the maximum of the whole array."""

import numpy as np


def forward(params, x):
    n = x.shape[0]
    z = x @ params["kernel"]
    windows = z.reshape(n, -1, 2)
    pooled = windows.max(axis=2)
    out = pooled @ params["head"]
    return out, (windows, pooled)


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, x, y, out, cache):
    windows, pooled = cache
    d_out = out - y
    d_pooled = d_out @ params["head"].T
    mask = windows == windows.max()  # guilty: mask = windows == windows.max(axis=2, keepdims=True)
    d_windows = mask * d_pooled[:, :, None]
    d_z = d_windows.reshape(x.shape[0], -1)
    return {"kernel": x.T @ d_z, "head": pooled.T @ d_out}


def make(rng):
    params = {"kernel": rng.normal(size=(3, 10)), "head": rng.normal(size=(5, 2))}
    return params, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
