"""Batch norm in a class: the term that comes through the variance is missing."""

import numpy as np


class BatchNorm:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta

    def forward(self, x):
        self.xc = x - x.mean(axis=0)
        self.std = np.sqrt(np.mean(self.xc ** 2, axis=0) + 1e-7)
        self.xn = self.xc / self.std
        return self.gamma * self.xn + self.beta

    def backward(self, dout):
        self.dbeta = dout.sum(axis=0)
        self.dgamma = np.sum(self.xn * dout, axis=0)
        dxn = self.gamma * dout
        dxc = dxn / self.std  # guilty: dxc = dxn / self.std - self.xc * np.mean(dxn * self.xc, axis=0) / self.std ** 3
        dmu = dxc.sum(axis=0)
        return dxc - dmu / len(dout)


def forward(params, x):
    bn = BatchNorm(params['gamma'], params['beta'])
    z = x @ params['W'] + params['b']
    out = bn.forward(z)
    return out, bn


def loss(out, y):
    return ((out - y) ** 2).sum() / 2


def backward(params, x, y, out, bn):
    dz = bn.backward(out - y)
    return {
        'W': x.T @ dz,
        'b': dz.sum(axis=0),
        'gamma': bn.dgamma,
        'beta': bn.dbeta,
    }


def make(rng):
    params = {
        'W': rng.normal(size=(5, 3)),
        'b': rng.normal(size=3),
        'gamma': rng.normal(size=3),
        'beta': rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 5)), rng.normal(size=(7, 3))
