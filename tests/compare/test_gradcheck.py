"""gradcheck finds what is wrong, at any scale, and leaves alone what is right."""

from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, errors
from autograd_nn.compare import gradcheck

X = np.random.default_rng(0).standard_normal((3, 4))


def leaf() -> Tensor:
    return Tensor(X, requires_grad=True)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_right_gradients_pass_at_any_scale(scale: float) -> None:
    assert gradcheck(lambda x: np.tanh(x) * scale, leaf())
    assert gradcheck(lambda x: (np.sin(x @ x.T), np.exp(x) * scale), [leaf()])


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("error", [1.01, -1.0, 0.0])
def test_wrong_gradients_fail_at_any_scale(scale: float, error: float) -> None:
    wrong = ag.custom_vjp(np.sin, lambda v, _y, x: error * v * np.cos(x))
    assert not gradcheck(lambda x: scale * wrong(x), leaf(), raise_exception=False)
    with pytest.raises(errors.GradcheckError, match=r"input 1 is wrong: at entry \(\d, \d\) the"):
        gradcheck(lambda _c, x: scale * wrong(x), (Tensor(X), leaf()))


def test_errors_that_cancel_in_the_sum_are_found() -> None:
    def shuffled(v: Any, _y: Any, _x: Any) -> Any:
        return v[::-1]  # right for a cotangent of ones

    assert not gradcheck(ag.custom_vjp(np.positive, shuffled), leaf(), raise_exception=False)


def test_entries_that_are_zero_raise_no_alarm() -> None:
    assert gradcheck(lambda x: x * np.eye(3, 4), leaf())


def test_inputs_that_cannot_be_checked_are_refused() -> None:
    with pytest.raises(errors.DtypeError, match="no input requires a gradient"):
        gradcheck(np.sin, Tensor(X))
    with pytest.raises(errors.DtypeError, match="input 0 has dtype float32"):
        gradcheck(np.sin, Tensor(X, requires_grad=True, dtype=np.float32))


def test_the_inputs_are_left_as_they_were() -> None:
    x: Any = leaf()
    gradcheck(np.sin, x)
    assert x.grad is None
    np.testing.assert_array_equal(x.numpy(), X)
