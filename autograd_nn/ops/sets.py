"""Arrays as sets: which entries are picked is a constant, and equal entries share the picked."""

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare, valued
from autograd_nn.ops.order import distinct
from autograd_nn.table import composite


def of_both(ar1: Value, ar2: Value) -> Value:
    """List the entries of both."""
    return np.concatenate([valued(ar1), valued(ar2)], axis=None)


@composite(np.union1d)
def union1d(ar1: Value, ar2: Value) -> Value:
    """Find the distinct entries of both; equal ones share."""
    return np.unique(of_both(ar1, ar2))


@composite(np.intersect1d)
def intersect1d(
    ar1: Value,
    ar2: Value,
    assume_unique: bool = False,  # noqa: FBT001, FBT002 (NumPy's signature)
    return_indices: bool = False,  # noqa: FBT001, FBT002
) -> Any:
    """Find the entries common to both, which share them."""
    flags: Any = assume_unique, return_indices
    found: Any = np.intersect1d(bare(ar1), bare(ar2), *flags)
    values, *places = found if return_indices else (found,)
    values = distinct(of_both(ar1, ar2), values)
    return (values, *places) if return_indices else values


@composite(np.setdiff1d)
def setdiff1d(
    ar1: Value,
    ar2: Value,
    assume_unique: bool = False,  # noqa: FBT001, FBT002
) -> Value:
    """Find the entries of `ar1` that `ar2` has not; equal ones share."""
    return distinct(valued(ar1), np.setdiff1d(bare(ar1), bare(ar2), assume_unique))


@composite(np.setxor1d)
def setxor1d(
    ar1: Value,
    ar2: Value,
    assume_unique: bool = False,  # noqa: FBT001, FBT002
) -> Value:
    """Find the entries of one that the other has not; equal ones share."""
    return distinct(of_both(ar1, ar2), np.setxor1d(bare(ar1), bare(ar2), assume_unique))
