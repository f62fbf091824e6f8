"""RNN over time, column vectors: the next step's share is added in place, scores' gradients by index."""

import numpy as np


def forward(params, inputs):
    xs, hs, ps = {}, {-1: np.zeros((5, 1))}, {}
    for t in range(len(inputs)):
        xs[t] = np.zeros((3, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(params["Wxh"] @ xs[t] + params["Whh"] @ hs[t - 1] + params["bh"])
        y = params["Why"] @ hs[t] + params["by"]
        ps[t] = np.exp(y) / np.sum(np.exp(y))
    return np.hstack([ps[t] for t in range(len(inputs))]), (xs, hs, ps)


def loss(probs, targets):
    return -np.sum(np.log(probs[targets, np.arange(len(targets))]))


def backward(params, inputs, targets, output, cache):
    xs, hs, ps = cache
    grads = {k: np.zeros_like(v) for k, v in params.items()}
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        grads["Why"] += np.dot(dy, hs[t].T)
        grads["by"] += dy
        dh = np.dot(params["Why"].T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        grads["bh"] += dhraw
        grads["Wxh"] += np.dot(dhraw, xs[t].T)
        grads["Whh"] += np.dot(dhraw, hs[t - 1].T)
        dhnext = np.dot(params["Whh"].T, dhraw)
    return grads


def make(rng):
    params = {
        "Wxh": rng.normal(size=(5, 3)),
        "Whh": rng.normal(size=(5, 5)) * 0.5,
        "Why": rng.normal(size=(3, 5)),
        "bh": rng.normal(size=(5, 1)),
        "by": rng.normal(size=(3, 1)),
    }
    return params, rng.integers(0, 3, size=7), rng.integers(0, 3, size=7)
