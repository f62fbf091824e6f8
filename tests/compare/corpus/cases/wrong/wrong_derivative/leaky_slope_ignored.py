"""Layer classes: the slope of the leaky ReLU is taken as zero on the left."""

import numpy as np


class Dense:
    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias

    def forward(self, x):
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, dout):
        self.dweight = self.x.T @ dout
        self.dbias = dout.sum(axis=0)
        return dout @ self.weight.T


class LeakyReLU:
    def __init__(self, slope=0.1):
        self.slope = slope

    def forward(self, x):
        self.positive = x > 0
        return np.where(self.positive, x, self.slope * x)

    def backward(self, dout):
        return np.where(self.positive, dout, 0)  # guilty: return np.where(self.positive, dout, self.slope * dout)


def forward(params, inputs):
    layers = [Dense(**params["first"]), LeakyReLU(), Dense(**params["second"])]
    out = inputs
    for layer in layers:
        out = layer.forward(out)
    return out, layers


def loss(output, targets):
    return 0.5 * np.sum((output - targets) ** 2)


def backward(params, inputs, targets, output, layers):
    dout = output - targets
    for layer in reversed(layers):
        dout = layer.backward(dout)
    first, _, second = layers
    return {
        "first": {"weight": first.dweight, "bias": first.dbias},
        "second": {"weight": second.dweight, "bias": second.dbias},
    }


def make(rng):
    params = {
        "first": {"weight": rng.normal(size=(2, 5)), "bias": rng.normal(size=5)},
        "second": {"weight": rng.normal(size=(5, 3)), "bias": rng.normal(size=3)},
    }
    return params, rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
