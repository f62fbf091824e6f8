"""What the corpus says of its cases is so, by oracles that share no code with a diagnosis."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograd_nn.compare import complex_step, finite_difference
from autograd_nn.compare.diagnosis.mistakes import MISTAKES
from autograd_nn.compare.oracles import leaves
from corpus import CASES, Case

SEEDS = range(3)
GROUPS = {group: [c for c in CASES if c.group == group] for group in ("wrong", "constant", "right")}
Vectors = dict[str, NDArray[np.float64]]


def parametrize(group: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", GROUPS[group], ids=lambda case: case.name)


def vectors(tree: Any) -> Vectors:
    return {name: np.asarray(leaf, np.float64).ravel() for name, leaf in leaves(tree)}


def distance(x: Vectors, y: Vectors) -> float:
    """Measure |x - y| relative to |y|."""
    assert x.keys() == y.keys()
    assert {k: v.size for k, v in x.items()} == {k: v.size for k, v in y.items()}
    total_y = np.concatenate(list(y.values()))
    total_x = np.concatenate([x[name] for name in y])
    return float(np.linalg.norm(total_x - total_y) / np.linalg.norm(total_y))


def truth(case: Case, params: Any, inputs: Any, targets: Any) -> Vectors:
    """Differentiate the loss by Richardson's differences, beside the complex step where it goes."""
    total = case.total(inputs, targets)
    by_differences = vectors(finite_difference(total, params, step=1e-5))  # few kinks so near
    if any(name in case.source for name in ("var(", "abs(")):  # not analytic, and silently so
        return by_differences
    try:
        by_complex_step = vectors(complex_step(total, params))
    except TypeError:  # arrays of real zeros are filled
        return by_differences
    assert distance(by_differences, by_complex_step) < 1e-7
    return by_complex_step


def hand_and_truth(case: Case, seed: int) -> tuple[Vectors, Vectors]:
    point = case.make(np.random.default_rng(seed))
    return vectors(case.gradient(*point)), truth(case, *point)


def tolerance(case: Case) -> float:
    params, _, _ = case.make(np.random.default_rng(0))
    single = any(np.asarray(leaf).dtype == np.float32 for _, leaf in leaves(params))
    return 1e-5 if single else 1e-7


@pytest.mark.parametrize("seed", SEEDS)
@parametrize("right")
def test_right_ones_are_right(case: Case, seed: int) -> None:
    hand, true = hand_and_truth(case, seed)
    assert distance(hand, true) < tolerance(case)


@pytest.mark.parametrize("seed", SEEDS)
@parametrize("wrong")
def test_wrong_ones_are_wrong_by_more_than_a_constant(case: Case, seed: int) -> None:
    hand, true = hand_and_truth(case, seed)
    assert distance(hand, true) > 1e-3
    g, t = (np.concatenate(list(x.values())) for x in (hand, {k: true[k] for k in hand}))
    assert abs(g @ t) / np.linalg.norm(g) / np.linalg.norm(t) < 1 - 1e-5


@pytest.mark.parametrize("seed", SEEDS)
@parametrize("constant")
def test_constants_are_exactly_that(case: Case, seed: int) -> None:
    hand, true = hand_and_truth(case, seed)
    factor = {name: case.factor_value(case.factor.get(name, "1")) for name in true}
    assert case.factor.keys() <= true.keys()
    assert all(value != 1 for name, value in factor.items() if name in case.factor)
    assert distance(hand, {name: factor[name] * t for name, t in true.items()}) < tolerance(case)


@pytest.mark.parametrize("seed", SEEDS)
@parametrize("wrong")
def test_mending_the_guilty_lines_makes_the_gradient_right(case: Case, seed: int) -> None:
    twins = list(case.mended())
    assert twins
    for twin in twins:
        hand, true = hand_and_truth(twin, seed)
        assert distance(hand, true) < tolerance(case), [mend.line for mend in twin.mends]


@parametrize("wrong")
def test_every_guilty_line_has_to_be_mended(case: Case) -> None:
    if len(case.guilty) > 1:
        for group in case.guilty:
            twin = next(case.mended())
            partly = [mend for mend in twin.mends if mend not in group]
            almost = type(twin)(case.path, case.lr, mends=tuple(partly))
            hand, true = hand_and_truth(almost, 0)
            assert distance(hand, true) > 1e-3


def test_every_class_of_mistakes_has_cases_in_different_styles() -> None:
    wrong = GROUPS["wrong"]
    counts = Counter(case.mistake for case in wrong)
    assert counts.keys() == MISTAKES.keys() - {"constant", "unknown"}
    for mistake, count in counts.items():
        styles = {case.style for case in wrong if case.mistake == mistake}
        assert count >= 2
        assert len(styles) >= 2, mistake


def test_groups_are_large_enough() -> None:
    sizes = {group: len(cases) for group, cases in GROUPS.items()}
    assert sum(sizes.values()) == len(CASES) >= 75
    assert sizes["wrong"] >= 40
    assert sizes["constant"] >= 8
    assert sizes["right"] >= 15
    assert {case.returns for case in CASES} == {"grads", "update"}


def test_what_is_marked_fits_the_group() -> None:
    for case in CASES:
        assert case.style, case.name
        assert case.why, case.name
        assert bool(case.factor) == (case.group == "constant"), case.name
        assert bool(case.guilty) == (case.group == "wrong"), case.name
