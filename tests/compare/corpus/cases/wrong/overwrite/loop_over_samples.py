"""Loop over samples: each sample's gradient replaces the one before."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(params, X):
    outputs = []
    hiddens = []
    for x in X:
        h = sigmoid(params['W1'] @ x + params['b1'])
        hiddens.append(h)
        outputs.append(params['W2'] @ h + params['b2'])
    return np.stack(outputs), hiddens


def loss(outputs, Y):
    return 0.5 * np.sum((outputs - Y) ** 2)


def backward(params, X, Y, outputs, hiddens):
    dW1 = np.zeros(params['W1'].shape)
    db1 = np.zeros(params['b1'].shape)
    dW2 = np.zeros(params['W2'].shape)
    db2 = np.zeros(params['b2'].shape)
    for x, y, out, h in zip(X, Y, outputs, hiddens):
        d2 = out - y
        dW2 += np.outer(d2, h)
        db2 += d2
        d1 = params['W2'].T @ d2 * h * (1 - h)
        dW1 = np.outer(d1, x)  # guilty: dW1 = dW1 + np.outer(d1, x)
        db1 += d1
    return {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}


def make(rng):
    params = {
        'W1': rng.normal(size=(5, 2)),
        'b1': rng.normal(size=5),
        'W2': rng.normal(size=(3, 5)),
        'b2': rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
