"""Polynomials at repeated roots, leading zeros, and what is no polynomial of tensors."""

from typing import Any

import numpy as np
import pytest
from numpy import polynomial
from numpy.testing import assert_allclose, assert_array_equal

from autograd_nn import Tensor, errors, grad, vjp


def leaf(*values: float) -> Any:
    return Tensor(np.array(values, float), requires_grad=True)


def test_the_characteristic_polynomial_is_smooth_at_repeated_eigenvalues() -> None:
    # det(s I - x) = (s - a)(s - d) - b c: its last coefficient is the determinant
    (found,) = vjp(np.poly, np.eye(2))[1](np.array([0.0, 0.0, 1.0]))
    assert_allclose(found, np.eye(2), atol=1e-15)
    (found,) = vjp(np.poly, np.zeros((3, 3)))[1](np.array([0.0, 1.0, 1.0, 1.0]))
    assert_array_equal(found, -np.eye(3))


def test_repeated_roots_have_no_derivative() -> None:
    p = leaf(1.0, -2.0, 1.0)
    assert_allclose(np.roots(p.detach()), [1, 1])
    with pytest.raises(errors.NoDerivativeError, match="roots: at a repeated root"):
        np.roots(p).sum().backward()


def test_roots_feel_leading_and_trailing_zeros() -> None:
    # p = x**2 - x: r = 1 and r = 0 are simple, so dr = -dp(r) / p'(r)
    first, second = (vjp(np.roots, np.array([0.0, 1.0, -1.0, 0.0]))[1](u)[0] for u in np.eye(2))
    assert_allclose(first, [-1, -1, -1, -1])
    assert_allclose(second, [0, 0, 0, 1])


def test_products_feel_zeros_that_numpy_leaves_out() -> None:
    a = np.array([0.0, 1.0])
    out, back = vjp(lambda a: np.polymul(a, [2.0, 3.0]), a)
    assert_array_equal(out, np.polymul(a, [2.0, 3.0]))
    assert_array_equal(back(np.array([1.0, 0.0]))[0], [3, 2])
    assert np.polymul(leaf(0, 0), [2.0, 3.0]).tolist() == [0, 0]


def test_polynomials_are_divided_with_remainder() -> None:
    quotient, rest = np.polydiv(leaf(2, 3, 5), [1.0, 1.0])
    assert (quotient.tolist(), rest.tolist()) == ([2, 1], [4])
    quotient, rest = np.polydiv(leaf(2, 3), [1.0, 1.0, 1.0])
    assert (quotient.tolist(), rest.tolist()) == ([0], [2, 3])


def test_a_poly1d_may_hold_a_tensor() -> None:
    p = np.poly1d([1.0, 2.0, 3.0])
    assert_array_equal(grad(lambda x: np.sum(np.polyval(p, x)))(np.ones(2)), [4, 4])
    assert_array_equal(grad(lambda x: np.sum(p(x)))(np.ones(2)), [4, 4])
    c = np.array([2.0, 5.0])
    calls: list[Any] = [
        lambda c: np.polyadd(c, p),
        lambda c: np.polysub(p, c),
        lambda c: np.polymul(c, p),
        lambda c: np.polydiv(p, c)[0],
        lambda c: np.polyval(c, p),
        lambda c: np.poly1d(c) ** 2 - p.deriv(),
        lambda c: np.poly1d(c).integ() + 1,
    ]
    for call in calls:
        assert isinstance(call(c), np.poly1d)
        out = call(Tensor(c, requires_grad=True))
        assert isinstance(out, np.poly1d)
        coeffs: Any = out.coeffs
        assert_array_equal(coeffs.detach(), call(c).coeffs)
        slope = grad(lambda c: call(c)(0.7))(c)  # noqa: B023 (called at once)
        h, steps = 1e-6, np.eye(2)
        numeric = [(call(c + h * e)(0.7) - call(c - h * e)(0.7)) / (2 * h) for e in steps]
        assert_allclose(slope, numeric, rtol=1e-7)


@pytest.mark.parametrize(
    "evaluate",
    [
        *(polynomial.polynomial.polyval, polynomial.chebyshev.chebval, polynomial.legendre.legval),
        *(polynomial.hermite.hermval, polynomial.hermite_e.hermeval, polynomial.laguerre.lagval),
    ],
)
def test_numpy_polynomial_evaluates_at_tensors_but_takes_none_for_coefficients(
    evaluate: Any,
) -> None:
    c, x, h = [1.0, 2.0, 3.0, 4.0], np.array([0.3, 0.7]), 1e-6
    slope = (evaluate(x + h, c) - evaluate(x - h, c)) / (2 * h)
    assert_allclose(grad(lambda x: np.sum(evaluate(x, c)))(x), slope, rtol=1e-8)
    with pytest.raises(errors.DetachError, match=r"of coefficients, so call np.polyval"):
        evaluate(x, leaf(*c))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: np.polyder(p, -1), "polyder: m=-1 is negative; use polyint"),
        (lambda p: np.polyint(p, -1), "polyint: m=-1 is negative; use polyder"),
        (lambda p: np.polyint(p, 3, [1, 2]), "polyint: k has 2 entries; give one, or one for each"),
    ],
)
def test_wrong_orders_are_named(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(leaf(1, 2, 3))


def test_coefficients_may_be_a_list_of_tensors() -> None:
    c = leaf(2.0)[0]
    out = np.polyval([c, 1.0], leaf(3.0))
    assert out.tolist() == [7]
    out.sum().backward()


def test_poly_widens_float16_as_numpy_does() -> None:
    roots = Tensor([1.0, 2.0], requires_grad=True, dtype=np.float16)
    assert np.poly(roots).dtype == np.poly(roots.numpy()).dtype == np.float64
