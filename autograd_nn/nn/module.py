"""Module: a function with parameters, made of other such functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from autograd_nn.errors import DtypeError
from autograd_nn.state import load, save
from autograd_nn.tensor import Tensor
from autograd_nn.traced import settled

exporters: list[Any] = []  # who writes modules down now (`autograd_nn.nn.onnx`)


class Module:
    """Hold parameters and other modules as attributes, and compute in `forward`.

    Subclasses assign Tensors, Modules, or lists, tuples and dicts of them, to attributes, and
    define ``forward``.  Tensors that require a gradient are parameters, to be trained; others are
    buffers, which are saved with them.

    Attributes
    ----------
    training : bool
        What `train` and `eval` set; layers that do one thing in training and another afterwards
        ask for it.

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

    training: bool

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Self:
        """Begin in training, also where a subclass does not call this class's constructor."""
        module = super().__new__(cls)
        module.training = True  # of its own, so that a compiled function sees it change
        return module

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the module's function; every subclass defines it."""
        message = f"{type(self).__name__} defines no forward(); give it one"
        raise NotImplementedError(message)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the module's function."""
        if exporters:
            return exporters[-1].call(self, args, kwargs)
        return self.forward(*args, **kwargs)

    # ---- what it is made of --------------------------------------------------------------

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield every parameter once with its dotted path, in the order of assignment."""
        return (pair for pair in self.named_tensors() if pair[1].requires_grad)

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        """Yield every Tensor that is no parameter, such as a running mean, once with its path."""
        return (pair for pair in self.named_tensors() if not pair[1].requires_grad)

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Yield this module, with an empty path, and all in it, each once with its path."""
        return ((path, x) for path, x in walk(self, "", set()) if isinstance(x, Module))

    def named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Yield parameters and buffers as they come."""
        found = walk(self, "", set())
        return ((path, x) for path, x in found if isinstance(x, Tensor) and x.is_leaf)

    def parameters(self) -> list[Tensor]:
        """List every parameter once."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.zero_grad()

    # ---- training or not -----------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 (PyTorch's signature)
        """Set `training` here and in all modules within; return this module."""
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set `training` to False here and in all modules within; return this module."""
        return self.train(mode=False)

    def to(self, dtype: DTypeLike) -> Self:
        """Convert all parameters and buffers of floats, in place; return this module.

        Gradients are forgotten.  Make optimisers afterwards: their state has the dtype that the
        parameters have then.

        >>> from autograd_nn import nn
        >>> nn.Linear(2, 1, rng=0).to("float32").weight.dtype
        dtype('float32')
        """
        if np.dtype(dtype).kind != "f":
            message = f"{type(self).__name__}.to: dtype {np.dtype(dtype)} is not floating"
            raise DtypeError(message)
        for _, tensor in self.named_tensors():
            if tensor.dtype.kind == "f":
                required, tensor.requires_grad = tensor.requires_grad, False
                tensor.value, tensor.exposed = settled(tensor.value.astype(dtype)), False
                tensor.requires_grad = required
                tensor.zero_grad()
                tensor.refresh()
        return self

    # ---- saving --------------------------------------------------------------------------

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of all parameters and buffers, by their dotted paths."""
        return save(self.named_tensors())

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Write what `state_dict` returned into the parameters and buffers, all or none.

        Raises
        ------
        KeyError
            If names are missing or unknown.
        ShapeError, DtypeError
            If an array does not fit.

        Examples
        --------
        >>> from autograd_nn import nn
        >>> one, two = nn.Linear(2, 1, rng=0), nn.Linear(2, 1, rng=1)
        >>> two.load_state_dict(one.state_dict())
        >>> bool((one.weight == two.weight).all())
        True
        """
        load(type(self).__name__, self.named_tensors(), state)

    # ---- display -------------------------------------------------------------------------

    def __repr__(self) -> str:
        lines = [f"({name}): {value!r}" for name, value in vars(self).items() if is_part(value)]
        inner = "".join(f"\n  {line}" for line in "\n".join(lines).splitlines())
        return f"{type(self).__name__}({inner}\n)" if inner else f"{type(self).__name__}()"

    def summary(self) -> str:
        """Tabulate the parameters and buffers: path, shape, number of entries, and the sums.

        >>> from autograd_nn import nn
        >>> print(nn.MLP((64, 32, 10), rng=0).summary())
        MLP
        name        shape     entries
        0.weight    (64, 32)    2,048
        0.bias      (32,)          32
        2.weight    (32, 10)      320
        2.bias      (10,)          10
        parameters              2,410
        """
        rows = [
            (name if x.requires_grad else f"{name} (buffer)", str(x.shape), x.size)
            for name, x in self.named_tensors()
        ]
        total = sum(p.size for p in self.parameters())
        names = max(map(len, ["parameters", *(name for name, _, _ in rows)]))
        shapes = max(map(len, ["shape", *(shape for _, shape, _ in rows)]))
        table = [("name", "shape", "entries")]
        table += [(name, shape, f"{size:,}") for name, shape, size in rows]
        table += [("parameters", "", f"{total:,}")]
        width = max(len(row[2]) for row in table)
        lines = [f"{a:{names}}  {b:{shapes}}  {c:>{width}}" for a, b, c in table]
        return "\n".join([type(self).__name__, *lines])


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Put a model into evaluation mode for a while."""
    before = [(module, module.training) for _, module in model.named_modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


def is_part(value: Any) -> bool:
    """Tell whether an attribute is shown in a module's repr."""
    return isinstance(value, Module) or (isinstance(value, Tensor) and value.requires_grad)


def walk(value: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Tensor | Module]]:
    """Walk attributes, lists and dicts down to all modules and Tensors, each once."""
    if isinstance(value, Tensor | Module | list | tuple | dict):
        if id(value) in seen:
            return
        seen.add(id(value))
    if isinstance(value, Tensor | Module):
        yield path, value
    items = vars(value) if isinstance(value, Module) else value
    if isinstance(items, list | tuple):
        items = dict(enumerate(items))
    if isinstance(items, dict):
        for name, item in items.items():
            yield from walk(item, f"{path}.{name}" if path else str(name), seen)
