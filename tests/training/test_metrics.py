"""Metrics are what their names say."""

import numpy as np
import pytest

from autograd_nn import errors
from autograd_nn.training import accuracy

PREDICTION = np.array([[0.1, 0.9, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def test_accuracy_takes_labels_and_one_hot_rows() -> None:
    labels = np.array([1, 0, 1])
    assert accuracy(PREDICTION, labels) == accuracy(PREDICTION, np.eye(3)[labels]) == 2 / 3


@pytest.mark.parametrize("shape", [(3, 1), (2,), (3, 2)])
def test_targets_that_do_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(errors.ShapeError, match=r"prediction has shape \(3, 3\) and target"):
        accuracy(PREDICTION, np.zeros(shape, int))


def test_a_single_column_is_refused() -> None:  # its largest entry would always be right
    with pytest.raises(errors.ShapeError, match="two classes at least"):
        accuracy(PREDICTION[:, :1], np.zeros((3, 1)))
