"""Open executors by name: processes and threads here, Dask and MPI over many machines."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import TracebackType
from typing import Any, Self

from autograd_nn.errors import MissingExtraError


def open_executor(
    name: str = "processes", workers: int | None = None, scheduler: str | None = None
) -> AbstractContextManager[Executor | None]:
    """Open an executor for `sweep`, and close it afterwards.

    Parameters
    ----------
    name : {'serial', 'threads', 'processes', 'dask', 'mpi'}
        'serial' is None.  'dask' starts a cluster on this machine that nobody else can reach,
        unless `scheduler` names one.  'mpi' takes the ranks of ``mpiexec -n N``: rank 0 goes on
        with the executor, while the others serve it and then end their process.
    workers : int, optional
        How many threads or processes; by default one for each core.
    scheduler : str, optional
        The address of a Dask scheduler whose workers have `autograd_nn` installed, such as
        'tcp://10.0.0.1:8786'.  Its traffic is pickles: use none that you do not trust.

    Returns
    -------
    context manager
        Its value is a `concurrent.futures.Executor`, or None.

    Raises
    ------
    MissingExtraError
        On entering, if Dask or MPI is asked for and not installed.
    ValueError
        If there is no executor of that name, or `scheduler` is given without 'dask'.

    Examples
    --------
    >>> with open_executor("threads", workers=2) as executor:
    ...     list(executor.map(abs, [-1, 2]))
    [1, 2]
    """
    if name not in EXECUTORS:
        msg = f"open_executor: name must be one of {', '.join(EXECUTORS)}, not {name!r}"
        raise ValueError(msg)
    if scheduler is not None and name != "dask":
        msg = f"open_executor: a scheduler belongs to 'dask', not to {name!r}"
        raise ValueError(msg)
    return EXECUTORS[name](workers or os.cpu_count() or 1, scheduler)


def _serial(_workers: int, _scheduler: str | None) -> AbstractContextManager[None]:
    return nullcontext()


def _threads(workers: int, _scheduler: str | None) -> AbstractContextManager[Executor]:
    return ThreadPoolExecutor(workers)


def _processes(workers: int, _scheduler: str | None) -> AbstractContextManager[Executor]:
    clean = multiprocessing.get_context("spawn")  # forking a process with threads may hang it
    return _Processes(workers, mp_context=clean, initializer=_leave_ctrl_c_to_parent)


class _Processes(ProcessPoolExecutor):
    """Workers that do not see Ctrl-C, not even while they start, and do not outlive it."""

    def __enter__(self) -> Self:
        self.others = set(multiprocessing.active_children())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        if kind is KeyboardInterrupt:  # tasks may take long, and nobody waits for them any more
            self.shutdown(wait=False, cancel_futures=True)
            time.sleep(0.1)  # until it has forgotten them, or Python 3.11 prints a traceback
            for worker in set(multiprocessing.active_children()) - self.others:
                worker.terminate()
        return super().__exit__(kind, error, trace)

    def submit(self, *args: Any, **options: Any) -> Future[Any]:  # starts a worker, if need be
        if not hasattr(signal, "pthread_sigmask"):  # on Windows
            return super().submit(*args, **options)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # workers inherit it
        try:
            return super().submit(*args, **options)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_ctrl_c_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _dask(workers: int, scheduler: str | None) -> Iterator[Executor]:
    try:
        import distributed  # noqa: PLC0415 (an extra, and slow to import)
    except ImportError as error:
        msg = "the executor 'dask' needs Dask: pip install 'autograd_nn[dask]'"
        raise MissingExtraError(msg) from error
    local: dict[str, Any] = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "host": "127.0.0.1",
        "dashboard_address": None,
    }
    connect: Any = distributed.Client  # without types
    with connect(**({"address": scheduler} if scheduler else local)) as client:
        yield client.get_executor(pure=False)


@contextmanager
def _mpi(_workers: int, _scheduler: str | None) -> Iterator[Executor]:
    try:
        from mpi4py.futures import MPICommExecutor  # noqa: PLC0415 (an extra; starts MPI)
    except (ImportError, RuntimeError) as error:  # the latter where mpi4py finds no MPI
        msg = "the executor 'mpi' needs mpi4py and an MPI: pip install 'autograd_nn[mpi]'"
        raise MissingExtraError(msg) from error
    ranks: Any = MPICommExecutor()  # typed as what it is, not as what it enters
    with ranks as executor:
        if executor is not None:
            yield executor
            return
    sys.exit(0)  # this rank has served the others to the end


EXECUTORS: dict[str, Callable[[int, str | None], AbstractContextManager[Executor | None]]] = {
    "serial": _serial,
    "threads": _threads,
    "processes": _processes,
    "dask": _dask,
    "mpi": _mpi,
}
