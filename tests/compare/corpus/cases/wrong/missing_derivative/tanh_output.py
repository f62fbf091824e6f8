"""Flat functions: the slope of the tanh at the output is forgotten."""

import numpy as np


def forward(params, inputs):
    z1 = inputs @ params['W1'] + params['b1']
    a1 = np.tanh(z1)
    z2 = a1 @ params['W2'] + params['b2']
    a2 = np.tanh(z2)
    return a2, (a1, a2)


def loss(output, targets):
    return 0.5 * np.sum((output - targets) ** 2)


def backward(params, inputs, targets, output, cache):
    a1, a2 = cache
    delta2 = a2 - targets  # guilty: delta2 = (a2 - targets) * (1 - a2 ** 2)
    dW2 = a1.T @ delta2
    db2 = delta2.sum(0)
    delta1 = (delta2 @ params['W2'].T) * (1 - a1 ** 2)
    dW1 = inputs.T @ delta1
    db1 = delta1.sum(0)
    return {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}


def make(rng):
    params = {
        'W1': rng.normal(size=(2, 5)),
        'b1': rng.normal(size=5),
        'W2': rng.normal(size=(5, 3)),
        'b2': rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 2)), rng.uniform(-1, 1, size=(7, 3))
