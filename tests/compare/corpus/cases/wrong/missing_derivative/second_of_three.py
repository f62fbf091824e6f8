"""Unrolled by hand, three layers: the middle layer's slope is forgotten."""

import numpy as np


def logistic(t):
    return 1.0 / (1.0 + np.exp(-t))


def forward(p, x):
    l1 = logistic(x.dot(p['syn0']))
    l2 = logistic(l1.dot(p['syn1']))
    l3 = l2.dot(p['syn2'])
    return l3, [l1, l2]


def loss(out, y):
    return np.mean((out - y) ** 2)


def backward(p, x, y, out, layers):
    l1, l2 = layers
    l3_delta = 2 * (out - y) / y.size
    l2_error = l3_delta.dot(p['syn2'].T)
    l2_delta = l2_error * l2 * (1 - l2)
    l1_delta = l2_delta.dot(p['syn1'].T)  # guilty: l1_delta = l2_delta.dot(p['syn1'].T) * l1 * (1 - l1)
    return {
        'syn0': x.T.dot(l1_delta),
        'syn1': l1.T.dot(l2_delta),
        'syn2': l2.T.dot(l3_delta),
    }


def make(rng):
    p = {
        'syn0': rng.normal(size=(3, 5)),
        'syn1': rng.normal(size=(5, 7)),
        'syn2': rng.normal(size=(7, 2)),
    }
    return p, rng.normal(size=(11, 3)), rng.normal(size=(11, 2))
