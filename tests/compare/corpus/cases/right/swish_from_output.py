"""Class with caches: swish's slope is written with its output, y + s(1 - y)."""

import numpy as np


class SwishNet:
    def __init__(self, W, V):
        self.W, self.V = W, V

    def forward(self, x):
        self.x = x
        z = x @ self.W
        self.s = 1 / (1 + np.exp(-z))
        self.y = z * self.s
        return self.y @ self.V

    def backward(self, grad):
        dV = self.y.T @ grad
        dz = (grad @ self.V.T) * (self.y + self.s * (1 - self.y))
        return self.x.T @ dz, dV


def forward(params, inputs):
    net = SwishNet(params["W"], params["V"])
    return net.forward(inputs), net


def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)


def backward(params, inputs, targets, output, net):
    dW, dV = net.backward(output - targets)
    return {"W": dW, "V": dV}


def make(rng):
    params = {"W": rng.normal(size=(3, 5)), "V": rng.normal(size=(5, 2))}
    return params, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
