"""Ranks: the processes of a job, which wait for one another, and end together."""

from __future__ import annotations

import atexit
import os
import pickle
import platform
import sys
import time
import traceback
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.errors import MissingExtraError, ParallelError

# What launchers tell their processes: MPICH and its kin, Slurm; Open MPI; MVAPICH.
LAUNCHED = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK")
yield_core = getattr(os, "sched_yield", lambda: time.sleep(0))


class Alone:
    """Be the only rank: all that others would be told or asked is here already."""

    rank, size = 0, 1

    def alltoall(self, pieces: NDArray[Any]) -> NDArray[Any]:
        """Return the pieces."""
        return pieces

    def allgather(self, piece: NDArray[Any]) -> NDArray[Any]:
        """Return the piece, as a row."""
        return piece[np.newaxis]

    def broadcast(self, value: Any) -> Any:
        """Return the value."""
        return value

    def gather(self, value: Any) -> list[Any]:
        """List the value."""
        return [value]


class Ranks:
    """Be one of several ranks.

    Waiting is polling: the core goes to whoever needs it, and a rank that has left is noticed.
    An exception that nobody catches ends all ranks, with a message that names this one.

    Parameters
    ----------
    comm : mpi4py.MPI.Intracomm
        Its ranks; it is duplicated.
    """

    LEFT = 1  # the tag of what a rank sends when its program has ended
    introduced = False  # whether a group of this process has done so

    def __init__(self, comm: Any) -> None:
        self.comm = comm.Dup()
        self.rank, self.size = self.comm.Get_rank(), self.comm.Get_size()
        self.calls = 0  # what all ranks do together, so far
        self.left: dict[int, int] = {}  # how many calls a rank had done when it left
        atexit.register(self.leave)
        if not Ranks.introduced:
            Ranks.introduced = True
            self.introduce()
            self.end_all_on_error()

    # ---- what all do together ----------------------------------------------------------------

    def alltoall(self, pieces: NDArray[Any]) -> NDArray[Any]:
        """Send row r of `pieces` to rank r; return, as row r, what rank r has sent here."""
        received = np.empty_like(pieces)
        self.wait(self.comm.Ialltoall(octets(pieces), octets(received)))
        return received

    def allgather(self, piece: NDArray[Any]) -> NDArray[Any]:
        """Send `piece` to all; return those of all ranks, a row each."""
        received = np.empty((self.size, *piece.shape), piece.dtype)
        self.wait(self.comm.Iallgather(octets(piece), octets(received)))
        return received

    def broadcast(self, value: Any) -> Any:
        """Return what rank 0 has."""
        content = np.frombuffer(pickle.dumps(value) if self.rank == 0 else b"", np.uint8)
        length = np.array([content.size])
        self.wait(self.comm.Ibcast(octets(length)))
        content = content if self.rank == 0 else np.empty(length[0], np.uint8)
        self.wait(self.comm.Ibcast(content))
        return value if self.rank == 0 else pickle.loads(content.data)  # noqa: S301 (of our own job)

    def gather(self, value: Any) -> list[Any]:
        """List what all ranks have, on every one."""
        content = np.frombuffer(pickle.dumps(value), np.uint8)
        lengths = self.allgather(np.array([content.size]))[:, 0]
        padded = np.zeros(lengths.max(), np.uint8)
        padded[: content.size] = content
        rows = self.allgather(padded)
        return [pickle.loads(row.data) for row in rows]  # noqa: S301 (of our own job)

    def wait(self, request: Any) -> None:
        """Wait until all ranks have done their part, or one can do it no more."""
        self.calls += 1
        while not request.Test():
            self.note_who_left()
            for rank, calls in self.left.items():
                if calls < self.calls:
                    message = (
                        f"rank {rank} of {self.size} has ended its program while rank {self.rank} "
                        "waits for it; let all ranks do as many steps, and none exit before"
                    )
                    raise ParallelError(message)
            yield_core()

    # ---- ending together ---------------------------------------------------------------------

    def introduce(self) -> None:
        """Say which process each rank is: of one that is killed, mpiexec tells only that."""
        processes = self.gather(f"process {os.getpid()} on {platform.node()}")
        if self.rank == 0:
            named = ", ".join(f"rank {i} is {process}" for i, process in enumerate(processes))
            sys.stderr.write(f"autograd_nn.parallel: {named}\n")
            sys.stderr.flush()

    def end_all_on_error(self) -> None:
        """Let an exception that nobody catches end the whole job."""

        def hook(_kind: Any, error: BaseException, _trace: Any) -> None:
            told = "".join(traceback.format_exception(error))
            reason = f"{type(error).__name__}: {error}"
            # In one piece, for others may be writing too.
            sys.stderr.write(
                f"{told}rank {self.rank} of {self.size} failed, and ends the job: {reason}\n"
            )
            sys.stderr.flush()
            self.comm.Abort(1)

        sys.excepthook = hook

    def leave(self) -> None:
        """Tell the others that this program has ended, and wait until theirs have."""
        done = np.array([self.calls])
        others = [rank for rank in range(self.size) if rank != self.rank]
        requests = [self.comm.Isend(done, rank, self.LEFT) for rank in others]
        while len(self.left) < len(others):
            self.note_who_left()
            time.sleep(0.001)
        for request in requests:
            request.Wait()

    def note_who_left(self) -> None:
        """Receive what ranks have sent when they left."""
        for rank in range(self.size):
            if rank not in self.left and self.comm.Iprobe(rank, self.LEFT):
                calls = np.empty(1, int)
                self.comm.Recv(calls, rank, self.LEFT)
                self.left[rank] = int(calls[0])


def octets(array: NDArray[Any]) -> NDArray[np.uint8]:
    """See an array as bytes, which MPI passes on whatever they are."""
    return array.reshape(-1).view(np.uint8)


def connected(comm: Any = None) -> Alone | Ranks:
    """Return the ranks of `comm`; by default of the launcher, if one has started this process."""
    if comm is None and any(name in os.environ for name in LAUNCHED):
        try:
            from mpi4py import MPI  # noqa: PLC0415 (an extra, and starts MPI)
        except (ImportError, RuntimeError) as error:  # the latter where mpi4py finds no MPI
            message = "parallel.Group needs mpi4py and an MPI: pip install 'autograd_nn[mpi]'"
            raise MissingExtraError(message) from error
        comm = MPI.COMM_WORLD
    return Alone() if comm is None or comm.Get_size() == 1 else Ranks(comm)
