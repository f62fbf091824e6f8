"""Ranks of MPI give the same bits, and end together, with the last checkpoint intact."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import autograd_nn as ag
from job import train

pytest.importorskip("mpi4py", reason="the extra [mpi] is not installed")
MPIEXEC = Path(sys.executable).parent / "mpiexec"
if not MPIEXEC.exists():
    pytest.skip("the extra [mpi] has put no mpiexec beside Python", allow_module_level=True)


def start(ranks: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [MPIEXEC, "-n", ranks, sys.executable, Path(__file__).with_name("job.py"), *arguments]
    variables = {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [*map(str, command)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | variables,
    ) as job:  # fmt: skip
        try:
            out, err = job.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            job.terminate()  # which takes the ranks along
            raise
    return subprocess.CompletedProcess([*map(str, command)], job.returncode, out, err)


@cache
def expected(kind: str) -> str:
    """Train in this process, alone and uninterrupted."""
    with TemporaryDirectory() as folder:
        return train(kind, Path(folder) / "x")


def epochs_of(path: Path) -> int:
    """Count the epochs of a checkpoint, which is refused if any bit is damaged."""
    return len(ag.load(path)["history"]["records"]["loss"])


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_any_number_of_ranks_trains_to_the_same_bits(ranks: int, tmp_path: Path) -> None:
    done = start(ranks, tmp_path, "", 0)
    assert done.returncode == 0, done.stderr
    lines = {f"{kind} {expected(kind)}" for kind in ("Adam", "SGD")}
    assert set(done.stdout.splitlines()) == lines
    assert len(done.stdout.splitlines()) == 2 * ranks
    assert epochs_of(tmp_path / "SGD") == 4


@pytest.mark.parametrize(
    ("mishap", "victim", "told"),
    [
        ("fail", 1, "rank 1 of 2 failed, and ends the job: OSError: no more data"),
        ("exit", 1, "rank 1 of 2 has ended its program while rank 0 waits for it"),
        ("kill", 1, r"rank 1 is process (\d+) on (?s:.*)PID \1 RUNNING AT(?s:.*)EXIT CODE: 9"),
        ("kill in a save", 0, r"rank 0 is process (\d+) on (?s:.*)PID \1 RUNNING AT"),
    ],
)
def test_a_rank_that_dies_ends_the_job_and_leaves_the_last_checkpoint(
    mishap: str, victim: int, told: str, tmp_path: Path
) -> None:
    done = start(2, tmp_path, mishap, victim)
    assert done.returncode != 0
    assert re.search(told, done.stderr + done.stdout), done.stderr + done.stdout
    saved = epochs_of(tmp_path / "Adam")
    assert saved == (1 if mishap == "kill in a save" else 2)
    if mishap == "kill":  # another number of ranks goes on
        done = start(4, tmp_path, "", 0, tmp_path / "Adam")
        assert done.returncode == 0, done.stderr
        assert set(done.stdout.splitlines()) == {f"Adam {expected('Adam')}"}
    else:
        assert train("Adam", tmp_path / "x", tmp_path / "Adam") == expected("Adam")
