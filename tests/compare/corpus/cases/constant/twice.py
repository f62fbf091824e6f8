"""Class with caches: half the squared error is measured, its double differentiated."""

import numpy as np

FACTOR = dict.fromkeys(["w1", "b1", "w2", "b2"], "2")


class TwoLayerNet:
    def __init__(self, params):
        self.params = params

    def forward(self, x):
        p = self.params
        self.x = x
        self.z = x.dot(p["w1"]) + p["b1"]
        self.h = np.maximum(self.z, 0)
        self.pred = self.h.dot(p["w2"]) + p["b2"]
        return self.pred

    def backward(self, y):
        grad_y_pred = 2.0 * (self.pred - y)
        grad_w2 = self.h.T.dot(grad_y_pred)
        grad_h = grad_y_pred.dot(self.params["w2"].T)
        grad_z = grad_h.copy()
        grad_z[self.z < 0] = 0
        grad_w1 = self.x.T.dot(grad_z)
        return {
            "w1": grad_w1,
            "b1": grad_z.sum(axis=0),
            "w2": grad_w2,
            "b2": grad_y_pred.sum(axis=0),
        }


def forward(params, inputs):
    net = TwoLayerNet(params)
    return net.forward(inputs), net


def loss(pred, y):
    return 0.5 * np.square(pred - y).sum()


def backward(params, inputs, targets, output, net):
    return net.backward(targets)


def make(rng):
    params = {
        "w1": rng.normal(size=(3, 5)),
        "b1": rng.normal(size=5),
        "w2": rng.normal(size=(5, 2)),
        "b2": rng.normal(size=2),
    }
    return params, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
