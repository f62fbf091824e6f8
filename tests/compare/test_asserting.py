"""One assertion for tests of hand-written gradients."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn.compare import assert_gradients_match

W = {"w": np.array([1.0, 2.0]), "b": np.array([[3.0]])}
RIGHT = {"w": np.cos(W["w"]), "b": 2 * W["b"]}


def loss(params: Any) -> Any:
    return np.sum(np.sin(params["w"])) + np.sum(params["b"] ** 2)


def test_right_gradients_pass() -> None:
    assert_gradients_match(RIGHT, loss, W)
    assert_gradients_match(RIGHT, RIGHT)
    single = {name: g.astype(np.float32) for name, g in RIGHT.items()}
    assert_gradients_match(single, loss, W, rtol=1e-6)


def test_wrong_gradients_fail_with_the_table() -> None:
    wrong = RIGHT | {"w": np.sin(W["w"])}
    with pytest.raises(AssertionError, match="1 of 2 gradients agree") as failure:
        assert_gradients_match(wrong, loss, W)
    assert "'w': entry (1,)" in str(failure.value)


def test_what_is_missing_is_said() -> None:
    with pytest.raises(TypeError, match="reference is a function, so params must be given"):
        assert_gradients_match(RIGHT, loss)
    with pytest.raises(TypeError, match="params goes with a function, but reference is dict"):
        assert_gradients_match(RIGHT, RIGHT, W)


def test_pytest_shows_the_line_of_the_test(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "import numpy as np\n"
        "from autograd_nn.compare import assert_gradients_match\n"
        "def test_mine():\n"
        "    assert_gradients_match(2.0, lambda x: x ** 3, 1.0)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "test_mine.py:4: AssertionError" in done.stdout
    assert "asserting.py" not in done.stdout
