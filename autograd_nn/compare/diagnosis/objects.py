"""Passes whose parameters are an object's attributes, or a module's global variables."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from copy import copy
from types import ModuleType
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.adapters import Adapted
from autograd_nn.compare.diagnosis.conventions import (
    arguments,
    gradients_by_name,
    has_role,
    places_written,
    returned,
)
from autograd_nn.compare.diagnosis.matching import (
    Function,
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
    template: Any, forward: str, backward: str, sample: Any, *, roles: Roles | None = None
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
    passes = _Passes(_Attributes(template), forward, backward, sample, checked(roles))
    return passes.adapted(), passes.params


def adapt_globals(
    module: ModuleType, forward: str, backward: str, sample: Any, *, roles: Roles | None = None
) -> tuple[Adapted, dict[str, Any]]:
    """Adapt two functions whose parameters are variables of their module.

    It is as `adapt_object`, with the module's variables for attributes; after every call they are
    what they were before it.
    """
    passes = _Passes(_Globals(module), forward, backward, sample, checked(roles))
    return passes.adapted(), passes.params


class _Attributes:
    """Where an object's methods find what they need: its attributes."""

    def __init__(self, template: Any) -> None:
        self.template = template
        self.name = type(template).__name__

    def held(self) -> dict[str, Any]:
        return dict(vars(self.template))

    def function(self, name: str) -> Function:
        found: Function = getattr(type(self.template), name)
        return found

    def arguments(self, name: str) -> dict[str, bool]:
        return dict(list(arguments(self.function(name)).items())[1:])  # without self

    def run(
        self, name: str, attributes: Mapping[str, Any], given: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Call a method with other attributes; return its result and the attributes it leaves."""
        target = copy(self.template)
        vars(target).update(attributes)
        return getattr(target, name)(**given), vars(target)


class _Globals(_Attributes):
    """Where functions find what they need: the variables of their module."""

    def __init__(self, module: ModuleType) -> None:
        self.template = module
        self.name = f"the program {module.__file__}"

    def held(self) -> dict[str, Any]:
        kinds = (type, ModuleType)
        return {
            name: value
            for name, value in vars(self.template).items()
            if not (name.startswith("__") or inspect.isroutine(value) or isinstance(value, kinds))
        }

    def function(self, name: str) -> Function:
        found: Function = vars(self.template)[name]
        return found

    def arguments(self, name: str) -> dict[str, bool]:
        return arguments(self.function(name))

    def run(
        self, name: str, attributes: Mapping[str, Any], given: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        before = self.held()
        scope = vars(self.template)
        scope.update(attributes)
        try:
            result = self.function(name)(**given)
            return result, self.held()
        finally:
            for added in self.held().keys() - before.keys():
                del scope[added]
            scope.update(before)


class _Passes:
    """The two passes, and what each of their arguments and results is."""

    def __init__(
        self, place: _Attributes, forward: str, backward: str, sample: Any, given: Roles
    ) -> None:
        self.place, self.names = place, (forward, backward)
        self._forward, self._backward = (place.function(name) for name in self.names)
        self.input = input_of(self._forward, place.arguments(forward), given)
        wanted = place.arguments(backward)
        self.layer = is_layer(set(wanted) - {self.input}, given)
        explained = {**dict.fromkeys(returned(self._forward), "output"), self.input: "inputs"}
        self.wanted = backward_roles(self._backward, wanted, explained, given)
        self.own = [
            name
            for name, value in place.held().items()
            if _is_arrays(value) and self._matters(name, value, sample)
        ]
        self.params = {name: place.held()[name] for name in self.own}
        if self.layer:
            self.params[self.input] = sample
        if not self.params:
            message = (
                f"{place.name} has no float arrays that have an effect on the output; parameters "
                "are arguments of the forward pass, attributes set in __init__, or variables of "
                "the module"
            )
            raise DiagnosisInputError(message)
        self.results = returned(self._backward)
        self.updates = bool(places_written(self._backward) & set(self.own))
        rates = [name for name in place.held() if has_role(name, "lr")]
        self.rate = rates[0] if len(rates) == 1 and "lr" not in self.wanted.values() else None

    def adapted(self) -> Adapted:
        return Adapted(
            standing_for(self.forward, self._forward),
            standing_for(self.backward, self._backward),
            "update" if self.updates else "grads",
            tuple(self.params),
            self.layer,
        )

    def forward(self, params: Any, inputs: Any) -> tuple[Any, dict[str, Any]]:
        given = {self.input: params[self.input] if self.layer else inputs}
        output, left = self.place.run(self.names[0], self._own(params), given)
        if isinstance(output, tuple):
            message = (
                f"{self._forward.__qualname__} returned {len(output)} values; where parameters are "
                "attributes or variables, it must return the output alone and leave the rest there"
            )
            raise DiagnosisInputError(message)
        before = self.place.held() | self._own(params)
        return output, {
            name: value for name, value in left.items() if before.get(name) is not value
        }

    def backward(
        self, params: Any, inputs: Any, targets: Any, output: Any, cache: Any, lr: Any = None
    ) -> dict[str, Any]:
        attributes = {**cache, **self._own(params)}
        if self.rate and lr is not None:
            attributes[self.rate] = lr
        inputs = params[self.input] if self.layer else inputs
        held = roles_held(params, inputs, targets, output, cache, lr)
        given = {name: held[role] for name, role in self.wanted.items()}
        result, left = self.place.run(self.names[1], attributes, given)
        if self.updates:
            return self._own(left)
        return self._gradients(result, left)

    def _gradients(self, result: Any, left: Mapping[str, Any]) -> dict[str, Any]:
        """Find the gradients in what a backward pass left and returned."""
        names = [name for name in left if name not in self.params and left[name] is not None]
        known = gradients_by_name(names, self.params)
        found = {name: left[gradient] for name, gradient in known.items()}
        for name, held in self.params.items():
            if isinstance(held, dict) and name not in found:
                found |= _laid_out_within(name, held, [result, *(left[n] for n in names)])
        missing = [name for name in self.params if name not in found]
        if result is not None and missing:
            found |= laid_out(result, self.results, missing, self._backward)
        if not found:
            message = (
                f"{self._backward.__qualname__} neither returned gradients nor left any; return "
                f"them, or leave them by names such as d{missing[0]}"
            )
            raise DiagnosisInputError(message)
        return found

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: values[name] for name in self.own}

    def _matters(self, name: str, value: Any, sample: Any) -> bool:
        """Tell whether an attribute has an effect on the output."""

        def output(value: Any) -> Any:
            result, _ = self.place.run(self.names[0], {name: value}, {self.input: sample})
            return np.asarray(result, float)

        return bool(np.any(output(value) != output(_moved(value))))


def _is_arrays(value: Any) -> bool:
    """Tell whether a value is a float array, or a list, tuple or dict of nothing else."""
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind == "f")
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, (list, tuple)) and bool(value) and all(map(_is_arrays, value))


def _laid_out_within(name: str, held: dict[str, Any], candidates: list[Any]) -> dict[str, Any]:
    """Return the first dict that has a gradient for each item of a dict of parameters, if any."""
    for candidate in candidates:
        if isinstance(candidate, dict):
            known = gradients_by_name(map(str, candidate), map(str, held))
            if known.keys() == held.keys():
                return {name: {key: candidate[known[key]] for key in held}}
    return {}


def _moved(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _moved(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_moved, value))
    return value * 1.25 + 0.125
