"""compile: what a compiled step leaves behind is what the eager step leaves."""

import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, nn, optim
from autograd_nn.errors import NaNError, TraceError
from autograd_nn.program.generated import function_of
from autograd_nn.program.lowering import lowered
from autograd_nn.program.naming import path_of
from backends import with_each_backend

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])


def training(lr: float = 0.5, sizes: tuple[int, ...] = (2, 4, 1)) -> tuple[Any, Any, Any]:
    model = nn.SigmoidNetwork(sizes, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=lr)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.half_sse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), 1e-12, 1e-15)


def agree(one: Any, other: Any) -> None:
    for p, q in zip(one.parameters(), other.parameters(), strict=True):
        close(p.detach(), q.detach())
        assert (p.grad is None) == (q.grad is None)
        if p.grad is not None:
            close(p.grad, q.grad)
            assert p.grad.dtype == q.grad.dtype


# ---- a training step -----------------------------------------------------------------------------


@with_each_backend
def test_a_step_leaves_what_the_eager_step_leaves(backend: str) -> None:
    (model, _, step), (twin, _, eager) = training(), training()
    fast = ag.compile(step, X, Y, backend=backend)
    for _ in range(3):
        loss = fast(X, Y)
        assert isinstance(loss, Tensor)
        close(loss, eager(X, Y).detach())
        agree(model, twin)


@with_each_backend
def test_repeat_is_as_many_steps(backend: str) -> None:
    (model, _, step), (twin, _, eager) = training(), training()
    last = ag.compile(step, X, Y, backend=backend).repeat(5, X, Y)
    losses = [eager(X, Y) for _ in range(5)]
    close(last, losses[-1].detach())
    agree(model, twin)
    with pytest.raises(ValueError, match="n=0 must be at least 1"):
        ag.compile(step, X, Y, backend=backend).repeat(0, X, Y)


@with_each_backend
def test_compiling_changes_nothing(backend: str) -> None:
    model, _, step = training()
    model.parameters()[0].grad = np.ones((2, 4))
    values = [p.tolist() for p in model.parameters()]
    ag.compile(step, X, Y, backend=backend)
    assert [p.tolist() for p in model.parameters()] == values
    assert model.parameters()[0].grad.tolist() == np.ones((2, 4)).tolist()
    assert all(p.grad is None for p in model.parameters()[1:])
    assert all(p.is_leaf and p.requires_grad for p in model.parameters())


@with_each_backend
def test_a_learning_rate_set_between_calls_is_used(backend: str) -> None:
    (model, optimizer, step), (twin, other, eager) = training(), training()
    fast = ag.compile(step, X, Y, backend=backend)
    for lr in (0.5, 0.1, 0.5, 2.0):
        optimizer.lr = other.lr = lr
        fast(X, Y)
        eager(X, Y)
        agree(model, twin)


@with_each_backend
def test_other_shapes_are_recorded_anew(backend: str) -> None:
    (model, _, step), (twin, _, eager) = training(), training()
    fast = ag.compile(step, X, Y, backend=backend)
    for rows in (4, 2, 3, 4):
        close(fast(X[:rows], Y[:rows]), eager(X[:rows], Y[:rows]).detach())
        agree(model, twin)


@with_each_backend
def test_the_same_calls_are_recorded_once(backend: str) -> None:
    _, _, step = training()
    calls = []

    def counted(x: Any, y: Any) -> Any:
        calls.append(x.shape)
        return step(x, y)

    fast = ag.compile(counted, X, Y, backend=backend)
    for _ in range(3):
        fast(X, Y)
        fast.repeat(2, X, Y)
    assert calls == [(4, 2)]


def test_the_cache_is_bounded() -> None:
    fast = ag.compile(lambda x: x * 2, np.ones(1), cache=2)
    for n in (1, 2, 3, 4, 2):
        assert fast(np.ones(n)).tolist() == [2.0] * n
        assert len(fast.entries) <= 2


def test_without_retracing_other_arguments_are_refused() -> None:
    _, optimizer, step = training()
    fast = ag.compile(step, X, Y, retrace=False)
    fast(X, Y)
    with pytest.raises(TraceError, match=r"step was not compiled .*\(3, 2\), \(3, 1\).*compile it"):
        fast(X[:3], Y[:3])
    optimizer.lr = 0.1
    with pytest.raises(TraceError, match=r"optimizer.lr has changed since it was compiled"):
        fast(X, Y)


@with_each_backend
def test_eager_and_compiled_steps_take_turns(backend: str) -> None:
    (model, _, step), (twin, _, eager) = training(), training()
    fast = ag.compile(step, X, Y, backend=backend)
    for turn in range(6):
        (fast if turn % 2 else step)(X, Y)
        eager(X, Y)
        agree(model, twin)


@with_each_backend
def test_gradients_accumulate_without_zero_grad(backend: str) -> None:
    def make() -> tuple[Any, Callable[[Any], Any]]:
        w = Tensor([1.0, 2.0], requires_grad=True)

        def step(x: Any) -> None:
            np.sum(w * w * x).backward()

        return w, step

    (w, step), (v, eager) = make(), make()
    fast = ag.compile(step, np.ones(2), backend=backend)
    for k in range(4):
        fast(np.full(2, float(k)))
        eager(np.full(2, float(k)))
        assert w.grad is not None
        assert v.grad is not None
        close(w.grad, v.grad)
    w.grad = v.grad = None
    fast(np.ones(2))
    eager(np.ones(2))
    close(w.grad, v.grad)


@with_each_backend
def test_momentum_kept_in_tensors(backend: str) -> None:
    def make() -> tuple[Any, Any, Callable[[Any], Any]]:
        w = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
        b = Tensor(np.ones(3), requires_grad=True)
        speed = [Tensor(np.zeros(p.shape)) for p in (w, b)]

        def step(x: Any) -> Any:
            w.grad = b.grad = None
            loss = np.sum(np.tanh(x @ w + b))
            loss.backward()
            with ag.no_grad():
                for p, v in zip((w, b), speed, strict=True):
                    v.data = 0.9 * v + p.grad
                    p[...] = p - 0.1 * v
            return loss

        return (w, b), speed, step

    (ps, vs, step), (qs, us, eager) = make(), make()
    x = np.linspace(-1, 1, 8).reshape(4, 2)
    fast = ag.compile(step, x, backend=backend)
    for _ in range(4):
        close(fast(x), eager(x).detach())
        for one, other in zip((*ps, *vs), (*qs, *us), strict=True):
            close(one.detach(), other.detach())


# ---- whose memory is it? -------------------------------------------------------------------------


@with_each_backend
def test_snapshots_keep_their_values(backend: str) -> None:
    model, _, step = training()
    fast = ag.compile(step, X, Y, backend=backend)
    fast(X, Y)
    weight = model.parameters()[0]
    taken = [weight.detach(), weight.numpy(), weight * 1]
    before = weight.tolist()
    fast(X, Y)
    fast(X, Y)
    assert [np.asarray(t.detach() if isinstance(t, Tensor) else t).tolist() for t in taken] == [
        before
    ] * 3
    assert weight.tolist() != before


@with_each_backend
def test_recorded_graphs_keep_their_values(backend: str) -> None:
    model, _, step = training()
    fast = ag.compile(step, X, Y, backend=backend)
    fast(X, Y)
    weight = model.parameters()[0]
    loss = np.sum(weight**3)
    expected = 3 * np.asarray(weight.detach()) ** 2
    fast(X, Y)
    weight.grad = None
    loss.backward()
    close(weight.grad, expected)


@with_each_backend
def test_holders_of_data_see_what_is_written(backend: str) -> None:
    (model, _, step), (twin, _, eager) = training(), training()
    data = model.parameters()[0].data
    fast = ag.compile(step, X, Y, backend=backend)
    for _ in range(2):
        fast(X, Y)
        eager(X, Y)
        close(data, twin.parameters()[0].detach())
    later = model.parameters()[2].data
    fast(X, Y)
    eager(X, Y)
    close(later, twin.parameters()[2].detach())
    data[...] = 0.0
    twin.parameters()[0].data[...] = 0.0
    fast(X, Y)
    eager(X, Y)
    agree(model, twin)


@with_each_backend
def test_results_are_the_callers_own(backend: str) -> None:
    fast = ag.compile(lambda x: (x, 2 * x, x.T), np.ones((2, 3)), backend=backend)
    x = np.zeros((2, 3))
    first = fast(x)
    kept = [a.copy() for a in first]
    for a in first:
        np.add(a, 5.0, out=a)
    assert not x.any()
    assert all(np.array_equal(a, b) for a, b in zip(fast(x), kept, strict=True))
    assert all(np.array_equal(a, b + 5) for a, b in zip(first, kept, strict=True))


@with_each_backend
def test_a_tensor_that_is_returned_is_that_tensor(backend: str) -> None:
    w = Tensor([1.0], requires_grad=True)
    fast = ag.compile(lambda x: {"w": w, "none": None, "n": 3, "y": w * x}, 2.0, backend=backend)
    out = fast(2.0)
    assert out["w"] is w
    assert (out["none"], out["n"], out["y"].tolist()) == (None, 3, [2.0])


# ---- arguments -----------------------------------------------------------------------------------


@with_each_backend
def test_arguments_may_be_nested_and_tensors_live(backend: str) -> None:
    def step(batch: Any, w: Any, scale: float) -> Any:
        w.grad = None
        loss = np.sum(w * batch["x"]) * scale
        loss.backward()
        with ag.no_grad():
            w -= w.grad
        return [loss, (batch["x"] + 1,)]

    x = np.array([1.0, 2.0])
    fast = ag.compile(step, {"x": x}, Tensor([1.0, 1.0], requires_grad=True), 2.0, backend=backend)
    for scale in (2.0, 3.0):
        w, v = (Tensor([5.0, 6.0], requires_grad=True) for _ in range(2))
        loss, (more,) = fast({"x": x}, w, scale)
        expected, _ = step({"x": x}, v, scale)
        close(loss, expected.detach())
        close(w.detach(), v.detach())
        close(w.grad, v.grad)
        assert isinstance(more, np.ndarray)
        assert more.tolist() == [2.0, 3.0]


@with_each_backend
def test_modules_and_optimisers_may_be_arguments(backend: str) -> None:
    def step(model: Any, optimizer: Any, x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.half_sse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    (one, first, _), (other, second, _), (twin, third, _) = training(), training(), training()
    fast = ag.compile(step, one, first, X, Y, backend=backend)
    for _ in range(2):
        fast(one, first, X, Y)
        fast(other, second, X, Y)
        step(twin, third, X, Y)
    agree(one, twin)
    agree(other, twin)
    first.lr = third.lr = 0.01
    fast(one, first, X, Y)
    step(twin, third, X, Y)
    agree(one, twin)


@with_each_backend
def test_dtypes_are_kept(backend: str) -> None:
    fast = ag.compile(lambda x: np.sum(x * 2 + 1) / 3, np.ones(3, np.float32), backend=backend)
    assert fast(np.ones(3, np.float32)).dtype == np.float32
    assert fast(np.ones(3)).dtype == np.float64
    assert fast(np.ones(3, int)).dtype == np.float64


@with_each_backend
def test_a_compiled_step_inside_another_is_part_of_it(backend: str) -> None:
    (model, _, step), (twin, _, eager) = training(), training()
    inner = ag.compile(step, X, Y, backend=backend)
    inner(X, Y)
    outer = ag.compile(lambda: [inner(X, Y), inner.repeat(2, X, Y)][1], backend=backend)
    outer()
    for _ in range(4):
        eager(X, Y)
    agree(model, twin)


# ---- failing steps -------------------------------------------------------------------------------


@with_each_backend
def test_errors_of_the_function_come_through_and_nothing_has_changed(backend: str) -> None:
    model, _, step = training()
    before = [p.tolist() for p in model.parameters()]
    with pytest.raises(ag.errors.ShapeError, match="Linear: the last axis"):
        ag.compile(step, np.ones((4, 3)), Y, backend=backend)
    assert [p.tolist() for p in model.parameters()] == before
    fast = ag.compile(step, X, Y, backend=backend)
    with pytest.raises(ag.errors.ShapeError, match="Linear: the last axis"):
        fast(np.ones((4, 3)), Y)
    assert [p.tolist() for p in model.parameters()] == before


@with_each_backend
def test_a_step_that_makes_nan_changes_nothing(backend: str) -> None:
    model, _, step = training()
    fast = ag.compile(step, X, Y, check_nan=True, backend=backend)
    fast(X, Y)
    before = [p.tolist() for p in model.parameters()]
    with pytest.raises(NaNError, match=r"made NaN.*no parameter was changed"):
        fast(X * np.nan, Y)
    assert [p.tolist() for p in model.parameters()] == before
    fast(X, Y)
    assert [p.tolist() for p in model.parameters()] != before


@with_each_backend
@pytest.mark.parametrize("n", [3, 300])
def test_an_exception_inside_a_step_leaves_parameters_as_they_were(backend: str, n: int) -> None:
    w = Tensor(np.ones((n, n)), requires_grad=True)
    b = Tensor(np.full(n, 1e308), requires_grad=True)

    def step(x: Any) -> None:
        with ag.no_grad():
            w[...] = w - x
            b[...] = b + 1e308 * x

    fast = ag.compile(step, np.zeros(n), backend=backend)
    fast(np.zeros(n))
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        fast(np.ones(n))
    assert np.all(w.numpy() == 1)
    assert np.all(b.numpy() == 1e308)


# ---- surroundings --------------------------------------------------------------------------------


def test_changed_constants_are_not_seen() -> None:
    constant = np.array([1.0, 2.0])
    fast = ag.compile(lambda x: x * np.exp(constant), np.ones(2))
    constant[:] = 0.0
    assert fast(np.ones(2)).tolist() == np.exp([1.0, 2.0]).tolist()


def test_numbers_of_the_closure_are_read_anew() -> None:
    scale = 2.0
    fast = ag.compile(lambda x: x * scale, np.ones(1))
    assert fast(np.ones(1)).tolist() == [2.0]
    scale = 3.0
    assert fast(np.ones(1)).tolist() == [3.0]


@with_each_backend
def test_other_threads_compute_eagerly_meanwhile(backend: str) -> None:
    w = Tensor([2.0], requires_grad=True)
    found: list[Any] = []

    def elsewhere() -> None:
        y = w * w
        y.backward()
        found.append((y.item(), type(w.value)))

    def function(x: Any) -> Any:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        return np.sum(x * 2)

    fast = ag.compile(function, np.ones(1), backend=backend)
    assert fast(np.ones(1)) == 2
    assert found == [(4.0, np.ndarray)]
    assert w.grad is not None


def test_states_of_errstate_are_kept() -> None:
    def quiet(x: Any) -> Any:
        with np.errstate(divide="ignore"):
            return np.log(x)

    fast = ag.compile(quiet, np.ones(1))
    assert fast(np.zeros(1)).tolist() == [-np.inf]
    loud = ag.compile(lambda x: np.log(x), np.ones(1))
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        loud(np.zeros(1))


def test_generated_functions_have_builtins() -> None:
    """C code that imports something, as some warnings do, looks for them there."""
    function = function_of("read", "", "return k0", {"k0": 3})
    assert function() == 3
    assert "__builtins__" in function.__globals__
    assert "read" not in function.__globals__  # it would keep itself alive


@pytest.mark.parametrize(
    "part",
    [
        lambda x: x[:, ::-1],
        lambda x: x[:, ::-1].T,
        lambda x: np.flip(x, 1),
        lambda x: np.broadcast_to(x[0], (5, 5)),
        lambda x: (x + 1j * x).real,
        lambda x: np.rot90(x).reshape(5, 5).T,
    ],
)
def test_parts_of_arrays_are_multiplied_as_numpy_does(part: Callable[[Any], Any]) -> None:
    """BLAS does not take them as they lie; np.dot and np.matmul then may add in other orders."""
    x, y = np.random.default_rng(0).normal(size=(2, 5, 5))
    functions: list[Any] = [lambda x, y: part(x) @ y, lambda x, y: y.T @ part(x)]
    for function in functions:
        fast = ag.compile(function, x, y)
        assert [i.function for i in lowered(fast.program).instructions][-1] is np.matmul
        assert np.array_equal(fast(x, y), function(x, y))
    whole = ag.compile(lambda x, y: (1.0 * part(x)) @ y, x, y)  # the copy is no part
    assert np.array_equal(whole(x, y), (1.0 * part(x)) @ y)
    made = [i.function for i in lowered(whole.program).instructions]
    assert made[-2:] == [np.multiply, np.dot]


# ---- the program ---------------------------------------------------------------------------------


def test_the_program_says_whether_it_is_exact() -> None:
    _, _, step = training()
    assert ag.compile(step, X, Y, backend="plain").program.exact
    assert not ag.compile(step, X, Y).program.exact
    assert ag.compile(ag.grad(np.prod), np.arange(4.0)).program.exact


def test_values_know_whose_cotangents_they_are() -> None:
    _, _, step = training()
    program = ag.compile(step, X, Y).program
    names = {v.name: v for i in program.instructions for v in i.outs}
    gradients = {path_of(live): g for live, g in program.gradients}
    assert set(gradients) == {f"model.{k}.{p}" for k in (0, 2) for p in ("weight", "bias")}
    assert all(g is not None and g.cotangent_of is not None for g in gradients.values())
    assert "loss" in names


def test_equal_calls_are_made_once() -> None:
    program = ag.compile(ag.grad(lambda x: np.sum(np.exp(x) ** 2)), np.ones(3)).program
    assert [i.name for i in program.instructions].count("exp") == 1


def test_what_is_no_function_is_refused_and_a_compiled_one_says_its_name() -> None:
    not_a_function: Any = 3
    with pytest.raises(TypeError, match=r"compile: argument function is int, which cannot be"):
        ag.compile(not_a_function, X)

    def double(x: Any) -> Any:
        return 2 * x

    fast = ag.compile(double, np.ones(2))
    fast(np.ones(3))
    assert repr(fast) == "<compiled double: 2 recordings>"


def test_products_of_parts_are_exact() -> None:
    rng = np.random.default_rng(0)
    w = rng.standard_normal((3, 1))
    fast = ag.compile(lambda x: x[:, ::-1] @ w, np.ones((3, 3)))
    assert fast.program.exact
    for x in rng.standard_normal((50, 3, 3)):
        assert np.array_equal(fast(x), x[:, ::-1] @ w)


def test_chains_are_longer_than_python_recurses() -> None:
    def chain(x: Any) -> Any:
        for k in range(sys.getrecursionlimit()):
            x = x * 0.5 + k
        return x

    x = np.ones(3)
    assert np.array_equal(ag.compile(chain, x)(x), chain(x))
