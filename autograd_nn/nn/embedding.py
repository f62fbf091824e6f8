"""Embedding: a learned vector for each of many things."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.errors import DtypeError
from autograd_nn.fitting import Symbolic
from autograd_nn.nn.arguments import Rng, check_sizes
from autograd_nn.nn.initialisers import Initialiser, parameter, standard_normal
from autograd_nn.nn.module import Module
from autograd_nn.ops.arguments import bare, valued


class Embedding(Module):
    """Look up a learned vector for each whole number.

    Parameters
    ----------
    num_embeddings : int
        How many vectors there are: for 0, 1, ...
    embedding_dim : int
        How long each is.
    rng : Generator or int, optional
        Where the initial vectors are drawn from.
    initialise : callable
        One of `autograd_nn.nn.initialisers`.

    Attributes
    ----------
    weight : Tensor, shape (num_embeddings, embedding_dim)

    Examples
    --------
    >>> Embedding(10, 3, rng=0)(np.array([[1, 2], [9, 0]])).shape
    (2, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        rng: Rng = None,
        initialise: Initialiser = standard_normal,
    ) -> None:
        check_sizes("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        shape = num_embeddings, embedding_dim
        self.weight = parameter(initialise(np.random.default_rng(rng), shape, *shape))

    def forward(self, indices: Any) -> Any:
        """Map whole numbers of any shape (...) to vectors, of shape (..., embedding_dim)."""
        indices = valued(bare(indices))
        if indices.dtype.kind not in "iu":
            message = f"Embedding: indices have dtype {indices.dtype}; give whole numbers"
            raise DtypeError(message)
        n = self.weight.shape[0]
        if not isinstance(indices, Symbolic) and indices.size:
            low, high = int(indices.min()), int(indices.max())
            if low < 0 or high >= n:
                message = f"Embedding: index {low if low < 0 else high} is not from 0 to {n - 1}"
                raise IndexError(message)
        return self.weight[indices]

    def __repr__(self) -> str:
        return f"Embedding({self.weight.shape[0]}, {self.weight.shape[1]})"
