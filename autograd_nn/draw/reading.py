"""What nodes hold, as arrays to be shown."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from autograd_nn.draw.formulas import Formula, literal
from autograd_nn.draw.model import Array
from autograd_nn.draw.tables import largest
from autograd_nn.fitting import Several, Value, fit
from autograd_nn.graph import Node


@lru_cache
def name_of(dtype: np.dtype[Any]) -> str:
    """Write a dtype; NumPy takes its time for it."""
    return str(dtype)


def pull(step: Node, i: int, gradient: Array) -> Array:
    """Carry a gradient back to argument `i`."""
    primal = step.primals[i]
    with np.errstate(all="ignore"):
        v = shown_gradient(gradient)  # its own inverse
        term = step.primitive.vjps[i](v, step.out, *step.primals, **step.params)
        return shown_gradient(fit(term, primal.shape, primal.dtype, step.primitive.name))


def written(step: Node, i: int) -> Formula:
    """Write down an operand that has no card."""
    return Formula("…" if step.primals is None else literal(step.primals[i]))


def stored(leaf: Node) -> Array | None:
    """Read the `grad` of the Tensor that owns a leaf."""
    owner = leaf.owner() if leaf.owner else None
    grad = getattr(owner, "_grad", None)
    return None if grad is None else np.asarray(grad.value)


def shown_gradient(v: Value) -> Array:
    """Make a gradient of the engine's cotangent: of complex values, the conjugate."""
    array = np.asarray(v)
    return np.conjugate(array) if array.dtype.kind == "c" else array


def constant(node: Node, i: int) -> Array | None:
    """Read operand `i` as an array; None if it is a Python number, or no longer there."""
    if node.primals is None or isinstance(node.primals[i], bool | int | float | complex | str):
        primal = None if node.primals is None else node.primals[i]
        return np.asarray(primal) if isinstance(primal, np.generic) else None
    if isinstance(node.primals[i], Several):
        return None
    array = np.asarray(node.primals[i])
    return array if array.dtype.kind in "biufc" else None


def close(x: Value, y: Value) -> bool:
    """Tell whether two gradients are the same but for rounding."""
    x = shown_gradient(x)
    if np.array_equal(x, y):
        return True
    return bool(np.allclose(x, y, rtol=1e-3, atol=1e-3 * largest(np.asarray(y)), equal_nan=True))
