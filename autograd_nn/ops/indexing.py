"""Picking entries, and putting them back where they came from."""

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.table import constant, linear


@lambda function: linear(function, lambda v, *_, index, shape: v[index])
def scatter(v: Value, *, index: Any, shape: tuple[int, ...]) -> Value:
    """Add `v` at `index` into zeros of `shape`: the transpose of getitem, repeats included."""
    out = np.zeros(shape, v.dtype)
    if repeats(index):
        np.add.at(out, index, v)
    else:
        out[index] = v  # many times faster than add.at
    return out


def repeats(index: Any) -> bool:
    """Tell whether an index may pick an entry twice: only arrays or lists of integers can."""
    parts = index if isinstance(index, tuple) else (index,)
    several = [np.asarray(p) for p in parts if isinstance(p, np.ndarray | list)]
    return any(p.ndim > 0 and p.dtype != np.bool_ for p in several)


@lambda function: linear(
    function, lambda v, _y, x, *, index: scatter(v, index=index, shape=x.shape)
)
def getitem(x: Value, *, index: Any) -> Value:
    """Pick the entries ``x[index]``, as NumPy indexes."""
    return x[index]


constant(np.argmax, np.argmin, np.argsort, np.nonzero, np.count_nonzero, np.searchsorted)
constant(np.any, np.all, np.allclose, np.isclose, np.array_equal)
