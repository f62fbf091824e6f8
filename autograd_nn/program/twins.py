"""Twins of primitives: while a program is recorded, they take the primitives' place.

A twin's forward and rules are traced call by call.  What cannot be traced, for it looks at
values or hands them to a function of its own, is one instruction that calls it as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from autograd_nn.errors import TraceError
from autograd_nn.fitting import Symbolic
from autograd_nn.ops import choosing, special
from autograd_nn.primitive import Primitive
from autograd_nn.program.functions import RuleCall
from autograd_nn.traced import Traced

WHOLE = {special.__name__}  # modules whose functions are instructions, known by their names


def twin(tracer: Any, primitive: Primitive) -> Primitive:
    """Make the twin of a primitive."""
    made = copy(primitive)
    made.forward = traced_forward(tracer, primitive)
    made.vjps = [
        traced_rule(tracer, RuleCall(primitive.name, "vjp", i, rule), backward=True)
        for i, rule in enumerate(primitive.vjps)
    ]
    made.jvps = [
        traced_rule(tracer, RuleCall(primitive.name, "jvp", i, rule), backward=False)
        for i, rule in enumerate(primitive.jvps)
    ]
    return made


def traced_forward(tracer: Any, primitive: Primitive) -> Callable[..., Any]:
    """Write down what a primitive's function does."""
    forward = primitive.forward
    if primitive is choosing.where:
        return forward
    whole = getattr(forward, "__module__", "") in WHOLE  # ufuncs have no module

    def traced(*primals: Any, **params: Any) -> Any:
        if not tracer.has_symbol((primals, params)):
            return forward(*primals, **params)
        if whole:
            return tracer.emit(forward, primals, params)
        return followed(tracer, primitive.formula or forward, primals, params)

    traced.__name__ = forward.__name__
    traced.__doc__ = forward.__doc__
    traced.__wrapped__ = forward  # type: ignore[attr-defined]
    return traced


def traced_rule(tracer: Any, rule: RuleCall, *, backward: bool) -> Callable[..., Any]:
    """Write down what a rule does, and whose cotangent it is given."""

    def traced(v: Any, *saved: Any, **params: Any) -> Any:
        if backward and saved and isinstance(v, Symbolic) and isinstance(saved[0], Symbolic):
            label(v, saved[0])
        if any(isinstance(x, Traced) for x in (v, *saved)):
            return rule.rule(v, *saved, **params)  # recorded, primitive by primitive
        return followed(tracer, rule, (v, *saved), params)

    return traced


def label(v: Any, out: Any) -> None:
    """Say that `v` is the cotangent of `out`."""
    if v.value.cotangent_of is None:
        v.value.cotangent_of = out.value


def followed(tracer: Any, function: Callable[..., Any], args: Any, params: Any) -> Any:
    """Trace a function, or if it cannot be traced make it one instruction."""
    mark = len(tracer.instructions)
    try:
        return function(*args, **params)
    except (TraceError, ValueError) as error:
        # Where NumPy assigns a number to an entry, it makes a ValueError of a TraceError.
        if not isinstance(error, TraceError) and not isinstance(error.__cause__, TraceError):
            raise
    tracer.rollback(mark)
    return tracer.emit(function, args, params)
