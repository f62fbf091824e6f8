"""Flat functions, update rule: the hidden error goes through weights that were just updated."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def forward(params, X):
    hidden = sigmoid(X @ params["w_hidden"] + params["b_hidden"])
    predicted = sigmoid(hidden @ params["w_out"] + params["b_out"])
    return predicted, hidden


def loss(predicted, expected):
    return 0.5 * np.sum((expected - predicted) ** 2)


def backward(params, X, expected, predicted, hidden, lr):
    d_out = (expected - predicted) * predicted * (1 - predicted)
    # mend: w_out = params["w_out"].copy()
    params["w_out"] += lr * (hidden.T @ d_out)
    params["b_out"] += lr * d_out.sum(axis=0)

    hidden_error = d_out @ params["w_out"].T  # guilty: hidden_error = d_out @ w_out.T
    d_hidden = hidden_error * hidden * (1 - hidden)
    params["w_hidden"] += lr * (X.T @ d_hidden)
    params["b_hidden"] += lr * d_hidden.sum(axis=0)


def make(rng):
    params = {
        "w_hidden": rng.normal(size=(2, 5)),
        "b_hidden": rng.normal(size=5),
        "w_out": rng.normal(size=(5, 3)),
        "b_out": rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 2)), rng.uniform(size=(7, 3))
