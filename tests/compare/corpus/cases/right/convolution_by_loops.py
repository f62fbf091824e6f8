"""Convolution by loops: windows are sliced, and what overlaps is accumulated."""

import numpy as np


def conv_forward(x, w, b):
    n, height, width = x.shape
    f, kh, kw = w.shape
    out = np.zeros((n, f, height - kh + 1, width - kw + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            patch = x[:, i:i + kh, j:j + kw]
            out[:, :, i, j] = np.tensordot(patch, w, axes=([1, 2], [1, 2])) + b
    return out


def conv_backward(dout, x, w):
    dw = np.zeros_like(w)
    db = np.zeros(w.shape[0])
    _, kh, kw = w.shape
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            for f in range(w.shape[0]):
                d = dout[:, f, i, j]
                dw[f] += np.sum(x[:, i:i + kh, j:j + kw] * d[:, None, None], axis=0)
                db[f] += np.sum(d)
    return dw, db


def forward(params, x):
    z = conv_forward(x, params['w'], params['b'])
    a = np.maximum(0, z)
    flat = a.reshape(len(x), -1)
    return flat @ params['v'], (z, flat)


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, x, y, out, cache):
    z, flat = cache
    dout = out - y
    da = (dout @ params['v'].T).reshape(z.shape)
    dw, db = conv_backward(da * (z > 0), x, params['w'])
    return {'w': dw, 'b': db, 'v': flat.T @ dout}


def make(rng):
    params = {
        'w': rng.normal(size=(3, 2, 2)),
        'b': rng.normal(size=3),
        'v': rng.normal(size=(3 * 4 * 3, 2)),
    }
    return params, rng.normal(size=(7, 5, 4)), rng.normal(size=(7, 2))
