"""RNN over time, batch first: what comes back from the next time step is dropped."""

import numpy as np


def forward(params, x):
    n, steps, _ = x.shape
    h = np.zeros((n, 5))
    hs = [h]
    outs = []
    for t in range(steps):
        h = np.tanh(x[:, t] @ params["Wx"] + h @ params["Wh"] + params["b"])
        hs.append(h)
        outs.append(h @ params["Wy"])
    return np.stack(outs, axis=1), hs


def loss(y, target):
    return 0.5 * np.sum((y - target) ** 2)


def backward(params, x, target, y, hs):
    dWx = np.zeros_like(params["Wx"])
    dWh = np.zeros_like(params["Wh"])
    db = np.zeros_like(params["b"])
    dWy = np.zeros_like(params["Wy"])
    dh_next = np.zeros_like(hs[0])
    for t in reversed(range(x.shape[1])):
        dy = y[:, t] - target[:, t]
        dWy += hs[t + 1].T @ dy
        dh = dy @ params["Wy"].T  # guilty: dh = dy @ params["Wy"].T + dh_next
        dz = dh * (1 - hs[t + 1] ** 2)  # or: dz = (dh + dh_next) * (1 - hs[t + 1] ** 2)
        dWx += x[:, t].T @ dz
        dWh += hs[t].T @ dz
        db += dz.sum(axis=0)
        dh_next = dz @ params["Wh"].T
    return {"Wx": dWx, "Wh": dWh, "b": db, "Wy": dWy}


def make(rng):
    params = {
        "Wx": rng.normal(size=(2, 5)),
        "Wh": rng.normal(size=(5, 5)) * 0.5,
        "b": rng.normal(size=5),
        "Wy": rng.normal(size=(5, 3)),
    }
    return params, rng.normal(size=(7, 11, 2)), rng.normal(size=(7, 11, 3))
