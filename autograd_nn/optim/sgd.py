"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.optim.optimizer import Optimizer, check_range, count, factor, own
from autograd_nn.tensor import Tensor


class SGD(Optimizer):
    """Step down the gradient: ``parameter -= lr * gradient``, with momentum or without.

    With momentum, ``buffer = momentum * buffer + (1 - dampening) * gradient`` takes the place of
    the gradient, which alone begins it.  As in PyTorch, `lr` multiplies the buffer, not what
    goes into it.

    Parameters
    ----------
    parameters : iterable of Tensor
        Leaves that require a gradient, such as ``model.parameters()``.
    lr : float or Tensor
        Learning rate, positive; see `Optimizer`.
    momentum : float
        Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
    dampening : float
        What the gradient loses on its way into the buffer.
    weight_decay : float
        Adds the gradient of ``weight_decay / 2 * sum(parameter**2)``.
    nesterov : bool
        Whether to look ahead: Sutskever, Martens, Dahl & Hinton, "On the importance of
        initialization and momentum in deep learning" (2013).

    Examples
    --------
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = SGD([x], lr=0.1)
    >>> (x**2).sum().backward()
    >>> optimizer.step()
    >>> x.tolist()
    [0.8, 1.6]
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float | Tensor,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        *,
        nesterov: bool = False,
    ) -> None:
        check_range("SGD", 0, np.inf, momentum=momentum)
        check_range("SGD", 0, 1, dampening=dampening)
        if nesterov and (momentum == 0 or dampening != 0):
            message = "SGD: nesterov=True needs a momentum above 0 and no dampening"
            raise ValueError(message)
        self.momentum, self.dampening, self.nesterov = momentum, dampening, nesterov
        names = ["momentum_buffer"] if momentum else []
        counts = bool(momentum and dampening)
        super().__init__(parameters, lr, names, weight_decay=weight_decay, counts=counts)

    def step(self) -> None:
        """Change every parameter that has a gradient, in place."""
        if self.momentum or self.weight_decay:
            super().step()
            return
        dtype, multiply = None, np.multiply  # two calls of NumPy each: what is around them counts
        for parameter, (buffer, _) in zip(self.parameters, self.scratch.buffers(), strict=True):
            gradient = parameter.grad
            if gradient is not None:
                value = gradient.value
                if value.dtype is not dtype:
                    dtype, lr = value.dtype, factor(self.current_lr, value)
                parameter.move(multiply(value, lr, buffer), "SGD.step")

    def step_one(self, i: int, parameter: Tensor, gradient: Value, buffer: Any) -> None:
        """Change parameter number `i`."""
        if self.momentum:
            speed = own(self.state["momentum_buffer"][i])
            np.multiply(speed, factor(self.momentum, speed), out=speed)
            fresh = gradient
            if self.dampening:
                share = factor(1 - self.dampening * (count(self.state["step"][i]) > 1), gradient)
                fresh = np.multiply(gradient, share, out=buffer)
            gradient = np.add(speed, fresh, out=speed)
            if self.nesterov:
                ahead = np.multiply(speed, factor(self.momentum, speed), out=buffer)
                gradient = np.add(ahead, fresh, out=buffer)
        step = np.multiply(gradient, factor(self.current_lr, gradient), out=buffer)
        parameter.move(step, "SGD.step")
