"""Run many cases, anywhere, and lose none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, as_completed
from contextlib import ExitStack

from tqdm import tqdm

from autograd_nn.compare.experiments.cases import Case
from autograd_nn.compare.experiments.chunks import Chunk, chunks, run_chunk
from autograd_nn.compare.experiments.journal import Journal
from autograd_nn.compare.experiments.outcome import Outcome


def sweep(
    cases: Iterable[Case],
    executor: Executor | None = None,
    resume: str | os.PathLike[str] | None = None,
    progress: bool = True,  # noqa: FBT001, FBT002 (a switch, most often named)
) -> list[Outcome]:
    """Train and measure every case; the same outcomes, to the bit, on every executor.

    Parameters
    ----------
    cases : iterable of Case
    executor : concurrent.futures.Executor, optional
        Threads, processes, `distributed.Client.get_executor()`, `mpi4py.futures.MPIPoolExecutor`
        or any other of its kind; without one, the cases are run here, one chunk after another.
    resume : path-like, optional
        A JSONL file.  Cases whose outcomes it holds are not run again; every other is added as
        soon as it is known.  It is made if it does not exist.
    progress : bool, default True
        Show a bar, if standard error is a terminal.

    Returns
    -------
    list of Outcome
        In the order of `cases`.

    Raises
    ------
    ValueError
        If `resume` has a line that is not an outcome.
    concurrent.futures.BrokenExecutor
        If a worker died that the executor cannot replace.  What is in the file stays, and the
        same call goes on from there.

    Notes
    -----
    Cases that differ in seed, learning rate, scale or target alone are trained side by side, in
    stacks of up to 128; small stacks are sent together, so that a task is worth its sending.

    Examples
    --------
    >>> from autograd_nn.compare import cases, sweep
    >>> outcomes = sweep(cases(rule=["printed", "mended"], seed=range(3), epochs=1500))
    >>> [outcome.epochs_to_target is not None for outcome in outcomes]
    [False, False, False, True, True, True]
    """
    cases = list(cases)
    with ExitStack() as stack:
        journal = stack.enter_context(Journal(resume)) if resume is not None else None
        known = {} if journal is None else journal.outcomes
        missing = [case for case in dict.fromkeys(cases) if case not in known]
        bar = stack.enter_context(
            tqdm(
                desc="sweep",
                unit=" cases",
                total=len(cases),
                initial=len(cases) - len(missing),
                disable=None if progress else True,
            )
        )
        for outcomes in _finished(chunks(missing), executor):
            if journal is None:
                known.update((outcome.case, outcome) for outcome in outcomes)
            else:
                journal.add(outcomes)
            bar.update(len(outcomes))
        return [known[case] for case in cases]


def _finished(work: list[Chunk], executor: Executor | None) -> Iterator[list[Outcome]]:
    """Yield the outcomes of each chunk when they are known."""
    if executor is None:
        yield from map(run_chunk, work)
        return
    futures = [executor.submit(run_chunk, chunk) for chunk in work]
    try:
        for future in as_completed(futures):
            yield future.result()
    except BrokenExecutor as error:
        error.add_note("A worker died; with resume, the same sweep goes on where it was.")
        raise
    finally:
        for future in futures:
            future.cancel()
