"""Class with matrices as attributes: the first product takes the squashed input."""

import numpy as np


class NeuralNetwork:
    def __init__(self, wih, who):
        self.wih = wih
        self.who = who

    @staticmethod
    def activation(x):
        return 1 / (1 + np.exp(-x))

    def query(self, inputs):
        self.inputs = inputs
        self.hidden_outputs = self.activation(inputs @ self.wih)
        self.final_outputs = self.activation(self.hidden_outputs @ self.who)
        return self.final_outputs

    def gradients(self, targets):
        output_errors = self.final_outputs - targets
        output_grad = output_errors * self.final_outputs * (1.0 - self.final_outputs)
        hidden_errors = output_grad @ self.who.T
        hidden_grad = hidden_errors * self.hidden_outputs * (1.0 - self.hidden_outputs)
        who_grad = self.hidden_outputs.T @ output_grad
        wih_grad = self.activation(self.inputs).T @ hidden_grad  # guilty: wih_grad = self.inputs.T @ hidden_grad
        return wih_grad, who_grad


def forward(params, inputs):
    network = NeuralNetwork(params["wih"], params["who"])
    return network.query(inputs), network


def loss(output, targets):
    return 0.5 * np.sum((output - targets) ** 2)


def backward(params, inputs, targets, output, network):
    wih, who = network.gradients(targets)
    return {"wih": wih, "who": who}


def make(rng):
    params = {"wih": rng.normal(size=(3, 5)), "who": rng.normal(size=(5, 2))}
    return params, rng.normal(size=(7, 3)), rng.uniform(size=(7, 2))
