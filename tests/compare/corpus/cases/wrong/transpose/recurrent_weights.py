"""RNN over time, column vectors: the recurrent weights are not transposed on the way back."""

import numpy as np


def forward(params, inputs):
    hs = [np.zeros((5, 1))]
    for x in inputs:
        hs.append(np.tanh(params["Wxh"] @ x + params["Whh"] @ hs[-1] + params["bh"]))
    return params["Why"] @ hs[-1] + params["by"], hs


def loss(y, target):
    return 0.5 * np.sum((y - target) ** 2)


def backward(params, inputs, target, y, hs):
    grads = {k: np.zeros_like(v) for k, v in params.items()}
    dy = y - target
    grads["Why"] = dy @ hs[-1].T
    grads["by"] = dy
    dh = params["Why"].T @ dy
    for t in reversed(range(len(inputs))):
        draw = (1 - hs[t + 1] ** 2) * dh
        grads["bh"] += draw
        grads["Wxh"] += draw @ inputs[t].T
        grads["Whh"] += draw @ hs[t].T
        dh = params["Whh"] @ draw  # guilty: dh = params["Whh"].T @ draw
    return grads


def make(rng):
    params = {
        "Wxh": rng.normal(size=(5, 3)),
        "Whh": rng.normal(size=(5, 5)) * 0.5,
        "Why": rng.normal(size=(2, 5)),
        "bh": rng.normal(size=(5, 1)),
        "by": rng.normal(size=(2, 1)),
    }
    return params, rng.normal(size=(7, 3, 1)), rng.normal(size=(2, 1))
