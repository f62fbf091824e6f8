"""Regression: Huber's loss is measured, squared error is differentiated."""

import numpy as np

DELTA = 0.5


def forward(params, x):
    features = np.tanh(x @ params["w1"])
    return features @ params["w2"] + params["b2"], features


def loss(pred, y):
    r = pred - y
    quadratic = 0.5 * r ** 2
    linear = DELTA * (np.abs(r) - 0.5 * DELTA)
    return np.sum(np.where(np.abs(r) <= DELTA, quadratic, linear))


def backward(params, x, y, pred, features):
    d_pred = pred - y  # guilty: d_pred = np.clip(pred - y, -DELTA, DELTA)
    d_features = d_pred @ params["w2"].T
    d_pre = d_features * (1 - features ** 2)
    return {
        "w1": x.T @ d_pre,
        "w2": features.T @ d_pred,
        "b2": d_pred.sum(axis=0),
    }


def make(rng):
    params = {
        "w1": rng.normal(size=(3, 5)),
        "w2": rng.normal(size=(5, 2)),
        "b2": rng.normal(size=2),
    }
    return params, rng.normal(size=(11, 3)), rng.normal(size=(11, 2))
