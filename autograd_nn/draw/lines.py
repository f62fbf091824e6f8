"""Which line of the user's code recorded an operation, and in which modules: when asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_nn.draw.names import Place
from autograd_nn.traced import tracers

if TYPE_CHECKING:
    from types import FrameType

    from autograd_nn.draw.names import Names
    from autograd_nn.graph import Node
    from autograd_nn.primitive import Primitive

OURS = str(Path(__file__).parents[1])


class Origin(NamedTuple):
    """Where an operation was recorded: ``file:line``, and the modules from the outermost."""

    line: str
    modules: tuple[Any, ...]

    def place(self, names: Names) -> Place:
        """Name the modules as the caller does."""
        return names.place_of(self.modules)


class LineTracer:
    """Gives each primitive a twin that knows where it was called from."""

    def __init__(self) -> None:
        self.twins: dict[Any, Primitive] = {}

    def twin(self, primitive: Primitive) -> Primitive:
        """Find out who is calling."""
        where, modules = "", []
        frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 (who called `record`)
        while frame is not None:
            if not where and not frame.f_code.co_filename.startswith(OURS):
                where = f"{shown(frame.f_code.co_filename)}:{frame.f_lineno}"
            if frame.f_code.co_name == "forward":
                module = frame.f_locals.get("self")
                if callable(getattr(type(module), "named_parameters", None)):
                    modules.append(module)
            frame = frame.f_back
        key = primitive, where, tuple(map(id, modules))
        if key not in self.twins:
            twin = self.twins[key] = copy(primitive)
            vars(twin)["origin"] = Origin(where, tuple(reversed(modules)))
        return self.twins[key]

    def is_mine(self) -> bool:
        """Tell `compile` that this is no recording of a program."""
        return False


@contextmanager
def lines() -> Iterator[None]:
    """Record, with each operation, the line of code and the modules that it comes from.

    Pictures of what is computed inside show them.  Ordinary runs pay nothing.  While `compile`
    records a program it has no effect: a program knows its lines by itself.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.draw import graph
    >>> x = Tensor(2.0, requires_grad=True)
    >>> with lines():
    ...     y = x * x
    >>> graph(y).picture.root.line
    '<doctest autograd_nn.draw.lines.lines[3]>:2'
    """
    if any(tracer.is_mine() for tracer in tracers):
        yield
        return
    tracer = LineTracer()
    tracers.append(tracer)
    try:
        yield
    finally:
        tracers.remove(tracer)


def origin(node: Node) -> Origin | None:
    """Read where an operation was recorded."""
    found: Origin | None = getattr(node.primitive, "origin", None)
    return found


def shown(file: str) -> str:
    """Write a path relative to the working folder, or its last part alone: no one's home folder."""
    path = Path(file)
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.name if path.is_absolute() else file
