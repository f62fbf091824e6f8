"""A case is checked, hashable, plain JSON, and decides its data."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from autograd_nn import datasets
from autograd_nn.compare import Case, cases
from autograd_nn.compare.experiments.cases import draw_data


def test_the_last_axis_varies_fastest_and_single_values_may_stand_alone() -> None:
    made = cases(data="iris", scale=[0.1, 3], seed=np.arange(2), epochs=7)
    assert [(c.data, c.scale, c.seed, c.epochs) for c in made] == [
        ("iris", 0.1, 0, 7),
        ("iris", 0.1, 1, 7),
        ("iris", 3.0, 0, 7),
        ("iris", 3.0, 1, 7),
    ]


def test_equal_cases_are_one_case_whatever_kind_of_number_they_were_made_of() -> None:
    one = Case(learning_rate=1.0, hidden=4, seed=3)
    other = Case(learning_rate=np.float32(1), hidden=np.int8(4), seed=np.uint16(3))  # type: ignore[arg-type]
    assert len({one, other}) == 1
    assert json.dumps(asdict(one)) == json.dumps(asdict(other))
    assert Case(**json.loads(json.dumps(asdict(one)))) == one


@pytest.mark.parametrize(
    ("fields", "kind", "message"),
    [
        ({"rule": "wrong"}, ValueError, "rule must be one of printed, mended, .* not 'wrong'"),
        ({"data": "mnist"}, ValueError, "data must be 'xor', 'iris' or like .*, not 'mnist'"),
        ({"data": "random-0x2x1"}, ValueError, "data must be"),
        ({"hidden": 0}, ValueError, "hidden must be at least 1, not 0"),
        ({"hidden": 2.5}, TypeError, "hidden must be a whole number, not 2.5"),
        ({"epochs": 0}, ValueError, "epochs must be at least 1"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
        ({"batch_size": 5}, ValueError, "batch_size must be at most the 4 samples of xor, not 5"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"scale": 0}, ValueError, "scale must be positive and finite, not 0.0"),
        ({"learning_rate": "fast"}, TypeError, "learning_rate must be a number, not 'fast'"),
        ({"target": float("nan")}, ValueError, "target must be positive and finite, not nan"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    fields: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=f"^Case: {message}"):
        Case(**fields)


def test_an_axis_that_does_not_exist_is_named() -> None:
    with pytest.raises(TypeError, match="'lr' is no attribute of Case; choose from data, hidden"):
        cases(lr=[1.0])


def test_xor_and_iris_are_the_data_sets_and_iris_is_standardised() -> None:
    rng = np.random.default_rng(0)
    x, t = draw_data("xor", rng)
    assert np.array_equal(x, datasets.xor().features)
    assert np.array_equal(t, datasets.xor().targets)
    x, t = draw_data("iris", rng)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(x.std(axis=0), 1)
    assert np.array_equal(t, datasets.iris().targets)
    assert rng.random() == np.random.default_rng(0).random()  # nothing was drawn


def test_random_data_comes_of_the_generator_with_one_class_a_sample() -> None:
    x, t = draw_data("random-50x3x4", np.random.default_rng(1))
    assert (x.shape, t.shape) == ((50, 3), (50, 4))
    assert np.array_equal(t.sum(axis=1), np.ones(50))
    assert (t.sum(axis=0) > 0).all()
    _, single = draw_data("random-50x3x1", np.random.default_rng(1))
    assert set(single.ravel()) == {0.0, 1.0}
    again, _ = draw_data("random-50x3x4", np.random.default_rng(1))
    other, _ = draw_data("random-50x3x4", np.random.default_rng(2))
    assert np.array_equal(x, again)
    assert not np.array_equal(x, other)


def test_sizes_are_those_of_the_data() -> None:
    case = Case(data="random-9x7x5", hidden=6)
    assert case.sizes == (7, 6, 5)
    assert replace(case, data="xor").sizes == (2, 6, 1)
