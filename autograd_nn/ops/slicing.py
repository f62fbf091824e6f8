"""Taking an array apart into all its slices, so that their cotangents are put together once."""

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.table import several


def put_together(v: Any, slices: Any, _x: Value, *, axis: int) -> Value:
    """Stack the cotangents, zeros for what was not used."""
    pairs = zip(v, slices, strict=True)
    return np.stack([np.zeros_like(x) if part is None else part for part, x in pairs], axis)


@lambda function: several(
    function, [put_together], [lambda v, _y, _x, *, axis: of_slices(v, axis=axis)]
)
def slices(x: Value, *, axis: int) -> tuple[Value, ...]:
    """Take the slices of `x` along an axis, counted from the front, each without that axis.

    As np.unstack; but where that makes zeros of the whole for each slice on the way back, this
    stacks.

    >>> slices(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    (array([1., 3.]), array([2., 4.]))
    """
    return of_slices(x, axis=axis)


def of_slices(x: Value, *, axis: int) -> tuple[Value, ...]:
    """Index one after another."""
    before = (slice(None),) * axis
    return tuple(x[(*before, i)] for i in range(x.shape[axis]))


__test__ = {"slices": str(slices.__doc__)}  # for doctest
