"""Whether a function of the user's only computes, so that it may be called though no run does."""

from __future__ import annotations

import builtins
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
COMPUTING = {
    *(name for name in dir(np) if isinstance(getattr(np, name), np.ufunc)),
    *(name for name in dir(math) if not name.startswith("_")),
    *"T all any argmax array asarray astype clip copy cumsum diag dot dtype exp2 eye float32".split(),
    *"float64 full full_like heaviside mean min max ndim newaxis ones ones_like outer prod".split(),
    *"reshape select shape sinc size sum transpose where zeros zeros_like special expit".split(),
}


def is_pure(function: FunctionType, above: frozenset[CodeType] = frozenset()) -> bool:
    """Tell whether all that a function does is arithmetic: it writes to nothing, it calls no other.

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
    for step in dis.get_instructions(code):
        if step.opname.startswith(WRITES):
            return False
        if step.opname == "BINARY_OP" and step.argrepr.endswith("="):
            return False  # in place
        if step.opname in ("LOAD_ATTR", "LOAD_METHOD") and step.argval not in COMPUTING:
            return False
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            name = step.argval
            if name in function.__globals__:
                if not computes(function.__globals__[name], above | {code}):
                    return False
            elif name not in BUILTINS or not hasattr(builtins, name):
                return False
    return True


def computes(value: Any, above: frozenset[CodeType]) -> bool:
    """Tell whether a global value is a number or an array, or what computes them."""
    if isinstance(value, FunctionType) and value.__module__.partition(".")[0] != "numpy":
        return is_pure(value, above)
    if isinstance(value, ModuleType):
        return value is np or value is math or value.__name__ == "scipy.special"
    named = getattr(value, "__name__", "") in COMPUTING and getattr(np, value.__name__, 0) is value
    return named or isinstance(value, np.ndarray | np.generic | float | int)
