"""Linear algebra where it is delicate: singular, repeated, rank-deficient, complex, empty."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd_nn import Tensor, grad, hessian, hvp, jacobian, jvp
from autograd_nn.errors import NoDerivativeError, NoRuleError, ShapeError
from oracles import error, richardson

la: Any = np.linalg
IDENTITY, ZEROS, ONES = np.eye(2), np.zeros((2, 2)), np.ones((2, 2))
WEIGHTS = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]])
VECTOR_NORMS = [None, 0, 1, 2, 3, 4, 0.5, 2.5, -1, -2, np.inf, -np.inf]
MATRIX_NORMS = [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


def adjoint(x: Any) -> Any:
    return np.conjugate(np.swapaxes(x, -1, -2))


# ---- complex matrices --------------------------------------------------------------------------


def of_parts(function: Callable[[Any], Any], seed: int = 0) -> Callable[[Any], Any]:
    """Make of a function of complex matrices a real number that depends on real numbers."""

    def loss(parts: Any) -> Any:
        rng = np.random.default_rng(seed)
        results = function(parts[0] + 1j * parts[1])
        total = 0.0
        for result in results if isinstance(results, tuple) else (results,):
            by_real, by_imag = rng.normal(size=(2, *result.shape))
            total = total + np.sum(by_real * np.real(result) + by_imag * np.imag(result))
        return total

    return loss


def eigh_parts(x: Any) -> Any:
    w, V = la.eigh(x)
    return w, np.abs(V), (V * np.sin(w)[..., None, :]) @ adjoint(V)


def svd_parts(x: Any) -> Any:
    U, s, Vh = la.svd(x, full_matrices=False)
    return s, np.abs(U), np.abs(Vh), (U * np.sin(s)[..., None, :]) @ Vh


def full_svd_parts(x: Any) -> Any:
    U, s, Vh = la.svd(x)
    k = s.shape[-1]
    U2, V2 = U[..., k:], adjoint(Vh[..., k:, :])
    return s, U2 @ adjoint(U2), V2 @ adjoint(V2), U[..., :k] @ Vh[..., :k, :]


def positive(x: Any) -> Any:
    return x @ adjoint(x) + np.eye(x.shape[-1])


COMPLEX: list[tuple[str, Callable[[Any], Any], tuple[int, ...]]] = [
    ("inv", la.inv, (2, 2, 2)),
    ("det", la.det, (3, 3)),
    ("slogdet", lambda x: tuple(la.slogdet(x)), (2, 2, 2)),
    ("solve", lambda x: la.solve(x, x[0] * 2), (3, 3)),
    ("pinv tall", la.pinv, (3, 2)),
    ("pinv wide", la.pinv, (2, 3)),
    ("pinv cut off", lambda x: la.pinv(x, rcond=0.6), (3, 2)),
    ("lstsq", lambda x: tuple(la.lstsq(x, x[:, :1] ** 2)[:2]), (4, 2)),
    ("matrix_power", lambda x: la.matrix_power(x, -2), (2, 2)),
    ("cholesky", lambda x: la.cholesky(positive(x)), (3, 3)),
    ("cholesky upper", lambda x: la.cholesky(positive(x), upper=True), (3, 3)),
    ("qr", lambda x: tuple(la.qr(x)), (4, 2)),
    ("qr square", lambda x: tuple(la.qr(x)), (2, 3, 3)),
    ("qr wide", lambda x: tuple(la.qr(x)), (2, 4)),
    ("eigh", eigh_parts, (3, 3)),
    ("eigvalsh", la.eigvalsh, (2, 3, 3)),
    ("eigvalsh U", lambda x: la.eigvalsh(x, "U"), (3, 3)),
    ("eig", lambda x: tuple(la.eig(x)), (3, 3)),
    ("eigvals", la.eigvals, (2, 2, 2)),
    ("svd tall", svd_parts, (3, 2)),
    ("svd wide", svd_parts, (2, 2, 3)),
    ("svd full", full_svd_parts, (4, 2)),
    ("svd full wide", full_svd_parts, (2, 4)),
    ("svdvals", la.svdvals, (3, 2)),
    ("norm", la.norm, (2, 3)),
    ("norm 1", lambda x: la.norm(x, 1, axis=0), (2, 3)),
    ("norm 3", lambda x: la.norm(x, 3, axis=0), (2, 3)),
    ("norm 4", lambda x: la.norm(x, 4, axis=0), (2, 3)),
    ("norm nuc", lambda x: la.norm(x, "nuc"), (2, 3)),
    ("cond", la.cond, (2, 2)),
    ("vecdot", lambda x: np.vecdot(x, x[::-1] ** 2), (2, 3)),
    ("vdot", lambda x: np.vdot(x, x[::-1] ** 2), (2, 3)),
    ("einsum", lambda x: np.einsum("ij,jk,ki->i", x, x, np.conj(x)), (2, 2)),
]
if hasattr(np, "matvec"):
    COMPLEX += [
        ("matvec", lambda x: np.matvec(x, x[0] ** 2), (2, 2)),
        ("vecmat", lambda x: np.vecmat(x[0], x**2), (2, 2)),
    ]


@pytest.mark.parametrize(
    ("function", "shape"), [c[1:] for c in COMPLEX], ids=[c[0] for c in COMPLEX]
)
def test_complex_matrices_are_differentiated(function: Any, shape: tuple[int, ...]) -> None:
    loss = of_parts(function)
    x, v, u = np.random.default_rng(3).normal(size=(3, 2, *shape))
    expected = richardson(loss, [x], [v])
    assert error(np.sum(grad(loss)(x) * v), expected) <= 1e-7
    assert error(jvp(loss, (x,), (v,))[1], expected) <= 1e-7
    second = richardson(lambda x: np.sum(grad(loss)(x) * u), [x], [v])
    assert error(np.sum(hvp(loss, x, v) * u), second) <= 1e-6
    by_reverse = grad(lambda x: np.sum(grad(loss)(x) * u))(x)
    assert error(np.sum(by_reverse * v), second) <= 1e-6


def test_phases_of_complex_eigenvectors_are_refused() -> None:
    hermitian = np.array([[2, 1j], [-1j, 5]])
    with pytest.raises(NoDerivativeError, match=r"eigh.*phases"):
        grad(lambda x: np.sum(np.real(la.eigh(x + hermitian)[1])))(IDENTITY)
    with pytest.raises(NoDerivativeError, match=r"svd.*phases"):
        grad(lambda x: np.sum(np.real(la.svd(x + hermitian)[0])))(WEIGHTS[:2, :2])


def test_eig_of_a_real_matrix_with_complex_eigenvalues() -> None:
    x = np.array([[0.0, 1.0, 0.3], [-2.0, 0.5, 0.0], [0.1, 0.2, 1.0]])
    v = WEIGHTS / 10

    def loss(x: Any) -> Any:
        w, V = la.eig(x)
        return np.sum(np.real(w) * np.array([1, 1, 2])) + np.sum(np.real(V) ** 3)

    expected = richardson(loss, [x], [v])
    assert_allclose(np.sum(grad(loss)(x) * v), expected, rtol=1e-8)
    assert_allclose(jvp(loss, (x,), (v,))[1], expected, rtol=1e-8)


# ---- only one triangle is read -----------------------------------------------------------------


@pytest.mark.parametrize("triangle", ["L", "U"])
def test_gradients_lie_in_the_triangle_that_numpy_reads(triangle: str) -> None:
    x = np.array([[2.0, 0.7], [0.3, 5.0]])  # not symmetric: NumPy reads one of 0.7 and 0.3
    by_entry = [
        richardson(lambda x: la.eigvalsh(x, triangle)[0], [x], [e.reshape(2, 2)]) for e in np.eye(4)
    ]
    found = grad(lambda x: la.eigvalsh(x, triangle)[0])(x)
    assert_allclose(found.ravel(), by_entry, atol=1e-9)
    assert found[(0, 1) if triangle == "L" else (1, 0)] == 0


def test_of_a_symmetrised_matrix_the_gradient_is_symmetric() -> None:
    x = WEIGHTS + 10 * np.diag([1, 2, 3])
    for function in (la.cholesky, la.eigvalsh):
        found = grad(lambda x: np.sum(function((x + x.T) / 2)))(x)  # noqa: B023
        assert_allclose(found, found.T, rtol=1e-12)


# ---- singular matrices -------------------------------------------------------------------------


def cofactors(x: Any) -> Any:
    n = range(len(x))
    minors = [[la.det(np.delete(np.delete(x, i, 0), j, 1)) * (-1) ** (i + j) for j in n] for i in n]
    return np.array(minors)


@pytest.mark.parametrize(
    "x", [np.arange(9.0).reshape(3, 3), np.ones((3, 3)), np.zeros((3, 3)), np.diag([1.0, 0, 2])]
)
def test_det_has_every_derivative_at_singular_matrices(x: Any) -> None:
    assert_allclose(grad(la.det)(x), cofactors(x), atol=1e-13)
    v, u = np.random.default_rng(0).normal(size=(2, 3, 3))
    second = np.sum(richardson(cofactors, [x], [v]) * u)
    assert_allclose(np.sum(hvp(la.det, x, v) * u), second, rtol=1e-9, atol=1e-9)
    third = grad(lambda x: np.sum(hvp(la.det, x, v) * u))(x)
    expected = richardson(lambda x: np.sum(hvp(la.det, x, v) * u), [x], [u])
    assert_allclose(np.sum(third * u), expected, rtol=1e-8)


def test_det_of_a_stack_of_matrices_of_any_rank() -> None:
    x = np.stack([np.ones((3, 3)), np.zeros((3, 3)), np.eye(3), WEIGHTS])
    found = grad(lambda x: np.sum(la.det(x)))(x)
    assert_allclose(found, [cofactors(one) for one in x], atol=1e-13)


def test_what_has_no_derivative_at_singular_matrices_says_so() -> None:
    with pytest.raises(NoDerivativeError, match=r"slogdet.*singular.*np.linalg.det"):
        grad(lambda x: la.slogdet(x)[1])(ONES)
    with pytest.raises(NoDerivativeError, match=r"cond.*singular"):
        grad(la.cond)(ONES)
    with pytest.raises(NoDerivativeError, match=r"lstsq.*rank 1.*pinv"):
        grad(lambda x: np.sum(la.lstsq(x, np.ones(2))[0]))(ONES)
    with pytest.raises(NoDerivativeError, match=r"qr.*dependent"):
        grad(lambda x: np.sum(la.qr(x)[1]))(ONES)
    with pytest.raises(la.LinAlgError, match="Singular"):
        grad(lambda x: np.sum(la.inv(x)))(ZEROS)
    with pytest.raises(la.LinAlgError, match="positive definite"):
        grad(lambda x: np.sum(la.cholesky(x)))(-IDENTITY)


def test_pinv_of_deficient_rank_follows_changes_that_keep_it() -> None:
    a, b = WEIGHTS[:, :1], WEIGHTS[:1]
    loss = lambda a, b: np.sum(la.pinv(a @ b, rcond=1e-6) * WEIGHTS)  # noqa: E731
    found = grad(loss, argnums=(0, 1))(a, b)
    for k, x in enumerate((a, b)):
        v = np.arange(1.0, 4).reshape(x.shape)
        tangents = [v if i == k else np.zeros_like(y) for i, y in enumerate((a, b))]
        assert_allclose(np.sum(found[k] * v), richardson(loss, [a, b], tangents), rtol=1e-7)


# ---- repeated eigenvalues and singular values ---------------------------------------------------


def test_functions_of_repeated_eigenvalues_alone_are_exact() -> None:
    for values in (la.eigvalsh, lambda x: la.eigh(x)[0], lambda x: la.eigh(x).eigenvalues):
        assert_allclose(grad(lambda x: np.sum(values(x) ** 3))(2 * IDENTITY), 12 * IDENTITY)  # noqa: B023
    found = grad(lambda x: np.sum(np.real(la.eigvals(x)) ** 3))(2 * IDENTITY)
    assert_allclose(found, 12 * IDENTITY)
    assert_allclose(grad(lambda x: np.sum(la.svdvals(x) ** 3))(2 * IDENTITY), 12 * IDENTITY)
    _, along = jvp(lambda x: np.sum(la.eigvalsh(x) ** 2), (IDENTITY,), (WEIGHTS[:2, :2],))
    assert_allclose(along, 2 * (1 + 5))


def test_eigenvectors_of_repeated_eigenvalues_are_refused() -> None:
    def rebuilt(x: Any) -> Any:
        w, V = la.eigh(x)
        return np.sum(((V * np.exp(w)) @ V.T) * WEIGHTS[:2, :2])

    for loss in (rebuilt, lambda x: np.sum(la.eigh(x)[1]), lambda x: la.eigh(x)[1][0, 0]):
        with pytest.raises(NoDerivativeError, match=r"eigh.*repeated.*eigvalsh"):
            grad(loss)(IDENTITY)
    with pytest.raises(NoDerivativeError, match=r"eig:.*repeated.*eigvals"):
        grad(lambda x: np.sum(np.real(la.eig(x)[1])))(IDENTITY)
    with pytest.raises(NoDerivativeError, match=r"eigh.*splits"):
        jvp(lambda x: la.eigh(x)[1], (IDENTITY,), (WEIGHTS[:2, :2] + WEIGHTS[:2, :2].T,))
    with pytest.raises(NoDerivativeError, match="second derivative"):
        hessian(lambda x: np.sum(la.eigvalsh(x) ** 2))(IDENTITY)
    with pytest.raises(NoDerivativeError, match="defective"):
        grad(lambda x: np.sum(np.real(la.eigvals(x))))(np.array([[1.0, 1.0], [0.0, 1.0]]))


def test_eigenvectors_beside_repeated_eigenvalues_are_differentiated() -> None:
    def projection(x: Any) -> Any:
        w, V = la.eigh((x + x.T) / 2)
        top = V[:, -1:]
        return np.sum((w[-1] * top @ top.T) * WEIGHTS)

    x, v = np.diag([0.0, 0.0, 2.0]), WEIGHTS / 10
    assert_allclose(np.sum(grad(projection)(x) * v), richardson(projection, [x], [v]), rtol=1e-8)


def test_the_nearest_orthogonal_matrix_is_differentiated_at_orthogonal_ones() -> None:
    def nearest(x: Any) -> Any:
        U, _, Vh = la.svd(x)
        return np.sum((U @ Vh) * WEIGHTS[:2, :2])

    v = WEIGHTS[1:, 1:]
    found = grad(nearest)(IDENTITY)
    assert_allclose(np.sum(found * v), richardson(nearest, [IDENTITY], [v]), rtol=1e-7)


def test_singular_vectors_of_repeated_or_vanishing_values_are_refused() -> None:
    def rebuilt(x: Any) -> Any:
        U, s, Vh = la.svd(x)
        return np.sum(((U * np.exp(s)) @ Vh) * WEIGHTS[: x.shape[0], : x.shape[1]])

    def again(x: Any) -> Any:  # its cotangents of vanishing values' vectors vanish too
        U, s, Vh = la.svd(x)
        return np.sum(((U * s) @ Vh) * WEIGHTS**2)

    def alike(x: Any) -> Any:  # in its cotangents both singular values look alike
        U, s, Vh = la.svd(x)
        return np.sum(((U * np.exp(s)) @ Vh) * np.array([[1, 2], [3, 1]]))

    def narrow(x: Any) -> Any:
        U, s, Vh = la.svd(x, full_matrices=False)
        return np.sum(((U * s) @ Vh) * WEIGHTS[:, :2] ** 2)

    deficient = np.diag([1.0, 0.0, 0.0])
    cases: list[tuple[Any, Any]] = [
        (rebuilt, IDENTITY),
        (rebuilt, np.zeros((3, 3))),
        (rebuilt, deficient),
        (again, deficient),
        (alike, IDENTITY),
        (narrow, deficient[:, :2]),
        (lambda x: np.sum(la.svd(x, full_matrices=False)[0]), deficient[:, :2]),
        (lambda x: np.sum(la.svd(x)[0]), IDENTITY),
    ]
    for loss, x in cases:
        with pytest.raises(NoDerivativeError, match=r"svd.*repeated or vanishes"):
            grad(loss)(x)
    with pytest.raises(NoDerivativeError, match=r"svd.*complete a basis"):
        grad(lambda x: np.sum(la.svd(x)[0][:, 1:] ** 3))(WEIGHTS[:, :1])
    with pytest.raises(NoDerivativeError, match=r"svd.*splits"):
        jvp(lambda x: la.svd(x)[0], (IDENTITY,), (WEIGHTS[:2, :2],))


def test_a_single_singular_value_0_of_a_square_matrix_does_no_harm() -> None:
    def rebuilt(x: Any) -> Any:
        U, s, Vh = la.svd(x)
        return np.sum(((U * np.sin(s)) @ Vh) * WEIGHTS[:2, :2])

    v = WEIGHTS[1:, 1:]
    found = grad(rebuilt)(ONES)
    assert_allclose(np.sum(found * v), richardson(rebuilt, [ONES], [v]), rtol=1e-7)


def test_second_derivatives_of_repeated_singular_values_are_refused() -> None:
    for x in (IDENTITY, ONES):
        with pytest.raises(NoDerivativeError, match=r"svdvals.*second derivative"):
            hessian(lambda x: np.sum(la.svdvals(x) ** 2))(x)


# ---- norms at 0 --------------------------------------------------------------------------------


@pytest.mark.parametrize("order", VECTOR_NORMS)
def test_norms_of_zero_vectors_are_flat_to_any_order(order: Any) -> None:
    for k in (1, 2):
        derivative: Any = lambda x: la.norm(x, order)  # noqa: E731
        for _ in range(k):
            derivative = jacobian(derivative)
        assert_array_equal(derivative(np.zeros(2)), np.zeros((2,) * k))
    found = grad(lambda x: np.sum(la.norm(x, order, axis=0)))(np.array([[0.0, 3.0], [0.0, 4.0]]))
    assert_array_equal(found[:, 0], [0, 0])
    assert np.all(np.isfinite(found))
    for x in (np.zeros(2), np.array([0.0, 3.0]), np.array([[0.0, 3.0], [0.0, 4.0]])):
        out = la.norm(Tensor(x, requires_grad=True), order, axis=0)
        with np.errstate(divide="ignore"):
            assert_allclose(out.numpy(), la.norm(x, order, axis=0))


@pytest.mark.parametrize("order", MATRIX_NORMS)
def test_norms_of_zero_matrices_are_flat_to_any_order(order: Any) -> None:
    function: Any = lambda x: la.norm(x, order, axis=(-2, -1) if order else None)  # noqa: E731
    assert_array_equal(grad(function)(ZEROS), ZEROS)
    assert_array_equal(hessian(function)(ZEROS), np.zeros((2, 2, 2, 2)))
    assert function(Tensor(ZEROS, requires_grad=True)).item() == 0
    stack = np.stack([ZEROS, IDENTITY + ONES])
    of_stack = grad(lambda x: np.sum(la.norm(x, order, axis=(-2, -1))))(stack)
    assert_array_equal(of_stack[0], ZEROS)
    assert_allclose(of_stack[1], grad(function)(stack[1]), atol=1e-14)


def test_even_norms_are_smooth_at_zero_entries() -> None:
    fourth: Any = lambda x: la.norm(np.stack([x, 1 + 0 * x]), 4) ** 4  # noqa: E731
    for expected in (1, 0, 0, 0, 24):
        assert_allclose(float(fourth(np.array(0.0))), expected, atol=1e-13)
        fourth = grad(fourth)


def test_norms_at_kinks_are_subgradients_shared_equally() -> None:
    assert_allclose(grad(lambda x: la.norm(x, 2))(IDENTITY), IDENTITY / 2)
    assert_allclose(grad(lambda x: la.norm(x, "nuc"))(ONES), ONES / 2)
    assert_array_equal(grad(lambda x: la.norm(x, np.inf))(np.array([1.0, -1.0])), [0.5, -0.5])
    assert_allclose(grad(la.cond)(IDENTITY), ZEROS)


# ---- spellings and results ---------------------------------------------------------------------


def test_named_results_keep_their_types() -> None:
    x = Tensor(IDENTITY, requires_grad=True)
    for function in (la.eig, la.eigh, la.svd, la.qr, la.slogdet):
        assert type(function(x)) is type(function(IDENTITY))
    _, squares, rank, _ = la.lstsq(x, np.ones(2))
    assert squares.shape == (0,)
    assert int(rank) == int(la.matrix_rank(x)) == 2
    for plain in (IDENTITY, np.ones((3, 0))):
        of_x = la.lstsq(Tensor(plain, requires_grad=True), np.ones(len(plain)))
        for ours, numpys in zip(of_x, la.lstsq(plain, np.ones(len(plain))), strict=True):
            assert ours.dtype == np.asarray(numpys).dtype


def test_modes_that_are_arbitrary_are_refused() -> None:
    for mode, shape in (("raw", (2, 2)), ("complete", (3, 2)), ("economic", (2, 2))):
        with pytest.raises(NoRuleError, match=f"qr.*{mode}"):
            grad(lambda x: np.sum(la.qr(x, mode)[1]))(np.ones(shape))  # noqa: B023


def test_einsum_of_a_path_or_of_too_few_operands() -> None:
    x = Tensor(IDENTITY, requires_grad=True)
    assert np.einsum_path("ij,jk", x, x)[0] == ["einsum_path", (0, 1)]
    with pytest.raises(ShapeError, match="2 operands, but 1"):
        np.einsum("ij,jk", x)
    with pytest.raises(ShapeError, match=r"lacks the axes that \.\.\. stands for"):
        np.einsum("i...->i", x)
    with pytest.raises(TypeError, match="no derivative"):
        np.einsum("ij->", x, dtype=int, casting="unsafe")


@pytest.mark.parametrize("function", [la.outer, la.cross])
def test_array_api_products_check_their_shapes(function: Any) -> None:
    with pytest.raises(ShapeError, match=function.__name__):
        function(Tensor(ONES, requires_grad=True), ONES)


def test_cross_names_an_axis_that_is_not_there() -> None:
    x = Tensor(ONES, requires_grad=True)
    for axes, name in (({"axisa": 2}, "axisa"), ({"axisb": -3}, "axisb"), ({"axis": 5}, "axisa")):
        with pytest.raises(np.exceptions.AxisError, match=f"{name}: axis .* out of bounds"):
            np.cross(x, x, **axes)


@pytest.mark.parametrize("ord_", MATRIX_NORMS)
def test_norms_of_zeros_keep_float32(ord_: Any) -> None:
    x = Tensor(np.zeros((2, 2)), requires_grad=True, dtype=np.float32)
    assert la.norm(x, ord_).dtype == np.float32
