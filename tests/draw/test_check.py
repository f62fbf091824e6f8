"""Check what is said of gradients that were derived by hand."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, draw
from autograd_nn.compare import diagnose
from autograd_nn.draw.model import Status


def step() -> tuple[Any, dict[str, Any]]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5, 3))
    W, b = (Tensor(rng.normal(size=s), requires_grad=True) for s in ((3, 3), (3,)))
    h = np.tanh(X @ W + b)
    loss = np.sum(h**2)
    loss.backward(retain_graph=True)
    return loss, {"X": X, "W": W, "b": b, "h": h, "loss": loss}


def verdict(name: str, change: Any) -> Any:
    loss, names = step()
    true = draw.graph(loss, names=names).card(name).gradient
    found = draw.graph(loss, names=names, check={name: change(true)}).card(name).verdict
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["W", "b", "h"])
def test_right_gradients_are_exact(name: str) -> None:
    found = verdict(name, lambda g: g * (1 + 1e-12))
    assert (found.status, found.sentence) == (Status.EXACT, "hand-derived agrees")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda g: g / 5, "autograd / yours = 5 everywhere: the batch size: a mean where a sum"),
        (lambda g: g * 5, "autograd / yours = 0.2 everywhere: 1 / the batch size: a sum where"),
        (lambda g: -g, "everywhere: a sign is missing"),
        (lambda g: g / 2, "autograd / yours = 2 everywhere: a factor 2 is missing"),
        (lambda g: g * 2, "autograd / yours = 0.5 everywhere: a factor 2 is too much"),
        (lambda g: g / 7, "autograd / yours = 7 everywhere"),
        (lambda g: g.T, "yours is transposed"),
        (lambda g: g * 0, "yours is 0 everywhere"),
        (lambda g: g + np.eye(3), "by no common factor"),
        (lambda g: g[:2], r"yours has shape (2, 3), the parameter (3, 3)"),
    ],
)
def test_wrong_gradients_are_guilty_and_told_how(change: Any, sentence: str) -> None:
    found = verdict("W", change)
    assert found.status is Status.GUILTY
    assert sentence in found.sentence


def test_the_picture_shows_both_sets_of_numbers_and_the_sentence() -> None:
    loss, names = step()
    W = names["W"]
    graph = draw.graph(loss, names=names, check={"W": -W.grad, "b": names["b"].grad})
    svg = graph.svg("light")
    assert "✗ yours disagrees" in svg
    assert "✓ hand-derived agrees" in svg
    assert svg.count("s-guilty") >= 3  # the frame and the arrow, beside the rule
    assert "a sign is missing" in str(graph)
    checked = next(card for card in graph.to_dict()["cards"] if card["title"] == "W")["check"]
    assert checked["status"] == "guilty"
    np.testing.assert_array_equal(checked["yours"]["numbers"], -W.grad.value)


def test_what_is_fed_with_a_wrong_gradient_is_contaminated() -> None:
    loss, names = step()
    picture = draw.graph(loss, names=names).picture
    wrong = picture.card("h").gradient / 2  # type: ignore[operator]
    h, X = names["h"].value, names["X"]
    delta = wrong * (1 - h**2)
    check = {"h": wrong, "W": X.T @ delta, "b": delta.sum(axis=0) * 3}
    graph = draw.graph(loss, names=names, check=check)
    found = {name: graph.card(name).verdict for name in check}
    assert {name: v.status.value for name, v in found.items() if v} == {
        "h": "guilty",
        "W": "contaminated",
        "b": "guilty",
    }


@pytest.mark.parametrize(
    ("check", "error", "message"),
    [
        ({"V": np.ones(2)}, ValueError, "check names 'V', which is not in the picture; it has W"),
        ({"X": np.ones(2)}, ValueError, "needs the gradient of X"),
        (3, TypeError, "check=int; give a mapping of names to arrays, or a Diagnosis"),
    ],
)
def test_what_cannot_be_checked_is_refused(check: Any, error: Any, message: str) -> None:
    loss, names = step()
    with pytest.raises(error, match=message):
        draw.graph(loss, names=names, check=check)


# ---- a diagnosis, as it is made ------------------------------------------------------------


@dataclass
class Line:
    file: str
    line: int
    variable: str
    explanation: str = ""
    repair: str | None = None


@dataclass
class Row:
    parameter: str
    verdict: str
    source: str = "hand"
    norm_ratio: float = 1.0
    note: str = ""


@dataclass
class Comparison:
    rows: tuple[Row, ...] = ()


@dataclass
class Found:
    comparison: Comparison
    blame: tuple[Line, ...] = ()
    contaminated: tuple[Line, ...] = ()
    exact: tuple[Line, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
    sources: dict[str, str] = field(default_factory=dict)
    gradients: dict[str, Any] = field(default_factory=dict)


def test_a_diagnosis_marks_guilty_contaminated_and_exact() -> None:
    loss, names = step()
    found = Found(
        Comparison((Row("loss", "agrees"), Row("W", "differs"), Row("W", "agrees", "differences"))),
        blame=(Line("train.py", 7, "dh", "The slope of tanh is missing.", "dh * (1 - h**2)"),),
        contaminated=(Line("train.py", 8, 'grads["W"]'),),
        exact=(Line("train.py", 9, "b_grad"),),
        sources={"train.py": "\n".join(f"line {i}" for i in range(1, 12)), "other.py": "pass"},
    )
    graph = draw.graph(loss, names=names, check=found)
    said = {name: graph.card(name).verdict for name in ("h", "W", "b", "loss")}
    assert {name: v.status.value for name, v in said.items() if v} == {
        "h": "guilty",
        "W": "contaminated",
        "b": "exact",
        "loss": "exact",
    }
    assert said["h"] is not None
    code = [(line["number"], line["status"], line["card"]) for line in graph.picture.code]
    marked = [
        (line, status, graph.card(name).id)
        for line, status, name in ((7, "guilty", "h"), (8, "contaminated", "W"), (9, "exact", "b"))
    ]
    assert code == [(0, "", ""), (5, "", ""), (6, "", ""), *marked, (10, "", "")]
    assert said["h"].sentence == "line 7: The slope of tanh is missing. Repair: dh * (1 - h**2)"


def test_a_diagnosis_shows_both_sets_of_numbers_where_they_are_of_this_point() -> None:
    rng = np.random.default_rng(0)
    params = {"W": rng.normal(size=(2, 3)), "b": rng.normal(size=3)}
    x, y = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))

    def forward(params: Any, x: Any) -> Any:
        return x @ params["W"] + params["b"], None

    def backward(params: Any, x: Any, y: Any, output: Any, _cache: Any) -> Any:
        del params
        error = output - y
        return {"W": x.T @ error, "b": error.mean(axis=0)}

    def loss_of(output: Any, y: Any) -> Any:
        return np.sum((output - y) ** 2) / 2

    diagnosis = diagnose(forward, backward, loss_of, params, x, y)
    for shift in (0.0, 1.0):
        W, b = (Tensor(value + shift, requires_grad=True) for value in params.values())
        loss = loss_of(x @ W + b, y)
        loss.backward(retain_graph=True)
        graph = draw.graph(loss, check=diagnosis)
        verdict, other = graph.card("b").verdict, graph.card("W").verdict
        assert verdict is not None
        assert other is not None
        assert (other.status, verdict.status) == ("exact", "guilty")
        if shift:
            assert verdict.yours is None
        else:
            np.testing.assert_allclose(verdict.yours * 4, b.grad.numpy())  # type: ignore[operator,union-attr]
            assert "✗ yours disagrees" in graph.svg()


def test_a_wrong_gradient_is_not_exact_though_a_witness_agrees_with_autograd() -> None:
    loss, names = step()
    rows = (Row("W", "differs", note="too large"), Row("W", "agrees", "differences"))
    verdict = draw.graph(loss, names=names, check=Found(Comparison(rows))).card("W").verdict
    assert verdict is not None
    assert (verdict.status.value, verdict.sentence) == ("guilty", "too large")
