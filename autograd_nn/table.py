"""The table of derivatives, and the kinds of its entries."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from sys import modules
from typing import Any, TypeVar

from autograd_nn import masks
from autograd_nn.calling import BROADCASTING
from autograd_nn.fitting import Several
from autograd_nn.primitive import Primitive, Rule, Rules
from autograd_nn.several import unpack

TABLE: dict[Callable[..., Any], Callable[..., Any]] = {}  # the derivatives
CONSTANTS: set[Callable[..., Any]] = set()
REFUSED: dict[Callable[..., Any], str] = {}  # why, and what to write instead
PROVIDERS = {"scipy.special": "autograd_nn.ops.scipy_special"}  # entries come when it is in use
Body = TypeVar("Body", bound=Callable[..., Any])


def elementwise(function: Callable[..., Any], *rules: Rule | None) -> Primitive:
    """Enter a function with a diagonal Jacobian, its own transpose: one rule serves both ways."""
    TABLE[function] = primitive = Primitive(function, rules, rules, BROADCASTING)
    primitive.reach = masks.same
    return primitive


def linear(function: Callable[..., Any], *transposes: Rule, hint: str | None = "") -> Primitive:
    """Enter a function linear in each argument, its own derivative: only transposes are news."""

    def derivative(i: int) -> Rule:
        return lambda v, _out, *xs, **params: primitive(*xs[:i], v, *xs[i + 1 :], **params)

    primitive = Primitive(
        function, transposes, [derivative(i) for i in range(len(transposes))], hint
    )
    if len(transposes) == 1:
        primitive.reach = masks.weighed
    TABLE[function] = primitive
    return primitive


def general(
    function: Callable[..., Any], vjps: Rules | Rule, jvps: Rules, hint: str | None = ""
) -> Primitive:
    """Enter a function that states both: how cotangents go back, how tangents go forward.

    One rule may carry cotangents back to all arguments, where these share work:
    ``rule(v, wanted, out, *args)`` returns a term for each, None for one that is not wanted.
    """
    joint = None
    if callable(vjps):
        joint, vjps = vjps, [only(vjps, i, len(jvps)) for i in range(len(jvps))]
    TABLE[function] = primitive = Primitive(function, vjps, jvps, hint)
    primitive.joint = joint
    return primitive


def only(joint: Rule, i: int, n: int) -> Rule:
    """Take one of `n` arguments' rules out of a joint one."""
    wanted = [k == i for k in range(n)]
    return lambda v, out, *args: joint(v, wanted, out, *args)[i]


def followed(function: Callable[..., Any], first: Primitive, last: Primitive) -> Primitive:
    """Enter ``last(first(...))`` as one function, where the rule of `last` reads its result alone.

    Cotangents go through the rule of `last` once, then through those of `first`.
    """
    TABLE[function] = primitive = Primitive(function, first.vjps, first.jvps, first.hint)
    primitive.parts, primitive.joint = (first, last), first.joint
    return primitive


def several(function: Callable[..., Any], vjps: Rules, jvps: Rules) -> Callable[..., Any]:
    """Enter a function that returns a tuple, as one node from which each result is selected.

    In its rules `out` is that tuple, and so is what is carried: `v` in vjps, with None for what
    was not used, and the result of jvps.
    """

    @wraps(function)
    def forward(*args: Any, **params: Any) -> Several:
        return Several(function(*args, **params))

    def packed(rule: Rule) -> Rule:
        return lambda *args, **params: Several(rule(*args, **params))

    joint = Primitive(forward, vjps, jvps)
    joint.jvps = [*map(packed, joint.jvps)]
    TABLE[function] = call = wraps(function)(lambda *args, **params: unpack(joint(*args, **params)))
    return call


def composite(function: Callable[..., Any]) -> Callable[[Body], Body]:
    """Enter a function as a composition of others: the decorated body takes its place."""

    def enter(body: Body) -> Body:
        TABLE[function] = body
        return body

    return enter


def constant(*functions: Callable[..., Any]) -> None:
    """Enter functions of values alone, whose results carry no gradient."""
    CONSTANTS.update(functions)


def refuse(function: Callable[..., Any], reason: str) -> None:
    """Enter a function that cannot be differentiated: why, and what to write instead."""
    REFUSED[function] = reason


def provided(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """Look again for what the table lacks, with the entries for the libraries that are in use."""
    for library, provider in tuple(PROVIDERS.items()):
        if library in modules:
            import_module(provider)
            PROVIDERS.pop(library, None)  # only now: another thread waits for the import
    return TABLE.get(function)
