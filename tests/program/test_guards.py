"""A program is used where the function would do the same again, and nowhere else."""

import threading
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, nn
from autograd_nn.errors import DetachError

X, Y = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])


def plain(x: Any) -> Any:
    return np.asarray(x.detach() if isinstance(x, Tensor) else x).tolist()


def test_one_tensor_given_twice_is_not_two() -> None:
    def function(a: Any, b: Any) -> Any:
        return 2 * a + b

    one, other = Tensor(X), Tensor(Y)
    fast = ag.compile(function, one, one)
    assert plain(fast(one, other)) == plain(function(one, other))
    assert plain(fast(other, one)) == plain(function(other, one))
    assert plain(fast(other, other)) == plain(function(other, other))


@pytest.mark.parametrize("first", ["own", "another"])
def test_a_tensor_that_is_closed_over_may_be_given_too(first: str) -> None:
    def leaves() -> tuple[Tensor, Tensor]:
        return Tensor(X, requires_grad=True), Tensor(Y, requires_grad=True)

    def make(w: Tensor) -> Any:
        def function(t: Any) -> Any:
            loss = np.sum(t * t * w)
            loss.backward()
            return loss

        return function

    (w, v), (w2, v2) = leaves(), leaves()
    eager, fast = make(w), ag.compile(make(w2), w2 if first == "own" else v2)
    for one, other in ((w, w2), (v, v2), (w, w2)):
        assert plain(fast(other)) == plain(eager(one))
        for t, u in ((w, w2), (v, v2)):
            assert (t.grad is None) == (u.grad is None)
            if t.grad is not None:
                np.testing.assert_allclose(plain(u.grad), plain(t.grad), 1e-12)


def test_zeros_have_signs() -> None:
    fast = ag.compile(np.copysign, X, 0.0)
    assert fast(X, 0.0).tolist() == X.tolist()
    assert fast(X, -0.0).tolist() == (-X).tolist()
    fast = ag.compile(lambda x, z: x + z.imag, X, 1j)
    assert fast(X, 2j).tolist() == (X + 2).tolist()


def test_nan_is_the_same_argument_again() -> None:
    fast = ag.compile(lambda x, fill: np.where(x > 1, x, fill), X, np.nan)
    for _ in range(3):
        fast(X, float("nan"))
    assert len(fast.entries) == 1


class Holder:
    def __init__(self, held: Any) -> None:
        self.held = held


class Slots:
    __slots__ = ("held",)

    def __init__(self, held: Any) -> None:
        self.held = held


def test_what_a_closure_is_given_anew_is_used() -> None:
    w: Any = Tensor(X)
    fast = ag.compile(lambda x: x * w, X)
    w = Tensor(Y)
    assert plain(fast(X)) == (X * Y).tolist()
    w = Y + 1
    assert plain(fast(X)) == (X * (Y + 1)).tolist()


@pytest.mark.parametrize("kind", [Holder, Slots])
def test_what_an_object_is_given_anew_is_used(kind: Any) -> None:
    thing = kind(2.0)
    fast = ag.compile(lambda x: x * thing.held, X)
    for held in (3.0, Tensor(Y), Y, 4.0):
        thing.held = held
        assert plain(fast(X)) == plain(X * held)


def test_a_parameter_put_in_place_of_another_is_used() -> None:
    layer = nn.Linear(3, 2, rng=0)
    fast = ag.compile(lambda x: layer(x), X[None])
    layer.weight = Tensor(np.ones((3, 2)), requires_grad=True)
    assert plain(fast(X[None])) == plain(layer(X[None]))


def test_a_parameter_may_be_frozen_and_thawed() -> None:
    w, v = Tensor(X, requires_grad=True), Tensor(Y, requires_grad=True)

    def step(x: Any) -> Any:
        w.zero_grad()
        v.zero_grad()
        loss = np.sum((w * x + v) ** 2)
        loss.backward()
        return loss

    fast = ag.compile(step, X)
    fast(X)
    w.requires_grad = False
    fast(X)
    assert w.grad is None
    w.requires_grad = True
    fast(X)
    assert w.grad is not None
    assert w.grad.tolist() == (2 * X * (X * X + Y)).tolist()


def test_arrays_of_a_dict_that_is_given_may_be_replaced() -> None:
    params: dict[str, Any] = {"w": X, "parts": [Y]}
    fast = ag.compile(lambda params: params["w"] * params["parts"][0], params)
    recorded = fast.latest
    params["w"], params["parts"][0] = Y, X + 1
    assert plain(fast(params)) == (Y * (X + 1)).tolist()
    assert fast.latest is recorded


def test_lists_and_dicts_may_change() -> None:
    functions: list[Any] = [np.sin]
    rates, scales = [0.5], {"x": 1.0}

    def function(x: Any) -> Any:
        for f in functions:
            x = f(x)
        for k in scales.values():
            x = k * x
        return x * rates[0]

    fast = ag.compile(function, X)
    rates[0] = 0.25
    assert plain(fast(X)) == plain(function(X))
    functions.append(np.cos)
    assert plain(fast(X)) == plain(function(X))
    functions[0] = np.tanh
    assert plain(fast(X)) == plain(function(X))
    scales["y"] = 3.0
    assert plain(fast(X)) == plain(function(X))


def test_numbers_of_a_class_and_defaults_may_change() -> None:
    class Scaled:
        k = 2.0

    scaled = Scaled()

    def function(x: Any, power: float = 2.0) -> Any:
        return scaled.k * x**power

    fast = ag.compile(function, X)
    Scaled.k = 3.0
    assert plain(fast(X)) == plain(function(X))
    function.__defaults__ = (3.0,)
    assert plain(fast(X)) == plain(function(X))


def test_the_graph_of_an_argument_is_not_lost() -> None:
    fast = ag.compile(lambda x: np.sum(x**3), X)
    w = Tensor(X, requires_grad=True)
    with pytest.raises(DetachError, match=r"no graph.*t\.detach"):
        fast(w * 2)
    with ag.no_grad():
        assert fast(w * 2).item() == 8 * 36.0


def test_threads_take_turns() -> None:
    w = np.sin(np.arange(10_000.0)).reshape(100, 100)

    def function(x: Any) -> Any:
        return np.tanh(np.tanh(np.tanh(x @ w) @ w) @ w)

    xs = [w + k for k in range(2)]
    fast = ag.compile(function, w)
    wrong: list[int] = []

    def run(k: int) -> None:
        expected = function(xs[k])
        wrong.extend(k for _ in range(50) if not np.allclose(fast(xs[k]), expected))

    threads = [threading.Thread(target=run, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


class Kind(np.ndarray):
    """An array that computes in its own way."""

    __array_priority__ = 10.0


@pytest.mark.parametrize("kind", ["masked", "subclass"])
def test_other_kinds_of_arrays_are_refused(kind: str) -> None:
    mask = np.array([False, True, False])
    x: Any = np.ma.masked_array(X, mask) if kind == "masked" else X.view(Kind)
    fast = ag.compile(lambda x: x * x, X)
    for call in (fast, lambda x: ag.compile(lambda x: x * x, x)):
        with pytest.raises(TypeError, match=r"np\.asarray"):
            call(x)
