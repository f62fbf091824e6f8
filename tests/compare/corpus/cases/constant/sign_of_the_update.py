"""Flat functions, update rule: the step goes uphill."""

import numpy as np

FACTOR = {"W": "-1", "b": "-1", "V": "-1", "c": "-1"}


def forward(p, x):
    h = np.tanh(x @ p["W"] + p["b"])
    return h @ p["V"] + p["c"], h


def loss(out, t):
    return 0.5 * np.sum((out - t) ** 2)


def backward(p, x, t, out, h, lr):
    d_out = out - t
    d_h = d_out @ p["V"].T * (1 - h ** 2)
    p["V"] += lr * h.T @ d_out
    p["c"] += lr * d_out.sum(axis=0)
    p["W"] += lr * x.T @ d_h
    p["b"] += lr * d_h.sum(axis=0)


def make(rng):
    p = {
        "W": rng.normal(size=(2, 5)),
        "b": rng.normal(size=5),
        "V": rng.normal(size=(5, 3)),
        "c": rng.normal(size=3),
    }
    return p, rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
