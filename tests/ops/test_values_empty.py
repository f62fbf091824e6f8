"""Functions of nothing at all, where NumPy has a value for it: the same value, empty gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, vjp

la: Any = np.linalg
CALLS: list[tuple[str, Callable[[Any], Any], tuple[int, ...]]] = [
    ("norm inf", lambda x: la.norm(x, np.inf, axis=0), (0,)),
    ("norm 1 of matrices", lambda x: la.norm(x, 1, axis=(-2, -1)), (1, 2, 0)),
    ("norm inf of matrices", lambda x: la.norm(x, np.inf), (0, 2)),
    ("norm 2 of matrices", lambda x: la.norm(x, 2, axis=(1, 0), keepdims=True), (0, 1)),
    ("vector_norm", lambda x: la.vector_norm(x, axis=0, keepdims=True), (2, 0)),
    ("quantile", lambda x: np.quantile(x, 0.3, axis=0), (2, 0)),
    ("quantiles", lambda x: np.quantile(x, [0.3, 0.6], axis=-3), (2, 0, 1)),
    ("percentile", lambda x: np.percentile(x, 50, axis=-1, keepdims=True), (0, 3)),
    ("nanpercentile", lambda x: np.nanpercentile(x, 20, axis=1), (0, 1)),
    ("polymul", lambda x: np.polymul(x, [1.0, 2.0]), (0,)),
    ("subtract.reduce", lambda x: np.subtract.reduce(x, axis=1), (0, 3)),
    ("divide.reduce", lambda x: np.divide.reduce(x, axis=0, where=np.ones((2, 0), bool),
                                                 initial=1), (2, 0)),
    ("take", lambda x: np.take(x, [0, 7], axis=1), (0, 0)),
    ("take from another axis", lambda x: np.take(x, [2, 0], axis=1), (0, 3)),
    ("compress", lambda x: np.compress([True, False], x, axis=1), (0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("function", "shape"), [c[1:] for c in CALLS], ids=[c[0] for c in CALLS])
def test_of_nothing_values_are_numpys_and_gradients_are_empty(
    function: Any, shape: tuple[int, ...]
) -> None:
    x = np.zeros(shape)
    try:
        expected = np.asarray(function(x))
    except ValueError:  # NumPy before 2.4 knows no norm of nothing
        pytest.skip("this NumPy has no value for it")
    out, pull = vjp(function, x)
    np.testing.assert_array_equal(out, expected)
    (gradient,) = pull(np.ones(expected.shape))
    assert gradient.shape == shape


@pytest.mark.parametrize("shape", [(), (2,)])
def test_full_takes_a_value_with_more_axes_of_length_one(shape: tuple[int, ...]) -> None:
    value = Tensor(np.full((1, 1), 3.0), requires_grad=True)
    np.sum(np.full_like(value, value, shape=shape)).backward()
    assert value.grad is not None
    assert value.grad.tolist() == [[float(np.prod(shape))]]
