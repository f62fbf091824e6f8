"""Dictionaries, features first: squared error is measured, cross-entropy is differentiated."""

import numpy as np


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z)), Z


def sigmoid_backward(dA, Z):
    s = 1 / (1 + np.exp(-Z))
    return dA * s * (1 - s)


def tanh_backward(dA, A):
    return dA * (1 - np.power(A, 2))


def forward(params, X):
    A1 = np.tanh(np.dot(params['W1'], X) + params['b1'])
    AL, Z2 = sigmoid(np.dot(params['W2'], A1) + params['b2'])
    return AL, (A1, Z2)


def loss(AL, Y):
    m = Y.shape[1]
    return np.sum((AL - Y) ** 2) / (2 * m)


def backward(params, X, Y, AL, caches):
    A1, Z2 = caches
    m = X.shape[1]
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))  # guilty: dAL = AL - Y
    dZ2 = sigmoid_backward(dAL, Z2)
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dA1 = np.dot(params['W2'].T, dZ2)
    dZ1 = tanh_backward(dA1, A1)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}


def make(rng):
    params = {
        'W1': rng.normal(size=(5, 3)),
        'b1': rng.normal(size=(5, 1)),
        'W2': rng.normal(size=(1, 5)),
        'b2': rng.normal(size=(1, 1)),
    }
    return params, rng.normal(size=(3, 7)), rng.integers(0, 2, size=(1, 7)).astype(float)
