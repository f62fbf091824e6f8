"""Module: a function with parameters, made of other such functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd_nn.tensor import Tensor


class Module:
    """Hold parameters and other modules as attributes, and compute in `forward`.

    Subclasses assign Tensors that require a gradient, Modules, or lists and tuples of them, to
    attributes, and define ``forward``.

    Examples
    --------
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Tensor(2.0, requires_grad=True)
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> scale = Scale()
    >>> scale(3.0).item(), [name for name, _ in scale.named_parameters()]
    (6.0, ['factor'])
    """

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the module's function; every subclass defines it."""
        message = f"{type(self).__name__} defines no forward(); give it one"
        raise NotImplementedError(message)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the module's function."""
        return self.forward(*args, **kwargs)

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield every parameter once with its dotted path, in the order of assignment."""
        return parameters_in(self, "", set())

    def parameters(self) -> list[Tensor]:
        """List every parameter once."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def __repr__(self) -> str:
        lines = [f"({name}): {value!r}" for name, value in vars(self).items() if is_part(value)]
        inner = "".join(f"\n  {line}" for line in "\n".join(lines).splitlines())
        return f"{type(self).__name__}({inner}\n)" if inner else f"{type(self).__name__}()"


def is_part(value: Any) -> bool:
    """Tell whether an attribute is shown in a module's repr."""
    return isinstance(value, Module) or (isinstance(value, Tensor) and value.requires_grad)


def parameters_in(value: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Tensor]]:
    """Walk attributes, lists and dicts down to the parameters, each once."""
    if isinstance(value, Tensor | Module | list | tuple | dict):
        if id(value) in seen:
            return
        seen.add(id(value))
    if isinstance(value, Tensor) and value.requires_grad and value.is_leaf:
        yield path, value
    items = vars(value) if isinstance(value, Module) else value
    if isinstance(items, list | tuple):
        items = dict(enumerate(items))
    if isinstance(items, dict):
        for name, item in items.items():
            yield from parameters_in(item, f"{path}.{name}" if path else str(name), seen)
