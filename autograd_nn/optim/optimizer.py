"""What optimisers have in common: parameters, a learning rate, a state, buffers for a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.errors import DtypeError
from autograd_nn.fitting import Value, owned
from autograd_nn.state import load, save
from autograd_nn.tensor import Tensor
from autograd_nn.traced import tracers


class Optimizer:
    """Change parameters by their gradients, in place; subclasses define `step_one`.

    A step allocates nothing: what it computes on the way lies in buffers that all parameters
    share.  The state of a parameter is Tensors, so that a compiled step keeps it live.

    Parameters
    ----------
    parameters : iterable of Tensor
        Leaves that require a gradient, such as ``model.parameters()``.
    lr : float or Tensor
        Learning rate, positive.  A compiled step is recorded anew when a number changes; a Tensor
        of one entry is read at every call, so give that where a schedule changes it.
    names : sequence of str
        What the optimiser remembers of every parameter: arrays of its shape, zero at first.
    weight_decay : float
        Adds the gradient of ``weight_decay / 2 * sum(parameter**2)``.
    counts : bool
        Whether it also counts the steps of every parameter, as ``step``.
    real : bool
        Whether to refuse complex parameters, as squares of gradients must be positive.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float | Tensor,
        names: Sequence[str] = (),
        *,
        weight_decay: float = 0,
        counts: bool = False,
        real: bool = False,
    ) -> None:
        kind = type(self).__name__
        check_range(kind, 0, np.inf, weight_decay=weight_decay)
        self.parameters = checked(kind, parameters)
        if real:
            check_real(kind, self.parameters)
        check_lr(kind, lr)
        self.lr, self.weight_decay = lr, weight_decay
        self.initial_lr = rate(lr)
        self.state = {
            name: tuple(Tensor(np.zeros_like(p.value)) for p in self.parameters) for name in names
        }  # tuples cannot change: compile need not look whether they have
        if counts:
            self.state["step"] = tuple(Tensor(0) for _ in self.parameters)
        self.scratch = Scratch(self.parameters)

    def step(self) -> None:
        """Change every parameter that has a gradient, in place."""
        pairs = zip(self.parameters, self.scratch.buffers(), strict=True)
        for i, (parameter, (one, other)) in enumerate(pairs):
            gradient = parameter.grad
            if gradient is not None:
                value = gradient.value
                if self.weight_decay:
                    value = self.decayed(parameter, value, one)
                self.step_one(i, parameter, value, other)

    def step_one(self, i: int, parameter: Tensor, gradient: Value, buffer: Any) -> None:
        """Change parameter number `i`, by what `state` holds for it.

        `buffer` is of its shape, to compute in by ``out=``; None for new arrays.
        """
        message = f"{type(self).__name__} defines no step_one(); give it one"
        raise NotImplementedError(message)

    def decayed(self, parameter: Tensor, gradient: Value, buffer: Any) -> Value:
        """Add the gradient of ``weight_decay / 2 * sum(parameter**2)``."""
        term = np.multiply(parameter.value, factor(self.weight_decay, gradient), out=buffer)
        return np.add(term, gradient, out=buffer)

    @property
    def current_lr(self) -> Any:
        """The learning rate as what is computed with: of a Tensor, its entry."""
        if isinstance(self.lr, Tensor):
            return self.lr.value.reshape(()) if self.lr.value.ndim else self.lr.value
        return self.lr

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters:
            parameter.zero_grad()

    def set_lr(self, lr: float) -> None:
        """Change the learning rate: the entry of a Tensor, or the number."""
        if isinstance(self.lr, Tensor):
            self.lr.data = np.full(self.lr.shape, lr, self.lr.dtype)
        else:
            self.lr = lr

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of all that the steps have left, as a flat dict of arrays.

        Keys are ``lr`` and ``<number of the parameter>.<name>``, with PyTorch's names.
        """
        return {"lr": np.array(rate(self.lr))} | save(self.named_state())

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned; raise KeyError or ShapeError if it does not fit."""
        kind, lr = type(self).__name__, float(state.get("lr", rate(self.lr)))
        check_lr(kind, lr)
        load(kind, self.named_state(), {k: x for k, x in state.items() if k != "lr"})
        self.set_lr(lr)

    def named_state(self) -> Iterator[tuple[str, Tensor]]:
        """Yield all that is remembered, with its name."""
        for name, tensors in self.state.items():
            yield from ((f"{i}.{name}", tensor) for i, tensor in enumerate(tensors))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={rate(self.lr):g})"


Buffers = tuple[Any, ...]  # two arrays to write to, or None where NumPy shall make one
NEW = None, None


class Scratch:
    """Buffers that all parameters share for what a step computes on the way.

    They are slots, into which compile does not look: they are no part of a function's meaning.
    """

    __slots__ = ("views",)

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        sizes: dict[Any, int] = {}
        for p in parameters:
            sizes[p.dtype] = max(p.size, sizes.get(p.dtype, 0))
        flat = {dtype: np.empty((2, size), dtype) for dtype, size in sizes.items()}
        self.views: list[Buffers] = [
            tuple(row[: p.size].reshape(p.shape) for row in flat[p.dtype]) if p.size > 1 else NEW
            for p in parameters  # NumPy is slow at writing a single entry over itself
        ]

    def buffers(self) -> list[Buffers]:
        """List the two of each parameter; a program that is being recorded has its own."""
        return [NEW] * len(self.views) if tracers else self.views


def own(tensor: Tensor) -> Value:
    """Return the tensor's buffer, to be written to: a new one if anybody else holds it."""
    if tensor.value.ndim == 0 or tensor.is_shared():
        tensor.value = owned(tensor.value)
    return tensor.value


def blend(mean: Value, fresh: Value, kept: float, buffer: Any) -> None:
    """Let a running mean keep a share, and take the rest from what is fresh."""
    np.multiply(mean, factor(kept, mean), out=mean)
    np.add(mean, np.multiply(fresh, factor(1 - kept, fresh), out=buffer), out=mean)


def factor(number: Any, like: Value) -> Any:
    """Bring a number to the dtype of the array that it multiplies, in the form fastest for it."""
    if type(like) is np.ndarray:
        if type(number) is float:  # NumPy's are not
            return axisless(number, like.dtype)
        if isinstance(number, np.generic):
            return np.array(number, like.real.dtype)
    return number.astype(like.real.dtype) if hasattr(number, "astype") else number


@lru_cache
def axisless(number: float, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Make an array without axes, by which NumPy multiplies twice as fast as by a number."""
    return np.array(number, dtype)


def count(step: Tensor) -> Value:
    """Count a step; return its number, from 1 on: Python's, whose powers are faster."""
    number = step.value + 1
    step.write(number, "step")
    return int(number) if isinstance(number, np.integer) else number


def rate(lr: float | Tensor) -> float:
    """Take the number of a learning rate."""
    return float(lr.item() if isinstance(lr, Tensor) else lr)


def checked(kind: str, parameters: Iterable[Tensor]) -> tuple[Tensor, ...]:
    """Return the parameters as a tuple, or say what is wrong with them."""
    if not isinstance(parameters, Iterable) or isinstance(parameters, Tensor):
        message = f"{kind}: argument parameters is not a list of Tensors; pass model.parameters()"
        raise TypeError(message)
    parameters = tuple(parameters)
    if len(parameters) == 0:
        message = (
            f"{kind}: argument parameters is empty; pass model.parameters() of a model that has "
            "Tensors with requires_grad=True among its attributes"
        )
        raise ValueError(message)
    if len(set(map(id, parameters))) < len(parameters):
        message = f"{kind}: argument parameters holds a parameter twice; it would step twice"
        raise ValueError(message)
    for i, parameter in enumerate(parameters):
        if not getattr(parameter, "requires_grad", False) or not parameter.is_leaf:
            message = (
                f"{kind}: parameter {i} is not a leaf Tensor with requires_grad=True, "
                "which alone receives gradients; pass model.parameters()"
            )
            raise ValueError(message)
    return parameters


def check_real(kind: str, parameters: Iterable[Tensor]) -> None:
    """Refuse complex parameters where squares of gradients are meant to be positive."""
    for i, parameter in enumerate(parameters):
        if parameter.dtype.kind == "c":
            message = (
                f"{kind}: parameter {i} is complex; make its real and imaginary parts parameters, "
                "or use SGD"
            )
            raise DtypeError(message)


def check_lr(kind: str, lr: Any) -> None:
    """Refuse a learning rate that is no positive number; NaN too."""
    if isinstance(lr, Tensor) and lr.size == 1 and not lr.requires_grad and lr.dtype.kind == "f":
        lr = lr.item()
    if not (isinstance(lr, int | float) and lr > 0):
        message = f"{kind}: argument lr={lr!r} must be positive, a number or a Tensor of one entry"
        raise ValueError(message)


def check_range(kind: str, low: float, high: float, **numbers: Any) -> None:
    """Refuse numbers below `low`, or not below `high`; NaN too."""
    for name, number in numbers.items():
        if not (isinstance(number, int | float) and low <= number < high):
            bound = f" and below {high:g}" if np.isfinite(high) else ""
            message = f"{kind}: argument {name}={number!r} must be at least {low:g}{bound}"
            raise ValueError(message)
