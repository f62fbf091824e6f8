"""Traced: an array and how it was made; and whether making is being recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import numpy as np

from autograd_nn.graph import Node, Value

MUTABLE = (np.ndarray, list, tuple)
recording: ContextVar[bool] = ContextVar("recording", default=True)
new = object.__new__


class Traced:
    """An array and, while it is differentiated, its node; Tensor adds the syntax.

    `value` is the engine's buffer; `exposed` says that somebody else may write to it.
    """

    __slots__ = ("__weakref__", "exposed", "node", "value")
    value: Value
    node: Node | None
    exposed: bool


Boxed = TypeVar("Boxed", bound=Traced)


def box(
    kind: type[Boxed],
    value: Value,
    node: Node | None = None,
    exposed: bool = False,  # noqa: FBT001, FBT002
) -> Boxed:
    """Wrap a value as it is, neither copied nor checked; `kind` is Tensor."""
    traced = new(kind)
    traced.value = value
    traced.node = node
    traced.exposed = exposed
    return traced


def own(arg: Any, value: Value) -> Value:
    """Copy what others may change before a rule reads it: gradients are those of the moment."""
    shared = arg.exposed if isinstance(arg, Traced) else isinstance(arg, MUTABLE)
    return np.array(value) if shared else value


def settled(array: Value) -> Value:
    """Make 0-d arrays NumPy scalars, which compute faster; leave others as they are."""
    return array if array.ndim else array[()]


@contextmanager
def no_grad() -> Iterator[None]:
    """Switch recording off inside the block (or decorated function), for this thread alone.

    >>> import autograd_nn as ag
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> with ag.no_grad():
    ...     print((x * 2).requires_grad)
    False
    """
    token = recording.set(False)
    try:
        yield
    finally:
        recording.reset(token)
