"""How NumPy's functions reach the table: ``__array_ufunc__`` and ``__array_function__``."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from autograd_nn.calling import check_keywords, no_rule, refuse_keyword
from autograd_nn.errors import InPlaceError
from autograd_nn.primitive import Primitive
from autograd_nn.table import CONSTANTS, REFUSED, TABLE
from autograd_nn.syntax import evaluate, is_tracked, unwrap
from autograd_nn.traced import box
from autograd_nn.writing import Writable

WRITERS = {np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis}


class NumPyProtocols(Writable):
    """What happens when NumPy's own functions are called on a Tensor."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        targets = kwargs.pop("out", ())
        if method == "at":
            return change(function, inputs, kwargs)
        if ufunc in CONSTANTS or not is_tracked([inputs, kwargs]):
            if targets:  # not the targets themselves: recorded graphs may hold their buffers
                kwargs["out"] = tuple(None if t is None else np.array(unwrap(t)) for t in targets)
            result = evaluate(type(self), function, *inputs, **kwargs)
        elif method != "__call__" or ufunc not in TABLE:
            name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            raise no_rule("np." + name, REFUSED.get(function))
        elif kwargs:
            refuse_keyword(ufunc.__name__, min(kwargs), ())
        else:
            result = TABLE[ufunc](*inputs)
        return deliver(result, targets, ufunc.__name__) if targets else result

    def __array_function__(
        self, function: Callable[..., Any], _types: Any, args: Any, kwargs: Any
    ) -> Any:
        if function in WRITERS:
            return change(function, args, kwargs)
        target = kwargs.get("out")
        if target is not None:
            result = function(*args, **{k: v for k, v in kwargs.items() if k != "out"})
            return deliver(result, (target,), function.__name__)
        if function in CONSTANTS or not is_tracked([args, kwargs]):
            return evaluate(type(self), function, *args, **kwargs)
        rule = TABLE.get(function)
        if rule is None:
            module = function.__module__.replace("numpy", "np", 1)
            raise no_rule(module + "." + function.__name__, REFUSED.get(function))
        if not isinstance(rule, Primitive):
            check_keywords(function.__name__, signature(rule), kwargs)
        return rule(*args, **kwargs)


def deliver(results: Any, targets: tuple[Any, ...], name: str) -> Any:
    """Put what NumPy computed where ``out=`` wants it."""
    several = isinstance(results, tuple)
    delivered = []
    for result, target in zip(results if several else (results,), targets, strict=True):
        if isinstance(target, Writable):
            value = (
                result if isinstance(result, Writable) else box(type(target), np.asarray(result))
            )
            delivered.append(target.become(value, f"{name} with out="))
        elif is_tracked(result):
            message = (
                f"{name}: out= is a plain array, which cannot carry the graph; leave out= away, "
                "or detach() the tensor first"
            )
            raise InPlaceError(message)
        else:
            if target is not None:
                target[...] = unwrap(result)
            delivered.append(result if target is None else target)
    return tuple(delivered) if several else delivered[0]


def change(function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Let a function write into its first argument, if no gradient has to flow through that."""
    if not args:
        message = f"{function.__name__}: pass the array to write to as the first argument, unnamed"
        raise TypeError(message)
    target, *others = args
    if is_tracked([args, kwargs]):
        message = (
            f"{function.__name__}: writing into a tensor is not recorded; build the values with "
            "np.where or np.concatenate, or write inside `with no_grad():`"
        )
        raise InPlaceError(message)
    values = np.array(unwrap(target)) if isinstance(target, Writable) else target
    function(values, *unwrap(others), **unwrap(kwargs))
    if isinstance(target, Writable):
        target.write(values, function.__name__)
