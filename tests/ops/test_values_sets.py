"""Arrays as sets: equal entries share what is picked."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from autograd_nn import Tensor

A, B = np.array([3.0, 1.0, 2.0, 1.0]), np.array([2.0, 4.0, 1.0])


@pytest.mark.parametrize(
    ("function", "of_a", "of_b"),
    [
        # the entries 1, 2, 3, 4 get the cotangents 1, 10, 100, 1000
        (np.union1d, [100, 1 / 3, 5, 1 / 3], [5, 1000, 1 / 3]),
        (np.intersect1d, [0, 1 / 3, 5, 1 / 3], [5, 0, 1 / 3]),
        (np.setdiff1d, [100, 0, 0, 0], None),
        (np.setxor1d, [100, 0, 0, 0], [0, 1000, 0]),
    ],
)
def test_equal_entries_share_what_is_picked(function: Any, of_a: Any, of_b: Any) -> None:
    a, b = Tensor(A, requires_grad=True), Tensor(B, requires_grad=True)
    out = function(a, b)
    assert_array_equal(out.detach(), function(A, B))
    out.backward(10 ** (function(A, B) - 1))
    assert_array_equal(a.grad, of_a)
    if of_b is None:
        assert b.grad is None
    else:
        assert_array_equal(b.grad, of_b)


def test_flags_are_numpys() -> None:
    found = np.intersect1d(Tensor(A, requires_grad=True), B, return_indices=True)
    for ours, numpys in zip(found, np.intersect1d(A, B, return_indices=True), strict=True):
        assert_array_equal(getattr(ours, "value", ours), numpys)
    unsorted: Any = np.setdiff1d(Tensor(A[:3], requires_grad=True), B, assume_unique=True)
    assert_array_equal(unsorted.value, np.setdiff1d(A[:3], B, assume_unique=True))
