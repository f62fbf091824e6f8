"""Activations as modules: each maps any shape to the same shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.nn.module import Module
from autograd_nn.ops.activations import elu, gelu, leaky_relu, silu
from autograd_nn.ops.special import log_softmax, relu, softmax, softplus


class Tanh(Module):
    """Squash every entry to (-1, 1).

    >>> Tanh()(np.array([0.0]))
    array([0.])
    """

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        return np.tanh(x)


class ReLU(Module):
    """Replace negative entries by 0; the slope at 0 is 0.

    >>> ReLU()(np.array([-2.0, 3.0]))
    array([0., 3.])
    """

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        return relu(x)


class LeakyReLU(Module):
    """Scale negative entries by `negative_slope`.

    >>> LeakyReLU(0.1)(np.array([-2.0, 3.0]))
    array([-0.2,  3. ])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        return leaky_relu(x, negative_slope=self.negative_slope)

    def __repr__(self) -> str:
        return f"LeakyReLU(negative_slope={self.negative_slope})"


class ELU(Module):
    """Bend negative entries towards ``-alpha``: ``alpha * (exp(x) - 1)``.

    >>> ELU()(np.array([-1000.0, 3.0]))
    array([-1.,  3.])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        return elu(x, alpha=self.alpha)

    def __repr__(self) -> str:
        return f"ELU(alpha={self.alpha})"


class GELU(Module):
    """Weigh entries by the normal distribution: ``x * P(N(0, 1) <= x)``.

    `approximate` is "none", or "tanh" for the formula with tanh that some published networks use.

    >>> GELU()(np.array([0.0, 100.0]))
    array([  0., 100.])
    """

    def __init__(self, approximate: str = "none") -> None:
        if approximate not in {"none", "tanh"}:
            message = f"GELU: approximate={approximate!r} must be 'none' or 'tanh'"
            raise ValueError(message)
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        if self.approximate == "none":
            return gelu(x)
        slope = float((2 / np.pi) ** 0.5)
        return 0.5 * x * (1 + np.tanh(slope * (x + 0.044715 * x * x * x)))

    def __repr__(self) -> str:
        return f"GELU(approximate={self.approximate!r})"


class SiLU(Module):
    """Weigh entries by their sigmoid: ``x * sigmoid(x)``, also called swish.

    >>> SiLU()(np.array([0.0, 100.0]))
    array([  0., 100.])
    """

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        return silu(x)


class Softplus(Module):
    """Smooth the ramp: ``log(1 + exp(beta * x)) / beta``.

    Exact at any size of x, where PyTorch's returns x itself from ``beta * x = 20`` on.

    >>> Softplus()(np.array([-1000.0, 1000.0]))
    array([   0., 1000.])
    """

    def __init__(self, beta: float = 1.0) -> None:
        if not beta > 0:
            message = f"Softplus: beta={beta!r} must be positive"
            raise ValueError(message)
        self.beta = beta

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        return softplus(x) if self.beta == 1 else softplus(self.beta * x) / self.beta

    def __repr__(self) -> str:
        return f"Softplus(beta={self.beta})"


class Softmax(Module):
    """Share 1 between the entries along `dim`, by their exponentials.

    >>> Softmax()(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        return softmax(x, axis=self.dim)

    def __repr__(self) -> str:
        return f"Softmax(dim={self.dim})"


class LogSoftmax(Module):
    """Compute the logarithm of `Softmax`, stable at any size of x.

    >>> LogSoftmax()(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        return log_softmax(x, axis=self.dim)

    def __repr__(self) -> str:
        return f"LogSoftmax(dim={self.dim})"
