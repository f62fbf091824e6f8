"""Flat functions: both slopes are taken at activations, as a printed tutorial has it."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x):
    return sigmoid(x) * (1 - sigmoid(x))


def forward_propagation(input_data, hidden, output):
    hidden_input = np.dot(input_data, hidden['weights']) + hidden['bias']
    hidden_output = sigmoid(hidden_input)
    output_input = np.dot(hidden_output, output['weights']) + output['bias']
    return hidden_input, hidden_output, output_input, sigmoid(output_input)


def forward(params, inputs):
    cache = forward_propagation(inputs, params['hidden'], params['output'])
    return cache[-1], cache


def loss(output, targets):
    return 0.5 * np.sum((targets - output) ** 2)


def backward(params, inputs, targets, output, cache, lr):
    hidden_in, hidden_out, output_in, prediction = cache
    hidden_layer, output_layer = params['hidden'], params['output']
    output_error = targets - prediction
    output_gradient = output_error * sigmoid_derivative(prediction)  # guilty: output_gradient = output_error * sigmoid_derivative(output_in)

    hidden_error = np.dot(output_gradient, output_layer['weights'].T)
    hidden_gradient = hidden_error * sigmoid_derivative(hidden_out)  # guilty: hidden_gradient = hidden_error * sigmoid_derivative(hidden_in)

    output_layer['weights'] += lr * np.dot(hidden_out.T, output_gradient)
    output_layer['bias'] += lr * np.sum(output_gradient, axis=0)
    hidden_layer['weights'] += lr * np.dot(inputs.T, hidden_gradient)
    hidden_layer['bias'] += lr * np.sum(hidden_gradient, axis=0)


def make(rng):
    params = {
        'hidden': {'weights': rng.normal(size=(2, 5)), 'bias': rng.normal(size=5)},
        'output': {'weights': rng.normal(size=(5, 3)), 'bias': rng.normal(size=3)},
    }
    return params, rng.normal(size=(7, 2)), rng.uniform(size=(7, 3))
