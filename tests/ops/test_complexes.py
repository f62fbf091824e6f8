"""Judge the rules on complex numbers, by differences along complex directions.

The gradient ``g`` of a real loss tells its change for a change `dz`: ``Re(sum(conj(g) * dz))``.
"""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd_nn as ag
from autograd_nn import Tensor, jvp
from oracles import Function, error, richardson

rng = np.random.default_rng(0)


def draw(*shape: int) -> Any:
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def quadrants(z: Any) -> Any:
    return np.concatenate([z, -z, np.conj(z), -np.conj(z)])


Z, DZ = quadrants(draw(4)), draw(16)
HOLOMORPHIC: list[Any] = [
    *(np.sqrt, np.square, np.reciprocal, np.negative, np.positive, np.sinc),
    *(np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p),
    *(np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan),
    *(np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh),
]
OTHERS: list[Any] = [
    *(np.absolute, np.sign, np.conjugate, np.real, np.imag, np.angle, np.nan_to_num),
    *(np.real_if_close, np.rint, np.round),
    lambda z: np.angle(z, deg=True),
    lambda z: np.clip(z, -0.25, 0.5),
    lambda z: np.maximum(z, 0.1) * np.fmin(z, 0.2j),
    lambda z: np.absolute(z * np.real(z)) + np.sign(z) * np.imag(z),
    lambda z: np.power(z, 3) + z**-2 + 2.0**z + z**z + z**0.5,
    lambda z: np.float_power(z, z) / (z + 2),
    lambda z: np.where(np.real(z) > 0, z, np.conj(z)) * z,
]


def same(function: Any) -> str:
    return str(getattr(function, "__name__", function))


def changes(u: Any, d: Any) -> float:
    """Pair a gradient and a change."""
    return float(np.sum(np.real(np.conj(u) * d)))


def gradient(function: Function, z: Any, u: Any) -> Any:
    t = Tensor(z, requires_grad=True)
    function(t).backward(u)
    assert t.grad is not None
    return t.grad.value


@pytest.mark.parametrize("function", HOLOMORPHIC, ids=same)
def test_functions_with_a_complex_derivative_multiply_by_it(function: Any) -> None:
    derivative = richardson(function, [Z], [np.ones(Z.shape)])
    assert error(richardson(function, [Z], [1j * np.ones(Z.shape)]), 1j * derivative) < 1e-9
    assert_allclose(jvp(function, (Z,), (DZ,))[1], derivative * DZ, rtol=1e-9)
    u = draw(16)
    assert_allclose(gradient(function, Z, u), np.conj(derivative) * u, rtol=1e-9)  # PyTorch's


@pytest.mark.parametrize("function", [*HOLOMORPHIC, *OTHERS], ids=same)
@pytest.mark.parametrize("dtype", [np.complex128, np.complex64])
def test_both_directions_and_their_derivatives(function: Any, dtype: Any) -> None:
    z, dz = Z.astype(dtype), DZ.astype(dtype)
    tolerance = 1e-8 if dtype is np.complex128 else 2e-4
    out = np.asarray(function(z))
    change = richardson(function, [Z], [DZ])
    value, along = jvp(function, (z,), (dz,))
    assert (value.dtype, along.dtype) == (out.dtype, out.dtype)
    assert error(along, change) < tolerance

    u = draw(16).astype(dtype) if out.dtype.kind == "c" else DZ.real.astype(out.dtype)
    back = gradient(function, z, u)
    assert back.dtype == dtype
    scale = np.sum(np.abs(back * dz)) + 1
    assert abs(changes(back, dz) - changes(u, change)) < tolerance * scale

    if dtype is np.complex128:
        second = richardson(lambda z: gradient(function, z, u), [z], [dz])
        w = draw(16)
        t = Tensor(z, requires_grad=True)
        function(t).backward(u, create_graph=True)
        first, t.grad = t.grad, None
        assert first is not None
        if first.requires_grad:
            first.backward(w)
        again = 0 * w if t.grad is None else t.grad.value
        scale = np.sum(np.abs(second)) + 1
        assert abs(changes(again, dz) - changes(w, second)) < tolerance * scale


def test_a_real_leaf_of_a_complex_value_has_a_real_gradient() -> None:
    x = np.array([0.3, -1.2])
    loss = lambda x: np.sum(np.absolute(np.exp(1j * x) + x))  # noqa: E731
    g = gradient(loss, x, 1.0)
    assert g.dtype == float
    assert_allclose(g @ [1.0, 2.0], richardson(loss, [x], [np.array([1.0, 2.0])]), rtol=1e-10)


def test_a_real_base_takes_a_complex_power() -> None:
    for base in (-1.5, np.array([-1.5, 2.0])):
        y = np.array([0.3 + 0.2j, -1j])
        expected = richardson(lambda y: np.power(base + 0j, y), [y], [np.ones(2)])  # noqa: B023
        found = gradient(lambda y: np.power(base, y), y, np.ones(2, complex))  # noqa: B023
        assert_allclose(found, np.conj(expected), rtol=1e-9)


def test_size_and_direction_are_flat_at_0() -> None:
    z = np.zeros(2, complex)
    for function in (np.absolute, np.sign, np.angle):
        out = np.asarray(function(z))
        assert_array_equal(gradient(function, z, np.ones_like(out)), z)
        assert_array_equal(jvp(function, (z,), (np.array([1, 1j]),))[1], np.zeros(2, out.dtype))


def test_nan_to_num_keeps_each_part_by_itself() -> None:
    z = np.array([complex(np.nan, 1), complex(2, np.inf), 3 + 4j])
    assert_array_equal(gradient(np.nan_to_num, z, np.full(3, 1 + 1j)), [1j, 1, 1 + 1j])


def test_the_real_part_of_real_numbers_is_they_themselves() -> None:
    x = np.array([1.0, 2.0])
    t: Any = Tensor(x, requires_grad=True)
    assert np.real(t) is t
    assert np.real_if_close(t) is t
    assert_array_equal(gradient(np.imag, x, np.ones(2)), [0, 0])


def test_real_if_close_decides_as_numpy_does() -> None:
    cases: list[Any] = [
        (np.array([1 + 1e-15j]), 100),
        (np.array([1 + 1e-3j]), 100),
        (1 + 1e-3j, 0.1),
    ]
    for z, tol in cases:
        found = np.real_if_close(Tensor(z, requires_grad=True), tol)
        assert found.dtype == np.real_if_close(z, tol).dtype


@pytest.mark.parametrize(
    ("ours", "formula"),
    [
        (ag.sigmoid, lambda z: 1 / (1 + np.exp(-z))),
        (ag.softplus, lambda z: np.log(1 + np.exp(z))),
        (ag.softmax, lambda z: np.exp(z) / np.sum(np.exp(z))),
        (ag.log_softmax, lambda z: z - np.log(np.sum(np.exp(z)))),
        (ag.logsumexp, lambda z: np.log(np.sum(np.exp(z)))),
        (lambda z: ag.logsumexp(z, b=[0.5, 2.0]), lambda z: np.log(np.exp(z) @ [0.5, 2.0])),
    ],
)
def test_our_own_functions_are_analytic(ours: Any, formula: Any) -> None:
    z = np.array([0.3 + 0.4j, -0.2 + 1.1j])
    assert_allclose(ours(z), formula(z), rtol=1e-14)
