"""The plain way to run a program: call after call, as they were written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.errors import NaNError, TraceError
from autograd_nn.program.ir import Constant, Program, Value, tree_of
from autograd_nn.tensor import Tensor
from autograd_nn.traced import box, no_grad, settled

MISSED = object()  # what a shortcut returns that does not fit any more


class Replay:
    """Runs a program by looking at every instruction.

    Parameters
    ----------
    program : Program
    check_nan : bool
        Whether NaN in what is kept is an error.
    """

    def __init__(self, program: Program, *, check_nan: bool) -> None:
        self.program, self.check_nan = program, check_nan

    version = 0

    def shortcut(self, *_args: Any, **_params: Any) -> None:
        """Have no short way."""

    def run(self, arguments: Sequence[Any], tensors: Sequence[Any], _n: int) -> tuple[int, Any]:
        """Run it once; return how often it ran, and the results."""
        held = evaluated(self.program, arguments, [t.value for t in tensors])
        if self.check_nan:
            refuse_nan([(v.name, array) for v, array in held.items()])
        results = [np.array(held[v]) for v in self.program.results]  # as they are before updates
        commit(
            [(tensors[live.source.key], held[v]) for live, v in self.program.updates],  # type: ignore[union-attr]
            [
                (tensors[live.source.key], None if v is None else held[v])  # type: ignore[union-attr]
                for live, v in self.program.gradients
            ],
        )
        return 1, results


def evaluated(program: Program, arguments: Sequence[Any], lives: Sequence[Any]) -> dict[Value, Any]:
    """Compute the values that are looked at from outside, from arrays."""
    held: dict[Value, Any] = dict(zip(program.arguments, arguments, strict=True))
    held.update(zip(program.lives, lives, strict=True))
    for v in program.constants():
        assert isinstance(v.source, Constant)  # noqa: S101 (for mypy)
        held[v] = v.source.content
    for instruction in program.instructions:
        args = tree_of(instruction.args, held.__getitem__)
        params = tree_of(instruction.params, held.__getitem__)
        with np.errstate(**instruction.errors or {}):
            result = instruction.function(*args, **params)
        results = result if instruction.form is not None else [result]
        for value, made in zip(instruction.outs, results, strict=True):
            if np.shape(made) != value.shape:
                raise misshapen(instruction.name, np.shape(made), value.shape)
        held.update(zip(instruction.outs, results, strict=True))
    return {v: held[v] for v in program.kept}


def misshapen(name: str, found: tuple[int, ...], recorded: tuple[int, ...]) -> TraceError:
    """Build the error for a result whose shape depends on values."""
    return TraceError(
        f"compile: {name} returned shape {found}, and {recorded} when it was recorded: a program "
        "cannot follow shapes that depend on values; leave the function eager"
    )


def refuse_nan(held: Sequence[tuple[str, Any]]) -> None:
    """Raise if anything that would be kept is NaN."""
    for name, array in held:
        if np.any(np.isnan(array)):
            message = (
                f"the compiled step made NaN in {name or 'a result'} of shape {np.shape(array)}; "
                "no parameter was changed"
            )
            raise NaNError(message)


def commit(updates: Sequence[tuple[Any, Any]], gradients: Sequence[tuple[Any, Any]]) -> None:
    """Let Tensors be what a program made of them: nothing here can fail half-way."""
    new = [(tensor, np.array(array)) for tensor, array in updates]
    grads = [(tensor, None if v is None else np.array(v)) for tensor, v in gradients]
    with no_grad():
        for tensor, array in new:
            if hasattr(tensor, "lens"):
                tensor[...] = array
            else:
                tensor.write(array, "a compiled step")
                tensor.refresh()
    for tensor, grad in grads:
        tensor.grad = None if grad is None else box(Tensor, settled(grad))
