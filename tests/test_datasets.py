"""The data sets are the published ones, and nobody can spoil them for the next caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from autograd_nn.datasets import Dataset, iris, xor

if TYPE_CHECKING:
    from collections.abc import Callable

BOTH = pytest.mark.parametrize("load", [iris, xor])


def test_iris_has_150_samples_of_4_features_in_3_classes() -> None:
    flowers = iris()
    assert flowers.features.shape == (150, 4)
    assert flowers.targets.shape == (150, 3)
    assert flowers.labels.shape == (150,)
    assert flowers.class_names == ("setosa", "versicolor", "virginica")
    assert flowers.feature_names == (
        "sepal length (cm)",
        "sepal width (cm)",
        "petal length (cm)",
        "petal width (cm)",
    )


def test_iris_has_50_samples_of_each_class() -> None:
    assert np.bincount(iris().labels).tolist() == [50, 50, 50]


@pytest.mark.parametrize(
    ("species", "means"),
    [
        ("setosa", [5.006, 3.428, 1.462, 0.246]),
        ("versicolor", [5.936, 2.770, 4.260, 1.326]),
        ("virginica", [6.588, 2.974, 5.552, 2.026]),
    ],
)
def test_iris_class_means_are_those_of_fisher(species: str, means: list[float]) -> None:
    flowers = iris()
    of_species = flowers.labels == flowers.class_names.index(species)
    np.testing.assert_allclose(flowers.features[of_species].mean(axis=0), means, rtol=1e-12)


def test_iris_samples_35_and_38_are_those_of_fishers_paper() -> None:
    features = iris().features
    assert features[34].tolist() == [4.9, 3.1, 1.5, 0.2]
    assert features[37].tolist() == [4.9, 3.6, 1.4, 0.1]


def test_iris_targets_are_one_hot_rows_of_the_labels() -> None:
    flowers = iris()
    np.testing.assert_array_equal(flowers.targets.sum(axis=1), np.ones(150))
    np.testing.assert_array_equal(flowers.targets.argmax(axis=1), flowers.labels)
    assert set(flowers.targets.ravel().tolist()) == {0.0, 1.0}


def test_iris_states_its_source_and_licence() -> None:
    flowers = iris()
    assert "10.24432/C56C76" in flowers.source
    assert "Fisher" in flowers.source
    assert flowers.licence == "CC BY 4.0"


def test_xor_is_1_where_its_features_differ() -> None:
    points = xor()
    assert sorted(points.features.tolist()) == [[0, 0], [0, 1], [1, 0], [1, 1]]
    differ = points.features[:, 0] != points.features[:, 1]
    np.testing.assert_array_equal(points.targets, differ[:, np.newaxis])
    np.testing.assert_array_equal(points.labels, differ)
    assert points.class_names == ("equal", "different")


@BOTH
def test_arrays_are_float64_but_for_int64_labels(load: Callable[[], Dataset]) -> None:
    data = load()
    dtypes = [array.dtype.name for array in (data.features, data.targets, data.labels)]
    assert dtypes == ["float64", "float64", "int64"]


@BOTH
@pytest.mark.parametrize("field", ["features", "targets", "labels"])
def test_callers_cannot_corrupt_later_calls(load: Callable[[], Dataset], field: str) -> None:
    expected = getattr(load(), field).copy()
    getattr(load(), field)[:] = 77
    np.testing.assert_array_equal(getattr(load(), field), expected)
