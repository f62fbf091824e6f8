"""Gradients from elsewhere are judged from their numbers alone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn.compare import DiagnosisVerdict, judge_gradients
from autograd_nn.compare.diagnosis.dumps import read_dump
from autograd_nn.errors import DiagnosisInputError

RNG = np.random.default_rng(0)
X, T = RNG.standard_normal((7, 3)), RNG.standard_normal((7, 2))
PARAMS = {"W": RNG.standard_normal((3, 2)), "b": RNG.standard_normal(2)}


def forward(params: Any, x: Any) -> Any:
    return np.tanh(x @ params["W"] + params["b"]), None


def loss(output: Any, targets: Any) -> Any:
    return np.sum((output - targets) ** 2)


def right() -> dict[str, Any]:
    y, _ = forward(PARAMS, X)
    d = 2 * (y - T) * (1 - y * y)
    return {"W": X.T @ d, "b": d.sum(axis=0)}


def judged(grads: Any, **options: Any) -> Any:
    return judge_gradients(forward, loss, PARAMS, X, T, grads, **options)


def test_right_ones_are_exact() -> None:
    assert judged(right()).verdict is DiagnosisVerdict.EXACT


def test_float32_needs_a_looser_tolerance() -> None:
    single = {name: g.astype(np.float32) for name, g in right().items()}
    assert judged(single, rtol=1e-4).verdict is DiagnosisVerdict.EXACT


@pytest.mark.parametrize(
    ("factor", "name"), [(1 / 7, "1/N"), (2.0, "2"), (0.5, "1/2"), (-1.0, "-1"), (1.23, "1.23")]
)
def test_constants_are_named(factor: float, name: str) -> None:
    found = judged({key: factor * g for key, g in right().items()})
    assert found.verdict is DiagnosisVerdict.EXACT_UP_TO_A_FACTOR
    assert found.factor == {"W": name, "b": name}


def test_others_differ_and_no_line_is_named() -> None:
    grads = right()
    grads["W"] = grads["W"] + 0.1 * RNG.standard_normal((3, 2))
    found = judged(grads)
    assert found.verdict is DiagnosisVerdict.BIASED
    assert "No line can be named" in found.notes[0]
    assert "one point" in found.notes[0]
    opposed = judged({"W": -right()["W"], "b": 0.1 * np.ones(2)})
    assert opposed.verdict is DiagnosisVerdict.NOT_A_DESCENT
    assert opposed.counterexample is not None
    assert opposed.counterexample["cosine"] < 0


@pytest.mark.parametrize(
    ("grads", "sentence"),
    [
        ({"W": right()["W"].T, "b": right()["b"]}, "its transpose fits and agrees"),
        ({"W": right()["W"]}, "there is no gradient"),
        ({**right(), "c": 1.0}, "no gradient of that name"),
        ({**right(), "b": np.array([np.nan, 0.0])}, "is nan"),
    ],
)
def test_what_cannot_be_compared_is_said(grads: Any, sentence: str) -> None:
    with pytest.raises(DiagnosisInputError, match=sentence):
        judged(grads)


def test_a_forward_pass_that_fails_is_said() -> None:
    with pytest.raises(DiagnosisInputError, match=r"the forward pass failed .* KeyError: 'W'"):
        judge_gradients(forward, loss, {"V": np.ones(2)}, X, T, {})


def test_json_and_npz_hold_the_same(tmp_path: Path) -> None:
    nested = {"layer": {"W": [[1.0, 2.0]]}, "list": [[1.0], [2.0, 3.0]]}
    content = {"params": nested, "inputs": [1.0], "targets": 2.0, "grads": nested}
    (tmp_path / "a.json").write_text(json.dumps(content))
    read = read_dump(tmp_path / "a.json")
    assert np.array_equal(read["params"]["layer"]["W"], [[1.0, 2.0]])
    assert [part.tolist() for part in read["grads"]["list"]] == [[1.0], [2.0, 3.0]]
    arrays: dict[str, Any] = {"params.layer.W": [[1.0, 2.0]], "grads.layer.W": [[3.0]]}
    np.savez(tmp_path / "a.npz", **arrays, inputs=[1.0], targets=2.0)
    read = read_dump(tmp_path / "a.npz")
    assert np.array_equal(read["params"]["layer"]["W"], [[1.0, 2.0]])
    assert np.array_equal(read["grads"]["layer"]["W"], [[3.0]])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"params": {}}', "lacks inputs, targets, grads; it must hold params"),
        ("[1, 2]", "lacks params, inputs"),
        ("{", "cannot be read as NPZ or JSON"),
        ('{"params": "W"}', "cannot be read as NPZ or JSON: could not convert"),
    ],
)
def test_a_dump_that_is_none_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DiagnosisInputError, match=sentence):
        read_dump(tmp_path / "a.json")
