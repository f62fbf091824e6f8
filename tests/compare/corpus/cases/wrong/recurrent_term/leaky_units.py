"""Leaky recurrent units: the part of the state that leaks through has no gradient."""

import numpy as np

LEAK = 0.3


def forward(params, seq):
    state = np.zeros((seq.shape[1], 5))
    states, pres = [state], []
    for u in seq:
        pre = u @ params["W_in"] + state @ params["W_rec"]
        state = (1 - LEAK) * state + LEAK * np.tanh(pre)
        states.append(state)
        pres.append(pre)
    return state @ params["W_out"], (states, pres)


def loss(y, target):
    return 0.5 * np.sum((y - target) ** 2)


def backward(params, seq, target, y, cache):
    states, pres = cache
    g = {name: np.zeros(w.shape) for name, w in params.items()}
    dy = y - target
    g["W_out"] += states[-1].T @ dy
    dstate = dy @ params["W_out"].T
    for t in range(len(seq) - 1, -1, -1):
        dpre = LEAK * dstate * (1 - np.tanh(pres[t]) ** 2)
        g["W_in"] += seq[t].T @ dpre
        g["W_rec"] += states[t].T @ dpre
        dstate = dpre @ params["W_rec"].T  # guilty: dstate = dpre @ params["W_rec"].T + (1 - LEAK) * dstate
    return g


def make(rng):
    params = {
        "W_in": rng.normal(size=(2, 5)),
        "W_rec": rng.normal(size=(5, 5)),
        "W_out": rng.normal(size=(5, 3)),
    }
    return params, rng.normal(size=(11, 7, 2)), rng.normal(size=(7, 3))
