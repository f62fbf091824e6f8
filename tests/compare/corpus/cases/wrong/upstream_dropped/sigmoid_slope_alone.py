"""Class with train method, update rule: the hidden delta is the slope alone."""

import numpy as np


class MLP:
    def __init__(self, p):
        self.p = p

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def predict(self, X):
        self.X = X
        self.h = self.sigmoid(X @ self.p["W1"] + self.p["b1"])
        self.o = self.sigmoid(self.h @ self.p["W2"] + self.p["b2"])
        return self.o

    def train(self, y, eta):
        d_o = (self.o - y) * self.o * (1 - self.o)
        e_h = d_o @ self.p["W2"].T
        d_h = self.h * (1 - self.h)  # guilty: d_h = e_h * self.h * (1 - self.h)
        self.p["W2"] -= eta * self.h.T @ d_o
        self.p["b2"] -= eta * d_o.sum(axis=0)
        self.p["W1"] -= eta * self.X.T @ d_h
        self.p["b1"] -= eta * d_h.sum(axis=0)


def forward(params, inputs):
    mlp = MLP(params)
    return mlp.predict(inputs), mlp


def loss(o, y):
    return 0.5 * np.sum((o - y) ** 2)


def backward(params, inputs, targets, output, mlp, lr):
    mlp.train(targets, lr)


def make(rng):
    params = {
        "W1": rng.normal(size=(2, 5)),
        "b1": rng.normal(size=5),
        "W2": rng.normal(size=(5, 3)),
        "b2": rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 2)), rng.uniform(size=(7, 3))
