"""grad and its kin: values, nesting, freedom from perturbation confusion, custom rules."""

import math
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, errors, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

RNG = np.random.default_rng(0)
X, V, U = RNG.standard_normal((3, 4))


def f(x: Any) -> Any:
    return np.sum(np.tanh(x) * np.exp(x) * x[::-1] ** 3)


def complex_gradient(x: Any) -> Any:
    """Judge `f` by the complex step, written out in NumPy alone."""

    def value(z: Any) -> Any:
        return np.sum(np.tanh(z) * np.exp(z) * z[::-1] ** 3)

    return np.array([value(x + 1e-30j * e).imag / 1e-30 for e in np.eye(len(x))])


def differences(g: Any, x: Any, v: Any, h: float = 1e-6) -> Any:
    return (g(x + h * v) - g(x - h * v)) / (2 * h)


def test_grad_agrees_with_the_complex_step() -> None:
    np.testing.assert_allclose(grad(f)(X), complex_gradient(X), rtol=1e-13)
    value, gradient = value_and_grad(f)(X)
    assert value == f(X)
    np.testing.assert_array_equal(gradient, grad(f)(X))


def test_five_ways_to_a_hessian_vector_product_agree() -> None:
    expected = differences(complex_gradient, X, V)
    for found in (
        hvp(f, X, V),
        hessian(f)(X) @ V,
        jvp(grad(f), X, V)[1],
        grad(lambda x: np.sum(grad(f)(x) * V))(X),
        grad(lambda x: jvp(f, x, V)[1])(X),
        vjp(grad(f), X)[1](V)[0],
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-7)
    np.testing.assert_allclose(jvp(lambda x: jvp(f, x, V)[1], X, U)[1], U @ expected, rtol=1e-7)


def test_third_derivatives_are_exact() -> None:
    def third(x: float) -> float:
        t = np.tanh(x)
        return float((1 - t * t) * (6 * t * t - 2))

    for x in (-1.3, 0.0, 0.4):
        assert grad(grad(grad(np.tanh)))(x) == pytest.approx(third(x), rel=1e-13, abs=1e-14)


def test_perturbations_are_not_confused() -> None:
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1
    assert grad(lambda x: x * jvp(lambda y: x + y, 1.0, 1.0)[1])(1.0) == 1
    assert jvp(lambda x: x * grad(lambda y: x + y)(1.0), 1.0, 1.0)[1] == 1
    assert jvp(lambda x: x * jvp(lambda y: x + y, 1.0, 1.0)[1], 1.0, 1.0)[1] == 1
    # d/dx of x * (d/dy of x y^2 at y = x) = d/dx of 2 x^3
    assert grad(lambda x: x * grad(lambda y: x * y * y)(x))(3.0) == pytest.approx(6 * 9)
    assert grad(lambda x: grad(lambda y: x * x * y)(1.0))(2.0) == 4
    assert grad(lambda x: jvp(lambda y: x * x * y, 1.0, 1.0)[1])(2.0) == 4
    # the very variable differentiated is closed over
    assert grad(lambda x: grad(lambda y: x * x * y)(x))(2.0) == pytest.approx(4)


def test_a_transform_within_a_backward_pass_is_differentiated() -> None:
    w: Any = Tensor(RNG.standard_normal((4, 4)), requires_grad=True)

    def penalty(w: Any) -> Any:
        inner = grad(lambda x: np.sum(np.tanh(x @ w)))(X)
        return np.sum(inner * inner)

    penalty(w).backward()
    h, e = 1e-6, RNG.standard_normal((4, 4))
    slope = (penalty(w.numpy() + h * e) - penalty(w.numpy() - h * e)) / (2 * h)
    assert np.sum(w.grad.numpy() * e) == pytest.approx(slope, rel=1e-7)


def test_leaves_made_inside_a_function_stay_connected() -> None:
    made = []

    def g(x: Any) -> Any:
        made.append(Tensor([3.0, 4.0], requires_grad=True))
        return np.sum(x * made[0])

    grad(g)(np.ones(2)).sum().backward()
    assert made[0].grad is not None
    assert made[0].grad.tolist() == [1, 1]


def test_arrays_in_arrays_out_and_tensors_in_tensors_out() -> None:
    for transform in (grad, hessian, lambda f: lambda x: jvp(f, x, X)[1]):
        assert isinstance(transform(f)(X), np.ndarray | np.generic)
        assert isinstance(transform(f)(Tensor(X)), Tensor)
    x: Any = Tensor(X, requires_grad=True)
    assert grad(f)(x).requires_grad
    with ag.no_grad():
        assert not grad(f)(x).requires_grad
        np.testing.assert_allclose(grad(f)(X), complex_gradient(X), rtol=1e-13)
    gradient = grad(lambda x: np.sum(x))(X)
    gradient *= 2  # an array of the caller's own, not a view into the engine
    assert gradient.tolist() == [2, 2, 2, 2]


def test_argnums_choose_arguments() -> None:
    def g(x: Any, y: Any) -> Any:
        return np.sum(x * y * y)

    np.testing.assert_allclose(grad(g, 1)(X, V), 2 * X * V)
    np.testing.assert_allclose(grad(g, -1)(X, V), 2 * X * V)
    dx, dy = grad(g, (0, 1))(X, V)
    np.testing.assert_allclose(dx, V * V)
    np.testing.assert_allclose(dy, 2 * X * V)
    np.testing.assert_allclose(hessian(g, 1)(X, V), np.diag(2 * X))
    hx, hy = hvp(g, (X, V), (U, X))
    np.testing.assert_allclose(hx, 2 * V * X)
    np.testing.assert_allclose(hy, 2 * V * U + 2 * X * X)
    with pytest.raises(TypeError, match="grad: argnums names argument 2, but 2 were given"):
        grad(g, 2)(X, V)


def test_vjp_and_jvp_are_transposes() -> None:
    a = RNG.standard_normal((4, 3))

    def g(x: Any) -> Any:
        return np.sin(x @ a) * x[0]

    out, pull = vjp(g, X)
    u = RNG.standard_normal(3)
    same, push = jvp(g, X, V)
    np.testing.assert_array_equal(out, same)
    np.testing.assert_allclose(u @ push, pull(u)[0] @ V, rtol=1e-13)
    np.testing.assert_array_equal(pull(u)[0], pull(u)[0])  # may be pulled again
    np.testing.assert_allclose(jacobian(g)(X) @ V, push, rtol=1e-13)


def test_what_does_not_depend_on_the_argument_has_gradient_zero() -> None:
    assert grad(lambda _: 3.0)(X).tolist() == [0, 0, 0, 0]
    assert jvp(lambda _: 3.0, X, V) == (3.0, 0.0)
    other = Tensor(2.0, requires_grad=True)
    assert grad(lambda _: other * 2)(X).tolist() == [0, 0, 0, 0]
    assert grad(lambda x: x)(2.0) == 1
    assert jvp(lambda x: x, 2.0, 5.0)[1] == 5


def test_a_function_of_several_outputs_is_pushed_forward_as_a_whole() -> None:
    (out_1, out_2), (t_1, t_2) = jvp(lambda x: (x * 2, np.sin(x)), X, V)
    np.testing.assert_allclose(t_1, 2 * V)
    np.testing.assert_allclose(t_2, np.cos(X) * V)


def test_gradients_have_the_dtype_of_their_argument() -> None:
    assert grad(f)(X.astype(np.float32)).dtype == np.float32
    assert jvp(f, X.astype(np.float32), V)[1].dtype == np.float32
    assert hessian(f)(X.astype(np.float32)).dtype == np.float32
    assert grad(lambda x: np.sum(x * V))(X.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: grad(np.tanh)(X), errors.NonScalarError, r"tanh returned shape \(4,\)"),
        (lambda: grad(np.sum)(np.arange(3)), errors.DtypeError, "argument 0 of sum: dtype int64"),
        (lambda: grad(np.sum)(3), errors.DtypeError, "use floats"),
        (lambda: jvp(np.sin, X, V[:2]), errors.ShapeError, r"tangent 0 has shape \(2,\)"),
        (lambda: jvp(np.sin, (X,), (V, V)), errors.ShapeError, "1 primals but 2 tangents"),
        (lambda: vjp(np.sin, X)[1](np.ones(3)), errors.ShapeError, r"cotangent has shape \(3,\)"),
        (lambda: grad(lambda s: 1.0)("x"), errors.DtypeError, "argument 0 of <lambda>"),
    ],
)
def test_bad_calls_are_refused_in_one_sentence(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("function", [math.sin, float, int, complex])
def test_python_numbers_cannot_lose_the_derivative(function: Any) -> None:
    with pytest.raises(errors.DetachError, match="became a Python number, which has none"):
        grad(function)(0.3)


def test_filling_an_array_entry_by_entry_is_refused() -> None:
    def f(x: Any) -> Any:
        out = np.zeros(2)
        out[0] = x * x
        return np.sum(out)

    with pytest.raises(ValueError, match="setting an array element") as refusal:  # NumPy's words
        grad(f)(2.0)
    assert "np.stack" in str(refusal.value.__cause__)
    assert grad(lambda x: np.sum(np.stack([x * x, 3 * x])))(2.0) == 7


@pytest.mark.parametrize("transform", [grad, jacobian, hessian, lambda f: lambda x: jvp(f, x, x)])
@pytest.mark.parametrize(
    ("output", "what"),
    [(None, "None"), ("x", "a str"), ({"a": [1.0, "x"]}, r"a str at \['a'\]\[1\]")],
)
def test_what_is_not_an_array_cannot_be_differentiated(
    transform: Any, output: Any, what: str
) -> None:
    found = "a dict" if transform is grad and isinstance(output, dict) else what
    with pytest.raises(errors.DtypeError, match=f"returned ({what}|{found}), not an array"):
        transform(lambda _: output)(X)


def test_a_function_may_change_its_argument_in_place_inside_a_transform() -> None:
    def f(x: Any) -> Any:
        x += 1
        x *= x
        return np.sum(x)

    np.testing.assert_allclose(grad(f)(X), 2 * (X + 1))
    before = X.copy()
    np.testing.assert_allclose(grad(grad(lambda x: f(x * 1.0)))(0.5), 2)
    np.testing.assert_array_equal(X, before)


def test_transforms_pass_keywords_on() -> None:
    assert grad(lambda x, n: x**n)(2.0, n=3) == 12
    assert jacobian(lambda x, n: x**n)(2.0, n=3) == 12


def test_an_argument_cannot_be_named_twice() -> None:
    with pytest.raises(TypeError, match="names an argument twice"):
        grad(lambda x, y: x * y, (0, -2))(1.0, 2.0)
    with pytest.raises(TypeError, match="argument 'x'"):
        grad(lambda x: x, "x")(1.0)  # type: ignore[arg-type]


def test_a_pullback_of_arrays_gives_arrays_wherever_it_is_called() -> None:
    _, pull = vjp(np.sin, 0.3)
    found = grad(lambda c: pull(c)[0])(1.0)
    assert isinstance(found, np.float64)
    assert found == np.cos(0.3)
