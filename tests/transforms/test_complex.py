"""Complex numbers: PyTorch's gradients, holomorphic derivatives, real parts."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import errors, grad, hessian, hvp, jacfwd, jacrev, jvp, value_and_grad, vjp

RNG = np.random.default_rng(3)
Z = RNG.standard_normal(3) + 1j * RNG.standard_normal(3)
T, X = RNG.standard_normal((2, 3))
both_ways = pytest.mark.parametrize("transform", [jacrev, jacfwd])


def loss(z: Any) -> Any:
    return np.sum(np.real(np.exp(z) * z * z[::-1]) ** 2)


def slopes(f: Any, z: Any, h: float = 1e-6) -> Any:
    """Judge by differences along the real and the imaginary axis: df/dRe + i df/dIm."""
    e = np.eye(len(z))
    along = [[(f(z + h * u * d) - f(z - h * u * d)) / (2 * h) for d in e] for u in (1, 1j)]
    return np.array(along[0]) + 1j * np.array(along[1])


def test_the_gradient_points_where_the_loss_grows_fastest() -> None:
    found = grad(loss)(Z)
    np.testing.assert_allclose(found, slopes(loss, Z), rtol=1e-7)
    assert np.allclose(grad(lambda z: np.real(z * np.conj(z)))(1 + 2j), 2 * (1 + 2j))
    value, same = value_and_grad(lambda p: loss(p["z"]))({"z": Z})
    np.testing.assert_array_equal(same["z"], found)


def test_real_leaves_have_real_gradients() -> None:
    def through(x: Any) -> Any:
        return np.sum(np.real(np.exp(1j * x) * Z) ** 2)

    found = grad(through)(X)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, slopes(through, X + 0j).real, rtol=1e-7)
    dx, dz = grad(lambda x, z: np.real(np.sum(x * z * z)), (0, 1))(X, Z)
    np.testing.assert_allclose(dx, np.real(Z**2))
    np.testing.assert_allclose(dz, np.conj(2 * X * Z))


def test_pull_is_the_conjugate_transpose_of_push() -> None:
    def f(z: Any) -> Any:
        return np.exp(z) * z[::-1]

    v = RNG.standard_normal(3) - 1j * RNG.standard_normal(3)
    t = X + 1j * T
    out, pull = vjp(f, Z)
    same, push = jvp(f, Z, t)
    assert np.real(np.vdot(v, push)) == pytest.approx(np.real(np.vdot(pull(v)[0], t)))
    slope = (f(Z + 1e-6 * t) - f(Z - 1e-6 * t)) / 2e-6
    np.testing.assert_allclose(push, slope, rtol=1e-7)
    np.testing.assert_allclose(pull(v)[0], np.conj(jacrev(f)(Z)).T @ v, rtol=1e-13)


@both_ways
def test_jacobians_of_every_kind(transform: Any) -> None:
    # complex to complex: f'(z)
    np.testing.assert_allclose(transform(lambda z: z**3)(Z), np.diag(3 * Z**2), atol=1e-14)
    # real to complex: the complex derivative
    found = transform(lambda x: np.exp(1j * x) * x)(X)
    np.testing.assert_allclose(found, np.diag(np.exp(1j * X) * (1j * X + 1)), atol=1e-14)
    assert found.dtype == np.complex128
    # complex to real: gradients
    found = transform(lambda z: np.stack([loss(z), np.sum(np.imag(z))]))(Z)
    np.testing.assert_allclose(found[0], slopes(loss, Z), rtol=1e-7)
    np.testing.assert_allclose(found[1], [1j, 1j, 1j], atol=1e-14)
    # real to real, by complex numbers
    found = transform(lambda x: np.imag(np.exp(1j * x)))(X)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, np.diag(np.cos(X)), atol=1e-14)


@both_ways
def test_jacobians_of_mixed_trees(transform: Any) -> None:
    def f(p: Any) -> Any:
        return {"c": p["x"] * p["z"], "r": np.real(p["z"]) * p["x"]}

    found = transform(f)({"x": X, "z": Z})
    np.testing.assert_allclose(found["c"]["x"], np.diag(Z), atol=1e-14)
    np.testing.assert_allclose(found["c"]["z"], np.diag(X), atol=1e-14)
    np.testing.assert_allclose(found["r"]["x"], np.diag(Z.real), atol=1e-14)
    np.testing.assert_allclose(found["r"]["z"], np.diag(X), atol=1e-14)
    kinds = [found[k][j].dtype.kind for k in "cr" for j in "xz"]
    assert kinds == ["c", "c", "f", "c"]
    small = transform(f)({"x": X.astype(np.float32), "z": Z.astype(np.complex64)})
    assert small["c"]["x"].dtype == np.complex64


@both_ways
def test_what_is_not_holomorphic_is_refused(transform: Any) -> None:
    for f in (np.conj, lambda z: z * np.real(z)):
        with pytest.raises(errors.DtypeError, match="is not holomorphic"):
            transform(f)(Z)
    with pytest.raises(errors.DtypeError, match="hessian: loss is a real function of a complex"):
        hessian(loss)(Z)
    np.testing.assert_allclose(hessian(lambda z: z**3)(1 + 1j), 6 * (1 + 1j))


def test_second_derivatives_through_complex_values() -> None:
    t = X + 1j * T
    found = hvp(loss, Z, t)
    slope = (grad(loss)(Z + 1e-6 * t) - grad(loss)(Z - 1e-6 * t)) / 2e-6
    np.testing.assert_allclose(found, slope, rtol=1e-6)

    def again(z: Any) -> Any:
        return np.sum(np.real(grad(loss)(z) * np.conj(t)))

    np.testing.assert_allclose(grad(again)(Z), slopes(again, Z), rtol=1e-6)
    np.testing.assert_allclose(grad(again)(Z), found, rtol=1e-12)  # the Hessian is symmetric
    np.testing.assert_allclose(vjp(grad(loss), Z)[1](t)[0], found, rtol=1e-12)


def test_a_complex_result_has_no_gradient() -> None:
    with pytest.raises(errors.DtypeError, match=r"returned a complex number.*np\.real.*jacobian"):
        grad(lambda x: x * 1j)(1.0)
