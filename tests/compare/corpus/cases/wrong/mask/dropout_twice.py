"""Dropout with a given scaled mask, per-layer backward: the mask is applied twice."""

import numpy as np


def dropout_forward(x, mask):
    return x * mask, mask


def dropout_backward(dout, mask):
    return dout * mask


def forward(params, inputs):
    s = np.tanh(inputs['x'] @ params['w1'])
    h, mask = dropout_forward(s, inputs['mask'])
    out = h @ params['w2'] + params['b2']
    return out, {'s': s, 'h': h, 'mask': mask}


def loss(out, y):
    return np.sum((out - y) ** 2) / 2


def backward(params, inputs, y, out, cache):
    dout = out - y
    dw2 = cache['h'].T @ dout
    db2 = dout.sum(axis=0)
    dh = (dout @ params['w2'].T) * cache['mask']  # guilty: dh = dout @ params['w2'].T
    ds = dropout_backward(dh, cache['mask'])  # or: ds = dh
    dw1 = inputs['x'].T @ (ds * (1 - cache['s'] ** 2))
    return {'w1': dw1, 'w2': dw2, 'b2': db2}


def make(rng):
    params = {
        'w1': rng.normal(size=(3, 5)),
        'w2': rng.normal(size=(5, 2)),
        'b2': rng.normal(size=2),
    }
    mask = (rng.uniform(size=(7, 5)) < 0.7) / 0.7
    return params, {'x': rng.normal(size=(7, 3)), 'mask': mask}, rng.normal(size=(7, 2))
