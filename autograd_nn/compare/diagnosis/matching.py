"""Match the arguments and results of a person's two passes with what `diagnose` has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.conventions import (
    arguments,
    gradients_by_name,
    has_role,
    last_assigned,
)
from autograd_nn.errors import DiagnosisInputError

Function = Callable[..., Any]
Roles = Mapping[str, str]
CHOICES = ("targets", "lr", "upstream", "output", "inputs", "params", "cache", "count")


def checked(roles: Roles | None) -> dict[str, str]:
    """Return the roles that a person gave, if each is one."""
    for name, role in (roles or {}).items():
        if role not in CHOICES:
            message = f"{name}={role}: the roles are {', '.join(CHOICES)}"
            raise DiagnosisInputError(message)
    return dict(roles or {})


def plays(name: str, role: str, given: Roles) -> bool:
    """Tell whether a name has a role: the one it was given, or by convention."""
    return given[name] == role if name in given else has_role(name, role)


def is_layer(unknown: Iterable[str], given: Roles) -> bool:
    """Tell whether a backward pass takes the gradient from above, and no targets.

    `unknown` are the names of its arguments that the forward pass does not explain.
    """
    unknown = list(unknown)
    return any(plays(name, "upstream", given) for name in unknown) and not any(
        plays(name, "targets", given) for name in unknown
    )


def input_of(forward: Function, names: Mapping[str, bool], given: Roles) -> str:
    """Return which argument of a forward pass holds the inputs."""
    required = [name for name, needed in names.items() if needed]
    found = [name for name in names if given.get(name) == "inputs"]
    found = found or [name for name in required if plays(name, "inputs", given)]
    found = found or [name for name in required if not plays(name, "params", given)]
    if len(found) == 1:
        return found[0]
    message = (
        f"{forward.__name__}({', '.join(names)}): which argument holds the inputs cannot be told "
        "from the names; give --role NAME=inputs"
    )
    raise DiagnosisInputError(message)


def forward_roles(forward: Function, given: Roles, *, layer: bool) -> dict[str, str]:
    """Return what each argument of a forward pass is: "inputs", "params" or one "parameter".

    All arguments of a layer count as parameters, its input too.
    """
    names = arguments(forward)
    required = [name for name, needed in names.items() if needed or name in given]
    if layer:
        return {name: given.get(name, "parameter") for name in required}
    inputs = input_of(forward, names, given)
    others = [name for name in required if name != inputs]
    whole = len(others) == 1 and plays(others[0], "params", given)
    return {
        name: "inputs" if name == inputs else "params" if whole else "parameter"
        for name in required
    }


def takes_inputs_alone(forward: Function, given: Roles) -> bool:
    """Tell whether a forward pass takes no parameters, so that they must be elsewhere."""
    names = arguments(forward)
    return [input_of(forward, names, given)] == [n for n, needed in names.items() if needed]


def output_of(forward: Function, values: Sequence[str], given: Roles) -> str:
    """Return which of the values that a forward pass returns is its output.

    It is what has the role, by name; or the only one that is no cache; or the one assigned last.
    """
    if len(values) <= 1:
        return values[0] if values else "#0"
    others = [name for name in values if not plays(name, "cache", given)]
    for candidates in (
        [name for name in values if given.get(name) == "output"],
        [name for name in values if plays(name, "output", given)],
        others,
        [name for name in others if name.startswith("#")],  # an expression
    ):
        if len(candidates) == 1:
            return candidates[0]
    if last := last_assigned(forward, others):
        return last
    message = (
        f"{forward.__name__} returns {', '.join(values)}: which of them is the output cannot be "
        "told; give --role NAME=output"
    )
    raise DiagnosisInputError(message)


def backward_roles(
    backward: Function, names: Mapping[str, bool], explained: Roles, given: Roles
) -> dict[str, str]:
    """Return what each argument of a backward pass is.

    Parameters
    ----------
    backward : callable
    names : mapping of str to bool
        Its arguments, and whether each must be given.
    explained : mapping of str to str
        What the names of the forward pass are: its arguments and the values that it returns.
    given : mapping of str to str
        Roles that the person gave.
    """
    found = {}
    for name, required in names.items():
        by_convention = (role for role in CHOICES if has_role(name, role))
        role = given.get(name) or explained.get(name) or next(by_convention, None)
        if role:
            found[name] = role
        elif required:
            message = (
                f"{backward.__name__}: its argument {name!r} is neither an argument of the forward "
                f"pass nor a value that it returns ({', '.join(explained)}), and its name says no "
                f"role; give --role {name}=ROLE, one of {', '.join(CHOICES)}"
            )
            raise DiagnosisInputError(message)
    for role in set(found.values()) - {"value", "parameter", "count"}:
        if len(alike := [name for name in found if found[name] == role]) > 1:
            message = (
                f"{backward.__name__}: its arguments {' and '.join(alike)} could each be the "
                f"{role}; give --role NAME=ROLE for each"
            )
            raise DiagnosisInputError(message)
    return found


def standing_for(call: Function, original: Function) -> Function:
    """Return a function that does `call`, and says whose code it runs."""

    def function(*args: Any) -> Any:
        return call(*args)

    function.__wrapped__ = original  # type: ignore[attr-defined]
    return function


def roles_held(
    params: Any, inputs: Any, targets: Any, output: Any, cache: Any, lr: Any
) -> dict[str, Any]:
    """Return the value of each role in one call of a backward pass."""
    return {
        "params": params,
        "inputs": inputs,
        "targets": targets,
        "upstream": targets,  # of a layer
        "output": output,
        "cache": cache,
        "lr": lr,
        "count": len(inputs) if np.ndim(inputs) else 1,
    }


def laid_out(
    result: Any, names: Sequence[str], parameters: Sequence[str], backward: Function
) -> dict[str, Any]:
    """Return what a backward pass returned as a dict like params, by names, else by order.

    `names` are those in its return statement.
    """
    if isinstance(result, Mapping):
        named = {str(key): value for key, value in result.items()}
    elif isinstance(result, (tuple, list)) and (len(parameters) > 1 or len(names) > 1):
        keys = names if len(names) == len(result) else [f"#{n}" for n in range(len(result))]
        named = dict(zip(keys, result, strict=True))
    else:
        named = {names[0] if names else "#0": result}
    known = gradients_by_name(named, parameters)
    if not known and len(named) == len(parameters):
        known = dict(zip(parameters, named, strict=True))
    if not known:
        message = (
            f"{backward.__name__} returned {', '.join(named)}, which match none of the parameters "
            f"{', '.join(parameters)}; return a dict with the parameters' names"
        )
        raise DiagnosisInputError(message)
    return {name: named[gradient] for name, gradient in known.items()}
