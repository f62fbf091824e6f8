"""The effect of a mistake on training, with every subset of the repairs."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograd_nn import cli
from autograd_nn.compare import TrainingEffect, diagnose, repair_effects
from autograd_nn.compare.diagnosis.losses import half_sse
from autograd_nn.errors import DiagnosisInputError
from double_derivative import backward, forward

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([[0.0], [1.0], [1.0], [0.0]])
ZEROS = {"W1": np.zeros((2, 4)), "b1": np.zeros(4), "W2": np.zeros((4, 1)), "b2": np.zeros(1)}


ASKED = forward, backward, half_sse, ZEROS, X, XOR


def test_every_subset_of_the_repairs_is_trained() -> None:
    found = diagnose(*ASKED)
    code = backward.__code__
    effects = repair_effects(found, *ASKED, lr=1.0, seeds=range(5), epochs=1500, threshold=0.01)
    first, second = sorted(line.line for line in found.blame)
    assert {effect.rule for effect in effects} == {
        "as written",
        f"line {first} mended",
        f"line {second} mended",
        f"lines {first}, {second} mended",
    }
    by_rule = {effect.rule: effect for effect in effects}
    written, both = by_rule["as written"], by_rule[f"lines {first}, {second} mended"]
    assert written.successes == 0
    assert written.raised > 0.1
    assert by_rule[f"line {second} mended"].successes == 5  # the hidden line alone is enough
    assert both.successes == 5
    assert both.raised == 0
    assert both.median_epochs < 1500
    assert backward.__code__ is code
    shown = replace(found, effects=tuple(effects))
    assert re.search(rf"lines {first}, {second} mended +5 of 5 +57% to 100%", str(shown))
    assert "What the mistake does to training" in shown.to_html()
    assert json.loads(shown.to_json())["effects"][0]["rule"] == "as written"


def test_nothing_to_repair_is_one_sentence() -> None:
    found = replace(diagnose(*ASKED), blame=())
    with pytest.raises(DiagnosisInputError, match="repairs of 1 to 4 lines, and 0 are blamed"):
        repair_effects(found, *ASKED)


def test_a_repair_that_cannot_run_is_one_sentence() -> None:
    found = diagnose(*ASKED)
    blame = tuple(replace(b, repair="write `d2 = nonsense`", ties=()) for b in found.blame)
    with pytest.raises(DiagnosisInputError, match="needs what is not known where it stands"):
        repair_effects(replace(found, blame=blame), *ASKED)


def test_the_interval_of_a_rate_is_wilsons() -> None:
    low, high = TrainingEffect(0.1, "", 100, 50, 1.0).interval
    assert (round(low, 4), round(high, 4)) == (0.4038, 0.5962)
    assert TrainingEffect(0.1, "", 10, 0, 1.0).interval[0] == 0
    assert round(TrainingEffect(0.1, "", 10, 0, 1.0).interval[1], 4) == 0.2775


def test_the_command_trains_if_it_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    page = Path(__file__).parents[2] / "docs" / "diagnose.md"
    assert cli.main(["diagnose", str(page), "--train", "5"]) == 1
    out = capsys.readouterr().out
    assert "as written" in out
    assert "Training: 20 starting points, at most 5 updates at the learning rate 0.1" in out
