"""Check both oracles against closed forms, and their sentences about bad input."""

import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from autograd_nn.compare import oracles
from autograd_nn.compare.oracles import complex_step, finite_difference

Oracle = Callable[..., Any]
BOTH = pytest.mark.parametrize("oracle", [finite_difference, complex_step])


def sigmoid(z: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(1 / (1 + np.exp(-z)))


class Network:
    """A 3-4-2 sigmoid network with half the summed squared error and its gradient by hand."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.inputs, self.targets = rng.normal(size=(5, 3)), rng.uniform(size=(5, 2))
        self.parameters: dict[str, Any] = {
            "hidden": {"weights": rng.normal(size=(3, 4)), "bias": rng.normal(size=4)},
            "output": [rng.normal(size=(4, 2)), rng.normal(size=2)],
        }

    def forward(self, parameters: dict[str, Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        hidden = sigmoid(
            self.inputs @ parameters["hidden"]["weights"] + parameters["hidden"]["bias"]
        )
        return hidden, sigmoid(hidden @ parameters["output"][0] + parameters["output"][1])

    def loss(self, parameters: dict[str, Any]) -> Any:
        return np.sum((self.forward(parameters)[1] - self.targets) ** 2) / 2

    def gradient(self) -> dict[str, Any]:
        hidden, output = self.forward(self.parameters)
        output_delta = (output - self.targets) * output * (1 - output)
        hidden_delta = output_delta @ self.parameters["output"][0].T * hidden * (1 - hidden)
        return {
            "hidden": {"weights": self.inputs.T @ hidden_delta, "bias": hidden_delta.sum(axis=0)},
            "output": [hidden.T @ output_delta, output_delta.sum(axis=0)],
        }


def flat(gradient: dict[str, Any]) -> NDArray[np.float64]:
    return np.concatenate(
        [
            gradient["hidden"]["weights"].ravel(),
            gradient["hidden"]["bias"],
            gradient["output"][0].ravel(),
            gradient["output"][1],
        ]
    )


def relative_error(estimate: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(estimate - truth)) / np.max(np.abs(truth)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("estimate", "bound"),
    [
        (lambda net: finite_difference(net.loss, net.parameters, method="central"), 1e-9),
        (lambda net: finite_difference(net.loss, net.parameters), 1e-11),
        (lambda net: complex_step(net.loss, net.parameters), 4e-15),
    ],
    ids=["central 1e-9", "richardson 1e-11", "complex 4e-15"],
)
def test_the_gradient_of_a_sigmoid_network_is_accurate_to(
    estimate: Callable[[Network], dict[str, Any]], bound: float, seed: int
) -> None:
    network = Network(seed)
    assert relative_error(flat(estimate(network)), flat(network.gradient())) <= bound


def test_complex_step_is_exact_to_1e_15_on_closed_forms() -> None:
    x = np.random.default_rng(0).uniform(0.5, 2.0, size=50)
    for function, derivative in [
        (lambda x: np.sum(np.exp(x)), np.exp(x)),
        (lambda x: np.sum(np.sin(x) * x), np.cos(x) * x + np.sin(x)),
        (lambda x: np.sum(1 / x), -1 / x**2),
    ]:
        np.testing.assert_allclose(complex_step(function, x), derivative, rtol=1e-15)


def test_complex_step_does_not_depend_on_the_size_of_a_tiny_step() -> None:
    x = np.random.default_rng(1).normal(size=7)
    gradients = [complex_step(lambda x: np.sum(np.exp(x)), x, step=h) for h in (1e-12, 1e-100)]
    np.testing.assert_allclose(gradients[0], gradients[1], rtol=1e-15)


def test_richardson_is_exact_on_a_polynomial_of_degree_six_at_a_large_step() -> None:
    # Three levels remove the terms in h^2 and h^4; an error of order h^6 needs degree seven.
    x = np.array([0.3, -1.7])
    gradient = finite_difference(lambda x: np.sum(x**6), x, step=0.5)
    np.testing.assert_allclose(gradient, 6 * x**5, rtol=1e-12)


def test_central_differences_have_the_error_of_their_order() -> None:
    x = np.array([1.0])
    errors = [
        finite_difference(lambda x: np.sum(x**3), x, method="central", step=h)[0] - 3.0
        for h in (0.25, 0.125)
    ]
    np.testing.assert_allclose(errors, [0.25**2, 0.125**2], rtol=1e-12)


def test_the_step_grows_with_large_entries() -> None:
    x = np.array([1e8])
    gradient = finite_difference(lambda x: np.sum(np.log(x)), x)
    np.testing.assert_allclose(gradient, [1e-8], rtol=1e-9)


def test_the_slope_of_a_line_is_exact_because_the_step_is_representable() -> None:
    for x in np.random.default_rng(3).uniform(0.3, 0.4, size=20):
        slope = finite_difference(float, x, method="central", step=1e-3)
        assert slope == 1.0


def test_the_default_step_follows_the_precision_of_the_result() -> None:
    x = np.random.default_rng(2).normal(size=5)
    gradient = finite_difference(lambda x: np.sum(np.sin(x), dtype=np.float32), x)
    assert relative_error(gradient, np.cos(x)) < 1e-5


class Layer(NamedTuple):
    weights: Any
    bias: Any


@BOTH
def test_the_gradient_has_the_structure_and_shapes_of_the_parameters(
    oracle: Oracle,
) -> None:
    parameters = {
        "layers": [
            Layer(np.ones((2, 3), np.float32), 2.0),
            (np.arange(3, dtype=np.longdouble), np.zeros((0, 2))),
        ]
    }

    def function(p: dict[str, Any]) -> Any:
        first, (second, empty) = p["layers"]
        return np.sum(first.weights**2) + 3 * first.bias + np.sum(second**2) + np.sum(empty)

    gradient = oracle(function, parameters)
    first, second = gradient["layers"]
    assert (type(gradient), type(gradient["layers"])) == (dict, list)
    assert (type(first), type(second)) == (Layer, tuple)
    np.testing.assert_allclose(first.weights, np.full((2, 3), 2.0), rtol=1e-11)
    np.testing.assert_allclose(first.bias, 3.0, rtol=1e-11)
    np.testing.assert_allclose(second[0], [0.0, 2.0, 4.0], rtol=1e-11, atol=1e-11)
    assert (first.bias.shape, second[1].shape) == ((), (0, 2))
    assert {leaf.dtype for leaf in (*first, *second)} == {np.dtype(np.float64)}


@BOTH
def test_a_single_array_gives_a_single_array(oracle: Oracle) -> None:
    gradient = oracle(lambda x: np.sum(x**2), np.array([[1.0, -3.0]]))
    np.testing.assert_allclose(gradient, [[2.0, -6.0]], rtol=1e-11)


@BOTH
def test_parameters_are_unchanged_after_a_function_that_raises(oracle: Oracle) -> None:
    parameters = {"w": np.array([1.0, 2.0])}
    calls = []

    def function(p: dict[str, Any]) -> Any:
        calls.append(p)
        if len(calls) == 2:
            raise ArithmeticError
        return np.sum(p["w"])

    with pytest.raises(ArithmeticError):
        oracle(function, parameters)
    np.testing.assert_array_equal(parameters["w"], [1.0, 2.0])


@BOTH
def test_a_function_that_overwrites_its_parameters_harms_nothing(oracle: Oracle) -> None:
    parameters = {"w": np.array([1.0, 2.0])}

    def function(p: dict[str, Any]) -> Any:
        p["w"] *= 3
        return np.sum(p["w"] ** 2)

    np.testing.assert_allclose(oracle(function, parameters)["w"], [18.0, 36.0], rtol=1e-11)
    np.testing.assert_array_equal(parameters["w"], [1.0, 2.0])


def test_nan_beside_the_point_reaches_the_gradient_of_that_entry_only() -> None:
    def function(x: NDArray[np.float64]) -> float:
        return float("nan") if x[1] > 1 else float(np.sum(x))

    gradient = finite_difference(function, np.ones(3))
    assert np.isnan(gradient).tolist() == [False, True, False]


@BOTH
def test_no_entries_give_no_gradient(oracle: Oracle) -> None:
    assert oracle(lambda _: 1.0, {}) == {}


def test_the_module_loads_nothing_of_the_engine() -> None:
    code = f"""
        import importlib.util, sys
        spec = importlib.util.spec_from_file_location("alone", {oracles.__file__!r})
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        print([name for name in sys.modules if name.startswith("autograd_nn")])
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


ONES = np.ones(2)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (
            lambda: finite_difference(np.sum, ONES, method="forward"),
            ValueError,
            "finite_difference: method must be 'central' or 'richardson', not 'forward'.",
        ),
        (
            lambda: finite_difference(np.sum, ONES, step=0.0),
            ValueError,
            "finite_difference: step must be a finite number of at least 4.4e-16, not 0.0.",
        ),
        (
            lambda: complex_step(np.sum, ONES, step=float("inf")),
            ValueError,
            "complex_step: step must be a finite number of at least 2.2e-308, not inf.",
        ),
        (
            lambda: finite_difference(ONES, np.sum),  # type: ignore[arg-type]
            TypeError,
            (
                "finite_difference: function must be callable, not ndarray; pass the function "
                "first and its parameters second."
            ),
        ),
        (
            lambda: complex_step(np.sum, {"a": [ONES, ONES * 1j]}),
            TypeError,
            (
                "complex_step: parameter 'a.1' must hold real numbers, not complex128; pass NumPy "
                "arrays or nested dicts, lists and tuples of them."
            ),
        ),
        (
            lambda: finite_difference(np.sum, None),
            TypeError,
            (
                "finite_difference: parameters must hold real numbers, not object; pass NumPy "
                "arrays or nested dicts, lists and tuples of them."
            ),
        ),
        (
            lambda: finite_difference(lambda x: x, ONES),
            ValueError,
            (
                "finite_difference: function must return a scalar, not an array of shape (2,); "
                "reduce it, for example with np.sum."
            ),
        ),
        (
            lambda: complex_step(lambda x: x.reshape(1, 2), ONES),
            ValueError,
            (
                "complex_step: function must return a scalar, not an array of shape (1, 2); reduce "
                "it, for example with np.sum."
            ),
        ),
        (
            lambda: finite_difference(lambda x: 1j * np.sum(x), ONES),
            TypeError,
            (
                "finite_difference: function must return a real number, not complex (complex128); "
                "return a float."
            ),
        ),
        (
            lambda: finite_difference(lambda _: float("inf"), ONES),
            ValueError,
            "finite_difference: function is inf at parameters; choose a point where it is finite.",
        ),
        (
            lambda: complex_step(
                lambda p: np.sum(p["a"]) * (np.nan if p["b"][0, 1].imag else 1),
                {"a": ONES, "b": np.ones((1, 2))},
            ),
            ValueError,
            (
                "complex_step: function is (nan+nanj) after a step in parameter 'b', entry (0, 1); "
                "choose a point where it is finite."
            ),
        ),
        (
            lambda: complex_step(lambda x: np.sum(np.abs(x)), ONES),
            TypeError,
            (
                "complex_step: function returned a real value (float64), so it is not analytic "
                "(abs, .real, a comparison) or ignores parameters; rewrite it or use "
                "finite_difference."
            ),
        ),
        (
            lambda: complex_step(lambda x: np.sum(x.astype(np.float64)) + 0j, ONES),
            TypeError,
            (
                "complex_step: function casts a complex value to real, which throws the derivative "
                "away; remove the cast or use finite_difference."
            ),
        ),
    ],
)
def test_bad_input_gets_one_clear_sentence(
    call: Callable[[], object], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == sentence
