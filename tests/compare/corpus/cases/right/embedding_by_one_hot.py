"""Embeddings: repeated words are counted by a product with one-hot rows."""

import numpy as np


def one_hot(tokens, size):
    rows = np.zeros((tokens.size, size))
    rows[np.arange(tokens.size), tokens.ravel()] = 1
    return rows


def forward(params, tokens):
    vectors = params["E"][tokens]
    h = np.tanh(vectors.sum(axis=1))
    return h @ params["W"], (vectors, h)


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, tokens, y, out, cache):
    vectors, h = cache
    dout = out - y
    dh = (dout @ params["W"].T) * (1 - h ** 2)
    dvec = np.broadcast_to(dh[:, None, :], vectors.shape).reshape(-1, vectors.shape[-1])
    return {"E": one_hot(tokens, len(params["E"])).T @ dvec, "W": h.T @ dout}


def make(rng):
    params = {"E": rng.normal(size=(11, 5)), "W": rng.normal(size=(5, 3))}
    return params, rng.integers(0, 11, size=(7, 13)), rng.normal(size=(7, 3))
