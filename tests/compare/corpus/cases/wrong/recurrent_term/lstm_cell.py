"""LSTM cell over time: the cell's gradient from the next step is not added."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def forward(params, x):
    n, d = x.shape[1], 3
    h, c = np.zeros((n, d)), np.zeros((n, d))
    cache = []
    for xt in x:
        a = xt @ params['Wx'] + h @ params['Wh'] + params['b']
        i = sigmoid(a[:, :d])
        f = sigmoid(a[:, d:2 * d])
        o = sigmoid(a[:, 2 * d:3 * d])
        g = np.tanh(a[:, 3 * d:])
        c_prev, h_prev = c, h
        c = f * c_prev + i * g
        h = o * np.tanh(c)
        cache.append((xt, h_prev, c_prev, i, f, o, g, c))
    return h, cache


def loss(h, y):
    return 0.5 * np.sum((h - y) ** 2)


def backward(params, x, y, h, cache):
    dWx, dWh = np.zeros_like(params['Wx']), np.zeros_like(params['Wh'])
    db = np.zeros_like(params['b'])
    dh = h - y
    dc_next = np.zeros_like(dh)
    for xt, h_prev, c_prev, i, f, o, g, c in reversed(cache):
        tc = np.tanh(c)
        dc = dh * o * (1 - tc ** 2)  # guilty: dc = dh * o * (1 - tc ** 2) + dc_next
        do = dh * tc
        di, dg, df = dc * g, dc * i, dc * c_prev
        dc_next = dc * f
        da = np.hstack([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g ** 2)])
        dWx += xt.T @ da
        dWh += h_prev.T @ da
        db += da.sum(axis=0)
        dh = da @ params['Wh'].T
    return {'Wx': dWx, 'Wh': dWh, 'b': db}


def make(rng):
    params = {
        'Wx': rng.normal(size=(2, 12)),
        'Wh': rng.normal(size=(3, 12)),
        'b': rng.normal(size=12),
    }
    return params, rng.normal(size=(5, 7, 2)), rng.uniform(-1, 1, size=(7, 3))
