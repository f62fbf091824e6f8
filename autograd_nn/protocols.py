"""How NumPy's functions reach the table: ``__array_ufunc__`` and ``__array_function__``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Any

import numpy as np

from autograd_nn.calling import check_keywords, no_rule
from autograd_nn.errors import InPlaceError
from autograd_nn.fitting import Symbolic, owned
from autograd_nn.ops import methods
from autograd_nn.primitive import Primitive, record
from autograd_nn.syntax import constant_of, evaluate, is_tracked, unwrap
from autograd_nn.table import CONSTANTS, REFUSED, TABLE, provided
from autograd_nn.traced import Traced, box
from autograd_nn.writing import WRITERS, Writable, change, change_at

IN_C = {np.concatenate: ("arrays", "axis", "out"), np.dot: ("a", "b", "out")}


class NumPyProtocols(Writable):
    """What happens when NumPy's own functions are called on a Tensor."""

    __slots__ = ()

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return np  # whose functions come here (asked by SciPy, with SCIPY_ARRAY_API=1)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        primitive = TABLE.get(ufunc)
        if type(primitive) is Primitive and method == "__call__" and not kwargs:
            return record(primitive, inputs)  # tracked or not: by far the most frequent
        targets = kwargs.pop("out", ())
        if method == "at":
            return change_at(ufunc, *inputs)
        if ufunc in CONSTANTS or not is_tracked([inputs, kwargs, targets]):
            if targets:  # not the targets themselves: recorded graphs may hold their buffers
                kwargs["out"] = tuple(None if t is None else owned(unwrap(t)) for t in targets)
            function = ufunc if method == "__call__" else getattr(ufunc, method)
            result = evaluate(type(self), function, *inputs, **kwargs)
        elif ufunc not in TABLE and not provided(ufunc):
            own = getattr(np, ufunc.__name__, None) is ufunc  # SciPy's may have no home
            home = "np." if own else "ufunc "
            raise no_rule(home + ufunc.__name__, REFUSED.get(ufunc))
        elif method == "__call__" and not kwargs:
            result = TABLE[ufunc](*inputs)
        else:
            if targets and "where" in kwargs:
                kwargs["out"] = targets[0]
            result = methods.method(ufunc, method)(*inputs, **kwargs)
        stretches = method == "__call__"
        return deliver(result, targets, ufunc.__name__, stretches) if targets else result

    def __array_function__(
        self, function: Callable[..., Any], _types: Any, args: Any, kwargs: Any
    ) -> Any:
        if function in WRITERS:
            return change(function, args, kwargs)
        args, kwargs = named_out(function, args, kwargs)
        target = kwargs.get("out")
        kwargs = {k: v for k, v in kwargs.items() if k not in ("out", "overwrite_input")}
        if target is not None:
            result = function(*args, **kwargs)
            return deliver(result, (target,), function.__name__)
        if function in CONSTANTS:
            return evaluate(type(self), function, *args, **kwargs)
        rule = TABLE.get(function)
        if not is_tracked([args, kwargs]):
            result = function(*unwrap(args, guarded=True), **unwrap(kwargs, guarded=True))
            if rule is None or not shows(result, args):
                return constant_of(type(self), result, copy=True)
        if rule is None:
            module = function.__module__.replace("numpy", "np", 1)
            raise no_rule(module + "." + function.__name__, REFUSED.get(function))
        if kwargs and not isinstance(rule, Primitive):
            check_keywords(function.__name__, signature_of(rule), kwargs)
        result = rule(*args, **kwargs)
        return result if isinstance(result, Traced) else constant_of(type(self), result, copy=True)


def shows(result: Any, args: Any) -> bool:
    """Tell whether a result, or the first of several, is a view of an argument."""
    first = result[0] if isinstance(result, list | tuple) and result else result
    return isinstance(first, np.ndarray | Symbolic) and any(
        isinstance(arg, Traced) and np.may_share_memory(first, arg.value) for arg in args
    )


signature_of = cache(signature)


@cache
def place_of_out(function: Callable[..., Any]) -> tuple[int, tuple[str, ...]]:
    """Find where a function takes `out` as a positional argument, and what comes after it."""
    try:
        parameters = signature(function).parameters.values()
        names = tuple(p.name for p in parameters if p.kind <= p.POSITIONAL_OR_KEYWORD)
    except ValueError:  # written in C, with no signature (NumPy 2.0)
        names = IN_C.get(function, ())
    place = names.index("out") if "out" in names else len(names)
    return place, names[place:]


def named_out(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, dict[str, Any]]:
    """Name `out`, and what follows it, where a caller has given it by position."""
    place, names = place_of_out(function)
    if not names or len(args) <= place:
        return args, kwargs
    return args[:place], {**dict(zip(names, args[place:], strict=False)), **kwargs}


def fits_into(shape: tuple[int, ...], wide: tuple[int, ...]) -> bool:
    """Tell whether `shape` can be stretched to the shape `wide`."""
    pairs = zip(shape[::-1], wide[::-1], strict=False)
    return len(shape) <= len(wide) and all(n in (1, m) for n, m in pairs)


def deliver(results: Any, targets: tuple[Any, ...], name: str, stretches: bool = False) -> Any:  # noqa: FBT001, FBT002
    """Put what NumPy computed where ``out=`` wants it: a ufunc stretches it to fill `out`."""
    several = isinstance(results, tuple)
    delivered = []
    for result, target in zip(results if several else (results,), targets, strict=True):
        if isinstance(target, Writable):
            value: Any = (
                result if isinstance(result, Writable) else box(type(target), owned(result))
            )
            if stretches and value.shape != target.shape and fits_into(value.shape, target.shape):
                value = np.copy(np.broadcast_to(value, target.shape))  # to be written to
            delivered.append(target.become(value, f"{name} with out="))
        elif target is not None and is_tracked(result):
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
