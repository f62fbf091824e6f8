"""Optimisers: they change parameters by their gradients."""

from __future__ import annotations

from collections.abc import Iterable

from autograd_nn.tensor import Tensor

__all__ = ["SGD"]


class SGD:
    """Step down the gradient: ``parameter -= lr * gradient``.

    Parameters
    ----------
    parameters : iterable of Tensor
        Leaves that require a gradient, such as ``model.parameters()``.
    lr : float
        Learning rate, positive.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = SGD([x], lr=0.1)
    >>> (x**2).sum().backward()
    >>> optimizer.step()
    >>> x.tolist()
    [0.8, 1.6]
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        if not isinstance(parameters, Iterable):
            message = "SGD: argument parameters is not a list of Tensors; pass model.parameters()"
            raise TypeError(message)
        self.parameters = list(parameters)
        self.lr = lr
        if len(self.parameters) == 0:
            message = (
                "SGD: argument parameters is empty; pass model.parameters() of a model that has "
                "Tensors with requires_grad=True among its attributes"
            )
            raise ValueError(message)
        if len(set(map(id, self.parameters))) < len(self.parameters):
            message = "SGD: argument parameters holds a parameter twice; it would step twice"
            raise ValueError(message)
        for i, parameter in enumerate(self.parameters):
            if not getattr(parameter, "requires_grad", False) or not parameter.is_leaf:
                message = (
                    f"SGD: parameter {i} is not a leaf Tensor with requires_grad=True, "
                    "which alone receives gradients; pass model.parameters()"
                )
                raise ValueError(message)
        if not (isinstance(lr, (int, float)) and lr > 0):  # NaN too
            message = f"SGD: argument lr={lr!r} must be positive"
            raise ValueError(message)

    def step(self) -> None:
        """Change every parameter that has a gradient, in place."""
        lr = self.lr
        for parameter in self.parameters:
            gradient = parameter.grad
            if gradient is not None:
                parameter.move(gradient.value * lr, "SGD.step")

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters:
            parameter.zero_grad()
