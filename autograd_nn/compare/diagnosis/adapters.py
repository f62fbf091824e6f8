"""Call functions of other shapes as `diagnose` calls them.

`diagnose` wants ``forward(params, inputs) -> (output, cache)``, ``backward(params, inputs, targets,
output, cache[, lr])`` and ``loss(output, targets[, params])``. People write other shapes:

* functions (`adapt`): an argument of the backward pass has the name of an argument of the forward
  pass or of a value that the forward pass returns, or says its role (``targets``, ``lr``);
* objects (`adapt_object`): parameters are attributes, what the forward pass leaves on the object
  is the cache, and gradients are returned, or left on the object as ``dW1`` for ``W1``;
* functions of global variables (`adapt_globals`): the same, with variables for attributes;
* layers, in either shape: the backward pass takes the gradient from above (``dout``) instead of
  targets. They are judged by the loss ``sum(dout * output)``, and the layer's input counts as a
  parameter.

Gradients are matched with parameters by name (``dW1``, ``grad_W1``, ``W1_grad``, ``nabla_w``), and
by their order if none of their names is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.conventions import (
    arguments,
    globals_read,
    gradients_by_name,
    has_role,
    returned,
)
from autograd_nn.compare.diagnosis.matching import (
    Function,
    Roles,
    backward_roles,
    checked,
    forward_roles,
    is_layer,
    laid_out,
    output_of,
    plays,
    roles_held,
    standing_for,
)
from autograd_nn.errors import DiagnosisInputError


@dataclass(frozen=True)
class Adapted:
    """Hold functions that `diagnose` can call.

    Attributes
    ----------
    forward, backward : callable
    returns : {"grads", "update"}
    parameters : tuple of str
        The keys of ``params``; empty where the code takes ``params`` as a whole.
    layer : bool
        Whether it is a layer, to be judged by `linear_loss`.
    """

    forward: Function
    backward: Function
    returns: str
    parameters: tuple[str, ...]
    layer: bool


def linear_loss(output: Any, upstream: Any) -> Any:
    """Return ``sum(upstream * output)``, whose gradient with respect to the output is upstream."""
    return np.sum(upstream * output)


def adapt(
    forward: Function,
    backward: Function,
    *,
    roles: Roles | None = None,
    returns: str | None = None,
) -> Adapted:
    """Adapt two functions, matching arguments by name.

    Parameters
    ----------
    forward, backward : callable
    roles : mapping of str to str, optional
        For an argument or a returned value whose name says nothing, its role: "inputs", "targets",
        "output", "cache", "params", "lr", "upstream" (the gradient from above) or "count" (the
        number of samples).
    returns : {"grads", "update"}, optional
        By default, "update" if the backward pass takes a learning rate and does not return what
        has the names of gradients, or if it returns nothing.

    Returns
    -------
    Adapted

    Raises
    ------
    DiagnosisInputError
        If an argument cannot be matched; the sentence says which, and what to give.

    Examples
    --------
    >>> def forward(x, w, b):
    ...     y = w * x + b
    ...     return y
    >>> def backward(x, w, b, y, t):
    ...     return np.sum((y - t) * x), np.sum(y - t)
    >>> adapted = adapt(forward, backward)
    >>> x, params = np.array([1.0, 2.0]), {"w": 3.0, "b": 0.0}
    >>> y, cache = adapted.forward(params, x)
    >>> adapted.backward(params, x, x, y, cache)
    {'w': np.float64(10.0), 'b': np.float64(6.0)}
    """
    functions = _Functions(forward, backward, checked(roles), returns)
    return Adapted(
        standing_for(functions.forward, forward),
        standing_for(functions.backward, backward),
        functions.returns,
        functions.parameters,
        functions.layer,
    )


def adapt_forward(forward: Function, *, roles: Roles | None = None) -> Function:
    """Adapt a forward pass alone, for gradients that come from elsewhere.

    Examples
    --------
    >>> forward = adapt_forward(lambda x, w: w * x)
    >>> forward({"w": 3.0}, 2.0)
    (6.0, {})
    """

    def backward() -> None:
        raise NotImplementedError

    return standing_for(_Functions(forward, backward, checked(roles), "grads").forward, forward)


class _Functions:
    """Two functions, and what each of their arguments and results is."""

    def __init__(
        self, forward: Function, backward: Function, given: Roles, returns: str | None
    ) -> None:
        self._forward, self._backward = forward, backward
        self.values = returned(forward)
        wanted = arguments(backward)
        unknown = set(wanted) - set(arguments(forward)) - set(self.values)
        self.layer = is_layer(unknown, given)
        self.output = output_of(forward, self.values, given)
        self.roles = forward_roles(forward, given, layer=self.layer)
        self.parameters = tuple(name for name, role in self.roles.items() if role == "parameter")
        explained = self.roles | dict.fromkeys(self.values, "value") | {self.output: "output"}
        self.wanted = backward_roles(backward, wanted, explained, given)
        self.results = returned(backward)
        self.returns = returns or self._returns()
        self.rate = None if "lr" in self.wanted.values() else self._global_rate()

    def forward(self, params: Any, inputs: Any) -> tuple[Any, dict[str, Any]]:
        held = {"params": params, "inputs": inputs}
        result = self._forward(
            **{
                name: params[name] if role == "parameter" else held[role]
                for name, role in self.roles.items()
            }
        )
        if len(self.values) <= 1 and not isinstance(result, tuple):
            return result, {}
        if not isinstance(result, tuple) or len(result) != len(self.values):
            message = (
                f"{self._forward.__name__} must end with a return of the output and the values "
                "that the backward pass needs, each a variable"
            )
            raise DiagnosisInputError(message)
        named = dict(zip(self.values, result, strict=True))
        return named.pop(self.output), named

    def backward(
        self, params: Any, inputs: Any, targets: Any, output: Any, cache: Any, lr: Any = None
    ) -> Any:
        whole = next(iter(cache.values())) if len(cache) == 1 else cache
        held = roles_held(params, inputs, targets, output, whole, lr)
        chosen = {
            name: params[name]
            if role == "parameter"
            else cache[name]
            if role == "value"
            else held[role]
            for name, role in self.wanted.items()
        }
        if self.rate is None:
            result = self._backward(**chosen)
        else:
            scope = self._backward.__globals__
            kept, scope[self.rate] = scope[self.rate], lr
            try:
                result = self._backward(**chosen)
            finally:
                scope[self.rate] = kept
        if result is None and self.returns == "update":
            return None
        if result is None:
            message = (
                f"{self._backward.__name__} returned nothing; it must return the gradients, or "
                "take a learning rate and update the parameters"
            )
            raise DiagnosisInputError(message)
        names = self.parameters or tuple(params if isinstance(params, dict) else ())
        return laid_out(result, self.results, names, self._backward) if names else result

    def _returns(self) -> str:
        known = gradients_by_name(self.results, self.parameters)
        if not self.results:
            return "update"
        if "lr" not in self.wanted.values() or (
            known and all(name != gradient for name, gradient in known.items())
        ):
            return "grads"
        return "update"

    def _global_rate(self) -> str | None:
        """Return the variable of the module that is the learning rate of an update."""
        rates = [name for name in globals_read(self._backward) if has_role(name, "lr")]
        return rates[0] if self.returns == "update" and len(rates) == 1 else None


def adapt_loss(loss: Function, *, roles: Roles | None = None) -> Function:
    """Adapt a loss: targets and params by their names, the output as the argument that is left.

    Where no name tells which is which, the output comes first.

    Examples
    --------
    >>> loss = adapt_loss(lambda y_true, y_pred: np.sum((y_pred - y_true) ** 2))
    >>> loss(np.array([3.0]), np.array([1.0]))
    np.float64(4.0)
    """
    given = checked(roles)
    names = [name for name, required in arguments(loss).items() if required]
    params = [name for name in names if plays(name, "params", given)]
    rest = [name for name in names if name not in params]
    if len(rest) != 2 or len(params) > 1:  # noqa: PLR2004 (output and targets)
        message = (
            f"{loss.__name__}({', '.join(names)}): a loss takes the output and the targets, and "
            "may take params; give what else it takes a default"
        )
        raise DiagnosisInputError(message)
    outputs = [name for name in rest if plays(name, "output", given)]
    targets = [name for name in rest if plays(name, "targets", given)]
    if outputs == rest[1:] or (outputs != rest[:1] and targets == rest[:1]):
        rest.reverse()

    def call(output: Any, targets: Any) -> Any:
        return loss(**dict(zip(rest, (output, targets), strict=True)))

    def call_with_params(output: Any, targets: Any, params: Any) -> Any:
        return loss(**dict(zip([*rest, *given_params], (output, targets, params), strict=True)))

    given_params = params
    return call_with_params if params else call
