"""Ranks that are threads of this process: what MPI does, where there is none."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, local
from typing import Any

import numpy as np
import pytest


class Thread:
    """One of several ranks that meet at a barrier."""

    def __init__(self, rank: int, size: int, board: list[Any], barrier: Barrier) -> None:
        self.rank, self.size, self.board, self.barrier = rank, size, board, barrier

    def gather(self, value: Any) -> list[Any]:
        self.board[self.rank] = value
        self.barrier.wait(20)
        found = [*self.board]
        self.barrier.wait(20)
        return found

    def alltoall(self, pieces: Any) -> Any:
        return np.stack([x[self.rank] for x in self.gather(pieces.copy())])

    def allgather(self, piece: Any) -> Any:
        return np.stack(self.gather(piece.copy()))

    def broadcast(self, value: Any) -> Any:
        return self.gather(value)[0]


def on_ranks(size: int, function: Callable[..., Any], *args: Any) -> list[Any]:
    """Call a function on so many ranks; a `Group` made in it is one of these. List the results."""
    mine, board, barrier = local(), [None] * size, Barrier(size)

    def run(rank: int) -> Any:
        mine.ranks = Thread(rank, size, board, barrier)
        try:
            return function(*args)
        except BaseException:
            barrier.abort()
            raise

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(size) as pool:
        patch.setattr("autograd_nn.parallel.group.connected", lambda _comm: mine.ranks)
        futures = [pool.submit(run, rank) for rank in range(size)]
        errors = [error for future in futures if (error := future.exception())]
        if errors:  # the others only find the barrier broken
            raise min(errors, key=lambda error: type(error).__name__ == "BrokenBarrierError")
        return [future.result() for future in futures]
