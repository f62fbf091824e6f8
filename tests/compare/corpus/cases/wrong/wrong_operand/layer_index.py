"""Lists of layers in a loop: the index of the activation is one too low."""

import numpy as np


def forward(params, x):
    acts = [x]
    for W, b in zip(params["W"], params["b"]):
        acts.append(np.tanh(acts[-1] @ W + b))
    return acts[-1], acts


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, x, y, out, acts):
    n = len(params["W"])
    dW, db = [None] * n, [None] * n
    delta = (out - y) * (1 - out ** 2)
    for i in range(n - 1, -1, -1):
        dW[i] = acts[max(i - 1, 0)].T @ delta  # guilty: dW[i] = acts[i].T @ delta
        db[i] = delta.sum(axis=0)
        if i > 0:
            delta = delta @ params["W"][i].T * (1 - acts[i] ** 2)
    return {"W": dW, "b": db}


def make(rng):
    sizes = [5, 5, 5, 3]
    params = {
        "W": [rng.normal(size=(m, n)) * 0.7 for m, n in zip(sizes, sizes[1:])],
        "b": [rng.normal(size=n) * 0.7 for n in sizes[1:]],
    }
    return params, rng.normal(size=(7, 5)), rng.uniform(-1, 1, size=(7, 3))
