"""SciPy's special functions where samples do not go: tails, zeros, poles, complex numbers."""

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd_nn import Tensor, errors, grad, hessian, jvp, vjp
from oracles import error, richardson

sp: Any = pytest.importorskip("scipy.special")
special: Any = pytest.importorskip("autograd_nn.scipy.special")
INF = np.inf


def slope(function: Any, x: Any, *parameters: Any) -> Any:
    """Differentiate with respect to the last argument, entry by entry."""
    x = np.asarray(x, float)
    return vjp(lambda t: function(*parameters, t), x)[1](np.ones(x.shape))[0]


def curvature(function: Any, x: Any) -> Any:
    return slope(lambda t: slope_of_tensor(function, t), x)


def slope_of_tensor(function: Any, t: Any) -> Any:
    return vjp(function, t)[1](np.ones(t.shape))[0]


# ---- how they reach the table -------------------------------------------------------------------


def run(script: str) -> list[str]:
    command = [sys.executable, "-W", "error", "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_entries_come_when_scipy_is_in_use_and_not_before() -> None:
    script = (
        "import sys, numpy as np, autograd_nn as ag; print('scipy' in sys.modules);"
        "x = ag.Tensor([1.0], requires_grad=True); y = np.exp(x); import scipy.special as sp;"
        "print('autograd_nn.ops.scipy_special' in sys.modules); sp.erf(x).sum().backward();"
        "print(x.grad.item())"
    )
    known = 2 / math.sqrt(math.pi) * math.exp(-1)
    assert run(script) == ["False", "False", str(known)]


def test_without_scipy_the_extra_is_named() -> None:
    script = (
        "import sys; sys.modules['scipy'] = None\n"
        "import autograd_nn as ag\n"
        "try: ag.scipy\n"
        "except ag.errors.MissingExtraError as error: print(error)"
    )
    assert "".join(run(script)).endswith("pipinstall'autograd_nn[scipy]'")


def test_scipys_array_api_mode_is_served_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")
    script = (
        "import scipy.special as sp, autograd_nn as ag; g = ag.grad(ag.grad(sp.expit))(1.0);"
        "print(round(float(g), 12), round(float(ag.grad(ag.grad(sp.gammaln))(1.0)), 12))"
    )
    assert run(script) == ["-0.090857747673", "1.644934066848"]


def test_a_ufunc_without_a_rule_is_refused_by_its_name() -> None:
    with pytest.raises(errors.NoRuleError, match="ufunc round has no derivative rule"):
        sp.round(Tensor([1.0], requires_grad=True))  # which is not np.round
    with pytest.raises(errors.NoRuleError, match="ufunc airy has no derivative rule"):
        sp.airy(Tensor([1.0], requires_grad=True))


@pytest.mark.parametrize(
    ("function", "arguments", "place"),
    [
        (sp.jv, (1.0, 2.0), 0),
        (sp.gammainc, (1.0, 2.0), 0),
        (sp.betainc, (1.0, 2.0, 0.5), 1),
        (special.polygamma, (1.0, 2.0), 0),
        (sp.zeta, (2.5, 2.0), 0),
    ],
)
def test_what_has_no_closed_form_is_refused(function: Any, arguments: Any, place: int) -> None:
    refusal = f"^{function.__name__} has no derivative rule for argument {place}"
    with pytest.raises(errors.NoRuleError, match=refusal):
        grad(function, place)(*arguments)


@pytest.mark.parametrize("name", special.__all__)
def test_scipys_python_functions_name_their_replacements(name: str) -> None:
    arguments = {"polygamma": (1,)}.get(name, ())
    more = {"multigammaln": (2,)}.get(name, ())
    t = Tensor([1.5, 2.5], requires_grad=True)
    with pytest.raises(errors.DetachError, match=rf"call autograd_nn\.scipy\.special\.{name}, or"):
        getattr(sp, name)(*arguments, t, *more)


def test_what_has_no_replacement_says_so() -> None:
    with pytest.raises(errors.DetachError, match=r"special\.factorial makes plain arrays"):
        special.factorial(Tensor([1.5], requires_grad=True))


def test_all_of_scipy_special_is_there() -> None:
    assert special.erf is sp.erf
    assert set(sp.__all__) <= set(dir(special))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = special.nonsense


# ---- the Python functions -----------------------------------------------------------------------

ROWS = np.array([[0.5, -2.0, 1.0], [3.0, 0.0, 2.0]])


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("logsumexp", lambda f, x: f(x)),
        ("logsumexp", lambda f, x: f(x, 1, None, keepdims=True)),
        ("logsumexp", lambda f, x: f(x, axis=(0, 1), b=[[2.0], [0.5]])),
        ("logsumexp", lambda f, x: f(x, 0, [[1, -2, 3], [2, 3, 0]], return_sign=True)[0]),
        ("logsumexp", lambda f, x: f(x, 0, [[1, -2, 3], [2, 3, 0]], return_sign=True)[1]),
        ("logsumexp", lambda f, x: f(x[0], b=np.ones((2, 1)), keepdims=True)),
        ("softmax", lambda f, x: f(x)),
        ("softmax", lambda f, x: f(x, axis=(0,))),
        ("log_softmax", lambda f, x: f(x)),
        ("log_softmax", lambda f, x: f(x, 1)),
        ("polygamma", lambda f, x: f([0, 1, 2], x + 3)),
        ("multigammaln", lambda f, x: f(x + 4, 3)),
    ],
)
def test_python_functions_agree_with_scipy_and_are_differentiated(name: str, call: Any) -> None:
    ours, scipys = getattr(special, name), getattr(sp, name)
    expected = np.asarray(call(scipys, ROWS))
    for out in (call(ours, ROWS), call(ours, Tensor(ROWS, requires_grad=True)).numpy()):
        assert out.shape == expected.shape
        assert error(out, expected) <= 1e-14
    v = np.random.default_rng(0).normal(size=ROWS.shape)
    along = richardson(lambda x: call(scipys, x), [ROWS], [v])
    u = np.random.default_rng(1).normal(size=expected.shape)
    if np.any(along):  # a sign has no slope
        assert error(jvp(lambda x: call(ours, x), (ROWS,), (v,))[1], along) <= 1e-8
        (back,) = vjp(lambda x: call(ours, x), ROWS)[1](u)
        assert abs(np.sum(back * v) - np.sum(u * along)) <= 1e-8


def test_logsumexp_of_infinities() -> None:
    x = np.array([-INF, 0.0])
    out, pull = vjp(special.logsumexp, x)
    assert_array_equal(pull(1.0)[0], [0, 1])
    out, pull = vjp(lambda x: special.logsumexp(x, b=np.array([0, 2])), np.array([INF, 0.0]))
    assert_allclose(out, math.log(2), rtol=1e-15)
    assert_array_equal(pull(1.0)[0], [0, 1])
    assert np.isnan(special.logsumexp(np.zeros(2), b=[1, -2]))
    assert special.logsumexp([-INF, -INF], b=[1, 2]) == -INF


def test_multigammaln_has_scipys_domain() -> None:
    with pytest.raises(ValueError, match=r"greater than \(d - 1\) / 2 = 1.0"):
        special.multigammaln(1.0, 3)


# ---- tails --------------------------------------------------------------------------------------


def test_sigmoid_and_its_logarithm_in_the_tails() -> None:
    x = np.array([-800, -50, 0, 50, 800])
    assert_allclose(slope(sp.expit, x), [0, math.exp(-50), 0.25, math.exp(-50), 0], rtol=1e-15)
    assert_allclose(slope(sp.log_expit, x), [1, 1, 0.5, math.exp(-50), 0], rtol=1e-15)
    with np.errstate(divide="ignore"):
        assert_array_equal(slope(sp.logit, [0, 0.5, 1]), [INF, 4, INF])
    assert_allclose(slope(sp.logit, [1e-300, 1 - 2**-53]), [1e300, 2**53], rtol=1e-15)


def test_log_ndtr_in_the_tails() -> None:
    found = slope(sp.log_ndtr, [-1e8, -50, 0, 30, 60])
    # Known by mpmath, to 60 digits: diff(log(erfc(-x / sqrt(2)) / 2)).
    tail = math.exp(-450) / math.sqrt(2 * math.pi)
    assert_allclose(found, [1e8, 50.01998403190564, math.sqrt(2 / math.pi), tail, 0], rtol=1e-14)
    curved = curvature(sp.log_ndtr, [-1e4, -50, 0, 60])
    assert_allclose(curved, [-0.9999999900000006, -0.9996009568131961, -2 / math.pi, 0], rtol=1e-13)


def test_erfcx_falls_off_as_its_series_says() -> None:
    x = np.array([1e3, 1e5, 1e100])
    expected = -(1 - 1.5 / x**2) / x**2 / math.sqrt(math.pi)
    assert_allclose(slope(sp.erfcx, x), expected, rtol=1e-11)
    near, far = slope(sp.erfcx, [10, np.nextafter(10, 11)])
    assert_allclose(near, far, rtol=1e-13)


# ---- zeros and poles ----------------------------------------------------------------------------


def test_x_log_y_at_0() -> None:
    x, y = np.zeros(3), np.array([2.0, 0.0, -1.0])
    of_x, of_y = vjp(sp.xlogy, x, y)[1](np.ones(3))
    assert_array_equal(of_x, [math.log(2), 0, 0])
    assert_array_equal(of_y, [0, 0, 0])
    of_x, of_y = vjp(sp.xlog1py, x, y - 1)[1](np.ones(3))
    assert_array_equal(of_x, [0.6931471805599453, 0, 0])
    assert_array_equal(of_y, [0, 0, 0])


@pytest.mark.parametrize(("function", "shift"), [(sp.xlogy, 0.0), (sp.xlog1py, 1.0)])
def test_x_log_y_has_its_mixed_derivative_where_x_is_0(function: Any, shift: float) -> None:
    """``1 / y``, in both orders, though the slope in y is 0 there."""
    of_y_by_x = grad(lambda x: grad(lambda y: function(x, y))(1.5))(0.0)
    of_x_by_y = grad(lambda y: grad(lambda x: function(x, y))(0.0))(1.5)
    assert_allclose([of_y_by_x, of_x_by_y], 1 / (1.5 + shift), rtol=1e-15)


def test_entropies_at_0() -> None:
    with np.errstate(divide="ignore"):
        assert_array_equal(slope(sp.entr, [0, 1]), [INF, -1])
        of_x, of_y = vjp(sp.rel_entr, np.zeros(2), np.array([1.0, 0.0]))[1](np.ones(2))
        assert_array_equal(of_x, [-INF, -INF])
        assert_array_equal(of_y, [0, 0])
        of_x, of_y = vjp(sp.kl_div, np.zeros(2), np.array([1.0, 0.0]))[1](np.ones(2))
        assert_array_equal(of_x, [-INF, -INF])
        assert_array_equal(of_y, [1, 1])


def test_1_over_gamma_has_slopes_at_the_poles_of_gamma() -> None:
    assert_allclose(slope(sp.rgamma, [0, -1, -2, -3]), [1, -1, 2, -6], rtol=1e-14)
    assert_allclose(slope(sp.rgamma, [1 - 1e-12, 1]), [np.euler_gamma] * 2, rtol=1e-11)


def test_slopes_through_0_of_what_is_divided_by_x() -> None:
    assert_array_equal(slope(sp.exprel, [0, 1e-300]), [0.5, 0.5])
    assert_array_equal(slope(sp.i1, [0]), [0.5])
    assert_array_equal(slope(sp.i1e, [0]), [0.5])
    assert_array_equal(slope(sp.i0e, [0]), [0])
    assert_array_equal(slope(sp.j1, [0]), [0.5])
    assert_array_equal(slope(sp.jv, [0, 0], np.array([0, 1])), [0, 0.5])
    assert_array_equal(slope(sp.spence, [1]), [-1])
    assert_allclose(slope(sp.ellipk, [0]), [math.pi / 8], rtol=1e-15)
    assert_allclose(slope(sp.boxcox, [0], 2.0), [math.log(2) ** 2 / 2], rtol=1e-15)
    assert_allclose(slope(sp.inv_boxcox, [0], 2.0), [-2 * math.exp(2)], rtol=1e-15)


def test_densities_at_the_ends() -> None:
    assert_array_equal(slope(sp.gammainc, [0], 1.0), [1])
    assert_array_equal(slope(sp.gammainc, [0], 2.0), [0])
    assert_array_equal(slope(sp.betainc, [0, 1], 1.0, 1.0), [1, 1])
    assert_allclose(slope(sp.betainc, [0, 1], 1.0, 2.0), [2, 0], rtol=1e-15)


def test_huber_and_pseudo_huber_where_they_bend() -> None:
    assert_array_equal(slope(sp.huber, [-2, -1, 0, 0.5, 1, 2], 1.0), [-1, -1, 0, 0.5, 1, 1])
    assert_array_equal(np.diag(hessian(lambda r: sp.huber(1.0, r).sum())(np.zeros(2))), [1, 1])
    with np.errstate(invalid="ignore"):
        of_d, of_r = vjp(sp.huber, np.full(2, -1.0), np.array([0.5, 3.0]))[1](np.ones(2))
    assert_array_equal([of_d, of_r], np.zeros((2, 2)))  # it is infinite there
    of_d, of_r = vjp(sp.pseudo_huber, np.zeros(2), np.array([0.0, 1.0]))[1](np.ones(2))
    assert_array_equal(of_r, [0, 0])
    assert_array_equal(of_d, [0, 1])


# ---- complex numbers ----------------------------------------------------------------------------

HOLOMORPHIC: list[Any] = [
    *(sp.erf, sp.erfc, sp.erfi, sp.erfcx, sp.dawsn, sp.ndtr, sp.log_ndtr, sp.gamma, sp.loggamma),
    *(sp.rgamma, sp.expm1, sp.log1p, sp.exp1, sp.expi, sp.spence),
    *[lambda z, f=f: f(1.5, z) for f in (sp.jv, sp.yv, sp.iv, sp.kv, sp.kve, sp.hyp0f1)],
    lambda z: sp.hyp1f1(0.5, 1.5, z),
    lambda z: sp.hyp2f1(0.5, 1.5, 2.5, z / 4),
    lambda z: sp.xlogy(z, z + 1),
    lambda z: sp.xlog1py(z, z),
]


@pytest.mark.parametrize("function", HOLOMORPHIC)
def test_holomorphic_functions_of_complex_numbers(function: Any) -> None:
    z = np.array([0.6 + 0.7j, 1.3 - 0.4j, 12 + 1j])
    expected = richardson(function, [z], [np.ones(3)])
    assert error(jvp(function, (z,), (np.ones(3) + 0j,))[1], expected) <= 1e-8
    assert error(jvp(function, (z,), (1j * np.ones(3),))[1], 1j * expected) <= 1e-8
    leaf = Tensor(z, requires_grad=True)
    function(leaf).backward(np.ones(3))
    assert leaf.grad is not None
    assert error(leaf.grad.numpy(), np.conj(expected)) <= 1e-8


@pytest.mark.parametrize("function", [sp.psi, lambda z: sp.ive(1, z)])
def test_real_derivatives_of_complex_numbers_are_refused(function: Any) -> None:
    with pytest.raises(errors.NoRuleError, match="known for real arguments only"):
        vjp(function, np.array([1 + 1j]))[1](np.array([1 + 0j]))
