"""Python's operators on Tensors."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor
from leaves import RNG, leaf

OPERATORS: list[Any] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / y,
    lambda x, y: x**y,
    lambda x, y: x % y,
    lambda x, y: x // y,
    lambda x, y: divmod(x, y)[1],
    lambda x, y: x @ y,
]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("other", ["array", "float", "list"])
def test_operators_and_their_reflections_equal_numpy(operator: Any, other: str) -> None:
    a = RNG.random((3, 3)) + 1
    b: Any = {"array": RNG.random((3, 3)) + 1, "float": 2.5, "list": [[1.0, 2, 3]] * 3}[other]
    if other == "float" and operator is OPERATORS[-1]:
        return
    x: Any = Tensor(a, requires_grad=True)
    for ours, numpys in (
        (operator(x, b), operator(a, np.asarray(b))),
        (operator(b, x), operator(np.asarray(b), a)),
    ):
        assert isinstance(ours, Tensor)
        assert ours.requires_grad
        np.testing.assert_array_equal(ours.detach(), numpys)


def test_comparisons_are_constant_tensors() -> None:
    x: Any = leaf(4)
    for result in (x > 0, x >= 0, x < 0, x <= 0, x == 0, x != 0, np.greater(x, 0)):
        assert isinstance(result, Tensor)
        assert result.dtype == bool
        assert not result.requires_grad


def test_masks_combine() -> None:
    x: Any = Tensor([-2.0, -0.5, 0.5, 2.0], requires_grad=True)
    inner = (x > -1) & (x < 1)
    outer = ~inner | (x == 5)
    x[inner ^ (x > 1)].sum().backward()
    assert inner.tolist() == [False, True, True, False]
    assert outer.tolist() == [True, False, False, True]
    assert x.grad.tolist() == [0, 1, 1, 1]


def test_unary_operators() -> None:
    x: Any = Tensor([-1.0, 2.0], requires_grad=True)
    (-x + abs(x) * 2 + +x).sum().backward()
    assert x.grad.tolist() == [-2, 2]
