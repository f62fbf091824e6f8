"""The command ``autograd-nn diagnose``, end to end."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import cli
from autograd_nn.commands import diagnose
from autograd_nn.compare import DiagnosisVerdict
from autograd_nn.compare.diagnosis.mistakes import MISTAKES

RIGHT = """\
import numpy as np

def initialize(n_in, n_hidden, n_out):
    w1 = np.random.randn(n_in, n_hidden)
    w2 = np.random.randn(n_hidden, n_out)
    return w1, w2

def forward(x, w1, w2):
    h = np.tanh(x @ w1)
    y = h @ w2
    return h, y

def loss(y, t):
    return np.sum((y - t) ** 2) / 2

def backward(x, h, y, t, w2):
    e = y - t
    dh = e @ w2.T
    dz = dh * (1 - h ** 2)
    dw1 = x.T @ dz
    dw2 = h.T @ e
    return dw1, dw2
"""
TUTORIAL = """\
# A network from scratch

```python
import numpy as np

def logistic(v):
    return 1 / (1 + np.exp(-v))

def logistic_slope(v):
    return logistic(v) * (1 - logistic(v))
```

Parameters are drawn at random:

```python
def initialize_network(n_in, n_hid, n_out):
    lower = {'weights': np.random.randn(n_in, n_hid), 'bias': np.random.randn(n_hid)}
    upper = {'weights': np.random.randn(n_hid, n_out), 'bias': np.random.randn(n_out)}
    return (lower, upper)

def forward_propagation(data, lower, upper):
    lower_in = np.dot(data, lower['weights']) + lower['bias']
    lower_out = logistic(lower_in)
    upper_in = np.dot(lower_out, upper['weights']) + upper['bias']
    upper_out = logistic(upper_in)
    return lower_out, upper_out
```

And backward:

```python
def backward_propagation(data, lower, upper, lower_out, upper_out, target, learning_rate):
    error = target - upper_out
    upper_delta = error * logistic_slope(upper_out)
    lower_error = np.dot(upper_delta, upper['weights'].T)
    lower_delta = lower_error * logistic_slope(lower_out)
    upper['weights'] += learning_rate * np.dot(lower_out.T, upper_delta)
    upper['bias'] += learning_rate * np.sum(upper_delta, axis=0)
    lower['weights'] += learning_rate * np.dot(data.T, lower_delta)
    lower['bias'] += learning_rate * np.sum(lower_delta, axis=0)
```
"""


def run(*arguments: object) -> int:
    return cli.main(["diagnose", *map(str, arguments)])


@pytest.fixture
def right(tmp_path: Path) -> Path:
    path = tmp_path / "right.py"
    path.write_text(RIGHT)
    return path


def test_a_tutorial_of_the_well_known_kind_is_diagnosed_as_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tutorial.txt"
    path.write_text(TUTORIAL)
    assert run(path, "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "NOT_A_DESCENT"
    lines = TUTORIAL.splitlines()
    guilty = {lines[line["line"] - 1].strip() for line in found["blame"]}
    assert guilty == {
        "upper_delta = error * logistic_slope(upper_out)",
        "lower_delta = lower_error * logistic_slope(lower_out)",
    }
    for line in found["blame"]:
        assert line["file"] == str(path)
        assert line["code"] == lines[line["line"] - 1].strip()
        assert line["mistake"] == "double-derivative"
        assert line["verified"]
    repairs = " ".join(line["repair"] + " ".join(line["ties"]) for line in found["blame"])
    assert "upper_in" in repairs
    assert "lower_in" in repairs
    assert len(found["contaminated"]) == 5
    assert any("--loss half-sse was assumed" in note for note in found["notes"])


def test_exit_codes_say_the_verdict(right: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(right) == diagnose.EXACT == 0
    assert capsys.readouterr().out.startswith("EXACT\n")
    right.write_text(RIGHT.replace("e = y - t", "e = (y - t) / len(x)"))
    assert run(right) == diagnose.WRONG == 1
    assert "1/N" in capsys.readouterr().out
    right.write_text(RIGHT.replace("e = y - t", "e = y - t + np.random.randn()"))
    assert run(right) == diagnose.UNDECIDED == 2
    assert capsys.readouterr().out.startswith("CANNOT DECIDE\n")


def test_what_the_file_prints_is_no_part_of_the_report(
    right: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    noisy = "import os\nprint('hello')\nos.system('echo from the shell')\n"
    right.write_text(noisy + RIGHT)
    assert run(right, "--format", "json") == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["verdict"] == "EXACT"
    assert "hello" in err
    assert "from the shell" in err


def test_a_terminal_that_knows_no_marks_gets_others(right: Path) -> None:
    right.write_text(RIGHT.replace("e = y - t", "e = y - t ** 2"))
    done = subprocess.run(
        [sys.executable, "-m", "autograd_nn", "diagnose", str(right)],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 1
    assert b"right.py:" in done.stdout
    assert done.stdout.isascii()


def test_the_report_is_written_whole_in_the_form_of_its_ending(
    right: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = right.with_name("report.html")
    assert run(right, "--output", page) == 0
    assert capsys.readouterr().out == f"written to {page}\n"
    assert page.read_text(encoding="utf-8").endswith("</html>\n")
    assert run(right, "--output", right.with_name("report.json")) == 0
    assert json.loads(right.with_name("report.json").read_text())["verdict"] == "EXACT"


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        (RIGHT + "while True: pass\n", ["--timeout", "2"], "did not finish within 2 seconds"),
        (RIGHT + "import no_such_library\n", [], "needs no_such_library, which is not installed"),
        (RIGHT + "def (:\n", [], "right.py, line 23, does not parse: invalid syntax"),
        (RIGHT + "import os; os._exit(5)\n", [], "the process that ran it ended with code 5"),
        (RIGHT + "input()\n", [], "line 23, failed when the file was run: EOFError"),
        (RIGHT, ["--forward", "nothing"], "does not define a function 'nothing'"),
        (RIGHT, ["--role", "x"], "--role x: write it as NAME=ROLE"),
        (RIGHT, ["--gradients", "none.json"], "none.json cannot be read as NPZ or JSON"),
        (RIGHT.replace("np.sum((y", "((y"), [], "loss returned an array of shape"),
        (RIGHT, ["--loss", "mse", "--output", "/nowhere/at/all.html"], "No such file"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    right: Path, capsys: pytest.CaptureFixture[str], text: str, options: list[str], sentence: str
) -> None:
    right.write_text(text)
    output = right.with_name("report.html")
    options = options if "--output" in options else [*options, "--output", str(output)]
    assert run(right, *options) == diagnose.BAD_INPUT == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("autograd-nn diagnose: ")
    assert sentence in err
    assert err.count("\n") == 1
    assert [path.name for path in right.parent.iterdir() if path.suffix != ".pyc"] == ["right.py"]


@pytest.mark.parametrize("arguments", [[], ["x.py", "--nonsense"], ["x.py", "--format", "pdf"]])
def test_wrong_usage_exits_with_3(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run(*arguments)
    assert stop.value.code == 3
    assert "usage: autograd-nn diagnose" in capsys.readouterr().err


def test_the_help_says_that_the_file_is_run_and_what_exit_codes_mean(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        run("--help")
    text = capsys.readouterr().out
    assert "FILE is run: do not diagnose a file that you would not run" in text
    assert "Exit codes: 0 exact, 1 wrong" in text
    assert "half-sse" in text


def test_gradients_of_other_programs_are_judged(
    right: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((7, 3)), rng.standard_normal((7, 2))
    w1, w2 = rng.standard_normal((3, 5)), rng.standard_normal((5, 2))
    scope: dict[str, Any] = {}
    exec(RIGHT, scope)  # noqa: S102 (our own program)
    h, y = scope["forward"](x, w1, w2)
    dw1, dw2 = scope["backward"](x, h, y, t, w2)
    dump = right.with_name("dump.npz")
    arrays: dict[str, Any] = {"params.w1": w1, "params.w2": w2, "inputs": x, "targets": t}
    np.savez(dump, **arrays, **{"grads.w1": dw1, "grads.w2": dw2})
    only_forward = RIGHT[: RIGHT.index("def backward")]
    right.write_text(only_forward)
    assert run(right, "--gradients", dump) == 0
    content = {
        "params": {"w1": w1.tolist(), "w2": w2.tolist()},
        "inputs": x.tolist(),
        "targets": t.tolist(),
        "grads": {"w1": (dw1 / 7).tolist(), "w2": (dw2 / 7).tolist()},
    }
    dump = right.with_name("dump.json")
    dump.write_text(json.dumps(content))
    capsys.readouterr()
    assert run(right, "--gradients", dump) == 1
    out = capsys.readouterr().out
    assert out.startswith("EXACT UP TO A FACTOR\n")
    assert "w1 by 1/N" in out
    assert "No line can be named" in out


def test_files_beside_it_can_be_imported(right: Path) -> None:
    right.with_name("a_helper_beside_it.py").write_text("scale = 1\n")
    right.write_text("from a_helper_beside_it import scale\n" + RIGHT)
    assert run(right) == 0
    assert "a_helper_beside_it" not in sys.modules


def test_seeds_decide_what_is_drawn(right: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right.write_text(RIGHT.replace("e = y - t", "e = y - t ** 2"))
    reports = []
    for seed in (1, 1, 2):
        run(right, "--seed", seed)
        reports.append(capsys.readouterr().out)
    assert reports[0] == reports[1] != reports[2]
    assert re.search("✗ .*right.py:1[67]", reports[0])


PAGE = Path(__file__).parents[2] / "docs" / "diagnose.md"


def test_the_page_about_it_and_the_readme_show_what_it_says_of_the_page(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(PAGE.parents[1])
    assert run("docs/diagnose.md") == 1
    report = capsys.readouterr().out
    shown = re.search("<!-- report -->\n```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert shown
    assert report.startswith(shown[1])
    assert "compare/diagnosis" not in report  # our own code between theirs
    readme = Path("README.md").read_text("utf-8")
    short = re.search(r"```text\n(NOT A DESCENT\n.*?)```", readme, re.DOTALL)
    assert short
    for part in short[1].split("...\n"):  # in this order
        assert part.rstrip("\n") in report
        report = report[report.index(part.rstrip("\n")) :]


def test_the_page_about_it_lists_every_verdict_and_every_mistake() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [*(verdict.name for verdict in DiagnosisVerdict), *MISTAKES]
