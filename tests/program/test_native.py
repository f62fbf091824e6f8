"""What is compiled: functions as accurate as NumPy's, loops without Python, nothing ever wrong."""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, nn, optim
from autograd_nn.errors import MissingExtraError
from autograd_nn.program.flat import Flat
from autograd_nn.program.fusion import Kernel, fused
from benchmarks.cases import Case
from benchmarks.competitors import ours
from test_compile import X, Y, agree, training

numba = pytest.importorskip("numba", reason="Numba is not installed")
native = importlib.import_module("autograd_nn.program.native")
Looped = importlib.import_module("autograd_nn.program.looped").Looped


def over_arrays(name: str, dtype: Any) -> Callable[[Any], Any]:
    function = native.SCOPE[f"{name}_{np.dtype(dtype).char}"]

    @numba.njit(error_model="numpy")
    def fill(xs: Any, ys: Any) -> None:
        for i in range(xs.size):
            ys[i] = function(xs[i])

    def apply(xs: Any) -> Any:
        ys = np.empty_like(xs)
        fill(xs, ys)
        return ys

    return apply


def same_bits(found: Any, expected: Any) -> None:
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


# ---- functions of numbers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "wide", "least", "most"),
    [(np.float64, np.longdouble, -745.2, 709.79), (np.float32, np.float64, -104.0, 88.73)],
)
@pytest.mark.parametrize(("name", "ulps"), [("exp", 2.0), ("tanh", 3.0), ("sigmoid", 3.0)])
def test_functions_are_accurate_everywhere(
    name: str, ulps: float, dtype: Any, wide: Any, least: float, most: float
) -> None:
    rng = np.random.default_rng(0)
    near = rng.choice([-1, 1], 20_000) * 10.0 ** rng.uniform(-320, 1, 20_000)
    parts = [rng.uniform(least, most, 100_000), rng.uniform(least, 0.95 * least, 20_000), near]
    xs = np.concatenate(parts).astype(dtype)
    z = xs.astype(wide)
    with np.errstate(over="ignore", under="ignore"):
        limited = np.exp(np.minimum(z, 50))
        exact = {"exp": np.exp(z), "tanh": np.tanh(z), "sigmoid": limited / (1 + limited)}[name]
        rounded = exact.astype(dtype)
        found = over_arrays(name, dtype)(xs)
        np.testing.assert_array_equal(np.isinf(found), np.isinf(rounded))
        is_number = np.isfinite(rounded)
        error = np.abs(found[is_number].astype(wide) - exact[is_number])
        assert np.max(error / np.spacing(np.abs(rounded[is_number]))) <= ulps


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_functions_of_what_is_no_ordinary_number(dtype: Any) -> None:
    xs = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e4, -1e4], dtype)
    same_bits(np.abs(over_arrays("exp", dtype)(xs)), [np.nan, np.inf, 0, 1, 1, np.inf, 0])
    same_bits(over_arrays("tanh", dtype)(xs[1:]), [1, -1, 0.0, -0.0, 1, -1])
    same_bits(np.abs(over_arrays("sigmoid", dtype)(xs)), [np.nan, 1, 0, 0.5, 0.5, 1, 0])
    same_bits(over_arrays("finite", dtype)(xs), np.nan_to_num(xs))


# ---- loops without Python ------------------------------------------------------------------------


def is_one_loop(fast: Any) -> bool:
    return "for _ in" not in fast.latest.runner.text


def momentum() -> tuple[Any, list[Tensor]]:
    w, b = Tensor(np.eye(3), requires_grad=True), Tensor(np.ones(3), requires_grad=True)
    speeds = [Tensor(np.zeros(p.shape)) for p in (w, b)]

    def step(x: Any) -> Any:
        w.grad = b.grad = None
        loss = np.mean(np.sum(ag.log_softmax(np.tanh(x @ w + b)) * x, axis=1) ** 2)
        loss.backward()
        with ag.no_grad():
            for p, v in zip((w, b), speeds, strict=True):
                assert p.grad is not None
                v[...] = 0.9 * v + p.grad + 0.01 * p
                p -= 0.1 * v  # noqa: PLW2901 (in place)
        return loss

    return step, [w, b, *speeds]


def test_momentum_and_a_loss_of_many_parts_are_one_loop() -> None:
    (step, tensors), (eager, expected) = momentum(), momentum()
    x = np.sin(np.arange(15.0)).reshape(5, 3)
    fast = ag.compile(step, x, backend="numba")
    assert is_one_loop(fast)
    last = fast.repeat(20, x)
    losses = [eager(x).item() for _ in range(20)]
    np.testing.assert_allclose(last.item(), losses[-1], 1e-12)
    for one, other in zip(tensors, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), 1e-12, 1e-14)


@pytest.mark.parametrize(
    ("sizes", "dtype"),
    [((2, 4, 1), "float32"), ((12, 20, 7), "float32"), ((12, 20, 7), "float64")],
)
def test_products_large_and_small(sizes: tuple[int, ...], dtype: str) -> None:
    case = Case("", sizes, 33, dtype)
    (step, data, parameters), (eager, _, expected) = ours.training(case), ours.training(case)
    fast = ag.compile(step, *data, backend="numba")
    assert is_one_loop(fast)
    loss = fast.repeat(3, *data)
    assert loss.dtype == np.dtype(dtype)
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(loss.item(), [eager(*data).item() for _ in range(3)][-1], tolerance)
    for p, q in zip(parameters(), expected(), strict=True):
        np.testing.assert_allclose(p, q, tolerance, tolerance)


def test_long_loops_can_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    (model, _, step), (twin, _, eager) = training(), training()
    monkeypatch.setattr("autograd_nn.program.looped.WORK", 1)
    fast = ag.compile(step, X, Y, backend="numba")
    runner: Any = fast.entry((X, Y)).runner
    assert runner.most == 1
    fast.repeat(5, X, Y)
    for _ in range(5):
        eager(X, Y)
    agree(model, twin)


def test_the_same_step_of_another_model_is_compiled_once() -> None:
    before = native.compiled.cache_info().misses
    for _ in range(2):
        _, _, step = training(0.25, (3, 5, 2))
        ag.compile(step, np.ones((6, 3)), np.ones((6, 2)), backend="numba")
    assert native.compiled.cache_info().misses == before + 1


# ---- exactness -----------------------------------------------------------------------------------


def test_only_what_rounds_as_numpy_does_is_said_to_be_exact() -> None:
    def exact(x: Any) -> Any:
        return np.where(x > 0.5, x * x - x / 3, np.maximum(-x, np.sqrt(abs(x))))

    x = np.linspace(-3, 3, 101)
    fast = ag.compile(exact, x, backend="numba")
    assert fast.program.exact
    assert np.array_equal(fast(x), exact(x))
    for rounded in (np.exp, np.sum, lambda x: x.reshape(1, -1) @ x.reshape(-1, 1)):
        assert not ag.compile(rounded, x, backend="numba").program.exact


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), (0, 2), (1, 2), -1])
@pytest.mark.parametrize("function", [np.sum, np.max, np.min, np.mean])
def test_reductions_along_any_axes(function: Any, axis: Any) -> None:
    x = np.random.default_rng(0).standard_normal((3, 4, 5))
    for given in (x, x.transpose(2, 0, 1)):
        for keepdims in (False, True):
            fast = ag.compile(
                lambda x, k=keepdims: function(2 * x, axis=axis, keepdims=k), given, backend="numba"
            )
            expected = function(2 * given, axis=axis, keepdims=keepdims)
            np.testing.assert_allclose(fast(given), expected, 1e-13)


def test_nan_and_infinity_go_through() -> None:
    def function(x: Any) -> Any:
        top = np.max(x, axis=1)
        return top, np.min(x, axis=1), np.maximum(x, 0.0), ag.softmax(x), ag.log_softmax(x)

    x = np.array([[1.0, np.nan, 2.0], [np.inf, 0.0, 1.0], [-np.inf, 0.0, -0.0], [-np.inf] * 3])
    with np.errstate(all="ignore"):
        fast = ag.compile(function, x, backend="numba")
        for found, expected in zip(fast(x), function(x), strict=True):
            np.testing.assert_allclose(found, expected, 1e-13)


# ---- what cannot be compiled ---------------------------------------------------------------------


def test_what_cannot_be_compiled_is_called_between_kernels() -> None:
    def function(x: Any) -> Any:
        y = np.sort(np.exp(x) * 2, axis=0)
        return np.sum(np.real(np.fft.fft(y)) + y * y)

    x = np.random.default_rng(0).standard_normal((4, 3))
    fast = ag.compile(ag.value_and_grad(function), x, backend="numba")
    names = [i.name for i in fused(fast.program).instructions]
    assert names.count("kernel") > 1
    assert {"sort", "fft"} <= set(names)
    for found, expected in zip(fast(x), ag.value_and_grad(function)(x), strict=True):
        np.testing.assert_allclose(found, expected, 1e-12)


def test_a_kernel_is_also_a_function_of_arrays() -> None:
    _, _, step = training()
    (instruction,) = fused(ag.compile(step, X, Y).program).instructions
    assert isinstance(instruction.function, Kernel)
    arrays = [np.ones(v.shape) for v in instruction.operands]
    results = instruction.function(*arrays)
    assert [r.shape for r in results] == [v.shape for v in instruction.outs]


def test_where_a_matrix_is_no_matrix_of_blas_numpy_computes() -> None:
    def function(x: Any) -> Any:
        return (x + 1.0)[::2, ::2] @ (x * 2.0)[::-2, ::-2]

    x = np.random.default_rng(0).standard_normal((20, 20))
    fast = ag.compile(function, x, backend="numba")
    np.testing.assert_allclose(fast(x), function(x), 1e-12)


def test_of_a_long_program_numpy_computes() -> None:
    def function(x: Any) -> Any:
        for k in range(130):
            x = x * 0.5 + k
        return x

    x = np.linspace(-1, 1, 5)
    fast = ag.compile(function, x, backend="numba")
    runner = fast.entry((x,)).runner
    assert isinstance(runner, Flat)
    assert not isinstance(runner, Looped)
    assert np.array_equal(fast(x), function(x))


def test_an_error_in_the_middle_changes_nothing() -> None:
    w = Tensor(np.ones((2, 2)), requires_grad=True)

    def step(x: Any) -> None:
        with ag.no_grad():
            w[...] = w * 2 + np.linalg.inv(x)

    fast = ag.compile(step, np.eye(2), backend="numba")
    with pytest.raises(np.linalg.LinAlgError):
        fast(np.zeros((2, 2)))
    assert w.tolist() == [[1, 1], [1, 1]]


# ---- what is given -------------------------------------------------------------------------------


def test_arguments_of_any_layout() -> None:
    (model, _, step), (twin, _, eager) = training(), training()
    fast = ag.compile(step, X, Y, backend="numba")
    fixed = X.copy()
    fixed.flags.writeable = False
    wide = np.repeat(X, 2, axis=1)
    unaligned = np.frombuffer(b"." + X.tobytes(), np.uint8)[1:].view(np.float64).reshape(X.shape)
    for x in (fixed, np.asfortranarray(X), wide[:, ::2], X[::-1][::-1], unaligned):
        for _ in range(2):
            fast(x, Y)
            eager(X, Y)
    agree(model, twin)


@pytest.mark.parametrize("what", ["data", "grad"])
def test_what_the_step_writes_to_may_be_given(what: str) -> None:
    def make() -> tuple[Tensor, Any]:
        w = Tensor([1.0, 2.0, 3.0], requires_grad=True)
        optimizer = optim.SGD([w], lr=0.1)

        def step(x: Any) -> Any:
            optimizer.zero_grad()
            loss = np.sum(w * w * x)
            loss.backward()
            optimizer.step()
            return loss, x * 3.0

        return w, step

    (w, step), (v, eager) = make(), make()
    fast = ag.compile(step, np.ones(3), backend="numba")
    for _ in range(3):
        fast(np.ones(3))
        eager(np.ones(3))
        x = w.data if what == "data" else w.grad.data  # type: ignore[union-attr]
        y = x.copy()
        found, expected = fast(x), eager(y)
        np.testing.assert_allclose(found[0].item(), expected[0].item(), 1e-12)
        np.testing.assert_allclose(found[1], 3 * y, 1e-12)
        np.testing.assert_allclose(w.numpy(), v.numpy(), 1e-12)


def test_numbers_without_axes() -> None:
    def function(x: Any, y: Any) -> Any:
        return np.exp(x) * y

    fast = ag.compile(function, np.float64(1.0), np.ones(2), backend="numba")
    for x in (np.float64(2.0), np.array(2.0)):
        np.testing.assert_allclose(fast(x, np.ones(2)), function(x, np.ones(2)), 1e-13)
    scalar = ag.compile(np.exp, np.float64(1.0), backend="numba")
    first, second = scalar(np.float64(1.0)), scalar(np.float64(2.0))
    np.testing.assert_allclose([first, second], np.exp([1.0, 2.0]), 1e-15)


def test_errstate_raises_where_numpy_would_and_is_silent_else() -> None:
    w = Tensor(np.ones(3), requires_grad=True)

    def step(x: Any) -> None:
        with ag.no_grad():
            w[...] = w / x

    fast = ag.compile(step, np.ones(3), backend="numba")
    for _ in range(2):
        fast(np.ones(3))
        with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
            fast(np.zeros(3))
    assert w.tolist() == [1, 1, 1]
    fast(np.zeros(3))
    assert w.tolist() == [np.inf] * 3


@pytest.mark.parametrize("missing", ["numba", "scipy"])
def test_without_the_extra_there_is_one_clear_error(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "autograd_nn.program.backends.find_spec",
        lambda name: None if name == missing else find(name),
    )
    _, _, step = training()
    with pytest.raises(
        MissingExtraError, match=r"backend='numba'.*pip install 'autograd_nn\[fast\]'"
    ):
        ag.compile(step, X, Y, backend="numba")
    assert nn.SigmoidNetwork([2, 1], rng=0) is not None
