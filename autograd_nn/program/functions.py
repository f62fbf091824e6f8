"""What a program calls beside NumPy's functions: methods, operators and writes as functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd_nn.fitting import Value


def getitem(x: Value, index: Any) -> Value:
    """Pick ``x[index]``."""
    return x[index]


def astype(x: Value, dtype: Any) -> Value:
    """Convert to a dtype: an array of its own."""
    return x.astype(dtype)


def written(x: Value, index: Any, value: Value) -> Value:
    """Copy `x` and write ``copy[index] = value``."""
    copy = np.array(x)
    copy[index] = value
    return copy


@cache
def writing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make of a function that writes into its first argument one that writes into a copy."""

    def wrote(x: Value, *args: Any, **params: Any) -> Value:
        copy = np.array(x)
        function(copy, *args, **params)
        return copy

    wrote.__name__ = f"{getattr(function, '__qualname__', function)}_into_copy"
    return wrote


class RuleCall:
    """A derivative rule that is called as a whole, for it asks for values that it computes with."""

    def __init__(self, name: str, kind: str, argument: int, rule: Callable[..., Any]) -> None:
        self.__name__ = f"{name}_{kind}{argument}"
        self.rule, self.argument = rule, argument

    def __call__(self, *args: Any, **params: Any) -> Any:
        """Apply the rule."""
        return self.rule(*args, **params)
