"""Embeddings: += with repeated indices counts each word once."""

import numpy as np


def forward(params, tokens):
    vectors = params["embedding"][tokens]
    pooled = vectors.mean(axis=1)
    logits = pooled @ params["weight"] + params["bias"]
    return logits, pooled


def loss(logits, labels):
    logits = logits - logits.max(axis=1, keepdims=True)
    log_probs = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    return -np.sum(log_probs * labels)


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def backward(params, tokens, labels, logits, pooled):
    d_logits = softmax(logits) - labels
    d_pooled = d_logits @ params["weight"].T
    d_vectors = np.repeat(d_pooled[:, None, :] / tokens.shape[1], tokens.shape[1], axis=1)
    d_embedding = np.zeros_like(params["embedding"])
    d_embedding[tokens] += d_vectors  # guilty: np.add.at(d_embedding, tokens, d_vectors)
    return {
        "embedding": d_embedding,
        "weight": pooled.T @ d_logits,
        "bias": d_logits.sum(axis=0),
    }


def make(rng):
    params = {
        "embedding": rng.normal(size=(11, 5)),
        "weight": rng.normal(size=(5, 3)),
        "bias": rng.normal(size=3),
    }
    return params, rng.integers(0, 11, size=(7, 13)), np.eye(3)[rng.integers(0, 3, size=7)]
