"""The project keeps its promises: commands, public names, documents, command line."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_nn
from autograd_nn import cli

ROOT = Path(__file__).parents[1]
INSTALL_AND_RUN = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/autograd-nn demo"
INSTALL_AND_TEST = (
    "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' "
    "&& .venv/bin/pytest -n auto --dist loadfile"
)


def test_the_readmes_commands_and_ci_agree() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quick_start = re.findall(r"```(?:bash|sh|console)\n(.*?)```", readme, re.DOTALL)
    commands = [line for block in quick_start for line in block.splitlines() if line]
    assert commands[:2] == [INSTALL_AND_RUN, INSTALL_AND_TEST]
    assert INSTALL_AND_TEST in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


PUBLIC = [
    "", ".nn", ".optim", ".compare", ".draw", ".errors", ".datasets", ".training", ".plotting",
    ".parallel",
]  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_exist_once(name: str) -> None:  # their order is for ruff to check
    module = importlib.import_module("autograd_nn" + name)
    assert len(set(module.__all__)) == len(module.__all__)
    assert all(hasattr(module, public) for public in module.__all__)
    assert all(getattr(module, public).__doc__ for public in module.__all__)


def test_importing_the_package_imports_numpy_and_nothing_heavier() -> None:
    script = (
        "import sys, numpy; before = set(sys.modules); import autograd_nn; "
        "new = {m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names);"
        "print(*sorted(new - {'numpy'}))"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["autograd_nn"]


def test_submodules_come_when_asked_for() -> None:
    script = "import autograd_nn as ag; print(ag.compare.gradcheck.__name__, ag.nn.Linear.__name__)"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["gradcheck", "Linear"]
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = autograd_nn.nonsense  # type: ignore[attr-defined]  # so it has


def test_the_core_can_be_read_at_one_sitting() -> None:
    core = [ROOT / "autograd_nn" / name for name in ("graph.py", "primitive.py")]
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in core) <= 300


def test_files_that_architecture_names_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:autograd_nn|tests|examples|\.ci)/[\w/.]+)`", text)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def run_demo(folder: Path, *options: str) -> str:
    command = [sys.executable, "-W", "error", "-m", "autograd_nn", "demo", "--out", str(folder)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demo_does_the_main_job_and_is_deterministic(tmp_path: Path) -> None:
    first = run_demo(tmp_path / "a", "--seed", "3")
    assert first.replace(str(tmp_path / "a"), "") == run_demo(
        tmp_path / "b", "--seed", "3"
    ).replace(str(tmp_path / "b"), "")
    assert "XOR: 4 of 4 samples classified correctly" in first
    right = re.search(r"Iris: (\d+) of 150 samples classified correctly", first)
    assert right
    assert int(right[1]) >= 140
    for source, verdict in (
        ("tutorial as printed", "differs"),
        ("tutorial mended", "agrees"),
        ("central differences", "agrees"),
        ("complex step", "agrees"),
    ):
        rows = [line for line in first.splitlines() if line.startswith(source)]
        assert len(rows) == 8, source
        assert all(verdict in row for row in rows)
    assert "not the gradient of half the summed squared error" in first
    assert re.search(r"0.1\s+printed\s+0 of 20", first)
    assert (tmp_path / "a" / "training-step.dot").exists() or (
        tmp_path / "a" / "training-step.svg"
    ).exists()


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["demo", "--seed", "-1"]])
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "usage: autograd-nn" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert cli.main(["demo", "--out", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.startswith("autograd-nn demo: ")
