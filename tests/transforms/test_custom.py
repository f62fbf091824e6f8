"""custom_vjp and custom_jvp: your own rules, in both directions and to any order."""

from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, custom_jvp, errors, grad, hvp, jacfwd, jacrev, jvp, vjp

RNG = np.random.default_rng(0)
X, V = RNG.standard_normal((2, 4))


def test_a_custom_rule_replaces_the_derivative_to_any_order() -> None:
    cube = ag.custom_vjp(lambda x: x**3, lambda v, _y, x: v * 3 * x**2)
    assert grad(cube)(2.0) == 12
    assert grad(grad(cube))(2.0) == 12
    assert cube(2.0) == 8
    wrong = ag.custom_vjp(np.sin, lambda v, y, _x: v * y)
    np.testing.assert_allclose(grad(lambda x: np.sum(wrong(x)))(X), np.sin(X))


def test_a_custom_function_may_take_parameters_and_constants() -> None:
    def scaled(x: Any, mask: Any, *, factor: float = 1.0) -> Any:
        return factor * x * mask

    ours = ag.custom_vjp(scaled, lambda v, _z, _x, mask, *, factor=1.0: factor * v * mask, None)
    mask = np.array([0.0, 1, 1, 0])
    np.testing.assert_array_equal(
        grad(lambda x: np.sum(ours(x, mask, factor=5.0) * V))(X), 5 * mask * V
    )
    with pytest.raises(errors.NoRuleError, match="scaled has no derivative rule for argument 1"):
        grad(lambda m: np.sum(ours(X, m)))(mask)


def test_a_custom_function_without_a_forward_rule_says_so_in_jvp() -> None:
    only_back = ag.custom_vjp(np.sin, lambda v, _y, x: v * np.cos(x))
    with pytest.raises(errors.NoRuleError, match="sin has no derivative rule for argument 0"):
        jvp(only_back, X, V)
    both = ag.custom_vjp(
        np.sin, lambda v, _y, x: v * np.cos(x), jvps=[lambda v, _y, x: v * np.cos(x)]
    )
    np.testing.assert_allclose(jvp(both, X, V)[1], V * np.cos(X))


def test_custom_vjp_wants_a_rule() -> None:
    with pytest.raises(TypeError, match="custom_vjp: give a rule for each argument of sin"):
        ag.custom_vjp(np.sin)


@pytest.mark.parametrize(
    "rule",
    [
        lambda v, _y, _x: v.__imul__(2),
        lambda v, _y, x: v * x.__imul__(2),
    ],
)
def test_a_custom_rule_cannot_write_to_what_it_is_shown(rule: Any) -> None:
    spoiled = ag.custom_vjp(lambda x: x * 2, rule)
    with pytest.raises(ValueError, match="read-only"):
        grad(lambda x: np.sum(spoiled(x)))(X)


def test_a_custom_function_may_reuse_its_buffer_but_not_write_to_its_arguments() -> None:
    buffer = np.zeros(4)
    exp = ag.custom_vjp(lambda x: np.exp(x, out=buffer), lambda v, y, _x: v * y)
    np.testing.assert_allclose(grad(lambda x: np.sum(exp(x) * exp(2 * x)))(X), 3 * np.exp(3 * X))
    with pytest.raises(ValueError, match="read-only"):
        ag.custom_vjp(lambda x: x.__imul__(2), lambda v, *_: v)(X)


def test_a_custom_rule_may_take_any_keyword_and_must_return_numbers() -> None:
    def scaled(x: Any, *, factor: float = 1.0) -> Any:
        return factor * x

    ours = ag.custom_vjp(scaled, lambda v, _y, _x, **params: params["factor"] * v)
    assert grad(lambda x: ours(x, factor=3.0))(1.0) == 3
    forgetful = ag.custom_vjp(scaled, lambda *_: None)
    with pytest.raises(errors.DtypeError, match="a rule of scaled: the result has dtype object"):
        grad(forgetful)(1.0)


def test_errors_of_a_custom_function_are_its_own() -> None:
    def refuse(_x: Any) -> Any:
        message = "my own problem"
        raise ValueError(message)

    with pytest.raises(ValueError, match=r"^my own problem$"):
        ag.custom_vjp(refuse, lambda v, *_: v)(Tensor(X))


# ---- custom_jvp ------------------------------------------------------------------------------


def mixed(x: Any, m: Any, *, k: float = 1.0) -> Any:
    return k * np.tanh(x) @ m


ours = custom_jvp(
    mixed,
    lambda v, _out, x, m, *, k=1.0: k * (v * (1 - np.tanh(x) ** 2)) @ m,
    lambda v, _out, x, _m, *, k=1.0: k * np.tanh(x) @ v,
)
M = RNG.standard_normal((4, 3))


def test_a_forward_rule_is_transposed_to_go_backward() -> None:
    u = RNG.standard_normal(3)
    for found, expected in zip(
        vjp(ours, X, M, k=2.0)[1](u), vjp(mixed, X, M, k=2.0)[1](u), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    np.testing.assert_array_equal(ours(X, M), mixed(X, M))
    np.testing.assert_allclose(jacrev(ours)(X, M), jacfwd(ours)(X, M), rtol=1e-13)
    x: Any = Tensor(X, requires_grad=True)
    ours(x, M).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), grad(lambda x: mixed(x, M).sum())(X), rtol=1e-13)


def test_a_forward_rule_serves_every_order() -> None:
    def loss(f: Any) -> Any:
        return lambda x: np.sum(f(x, M) ** 3)

    v = RNG.standard_normal(4)
    third = [grad(lambda x, f=f: np.sum(hvp(loss(f), x, v) ** 2))(X) for f in (ours, mixed)]
    np.testing.assert_allclose(third[0], third[1], rtol=1e-12)
    turned = [jvp(lambda x, f=f: jvp(loss(f), x, v)[1], X, V)[1] for f in (ours, mixed)]
    np.testing.assert_allclose(turned[0], turned[1], rtol=1e-12)


def test_a_forward_rule_that_lies_is_believed() -> None:
    doubled = custom_jvp(np.sin, lambda v, _out, x: 2 * v * np.cos(x))
    assert grad(doubled)(0.3) == pytest.approx(2 * np.cos(0.3))
    assert jvp(doubled, 0.3, 1.0)[1] == pytest.approx(2 * np.cos(0.3))


def test_a_missing_forward_rule_is_named() -> None:
    half = custom_jvp(mixed, lambda v, _out, x, m: (v * (1 - np.tanh(x) ** 2)) @ m, None)
    assert grad(lambda x: np.sum(half(x, M)))(X).shape == X.shape
    with pytest.raises(errors.NoRuleError, match="mixed has no derivative rule for argument 1"):
        grad(lambda m: np.sum(half(X, m)))(M)
    with pytest.raises(TypeError, match="custom_jvp: give a rule for each argument of sin"):
        custom_jvp(np.sin)
