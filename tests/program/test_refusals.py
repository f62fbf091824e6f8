"""compile: what a program cannot repeat is refused, by the user's line, in one sentence."""

from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor
from autograd_nn.errors import TraceError


def branching(x: Any) -> Any:
    if np.sum(x) > 0:
        return x
    return -x


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (branching, r", in branching \(if np.sum\(x\) > 0:\) asks whether.*np.where"),
        (lambda x: float(x[0]) * x, "a Python number or a plain array.*return it"),
        (lambda x: np.asarray(x) * x, "a plain array"),
        (lambda x: Tensor(x).item() * x, "a Python number"),
        (lambda x: Tensor(x).numpy() * x, "a plain array"),
        (lambda x: x[: int(x[0])], "a Python number"),
        (lambda x: [*range(x.astype(int)[0])], "a Python number"),
        (lambda x: x * np.random.default_rng().random() if x.tolist() else x, "a Python number"),
    ],
)
def test_what_depends_on_values_is_refused_by_line(function: Any, told: str) -> None:
    with pytest.raises(TraceError, match=r"(?s)^compile: test_refusals.py, line \d+.*" + told):
        ag.compile(function, np.ones(2))


def test_random_numbers_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(TraceError, match=r"draws random numbers.*pass them as an argument"):
        ag.compile(lambda x: x * rng.random(2), np.ones(2))


def test_counting_is_refused() -> None:
    class Counter:
        n = 0

        def __init__(self) -> None:
            self.n = 0

        def step(self, x: Any) -> Any:
            self.n += 1
            return x * self.n

    with pytest.raises(TraceError, match=r"changes self.n from 0 to 1; keep it in a Tensor"):
        ag.compile(Counter().step, np.ones(2))


def test_a_graph_from_before_is_refused() -> None:
    w = Tensor([1.0], requires_grad=True)
    y = w * 2
    with pytest.raises(TraceError, match=r"a Tensor made by multiply before.*detach"):
        ag.compile(lambda x: y * x, np.ones(1))
    assert (y * 1).tolist() == [2.0]


def test_a_graph_that_stays_is_refused() -> None:
    w, state = Tensor([1.0], requires_grad=True), Tensor([1.0])

    def step(x: Any) -> None:
        nonlocal state
        state += w * x

    with pytest.raises(TraceError, match=r"leaves a recorded graph in state.*no_grad"):
        ag.compile(step, np.ones(1))
    assert (state.tolist(), state.node) == ([1.0], None)


def test_values_do_not_outlive_the_recording() -> None:
    kept: list[Any] = []

    def remembering(x: Any) -> Any:
        kept.append(x * 2)
        return x

    fast = ag.compile(remembering, np.ones(1))
    assert fast(np.ones(1)).tolist() == [1.0]
    with pytest.raises(TraceError, match="kept until after it had been recorded; return it"):
        kept[0] + 1


def test_a_shape_that_depends_on_values_is_refused() -> None:
    fast = ag.compile(lambda x: np.sum(x[x > 0]) + np.zeros(2), np.array([1.0, -1.0, 2.0]))
    assert fast(np.array([1.0, -1.0, 2.0])).tolist() == [3.0, 3.0]
    with pytest.raises(TraceError, match=r"getitem returned shape .*eager"):
        fast(np.array([1.0, 1.0, 2.0]))


def test_writing_into_an_argument_is_refused() -> None:
    def step(x: Any) -> Any:
        x += 1
        return x

    x = np.ones(2)
    with pytest.raises(TraceError, match="writes into its argument x, a plain array"):
        ag.compile(step, x)
    assert x.tolist() == [1.0, 1.0]


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(ValueError, match="backend='fortran' is none of 'numpy'"):
        ag.compile(np.sin, np.ones(1), backend="fortran")


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * x[x > 1].size,
        lambda x: x * len(np.nonzero(x > 1)[0]),
        lambda x: x * np.unique(x).size,
        lambda x: x * np.extract(x > 1, x).size,
        lambda x: x * len(np.where(x > 1)[0]),
        lambda x: x * np.repeat(x, (x > 1).astype(int)).size,
        ag.grad(lambda x: np.mean(x[x > 1])),
    ],
)
@pytest.mark.parametrize("backend", ["plain", "numpy"])
def test_sizes_that_depend_on_values_are_refused(function: Any, backend: str) -> None:
    x = np.array([0.0, 0.0, 2.0, 3.0])
    fast = ag.compile(function, x, backend=backend)
    assert fast(x).tolist() == function(x).tolist()
    with pytest.raises(TraceError, match=r"returned shape .*depend on values"):
        fast(np.array([0.0, 1.5, 2.0, 3.0]))
