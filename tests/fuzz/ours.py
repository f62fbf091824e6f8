"""What is judged: autograd_nn's value, gradient, jvp and second derivative, in several ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn import Tensor, jvp, vjp

from .programs import Directions, Program

Arrays = list[NDArray[Any]]
KINDS = ("value", "gradient", "jvp", "second")
FIRST = ("vjp", "backward")
SECOND = ("forward over reverse", "reverse over reverse", "reverse over forward")


@dataclass
class Derivatives:
    """Of an output for a cotangent `u` and tangents `v`, `w`.

    The gradient of Re(sum(conj(u) * out)); the tangent of the output along v; and the tangent of
    the gradient along w.
    """

    value: Arrays
    gradient: Arrays | None = None
    jvp: Arrays | None = None
    second: Arrays | None = None


def function_of(program: Program) -> Callable[..., Any]:
    """Bind the constants: a function of the differentiated inputs."""
    run = program.function("numpy")
    constants = {g.name: g.laid_out() for g in program.inputs if not g.differentiated}
    names = [g.name for g in program.differentiated]
    return lambda *xs: run(**constants, **dict(zip(names, xs, strict=True)))


class Ours:
    """One program, differentiated; by which transforms is drawn with its seed."""

    def __init__(self, program: Program, towards: Directions) -> None:
        self.function = function_of(program)
        self.xs = [given.laid_out() for given in program.differentiated]
        self.u = towards.u.astype(program.steps[-1].value.dtype)
        self.v, self.w = (
            [np.asarray(d.astype(x.dtype)) for d, x in zip(ds, self.xs, strict=True)]
            for ds in (towards.v, towards.w)
        )
        self.first = FIRST[program.seed % len(FIRST)]
        self.how = SECOND[program.seed % len(SECOND)]

    def value_and_gradient(self) -> tuple[Arrays, Arrays]:
        run = by_vjp if self.first == "vjp" else by_backward
        value, gradient = run(self.function, self.xs, self.u)
        return [value], gradient

    def jvp(self) -> Arrays:
        return [np.asarray(jvp(self.function, tuple(self.xs), tuple(self.v))[1])]

    def second(self) -> Arrays:
        return second_derivative(self.how, self.function, self.xs, self.u, self.w)


def by_vjp(function: Callable[..., Any], xs: Arrays, u: Any) -> tuple[NDArray[Any], Arrays]:
    out, pull = vjp(function, *xs)
    return np.asarray(out), [np.asarray(g) for g in pull(u)]


def by_backward(function: Callable[..., Any], xs: Arrays, u: Any) -> tuple[NDArray[Any], Arrays]:
    leaves = [Tensor(x, requires_grad=True) for x in xs]
    out = function(*leaves)
    if not isinstance(out, Tensor) or not out.requires_grad:  # constant, as far as can be
        return np.asarray(out), [np.zeros_like(x) for x in xs]
    out.backward(u)
    zeros = (np.zeros_like(x) for x in xs)
    gradients = [
        zero if x.grad is None else x.grad.numpy() for x, zero in zip(leaves, zeros, strict=True)
    ]
    return out.numpy() if not out.requires_grad else out.detach().numpy(), gradients


def second_derivative(
    how: str, function: Callable[..., Any], xs: Arrays, u: Any, w: Arrays
) -> Arrays:
    """Differentiate the gradient along `w`: three ways to the same."""
    if how == "forward over reverse":
        found = jvp(lambda *ys: tuple(vjp(function, *ys)[1](u)), tuple(xs), tuple(w))[1]
    elif how == "reverse over reverse":

        def along(*ys: Any) -> Any:
            gradient = vjp(function, *ys)[1](u)
            return sum(inner(d, g) for d, g in zip(w, gradient, strict=True))

        found = vjp(along, *xs)[1](1.0)
    else:
        found = vjp(lambda *ys: inner(u, jvp(function, ys, tuple(w))[1]), *xs)[1](1.0)
    return [np.asarray(g) for g in found]


def inner(a: Any, b: Any) -> Any:
    """Compute Re(sum(conj(a) * b)), of which `a` is constant."""
    if np.iscomplexobj(a):
        return np.sum(np.real(np.conj(a) * b))
    return np.sum(a * b)
