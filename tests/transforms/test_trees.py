"""Trees: arguments, outputs, cotangents, tangents, aux; and their errors."""

from collections import OrderedDict, defaultdict, namedtuple
from functools import partial
from typing import Any

import numpy as np
import pytest

from autograd_nn import (
    Tensor,
    custom_vjp,
    errors,
    grad,
    hvp,
    jvp,
    linearize,
    stop_gradient,
    value_and_grad,
    vjp,
)
from autograd_nn.transforms.trees import flatten, matching, paths, unflatten

RNG = np.random.default_rng(2)
W, X = RNG.standard_normal((3, 4)), RNG.standard_normal(4)
Layer = namedtuple("Layer", "W b")  # noqa: PYI024 (what NumPy returns is such)


def net(params: Any, x: Any, *, power: int = 2) -> Any:
    for layer in params["layers"]:
        x = np.tanh(layer.W @ x + layer.b)
    return np.sum(params["scale"] * x**power)


PARAMS = {
    "scale": 2.0,
    "layers": [Layer(W, np.zeros(3)), Layer(RNG.standard_normal((2, 3)), np.ones(2))],
    "nothing": (None, ()),
}


def numeric(f: Any, p: Any) -> Any:
    """Judge a gradient by central differences, leaf by leaf."""
    leaves, nest = flatten(p)

    def slope(k: int, i: Any) -> float:
        ends = []
        for h in (1e-6, -1e-6):
            moved = [np.array(leaf, float) for leaf in leaves]
            moved[k][i] += h
            ends.append(f(unflatten(nest, moved)))
        return float((ends[0] - ends[1]) / 2e-6)

    shapes = map(np.shape, leaves)
    found = [
        np.array([slope(k, i) for i in np.ndindex(s)]).reshape(s) for k, s in enumerate(shapes)
    ]
    return unflatten(nest, found)


def assert_close(found: Any, expected: Any, rtol: float = 1e-7) -> None:
    found, expected = flatten(found), flatten(expected)
    assert found[1] == expected[1]
    for x, y in zip(found[0], expected[0], strict=True):
        np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-8)


def test_gradients_are_nested_like_the_arguments() -> None:
    found = grad(net)(PARAMS, X)
    assert list(found) == ["scale", "layers", "nothing"]
    assert type(found["layers"][0]) is Layer
    assert found["nothing"] == (None, ())
    assert isinstance(found["scale"], np.float64)
    assert_close(found, numeric(lambda p: net(p, X), PARAMS))
    both = grad(net, (0, -1))(PARAMS, X, power=3)
    assert_close(both, numeric(lambda t: net(*t, power=3), (PARAMS, X)))


def test_tensors_in_trees_give_tensors() -> None:
    w: Any = Tensor(W, requires_grad=True)
    found = grad(lambda p: np.sum((p["W"] @ X) ** 2))({"W": w})
    assert found["W"].requires_grad
    plain = grad(lambda p: np.sum((p["W"] @ X) ** 2))({"W": Tensor(W)})
    assert isinstance(plain["W"], Tensor)
    assert not plain["W"].requires_grad


def test_kinds_of_dict_are_kept() -> None:
    ordered = OrderedDict(b=1.0, a=2.0)
    found = grad(lambda d: d["a"] * d["b"])(ordered)
    assert found == OrderedDict(b=2.0, a=1.0)
    counting = defaultdict(float, a=3.0)
    found = grad(lambda d: d["a"] ** 2)(counting)
    assert (type(found), found.default_factory, dict(found)) == (defaultdict, float, {"a": 6.0})
    assert grad(lambda d: 1.0)({}) == {}
    assert grad(lambda d, x: x**2, (0, 1))([], 3.0) == ([], 6.0)


def test_what_happens_to_the_containers_later_does_not_matter() -> None:
    params: Any = {"a": 2.0, "b": [3.0]}
    _, pull = vjp(lambda p: p["a"] * p["b"][0], params)
    params["c"] = 1.0
    params["b"].append(4.0)
    assert pull(1.0) == ({"a": 3.0, "b": [2.0]},)


def test_trees_come_out_and_cotangents_go_in() -> None:
    def g(x: Any, y: Any) -> Any:
        return {"p": x * y, "q": [x[0], None, (y, 3.0)]}

    out, pull = vjp(g, X, 2.0)
    assert isinstance(out["p"], np.ndarray)
    assert out["q"][1] is None
    v = RNG.standard_normal(4)
    dx, dy = pull({"q": [10.0, None, (100.0, 5.0)], "p": v})
    np.testing.assert_allclose(dx, 2 * v + [10, 0, 0, 0])
    assert dy == pytest.approx(X @ v + 100)
    same, tangent = jvp(g, (X, 2.0), (v, 1.0))
    assert_close(same, out)
    np.testing.assert_allclose(tangent["p"], 2 * v + X)
    assert (tangent["q"][0], tangent["q"][2]) == (v[0], (1.0, 0.0))


def test_one_value_returned_twice_gets_both_cotangents() -> None:
    def g(x: Any) -> Any:
        y = np.sin(x)
        return y, y, x, x

    assert vjp(g, 0.3)[1]((1.0, 2.0, 3.0, 4.0))[0] == pytest.approx(3 * np.cos(0.3) + 7)
    assert jvp(g, 0.3, 2.0)[1] == pytest.approx((2 * np.cos(0.3), 2 * np.cos(0.3), 2, 2))


def test_linearize_pushes_any_tangent() -> None:
    out, push = linearize(lambda p, y: {"r": p[0] * y}, [X, None], 3.0)
    np.testing.assert_allclose(out["r"], 3 * X)
    np.testing.assert_allclose(push([X, None], 0.0)["r"], 3 * X)
    np.testing.assert_allclose(push([0 * X, None], 2.0)["r"], 2 * X)
    _, push, aux = linearize(lambda x: (x**2, x), 3.0, has_aux=True)
    assert (push(1.0), aux) == (6.0, 3.0)


def test_hessian_vector_products_of_trees() -> None:
    leaves, nest = flatten(PARAMS)
    v = unflatten(nest, [RNG.standard_normal(np.shape(leaf)) for leaf in leaves])
    found = hvp(net, PARAMS, v, x=X)

    def slope(t: float) -> Any:
        moved = [p + t * d for p, d in zip(leaves, flatten(v)[0], strict=True)]
        return flatten(grad(net)(unflatten(nest, moved), X))[0]

    numbers = [(a - b) / 2e-6 for a, b in zip(slope(1e-6), slope(-1e-6), strict=True)]
    assert_close(found, unflatten(nest, numbers), 1e-6)
    backward = grad(lambda p: np.sum(grad(net)(p, X)["scale"] ** 2))(PARAMS)
    assert_close(backward, numeric(lambda p: grad(net)(p, X)["scale"] ** 2, PARAMS), 1e-6)


def test_a_namedtuple_is_one_argument() -> None:
    def g(layer: Any) -> Any:
        return np.sum(layer.W * layer.b)

    primal, direction = Layer(X, 2.0), Layer(X, 1.0)
    assert jvp(g, primal, direction)[1] == pytest.approx(2 * np.sum(X) + np.sum(X))
    assert hvp(g, primal, direction).b == pytest.approx(np.sum(X))


def test_aux_is_free_of_the_vertices() -> None:
    def g(x: Any) -> Any:
        return np.sum(x**2), {"x": x, "n": 7, "t": ("text", x * 2, None)}

    gradient, aux = grad(g, has_aux=True)(X)
    np.testing.assert_allclose(gradient, 2 * X)
    assert isinstance(aux["x"], np.ndarray)
    assert (aux["n"], aux["t"][0], aux["t"][2]) == (7, "text", None)
    (value, aux), gradient = value_and_grad(g, has_aux=True)(Tensor(X))
    assert isinstance(aux["x"], Tensor)
    assert not aux["x"].requires_grad
    out, pull, aux = vjp(g, X, has_aux=True)
    np.testing.assert_allclose(pull(1.0)[0], 2 * X)
    out, tangent, aux = jvp(g, X, X, has_aux=True)
    assert tangent == pytest.approx(2 * X @ X)


def test_aux_stays_in_the_graph_of_others() -> None:
    def outer(x: Any) -> Any:
        _, aux = grad(lambda y: (x * y, x**3), has_aux=True)(1.0)
        return aux

    assert grad(outer)(2.0) == 12
    w: Any = Tensor(2.0, requires_grad=True)
    _, aux = grad(lambda y: (w * y, w**3), has_aux=True)(1.0)
    aux.backward()
    assert w.grad.item() == 12


def test_operations_of_aux_alone_are_not_pushed_through() -> None:
    no_forward = custom_vjp(np.sin, lambda v, _y, x: v * np.cos(x))
    assert jvp(lambda x: (x**2, no_forward(x)), 3.0, 1.0, has_aux=True)[1] == 6


def test_stop_gradient_makes_constants_in_trees() -> None:
    assert grad(lambda p: p["a"] * stop_gradient(p)["a"])({"a": 3.0})["a"] == 3
    assert jvp(lambda x: x * stop_gradient(x), 3.0, 1.0)[1] == 3
    given = {"x": X, "n": [None, 2.0]}
    assert stop_gradient(given)["x"] is X
    w: Any = Tensor(2.0, requires_grad=True)
    assert not stop_gradient((w,))[0].requires_grad
    assert grad(lambda x: grad(lambda y: y * y * stop_gradient(y))(x))(3.0) == 6


def test_partials_and_functions_without_signature_are_differentiated() -> None:
    assert grad(partial(lambda x, y: x * y, y=3.0))(2.0) == 3

    def f(*args: Any) -> Any:
        return args[0]["a"]

    with pytest.raises(errors.DtypeError, match=r"args\[0\]\['a'\] of f"):
        grad(f)({"a": 1})


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: grad(net)(PARAMS | {"scale": 2}, X),
            errors.DtypeError,
            r"^grad: params\['scale'\] of net: dtype int64 has no derivative",
        ),
        (
            lambda: grad(net)(PARAMS | {"layers": [Layer("W", None)]}, X),
            errors.DtypeError,
            r"params\['layers'\]\[0\]\.W of net: dtype <U1",
        ),
        (
            lambda: grad(net)(PARAMS | {"scale": net}, X),
            errors.DtypeError,
            r"params\['scale'\] of net is a function, not an array of numbers",
        ),
        (
            lambda: grad(net)(PARAMS | {"scale": True}, X),
            errors.DtypeError,
            r"params\['scale'\] of net: dtype bool",
        ),
        (
            lambda: vjp(lambda x: {"a": x, "b": [x]}, X)[1]({"a": X, "b": [X[:2]]}),
            errors.ShapeError,
            r"cotangent at \['b'\]\[0\] has shape \(2,\), the output of <lambda> \(4,\)",
        ),
        (
            lambda: vjp(lambda x: {"a": x, "b": [x]}, X)[1]({"a": X}),
            errors.ShapeError,
            "cotangent has a dict of 'a', not a dict of 'a', 'b'; nest it like the output",
        ),
        (
            lambda: vjp(lambda x: {"a": x, "b": [x]}, X)[1]({"a": X, "b": X}),
            errors.ShapeError,
            r"cotangent has an array at \['b'\], not a list of 1",
        ),
        (
            lambda: vjp(lambda x: (x, x), X)[1]((X, None)),
            errors.ShapeError,
            r"cotangent has None at \[1\], not an array",
        ),
        (
            lambda: jvp(lambda p: p["a"], {"a": X}, {"a": X[:1]}),
            errors.ShapeError,
            r"tangent 0 at \['a'\] has shape \(1,\)",
        ),
        (
            lambda: jvp(lambda p: p["a"], {"a": X}, {"b": X}),
            errors.ShapeError,
            "tangent 0 has a dict of 'b', not a dict of 'a'; nest it like its primal",
        ),
        (lambda: vjp(np.sin, X)[1]("x"), errors.DtypeError, "the cotangent has dtype <U1"),
        (lambda: vjp(np.sin, X)[1](1j), errors.DtypeError, "cotangent is complex, but belongs to"),
        (lambda: jvp(np.sin, X, 1j * X), errors.DtypeError, "tangent 0 is complex, but"),
        (lambda: grad(lambda x: x, has_aux=True)(1.0), TypeError, "must return a pair"),
        (lambda: grad(lambda x: [x])(1.0), errors.DtypeError, "returned a list, not an array"),
    ],
)
def test_misfits_are_named_by_their_path(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_trees_are_taken_apart_and_put_together() -> None:
    leaves, nest = flatten(PARAMS)
    assert len(leaves) == 5
    assert [*paths(nest, "p")][1] == "p['layers'][0].W"
    assert flatten(unflatten(nest, leaves))[1] == nest
    assert [*matching(nest, PARAMS)] == leaves
