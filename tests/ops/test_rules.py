"""Judge every rule of the table of derivatives, on every sample call of its function."""

from collections.abc import Callable
from inspect import getfullargspec
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import BroadcastableShapes, mutually_broadcastable_shapes
from numpy.typing import NDArray

from autograd_nn import Tensor, jvp, vjp
from autograd_nn.fitting import Several
from autograd_nn.graph import between, history, pullback, pushforward
from autograd_nn.table import TABLE
from oracles import Function, complex_step, error, gradient, richardson
from samples import Sample, direction
from table import SAMPLES

every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)
ELEMENTWISE = {s.function: s for s in SAMPLES if not s.independent}
UNARY = [function for function, s in ELEMENTWISE.items() if len(s.args) == 1]
BINARY = [function for function, s in ELEMENTWISE.items() if len(s.args) == 2 and s.analytic]


def name_of(function: Any) -> str:
    return str(function.__name__)


def leaf(x: Any) -> Any:
    """Make a Tensor that holds this very array, strides, flags and all."""
    tensor = Tensor(x, requires_grad=True)
    tensor.value = x
    return tensor


def reverse(function: Function, xs: list[Any], u: Any) -> tuple[Tensor, list[Any]]:
    """Return the output and what the rules make of `u`, before anybody tidies it."""
    leaves = [leaf(x) for x in xs]
    out = function(*leaves)
    found = pullback(history(out.node), {out.node: u}, keep=True)
    return out, [found[x.node] for x in leaves]


# ---- the table ---------------------------------------------------------------------------------


def test_every_entry_of_the_table_has_a_sample() -> None:
    assert {s.entry for s in SAMPLES} == set(TABLE)


@every_sample
def test_forward_is_numpy_bit_for_bit(sample: Sample) -> None:
    function, formula, xs = sample.pose()
    out, expected = function(*map(leaf, xs)), np.asarray(function(*xs))
    assert isinstance(out, Tensor)
    assert out.node is not None
    assert (out.shape, out.dtype) == (expected.shape, expected.dtype)
    assert error(out.value, formula(*xs)) <= 1e-14
    if sample.exact:
        assert np.array_equal(out.value, expected)
        assert np.array_equal(np.signbit(out.value), np.signbit(expected))


# ---- first derivatives -------------------------------------------------------------------------


@every_sample
def test_reverse_mode_is_the_derivative(sample: Sample) -> None:
    function, formula, xs = sample.pose()
    out, pull = vjp(function, *xs)
    (u,) = direction(np.asarray(out), seed=2)
    for found, expected in zip(pull(u), gradient(sample.judge, formula, xs, u), strict=True):
        assert error(found, expected) <= sample.tolerance


@every_sample
def test_forward_mode_is_the_derivative(sample: Sample) -> None:
    function, formula, xs = sample.pose()
    vs = direction(*xs)
    _, found = jvp(function, tuple(xs), tuple(vs))
    assert error(found, sample.judge(formula, xs, vs)) <= sample.tolerance


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.independent], ids=str)
def test_forward_and_reverse_mode_are_transposes(sample: Sample) -> None:
    function, _, xs = sample.pose()
    vs = direction(*xs)
    out, along = jvp(function, tuple(xs), tuple(vs))
    (u,) = direction(np.asarray(out), seed=2)
    back = vjp(function, *xs)[1](u)
    terms = [np.sum(g * v) for g, v in zip(back, vs, strict=True)]
    scale = sum(float(np.sum(np.abs(g * v))) for g, v in zip(back, vs, strict=True))
    assert abs(np.sum(u * along) - sum(terms)) <= 1e-13 * (scale or 1)


# ---- second derivatives ------------------------------------------------------------------------


@every_sample
def test_second_derivatives_by_reverse_over_reverse_and_forward_over_reverse(
    sample: Sample,
) -> None:
    function, _, xs = sample.pose()
    vs = direction(*xs)
    (u,) = direction(np.asarray(function(*xs)), seed=2)

    def first(*xs: Any) -> Any:
        return vjp(function, *xs)[1](u)

    def along(*xs: Any) -> Any:
        return sum(np.sum(g * v) for g, v in zip(first(*xs), vs, strict=True))

    def flat(*xs: Any) -> NDArray[Any]:
        return np.concatenate([np.ravel(g) for g in first(*xs)])

    expected = richardson(flat, xs, vs)
    by_reverse = vjp(along, *xs)[1](1.0)
    by_forward = jvp(first, tuple(xs), tuple(vs))[1]
    for found in (by_reverse, by_forward):
        assert error(np.concatenate([np.ravel(g) for g in found]), expected) <= 1e-8


# ---- dtypes, layouts, and what is not read -----------------------------------------------------


@every_sample
def test_float32_stays_float32_and_is_accurate(sample: Sample) -> None:
    function, _, xs = sample.pose(np.float32)
    (u,) = direction(np.asarray(function(*xs)), seed=2)
    out, back = reverse(function, xs, u)
    numpys = np.float32 if sample.formula else np.asarray(function(*xs)).dtype
    assert out.dtype == sample.params.get("dtype", numpys)  # some of NumPy's compute in double
    exact_xs = [x.astype(np.float64) for x in xs]
    expected = vjp(function, *exact_xs)[1](u)
    for found, exact, x in zip(back, expected, xs, strict=True):
        assert (found.shape, found.dtype) == (x.shape, np.float32)
        assert error(found, exact) <= 1e-5

    leaves, vs = [leaf(x) for x in xs], direction(*xs)
    nodes = [x.node for x in leaves]
    root = function(*leaves).node
    found = pushforward(between(nodes, root), dict(zip(nodes, vs, strict=True)))[root]
    assert (found.shape, found.dtype) == (out.shape, out.dtype)
    exact_vs = [v.astype(np.float64) for v in vs]
    assert error(found, jvp(function, tuple(exact_xs), tuple(exact_vs))[1]) <= 1e-5


def transposed(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(x.T.copy().T)


def backwards(x: NDArray[Any]) -> NDArray[Any]:
    return np.flip(np.flip(x).copy())


def every_other(x: NDArray[Any]) -> NDArray[Any]:
    return np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x


def read_only(x: NDArray[Any]) -> NDArray[Any]:
    x = x.copy()
    x.flags.writeable = False
    return x


@pytest.mark.parametrize("layout", [transposed, backwards, every_other, read_only], ids=name_of)
@every_sample
def test_any_layout_in_memory_gives_the_same(sample: Sample, layout: Callable[..., Any]) -> None:
    function, _, xs = sample.pose()
    (u,) = direction(np.asarray(function(*xs)), seed=2)
    expected, expected_back = reverse(function, xs, u)
    out, back = reverse(function, [layout(x) for x in xs], layout(u))
    assert error(out.value, expected.value) <= 1e-14
    for found, exact in zip(back, expected_back, strict=True):
        assert error(found, exact) <= 1e-14


class Poison:
    """What cannot be touched."""

    def __getattribute__(self, name: str) -> Any:
        message = f"a rule read .{name} of an argument that it claims not to read"
        raise AssertionError(message)


def claims_not_to_read(rule: Function, n_data: int) -> set[int]:
    """Find the places, 0 for the output, whose names in the rule begin with an underscore."""
    spec = getfullargspec(rule)
    names = spec.args[1 : n_data + 2]
    names += [spec.varargs or ""] * (n_data + 1 - len(names))
    return {i for i, name in enumerate(names) if name.startswith("_")}


def cotangent_of(value: Any, seed: int) -> Any:
    """Draw what a sweep may carry for a value, which may be several."""
    if isinstance(value, Several):
        return Several(direction(*value, seed=seed))
    return direction(np.asarray(value), seed=seed)[0]


def assert_same(found: Any, expected: Any) -> None:
    several = isinstance(expected, Several)
    for a, b in zip(found, expected, strict=True) if several else [(found, expected)]:
        assert (a is None and b is None) or np.array_equal(a, b)


@every_sample
def test_rules_do_not_read_what_they_claim_not_to_read(sample: Sample) -> None:
    function, _, xs = sample.pose()
    for node in history(function(*map(leaf, xs)).node).operations:
        saved = node.recall(None)
        unread = {i for i in range(1, len(saved)) if i - 1 not in node.primitive.reads}
        u = cotangent_of(saved[0], seed=2)
        for k, parent in enumerate(node.parents):
            if parent is None:
                continue
            v = cotangent_of(saved[k + 1], seed=1)
            for rule, seed in ((node.primitive.vjps[k], u), (node.primitive.jvps[k], v)):
                poisoned = unread | claims_not_to_read(rule, len(saved) - 1)
                masked = [Poison() if i in poisoned else x for i, x in enumerate(saved)]
                expected = rule(seed, *saved, **node.params)
                assert_same(rule(seed, *masked, **node.params), expected)


# ---- broadcasting, numbers, emptiness -----------------------------------------------------------


@pytest.mark.parametrize("function", [*BINARY, np.where], ids=name_of)
@given(
    shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40)
def test_gradients_of_broadcast_arguments_have_their_shapes_and_values(
    function: Any, shapes: BroadcastableShapes, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    xs = [np.asarray(rng.uniform(0.5, 2, shape)) for shape in shapes.input_shapes]
    u = rng.normal(size=shapes.result_shape)
    if function is np.where:
        mask = rng.uniform(size=shapes.result_shape) > 0.5
        call = lambda *xs: np.where(mask, *xs)  # noqa: E731
    else:
        call = function
    out, back = reverse(call, xs, u)
    assert out.shape == shapes.result_shape
    for found, expected in zip(back, gradient(complex_step, call, xs, u), strict=True):
        assert error(found, expected) <= 1e-12
    vs = direction(*xs)
    assert error(jvp(call, tuple(xs), tuple(vs))[1], complex_step(call, xs, vs)) <= 1e-12


@pytest.mark.parametrize("number", [0.7, np.float64(0.7), np.array(0.7)], ids=repr)
@pytest.mark.parametrize("function", UNARY, ids=name_of)
def test_a_number_has_a_number_for_its_gradient(function: Any, number: Any) -> None:
    number = number + 1 if function is np.arccosh else number  # into the domain
    x = Tensor(number, requires_grad=True)
    function(x).backward()
    assert x.grad is not None
    assert x.grad.shape == ()
    (found,) = vjp(function, number)[1](1.0)
    assert found == x.grad.value
    formula = ELEMENTWISE[function].formula or function
    expected = richardson(formula, [np.asarray(number)], [np.array(1.0)])
    assert error(found, expected) <= 1e-8


@pytest.mark.parametrize("function", BINARY, ids=name_of)
def test_a_tensor_meets_python_numbers_on_either_side(function: Any) -> None:
    for shape in [(), (3,)]:
        x = np.full(shape, 0.7)
        for call in (lambda t: function(t, 1.3), lambda t: function(1.3, t)):
            out, (found,) = reverse(call, [x], np.ones(shape))
            assert out.shape == shape
            assert error(found, complex_step(call, [x], [np.ones(shape)])) <= 1e-12
