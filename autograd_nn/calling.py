"""How NumPy spells a call: what is data, what is a parameter, and what to say when it fails."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd_nn.errors import NoRuleError, ShapeError

BROADCASTING = (
    "Axis by axis from the right, lengths must be equal or 1: reshape or expand_dims one of them."
)


signature_of = cache(inspect.signature)  # looking it up anew costs ten times the call


def bind(
    function: Callable[..., Any],
    n_data: int,
    accepts: set[str],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Sort a call into `n_data` arguments and the parameters that differ from their defaults."""
    signature = signature_of(function)
    check_keywords(function.__name__, signature, kwargs)
    given = signature.bind_partial(*args, **kwargs).arguments
    names = list(signature.parameters)[:n_data]
    if any(name not in given for name in names):
        spelling = f"{function.__name__} of {len(given)} arguments"
        raise no_rule(spelling)
    data = tuple(given.pop(name) for name in names)
    params = {k: v for k, v in given.items() if v is not signature.parameters[k].default}
    if unknown := params.keys() - accepts:
        refuse_keyword(function.__name__, min(unknown))
    return data, params


def check_keywords(name: str, signature: inspect.Signature, kwargs: Mapping[str, Any]) -> None:
    """Refuse keywords that a rule's function does not take, though NumPy's may."""
    for keyword in kwargs.keys() - signature.parameters.keys():
        refuse_keyword(name, keyword)


def refuse_keyword(name: str, keyword: str) -> None:
    """Raise the error for a keyword that no derivative rule covers."""
    message = (
        f"{name}: the keyword {keyword}= has no derivative rule; leave it out, or call t.detach() "
        "on the tensor first if no gradient is wanted"
    )
    raise NoRuleError(message)


def no_rule(name: str) -> NoRuleError:
    """Build the error for a function without a derivative rule."""
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
    rules: Sequence[Callable[..., Any] | None], n_data: int
) -> tuple[Container[int], set[str]]:
    """Tell which arguments the rules read (by position) and which parameters they accept.

    A rule is ``rule(v, out, *args, **params)``.  An argument that it does not read has a name
    with a leading underscore.
    """
    reads, accepts = set[int](), set[str]()
    for rule in filter(None, rules):
        spec = inspect.getfullargspec(rule)
        names = spec.args[2:]
        if spec.varargs and not spec.varargs.startswith("_"):
            names += [spec.varargs] * (n_data - len(names))
        reads.update(i for i, name in enumerate(names[:n_data]) if not name.startswith("_"))
        accepts.update(names[n_data:], spec.kwonlyargs)
    return reads, accepts
