"""Layers, and networks made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_nn.errors import ShapeError
from autograd_nn.nn.arguments import Rng, check_sizes
from autograd_nn.nn.initialisers import (
    Initialiser,
    parameter,
    standard_normal,
    uniform_fan_in,
)
from autograd_nn.nn.module import Module
from autograd_nn.ops.layers import affine, affine_sigmoid
from autograd_nn.ops.products import matmul
from autograd_nn.ops.special import sigmoid
from autograd_nn.primitive import Primitive, record
from autograd_nn.tensor import Tensor


class Linear(Module):
    """Compute ``x @ weight + bias``, or ``x @ weight`` alone.

    Parameters
    ----------
    in_features, out_features : int
        `weight` has shape (in_features, out_features), as in the tutorial: the transpose of
        PyTorch's.  `bias` has shape (out_features,).
    bias : bool
        Whether there is one.
    rng : Generator or int, optional
        Where the initial weights, then the biases, are drawn from.
    initialise : callable ``(rng, shape, fan_in, fan_out) -> array``
        One of `autograd_nn.nn.initialisers`.

    Examples
    --------
    >>> layer = Linear(3, 2, rng=0)
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,  # noqa: FBT001, FBT002 (PyTorch's signature)
        *,
        rng: Rng = None,
        initialise: Initialiser = uniform_fan_in,
    ) -> None:
        check_sizes("Linear", in_features=in_features, out_features=out_features)
        rng, fans = np.random.default_rng(rng), (in_features, out_features)
        self.weight = parameter(initialise(rng, fans, *fans))
        self.bias: Any = None  # or a Tensor
        if bias:
            self.bias = parameter(initialise(rng, (out_features,), *fans))

    def forward(self, x: Any) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        return self.apply(matmul if self.bias is None else affine, x)

    def apply(self, primitive: Primitive, x: Any) -> Tensor:
        """Apply `affine`, or `affine` and what follows it, with the layer's parameters."""
        given = (x, self.weight) if self.bias is None else (x, self.weight, self.bias)
        try:
            return record(primitive, given)
        except ShapeError as error:
            message = (
                f"Linear: the last axis of x, of shape {np.shape(x)}, must hold the layer's "
                f"{self.weight.shape[0]} features"
            )
            raise ShapeError(message) from error

    def __repr__(self) -> str:
        n_in, n_out = self.weight.shape
        ending = ", bias=False" if self.bias is None else ""
        return f"Linear(in_features={n_in}, out_features={n_out}{ending})"


class Sigmoid(Module):
    """Squash every entry to (0, 1) by ``1 / (1 + exp(-x))``.

    >>> Sigmoid()(Tensor([0.0])).tolist()
    [0.5]
    """

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        return sigmoid(x)


class Sequential(Module):
    """Apply modules one after the other.

    >>> network = Sequential(Linear(2, 3, rng=0), Sigmoid())
    >>> network(np.ones((4, 2))).shape, len(network)
    ((4, 3), 2)
    """

    def __init__(self, *modules: Module) -> None:
        for i, module in enumerate(modules):
            if not isinstance(module, Module):
                message = (
                    f"Sequential: argument {i} is a {type(module).__name__}, not a Module; wrap it "
                    "in one with a forward()"
                )
                raise TypeError(message)
        vars(self).update((str(i), module) for i, module in enumerate(modules))

    def forward(self, x: Any) -> Any:
        """Map `x` through all modules."""
        waiting: Linear | None = None  # whether a sigmoid follows
        for module in vars(self).values():
            kind = type(module)
            if waiting is not None:
                if kind is Sigmoid:  # one buffer, half the calls
                    x, waiting = waiting.apply(affine_sigmoid, x), None
                    continue
                x, waiting = waiting(x), None
            if kind is Linear and module.bias is not None:
                waiting = module
            elif isinstance(module, Module):
                x = module(x)
        return x if waiting is None else waiting(x)

    def __iter__(self) -> Iterator[Module]:
        return (module for module in vars(self).values() if isinstance(module, Module))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, index: int) -> Module:
        return list(self)[index]


class SigmoidNetwork(Sequential):
    """Stack linear layers with a sigmoid after each: the tutorial's network, of any depth.

    Parameters
    ----------
    sizes : sequence of int
        Widths from input to output; ``(2, 4, 1)`` is the tutorial's for XOR.
    rng : Generator or int, optional
        Where the standard normal initial parameters are drawn from, layer by layer, in the
        order of the tutorial's ``initialize_network``.

    Examples
    --------
    >>> SigmoidNetwork((2, 4, 1), rng=0)
    SigmoidNetwork(
      (0): Linear(in_features=2, out_features=4)
      (1): Sigmoid()
      (2): Linear(in_features=4, out_features=1)
      (3): Sigmoid()
    )
    """

    def __init__(self, sizes: Sequence[int], *, rng: Rng = None) -> None:
        if not isinstance(sizes, Sequence) or len(sizes) < 2:  # noqa: PLR2004
            message = (
                f"SigmoidNetwork: sizes={sizes!r}; give the widths as one tuple, the input's and "
                "the output's at least"
            )
            raise ValueError(message)
        rng = np.random.default_rng(rng)
        modules: list[Module] = []
        for n_in, n_out in pairwise(sizes):
            modules += [Linear(n_in, n_out, rng=rng, initialise=standard_normal), Sigmoid()]
        super().__init__(*modules)
