"""Every example runs, in seconds, its claim holds, and the documents show its picture."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PICTURES = ROOT / "docs" / "pictures"
SECTIONS = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8").split("\n## ")[1:]
Runs = dict[str, tuple[Path, Future[subprocess.CompletedProcess[str]]]]


def run(path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(path), str(folder)]
    alone = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # others run beside it
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=alone
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Run all examples, as many at a time as there are processors."""
    folders = {path: tmp_path_factory.mktemp(path.stem) for path in EXAMPLES}
    pool = ThreadPoolExecutor(os.cpu_count())
    yield {p.stem: (folder, pool.submit(run, p, folder)) for p, folder in folders.items()}
    pool.shutdown(cancel_futures=True)


def section_of(name: str) -> str:
    (found,) = (text for text in SECTIONS if f"\npython examples/{name}.py\n" in text)
    return found


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_states_its_claim_and_it_holds(path: Path, runs: Runs) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.startswith('"""')
    assert "assert" in source
    folder, future = runs[path.stem]
    done = future.result()
    assert done.returncode == 0, done.stderr
    assert done.stdout
    drawn = {picture.name for picture in folder.glob("*.svg")}
    assert drawn == set(re.findall(r"\(pictures/([\w-]+\.svg)\)", section_of(path.stem)))


def test_the_page_shows_the_pictures_that_there_are() -> None:
    assert len(SECTIONS) == len(EXAMPLES)
    for section in SECTIONS:
        assert re.search(r"^!\[[^]]{30,}\]\(pictures/", section, re.MULTILINE)  # with a description
    pages = "\n".join(path.read_text(encoding="utf-8") for path in PICTURES.parent.glob("*.md"))
    named = set(re.findall(r"\(pictures/([\w-]+\.svg)\)", pages))
    kept = {path.name: path.stat().st_size for path in PICTURES.glob("*.svg")}
    assert sorted(named) == sorted(kept)
    assert max(kept.values()) < 100_000  # bytes


def test_the_pictures_of_the_tutorial_are_what_the_example_draws(runs: Runs) -> None:
    """``python examples/draw_the_tutorials_mistake.py docs/pictures`` writes them anew."""
    folder, future = runs["draw_the_tutorials_mistake"]
    assert future.result().returncode == 0
    drawn = sorted(folder.glob("*.svg"))
    assert [path.name for path in drawn] == ["tutorial-mended.svg", "tutorial-printed.svg"]
    for path in drawn:
        assert (PICTURES / path.name).read_bytes() == path.read_bytes()
