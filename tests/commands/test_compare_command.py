"""The command that sets gradients side by side: what it computes, prints and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from autograd_nn import cli, datasets, tutorial


def test_its_numbers_are_those_of_the_tutorials_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", "--seed", "5", "--scale", "2", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["comparisons"]
    assert (found["seed"], found["scale"], found["reference"]) == (5, 2, "automatic")
    rows = {(row["source"], row["parameter"]): row for row in found["rows"]}
    assert len(rows) == 16
    for (source, _), row in rows.items():
        assert row["verdict"] == ("differs" if source == "tutorial as printed" else "agrees")
    xor = datasets.xor()
    layers = tutorial.initialize_network(2, 4, 1, rng=5)
    hidden, output = ({name: 2 * array for name, array in layer.items()} for layer in layers)
    printed, _ = tutorial.printed_gradients(xor.features, hidden, output, xor.targets)
    mended, _ = tutorial.mended_gradients(xor.features, hidden, output, xor.targets)
    ratio = np.linalg.norm(printed["weights"]) / np.linalg.norm(mended["weights"])
    assert rows["tutorial as printed", "W1"]["norm_ratio"] == pytest.approx(ratio, rel=1e-12)


def test_one_point_is_a_table_with_sentences_several_are_a_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(tmp_path / name) for name in ("found.txt", "found.json")]
    assert cli.main(["compare", "--network", "2-3-1", "--out", *files]) == 0
    printed = capsys.readouterr().out
    assert "12 of 16 gradients agree with 'automatic'" in printed
    assert "- source 'tutorial as printed', parameter 'W1': entry " in printed
    assert printed.startswith((tmp_path / "found.txt").read_text("utf-8"))
    assert json.loads((tmp_path / "found.json").read_text("utf-8"))["network"] == [2, 3, 1]
    assert cli.main(["compare", "--data", "iris", "--seeds", "3", "--scale", "1", "3"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[5:8] for row in rows if row[1:5] == ["tutorial", "as", "printed", "W2"]] == [
        ["0", "of", "3"],
        ["0", "of", "3"],
    ]
    assert [row[4:7] for row in rows if row[1:4] == ["complex", "step", "b1"]] == [
        ["3", "of", "3"],
        ["3", "of", "3"],
    ]


def test_weights_beyond_reason_are_no_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", "--scale", "100", "--seeds", "2"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[4:9] for row in rows if row[1:4] == ["central", "differences", "W1"]] == [
        ["1", "of", "2", "1.0e+00", "-"]  # where differences vanish there is no angle
    ]
    assert cli.main(["compare", "--scale", "1e300"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("autograd-nn compare: seed 0, scale 1e+300: complex_step: function is ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--network", "2-4-4-1"], "the tutorial's network has one hidden layer: give 2-...-1"),
        (["--network", "2-1"], "the tutorial's network has one hidden layer: give 2-...-1"),
        (["--scale", "0"], "'0' is no positive, finite number"),
        (["--scale", "nan"], "'nan' is no positive, finite number"),
        (["--seeds", "0"], "0 is too small; give 1 or more"),
        (["--out", "x.svg"], "x.svg ends in none of .json, .txt"),
    ],
)
def test_wrong_usage_exits_with_2(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["compare", *options])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
