"""The data sets are the published ones, and nobody can spoil them for the next caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from autograd_nn.datasets import (
    Dataset,
    batches,
    breast_cancer,
    digits,
    iris,
    standardise,
    train_test_split,
    xor,
)
from autograd_nn.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

ALL = pytest.mark.parametrize("load", [breast_cancer, digits, iris, xor])


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


def test_digits_are_1797_images_of_ten_classes() -> None:
    data = digits()
    assert (data.features.shape, data.targets.shape) == ((1797, 64), (1797, 10))
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # those of UCI's optdigits.names
    assert np.bincount(data.labels).tolist() == counts
    assert set(np.unique(data.features)) == set(range(17))
    assert "10.24432/C50P49" in data.source
    assert "scikit-learn" in data.licence


def test_breast_cancer_has_the_published_counts_and_ranges() -> None:
    data = breast_cancer()
    assert (data.features.shape, data.targets.shape) == ((569, 30), (569, 2))
    assert np.bincount(data.labels).tolist() == [212, 357]
    assert data.class_names == ("malignant", "benign")
    assert data.feature_names[::10] == ("mean radius", "radius error", "worst radius")
    lows, highs = data.features.min(axis=0), data.features.max(axis=0)
    np.testing.assert_array_equal((lows[0], highs[0]), (6.981, 28.11))  # of the description
    np.testing.assert_array_equal((lows[23], highs[23]), (185.2, 4254.0))
    assert "10.24432/C5DW2B" in data.source
    assert "scikit-learn" in data.licence


def test_xor_is_1_where_its_features_differ() -> None:
    points = xor()
    assert sorted(points.features.tolist()) == [[0, 0], [0, 1], [1, 0], [1, 1]]
    differ = points.features[:, 0] != points.features[:, 1]
    np.testing.assert_array_equal(points.targets, differ[:, np.newaxis])
    np.testing.assert_array_equal(points.labels, differ)
    assert points.class_names == ("equal", "different")


@ALL
def test_arrays_are_float64_but_for_int64_labels(load: Callable[[], Dataset]) -> None:
    data = load()
    dtypes = [array.dtype.name for array in (data.features, data.targets, data.labels)]
    assert dtypes == ["float64", "float64", "int64"]


@ALL
@pytest.mark.parametrize("field", ["features", "targets", "labels"])
def test_callers_cannot_corrupt_later_calls(load: Callable[[], Dataset], field: str) -> None:
    expected = getattr(load(), field).copy()
    getattr(load(), field)[:] = 77
    np.testing.assert_array_equal(getattr(load(), field), expected)


# ---- preparation -------------------------------------------------------------------------------


def test_a_split_keeps_rows_together_and_loses_none() -> None:
    X, y = np.arange(20).reshape(10, 2), np.arange(10)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, rng=0)
    assert (len(X_train), len(X_test)) == (7, 3)
    np.testing.assert_array_equal(X_train, X[y_train])
    np.testing.assert_array_equal(X_test, X[y_test])
    assert sorted([*y_train, *y_test]) == [*range(10)]
    again = train_test_split(X, y, test_size=0.3, rng=0)[3]
    np.testing.assert_array_equal(again, y_test)
    assert not np.array_equal(train_test_split(X, y, test_size=0.3, rng=1)[3], y_test)


def test_standardised_features_have_mean_0_and_variance_1_and_others_follow() -> None:
    rng = np.random.default_rng(0)
    X, other = rng.normal(3, 5, (50, 4)), rng.normal(size=(7, 4))
    X[:, 2] = 0.1  # the standard deviation of which is a rounding error
    scaled, others = standardise(X, other)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(scaled.std(axis=0), [1, 1, 0, 1], atol=1e-14)
    np.testing.assert_allclose(others[:, 0], (other[:, 0] - X[:, 0].mean()) / X[:, 0].std())
    np.testing.assert_allclose(others[:, 2], other[:, 2] - 0.1)
    assert standardise(X.astype(np.float32)).dtype == np.float32
    assert standardise([[1], [3]]).tolist() == [[-1], [1]]
    for size in (1e308, 1e-300, 5e-324):
        assert standardise([[0.0], [size]], [[size]])[1].tolist() == [[1]]


def test_batches_are_one_epoch_in_an_order_that_changes() -> None:
    X, y, rng = np.arange(20).reshape(10, 2), np.arange(10), np.random.default_rng(0)
    epochs = [[*batches(X, y, 4, rng)] for _ in range(2)]
    for epoch in epochs:
        assert [len(b) for b, _ in epoch] == [4, 4, 2]
        assert sorted(np.concatenate([t for _, t in epoch])) == [*range(10)]
        for b, t in epoch:
            np.testing.assert_array_equal(b, X[t])
    assert not np.array_equal(epochs[0][0][1], epochs[1][0][1])
    assert [len(b) for b, _ in batches(X, y, 4, drop_last=True)] == [4, 4]
    assert [t.tolist() for _, t in batches(X, y, 6, shuffle=False)] == [[*range(6)], [6, 7, 8, 9]]
    next(batches(X, y, 4))[0][:] = 77
    assert X.max() == 19


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: batches([1, 2], [1], 1), r"batches: give arrays with as many rows each.*\(2,\), "),
        (lambda: batches([1], [1], 0), "batch_size=0 must be a whole number above 0"),
        (lambda: train_test_split(3.0), "train_test_split: give arrays with as many rows"),
        (lambda: train_test_split([1, 2], test_size=1.0), "test_size=1.0 of 2 samples leaves none"),
        (lambda: standardise([[1.0]], [[1.0, 2.0]]), r"array 1 has samples of shape \(2,\)"),
        (lambda: standardise([]), "has no samples"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("load", [breast_cancer, digits])
def test_without_scikit_learn_the_extra_is_named(
    load: Callable[[], Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograd_nn.datasets.find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'autograd_nn\[datasets\]'"):
        load()
