"""Autoencoder with tied weights: both shares in one expression, one of them transposed."""

import numpy as np


def logistic(x):
    return 1 / (1 + np.exp(-x))


def forward(params, x):
    code = logistic(x @ params["W"])
    return logistic(code @ params["W"].T), code


def loss(r, x):
    return -np.sum(x * np.log(r) + (1 - x) * np.log(1 - r))


def backward(params, x, target, r, code):
    d_out = r - target
    d_code = d_out @ params["W"] * code * (1 - code)
    return {"W": x.T @ d_code + d_out.T @ code}


def make(rng):
    x = rng.uniform(size=(7, 5))
    return {"W": rng.normal(size=(5, 3))}, x, x.copy()
