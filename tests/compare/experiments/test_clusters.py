"""Sweeps over Dask and MPI, where these are installed, give what one process gives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_nn.compare import cases, digest
from autograd_nn.compare.experiments.chunks import run_chunk

OPTIONS = ["--rule", "printed", "mended", "--seeds", "30", "--epochs", "400", "--json"]
WORK = cases(rule=["printed", "mended"], learning_rate=[0.1, 0.5, 1, 5], seed=range(30), epochs=400)


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def sweep_command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "autograd_nn", "sweep", "--out", str(folder), *OPTIONS, *options]


def test_a_dask_cluster_on_this_machine(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra [dask] is not installed")
    printed = run(sweep_command(tmp_path, "--executor", "dask", "--workers", "2"))
    assert json.loads(printed)["digest"] == digest(run_chunk(WORK))


KILLED_WORKERS = """
import contextlib, psutil
from autograd_nn.compare import cases, digest, open_executor, sweep
from autograd_nn.compare.experiments import chunks, sweeping

def kill_a_worker():
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it may be gone by now
            if "spawn_main" in " ".join(process.cmdline()):
                process.kill()
                return 1
    return 0

if __name__ == "__main__":
    chunks.WORTH, chunks.RUNS = 0.0, 10  # many tasks
    added = sweeping.Journal.add
    killed = 0
    def add_and_kill(journal, outcomes):
        global killed
        added(journal, outcomes)
        if killed < 2:  # once, then once more, perhaps in what was restarted
            killed += kill_a_worker()
    sweeping.Journal.add = add_and_kill
    rules, rates = ["printed", "mended"], [0.1, 0.5, 1, 5]
    work = cases(rule=rules, learning_rate=rates, seed=range(30), epochs=400)
    with open_executor("dask", workers=2) as executor:
        outcomes = sweep(work, executor, resume="outcomes.jsonl")
    assert killed == 2
    print(digest(outcomes), len(open("outcomes.jsonl").readlines()))
"""


def test_killed_dask_workers_lose_nothing(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra [dask] is not installed")
    script = tmp_path / "script.py"
    script.write_text(KILLED_WORKERS)
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [digest(run_chunk(WORK)), str(len(WORK))]


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_ranks_of_mpi(ranks: int, tmp_path: Path) -> None:
    pytest.importorskip("mpi4py", reason="the extra [mpi] is not installed")
    mpiexec = Path(sys.executable).parent / "mpiexec"
    if not mpiexec.exists():
        pytest.skip("the extra [mpi] has put no mpiexec beside Python")
    command = sweep_command(tmp_path, "--executor", "mpi")
    printed = run([str(mpiexec), "-n", str(ranks), *command])
    assert json.loads(printed)["digest"] == digest(run_chunk(WORK))
