"""What compositions ask of their arguments: arrays, constants, positions, masks."""

from typing import Any

import numpy as np

from autograd_nn.errors import DtypeError, NoRuleError
from autograd_nn.fitting import Symbolic, Value
from autograd_nn.traced import Traced, recording

VALUES = (np.ndarray, Traced, Symbolic)


def valued(x: Any) -> Value:
    """Make an array of a number or a list; leave arrays and Tensors as they are."""
    return x if isinstance(x, VALUES) else np.asarray(x)


def bare(x: Any) -> Any:
    """Take the values alone, where the result depends on them in steps."""
    return x.value if isinstance(x, Traced) else x


def is_differentiated(x: Any) -> bool:
    """Tell whether a gradient has to flow back to `x`."""
    return isinstance(x, Traced) and x.node is not None and recording.get()


def fixed(x: Any, name: str) -> Any:
    """Take the values of an argument that is not differentiated; refuse if it should be."""
    if is_differentiated(x):
        message = f"{name} has no derivative rule; pass its values as a constant, t.detach()"
        raise NoRuleError(message)
    return bare(x)


def check_real(name: str, x: Value) -> None:
    """Refuse complex values where a function is one of real ones alone."""
    if np.iscomplexobj(x):
        message = f"{name} takes real values alone; take np.real or np.abs of complex ones first"
        raise DtypeError(message)


def typed(a: Any, dtype: Any) -> Value:
    """Convert to `dtype` before computing, as dtype= does, unless that is None."""
    return valued(a) if dtype is None else valued(a).astype(dtype)


def conj(x: Value) -> Value:
    """Conjugate complex values; real ones are left alone, unrecorded."""
    return np.conjugate(x) if x.dtype.kind == "c" else x


def squared(x: Value) -> Value:
    """Square, or for complex values compute the squared absolute value."""
    return np.real(x * np.conjugate(x)) if x.dtype.kind == "c" else np.square(x)
