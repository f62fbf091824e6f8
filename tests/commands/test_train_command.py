"""The command that trains: what it learns, saves, resumes, stops at and refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import cli, datasets, saving
from autograd_nn.commands import train

IRIS = ["train", "--data", "iris", "--validation", "0.2", "--network", "4-5-3"]


def bits(path: Path) -> dict[str, Any]:
    """Return all that decides how a training goes on, arrays as bytes."""
    found = saving.load(path)
    kept = {name: found[name] for name in ("model", "optimizer", "rng", "history")}
    return {
        f"{owner}.{name}": value.tobytes() if isinstance(value, np.ndarray) else value
        for owner, state in kept.items()
        for name, value in state.items()
    }


def interrupting(monkeypatch: pytest.MonkeyPatch, *calls: int) -> None:
    """Press Ctrl-C in these calls of the metric, one of which is made a batch."""
    count = 0

    def metric(_prediction: Any, _target: Any) -> float:
        nonlocal count
        count += 1
        if count in calls:
            signal.raise_signal(signal.SIGINT)
        return 0.5

    monkeypatch.setattr(train, "binary_accuracy", metric)


# ---- what it learns ------------------------------------------------------------------------


def test_it_learns_and_says_how_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--lr", "0.1"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("xor: 2-32-1, relu, adam at 0.1; 50 epochs\ntraining: loss ")
    assert "100.0% of 4 samples right" in out
    assert err.startswith("epoch 1 of 50: loss ")


@pytest.mark.parametrize("name", train.OPTIMIZERS)
def test_every_optimiser_and_activation_learns(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    activations = dict(zip(train.OPTIMIZERS, [*train.ACTIVATIONS][3:], strict=True))
    options = ["--optimizer", name, "--activation", activations[name], "--lr", "0.05", "--json"]
    assert cli.main([*IRIS, *options, "--epochs", "15", "--batch-size", "10"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["settings"]["optimizer"] == name
    assert found["history"]["loss"][-1] < found["history"]["loss"][0]
    assert found["metrics"]["training"]["samples"] == 120
    assert found["metrics"]["validation"]["accuracy"] == found["history"]["val_accuracy"][-1]
    assert found["parameters"] == 4 * 5 + 5 + 5 * 3 + 3


def test_seeds_decide_and_compiled_it_learns_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    losses = []
    for options in (["--seed", "4"], ["--seed", "4", "--compile"], ["--seed", "5"]):
        assert cli.main([*IRIS, *options, "--epochs", "2", "--json"]) == 0
        losses.append(json.loads(capsys.readouterr().out)["history"]["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    assert abs(losses[0][0] - losses[2][0]) > 1e-6


def test_files_are_data_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    iris, found = datasets.iris(), {}
    table = np.column_stack([iris.features, iris.labels])
    np.savez(tmp_path / "iris.npz", table)
    np.savetxt(tmp_path / "iris.csv", table, delimiter=",", fmt="%.17g")
    for data in ("iris", str(tmp_path / "iris.npz"), str(tmp_path / "iris.csv")):
        assert cli.main(["train", "--data", data, "--epochs", "2", "--json"]) == 0
        found[data] = json.loads(capsys.readouterr().out)["history"]
    assert len({json.dumps(history) for history in found.values()}) == 1


def test_results_and_curves_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="the extra [plot] is not installed")
    files = [str(tmp_path / name) for name in ("run.json", "run.svg", "run.png")]
    assert cli.main([*IRIS, "--epochs", "2", "--out", *files]) == 0
    assert all(f"written to {file}" in capsys.readouterr().out for file in files[:1])
    assert json.loads(Path(files[0]).read_text("utf-8"))["epochs"] == 2
    assert "<svg" in Path(files[1]).read_text("utf-8")
    assert Path(files[2]).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("validation", [[], ["--validation", "0.2"]])
def test_the_network_is_written_for_features_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], validation: list[str]
) -> None:
    reference = pytest.importorskip("onnx.reference", reason="the extra [onnx] is not installed")
    model = str(tmp_path / "model.onnx")
    assert cli.main([*IRIS, *validation, "--epochs", "20", "--json", "--out", model]) == 0
    found = json.loads(capsys.readouterr().out)
    iris, parts = datasets.iris(), found["metrics"].values()
    (logits,) = reference.ReferenceEvaluator(model).run(None, {"input": iris.features})
    right = np.sum(np.argmax(logits, axis=1) == iris.labels)
    assert right == round(sum(part["accuracy"] * part["samples"] for part in parts)) > 130
    assert found["written"] == [model]


def test_without_onnx_it_says_so_before_it_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert cli.main([*IRIS, "--out", str(tmp_path / "model.onnx")]) == 1
    assert re.fullmatch(r"autograd-nn train: .*autograd_nn\[onnx\]'\n", capsys.readouterr().err)


def test_without_matplotlib_it_says_so_before_it_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert cli.main([*IRIS, "--out", str(tmp_path / "run.svg")]) == 1
    assert re.fullmatch(r"autograd-nn train: .*autograd_nn\[plot\]'\n", capsys.readouterr().err)


def test_a_loss_that_is_not_finite_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with np.errstate(all="ignore"):
        options = ["--lr", "1e200", "--optimizer", "sgd", "--activation", "elu", "--json"]
        assert cli.main([*IRIS, *options]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["history"]["loss"][-1] in {"NaN", "Infinity"}
    assert re.search(r"autograd-nn train: stopped after epoch \d+: the loss is (inf|nan)\n$", err)


# ---- going on ------------------------------------------------------------------------------


@pytest.mark.parametrize("compiled", [[], ["--compile"]], ids=["eager", "compiled"])
def test_what_is_resumed_is_the_uninterrupted_training_bit_for_bit(
    compiled: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    options = [*IRIS, *compiled, "--seed", "3", "--batch-size", "16", "--checkpoint"]
    assert cli.main([*options, str(whole), "--epochs", "5"]) == 0
    assert cli.main([*options, str(parts), "--epochs", "2"]) == 0
    assert bits(parts) != bits(whole)
    assert cli.main(["train", "--resume", str(parts), "--epochs", "5"]) == 0
    assert bits(parts) == bits(whole)
    out = capsys.readouterr().out.splitlines()
    assert out[:3] == out[-3:]
    assert cli.main(["train", "--resume", str(parts), "--epochs", "2"]) == 0
    assert "has 5 epochs; --epochs counts them too" in capsys.readouterr().err


def test_a_checkpoint_is_resumed_only_as_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, table = tmp_path / "run.safetensors", tmp_path / "table.csv"
    table.write_text("1,a\n2,b\n3,a\n")
    command = ["train", "--data", str(table), "--epochs", "1"]
    assert cli.main([*command, "--checkpoint", str(file)]) == 0
    resumed = ["train", "--resume", str(file)]
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        cli.main([*resumed, "--batch-size", "2"])
    assert stop.value.code == 2
    assert "has 32; leave --batch-size out" in capsys.readouterr().err
    assert cli.main([*resumed, "--epochs", "2", "--data", str(table), "--network", "1-32-2"]) == 0
    table.write_text("1,a\n2,b\n3,b\n")
    capsys.readouterr()
    assert cli.main([*resumed, "--epochs", "3"]) == 1
    assert "was trained with other samples than" in capsys.readouterr().err
    saving.save(file, model=np.ones(3))
    assert cli.main(resumed) == 1
    assert "was saved by another program" in capsys.readouterr().err
    file.write_bytes(b"nonsense")
    assert cli.main(resumed) == 1
    assert capsys.readouterr().err.startswith("autograd-nn train: load: ")
    assert cli.main(["train", "--resume", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.endswith("none: No such file or directory\n")


# ---- Ctrl-C --------------------------------------------------------------------------------


def test_ctrl_c_ends_it_after_the_epoch_and_it_goes_on_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    options = ["train", "--batch-size", "1", "--json", "--epochs", "4", "--checkpoint"]
    interrupting(monkeypatch, 6)  # in the second epoch of four steps each
    assert cli.main([*options, str(parts), "--out", str(tmp_path / "history.json")]) == 130
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["epochs"], found["stopped"]) == (2, "Ctrl-C")
    assert found["metrics"]["training"]["samples"] == 4
    assert len(json.loads((tmp_path / "history.json").read_text("utf-8"))["history"]["loss"]) == 2
    assert "finishing this epoch; Ctrl-C again stops at once" in err
    goes_on = f"; --resume {parts} goes on\n"
    assert err.endswith(f"autograd-nn train: stopped after epoch 2 of 4{goes_on}")
    interrupting(monkeypatch)
    assert cli.main(["train", "--resume", str(parts)]) == 0
    assert cli.main([*options, str(whole)]) == 0
    assert bits(whole) == bits(parts)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_in_the_last_epoch_finds_it_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupting(monkeypatch, 2)
    assert cli.main(["train", "--epochs", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["epochs"], found["stopped"]) == (2, None)


def test_a_second_ctrl_c_ends_it_at_once_and_keeps_what_was_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.safetensors"
    interrupting(monkeypatch, 6, 7)
    options = ["--batch-size", "1", "--json", "--checkpoint", str(file)]
    assert cli.main(["train", *options]) == 130
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["epochs"], found["metrics"], found["stopped"]) == (1, None, "Ctrl-C")
    assert len(saving.load(file)["history"]["records"]["loss"]) == 1
    assert f"stopped after epoch 1 of 50; --resume {file} goes on" in err


def test_ctrl_c_before_the_first_epoch_ends_keeps_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.safetensors"
    interrupting(monkeypatch, 1, 2)
    assert cli.main(["train", "--batch-size", "1", "--checkpoint", str(file)]) == 130
    out, err = capsys.readouterr()
    assert out == "xor: 2-32-1, relu, adam at 0.01; 0 epochs\n"
    assert err.endswith("autograd-nn train: stopped after epoch 0 of 50\n")
    assert not file.exists()
    interrupting(monkeypatch)
    options = ["--batch-size", "1", "--epochs", "2"]
    assert cli.main(["train", *options, "--checkpoint", str(file)]) == 0
    interrupting(monkeypatch, 1, 2)
    resumed = ["train", "--resume", str(file), "--epochs", "3"]
    monkeypatch.setattr(train, "evaluate", None)
    assert cli.main([*resumed, "--checkpoint", str(tmp_path / "other")]) == 130
    assert capsys.readouterr().err.endswith(f"epoch 2 of 3; --resume {file} goes on\n")


@pytest.mark.skipif(os.name != "posix", reason="signals are sent to processes")
def test_a_process_that_is_sent_ctrl_c_leaves_json_and_a_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "run.safetensors"
    command = [sys.executable, "-m", "autograd_nn", *IRIS, "--json", "--checkpoint", str(file)]
    with subprocess.Popen(
        [*command, "--epochs", "1000000"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr
        assert "epoch 1 of" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    found = json.loads(out)
    assert saving.load(file)["history"]["records"] == found["history"]
    assert len(found["history"]["loss"]) == found["epochs"] >= 1


# ---- what it refuses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--network", "2-4-2"], "2-4-2 does not fit xor, which has 2 features and 1 targets"),
        (["--data", "mnist"], "'mnist' is none of xor, iris, digits, breast_cancer, and no .csv"),
        (["--lr", "-1"], "'-1' is no positive, finite number"),
        (["--lr", "fast"], "'fast' is no positive, finite number"),
        (["--validation", "1"], "'1' is no share between 0 and 1"),
        (["--validation", "0.1"], "of 4 samples leaves none on one side"),
        (["--epochs", "many"], "'many' is no whole number"),
        (["--batch-size", "0"], "0 is too small; give 1 or more"),
        (["--compile", "jax"], "invalid choice: 'jax'"),
        (["--out", "x.txt"], "x.txt ends in none of .json, .onnx, .svg, .png, .pdf"),
    ],
)
def test_wrong_usage_exits_with_2(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["train", *options])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_bad_files_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.csv").write_text("1,2,a\n1,b\n")
    assert cli.main(["train", "--data", str(tmp_path / "bad.csv")]) == 1
    err = capsys.readouterr().err
    assert err.startswith("autograd-nn train: datasets.read: ")
    assert "line 2 has 2 cells, those before have 3" in err
    assert err.count("\n") == 1
    assert cli.main(["train", "--data", str(tmp_path / "none.csv")]) == 1
    assert "none.csv: No such file or directory" in capsys.readouterr().err
