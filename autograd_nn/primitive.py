"""A NumPy function that knows its derivative, and what applying it remembers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from inspect import Signature, signature
from typing import Any, TypeVar

from numpy import ndarray
from numpy.linalg import LinAlgError

from autograd_nn import masks
from autograd_nn.calling import argument_names, bind, check_numbers, misfit, missing
from autograd_nn.errors import NoRuleError
from autograd_nn.fitting import Value
from autograd_nn.graph import Node
from autograd_nn.traced import IMMUTABLE, Traced, box, keep, note_view, recording, tracers, unshared

Rule = Callable[..., Value]
Rules = Sequence[Rule | None]
NO_PARAMS: dict[str, Any] = {}
Result = TypeVar("Result")


class Primitive:
    """A NumPy function and its rules, ``rule(v, out, *args, **params)``, one per argument.

    `v` is the tangent (jvps) or the cotangent (vjps).  A rule never asks whether it holds
    arrays or Tensors: on arrays it is plain NumPy, on Tensors it is recorded like any other
    code, and that is all there is to higher derivatives.
    """

    def __init__(
        self, forward: Callable[..., Any], vjps: Rules, jvps: Rules, hint: str | None = ""
    ) -> None:
        self.forward, self.hint, self.chooses = forward, hint, False
        self.reach: Callable[..., Any] = masks.unknown
        self.parts: tuple[Primitive, ...] = ()  # what it is made of, one after the other
        self.joint: Rule | None = None  # all vjps in one, if they share work
        self.name = self.__name__ = forward.__name__.lstrip("_")  # zeta is _zeta to SciPy
        self.__doc__ = forward.__doc__
        self.reads, self.accepts = argument_names(vjps, jvps)
        self.vjps = [rule or missing(self.name, i) for i, rule in enumerate(vjps)]
        self.jvps = [rule or missing(self.name, i) for i, rule in enumerate(jvps)]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply to arrays or Tensors, spelled as NumPy spells it."""
        n = len(self.vjps)
        if kwargs or len(args) != n:
            args, kwargs = bind(self.signature, self.name, n, self.accepts, args, kwargs)
            kwargs = {k: bare_param(self.name, k, p) for k, p in kwargs.items()}
        return record(self, args, kwargs)

    @cached_property
    def signature(self) -> Signature:
        """How the function is called."""
        return signature(self.forward)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


def bare_param(name: str, keyword: str, param: Any) -> Any:
    """Take a parameter out of a constant Tensor; one that is differentiated would be lost."""
    if isinstance(param, Traced) and param.node is not None and recording.get():
        message = f"{name}: the parameter {keyword} has no derivative rule; pass it as t.detach()"
        raise NoRuleError(message)
    return param.value if isinstance(param, Traced) else param


def record(  # noqa: C901, PLR0912 (one pass over the arguments: every operation comes through here)
    primitive: Primitive, args: Sequence[Any], params: dict[str, Any] = NO_PARAMS
) -> Result:  # type: ignore[type-var]  # an array or a Tensor, as the caller knows
    """Apply a primitive and, if an argument is differentiated, remember how."""
    if tracers:
        primitive = tracers[-1].twin(primitive)
    kind: Any = None
    primals: list[Any] = []
    parents: list[Node | None] = []
    foreign: list[int] = []  # the arguments to which others may write
    for arg in args:
        if isinstance(arg, Traced):
            kind = type(arg)
            if arg.exposed:
                foreign.append(len(primals))
            primals.append(arg.value)
            parents.append(arg.node)
        else:
            if type(arg) is ndarray or not isinstance(arg, IMMUTABLE):  # the first for speed
                foreign.append(len(primals))
            primals.append(arg)
            parents.append(None)
    try:
        out = primitive.forward(*primals, **params)
    except ValueError as error:
        if primitive.hint is None or isinstance(error, LinAlgError):
            raise  # a user's own function: its errors are its own; so is what LAPACK finds
        raise misfit(primitive.name, primals, primitive.hint, error) from error
    if kind is None:
        return out  # type: ignore[no-any-return]
    node = seals = None
    if foreign:
        check_numbers(primitive.name, out)
    if any(parents) and recording.get():
        if foreign:
            seals = keep(foreign, primitive.reads, args, primals)
        if params:
            params = unshared(params)
        node = Node(primitive, tuple(parents), tuple(primals), params, out, seals)
    if out.base is None and out is not primals[0]:
        return box(kind, out, node)  # type: ignore[no-any-return]
    view = box(kind, out, node, bool(foreign))
    note_view(view, args[0], primitive, params)
    return view  # type: ignore[no-any-return]
