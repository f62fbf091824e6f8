"""The command line of sweeps: what it prints, writes and returns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograd_nn import cli

SMALL = ["--seeds", "3", "--epochs", "20", "--executor", "serial"]


def test_it_prints_a_table_and_writes_outcomes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["sweep", *SMALL, "--out", str(tmp_path / "new")]) == 0
    printed = capsys.readouterr().out
    for rule in ("printed", "mended", "hidden-mended", "output-mended"):
        assert printed.count(f" {rule} ") >= 4
    assert "data xor, hidden 4, batch_size all, scale 1, epochs 20, target 0.01" in printed
    assert "0 of 3 [0, 56]" in printed
    assert len((tmp_path / "new" / "outcomes.jsonl").read_text().splitlines()) == 3 * 4 * 4


def test_json_is_all_that_it_then_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--rule", "mended", "--data", "random-5x3x2", "--batch-size", "2", "--json"]
    arguments = ["sweep", *SMALL, *options, "--out", str(tmp_path), "--seed", "7"]
    assert cli.main(arguments) == 0
    first = json.loads(capsys.readouterr().out)
    assert [row["configuration"]["batch_size"] for row in first["summaries"]] == [2] * 4
    lines = (tmp_path / "outcomes.jsonl").read_text().splitlines()
    seeds = [json.loads(line)["case"]["seed"] for line in lines]
    assert set(seeds) == {7, 8, 9}
    assert cli.main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == first


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rule", "nonsense"], "invalid choice: 'nonsense'"),
        (["--data", "mnist"], "data must be 'xor', 'iris' or like 'random-20x3x2', not 'mnist'"),
        (["--seeds", "0"], "0 is too small; give 1 or more"),
        (["--seed", "-1"], "-1 is too small; give 0 or more"),
        (["--learning-rate", "0"], "learning_rate must be positive"),
        (["--scheduler", "tcp://127.0.0.1:1"], "a scheduler belongs to 'dask'"),
    ],
)
def test_wrong_usage_exits_with_2(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["sweep", "--out", str(tmp_path / "none"), *options])
    assert stop.value.code == 2
    stderr = capsys.readouterr().err
    assert message in stderr
    assert "usage: autograd-nn sweep" in stderr
    assert not (tmp_path / "none").exists()


def test_failures_are_one_sentence_and_exit_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "outcomes.jsonl").write_text("nonsense\n")
    assert cli.main(["sweep", *SMALL, "--out", str(tmp_path)]) == 1
    stderr = capsys.readouterr().err
    assert stderr.startswith("autograd-nn sweep: ")
    assert "line 1: not an outcome of a sweep" in stderr
    assert stderr.count("\n") == 1
    assert cli.main(["sweep", *SMALL, "--out", str(tmp_path / "outcomes.jsonl")]) == 1
    assert capsys.readouterr().err.startswith("autograd-nn sweep: ")


def test_help_has_an_example_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["sweep", "--help"])
    assert stop.value.code == 0
    printed = capsys.readouterr().out
    assert "example: autograd-nn sweep --rule printed mended" in printed
    assert "Exit codes: 0 done, 1 failed, 2 wrong usage, 130" in printed
