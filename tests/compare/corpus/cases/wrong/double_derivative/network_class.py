"""Class, column vectors: the hidden slope is taken at the stored activation."""

import numpy as np


def sigmoid(z):
    """The sigmoid function."""
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    """Derivative of the sigmoid function."""
    return sigmoid(z) * (1 - sigmoid(z))


class Network:
    def __init__(self, weights, biases):
        self.weights = weights
        self.biases = biases
        self.num_layers = len(weights) + 1

    def feedforward(self, x):
        self.zs = []
        self.activations = [x]
        for w, b in zip(self.weights, self.biases):
            z = np.dot(w, self.activations[-1]) + b
            self.zs.append(z)
            self.activations.append(sigmoid(z))
        return self.activations[-1]

    def backprop(self, y):
        nabla_w = [None] * len(self.weights)
        nabla_b = [None] * len(self.biases)
        delta = (self.activations[-1] - y) * sigmoid_prime(self.zs[-1])
        nabla_b[-1] = delta.sum(axis=1, keepdims=True)
        nabla_w[-1] = np.dot(delta, self.activations[-2].T)
        for l in range(2, self.num_layers):
            sp = sigmoid_prime(self.activations[-l])  # guilty: sp = sigmoid_prime(self.zs[-l])
            delta = np.dot(self.weights[-l + 1].T, delta) * sp
            nabla_b[-l] = delta.sum(axis=1, keepdims=True)
            nabla_w[-l] = np.dot(delta, self.activations[-l - 1].T)
        return nabla_w, nabla_b


def forward(params, inputs):
    net = Network([params["w1"], params["w2"]], [params["b1"], params["b2"]])
    return net.feedforward(inputs), net


def loss(output, targets):
    return 0.5 * np.sum((output - targets) ** 2)


def backward(params, inputs, targets, output, net):
    (w1, w2), (b1, b2) = net.backprop(targets)
    return {"w1": w1, "b1": b1, "w2": w2, "b2": b2}


def make(rng):
    params = {
        "w1": rng.normal(size=(5, 2)),
        "b1": rng.normal(size=(5, 1)),
        "w2": rng.normal(size=(3, 5)),
        "b2": rng.normal(size=(3, 1)),
    }
    return params, rng.normal(size=(2, 7)), rng.uniform(size=(3, 7))
