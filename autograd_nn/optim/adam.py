"""Adam, and its form in which the decay of weights is not scaled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.optim.optimizer import (
    Optimizer,
    check_range,
    check_real,
    count,
    decayed,
    factor,
    own,
)
from autograd_nn.tensor import Tensor


class Adam(Optimizer):
    """Scale every entry's step by running moments of its gradient.

    Kingma & Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.

    Parameters
    ----------
    parameters : iterable of Tensor
        Real leaves that require a gradient, such as ``model.parameters()``.
    lr : float or Tensor
        Learning rate, positive; see `Optimizer`.
    betas : pair of float
        How much of the running means of the gradient and of its square is kept at each step.
    eps : float
        Added to the root of the second moment.
    weight_decay : float
        Adds the gradient of ``weight_decay / 2 * sum(parameter**2)``.

    Examples
    --------
    The first step is `lr` long in every entry:

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = Adam([x], lr=0.1)
    >>> (x**2).sum().backward()
    >>> optimizer.step()
    >>> x.numpy().round(6).tolist()
    [0.9, 1.9]
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        kind = type(self).__name__
        check_range(kind, 0, np.inf, eps=eps, weight_decay=weight_decay)
        check_range(kind, 0, 1, **{f"betas[{i}]": beta for i, beta in enumerate(betas)})
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay
        super().__init__(parameters, lr, ["exp_avg", "exp_avg_sq"], counts=True)
        check_real(kind, self.parameters)

    def step_one(self, i: int, parameter: Tensor, gradient: Value) -> None:
        """Change parameter number `i`."""
        one, other = self.scratch.of(i, parameter)
        if self.weight_decay:
            gradient = self.regularised(parameter, gradient, one)
        first, second = own(self.state["exp_avg"][i]), own(self.state["exp_avg_sq"][i])
        (kept, kept_squares), step = self.betas, count(self.state["step"][i])
        np.multiply(first, kept, out=first)
        np.add(first, np.multiply(gradient, 1 - kept, out=other), out=first)
        np.multiply(second, kept_squares, out=second)
        squares = np.multiply(gradient, gradient, out=other)
        np.add(second, np.multiply(squares, 1 - kept_squares, out=other), out=second)

        lr = self.lr.value if isinstance(self.lr, Tensor) else self.lr
        root = np.sqrt(second, out=other)
        root = np.divide(root, factor(np.sqrt(1 - kept_squares**step), root), out=other)
        root = np.add(root, self.eps, out=other)
        ratio = np.divide(first, root, out=other)
        change = np.multiply(ratio, factor(lr / (1 - kept**step), ratio), out=other)
        parameter.move(change, f"{type(self).__name__}.step")

    def regularised(self, parameter: Tensor, gradient: Value, buffer: Any) -> Value:
        """Let weights decay by way of the gradient."""
        return decayed(gradient, parameter, self.weight_decay, buffer)


class AdamW(Adam):
    """Step as Adam does, and let weights decay apart from it, by ``lr * weight_decay``.

    Loshchilov & Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.  The
    parameters are those of `Adam`; `weight_decay` is 0.01 unless given.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = AdamW([x], lr=0.1, weight_decay=0.5)
    >>> (x**2).sum().backward()
    >>> optimizer.step()
    >>> x.numpy().round(6).tolist()
    [0.85, 1.8]
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def regularised(self, parameter: Tensor, gradient: Value, buffer: Any) -> Value:
        """Let weights decay at once; the gradient stays what it is."""
        lr = self.lr.value if isinstance(self.lr, Tensor) else self.lr
        decay = factor(lr * self.weight_decay, gradient)
        parameter.move(np.multiply(parameter.value, decay, out=buffer), "AdamW.step")
        return gradient
