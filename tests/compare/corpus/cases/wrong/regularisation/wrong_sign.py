"""Flat functions, update rule: weight decay makes the output weights grow."""

import numpy as np

DECAY = 0.2


def forward(w, x):
    a = np.tanh(x @ w["in"])
    return a @ w["out"], a


def loss(pred, y, w):
    fit = 0.5 * np.sum((pred - y) ** 2)
    return fit + 0.5 * DECAY * (np.sum(w["in"] ** 2) + np.sum(w["out"] ** 2))


def backward(w, x, y, pred, a, lr):
    e = pred - y
    g_out = a.T @ e
    g_in = x.T @ ((e @ w["out"].T) * (1 - a ** 2))
    w["in"] -= lr * (g_in + DECAY * w["in"])
    w["out"] -= lr * (g_out - DECAY * w["out"])  # guilty: w["out"] -= lr * (g_out + DECAY * w["out"])


def make(rng):
    w = {"in": rng.normal(size=(3, 5)), "out": rng.normal(size=(5, 2))}
    return w, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
