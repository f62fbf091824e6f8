"""Whether a function of the user's only computes, so that it may be called though no run does."""

from __future__ import annotations

import dis
import math
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

WRITES = (
    "STORE_ATTR",
    "STORE_SUBSCR",
    "STORE_SLICE",
    "STORE_GLOBAL",
    "DELETE_",
    "IMPORT_",
    "YIELD",
)
BUILTINS = {"abs", "float", "int", "len", "max", "min", "range", "sum", "True", "False", "None"}
SHAPING = """
    T all any argmax array asarray astype clip copy cumsum diag dot dtype expit eye float64 full
    full_like mean max min ndim newaxis ones ones_like outer prod reshape select shape sinc size
    special sum transpose where zeros zeros_like
"""
COMPUTING = {
    *(name for name in dir(np) if isinstance(getattr(np, name), np.ufunc)),
    *(name for name in dir(math) if not name.startswith("_")),
    *SHAPING.split(),
}


def is_pure(function: FunctionType, above: frozenset[CodeType] = frozenset()) -> bool:
    """Tell whether a function does arithmetic alone, and calls none that does more.

    What cannot be told counts as no.

    >>> is_pure(lambda x: np.tanh(x) * (1 - x))
    True
    >>> is_pure(lambda path: open(path, "w"))
    False
    """
    code = function.__code__
    if code in above:
        return True
    if code.co_freevars or any(isinstance(c, CodeType) for c in code.co_consts):
        return False
    return all(
        is_harmless(step, function.__globals__, above | {code})
        for step in dis.get_instructions(code)
    )


def is_harmless(step: dis.Instruction, scope: dict[str, Any], above: frozenset[CodeType]) -> bool:
    """Tell whether a step of the interpreter changes nothing that outlives the call."""
    if step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
        return step.argval in COMPUTING
    if step.opname == "LOAD_GLOBAL":
        name = step.argval
        return computes(scope[name], above) if name in scope else name in BUILTINS
    in_place = step.opname == "BINARY_OP" and step.argrepr.endswith("=")
    return not in_place and not step.opname.startswith(WRITES)


def computes(value: Any, above: frozenset[CodeType]) -> bool:
    """Tell whether a global value is a number or an array, or what computes them."""
    if isinstance(value, ModuleType):
        return value in (np, math) or value.__name__ == "scipy.special"
    name = getattr(value, "__name__", "")
    if name in COMPUTING and getattr(np, name, None) is value:
        return True
    if isinstance(value, FunctionType):
        return is_pure(value, above)
    return isinstance(value, np.ndarray | np.generic | float | int)
