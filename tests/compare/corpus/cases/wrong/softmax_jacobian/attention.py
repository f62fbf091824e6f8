"""Attention: the scores' gradient keeps only the diagonal of the softmax's Jacobian."""

import numpy as np


def softmax(s):
    s = s - np.max(s, axis=-1, keepdims=True)
    e = np.exp(s)
    return e / np.sum(e, axis=-1, keepdims=True)


def forward(params, x):
    q = x @ params["Wq"]
    k = x @ params["Wk"]
    v = x @ params["Wv"]
    scale = 1 / np.sqrt(q.shape[-1])
    attn = softmax(q @ k.T * scale)
    out = attn @ v
    return out, (q, k, v, attn, scale)


def loss(out, target):
    return 0.5 * np.sum((out - target) ** 2)


def backward(params, x, target, out, cache):
    q, k, v, attn, scale = cache
    dout = out - target
    dattn = dout @ v.T
    dv = attn.T @ dout
    dscores = dattn * attn * (1 - attn)  # guilty: dscores = attn * (dattn - np.sum(dattn * attn, axis=-1, keepdims=True))
    dq = dscores @ k * scale
    dk = dscores.T @ q * scale
    return {"Wq": x.T @ dq, "Wk": x.T @ dk, "Wv": x.T @ dv}


def make(rng):
    params = {
        "Wq": rng.normal(size=(5, 3)),
        "Wk": rng.normal(size=(5, 3)),
        "Wv": rng.normal(size=(5, 2)),
    }
    return params, rng.normal(size=(7, 5)), rng.normal(size=(7, 2))
