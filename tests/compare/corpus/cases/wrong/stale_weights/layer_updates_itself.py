"""Layer classes, update rule: a layer changes its weights before it passes the error on."""

import numpy as np


class FullyConnected:
    def __init__(self, params):
        self.params = params

    def forward(self, x):
        self.x = x
        self.y = np.tanh(x @ self.params["W"] + self.params["b"])
        return self.y

    def backward(self, grad_y, lr):
        grad_z = grad_y * (1 - self.y ** 2)
        # mend: W = self.params["W"].copy()
        self.params["W"] -= lr * (self.x.T @ grad_z)
        self.params["b"] -= lr * grad_z.sum(axis=0)
        return grad_z @ self.params["W"].T  # guilty: return grad_z @ W.T


def forward(params, inputs):
    layers = [FullyConnected(params[name]) for name in ("fc1", "fc2", "fc3")]
    x = inputs
    for layer in layers:
        x = layer.forward(x)
    return x, layers


def loss(output, targets):
    return 0.5 * np.sum((output - targets) ** 2)


def backward(params, inputs, targets, output, layers, lr):
    grad = output - targets
    for layer in reversed(layers):
        grad = layer.backward(grad, lr)


def make(rng):
    sizes = [3, 5, 11, 2]
    params = {
        f"fc{i}": {"W": rng.normal(size=(m, n)), "b": rng.normal(size=n)}
        for i, (m, n) in enumerate(zip(sizes, sizes[1:]), start=1)
    }
    return params, rng.normal(size=(7, 3)), rng.uniform(-1, 1, size=(7, 2))
