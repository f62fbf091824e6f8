"""Layer norm, step by step: the term that comes through the mean is missing."""

import numpy as np


def layernorm_forward(x, gain, bias):
    mean = np.mean(x, axis=-1, keepdims=True)
    centered = x - mean
    var = np.mean(centered ** 2, axis=-1, keepdims=True)
    rstd = (var + 1e-6) ** -0.5
    norm = centered * rstd
    return norm * gain + bias, (norm, rstd)


def layernorm_backward(dy, gain, cache):
    norm, rstd = cache
    dnorm = dy * gain
    dx = rstd * (dnorm - norm * np.mean(dnorm * norm, axis=-1, keepdims=True))  # guilty: dx = rstd * (dnorm - np.mean(dnorm, axis=-1, keepdims=True) - norm * np.mean(dnorm * norm, axis=-1, keepdims=True))
    return dx, np.sum(dy * norm, axis=0), np.sum(dy, axis=0)


def forward(params, x):
    pre = x @ params["proj"]
    y, cache = layernorm_forward(pre, params["gain"], params["bias"])
    return y, cache


def loss(y, target):
    return 0.5 * np.sum((y - target) ** 2)


def backward(params, x, target, y, cache):
    dpre, dgain, dbias = layernorm_backward(y - target, params["gain"], cache)
    return {"proj": x.T @ dpre, "gain": dgain, "bias": dbias}


def make(rng):
    params = {
        "proj": rng.normal(size=(3, 5)),
        "gain": rng.normal(size=5),
        "bias": rng.normal(size=5),
    }
    return params, rng.normal(size=(7, 3)), rng.normal(size=(7, 5))
