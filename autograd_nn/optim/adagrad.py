"""Adagrad."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.optim.optimizer import Optimizer, check_range, count, factor, own
from autograd_nn.tensor import Tensor


class Adagrad(Optimizer):
    """Divide every entry's step by the root of the sum of all its squared gradients so far.

    Duchi, Hazan & Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization" (2011).

    Parameters
    ----------
    parameters : iterable of Tensor
        Real leaves that require a gradient, such as ``model.parameters()``.
    lr : float or Tensor
        Learning rate, positive; see `Optimizer`.
    lr_decay : float
        The rate of step t, counted from 0, is ``lr / (1 + t * lr_decay)``.
    weight_decay : float
        Adds the gradient of ``weight_decay / 2 * sum(parameter**2)``.
    initial_accumulator_value : float
        What the sum begins with.
    eps : float
        Added to the root.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = Adagrad([x], lr=0.1)
    >>> (x**2).sum().backward()
    >>> optimizer.step()
    >>> x.numpy().round(6).tolist()
    [0.9, 1.9]
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
    ) -> None:
        numbers = {"initial_accumulator_value": initial_accumulator_value, "eps": eps}
        check_range("Adagrad", 0, np.inf, lr_decay=lr_decay, **numbers)
        self.lr_decay, self.eps = lr_decay, eps
        counts = bool(lr_decay)
        super().__init__(
            parameters, lr, ["sum"], weight_decay=weight_decay, counts=counts, real=True
        )
        for total in self.state["sum"]:
            total.fill(initial_accumulator_value)

    def step_one(self, i: int, parameter: Tensor, gradient: Value, buffer: Any) -> None:
        """Change parameter number `i`."""
        total = own(self.state["sum"][i])
        np.add(total, np.multiply(gradient, gradient, out=buffer), out=total)
        lr = self.current_lr
        if self.lr_decay:
            lr = lr / (1 + (count(self.state["step"][i]) - 1) * self.lr_decay)
        root = np.sqrt(total, out=buffer)
        root = np.add(root, factor(self.eps, root), out=buffer)
        ratio = np.divide(gradient, root, out=buffer)
        parameter.move(np.multiply(ratio, factor(lr, ratio), out=buffer), "Adagrad.step")
