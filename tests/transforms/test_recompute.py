"""checkpoint: the same derivatives from less memory."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import (
    Tensor,
    checkpoint,
    errors,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    linearize,
    vjp,
)
from autograd_nn.graph import history

RNG = np.random.default_rng(4)
A, X, V, U = RNG.standard_normal((4, 3, 3))


def make() -> tuple[Any, Any]:
    """Make a leaf and a function of trees that closes over it."""
    w: Any = Tensor(RNG.standard_normal((3, 3)), requires_grad=True)

    def f(p: Any, x: Any, label: str = "", *, k: float = 1.0) -> Any:
        h = np.tanh(p["a"][0] @ x @ w) * k
        return {"h": h, "s": np.sum(h * x), "label": label, "x": x, "c": 3.0, "none": None}

    return w, f


def loss(f: Any) -> Any:
    def of(p: Any, x: Any) -> Any:
        out = f(p, np.sin(x), "l", k=0.3)
        assert (out["label"], out["none"], out["c"]) == ("l", None, 3.0)
        return np.sum(out["h"] ** 3 * out["x"]) + out["s"] ** 2

    return of


P = {"a": [A, None]}
DIRECTION = {"a": [U, None]}
WAYS: dict[str, Any] = {
    "grad": lambda l: grad(l, (0, 1))(P, X),
    "vjp": lambda l: vjp(l, P, X)[1](2.0),
    "jvp": lambda l: jvp(l, (P, X), (DIRECTION, V))[1],
    "linearize": lambda l: linearize(l, P, X)[1](DIRECTION, V),
    "hvp": lambda l: hvp(l, (P, X), (DIRECTION, V)),
    "jacfwd": lambda l: jacfwd(l, 1)(P, X),
    "jacrev": lambda l: jacrev(l, 0)(P, X),
    "hessian": lambda l: hessian(l, 1)(P, X),
    "forward over forward": lambda l: jvp(lambda x: jvp(lambda x: l(P, x), x, V)[1], X, U)[1],
    "reverse over forward": lambda l: grad(lambda x: jvp(lambda x: l(P, x), x, V)[1])(X),
    "reverse over reverse": lambda l: grad(lambda x: np.sum(grad(l, 1)(P, x) * V))(X),
}


@pytest.mark.parametrize("way", WAYS)
def test_derivatives_are_the_same(way: str) -> None:
    w, f = make()
    found, expected = WAYS[way](loss(checkpoint(f))), WAYS[way](loss(f))
    for x, y in zip(leaves(found), leaves(expected), strict=True):
        np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-12, atol=1e-14)
        gradients = []
        for value in (x, y):  # they depend on what is closed over
            w.zero_grad()
            value.sum().backward(retain_graph=True)
            gradients.append(w.grad.numpy())
        np.testing.assert_allclose(gradients[0], gradients[1], rtol=1e-11, atol=1e-13)


def leaves(x: Any) -> Any:
    return ag.transforms.trees.flatten(x)[0]


def test_backward_goes_through() -> None:
    w, f = make()
    for g in (f, checkpoint(f), checkpoint(checkpoint(f))):
        w.zero_grad()
        x: Any = Tensor(X, requires_grad=True)
        loss(g)(P, x).backward()
        gradients = (x.grad.numpy(), w.grad.numpy())
        if g is f:
            expected = gradients
        for found, right in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-12)


def test_twice_backward_needs_the_graph_kept() -> None:
    x: Any = Tensor(X, requires_grad=True)
    y = np.sum(checkpoint(np.tanh)(x))
    y.backward(retain_graph=True)
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * (1 - np.tanh(X) ** 2))
    with pytest.raises(errors.GraphReleasedError, match="retain_graph=True"):
        y.backward()
    x.zero_grad()
    np.sum(checkpoint(np.tanh)(x)).backward(create_graph=True)
    g = x.grad
    x.zero_grad()
    g.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), -2 * np.tanh(X) * (1 - np.tanh(X) ** 2))


def segment(x: Any) -> Any:
    for _ in range(10):
        x = np.sin(x**2 + 1)
    return x


def chain(f: Any, x: Any) -> Any:
    for _ in range(10):
        x = f(x)
    return np.sum(x)


def test_memory_is_saved() -> None:
    x = RNG.standard_normal(10_000)
    peaks = []
    for f in (segment, checkpoint(segment)):
        tracemalloc.start()
        grad(lambda x, f=f: chain(f, x))(x)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] / 4
    leaf: Any = Tensor(x, requires_grad=True)
    assert len(history(chain(segment, leaf).node).operations) == 301
    assert len(history(chain(checkpoint(segment), leaf).node).operations) == 21


def test_nothing_is_recorded_where_nothing_is_differentiated() -> None:
    assert isinstance(checkpoint(np.sin)(X), np.ndarray)
    assert not checkpoint(np.sin)(Tensor(X)).requires_grad
    with ag.no_grad():
        assert not checkpoint(np.sin)(Tensor(X, requires_grad=True)).requires_grad
    kept = Tensor(X, requires_grad=True)
    assert checkpoint(lambda x: (x, x * 2))(kept)[0] is kept


def test_what_is_changed_after_the_call_does_not_reach_it() -> None:
    x: Any = Tensor(X, requires_grad=True)
    factor = np.full((3, 3), 2.0)
    y = np.sum(checkpoint(lambda x, factor: x * x * factor)(x, factor))
    factor *= 100
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), 4 * X)
    exposed = Tensor(X)
    data = exposed.data
    x.zero_grad()
    y = np.sum(checkpoint(np.multiply)(x, exposed))
    data[...] = 0
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), X)


def test_other_results_the_second_time_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(errors.InPlaceError, match="must not draw random numbers"):
        grad(lambda x: np.sum(checkpoint(lambda x: x * rng.standard_normal(9))(x)))(X.ravel())
    w: Any = Tensor(X, requires_grad=True)
    y = np.sum(checkpoint(lambda x: np.exp(x * w))(X))
    with ag.no_grad():
        w *= 2
    with pytest.raises(errors.InPlaceError, match="what it reads must not be changed"):
        y.backward()
    calls: list[int] = []

    def fickle(x: Any) -> Any:
        calls.append(1)
        return (x * 2,) if len(calls) == 1 else ()

    with pytest.raises(errors.InPlaceError, match="it gave other results"):
        grad(lambda x: np.sum(checkpoint(fickle)(x)[0]))(X)


def test_reading_another_tensor_of_the_same_values_is_refused() -> None:
    pair = [Tensor(X, requires_grad=True), Tensor(X, requires_grad=True)]
    y = np.sum(checkpoint(lambda x: x * pair.pop())(X))
    with pytest.raises(errors.InPlaceError, match="it gave other results"):
        y.backward()


def test_a_result_returned_twice_gets_both_cotangents() -> None:
    def twice(x: Any) -> Any:
        y = np.sin(x)
        return y, y

    _, pull = vjp(checkpoint(twice), 0.3)
    assert pull((1.0, 10.0))[0] == pytest.approx(11 * np.cos(0.3))


def test_backward_may_be_called_while_recording_is_off() -> None:
    x: Any = Tensor(X, requires_grad=True)
    y = np.sum(checkpoint(np.sin)(x))
    with ag.no_grad():
        y.backward()
    np.testing.assert_allclose(x.grad.numpy(), np.cos(X))


def test_a_leaf_made_inside_is_refused_if_it_lives_on() -> None:
    made: list[Any] = []

    def f(x: Any) -> Any:
        made.append(Tensor(2.0, requires_grad=True))
        return x * made[-1]

    with pytest.raises(errors.NoGradientError, match=r"checkpoint\(f\): .* made inside"):
        checkpoint(f)(Tensor(1.0))


def test_results_may_be_inplace_and_nan() -> None:
    def f(x: Any) -> Any:
        y = x * 1.0
        y += x
        return np.where(np.isnan(y), y, y**2), y

    x = X.copy()
    x[0, 0] = np.nan
    found = grad(lambda x: np.sum(checkpoint(f)(x)[0][1:]))(x)
    np.testing.assert_allclose(found[1:], 8 * x[1:])


def test_complex_values_go_through() -> None:
    z = X + 1j * V
    found = grad(lambda z: np.sum(np.real(checkpoint(lambda z: z**3)(z))))(z)
    np.testing.assert_allclose(found, np.conj(3 * z**2))


CLOSED: dict[str, Any] = {
    "an array": (np.array([1.0, 2.0, 3.0]), lambda x, c: x * c),
    "an array in a checkpoint": (
        np.array([1.0, 2.0, 3.0]),
        lambda x, c: checkpoint(lambda y: y * c)(x),
    ),
    "an index": (np.array([0, 1, 2]), lambda x, c: x[c] * np.array([1.0, 2.0, 3.0])),
    "a mask": (np.array([True, False, True]), lambda x, c: np.where(c, x, 2 * x)),
    "a constant": (Tensor([1.0, 2.0, 3.0]), lambda x, c: x * c),
    "a leaf": (Tensor([1.0, 2.0, 3.0], requires_grad=True), lambda x, c: x * c),
}


@pytest.mark.parametrize("name", CLOSED)
def test_what_changes_behind_results_that_stay_the_same_is_seen(name: str) -> None:
    closed, function = CLOSED[name]
    x: Any = Tensor(np.zeros(3), requires_grad=True)  # so that the results are 0 whatever is read
    y = checkpoint(lambda x: function(x, closed))(x)
    data = closed.data if isinstance(closed, Tensor) else closed
    data[...] = data[::-1].copy() if data.dtype != bool else ~data
    with pytest.raises(errors.InPlaceError, match="computed again"):
        y.backward(np.array([1.0, 2.0, 3.0]))


def test_a_checkpoint_reads_what_another_computed() -> None:
    inner = checkpoint(lambda y: y * np.sin(y))
    outer = checkpoint(lambda x: inner(np.exp(x)) * x)
    plain: Any = lambda x: np.exp(x) * np.sin(np.exp(x)) * x  # noqa: E731
    for way in (grad, hessian):
        found = way(lambda x: np.sum(outer(x)))(X)
        np.testing.assert_allclose(found, way(lambda x: np.sum(plain(x)))(X), rtol=1e-12)
