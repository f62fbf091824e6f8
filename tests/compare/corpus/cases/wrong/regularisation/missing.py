"""Course homework: the first layer's penalty has no gradient."""

import numpy as np

REG = 0.3


def forward(params, X):
    h = np.maximum(0, X.dot(params['W1']) + params['b1'])
    scores = h.dot(params['W2']) + params['b2']
    return scores, h


def loss(scores, y, params):
    scores = scores - np.max(scores, axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    data_loss = np.mean(-np.log(probs[np.arange(len(y)), y]))
    reg_loss = 0.5 * REG * (np.sum(params['W1'] ** 2) + np.sum(params['W2'] ** 2))
    return data_loss + reg_loss


def backward(params, X, y, scores, h):
    num_examples = X.shape[0]
    exp_scores = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    dscores = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    dscores[range(num_examples), y] -= 1
    dscores /= num_examples
    dW2 = np.dot(h.T, dscores)
    db2 = np.sum(dscores, axis=0)
    dhidden = np.dot(dscores, params['W2'].T)
    dhidden[h <= 0] = 0
    dW1 = np.dot(X.T, dhidden)  # guilty: dW1 = np.dot(X.T, dhidden) + REG * params['W1']
    db1 = np.sum(dhidden, axis=0)
    dW2 += REG * params['W2']
    return {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}


def make(rng):
    params = {
        'W1': rng.normal(size=(2, 5)),
        'b1': rng.normal(size=5),
        'W2': rng.normal(size=(5, 3)),
        'b2': rng.normal(size=3),
    }
    return params, rng.normal(size=(7, 2)), rng.integers(0, 3, size=7)
