"""What can run a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from autograd_nn.program import replay
from autograd_nn.program.ir import Program, Value

Runner = Callable[[Sequence[Any], Sequence[Any]], dict[Value, Any]]


class Backend(Protocol):
    """Rewrites a program as it likes it best, and makes a function of it."""

    def optimised(self, program: Program) -> Program:
        """Rewrite a program."""

    def runner(self, program: Program) -> Runner:
        """Make the function that runs a program."""


class NumPyBackend:
    """NumPy alone."""

    def optimised(self, program: Program) -> Program:
        """Rewrite a program."""
        return program

    def runner(self, program: Program) -> Runner:
        """Make the function that runs a program."""
        return partial(replay.run, program)


BACKENDS: dict[str, type[Backend]] = {"numpy": NumPyBackend}


def backend_named(name: str) -> Backend:
    """Find a backend."""
    if name not in BACKENDS:
        message = f"compile: backend={name!r} is none of {', '.join(map(repr, BACKENDS))}"
        raise ValueError(message)
    return BACKENDS[name]()
