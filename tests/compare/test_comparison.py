"""Check every verdict, the printed forms and the sentences of the gradient comparison."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from autograd_nn.compare.comparison import (
    GradientComparison,
    GradientRow,
    Verdict,
    compare_gradients,
)
from gradients import changed, network_gradient, scaled


def judge(g: Any, t: Any, *, rtol: float = 1e-6) -> GradientRow:
    """Compare one bare gradient with its reference."""
    return compare_gradients({"hand": g}, t, rtol=rtol).row("hand", "gradient")


def verdicts(comparison: GradientComparison) -> dict[str, str]:
    return {row.parameter: row.verdict.value for row in comparison.rows}


GRADIENTS = st.dictionaries(
    st.sampled_from(["weights", "bias", "layers.0"]),
    arrays(
        np.float64,
        array_shapes(max_dims=3, max_side=4),
        elements=st.floats(0.1, 10).flatmap(lambda x: st.sampled_from([x, -x])),
    ),
    min_size=1,
)


@given(GRADIENTS, st.sampled_from([1e-150, 1e-12, 1.0, 1e12, 1e150]))
def test_a_gradient_agrees_with_itself(gradient: dict[str, Any], scale: float) -> None:
    gradient = {name: scale * array for name, array in gradient.items()}
    comparison = compare_gradients({"a": gradient, "b": gradient}, "a")
    assert comparison.agrees
    assert {(row.max_relative_error, row.factor) for row in comparison.rows} == {(0.0, 1.0)}


@settings(max_examples=300)
@given(
    GRADIENTS,
    st.floats(1e-9, 1e9).flatmap(lambda c: st.sampled_from([c, -c])),
    st.sampled_from([1e-150, 1.0, 1e150]),
)
def test_a_multiple_of_a_gradient_is_found_with_its_factor(
    gradient: dict[str, Any], factor: float, scale: float
) -> None:
    if abs(factor - 1) <= 1e-3:
        factor += 1
    truth = {name: scale * array for name, array in gradient.items()}
    multiple = {name: factor * array for name, array in truth.items()}
    for row in compare_gradients({"hand": multiple}, truth).rows:
        assert row.verdict is Verdict.FACTOR
        assert row.factor == pytest.approx(factor, rel=1e-12)
        assert row.cosine == pytest.approx(math.copysign(1, factor), rel=1e-12)
        assert row.norm_ratio == pytest.approx(abs(factor), rel=1e-12)
        assert row.wrong_sign == (factor < 0)


def test_the_measures_follow_their_definitions() -> None:
    row = judge([3.0, 4.0, -1.0, 0.0], [4.0, 3.0, 1.0, 0.0])
    assert row.verdict is Verdict.DIFFERS
    assert row.max_relative_error == 0.5
    assert row.cosine == pytest.approx(23 / 26, rel=1e-15)
    assert row.norm_ratio == pytest.approx(1.0, rel=1e-15)
    assert row.wrong_sign == pytest.approx(1 / 3, rel=1e-15)
    assert row.factor is None


@pytest.mark.parametrize(("relative", "agrees"), [(0.9e-6, True), (1.1e-6, False)])
def test_rtol_is_relative_to_the_largest_entry_of_the_parameter(
    *, relative: float, agrees: bool
) -> None:
    truth = np.array([1.0, 1000.0])
    row = judge(truth + np.array([1000.0 * relative, 0.0]), truth)
    assert (row.verdict is Verdict.AGREES) is agrees


def test_rtol_is_relative_to_the_reference_alone() -> None:
    assert judge([1.0, 1.8], [1.0, 1.0], rtol=0.5).verdict is not Verdict.AGREES
    assert judge([1.0, 1.0], [1.0, 1.8], rtol=0.5).verdict is Verdict.AGREES


def test_a_factor_must_fit_every_entry() -> None:
    # The cosine differs from 1 by 1e-9 only, which a tolerance on the angle alone would accept.
    row = judge([2.0, 4.0, 6.0001], [1.0, 2.0, 3.0])
    assert (row.verdict, row.factor) == (Verdict.DIFFERS, None)


def test_the_largest_floats_are_compared_without_overflow() -> None:
    truth = np.array([1.7e308, -1e308])
    row = judge(-truth, truth)
    assert (row.max_relative_error, row.factor) == (2.0, -1.0)


def test_rounding_noise_in_the_source_has_no_wrong_sign() -> None:
    assert judge([1.0, -1e-17], [1.0, 1e-3]).wrong_sign == 0.0


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e-9, 1.0, 1e9, 1e300])
def test_a_wrong_gradient_is_found_at_any_scale(scale: float) -> None:
    truth = scaled(network_gradient(), scale)
    wrong = changed(truth, lambda weights: weights * np.linspace(0.9, 1.1, 12).reshape(3, 4))
    assert verdicts(compare_gradients({"hand": wrong}, truth)) == {
        "hidden_layer.weights": "differs",
        "hidden_layer.bias": "agrees",
        "output_layer.weights": "agrees",
        "output_layer.bias": "agrees",
    }


def test_a_wrong_parameter_a_billion_times_smaller_than_the_others_is_found() -> None:
    truth = {"large": np.array([1.0, 2.0]), "small": np.array([1e-9, 2e-9])}
    wrong = {"large": truth["large"], "small": np.array([1e-9, 2.1e-9])}
    comparison = compare_gradients({"hand": wrong}, truth)
    assert verdicts(comparison) == {"large": "agrees", "small": "differs"}


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1.0, 1e12, 1e300])
def test_a_right_gradient_agrees_at_any_scale(scale: float) -> None:
    truth = scaled(network_gradient(), scale)
    rounded = scaled(truth, 1 + 1e-14)
    assert compare_gradients({"hand": rounded}, truth).agrees


def test_rounding_noise_in_a_parameter_near_zero_raises_no_alarm() -> None:
    truth = {"weights": np.array([1.0, -3.0]), "bias": np.array([1e-17, -2e-16, 0.0])}
    other = {"weights": np.array([1.0, -3.0]), "bias": np.array([-3e-16, 1e-16, 1e-17])}
    row = compare_gradients({"hand": other}, truth).row("hand", "bias")
    assert (row.verdict, row.wrong_sign) == (Verdict.AGREES, 0.0)


def test_noise_is_never_called_a_factor() -> None:
    truth = {"weights": np.array([1.0, -3.0]), "bias": np.array([1e-17, -2e-17])}
    wrong = {"weights": np.array([1.0, -3.0]), "bias": np.array([0.1, -0.2])}
    row = compare_gradients({"hand": wrong}, truth).row("hand", "bias")
    assert (row.verdict, row.factor) == (Verdict.DIFFERS, None)


def test_float32_rounding_is_allowed_to_float32_sources_only() -> None:
    truth = network_gradient()
    single = {
        layer: {name: array.astype(np.float32) for name, array in arrays.items()}
        for layer, arrays in truth.items()
    }
    doubled = {
        layer: {name: array.astype(np.float64) for name, array in arrays.items()}
        for layer, arrays in single.items()
    }
    assert compare_gradients({"single": single}, truth, rtol=1e-9).agrees
    assert not compare_gradients({"doubled": doubled}, truth, rtol=1e-9).agrees


def test_complex_gradients_use_the_real_inner_product() -> None:
    truth = np.array([1 + 2j, 3 - 1j])
    turned = judge(1j * truth, truth)
    assert turned.verdict is Verdict.DIFFERS
    assert turned.cosine == pytest.approx(0.0, abs=1e-15)
    assert judge(2 * truth, truth).factor == pytest.approx(2.0, rel=1e-15)
    assert judge(np.conj(truth), truth).wrong_sign == 0.5
    assert judge(truth.astype(np.complex64), truth).verdict is Verdict.AGREES


def test_two_zero_gradients_agree() -> None:
    row = judge(np.zeros(3), np.zeros(3))
    assert (row.verdict, row.max_relative_error) == (Verdict.AGREES, 0.0)


def test_two_empty_gradients_agree() -> None:
    assert judge(np.zeros((0, 3)), np.zeros((0, 3))).verdict is Verdict.AGREES


def test_a_gradient_where_the_reference_is_zero_differs() -> None:
    row = judge([0.0, 1e-20], [0.0, 0.0])
    assert (row.verdict, row.norm_ratio) == (Verdict.DIFFERS, math.inf)
    assert math.isnan(row.cosine)


def test_a_zero_gradient_where_the_reference_is_not_differs() -> None:
    row = judge([0.0, 0.0], [1.0, 2.0])
    assert (row.verdict, row.norm_ratio, row.factor) == (Verdict.DIFFERS, 0.0, None)
    assert (
        row.note == "source 'hand', parameter 'gradient': entry (1,) is 0, but 'reference' has 2."
    )


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        (
            0.25,
            (
                "the gradient is 0.25 times the reference, so a constant differs (a mean for a "
                "sum, a count, a 2 or 1/2 in the loss)."
            ),
        ),
        (
            1.0000025,
            (
                "the gradient is 1.0000025 times the reference, so a constant differs (a mean for "
                "a sum, a count, a 2 or 1/2 in the loss)."
            ),
        ),
        (-1.0, "the gradient is -1 times the reference, so the sign is wrong."),
        (
            -2.0,
            (
                "the gradient is -2 times the reference, so the sign is wrong and a constant "
                "differs (a mean for a sum, a count, a 2 or 1/2 in the loss)."
            ),
        ),
    ],
)
def test_a_factor_is_named_in_the_note(factor: float, sentence: str) -> None:
    row = judge(factor * np.array([1.0, 2.0]), [1.0, 2.0])
    assert row.note == f"source 'hand', parameter 'gradient': {sentence}"


def test_one_entry_shows_a_factor_if_it_is_all_there_is() -> None:
    assert judge([3.0], [1.0]).verdict is Verdict.FACTOR


def test_one_entry_shows_no_factor_that_longer_parameters_contradict() -> None:
    truth = {"weights": np.array([1.0, 2.0]), "bias": np.array([1e-18, 1.0])}
    wrong = {"weights": np.array([1.0, 2.5]), "bias": np.array([1e-18, 3.0])}
    row = compare_gradients({"hand": wrong}, truth).row("hand", "bias")
    assert (row.verdict, row.factor) == (Verdict.DIFFERS, None)
    assert row.note == "source 'hand', parameter 'bias': entry (1,) is 3, but 'reference' has 1."


def test_one_entry_that_almost_agrees_shows_no_factor_beside_parameters_that_agree() -> None:
    truth = {"weights": np.array([1.0, 2.0]), "bias": np.array([1.0])}
    wrong = {"weights": np.array([1.0, 2.0]), "bias": np.array([1.00001])}
    comparison = compare_gradients({"hand": wrong}, truth)
    assert verdicts(comparison) == {"weights": "agrees", "bias": "differs"}


def test_one_entry_shows_a_factor_that_a_longer_parameter_shows_too() -> None:
    truth = {"weights": np.array([1.0, 2.0]), "bias": np.array([1.0]), "other": np.ones(5)}
    wrong = {"weights": np.array([3.0, 6.0]), "bias": np.array([3.0]), "other": np.ones(5)}
    row = compare_gradients({"hand": wrong}, truth).row("hand", "bias")
    assert row.verdict is Verdict.FACTOR
    assert row.factor == 3.0


BATCH = np.array([[1.0, 2.0, 5.0], [10.0, 20.0, 50.0]])


@pytest.mark.parametrize(
    ("g", "t", "ending"),
    [
        (BATCH.T, BATCH, "(3, 2), but 'reference' has (2, 3); its transpose fits and agrees."),
        (
            2 * BATCH.T,
            BATCH,
            "(3, 2), but 'reference' has (2, 3); its transpose fits, but its values differ.",
        ),
        (
            BATCH,
            BATCH.sum(axis=0),
            "(2, 3), but 'reference' has (3,); its sum over axis 0 fits and agrees.",
        ),
        (
            BATCH,
            BATCH.sum(axis=0, keepdims=True),
            (
                "(2, 3), but 'reference' has (1, 3); its sum over axis 0 with keepdims=True fits "
                "and agrees."
            ),
        ),
        (
            np.outer([1.0, 2.0], [1.0, 3.0]),
            np.array([4.0, 8.0]),
            "(2, 2), but 'reference' has (2,); its sum over axis 1 fits and agrees.",
        ),
        (
            np.ones(2),
            np.ones((1, 2)),
            "(2,), but 'reference' has (1, 2); reshape(1, 2) fits and agrees.",
        ),
        (
            np.full((1, 2), np.inf),
            np.ones(2),
            "(1, 2), but 'reference' has (2,); its sum over axis 0 fits, but its values differ.",
        ),
        (np.ones(5), np.ones((2, 3)), "(5,), but 'reference' has (2, 3)."),
    ],
)
def test_a_wrong_shape_is_named_with_what_would_fit(g: Any, t: Any, ending: str) -> None:
    row = judge(g, t)
    assert row.verdict is Verdict.SHAPE
    assert row.note == f"source 'hand', parameter 'gradient': the shape is {ending}"


def test_problems_are_verdicts_and_the_other_parameters_are_still_compared() -> None:
    truth = {name: np.array([[1.0, 2.0, 3.0]]) for name in ("right", "lost", "none", "bad")}
    hand = {
        "right": truth["right"],
        "none": None,
        "bad": np.array([[1.0, np.inf, np.nan]]),
        "surplus": np.ones(2),
    }
    comparison = compare_gradients({"hand": hand, "autograd": truth}, "autograd")
    assert verdicts(comparison) == {
        "right": "agrees",
        "lost": "missing",
        "none": "missing",
        "bad": "not finite",
        "surplus": "not in the reference",
    }
    assert [row.note for row in comparison.rows] == [
        "",
        (
            "source 'hand', parameter 'lost': there is no gradient, but 'autograd' has one of "
            "shape (1, 3)."
        ),
        (
            "source 'hand', parameter 'none': there is no gradient, but 'autograd' has one of "
            "shape (1, 3)."
        ),
        (
            "source 'hand', parameter 'bad': entry (0, 1) of 'hand' is inf; look for a division by "
            "zero, a logarithm of zero or an overflow."
        ),
        (
            "source 'hand', parameter 'surplus': 'autograd' has no gradient of that name, only "
            "'right', 'lost', 'none', 'bad'."
        ),
    ]
    assert math.isnan(comparison.row("hand", "bad").max_relative_error)


def test_a_reference_that_is_not_finite_is_named_as_the_culprit() -> None:
    truth = {"bad": np.array([1.0, np.inf]), "small": np.array([1e-9, 2e-9]), "right": np.ones(2)}
    hand = {"bad": np.array([1.0, 2.0]), "small": np.array([1e-9, 3e-9]), "right": np.ones(2)}
    comparison = compare_gradients({"hand": hand, "oracle": truth}, "oracle")
    assert verdicts(comparison) == {"bad": "not finite", "small": "differs", "right": "agrees"}
    assert "entry (1,) of 'oracle' is inf" in comparison.row("hand", "bad").note


class Tensor:
    """Stand in for a tensor that refuses to become an array before it is detached."""

    def __init__(self, array: NDArray[Any], *, detached: bool = False) -> None:
        self.array, self.detached = array, detached

    def detach(self) -> "Tensor":
        return Tensor(self.array, detached=True)

    def __array__(self, dtype: Any = None, *, copy: bool | None = None) -> NDArray[Any]:
        if not self.detached:
            msg = "detach me first"
            raise RuntimeError(msg)
        return np.array(self.array, dtype=dtype, copy=copy)


def test_arrays_tensors_and_nested_lists_of_numbers_are_read_alike() -> None:
    values = [[1.0, 2.0], [3.0, 5.0]]
    sources = {
        "arrays": {"layers": [np.array(values), np.array(2.0)]},
        "tensors": {"layers": (Tensor(np.array(values)), Tensor(np.array(2.0)))},
        "lists": {"layers": {0: values, 1: 2}},
    }
    comparison = compare_gradients(sources)
    assert comparison.agrees
    assert verdicts(comparison) == {"layers.0": "agrees", "layers.1": "agrees"}


def test_the_first_source_is_the_reference_unless_another_is_named() -> None:
    sources: dict[str, Any] = {"a": [1.0, 2.0], "b": [1.0, 2.0], "c": [2.0, 4.0]}
    assert compare_gradients(sources).reference == "a"
    comparison = compare_gradients(sources, "c")
    assert [(row.source, row.factor) for row in comparison.rows] == [("a", 0.5), ("b", 0.5)]
    assert compare_gradients(sources, [1.0, 2.0]).reference == "reference"


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (
            lambda: compare_gradients([1.0]),  # type: ignore[arg-type]
            TypeError,
            (
                "compare_gradients: sources must map names to gradients, not list; pass {'hand': "
                "..., 'autograd': ...}."
            ),
        ),
        (
            lambda: compare_gradients({"a": [1.0]}),
            ValueError,
            (
                "compare_gradients: sources holds 1 and nothing is left to compare; pass two "
                "sources, or one and reference."
            ),
        ),
        (
            lambda: compare_gradients({}, [1.0]),
            ValueError,
            (
                "compare_gradients: sources holds 0 and nothing is left to compare; pass two "
                "sources, or one and reference."
            ),
        ),
        (
            lambda: compare_gradients({"a": [1.0], "b": [1.0]}, "c"),
            ValueError,
            "compare_gradients: reference 'c' is not a source; choose one of 'a', 'b'.",
        ),
        (
            lambda: compare_gradients({"reference": [1.0]}, [1.0]),
            ValueError,
            (
                "compare_gradients: sources already has the name 'reference'; rename that source "
                "or pass reference='reference'."
            ),
        ),
        (
            lambda: compare_gradients({"a": {"w": None}, "b": {"w": [1.0]}}),
            ValueError,
            "compare_gradients: reference 'a' holds no gradients; pass at least one.",
        ),
        (
            lambda: compare_gradients({"a": [1.0], "b": [1.0]}, rtol=float("nan")),
            ValueError,
            "compare_gradients: rtol must be at least 0 and below 1, not nan.",
        ),
        (
            lambda: compare_gradients({"a": {"w": "text"}, "b": {"w": [1.0]}}),
            TypeError,
            (
                "compare_gradients: source 'a', parameter 'w' must hold numbers, not <U4; pass "
                "NumPy arrays."
            ),
        ),
        (
            lambda: compare_gradients({"a": {"w": [[1, 2], [3]]}, "b": {"w": [1.0]}}),
            TypeError,
            (
                "compare_gradients: source 'a', parameter 'w' cannot be read as an array (setting "
                "an array element with a sequence. The requested array has an inhomogeneous shape "
                "after 1 dimensions. The detected shape was (2,) + inhomogeneous part.); pass "
                "NumPy arrays."
            ),
        ),
        (
            lambda: compare_gradients({"a": {"w.b": [1], "w": {"b": [1]}}, "b": [1.0]}),
            ValueError,
            "compare_gradients: source 'a' has two gradients called 'w.b'; rename one.",
        ),
        (
            lambda: compare_gradients({"a": [1.0], "b": [1.0]}).row("a", "w"),
            LookupError,
            (
                "row: there is no row for source 'a' and parameter 'w'; the sources are 'b' and "
                "the parameters 'gradient'."
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
