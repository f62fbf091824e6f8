"""Max-pooling: the gradient is put where the maximum was found, by fancy indexing."""

import numpy as np


def forward(params, x):
    z = np.tanh(x @ params['kernel'])
    windows = z.reshape(len(x), 5, 2)
    winners = np.argmax(windows, axis=2)
    n, w = np.indices(winners.shape)
    pooled = windows[n, w, winners]
    return pooled @ params['head'], (z, winners, pooled)


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, x, y, out, cache):
    z, winners, pooled = cache
    dout = out - y
    dwindows = np.zeros((len(x), 5, 2))
    n, w = np.indices(winners.shape)
    dwindows[n, w, winners] = dout @ params['head'].T
    dz = dwindows.reshape(z.shape) * (1 - z ** 2)
    return {'kernel': x.T @ dz, 'head': pooled.T @ dout}


def make(rng):
    params = {'kernel': rng.normal(size=(3, 10)), 'head': rng.normal(size=(5, 2))}
    return params, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
