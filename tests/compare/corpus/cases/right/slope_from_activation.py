"""Flat functions, update rule: x(1 - x) is called with activations, where it is the slope."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x):
    return x * (1 - x)


def forward(params, X):
    hidden = sigmoid(np.dot(X, params['hidden_weights']) + params['hidden_bias'])
    predicted = sigmoid(np.dot(hidden, params['output_weights']) + params['output_bias'])
    return predicted, hidden


def loss(predicted, expected):
    return 0.5 * np.sum((expected - predicted) ** 2)


def backward(params, X, expected, predicted, hidden, lr):
    error = expected - predicted
    d_predicted = error * sigmoid_derivative(predicted)
    error_hidden = d_predicted.dot(params['output_weights'].T)
    d_hidden = error_hidden * sigmoid_derivative(hidden)
    params['output_weights'] += hidden.T.dot(d_predicted) * lr
    params['output_bias'] += np.sum(d_predicted, axis=0, keepdims=True) * lr
    params['hidden_weights'] += X.T.dot(d_hidden) * lr
    params['hidden_bias'] += np.sum(d_hidden, axis=0, keepdims=True) * lr


def make(rng):
    params = {
        'hidden_weights': rng.normal(size=(2, 5)),
        'hidden_bias': rng.normal(size=(1, 5)),
        'output_weights': rng.normal(size=(5, 3)),
        'output_bias': rng.normal(size=(1, 3)),
    }
    return params, rng.normal(size=(7, 2)), rng.uniform(size=(7, 3))
