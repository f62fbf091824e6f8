"""Per-layer backward with caches: the ReLU returns its mask without the upstream gradient."""

import numpy as np


def affine_forward(x, w, b):
    out = np.dot(x, w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx = np.dot(dout, w.T)
    dw = np.dot(x.T, dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    dx = np.where(cache > 0, 1.0, 0.0)  # guilty: dx = np.where(cache > 0, dout, 0.0)
    return dx


def forward(params, inputs):
    h, cache1 = affine_forward(inputs, params['W1'], params['b1'])
    r, cache_relu = relu_forward(h)
    out, cache2 = affine_forward(r, params['W2'], params['b2'])
    return out, (cache1, cache_relu, cache2)


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, inputs, y, out, cache):
    cache1, cache_relu, cache2 = cache
    dr, dw2, db2 = affine_backward(out - y, cache2)
    dh = relu_backward(dr, cache_relu)
    dx, dw1, db1 = affine_backward(dh, cache1)
    return {'W1': dw1, 'b1': db1, 'W2': dw2, 'b2': db2}


def make(rng):
    params = {
        'W1': rng.normal(size=(2, 5)),
        'b1': rng.normal(size=5),
        'W2': rng.normal(size=(5, 3)),
        'b2': rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
