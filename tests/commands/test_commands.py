"""What holds for all commands: options, examples, documented JSON, exit codes, pipes, disks."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import autograd_nn
from autograd_nn import cli
from autograd_nn.commands.common import Parser

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "commands.md").read_text("utf-8")
CODES = {"autograd-nn diagnose tutorial.md": 1}  # all other examples end with 0
NET = """\
import numpy as np

class Net:
    def __init__(self):
        self.W = np.ones((3, 2))

    def forward(self, x):
        self.x, self.y = x, x @ self.W
        return self.y

    def backward(self, t):
        self.dW = self.x.T @ (2 * (self.y - t) / t.size)
"""
FORWARD = """
def forward(x, W):
    return x @ W

def loss(y, t):
    return np.sum((y - t) ** 2)
"""
DUMP = {"params": {"W": [[1]]}, "inputs": [[2]], "targets": [[5]], "grads": {"W": [[-12]]}}


def parser_of(name: str) -> Parser:
    parser = Parser(prog=f"autograd-nn {name}")
    import_module(f"autograd_nn.commands.{name}").add_arguments(parser)
    return parser


def examples_of(name: str) -> list[str]:
    return re.findall(r"^example: (autograd-nn .*)$", parser_of(name).epilog or "", re.MULTILINE)


def documented_fields(name: str) -> list[str]:
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section
    text = section[1][section[1].index("JSON: ") :]
    return re.findall(r"`(\w+)`", re.sub(r"\([^()]*\)", "", text))


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograd_nn", *arguments]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": env} | options
    return subprocess.run(command, text=True, check=False, **given)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_the_same_options_an_example_and_the_exit_codes(name: str) -> None:
    text = parser_of(name).format_help()
    for option in ("--seed N", "--json", "-o F"):
        assert option in text
    assert "print JSON and nothing else; progress goes to stderr" in text
    assert examples_of(name)
    assert re.search("Exit codes: 0 .*130 Ctrl-C", text, re.DOTALL)
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_example_runs_and_its_json_is_as_documented(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "docs" / "diagnose.md", "tutorial.md")
    Path("net.py").write_text(NET + FORWARD)
    Path("dump.json").write_text(json.dumps(DUMP))
    examples = examples_of(name)
    for example in examples:
        assert cli.main([*shlex.split(example)[1:], "--json"]) == CODES.get(example, 0)
        found = json.loads(capsys.readouterr().out)
        assert sorted(found) == sorted(documented_fields(name))
        out = shlex.split(example)[-1] if " --out " in example else ""
        assert all(Path(path).stat().st_size for path in found["written"])
        assert not out or any(out in path for path in found["written"])


def test_the_page_shows_the_examples_and_the_readme_links_it() -> None:
    blocks = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    assert "".join(blocks).splitlines() == [
        example for name in cli.COMMANDS for example in examples_of(name)
    ]
    assert "(docs/commands.md)" in (ROOT / "README.md").read_text("utf-8")


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    printed = capsys.readouterr().out
    assert re.findall(r"^  (\w+)  +[a-z]", printed, re.MULTILINE)[-7:] == [*cli.COMMANDS]
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.strip() == autograd_nn.__version__


@pytest.mark.parametrize("arguments", [["--json", "demo"], ["--", "demo"], ["demos"]])
def test_the_command_comes_first(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith("usage: autograd-nn [-h]")


def test_the_overview_imports_no_command() -> None:
    script = (
        "import sys; from autograd_nn import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "autograd_nn.commands.common" in done.stderr.split()
    for heavy in ("graphviz", "tqdm", "autograd_nn.compare", "autograd_nn.nn"):
        assert heavy not in done.stderr.split()


@pytest.mark.parametrize("arguments", [["--help"], ["compare", "--json"]])
def test_a_reader_that_has_left_is_no_failure(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(*arguments, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = run("compare", stdout=full)
    sentence = "autograd-nn compare: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, sentence)


def test_signs_that_a_terminal_does_not_know_are_no_failure(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = run("graph", "-o", str(tmp_path / "step.svg"), env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "?" in done.stdout


def test_ctrl_c_while_a_command_is_imported_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_name: str) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "import_module", interrupted)
    assert cli.main(["doctor"]) == 130
    assert capsys.readouterr().err == "autograd-nn doctor: stopped\n"


def test_what_does_not_fit_into_memory_is_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["train", "--network", "2-1000000000000000-1"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("autograd-nn train: there is not enough memory; make it smaller (Unable ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["train", "compare", "doctor", "demo"])
def test_where_nothing_can_be_written_is_said_in_one_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert cli.main([name, "--out", str(tmp_path / "file" / "x.json")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(rf"autograd-nn {name}: \S*file\S*: Not a directory\n", err)
