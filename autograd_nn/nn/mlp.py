"""The multilayer perceptron."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from autograd_nn.nn.activations import ReLU
from autograd_nn.nn.arguments import Rng
from autograd_nn.nn.dropout import Dropout
from autograd_nn.nn.initialisers import Initialiser, uniform_fan_in
from autograd_nn.nn.layers import Linear, Sequential
from autograd_nn.nn.module import Module


class MLP(Sequential):
    """Stack linear layers, with an activation between any two.

    Parameters
    ----------
    sizes : sequence of int
        Widths from input to output, two at least.
    activation : callable
        Makes the module that follows every layer but the last, such as ``nn.Tanh``.
    dropout : float
        How probably an entry is dropped after each activation.
    rng : Generator or int, optional
        Where the initial parameters are drawn from, layer by layer.
    initialise : callable
        One of `autograd_nn.nn.initialisers`.

    Examples
    --------
    >>> MLP((2, 8, 1), rng=0)
    MLP(
      (0): Linear(in_features=2, out_features=8)
      (1): ReLU()
      (2): Linear(in_features=8, out_features=1)
    )
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: Callable[[], Module] = ReLU,
        dropout: float = 0.0,
        rng: Rng = None,
        initialise: Initialiser = uniform_fan_in,
    ) -> None:
        if not isinstance(sizes, Sequence) or len(sizes) < 2:  # noqa: PLR2004
            message = (
                f"MLP: sizes={sizes!r}; give the widths as one tuple, the input's and the output's "
                "at least"
            )
            raise ValueError(message)
        rng = np.random.default_rng(rng)
        modules: list[Module] = []
        for n_in, n_out in pairwise(sizes):
            if modules:
                modules.append(activation())
                if dropout:
                    modules.append(Dropout(dropout, rng=rng))
            modules.append(Linear(n_in, n_out, rng=rng, initialise=initialise))
        super().__init__(*modules)
