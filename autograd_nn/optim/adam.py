"""Adam, and its form in which the decay of weights is not scaled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.optim.optimizer import Optimizer, blend, check_range, count, factor, own
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
        check_range(kind, 0, np.inf, eps=eps)
        check_range(kind, 0, 1, **{f"betas[{i}]": beta for i, beta in enumerate(betas)})
        self.betas, self.eps = betas, eps
        names = ["exp_avg", "exp_avg_sq"]
        super().__init__(parameters, lr, names, weight_decay=weight_decay, counts=True, real=True)

    def step_one(self, i: int, parameter: Tensor, gradient: Value, buffer: Any) -> None:
        """Change parameter number `i`."""
        first, second = own(self.state["exp_avg"][i]), own(self.state["exp_avg_sq"][i])
        (kept, kept_squares), step = self.betas, count(self.state["step"][i])
        blend(first, gradient, kept, buffer)
        blend(second, np.multiply(gradient, gradient, out=buffer), kept_squares, buffer)

        root = np.sqrt(second, out=buffer)
        root = np.divide(root, factor(np.sqrt(1 - kept_squares**step), root), out=buffer)
        root = np.add(root, factor(self.eps, root), out=buffer)
        ratio = np.divide(first, root, out=buffer)
        change = np.multiply(ratio, factor(self.current_lr / (1 - kept**step), ratio), out=buffer)
        parameter.move(change, f"{type(self).__name__}.step")


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

    def decayed(self, parameter: Tensor, gradient: Value, buffer: Any) -> Value:
        """Let weights decay at once; the gradient stays what it is."""
        decay = factor(self.current_lr * self.weight_decay, gradient)
        parameter.move(np.multiply(parameter.value, decay, out=buffer), "AdamW.step")
        return gradient
