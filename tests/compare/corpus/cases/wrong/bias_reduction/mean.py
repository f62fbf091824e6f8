"""Flat functions: biases are averaged over the samples while weights are summed."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def forward(params, x):
    a1 = sigmoid(x @ params["w1"] + params["b1"])
    a2 = sigmoid(a1 @ params["w2"] + params["b2"])
    return a2, (a1, a2)


def loss(a2, y):
    return 0.5 * np.sum((a2 - y) ** 2)


def backward(params, x, y, output, cache):
    a1, a2 = cache
    delta2 = (a2 - y) * a2 * (1 - a2)
    delta1 = delta2 @ params["w2"].T * a1 * (1 - a1)
    grads = {}
    grads["w2"] = a1.T @ delta2
    grads["b2"] = np.mean(delta2, axis=0)  # guilty: grads["b2"] = np.sum(delta2, axis=0)
    grads["w1"] = x.T @ delta1
    grads["b1"] = np.mean(delta1, axis=0)  # guilty: grads["b1"] = np.sum(delta1, axis=0)
    return grads


def make(rng):
    params = {
        "w1": rng.normal(size=(2, 5)),
        "b1": rng.normal(size=5),
        "w2": rng.normal(size=(5, 3)),
        "b2": rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 2)), rng.uniform(size=(7, 3))
