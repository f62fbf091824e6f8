"""Each measure, on numbers counted by hand."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from autograd_nn.compare import Case, Outcome, cases, digest
from autograd_nn.compare.experiments import measures
from autograd_nn.compare.experiments.trial import run_stack


def test_cosine_and_norm_ratio_whatever_the_magnitude() -> None:
    t = np.array([[3.0, 4.0], [3e-200, 4e-200], [3e200, 4e200]])
    g = np.array([[8.0, 6.0], [8e-200, 6e-200], [-8e200, -6e200]])
    np.testing.assert_allclose(measures.cosine(g, t), [0.96, 0.96, -0.96])
    np.testing.assert_allclose(measures.norm_ratio(g, t), [2.0, 2.0, 2.0])


def test_of_a_zero_gradient_there_is_no_angle_and_no_ratio() -> None:
    zero, one = np.zeros((1, 2)), np.ones((1, 2))
    assert np.isnan(measures.cosine(zero, one))[0]
    assert np.isnan(measures.cosine(one, zero))[0]
    assert measures.norm_ratio(zero, one)[0] == 0
    assert np.isnan(measures.norm_ratio(one, zero))[0]


def test_a_sign_is_flipped_when_both_are_there_and_opposite() -> None:
    g, t = np.array([[1.0, -1.0, 0.0, 2.0]]), np.array([[1.0, 2.0, 3.0, -1e-300]])
    assert measures.sign_flips(g, t)[0] == 0.5


def test_losses_are_counted_run_by_run() -> None:
    losses = np.array([[3.0, 3.0], [2.0, 4.0], [2.0, 1.0], [2.5, 2.0], [0.5, 3.0]])
    assert measures.raised(losses).tolist() == [0.25, 0.75]
    assert measures.first_at(losses[:, 0], 2.0) == 1
    assert measures.first_at(losses[:, 0], 0.1) is None
    assert measures.first_at(losses[:, 0], 9.0) == 0


@pytest.mark.parametrize(
    ("losses", "count"),
    [
        ([5.0, 20.0, 1.0], 0),  # it was never there before
        ([1.0, 10.0], 0),  # ten times is not above ten times
        ([1.0, 10.1], 1),
        ([1.0, 5.0, 20.0, 5.0, 30.0], 1),  # it has not come back in between
        ([1.0, 20.0, 0.5, 20.0], 2),
        ([1.0, float("nan")], 1),
    ],
)
def test_relapses(losses: list[float], count: int) -> None:
    assert measures.relapses(np.array(losses), 1.0) == count


def test_accuracy_of_one_output_and_of_several() -> None:
    t = np.array([[0.0], [1.0], [1.0], [0.0]])
    y = np.array([[[0.4], [0.6], [0.4], [0.1]], [[0.9], [0.9], [0.9], [0.9]]])
    assert measures.accuracy(t, y).tolist() == [0.75, 0.5]
    t, y = np.eye(3), np.array([[[0.3, 0.2, 0.1], [0.3, 0.2, 0.1], [0.1, 0.2, 0.3]]])
    assert measures.accuracy(t, y)[0] == pytest.approx(2 / 3)


def outcome() -> Outcome:
    return run_stack([Case(data="random-6x3x2", scale=3, epochs=50, seed=9)])[0]


def test_an_outcome_is_a_line_and_back_to_the_bit() -> None:
    first = outcome()
    assert "\n" not in first.to_json()
    assert Outcome.from_json(first.to_json()) == first
    assert hash(first.case) == hash(Outcome.from_json(first.to_json()).case)


def test_an_outcome_tells_what_happened() -> None:
    found = outcome()
    assert found.epochs[0] == 0
    assert found.epochs[-1] == 50
    assert list(found.epochs) == sorted(set(found.epochs))
    assert len(found.epochs) == len(found.losses) == len(found.cosines)
    assert found.losses[-1] == found.loss
    assert found.cosines[0] == found.agreement["all"].cosine
    assert list(found.agreement) == ["W1", "b1", "W2", "b2", "hidden", "output", "all"]
    assert found.agreement["W1"] != found.agreement["W2"]
    assert found.cosines[0] is not None
    assert found.cosines[0] < 0.999


def test_mended_agrees_in_every_part() -> None:
    [found] = run_stack([Case(rule="mended", epochs=1)])
    for agreement in found.agreement.values():
        assert agreement.cosine == pytest.approx(1, abs=1e-15)
        assert (agreement.norm_ratio, agreement.sign_flips) == (1.0, 0.0)


def test_what_diverges_is_none_and_valid_json() -> None:
    found = run_stack(cases(learning_rate=1e308, scale=1e10, epochs=5, seed=range(20)))
    assert any(None in run.losses or None in run.cosines for run in found)
    assert all(Outcome.from_json(run.to_json()) == run for run in found)


@pytest.mark.parametrize("line", ["", "null", "[]", "{}", '{"format": 1}', '{"format": 1, "x": 0}'])
def test_other_lines_are_no_outcomes(line: str) -> None:
    with pytest.raises(ValueError, match=r"^not an outcome of a sweep"):
        Outcome.from_json(line)


def test_a_line_of_another_format_says_so() -> None:
    line = outcome().to_json().replace('"format": 1', '"format": 0')
    with pytest.raises(ValueError, match=r"^an outcome in format 0, where 1 is read"):
        Outcome.from_json(line)


def test_the_digest_does_not_depend_on_the_order_but_on_every_bit() -> None:
    found = run_stack(cases(seed=range(3), epochs=5))
    assert digest(found) == digest(found[::-1])
    assert len(digest(found)) == len(hashlib.sha256().hexdigest())
    assert digest(found) != digest(found[:2])
    assert digest(found) != digest(run_stack(cases(seed=range(3), epochs=6)))
