"""What can run a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from autograd_nn.errors import MissingExtraError
from autograd_nn.program import passes
from autograd_nn.program.emission import CannotCompile
from autograd_nn.program.flat import Flat
from autograd_nn.program.fusion import fused, length
from autograd_nn.program.generated import Names
from autograd_nn.program.ir import Program
from autograd_nn.program.lowering import lowered
from autograd_nn.program.replay import Replay

LONGEST = 250  # instructions in kernels: Numba took 9 s for a hundred, 45 s for three hundred


class Runner(Protocol):
    """Runs one program."""

    version: int  # changes when a shortcut must be made anew

    def run(self, arguments: Sequence[Any], tensors: Sequence[Any], n: int) -> tuple[int, Any]:
        """Run it up to n times on arrays and live Tensors, which it changes.

        Returns how often it ran, at least once, and the results, which the caller copies.
        """

    def shortcut(
        self,
        args: Sequence[Any],
        unless_alike: Callable[[Names, str], list[str]],
        asked_grads: Sequence[tuple[Any, bool]],
        *,
        wrapped: bool,
    ) -> Callable[..., Any] | None:
        """Make a function of a tuple like `args` that runs it once, if there is a short way.

        It returns MISSED where the lines of `unless_alike` do, or if it is otherwise than in
        `asked_grads` whether a Tensor has a gradient; else the result, `wrapped` in a Tensor.
        """


class Backend(Protocol):
    """Rewrites a program as it likes it best, and makes something of it that runs."""

    def optimised(self, program: Program) -> Program:
        """Rewrite a program."""

    def runner(self, program: Program, tensors: Sequence[Any], *, check_nan: bool) -> Runner:
        """Make what runs a program.

        `tensors` are the live Tensors that are the same at every call, None for others.
        """


class NumPyBackend:
    """One generated function of NumPy calls over buffers that stay."""

    def optimised(self, program: Program) -> Program:
        """Rewrite a program, and find out whether its fastest form is exact."""
        program = passes.optimised(program)
        return replace(program, exact=lowered(program).exact)

    def runner(self, program: Program, tensors: Sequence[Any], *, check_nan: bool) -> Runner:
        """Make what runs a program."""
        return Flat(lowered(program), tensors, check_nan=check_nan)


class NumbaBackend:
    """Loops compiled by Numba, BLAS called from them; NumPy for what cannot be compiled."""

    def __init__(self) -> None:
        if find_spec("numba") is None or find_spec("scipy") is None:
            message = (
                "compile: backend='numba' needs Numba and SciPy: pip install 'autograd_nn[fast]'"
            )
            raise MissingExtraError(message)

    def optimised(self, program: Program) -> Program:
        """Rewrite a program, and find out whether its compiled form is exact."""
        program = passes.optimised(program)
        return replace(program, exact=fused(program).exact)

    def runner(self, program: Program, tensors: Sequence[Any], *, check_nan: bool) -> Runner:
        """Make what runs a program."""
        looped = import_module("autograd_nn.program.looped")  # which imports Numba
        kernels = fused(program)
        if length(kernels) <= LONGEST:
            with suppress(CannotCompile):
                runner: Runner = looped.Looped(kernels, tensors, check_nan=check_nan)
                return runner
        return NumPyBackend().runner(program, tensors, check_nan=check_nan)


class PlainBackend:
    """Call after call, as they were recorded: to find out what the others do wrong."""

    def optimised(self, program: Program) -> Program:
        """Leave a program as it is."""
        return program

    def runner(self, program: Program, _tensors: Sequence[Any], *, check_nan: bool) -> Runner:
        """Make what runs a program."""
        return Replay(program, check_nan=check_nan)


BACKENDS: dict[str, type[Backend]] = {
    "numpy": NumPyBackend,
    "numba": NumbaBackend,
    "plain": PlainBackend,
}


def backend_named(name: str) -> Backend:
    """Find a backend."""
    if name not in BACKENDS:
        message = f"compile: backend={name!r} is none of {', '.join(map(repr, BACKENDS))}"
        raise ValueError(message)
    return BACKENDS[name]()
