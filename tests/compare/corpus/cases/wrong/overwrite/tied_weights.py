"""Autoencoder with tied weights: the encoder's share overwrites the decoder's."""

import numpy as np


def sig(x):
    return 1 / (1 + np.exp(-x))


def forward(params, x):
    code = sig(x @ params["W"] + params["b"])
    recon = code @ params["W"].T + params["c"]
    return recon, code


def loss(recon, x):
    return ((recon - x) ** 2).sum() / 2


def backward(params, x, target, recon, code):
    grads = {}
    d_recon = recon - target
    grads["W"] = d_recon.T @ code
    grads["c"] = d_recon.sum(axis=0)
    d_code = d_recon @ params["W"]
    d_pre = d_code * code * (1 - code)
    grads["W"] = x.T @ d_pre  # guilty: grads["W"] = grads["W"] + x.T @ d_pre
    grads["b"] = d_pre.sum(axis=0)
    return grads


def make(rng):
    params = {
        "W": rng.normal(size=(5, 3)),
        "b": rng.normal(size=3),
        "c": rng.normal(size=5),
    }
    x = rng.normal(size=(7, 5))
    return params, x, x.copy()
