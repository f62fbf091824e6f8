"""A sweep gives the same outcomes everywhere, and neither kills nor repetitions lose any."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from autograd_nn.compare import Case, Outcome, cases, digest, open_executor, sweep
from autograd_nn.compare.experiments import chunks as cutting, sweeping
from autograd_nn.compare.experiments.chunks import Chunk, chunks, run_chunk, seconds, stacks
from autograd_nn.compare.experiments.trial import run_stack, stack_key
from autograd_nn.errors import MissingExtraError

WORK = cases(rule=["printed", "mended", "stale-weights"], scale=[1, 3], seed=range(20), epochs=100)
MIXED = cases(
    data=["xor", "iris", "random-5x3x2"],
    hidden=[2, 4],
    rule=["printed", "mended"],
    learning_rate=[0.1, 1],
    seed=range(5),
    epochs=[1, 20],
)


@pytest.fixture(scope="module")
def expected() -> str:
    return digest(run_chunk(WORK))


@pytest.fixture
def chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be many chunks of little work, so that tests need not do much."""
    monkeypatch.setattr(cutting, "WORTH", 0.0)
    monkeypatch.setattr(cutting, "RUNS", 10)


@pytest.mark.usefixtures("chunk_by_chunk")
@pytest.mark.parametrize("name", ["serial", "threads", "processes"])
def test_every_executor_gives_the_same_to_the_bit(name: str, expected: str) -> None:
    assert len(chunks(WORK)) == 12
    with open_executor(name, workers=2) as executor:
        outcomes = sweep(WORK, executor, progress=False)
    assert [outcome.case for outcome in outcomes] == WORK
    assert digest(outcomes) == expected


def test_cases_of_all_kinds_in_one_sweep_are_what_each_is_alone() -> None:
    assert sweep(MIXED[::17]) == [outcome for case in MIXED[::17] for outcome in run_stack([case])]


def test_chunks_hold_every_case_once_and_enough_of_them() -> None:
    for work in (WORK, MIXED, MIXED[:1], cases(seed=range(1000), epochs=1)):
        cut = chunks(work)
        assert sorted(repr(case) for chunk in cut for case in chunk) == sorted(map(repr, work))
        assert all(seconds(chunk) >= cutting.WORTH for chunk in cut) or len(cut) == 1


def test_stacks_share_what_stacks_must_and_are_no_larger_than_memory_allows() -> None:
    for work in (WORK, MIXED, cases(seed=range(300), epochs=[10_000, 10**6])):
        for stack in stacks(work):
            assert len({stack_key(case) for case in stack}) == 1
            assert len(stack) <= cutting.RUNS
            assert len(stack) * (stack[0].epochs + 1) <= cutting.HISTORY


def run_count(monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """Record every case that is run from now on."""
    ran: list[Case] = []

    def run(chunk: Chunk) -> list[Outcome]:
        ran.extend(chunk)
        return run_chunk(chunk)

    monkeypatch.setattr(sweeping, "run_chunk", run)
    return ran


def test_outcomes_come_in_the_order_of_the_cases_which_are_run_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran = run_count(monkeypatch)
    work = [*MIXED[::-7], *MIXED[:3], MIXED[0]]
    assert [outcome.case for outcome in sweep(iter(work))] == work
    assert len(ran) == len(set(ran)) == len(set(work))
    assert sweep([]) == []


def test_what_the_file_holds_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new folder" / "outcomes.jsonl"
    first = sweep(MIXED[:30], resume=path)
    ran = run_count(monkeypatch)
    before = path.read_bytes()
    assert sweep(MIXED[20:40], resume=path)[:10] == first[20:]
    assert sorted(map(repr, ran)) == sorted(map(repr, MIXED[30:40]))
    assert path.read_bytes().startswith(before)
    assert len(path.read_text().splitlines()) == 40
    sweep(MIXED[:40], resume=path)
    assert len(ran) == 10


@pytest.mark.parametrize("cut", [1, 2, 50, 400])
def test_a_torn_last_line_is_dropped_and_done_again(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    outcomes = sweep(MIXED[:5], resume=path)
    whole = path.read_bytes()
    os.truncate(path, len(whole) - cut)
    assert sweep(MIXED[:5], resume=path) == outcomes
    assert sorted(path.read_bytes().splitlines()) == sorted(whole.splitlines())


def test_a_line_that_is_no_outcome_is_named_and_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    sweep(MIXED[:3], resume=path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1][:-9], lines[2], "torn"]))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"outcomes\.jsonl, line 2: not an outcome of a sweep"):
        sweep(MIXED[:3], resume=path)
    assert path.read_bytes() == before


class Dying(Executor):
    """Run two tasks, then break as a pool does whose worker was killed."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, task: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if len(self.futures) < 2:
            future.set_result(task(*args))
        elif len(self.futures) == 2:
            future.set_exception(BrokenExecutor("a process was terminated abruptly"))
        self.futures.append(future)
        return future


@pytest.mark.usefixtures("chunk_by_chunk")
def test_a_dead_worker_leaves_what_was_finished_and_says_how_to_go_on(
    tmp_path: Path, expected: str
) -> None:
    path, executor = tmp_path / "outcomes.jsonl", Dying()
    with pytest.raises(BrokenExecutor) as caught:
        sweep(WORK, executor, resume=path)
    assert "with resume, the same sweep goes on" in caught.value.__notes__[0]
    assert len(executor.futures) > 4
    assert all(future.cancelled() for future in executor.futures[3:])
    held = len(path.read_text().splitlines())
    assert held in {0, 10, 20}  # the broken task may be seen first
    assert digest(sweep(WORK, resume=path)) == expected


def test_outcomes_are_on_disk_as_soon_as_their_chunk_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "WORTH", 0.0)
    monkeypatch.setattr(cutting, "RUNS", 1)
    path, seen = tmp_path / "outcomes.jsonl", []

    def run(chunk: Chunk) -> list[Outcome]:
        seen.append(len(path.read_bytes().splitlines()))
        if len(seen) == 4:
            raise KeyboardInterrupt
        return run_chunk(chunk)

    monkeypatch.setattr(sweeping, "run_chunk", run)
    with pytest.raises(KeyboardInterrupt):
        sweep(WORK[:9], resume=path)
    assert seen == [0, 1, 2, 3]
    assert len(path.read_text().splitlines()) == 3


def test_an_error_in_a_thread_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Chunk) -> list[Outcome]:
        message = "no"
        raise ZeroDivisionError(message)

    monkeypatch.setattr(sweeping, "run_chunk", fail)
    with ThreadPoolExecutor(1) as executor, pytest.raises(ZeroDivisionError):
        sweep(WORK, executor)


def command(folder: Path, *options: str) -> list[str]:
    module = [sys.executable, "-W", "error", "-m", "autograd_nn", "sweep", "--out", str(folder)]
    return [*module, "--seeds", "20", "--epochs", "1200", "--executor", "serial", *options]


def wait_for_lines(path: Path) -> None:
    for _ in range(600):
        if path.exists() and path.stat().st_size:
            return
        time.sleep(0.05)
    pytest.fail("no outcome within half a minute")


@pytest.mark.parametrize(
    ("executor", "stop", "code"),
    [("serial", signal.SIGKILL, -signal.SIGKILL), ("processes", signal.SIGINT, 130)],
)
def test_a_killed_sweep_goes_on_where_it_was(
    executor: str, stop: signal.Signals, code: int, tmp_path: Path
) -> None:
    path = tmp_path / "outcomes.jsonl"
    with subprocess.Popen(
        command(tmp_path, "--executor", executor, "--workers", "1"),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as running:
        wait_for_lines(path)
        os.killpg(running.pid, stop)  # as a terminal does
        _, stderr = running.communicate()
    assert running.returncode == code
    finished = path.read_bytes()
    kept = f"stopped; {path} keeps {len(finished.splitlines())} outcomes; the same command goes on"
    says = f"autograd-nn sweep: {kept} from there\n" if stop == signal.SIGINT else ""
    assert stderr.decode() == says
    assert finished.endswith(b"\n")
    assert 0 < len(finished.splitlines()) < 320
    done = subprocess.run(command(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert path.read_bytes().startswith(finished)
    assert len(path.read_bytes().splitlines()) == 320
    rule = ["printed", "mended", "hidden-mended", "output-mended"]
    rates = [0.1, 0.5, 1, 5]
    fresh = run_chunk(cases(rule=rule, learning_rate=rates, seed=range(20), epochs=1200))
    assert f"digest: {digest(fresh)}" in done.stdout


def test_processes_leave_ctrl_c_to_their_parent() -> None:
    with open_executor("processes", workers=1) as executor:
        assert executor is not None
        assert executor.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN
        if os.name == "posix":
            blocked = executor.submit(signal.pthread_sigmask, signal.SIG_BLOCK, []).result()
            assert signal.SIGINT in blocked  # from the worker's first moment
            assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_a_ctrl_c_does_not_wait_for_processes() -> None:
    def interrupt(executor: Executor | None) -> None:
        assert executor is not None
        futures.append(executor.submit(time.sleep, 60))
        raise KeyboardInterrupt

    futures: list[Future[None]] = []
    with pytest.raises(KeyboardInterrupt), open_executor("processes", workers=1) as executor:
        interrupt(executor)
    assert isinstance(futures[0].exception(timeout=300), BrokenExecutor)


def test_names_of_executors_are_checked() -> None:
    with pytest.raises(ValueError, match=r"name must be one of serial, threads, .*, not 'ray'"):
        open_executor("ray")
    with pytest.raises(ValueError, match="a scheduler belongs to 'dask', not to 'threads'"):
        open_executor("threads", scheduler="tcp://127.0.0.1:1")


@pytest.mark.parametrize(("name", "module"), [("dask", "distributed"), ("mpi", "mpi4py.futures")])
def test_a_missing_extra_is_named(name: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'autograd_nn\[{name}\]'"):  # noqa: SIM117 (entered apart)
        with open_executor(name):
            pass
