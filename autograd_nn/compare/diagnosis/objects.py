"""Objects whose methods are the two passes, called as `diagnose` calls functions."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.adapters import Adapted
from autograd_nn.compare.diagnosis.conventions import arguments, gradients_by_name, returned
from autograd_nn.compare.diagnosis.matching import (
    Roles,
    backward_roles,
    checked,
    input_of,
    is_layer,
    laid_out,
    roles_held,
    standing_for,
)
from autograd_nn.errors import DiagnosisInputError


def adapt_object(
    template: Any,
    forward: str,
    backward: str,
    sample: Any,
    *,
    roles: Roles | None = None,
) -> tuple[Adapted, dict[str, Any]]:
    """Adapt an object: its attributes are parameters, cache and gradients.

    Parameters
    ----------
    template : object
        Never changed: every call works on a copy with other attributes.
    forward, backward : str
        Names of the methods.
    sample : array
        An input. The parameters are the attributes that hold float arrays, also in lists and
        dicts, and have an effect on the output at it.
    roles : mapping of str to str, optional
        As in `adapt`.

    Returns
    -------
    adapted : Adapted
    params : dict
        The object's own parameters; of a layer, its input too.

    Raises
    ------
    DiagnosisInputError
        If an argument cannot be matched, or there are no parameters.

    Examples
    --------
    >>> class Scale:
    ...     def __init__(self):
    ...         self.w = np.array([2.0, 3.0])
    ...     def forward(self, x):
    ...         self.x = x
    ...         return self.w * x
    ...     def backward(self, output, targets):
    ...         self.dw = (output - targets) * self.x
    >>> adapted, params = adapt_object(Scale(), "forward", "backward", np.ones(2))
    >>> params
    {'w': array([2., 3.])}
    >>> y, cache = adapted.forward(params, np.array([1.0, 2.0]))
    >>> adapted.backward(params, np.array([1.0, 2.0]), np.zeros(2), y, cache)
    {'w': array([ 2., 12.])}
    """
    methods = _Methods(template, forward, backward, sample, checked(roles))
    return methods.adapted(), methods.params


class _Methods:
    """Two methods of an object, and what each of their arguments and results is."""

    def __init__(
        self, template: Any, forward: str, backward: str, sample: Any, given: Roles
    ) -> None:
        self.template, self.names = template, (forward, backward)
        self._forward, self._backward = (getattr(type(template), name) for name in self.names)
        offered, wanted = (_without_self(arguments(f)) for f in (self._forward, self._backward))
        self.input = input_of(self._forward, offered, given)
        self.layer = is_layer(set(wanted) - {self.input}, given)
        self.wanted = backward_roles(self._backward, wanted, {self.input: "inputs"}, given)
        self.own = [
            name
            for name, value in vars(template).items()
            if _is_arrays(value) and self._matters(name, sample)
        ]
        self.params = {name: vars(template)[name] for name in self.own}
        if self.layer:
            self.params[self.input] = sample
        if not self.params:
            message = (
                f"{type(template).__name__} has no attributes of float arrays that have an effect "
                "on the output; set the parameters in __init__"
            )
            raise DiagnosisInputError(message)
        self.results = returned(self._backward)
        self.updates = "lr" in self.wanted.values()

    def adapted(self) -> Adapted:
        return Adapted(
            standing_for(self.forward, self._forward),
            standing_for(self.backward, self._backward),
            "update" if self.updates else "grads",
            tuple(self.params),
            self.layer,
        )

    def forward(self, params: Any, inputs: Any) -> tuple[Any, dict[str, Any]]:
        target = self._with({name: params[name] for name in self.own})
        before = dict(vars(target))
        output = getattr(target, self.names[0])(params[self.input] if self.layer else inputs)
        if isinstance(output, tuple):
            message = (
                f"{self._forward.__qualname__} returned {len(output)} values; a method returns "
                "the output alone and leaves the rest on its object"
            )
            raise DiagnosisInputError(message)
        left = vars(target).items()
        return output, {name: value for name, value in left if before.get(name) is not value}

    def backward(
        self, params: Any, inputs: Any, targets: Any, output: Any, cache: Any, lr: Any = None
    ) -> dict[str, Any]:
        target = self._with({**cache, **{name: params[name] for name in self.own}})
        inputs = params[self.input] if self.layer else inputs
        held = roles_held(params, inputs, targets, output, cache, lr)
        result = getattr(target, self.names[1])(
            **{name: held[role] for name, role in self.wanted.items()}
        )
        left = vars(target)
        if self.updates:
            return {name: left[name] for name in self.own}
        names = [name for name in left if name not in self.params and left[name] is not None]
        known = gradients_by_name(names, self.params)
        found = {name: left[gradient] for name, gradient in known.items()}
        missing = [name for name in self.params if name not in found]
        if result is not None and missing:
            found |= laid_out(result, self.results, missing, self._backward)
        if not found:
            message = (
                f"{self._backward.__qualname__} neither returned gradients nor left any on its "
                f"object; return them, or set attributes such as d{missing[0]}"
            )
            raise DiagnosisInputError(message)
        return found

    def _with(self, attributes: Mapping[str, Any]) -> Any:
        target = copy(self.template)
        vars(target).update(attributes)
        return target

    def _matters(self, name: str, sample: Any) -> bool:
        """Tell whether an attribute has an effect on the output."""

        def output(value: Any) -> Any:
            target = copy(self.template)
            setattr(target, name, value)
            return np.asarray(getattr(target, self.names[0])(sample), float)

        kept = vars(self.template)[name]
        return bool(np.any(output(kept) != output(_moved(kept))))


def _without_self(names: Mapping[str, bool]) -> dict[str, bool]:
    return dict(list(names.items())[1:])


def _is_arrays(value: Any) -> bool:
    """Tell whether a value is a float array, or a list, tuple or dict of nothing else."""
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind == "f")
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, (list, tuple)) and bool(value) and all(map(_is_arrays, value))


def _moved(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _moved(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_moved, value))
    return value * 1.25 + 0.125
