"""History keeps what was measured, and draws itself."""

import sys

import pytest

from autograd_nn import errors
from autograd_nn.training import History


def filled() -> History:
    history = History()
    for k in range(3):
        history.append({"loss": 1 / (k + 1), "accuracy": k / 3, "val_loss": 2.0})
    return history


def test_it_is_lists_by_name_and_its_dict_is_a_copy() -> None:
    history = filled()
    history.to_dict()["loss"].append(3.0)
    assert history["loss"] == [1.0, 0.5, 1 / 3]
    assert (len(history), history.last()["val_loss"]) == (3, 2.0)
    assert repr(history) == "History(3 epochs, loss 0.3333, accuracy 0.6667, val_loss 2)"
    history.stopped = "why"
    assert repr(history).endswith(", stopped: why)")
    assert repr(History()) == "History(0 epochs)"


def test_its_state_is_another_historys() -> None:
    history, other = filled(), History()
    history.stopped = "why"
    other.load_state_dict(history.state_dict())
    other.append(other.last())
    assert (len(history), len(other), other.stopped) == (3, 4, "why")
    with pytest.raises(KeyError, match="give what state_dict"):
        other.load_state_dict({"loss": []})


def test_what_was_not_measured_is_one_sentence() -> None:
    with pytest.raises(KeyError, match="'x' was not measured, only loss, accuracy, val_loss"):
        filled()["x"]
    with pytest.raises(ValueError, match="measure the same in every epoch"):
        filled().append({"loss": 1.0})


def test_it_draws_training_and_validation_together() -> None:
    pytest.importorskip("matplotlib")
    figure = filled().plot()
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "accuracy"]
    lines = figure.axes[0].get_lines()
    assert [line.get_label() for line in lines] == ["training", "validation"]
    assert [*lines[0].get_xdata()] == [1, 2, 3]
    assert [*lines[0].get_ydata()] == filled()["loss"]


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'autograd_nn\[plot\]'"):
        filled().plot()
