"""Flat functions, update rule: the raw error goes back through the weights, not the delta."""

import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def sigmoid_derivative(a):
    return a * (1.0 - a)


def forward(weights, x):
    layer1 = sigmoid(np.dot(x, weights['weights1']))
    output = sigmoid(np.dot(layer1, weights['weights2']))
    return output, layer1


def loss(output, y):
    return np.sum((y - output) ** 2)


def backward(weights, x, y, output, layer1, lr):
    error = 2 * (y - output)
    d_output = error * sigmoid_derivative(output)
    layer1_error = np.dot(error, weights['weights2'].T)  # guilty: layer1_error = np.dot(d_output, weights['weights2'].T)
    d_layer1 = layer1_error * sigmoid_derivative(layer1)
    weights['weights1'] += lr * np.dot(x.T, d_layer1)
    weights['weights2'] += lr * np.dot(layer1.T, d_output)


def make(rng):
    weights = {'weights1': rng.normal(size=(3, 5)), 'weights2': rng.normal(size=(5, 2))}
    return weights, rng.normal(size=(7, 3)), rng.uniform(size=(7, 2))
