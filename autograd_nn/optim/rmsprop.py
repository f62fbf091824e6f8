"""RMSprop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.optim.optimizer import Optimizer, blend, check_range, factor, own
from autograd_nn.tensor import Tensor


class RMSprop(Optimizer):
    """Divide every entry's step by the root of a running mean of its squared gradient.

    Tieleman & Hinton, "Lecture 6.5: rmsprop", Coursera, Neural networks for machine learning
    (2012); `centered` is Graves, "Generating sequences with recurrent neural networks" (2013).

    Parameters
    ----------
    parameters : iterable of Tensor
        Real leaves that require a gradient, such as ``model.parameters()``.
    lr : float or Tensor
        Learning rate, positive; see `Optimizer`.
    alpha : float
        How much of the running mean is kept at each step.
    eps : float
        Added to the root.
    weight_decay : float
        Adds the gradient of ``weight_decay / 2 * sum(parameter**2)``.
    momentum : float
        How much of the last step goes into the next.
    centered : bool
        Whether to divide by the running standard deviation instead.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = RMSprop([x], lr=0.01)
    >>> (x**2).sum().backward()
    >>> optimizer.step()
    >>> x.numpy().round(6).tolist()
    [0.9, 1.9]
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        *,
        centered: bool = False,
    ) -> None:
        check_range("RMSprop", 0, np.inf, eps=eps, momentum=momentum)
        check_range("RMSprop", 0, 1, alpha=alpha)
        self.alpha, self.eps, self.momentum, self.centered = alpha, eps, momentum, centered
        names = ["square_avg"] + ["momentum_buffer"] * bool(momentum) + ["grad_avg"] * centered
        super().__init__(parameters, lr, names, weight_decay=weight_decay, real=True)

    def step_one(self, i: int, parameter: Tensor, gradient: Value, buffer: Any) -> None:
        """Change parameter number `i`."""
        squares = own(self.state["square_avg"][i])
        blend(squares, np.multiply(gradient, gradient, out=buffer), self.alpha, buffer)
        spread = squares
        if self.centered:
            mean = own(self.state["grad_avg"][i])
            blend(mean, gradient, self.alpha, buffer)
            spread = np.subtract(squares, np.multiply(mean, mean, out=buffer), out=buffer)
        root = np.sqrt(spread, out=buffer)
        root = np.add(root, factor(self.eps, root), out=buffer)
        step = np.divide(gradient, root, out=buffer)
        if self.momentum:
            speed = own(self.state["momentum_buffer"][i])
            np.multiply(speed, factor(self.momentum, speed), out=speed)
            step = np.add(speed, step, out=speed)
        parameter.move(np.multiply(step, factor(self.current_lr, step), out=buffer), "RMSprop.step")
