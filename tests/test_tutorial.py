"""The hand-derived network does what the tutorial prints, and mended it is the gradient."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autograd_nn import tutorial
from autograd_nn.tutorial import (
    Array,
    Layer,
    activation_derivative,
    backward_propagation,
    forward_propagation,
    half_sse,
    initialize_network,
    mended_backward_propagation,
    mended_gradients,
    predict,
    printed_gradients,
    sigmoid,
    sigmoid_derivative,
    train_network,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RULES = [
    pytest.param(backward_propagation, printed_gradients, sigmoid_derivative, id="printed"),
    pytest.param(mended_backward_propagation, mended_gradients, activation_derivative, id="mended"),
]


class Transcription:
    """The printed formulas on bare arrays, written apart from the module under test."""

    @staticmethod
    def s(x: Array) -> Array:
        return 1 / (1 + np.exp(-x))

    @classmethod
    def forward(cls, x: Array, w: list[Array]) -> tuple[Array, Array]:
        h = cls.s(np.dot(x, w[0]) + w[1])
        return h, cls.s(np.dot(h, w[2]) + w[3])

    @classmethod
    def backward(cls, x: Array, w: list[Array], h: Array, y: Array, t: Array, lr: float) -> None:
        d2 = (t - y) * (cls.s(y) * (1 - cls.s(y)))
        d1 = np.dot(d2, w[2].T) * (cls.s(h) * (1 - cls.s(h)))
        w[2] += lr * np.dot(h.T, d2)
        w[3] += lr * np.sum(d2, axis=0)
        w[0] += lr * np.dot(x.T, d1)
        w[1] += lr * np.sum(d1, axis=0)


def parameters(layers: tuple[Layer, Layer]) -> list[Array]:
    """Return the arrays themselves: hidden weights, hidden bias, output weights, output bias."""
    return [layer[name] for layer in layers for name in ("weights", "bias")]


def copies(layers: tuple[Layer, Layer]) -> tuple[Layer, Layer]:
    hidden, output = ({name: p.copy() for name, p in layer.items()} for layer in layers)
    return hidden, output


def problems(seed: int, count: int = 25) -> Iterator[tuple[Array, Array, tuple[Layer, Layer]]]:
    """Draw inputs, targets and networks of random sizes and scales."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        n_samples, n_features, n_hidden, n_outputs = rng.integers(1, 9, size=4).tolist()
        layers = initialize_network(n_features, n_hidden, n_outputs, rng=rng)
        for p in parameters(layers):
            p[...] *= rng.choice([0.1, 1.0, 3.0])
        yield rng.normal(size=(n_samples, n_features)), rng.random((n_samples, n_outputs)), layers


def loss(x: Array, t: Array, layers: tuple[Layer, Layer]) -> np.float64:
    return half_sse(t, predict(x, *layers))


def slopes(
    x: Array,
    t: Array,
    layers: tuple[Layer, Layer],
    measure: Callable[[Array, tuple[int, ...], Callable[[], np.float64]], float],
) -> list[Array]:
    """Apply `measure` to every single number of every parameter."""
    result = []
    for p in parameters(layers):
        slope = np.empty(p.shape)
        for index in np.ndindex(p.shape):
            slope[index] = measure(p, index, lambda: loss(x, t, layers))
        result.append(slope)
    return result


def central_difference(p: Array, index: tuple[int, ...], f: Callable[[], np.float64]) -> float:
    value, step = p[index], 1e-5
    p[index] = value + step
    above = f()
    p[index] = value - step
    below = f()
    p[index] = value
    return float((above - below) / (2 * step))


def complex_step(p: Array, index: tuple[int, ...], f: Callable[[], np.float64]) -> float:
    value, step = p[index], 1e-30
    p[index] = value + 1j * step
    slope = f().imag / step
    p[index] = value
    return float(slope)


def relative_errors(found: list[Array], expected: list[Array]) -> list[float]:
    return [
        float(np.linalg.norm(f - e) / np.linalg.norm(e))
        for f, e in zip(found, expected, strict=True)
    ]


def test_forward_equals_the_transcription_bit_for_bit() -> None:
    for x, _, layers in problems(1):
        h, y = forward_propagation(x, *layers)
        h_expected, y_expected = Transcription.forward(x, parameters(layers))
        np.testing.assert_array_equal(h, h_expected)
        np.testing.assert_array_equal(y, y_expected)
        np.testing.assert_array_equal(predict(x, *layers), y_expected)


def test_printed_update_equals_the_transcription_bit_for_bit() -> None:
    for x, t, layers in problems(2):
        expected = [p.copy() for p in parameters(layers)]
        h, y = forward_propagation(x, *layers)
        Transcription.backward(x, expected, h, y, t, 0.37)
        backward_propagation(x, *layers, h, y, t, 0.37)
        for p, e in zip(parameters(layers), expected, strict=True):
            np.testing.assert_array_equal(p, e)


def test_training_after_np_random_seed_equals_the_transcription_bit_for_bit() -> None:
    rng = np.random.default_rng(3)
    x, t = rng.normal(size=(7, 3)), rng.random((7, 2))
    np.random.seed(11)  # noqa: NPY002
    expected = [np.random.randn(*shape) for shape in ((3, 5), (5,), (5, 2), (2,))]  # noqa: NPY002
    for _ in range(200):
        Transcription.backward(x, expected, *Transcription.forward(x, expected), t, 0.5)
    np.random.seed(11)  # noqa: NPY002
    layers = train_network(x, t, 3, 5, 2, 0.5, 200)
    for p, e in zip(parameters(layers), expected, strict=True):
        np.testing.assert_array_equal(p, e)


def test_signatures_begin_as_the_tutorial_prints_them() -> None:
    printed = {
        "sigmoid": "x",
        "sigmoid_derivative": "x",
        "initialize_network": "input_nodes hidden_nodes output_nodes",
        "forward_propagation": "input_data hidden_layer output_layer",
        "backward_propagation": "input_data hidden_layer output_layer hidden_layer_output "
        "output_layer_output actual_output learning_rate",
        "train_network": "input_data actual_output input_nodes hidden_nodes output_nodes "
        "learning_rate epochs",
        "predict": "input_data hidden_layer output_layer",
    }
    for name, names in printed.items():
        parameters_found = inspect.signature(getattr(tutorial, name)).parameters.values()
        positional = [p.name for p in parameters_found if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert positional == names.split(), name


def test_a_seed_and_its_generator_draw_the_same_network_in_the_stated_order() -> None:
    rng = np.random.default_rng(5)
    expected = [rng.standard_normal(shape) for shape in ((2, 4), (4,), (4, 3), (3,))]
    for source in (5, np.random.default_rng(5)):
        for p, e in zip(parameters(initialize_network(2, 4, 3, rng=source)), expected, strict=True):
            np.testing.assert_array_equal(p, e)


def test_mended_gradients_agree_with_central_differences() -> None:
    for x, t, layers in problems(6):
        found = parameters(mended_gradients(x, *layers, t))
        expected = slopes(x, t, layers, central_difference)
        for f, e in zip(found, expected, strict=True):
            np.testing.assert_allclose(f, e, rtol=1e-6, atol=1e-9)


def test_mended_gradients_agree_with_complex_step_to_rounding() -> None:
    for x, t, layers in problems(7):
        found = parameters(mended_gradients(x, *layers, t))
        complex_layers: Any = tuple(
            {name: p.astype(np.complex128) for name, p in layer.items()} for layer in layers
        )
        expected = slopes(x, t, complex_layers, complex_step)
        assert max(relative_errors(found, expected)) < 1e-13


def test_printed_rule_is_wrong_at_the_output_delta_by_exactly_the_documented_factor() -> None:
    for x, t, layers in problems(8):
        sample, target = x[:1], t[:1]  # of a single sample the output bias's gradient is the delta
        _, a = forward_propagation(sample, *layers)
        _, printed = printed_gradients(sample, *layers, target)
        _, true = mended_gradients(sample, *layers, target)
        factor = sigmoid_derivative(a[0]) / (a[0] * (1 - a[0]))
        np.testing.assert_allclose(printed["bias"] / true["bias"], factor, rtol=2e-15)
        assert np.all(factor != 1)


def test_printed_rule_multiplies_the_hidden_delta_by_its_own_factor_as_well() -> None:
    for x, t, layers in problems(9):
        h, y = forward_propagation(x, *layers)
        delta2 = (y - t) * sigmoid_derivative(y)
        delta1 = delta2 @ layers[1]["weights"].T * sigmoid_derivative(h)
        hidden, _ = printed_gradients(x, *layers, t)
        np.testing.assert_allclose(hidden["weights"], x.T @ delta1, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(hidden["bias"], delta1.sum(axis=0), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("backward", "gradients", "slope"), RULES)
def test_update_is_minus_learning_rate_times_the_gradients_of_the_rule(
    backward: Callable[..., None], gradients: Callable[..., tuple[Layer, Layer]], slope: object
) -> None:
    del slope
    for x, t, layers in problems(10):
        moved = copies(layers)
        backward(x, *moved, *forward_propagation(x, *layers), t, 0.25)
        for p, g, q in zip(
            *map(parameters, (layers, gradients(x, *layers, t), moved)), strict=True
        ):
            np.testing.assert_array_equal(p - 0.25 * g, q)


@pytest.mark.parametrize(("backward", "gradients", "slope"), RULES)
def test_update_reads_the_output_weights_before_it_changes_them(
    backward: Callable[..., None], gradients: object, slope: Callable[[Array], Array]
) -> None:
    del gradients
    for x, t, layers in problems(11):
        h, y = forward_propagation(x, *layers)
        before = copies(layers)
        delta = (t - y) * slope(y)
        expected = before[0]["bias"] + 10 * np.sum(
            np.dot(delta, before[1]["weights"].T) * slope(h), axis=0
        )
        backward(x, *layers, h, y, t, 10)
        np.testing.assert_allclose(layers[0]["bias"], expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("backward", "gradients", "slope"), RULES)
def test_update_writes_into_the_arrays_it_was_given(
    backward: Callable[..., None], gradients: object, slope: object
) -> None:
    del gradients, slope
    for x, t, layers in problems(12, count=3):
        arrays, before = parameters(layers), parameters(copies(layers))
        backward(x, *layers, *forward_propagation(x, *layers), t, 0.5)
        for array, p, old in zip(arrays, parameters(layers), before, strict=True):
            assert p is array
            assert np.all(p != old)


@pytest.mark.parametrize("gradients", [printed_gradients, mended_gradients])
def test_gradients_leave_the_network_alone(gradients: Callable[..., object]) -> None:
    for x, t, layers in problems(13, count=3):
        before = parameters(copies(layers))
        gradients(x, *layers, t)
        for p, old in zip(parameters(layers), before, strict=True):
            np.testing.assert_array_equal(p, old)


def test_train_network_follows_the_rule_it_is_given() -> None:
    rng = np.random.default_rng(14)
    x, t = rng.normal(size=(5, 3)), rng.random((5, 2))
    layers = initialize_network(3, 4, 2, rng=15)
    for _ in range(20):
        gradients = mended_gradients(x, *layers, t)
        for p, g in zip(parameters(layers), parameters(gradients), strict=True):
            p[...] -= 0.3 * g
    trained = train_network(x, t, 3, 4, 2, 0.3, 20, rng=15, backward=mended_backward_propagation)
    for p, q in zip(parameters(trained), parameters(layers), strict=True):
        np.testing.assert_array_equal(p, q)


def test_half_sse_sums_over_samples_and_outputs_without_dividing_by_their_number() -> None:
    rng = np.random.default_rng(16)
    t, y = rng.normal(size=(2, 7, 3))
    by_hand = sum((b - a) ** 2 for a, b in zip(t.ravel().tolist(), y.ravel().tolist(), strict=True))
    np.testing.assert_allclose(half_sse(t, y), by_hand / 2, rtol=1e-14)


def test_activation_derivative_at_a_is_sigmoid_derivative_at_z() -> None:
    z = np.random.default_rng(17).normal(scale=3, size=1000)
    np.testing.assert_allclose(activation_derivative(sigmoid(z)), sigmoid_derivative(z), rtol=1e-15)


def test_sigmoid_overflows_below_minus_709_as_the_tutorial_does() -> None:
    with pytest.warns(RuntimeWarning, match="overflow encountered in exp"):
        assert sigmoid(np.array([-710.0]))[0] == 0
    assert sigmoid(np.array([-709.7]))[0] > 0


def test_module_imports_nothing_but_numpy_when_it_runs() -> None:
    imports = [node for node in ast.parse(inspect.getsource(tutorial)).body if is_import(node)]
    assert {ast.unparse(node) for node in imports} == {
        "from __future__ import annotations",
        "from typing import TYPE_CHECKING",
        "import numpy as np",
        "from numpy.typing import NDArray",
    }


def is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)
