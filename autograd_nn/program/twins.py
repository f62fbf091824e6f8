"""Twins of primitives: while a program is recorded, they take the primitives' place.

A twin's forward and rules are traced call by call.  What cannot be traced, for it looks at
values or hands them to a function of its own, is one instruction that calls it as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from autograd_nn.errors import TraceError
from autograd_nn.ops import activations, choosing, convolution, layers, losses, special
from autograd_nn.primitive import Primitive
from autograd_nn.program.functions import RuleCall
from autograd_nn.program.symbol import Symbol
from autograd_nn.traced import Traced

WHOLE = {  # modules whose functions are instructions (ufuncs have no module)
    module.__name__ for module in (activations, convolution, losses, special)
}


def twin(tracer: Any, primitive: Primitive) -> Primitive:
    """Make the twin of a primitive."""
    made = copy(primitive)
    made.joint = None  # each rule is followed on its own
    made.parts = tuple(twin(tracer, part) for part in primitive.parts)
    made.forward = traced_forward(tracer, primitive)
    made.vjps = [
        traced_rule(
            tracer,
            RuleCall(primitive.name, "vjp", i, rule),
            backward=True,
            inside=bool(primitive.parts),
        )
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
    if primitive.parts:
        first, last = (traced_forward(tracer, part) for part in primitive.parts)
        return lambda *primals: last(first(*primals))
    whole = getattr(forward, "__module__", "") in WHOLE or primitive is layers.half_sse

    def traced(*primals: Any, **params: Any) -> Any:
        if not tracer.has_symbol((primals, params)):
            return forward(*primals, **params)
        if whole:
            return tracer.emit(forward, primals, params)
        return followed(tracer, forward, primals, params)

    traced.__name__ = forward.__name__
    traced.__doc__ = forward.__doc__
    traced.__wrapped__ = forward  # type: ignore[attr-defined]
    return traced


def traced_rule(
    tracer: Any, rule: RuleCall, *, backward: bool, inside: bool = False
) -> Callable[..., Any]:
    """Write down what a rule does, and whose cotangent it is given.

    That of the result; or, `inside` of a function followed by another, of what that was given.
    """

    def traced(v: Any, *saved: Any, **params: Any) -> Any:
        if backward and saved and isinstance(v, Symbol) and isinstance(saved[0], Symbol):
            out = saved[0].value
            label(v, out.maker.args[0] if inside and out.maker else out)
        if any(isinstance(x, Traced) for x in (v, *saved)):
            return rule.rule(v, *saved, **params)  # recorded, primitive by primitive
        term = followed(tracer, rule, (v, *saved), params)
        if backward and isinstance(term, Symbol):
            primal = saved[1 + rule.argument]
            if isinstance(primal, Symbol):
                aim(term, primal)
        return term

    return traced


def label(v: Any, of: Any) -> None:
    """Say whose cotangent `v` is."""
    if v.value.cotangent_of is None:
        v.value.cotangent_of = of


def aim(term: Symbol, primal: Symbol) -> None:
    """Say whose cotangent a rule's term is, or will be once the sweep has fitted it."""
    if term.shape == primal.shape:
        label(term, primal.value)
    else:
        term.value.toward = primal.value


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
