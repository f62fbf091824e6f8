"""Run a person's code on other arrays than they wrote it for: Tensors, or complex numbers.

Code that makes arrays itself, ``h = np.zeros(n); h[i] = ...``, would lose what is traced.  So
while it runs, its modules' NumPy is a namespace whose makers make arrays of the traced kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_nn.fitting import owned
from autograd_nn.tensor import Tensor

MAKERS: tuple[Any, ...] = (
    np.zeros,
    np.ones,
    np.empty,
    np.full,
    np.zeros_like,
    np.ones_like,
    np.empty_like,
)
LIKE: tuple[Any, ...] = (np.full_like, np.eye, np.identity)
CONVERTERS: tuple[Any, ...] = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.copy)
WIDER = {"float32": np.float64, "float16": np.float64, "single": np.float64, "half": np.float64}


class Namespace:
    """NumPy, with functions of its own for making arrays."""

    def __init__(self, wrap: Callable[[Any], Any], join: Callable[[Any], Any]) -> None:
        """Let makers' results go through `wrap`, and sequences of arrays through `join`."""
        self.__dict__.update(WIDER)
        for function in (*MAKERS, *LIKE):
            setattr(self, function.__name__, making(function, wrap))
        for function in CONVERTERS:
            setattr(self, function.__name__, converting(function, wrap, join))

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def making(function: Callable[..., Any], wrap: Callable[[Any], Any]) -> Callable[..., Any]:
    """Let the arrays that a maker makes be of the traced kind."""

    def make(*args: Any, **kwargs: Any) -> Any:
        made = function(*args, **widened(kwargs))
        return wrap(made) if made.dtype.kind == "f" else made

    return make


def converting(
    function: Callable[..., Any], wrap: Callable[[Any], Any], join: Callable[[Any], Any]
) -> Callable[..., Any]:
    """Let an array be made of a sequence of traced ones."""

    def convert(x: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(x, list | tuple | Tensor):
            joined = join(x)
            if joined is not None:
                return joined
        made = function(x, *args, **widened(kwargs))
        return wrap(made) if made.dtype.kind == "f" else made

    return convert


def widened(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Ask for float64 where a narrower type is asked for."""
    dtype = kwargs.get("dtype")
    if dtype is None:
        return kwargs
    narrow = np.dtype(dtype).kind == "f" and np.dtype(dtype).itemsize < 8  # noqa: PLR2004 (bytes)
    return {**kwargs, "dtype": np.float64} if narrow else kwargs


def joined_tensors(x: Any) -> Any:
    """Stack nested sequences in which there are Tensors; None if there are none."""
    if isinstance(x, Tensor):
        return x.copy()
    if not isinstance(x, list | tuple) or not any(map(holds_tensor, x)):
        return None
    on_tensors: Any = np
    parts = [part if (part := joined_tensors(item)) is not None else item for item in x]
    return on_tensors.stack([p if isinstance(p, Tensor) else Tensor(np.asarray(p)) for p in parts])


def holds_tensor(x: Any) -> bool:
    """Tell whether there is a Tensor in nested sequences."""
    return isinstance(x, Tensor) or (isinstance(x, list | tuple) and any(map(holds_tensor, x)))


ON_TENSORS = Namespace(lambda made: Tensor(made), joined_tensors)  # noqa: PLW0108 (a class is no function)
ON_COMPLEX = Namespace(lambda made: owned(made, np.complex128), lambda _: None)
ON_DOUBLES = Namespace(lambda made: made, lambda _: None)


@contextmanager
def bound(namespace: Namespace, scopes: Iterable[dict[str, Any]]) -> Iterator[None]:
    """Bind NumPy's names to a namespace in the user's modules, for a while."""
    instead = {id(np): namespace}
    instead |= {id(getattr(np, name)): f for name, f in vars(namespace).items()}
    changed: list[tuple[dict[str, Any], str, Any]] = []
    for scope in scopes:
        for name, value in scope.items():
            if id(value) in instead:
                changed.append((scope, name, value))
    try:
        for scope, name, value in changed:
            scope[name] = instead[id(value)]
        yield
    finally:
        for scope, name, value in changed:
            scope[name] = value
