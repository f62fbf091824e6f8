"""How NumPy spells a call: what is data, what is a parameter, and what to say when it fails."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import islice
from types import FunctionType
from typing import Any

import numpy as np

from autograd_nn.errors import DetachError, DtypeError, NoRuleError, ShapeError

BROADCASTING = (
    "Axis by axis from the right, lengths must be equal or 1: reshape or expand_dims one of them."
)
PLAIN = ("scipy.", "numpy.polynomial.")  # Python code that makes plain arrays of its arguments


class Anything:
    """A set that contains whatever is asked for."""

    def __contains__(self, item: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())


Names = set[str] | Anything


def bind(
    signature: inspect.Signature,
    name: str,
    n_data: int,
    accepts: Names,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Sort a call into `n_data` arguments and the parameters that differ from their defaults."""
    check_keywords(name, signature, kwargs)
    try:
        bound = signature.bind_partial(*args, **kwargs)
    except TypeError as error:
        message = f"{name}: {error}; it takes {', '.join(signature.parameters)}"
        raise TypeError(message) from error
    given = dict(bound.arguments)
    names = list(signature.parameters)[:n_data]
    if any(needed not in given for needed in names):
        spelling = f"{name} of {len(given)} arguments"
        raise no_rule(spelling)
    data = tuple(given.pop(needed) for needed in names)
    for extra in [
        k for k in given if signature.parameters[k].kind is inspect.Parameter.VAR_KEYWORD
    ]:
        given |= given.pop(extra)
    defaults = {k: p.default for k, p in signature.parameters.items()}
    params = {k: v for k, v in given.items() if v is not defaults.get(k, given)}
    for keyword in params:
        if keyword not in accepts:
            refuse_keyword(name, keyword, accepts)
    return data, params


def check_keywords(name: str, signature: inspect.Signature, kwargs: Mapping[str, Any]) -> None:
    """Refuse keywords that a rule's function does not take, though NumPy's may."""
    kinds = {p.kind for p in signature.parameters.values()}
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        for keyword in kwargs.keys() - signature.parameters.keys():
            refuse_keyword(name, keyword, signature.parameters)


def refuse_keyword(name: str, keyword: str, known: Iterable[str]) -> None:
    """Raise the error for a keyword that no derivative rule covers."""
    covered = ", ".join(sorted(known)) or "none"
    message = (
        f"{name}: the keyword {keyword}= has no derivative rule (those that have: {covered}); "
        "leave it out, or call t.detach() on the tensor first if no gradient is wanted"
    )
    raise NoRuleError(message)


def check_numbers(name: str, out: Any) -> None:
    """Refuse results that are not arrays of numbers."""
    if out.dtype.kind not in "biufc":
        message = f"{name}: the result has dtype {out.dtype}; all arguments must be numbers"
        raise DtypeError(message)


def no_rule(name: str, reason: str | None = None) -> NoRuleError:
    """Build the error for a function without a derivative rule, or refused for a reason."""
    if reason:
        return NoRuleError(f"{name} cannot be differentiated: {reason}")
    return NoRuleError(
        f"{name} has no derivative rule, so the gradient would be lost; write it with functions "
        f"that have one, call t.detach() first if no gradient is wanted, or add a rule: "
        f"autograd_nn.custom_vjp(function, rule) for your own code, a line in autograd_nn/ops/ "
        f"for NumPy's (ARCHITECTURE.md tells how)"
    )


def missing(name: str, i: int) -> Callable[..., Any]:
    """Stand in for a rule that was not given: refuse when it is needed."""

    def rule(*_args: Any, **_params: Any) -> Any:
        message = (
            f"{name} has no derivative rule for argument {i} in this direction; give it one, or "
            "call detach() on that argument"
        )
        raise NoRuleError(message)

    return rule


def misfit(name: str, primals: Sequence[Any], hint: str, error: Exception) -> ShapeError:
    """Build the error for arguments that do not fit together: who, which shapes, what to do."""
    shapes = ", ".join(f"argument {i} of shape {np.shape(p)}" for i, p in enumerate(primals))
    return ShapeError(f"{name} cannot be applied to {shapes}: {error}. {hint}".strip())


def argument_names(
    vjps: Sequence[Callable[..., Any] | None], jvps: Sequence[Callable[..., Any] | None]
) -> tuple[Container[int], Names]:
    """Tell which arguments the rules read (by position) and which parameters they accept.

    A rule is ``rule(v, out, *args, **params)``.  An argument that it does not read has a name
    with a leading underscore.
    """
    n_data = len(vjps)
    reads, accepts, any_keyword = set[int](), set[str](), False
    for rule in filter(None, (*vjps, *jvps)):
        args, varargs, varkw, kwonlyargs = arguments_of(rule)
        names = args[2:]
        if varargs and not varargs.startswith("_"):
            names += [varargs] * (n_data - len(names))
        reads.update(i for i, name in enumerate(names[:n_data]) if not name.startswith("_"))
        if rule in vjps:
            accepts.update(names[n_data:], kwonlyargs)
            any_keyword = any_keyword or varkw is not None
    return reads, Anything() if any_keyword else accepts


def arguments_of(rule: Callable[..., Any]) -> tuple[list[str], str | None, str | None, list[str]]:
    """Name the arguments of a rule: plain ones, ``*rest``, ``**rest``, those by keyword alone."""
    if type(rule) is not FunctionType:
        spec = inspect.getfullargspec(rule)
        return spec.args, spec.varargs, spec.varkw, spec.kwonlyargs
    code = rule.__code__  # inspect takes twenty times as long, for hundreds of rules
    names = iter(code.co_varnames)
    args = list(islice(names, code.co_argcount))
    kwonlyargs = list(islice(names, code.co_kwonlyargcount))
    varargs = next(names) if code.co_flags & inspect.CO_VARARGS else None
    varkw = next(names) if code.co_flags & inspect.CO_VARKEYWORDS else None
    return args, varargs, varkw, kwonlyargs


def detached() -> DetachError:
    """Build the error for a differentiated tensor that was about to become a plain array."""
    reason = "use NumPy functions on the tensor itself (np.stack joins several)"
    frame, special = sys._getframe(2), "scipy.special"  # noqa: SLF001 (who wants the array)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith(PLAIN):
        if frame.f_globals["__name__"].startswith("numpy."):
            reason = (
                "np.polynomial makes plain arrays of coefficients, so call np.polyval or its like "
                "(np.polymul, np.polyder, ...), to which the highest power comes first"
            )
        name = frame.f_code.co_name
        if name in getattr(sys.modules.get(special), "__all__", ()):
            known = name in import_module(f"autograd_nn.{special}").__all__
            instead = f"call autograd_nn.{special}.{name}" if known else "write it with its ufuncs"
            reason = f"{special}.{name} makes plain arrays of its arguments, so {instead}"
        frame = frame.f_back
    return DetachError(
        "a tensor that requires a gradient cannot become a plain array (its graph would be lost): "
        f"{reason}, or t.detach() first"
    )
