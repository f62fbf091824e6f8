"""Flat functions, as many samples as units: the bias is summed over the units."""

import numpy as np


def forward(params, batch):
    hidden = np.tanh(batch.dot(params['w_in']) + params['b_in'])
    return hidden.dot(params['w_out']) + params['b_out'], hidden


def loss(scores, targets):
    return np.mean(np.sum((scores - targets) ** 2, axis=1))


def backward(params, batch, targets, scores, hidden):
    grad_scores = 2 * (scores - targets) / batch.shape[0]
    grad_w_out = hidden.T.dot(grad_scores)
    grad_b_out = grad_scores.sum(axis=0)
    grad_hidden = grad_scores.dot(params['w_out'].T)
    grad_preact = grad_hidden * (1 - hidden ** 2)
    grad_w_in = batch.T.dot(grad_preact)
    grad_b_in = grad_preact.sum(axis=1)  # guilty: grad_b_in = grad_preact.sum(axis=0)
    return {'w_in': grad_w_in, 'b_in': grad_b_in, 'w_out': grad_w_out, 'b_out': grad_b_out}


def make(rng):
    params = {
        'w_in': rng.normal(size=(3, 5)),
        'b_in': rng.normal(size=5),
        'w_out': rng.normal(size=(5, 2)),
        'b_out': rng.normal(size=2),
    }
    return params, rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
