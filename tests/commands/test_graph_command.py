"""The command line of pictures: what it writes, prints and returns."""

import json
import re
from pathlib import Path
from typing import NoReturn

import pytest

from autograd_nn import cli
from autograd_nn.draw import render
from autograd_nn.errors import MissingExtraError


def test_it_writes_a_file_for_each_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(tmp_path / f"step.{kind}") for kind in ("svg", "html", "json", "txt")]
    arguments = ["graph", "--network", "2-3-1", "--data", "xor", "--seed", "5", "-o", *files]
    assert cli.main(arguments) == 0
    printed = capsys.readouterr().out
    assert all(f"written to {file}" in printed for file in files)
    assert re.search(r"■ W1 +\(2, 3\)", printed)
    assert (tmp_path / "step.svg").read_text("utf-8").startswith("<svg")
    assert '<script type="application/json"' in (tmp_path / "step.html").read_text("utf-8")
    first = {file: Path(file).read_bytes() for file in files}
    assert cli.main(arguments) == 0
    assert {file: Path(file).read_bytes() for file in files} == first
    assert cli.main([*arguments[:6], "6", "-o", files[0]]) == 0
    assert Path(files[0]).read_bytes() != first[files[0]]


def test_json_is_all_that_it_then_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "iris.mmd")
    assert cli.main(["graph", "--data", "iris", "--json", "--theme", "dark", "-o", file]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["written"] == [file]
    assert found["missing"] == []
    assert found["entries"] == 4 * 4 + 4 + 4 * 3 + 3


def test_without_a_renderer_it_says_so_and_writes_what_it_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(_svg: str, _source: str) -> NoReturn:
        message = 'PNG needs a renderer; install one with pip install "autograd_nn[render]"'
        raise MissingExtraError(message, name="resvg_py")

    monkeypatch.setattr(render, "png", nothing)
    files = [str(tmp_path / f"step.{kind}") for kind in ("png", "svg", "txt")]
    assert cli.main(["graph", "-o", *files]) == 1
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert 'install one with pip install "autograd_nn[render]"' in printed.err
    assert printed.out.count("written to") == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step.svg", "step.txt"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--network", "3-4-1"], "3-4-1 does not fit xor, which has 2 features and 1 targets"),
        (["--network", "2-0-1"], "'2-0-1' are no sizes of layers; give them like 2-4-1"),
        (["--network", "2"], "'2' are no sizes of layers"),
        (["--data", "mnist"], "'mnist' is none of xor, iris, digits, breast_cancer, and no .csv"),
        (["--seed", "-1"], "-1 is too small; give 0 or more"),
        (["-o", "step.gif"], "step.gif ends in none of .svg, .html"),
    ],
)
def test_wrong_usage_exits_with_2(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["graph", *options])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_is_not_there_fails_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["graph", "-o", str(tmp_path / "none" / "step.svg")]) == 1
    assert capsys.readouterr().err.startswith("autograd-nn graph: ")


def test_help_has_an_example_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["graph", "--help"])
    printed = capsys.readouterr().out
    example = "autograd-nn graph --network 2-4-1 --data xor -o step.svg step.html"
    assert f"example: {example}" in printed
    assert "Exit codes: 0 done" in printed
    assert max(map(len, printed.splitlines())) <= 100
