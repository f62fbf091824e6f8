"""The methods of ufuncs and their keywords, on Tensors."""

from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, errors
from leaves import RNG, leaf
from oracles import error, gradient, richardson

A, B = RNG.uniform(0.5, 1.5, (3, 4)), RNG.uniform(0.5, 1.5, 4)
MASK = np.array([[True, False, True, True], [False, False, True, True], [True, True, False, True]])

CALLS: dict[str, Any] = {
    "add.reduce": lambda a, _b: np.add.reduce(a),
    "add.reduce axis dtype": lambda a, _b: np.add.reduce(a, 1, float),
    "add.reduce axes keepdims": lambda a, _b: np.add.reduce(a, axis=(0, 1), keepdims=True),
    "multiply.reduce": lambda a, _b: np.multiply.reduce(a, axis=-1),
    "maximum.reduce": lambda a, _b: np.maximum.reduce(a, axis=None),
    "minimum.reduce": lambda a, _b: np.minimum.reduce(a),
    "subtract.reduce": lambda a, _b: np.subtract.reduce(a),
    "power.reduce": lambda a, _b: np.power.reduce(a, axis=0, keepdims=True),
    "hypot.reduce": lambda a, _b: np.hypot.reduce(a, axis=1),
    "hypot.reduce initial": lambda a, _b: np.hypot.reduce(a, axis=0, initial=2.0),
    "hypot.reduce initial that is differentiated": lambda a, b: np.hypot.reduce(
        a, axis=1, initial=b[0]
    ),
    "hypot.reduce where": lambda a, _b: np.hypot.reduce(a, axis=1, where=MASK),
    "hypot.reduce of a number": lambda a, _b: np.hypot.reduce(a[0, 0], axis=-1),
    "logaddexp.reduce all": lambda a, _b: np.logaddexp.reduce(a, axis=(1, 0)),
    "logaddexp.reduce where": lambda a, _b: np.logaddexp.reduce(a, axis=0, where=MASK),
    "add.accumulate": lambda a, _b: np.add.accumulate(a, axis=1),
    "divide.accumulate": lambda a, _b: np.divide.accumulate(a),
    "maximum.accumulate": lambda a, _b: np.maximum.accumulate(a, axis=-1),
    "multiply.outer": np.multiply.outer,
    "power.outer": lambda a, b: np.power.outer(b, a),
    "add.outer dtype": lambda a, b: np.add.outer(a, b, dtype=float),
    "add.reduceat": lambda a, _b: np.add.reduceat(a, [0, 2, 1], axis=1),
    "multiply.reduceat": lambda a, _b: np.multiply.reduceat(a, [0, 1]),
    "subtract.reduceat": lambda a, _b: np.subtract.reduceat(a, [3, 0, 1], axis=-1),
    "dtype": lambda a, b: np.multiply(a, b, dtype=float, casting="same_kind"),
    "casting order subok": lambda a, b: np.add(a, b, casting="no", order="F", subok=False),
    "dtype of two results": lambda a, _b: np.modf(a, dtype=float)[0],
    "dtype of one argument": lambda a, b: np.ldexp(a, [1, 2, 3, 4], dtype=float) * b,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_methods_of_ufuncs_have_numpys_values_and_right_gradients(call: Any) -> None:
    expected = np.asarray(call(A, B))
    u = RNG.normal(size=expected.shape)
    out, pull = ag.vjp(call, A, B)
    assert error(out, expected) <= 1e-14
    for found, exact in zip(pull(u), gradient(richardson, call, [A, B], u), strict=True):
        assert error(found, exact) <= 1e-8
    va, vb = RNG.normal(size=A.shape), RNG.normal(size=B.shape)
    tangent = ag.jvp(call, (A, B), (va, vb))[1]
    assert error(tangent, richardson(call, [A, B], [va, vb])) <= 1e-8
    ours = call(Tensor(A), Tensor(B))
    np.testing.assert_allclose(ours, expected, rtol=1e-14)


def test_where_leaves_the_rest_of_out_and_its_gradient_alone() -> None:
    x: Any = Tensor([4.0, -1.0, 0.0], requires_grad=True)
    target = x * 10
    np.sqrt(x, where=[True, False, False], out=target)
    assert target.tolist() == [2, -10, 0]
    target.sum().backward()
    assert x.grad.tolist() == [0.25, 10, 10]
    with pytest.raises(errors.DetachError, match="sqrt: where= without out= leaves entries undef"):
        np.sqrt(x, where=[True, False, False])


def test_float32_by_dtype() -> None:
    x: Any = leaf(3)
    y = np.add(x, 1, dtype=np.float32)
    assert y.dtype == np.float32
    y.sum().backward()
    assert x.grad.dtype == np.float64


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.add(x, 1, signature="dd->d"), "add: the keyword signature= has no"),
        (lambda x: np.spacing.outer(x, x), "outer|spacing"),
    ],
)
def test_what_is_not_honoured_is_refused(call: Any, message: str) -> None:
    with pytest.raises((errors.NoRuleError, ValueError, TypeError), match=message):
        call(leaf(3))


@pytest.mark.parametrize(
    "call",
    [
        lambda a, out: np.sum(a, 0, None, out),
        lambda a, out: np.mean(a, 0, None, out),
        lambda a, out: np.cumsum(a[0], 0, None, out),
        lambda a, out: np.max(a, 0, out, False),  # noqa: FBT003 (NumPy's signature)
        lambda a, out: np.add(a[0], a[1], out),
        lambda a, out: np.add.reduce(a, 0, None, out),
    ],
)
def test_out_is_found_by_position(call: Any) -> None:
    x: Any = leaf(3, 4)
    target: Any = Tensor(np.zeros(4))
    assert call(x, target) is target
    assert error(target.value, call(x.numpy(), np.zeros(4))) <= 1e-15
    assert target.requires_grad


def test_keywords_of_ufuncs_are_checked_by_numpy() -> None:
    x: Any = leaf(3, 4)
    numpys: Any = np  # whose stubs refuse these too
    assert np.sin(x, order="F").value.flags.f_contiguous
    calls: list[Any] = [
        lambda: np.add(x, 1.0, dtype=int),  # which would have lost the gradient
        lambda: np.sin(x, dtype=np.float32, casting="safe"),
        lambda: numpys.add(x, x, axes=[0, 0, 0]),
        lambda: numpys.matmul(x, x, axis=0),
        lambda: numpys.sin(x, keepdims=True),
    ]
    for call, word in zip(calls, ("cast", "cast", "axes", "axis", "keepdims"), strict=True):
        with pytest.raises(TypeError, match=word):
            call()


@pytest.mark.parametrize("axes", [[0, 0, 0], [(0, 1), 0], [0], "x"])
def test_axes_that_do_not_fit_a_product_are_refused(axes: Any) -> None:
    x: Any = leaf(3, 4)
    with pytest.raises(errors.ShapeError, match=r"must name, in a list, \[1, 1, 0\] axes"):
        np.vecdot(x, x, axes=axes)


def test_one_of_two_results_may_have_no_target() -> None:
    x: Any = Tensor([1.75, -2.5], requires_grad=True)
    target: Any = Tensor(np.zeros(2))
    numpys: Any = np
    quotient, rest = numpys.divmod(x, 0.5, out=(target, None))
    assert quotient is target
    assert rest.requires_grad
    assert quotient.tolist() == [3, -5]


@pytest.mark.parametrize("casting", ["no", "equiv", "safe", "unsafe"])
def test_a_python_number_is_cast_where_this_numpy_casts_it(casting: Any) -> None:
    def is_allowed(x: Any) -> bool:
        try:
            np.add(x, 0.1, casting=casting)
        except TypeError:
            return False
        return True

    x = leaf(2, dtype=np.float32)
    assert is_allowed(x) == is_allowed(x.numpy())
