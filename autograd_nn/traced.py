"""Traced: an array and how it was made; and whether making is being recorded."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from threading import RLock
from typing import Any, TypeVar
from weakref import ref

import numpy as np

from autograd_nn.fitting import Symbolic, Value, owned, seal
from autograd_nn.graph import Node

IMMUTABLE = (int, float, complex, np.generic, Symbolic)
tracers: list[Any] = []  # who is recording a program now (`autograd_nn.program`)
one_at_a_time = RLock()  # programs that are recorded
recording: ContextVar[bool] = ContextVar("recording", default=True)
active: ContextVar[frozenset[Node]] = ContextVar("active", default=frozenset())
# The vertices of the transforms whose functions are running now.
new = object.__new__


class Traced:
    """An array and, while it is differentiated, its node; Tensor adds the syntax.

    `value` is the engine's buffer; `exposed` says that somebody else may write to it.  Where
    Tensors share a buffer, `lens` says which entries a view shows, ``(source, primitive, params)``,
    and `views` of its source holds a weak reference to it.
    """

    __slots__ = ("__weakref__", "exposed", "lens", "node", "value", "views")
    lens: tuple[Traced, Any, dict[str, Any]]
    views: list[ref[Traced]]
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


def keep(
    foreign: Sequence[int], reads: Container[int], args: Sequence[Any], primals: list[Value]
) -> dict[int, bytes]:
    """Guard what rules will read and others may change: gradients are those of the moment.

    Arrays of others are kept as they are, with a seal; the rest is copied, in `primals`.
    """
    seals = {}
    for i in foreign:
        if i in reads:
            if isinstance(args[i], np.ndarray):
                seals[i] = seal(args[i])
            else:
                primals[i] = owned(primals[i])
    return seals


def unshared(param: Any) -> Any:
    """Copy arrays, and the containers that hold them, so that nobody else can change them."""
    if isinstance(param, np.ndarray):
        return np.array(param)
    if isinstance(param, dict):
        twin = copy(param)  # of its own type
        twin.update({k: unshared(item) for k, item in param.items()})
        return twin
    if isinstance(param, list | tuple):
        return getattr(type(param), "_make", type(param))(map(unshared, param))
    return param


def note_view(view: Traced, source: Any, primitive: Any, params: dict[str, Any]) -> None:
    """Remember that `view` shows entries of `source`, if it shares its buffer."""
    held = source.value if isinstance(source, Traced) else None
    if not isinstance(held, np.ndarray) or view.value.dtype != held.dtype:
        return
    if np.may_share_memory(view.value, held):
        view.lens = source, primitive, params
        views = source.views = getattr(source, "views", [])
        views.append(ref(view))
        if len(views) & (len(views) - 1) == 0:  # now and then, for the dead are many
            views[:] = [r for r in views if r() is not None]


def guard(value: Value) -> Value:
    """Show an array so that it cannot be written to."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value


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
