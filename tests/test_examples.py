"""Every example runs, in seconds, and its claim holds."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_states_its_claim_and_it_holds(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.startswith('"""')
    assert "assert" in source
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_pictures_in_the_documents_are_what_the_example_draws(tmp_path: Path) -> None:
    """``python examples/draw_the_tutorials_mistake.py docs/pictures`` writes them anew."""
    root = Path(__file__).parents[1]
    script = root / "examples" / "draw_the_tutorials_mistake.py"
    command = [sys.executable, "-W", "error", str(script), str(tmp_path)]
    subprocess.run(command, capture_output=True, check=True)
    kept = sorted((root / "docs" / "pictures").glob("tutorial-*.svg"))
    assert [path.name for path in kept] == ["tutorial-mended.svg", "tutorial-printed.svg"]
    for path in kept:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
