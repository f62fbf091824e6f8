"""One letter a layer: the derivative of softplus has the sign of its exponent wrong."""

import numpy as np


def softplus(x):
    return np.log(1 + np.exp(x))


def d_softplus(x):
    return 1 / (1 + np.exp(x))  # guilty: return 1 / (1 + np.exp(-x))


def forward(p, x):
    u = x @ p["A"] + p["a"]
    v = softplus(u)
    return v @ p["B"] + p["b"], (u, v)


def loss(out, y):
    return ((out - y) ** 2).sum() / 2


def backward(p, x, y, out, cache):
    u, v = cache
    g = out - y
    gB = v.T @ g
    gb = g.sum(axis=0)
    gv = g @ p["B"].T
    gu = gv * d_softplus(u)
    return {"A": x.T @ gu, "a": gu.sum(axis=0), "B": gB, "b": gb}


def make(rng):
    p = {
        "A": rng.normal(size=(2, 5)),
        "a": rng.normal(size=5),
        "B": rng.normal(size=(5, 3)),
        "b": rng.normal(size=3),
    }
    return p, rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
