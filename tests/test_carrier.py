"""Tensors inside np.r_ and np.c_."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, errors, jvp, no_grad, vjp


@pytest.mark.parametrize(
    "call",
    [
        lambda a, b: np.r_[a, 1.0, a[0], 2],
        lambda a, b: np.r_[1:4, a, 0],
        lambda a, b: np.c_[a, np.ones(3)],
        lambda a, b: np.c_[b, [1, 2], b],
        lambda a, b: np.r_["0,2", a, b],
        lambda a, b: np.r_["1,3,0", a, a],
        lambda a, b: np.r_["-1", b, b],
    ],
)
def test_r_and_c_join_tensors_as_they_join_arrays(call: Callable[..., Any]) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=3), rng.normal(size=(2, 3))
    va, vb = rng.normal(size=3), rng.normal(size=(2, 3))
    out = call(Tensor(a, requires_grad=True), Tensor(b, requires_grad=True))
    expected = call(a, b)
    assert isinstance(out, Tensor)
    assert np.array_equal(out.detach(), expected)
    assert out.dtype == expected.dtype

    def whole(a: Any, b: Any) -> Any:
        return call(a, b) + 0 * np.sum(a) + 0 * np.sum(b)

    along = jvp(whole, (a, b), (va, vb))[1]
    np.testing.assert_allclose(along, call(va, vb) - call(0 * a, 0 * b), atol=1e-14)
    u = rng.normal(size=expected.shape)
    of_a, of_b = vjp(whole, a, b)[1](u)
    np.testing.assert_allclose(np.sum(of_a * va) + np.sum(of_b * vb), np.sum(u * along))


def test_dtypes_are_converted_as_of_arrays() -> None:
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    joined: Any = np.r_[x, np.ones(2)]
    assert joined.dtype == np.float64
    assert np.r_[x, 1.0].dtype == np.float32
    joined.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_what_cannot_carry_the_graph_is_refused() -> None:
    x: Any = Tensor([1.0, 2.0], requires_grad=True)
    calls: list[Callable[[], Any]] = [
        lambda: np.r_["r", x],  # a matrix
        lambda: np.r_[[x[0], x[1]], 3.0],  # a list of tensors
        lambda: np.r_[0 : x[1]],
    ]
    for call in calls:
        with pytest.raises(errors.DetachError):
            call()
    with no_grad():
        assert np.r_[x, 3.0].tolist() == [1, 2, 3]
