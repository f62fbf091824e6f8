"""jacobian, jacrev, jacfwd, hessian: shapes, trees, agreement."""

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, errors, grad, hessian, jacfwd, jacobian, jacrev

RNG = np.random.default_rng(1)
X, V = RNG.standard_normal((2, 4))
Pair = namedtuple("Pair", "left right")  # noqa: PYI024 (what NumPy returns is such)
both_ways = pytest.mark.parametrize("transform", [jacrev, jacfwd])


@both_ways
def test_jacobian_has_the_shape_of_output_and_input(transform: Any) -> None:
    x = RNG.standard_normal((2, 3))
    assert transform(lambda x: x @ np.ones((3, 4)))(x).shape == (2, 4, 2, 3)
    assert transform(lambda x: x[:0])(X).shape == (0, 4)
    assert transform(np.sum)(X).shape == (4,)
    assert transform(lambda x: x * 2)(np.ones((0, 3))).shape == (0, 3, 0, 3)
    assert transform(np.sum)(np.ones((0, 3))).shape == (0, 3)
    assert transform(lambda _: 3.0)(X).tolist() == [0, 0, 0, 0]
    assert transform(lambda x: x[:0])(X.astype(np.float32)).dtype == np.float32
    assert isinstance(transform(lambda x: x[:0])(Tensor(X)), Tensor)


@both_ways
def test_jacobians_are_exact(transform: Any) -> None:
    a = RNG.standard_normal((3, 4))
    np.testing.assert_allclose(transform(lambda x: a @ x)(X), a, rtol=1e-14)
    expected = np.einsum("ij,jk->ijk", a, np.eye(4)) * np.cos(X)
    np.testing.assert_allclose(transform(lambda x: a * np.sin(x))(X), expected, rtol=1e-14)
    assert jacobian is jacrev


@both_ways
def test_several_arguments_give_a_tuple(transform: Any) -> None:
    def g(x: Any, y: Any) -> Any:
        return x[:2] * y

    dx, dy = transform(g, (0, -1))(X, 3.0)
    np.testing.assert_allclose(dx, 3 * np.eye(2, 4))
    np.testing.assert_allclose(dy, X[:2])
    np.testing.assert_allclose(transform(g, 1)(X, 3.0), dy)


@both_ways
def test_trees_nest_the_argument_in_the_output(transform: Any) -> None:
    def g(p: Any) -> Any:
        return {"s": np.sum(p["a"] * p["b"][0]), "v": Pair(p["a"] ** 2, (None, p["b"][0]))}

    found = transform(g)({"b": [2.0, None], "a": X})
    assert list(found) == ["s", "v"]
    assert list(found["s"]) == ["b", "a"]
    assert found["s"]["b"][1] is None
    np.testing.assert_allclose(found["s"]["a"], 2 * np.ones(4))
    np.testing.assert_allclose(found["s"]["b"][0], np.sum(X))
    assert type(found["v"]) is Pair
    np.testing.assert_allclose(found["v"].left["a"], np.diag(2 * X))
    np.testing.assert_allclose(found["v"].left["b"][0], np.zeros(4))
    assert found["v"].right[0] is None
    assert found["v"].right[1]["a"].shape == (4,)
    assert found["v"].right[1]["b"][0] == 1


@both_ways
def test_aux_comes_along(transform: Any) -> None:
    found, aux = transform(lambda x: (x**2, {"twice": 2 * x, "name": "n"}), has_aux=True)(X)
    np.testing.assert_allclose(found, np.diag(2 * X))
    assert isinstance(aux["twice"], np.ndarray)
    assert aux["name"] == "n"


def test_hessians_of_trees_and_tuples() -> None:
    def g(p: Any, y: Any) -> Any:
        return np.sum(p["x"] ** 2 * y) + p["z"] * y**2

    found = hessian(g, (0, 1))({"x": X, "z": 2.0}, 3.0)
    np.testing.assert_allclose(found[0]["x"][0]["x"], np.diag(6 * np.ones(4)))
    np.testing.assert_allclose(found[0]["x"][1], 2 * X)
    np.testing.assert_allclose(found[1][0]["x"], 2 * X)
    assert found[0]["z"][0]["z"] == 0
    assert found[0]["z"][1] == found[1][0]["z"] == 6
    assert found[1][1] == 4


def test_a_hessian_may_be_of_several_outputs_and_with_aux() -> None:
    found, aux = hessian(lambda x: (x**3, "aux"), has_aux=True)(X)
    assert aux == "aux"
    assert found.shape == (4, 4, 4)
    np.testing.assert_allclose(np.einsum("iii->i", found), 6 * X)
    assert np.count_nonzero(found) == 4
    np.testing.assert_allclose(hessian(lambda x, n: np.sum(x**n))(X, n=3), np.diag(6 * X))
    third = jacfwd(hessian(lambda x: np.sum(x**3)))(X)
    np.testing.assert_allclose(np.einsum("iii->i", third), 6 * np.ones(4))


def test_a_jacobian_of_what_others_differentiate_stays_in_their_graph() -> None:
    found = grad(lambda y: np.sum(jacfwd(lambda x: np.sin(x) * y)(X)))(2.0)
    assert found == pytest.approx(np.sum(np.cos(X)))
    w: Any = Tensor(2.0, requires_grad=True)
    np.sum(jacrev(lambda x: np.sin(x) * w)(X)).backward()
    assert w.grad.item() == pytest.approx(np.sum(np.cos(X)))


def test_leaves_of_integers_are_named() -> None:
    def loss(params: Any) -> Any:
        return np.sum(params["layers"][0]["W"])

    for transform in (grad, jacrev, jacfwd, hessian):
        with pytest.raises(errors.DtypeError, match=r"params\['layers'\]\[0\]\['W'\] of loss: dty"):
            transform(loss)({"layers": [{"W": np.arange(3)}]})
