"""Group: who trains together, and sums that come out the same whoever takes part."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from autograd_nn.errors import AutogradError, ParallelError
from autograd_nn.parallel.ranks import connected
from autograd_nn.saving import state_of, take
from autograd_nn.tensor import Tensor

Term = tuple[NDArray[Any], float]  # an array and its weight


class Group:
    """Divide work between the ranks of an MPI job, so that their number changes no bit.

    Every batch is cut into the same number of shards, whatever the number of ranks; each rank
    computes as many of them as the others.  What they give is added shard after shard, from the
    first to the last.  So a sum depends on the shards alone: 1, 2 and 4 ranks agree to the bit.

    Make the group first: from then on an exception on any rank ends the whole job.

    Parameters
    ----------
    shards : int
        Into how many pieces a batch is cut; the number of ranks must divide it.
    comm : mpi4py.MPI.Intracomm, optional
        The ranks.  By default those that a launcher such as ``mpiexec`` has started (the extra
        ``[mpi]``); without a launcher this process trains alone, and MPI is not needed.

    Attributes
    ----------
    rank, size : int
        Which rank this is, and of how many.
    shards : int
    own : range
        The numbers of the shards that this rank computes.

    Raises
    ------
    MissingExtraError
        If there is a launcher, and mpi4py or an MPI is not installed.
    ValueError
        If the number of ranks does not divide `shards`.
    ParallelError
        If the ranks ask for different numbers of shards.

    Notes
    -----
    MPI's own sums may add in another order when there are more ranks.  Here every rank adds up one
    part of the vectors of all shards, in order, and tells the others: with one shard a rank, each
    sends and receives about twice a vector, which is the least that any algorithm needs.

    Examples
    --------
    >>> group = Group(shards=4)
    >>> group.rank, group.size, list(group.own)
    (0, 1, [0, 1, 2, 3])
    """

    def __init__(self, shards: int, comm: Any = None) -> None:
        if not (isinstance(shards, int | np.integer) and shards > 0):
            message = f"Group: argument shards={shards!r} must be a whole number above 0"
            raise ValueError(message)
        self.ranks = connected(comm)
        self.rank, self.size, self.shards = self.ranks.rank, self.ranks.size, int(shards)
        if shards % self.size:
            message = (
                f"Group: {self.size} ranks do not divide argument shards={shards}; start as many "
                "ranks as divide it, or give a multiple of their number"
            )
            raise ValueError(message)
        self.check_alike("Group", shards=self.shards)
        each = self.shards // self.size
        self.own = range(self.rank * each, (self.rank + 1) * each)

    def slices(self, n: int) -> list[slice]:
        """Cut n samples into shards: sizes differ by 1 at most, larger ones come first.

        >>> Group(shards=4).slices(6)
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None), slice(5, 6, None)]
        """
        least, more = divmod(n, self.shards)
        starts = [i * least + min(i, more) for i in range(self.shards + 1)]
        return [*map(slice, starts[:-1], starts[1:])]

    def sum(self, shards: Iterable[Sequence[Term]]) -> list[NDArray[Any]]:
        """Add ``weight * array`` over all shards of all ranks, from the first to the last.

        Parameters
        ----------
        shards : iterable of list of (array, weight)
            For each of this rank's shards, in order, the same number of terms, of the same shapes
            and dtypes.  They are read before the next shard is asked for.

        Returns
        -------
        list of array
            The sums, the same bits on every rank.

        Examples
        --------
        >>> group = Group(shards=2)
        >>> group.sum([[(np.array([1.0, 2.0]), 0.5)], [(np.array([3.0, 4.0]), 0.5)]])
        [array([2., 3.])]
        """
        rows: dict[np.dtype[Any], NDArray[Any]] = {}  # one a shard, for each dtype
        places: list[tuple[np.dtype[Any], slice, tuple[int, ...]]] = []
        for i, terms in enumerate(shards):
            if not places:
                places = laid_out(array for array, _ in terms)
                ends = {dtype: part.stop for dtype, part, _ in places}  # of each the last
                rows = {dtype: self.rows(n, dtype) for dtype, n in ends.items()}
            for (array, weight), (dtype, part, shape) in zip(terms, places, strict=True):
                np.multiply(array, weight, out=rows[dtype][i, part].reshape(shape))
        totals = {dtype: self.total(matrix) for dtype, matrix in rows.items()}
        return [totals[dtype][part].reshape(shape) for dtype, part, shape in places]

    def rows(self, n: int, dtype: Any) -> NDArray[Any]:
        """Make a row for each of this rank's shards, of n entries and a part for every rank."""
        rows = np.empty((len(self.own), -(-n // self.size) * self.size), dtype)
        rows[:, n:] = 0
        return rows

    def total(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Add the rows of all shards: every rank adds its part of them, and tells the others."""
        parts = rows.reshape(len(rows), self.size, -1).swapaxes(0, 1)  # (for whom, shard, entry)
        received = self.ranks.alltoall(np.ascontiguousarray(parts))
        total, *others = received.reshape(self.shards, -1)
        for other in others:
            np.add(total, other, out=total)
        return self.ranks.allgather(total).reshape(-1)

    def broadcast(self, **objects: Any) -> None:
        """Give all ranks the state that objects have on rank 0.

        Parameters
        ----------
        **objects
            What `autograd_nn.save` takes and `autograd_nn.load` restores, such as ``model=``,
            ``optimizer=``, ``rng=``.

        Raises
        ------
        ParallelError
            If a state does not fit the object of this rank.
        """
        states = {name: state_of(value) for name, value in objects.items()}
        for name, state in self.ranks.broadcast(states).items():
            try:
                if self.rank:
                    take(objects[name], state)
            except (AutogradError, LookupError, ValueError, TypeError) as error:
                reason = error.args[0] if error.args else error
                message = (
                    f"Group.broadcast: the state of {name} on rank 0 does not fit rank "
                    f"{self.rank}: {reason}"
                )
                raise ParallelError(message) from error

    def check_alike(self, where: str, **objects: Any) -> None:
        """Find out, by checksums, whether objects have the same state on all ranks.

        Parameters
        ----------
        where : str
            What the message of an error begins with.
        **objects
            What `broadcast` takes, arrays, or plain data.

        Raises
        ------
        ParallelError
            If one has not; it names what differs, and where.
        """
        if self.size == 1:
            return
        first, *others = self.ranks.gather(dict(checksums(objects)))
        for rank, found in enumerate(others, 1):
            differing = [key for key in first | found if first.get(key) != found.get(key)]
            if differing:
                more = f", and {len(differing) - 1} more" if len(differing) > 1 else ""
                message = (
                    f"{where}: rank {rank} differs from rank 0 in {differing[0]}{more}; let "
                    "every rank do the same with the same numbers, and draw with the same seeds"
                )
                raise ParallelError(message)


def laid_out(
    arrays: Iterable[NDArray[Any]],
) -> list[tuple[np.dtype[Any], slice, tuple[int, ...]]]:
    """Give each array a place in a long vector of its dtype."""
    ends: dict[np.dtype[Any], int] = {}
    places = []
    for array in arrays:
        start = ends.get(array.dtype, 0)
        ends[array.dtype] = start + array.size
        places.append((array.dtype, slice(start, start + array.size), array.shape))
    return places


def checksums(objects: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield names of all that has a state, with a checksum each."""
    for name, value in objects.items():
        state = state_of(value)
        if isinstance(state, Mapping):
            yield from checksums({f"{name}.{key}": part for key, part in state.items()})
        elif isinstance(state, Tensor | np.ndarray | np.generic):
            array = np.ascontiguousarray(state.value if isinstance(state, Tensor) else state)
            form = f"{array.dtype} {array.shape}".encode()
            yield name, crc32(array.reshape(-1).view(np.uint8).data, crc32(form))
        else:
            yield name, crc32(json.dumps(state).encode())
