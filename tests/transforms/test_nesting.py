"""Every transform inside every other, two and three deep."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from autograd_nn import (
    checkpoint,
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    linearize,
    value_and_grad,
    vjp,
)

FIRST: dict[str, Any] = {
    "grad": grad,
    "value_and_grad": lambda f: lambda x: value_and_grad(f)(x)[1],
    "vjp": lambda f: lambda x: vjp(f, x)[1](1.0)[0],
    "jvp": lambda f: lambda x: jvp(f, x, 1.0)[1],
    "linearize": lambda f: lambda x: linearize(f, x)[1](1.0),
    "jacrev": jacrev,
    "jacfwd": jacfwd,
}
SECOND: dict[str, Any] = {
    "hvp": lambda f: lambda x: hvp(f, x, 1.0),
    "hessian": hessian,
}
NONE: dict[str, Any] = {
    "checkpoint": checkpoint,
    "tree": lambda f: lambda x: f({"x": [x]}["x"][0]),
}
ORDERS = dict.fromkeys(NONE, 0) | dict.fromkeys(FIRST, 1) | dict.fromkeys(SECOND, 2)
ALL = NONE | FIRST | SECOND
back_only = custom_vjp(
    np.sin, lambda v, _y, x: v * np.cos(x), jvps=[lambda v, _y, x: v * np.cos(x)]
)
ahead_only = custom_jvp(np.sin, lambda v, _y, x: v * np.cos(x))


def derivative(x: float, n: int) -> float:
    """Compute the n-th derivative of exp(x) sin(x)."""
    return float(np.exp(x) * np.sqrt(2) ** n * np.sin(x + n * np.pi / 4))


@pytest.mark.parametrize("sine", [np.sin, back_only, ahead_only])
@pytest.mark.parametrize("outer", ALL)
def test_every_nesting_of_three_is_exact(outer: str, sine: Any) -> None:
    for middle, inner in product(ALL, ALL):
        names = (outer, middle, inner)
        f: Any = lambda x: np.exp(x) * sine(x)  # noqa: E731 (wrapped from inside out)
        for name in reversed(names):
            f = ALL[name](f)
        order = sum(ORDERS[name] for name in names)
        assert f(0.4) == pytest.approx(derivative(0.4, order), rel=1e-12), names
        assert isinstance(f(0.4), float)


@pytest.mark.parametrize("outer", FIRST)
@pytest.mark.parametrize("inner", FIRST)
def test_perturbations_are_never_confused(outer: str, inner: str) -> None:
    D, d = FIRST[outer], FIRST[inner]
    assert D(lambda x: x * d(lambda y: x + y)(1.0))(1.0) == 1
    assert D(lambda x: d(lambda y: x * x * y)(x))(2.0) == pytest.approx(4)
    assert D(lambda x: x * d(lambda y: x * y * y)(x))(3.0) == pytest.approx(54)
    # a transform of the outer variable inside a checkpoint that closes over it
    assert D(lambda x: checkpoint(lambda z: d(lambda y: x * z * y * y)(z))(x))(3.0) == (
        pytest.approx(54)
    )
