"""checkpoint: compute again instead of storing.

In the graph a checkpointed call is one node, the *segment*, whose parents are all that the call
read from outside, arguments and closed-over Tensors alike, and one node for each result:

    what was read ... -> segment -> result, result, ...

A sweep brings cotangents of the results, one by one, to the segment, where a `Bundle` collects
them; when all are there, the function is computed again, recorded this time, and the sweep goes
on through what was recorded.  Forward, a `Bundle` collects the tangents of what was read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np

from autograd_nn.errors import InPlaceError, NoGradientError
from autograd_nn.fitting import Symbolic, Value, owned
from autograd_nn.graph import Node, between, history, next_birth, pullback, pushforward
from autograd_nn.masks import unknown
from autograd_nn.primitive import NO_PARAMS
from autograd_nn.tensor import Tensor, rejoin
from autograd_nn.traced import active, box, recording
from autograd_nn.transforms.trees import flatten, unflatten


def checkpoint(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make `function` keep only what goes in: what it computes is computed again when needed.

    Saves memory for time: about one more evaluation for each sweep.  Derivatives are the same,
    of any order, forward and backward, in transforms and in ``backward()``.

    Parameters
    ----------
    function : callable
        With any signature; arguments and results may be nested in dicts, lists and tuples.  It
        may close over Tensors.  Called again with the same values it must give the same results.

    Raises
    ------
    InPlaceError
        On the way back, if the results are not the same again.
    NoGradientError
        When called, if it returns what depends on a leaf that it made itself.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import grad
    >>> layer = checkpoint(lambda x: np.tanh(np.sin(x) * 2))
    >>> grad(lambda x: np.sum(layer(layer(x))))(np.zeros(2))
    array([4., 4.])
    """

    @wraps(function)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        if not recording.get():
            return function(*args, **kwargs)
        given, nest = flatten((args, kwargs))
        saved = [kept(leaf) for leaf in given]
        start = next_birth()
        outs, nest_of_outs = flatten(function(*args, **kwargs))
        made = {
            k: out
            for k, out in enumerate(outs)
            if isinstance(out, Tensor) and out.node is not None and out.node.birth >= start
        }
        name = f"checkpoint({getattr(function, '__name__', 'function')})"
        read = read_from_outside([out.node for out in made.values()], start, name)
        if read:
            again = partial(compute_again, function, nest, saved, active.get())
            values = [out.value for out in made.values()]
            seen = fingerprint([out.node for out in made.values()], start)
            segment = Segment(name, again, list(made), values, read, seen)
            for k, out in zip(made, segment.outputs(), strict=True):
                outs[k] = out
        return unflatten(nest_of_outs, outs)

    return checkpointed


def kept(leaf: Any) -> Any:
    """Save an argument as it is now."""
    if isinstance(leaf, Tensor):
        return box(Tensor, owned(leaf.value) if leaf.exposed else leaf.value, leaf.node)
    return np.array(leaf) if isinstance(leaf, np.ndarray) else leaf


def compute_again(
    function: Callable[..., Any], nest: Any, saved: Sequence[Any], running: frozenset[Node]
) -> list[Any]:
    """Call `function` on what was saved, which it may write to once more.

    For transforms inside it, those that were running at the first call still are.
    """
    tokens = recording.set(True), active.set(active.get() | running)
    try:
        args, kwargs = unflatten(nest, [kept(leaf) for leaf in saved])
        return flatten(function(*args, **kwargs))[0]
    finally:
        recording.reset(tokens[0])
        active.reset(tokens[1])


def read_from_outside(roots: Sequence[Any], start: int, name: str) -> dict[Node, Value]:
    """Find what was read, born before `start`, and its values."""
    inside = history(*roots, since=start)
    for end in inside.ends:
        if end.owner is not None and end.owner() is not None:
            message = (
                f"{name}: the result depends on a tensor with requires_grad=True made inside, "
                "which would be another one each time; make it outside"
            )
            raise NoGradientError(message)
    return {
        parent: primal
        for node in inside.operations
        for parent, primal in zip(node.parents, node.primals, strict=True)
        if parent is not None and parent.birth < start
    }


def fingerprint(roots: Sequence[Any], start: int) -> int:
    """Condense the constants on which the derivative depends.

    They may change while the results stay the same: ``x * c`` is 0 where `x` is, whatever `c`.
    """
    seen = []
    for node in history(*roots, since=start).operations:
        saved = zip(node.parents, node.primals, strict=True)
        outside = [condensed(primal) for parent, primal in saved if parent is None]
        within = node.out.fingerprint if isinstance(node.out, Segment) else 0
        seen.append(hash((node.primitive.name, *outside, condensed(node.params), within)))
    return hash(tuple(seen))


def condensed(x: Any) -> int:
    """Hash arrays and numbers, and what contains them, by their values."""
    if isinstance(x, np.ndarray | np.generic):
        return hash((x.dtype.str, x.shape, x.tobytes()))
    if isinstance(x, dict):
        x = tuple(x.items())
    if isinstance(x, list | tuple):
        return hash(tuple(map(condensed, x)))
    return 0 if callable(x) else hash(repr(x))


class Segment:
    """A checkpointed call, as the value of its own node: what a sweep needs to go through it."""

    shape: tuple[int, ...] = ()
    dtype = np.dtype(float)
    ndim = 0

    def __init__(
        self,
        name: str,
        again: Callable[[], list[Any]],
        made: Sequence[int],
        values: Sequence[Value],
        read: dict[Node, Value],
        fingerprint: int,
    ) -> None:
        self.name, self.again, self.made, self.values = name, again, made, values
        self.parents, self.read, self.fingerprint = list(read), tuple(read.values()), fingerprint

    def outputs(self) -> list[Tensor]:
        """Enter the segment and its results into the graph."""
        every = range(len(self.read))
        primitive = Steps(
            self.name, [partial(back, i) for i in every], [partial(ahead, i) for i in every]
        )
        node = Node(primitive, self.parents, self.read, NO_PARAMS, self)
        return [
            box(Tensor, value, Node(self.result(j), (node,), (np.float64(0),), NO_PARAMS, value))
            for j, value in enumerate(self.values)
        ]

    def result(self, j: int) -> Steps:
        """Make the operation that takes result `j` out of the segment."""
        return Steps(
            f"{self.name} result", [lambda v, *_: Bundle({j: v})], [lambda v, *_: v.tangent(j)]
        )

    def recorded(self) -> tuple[list[Tensor], int]:
        """Compute again, recorded; return the results and when it began."""
        start = next_birth()
        outs = self.again()
        found = [outs[k] for k in self.made if k < len(outs)]
        if len(found) == len(self.values) and all(map(alike, found, self.values)):
            nodes = [out.node for out in found]
            if fingerprint(nodes, start) == self.fingerprint:
                read = read_from_outside(nodes, start, self.name)
                if list(read) == self.parents and all(map(identical, read.values(), self.read)):
                    return found, start
        message = (
            f"{self.name}: computed again, it gave other results; it must not draw random numbers "
            "(pass them in), and what it reads must not be changed before the way back"
        )
        raise InPlaceError(message)

    def backward(self, cotangents: dict[int, Value], lifted: bool) -> list[Value]:  # noqa: FBT001
        """Carry cotangents of the results back to all that was read."""
        outs, start = self.recorded()
        seeds: dict[Any, Value] = {}
        for j, v in cotangents.items():
            node = outs[j].node
            seeds[node] = seeds[node] + v if node in seeds else v
        span = between(self.parents, *seeds, since=start)
        found = pullback(span, seeds, rejoin if lifted else None, keep=lifted)
        return [found.get(p, np.zeros(p.shape, p.dtype)) for p in self.parents]

    def forward(self, tangents: dict[int, Value], lifted: bool) -> list[Value]:  # noqa: FBT001
        """Carry tangents of what was read forward to the results."""
        outs, start = self.recorded()
        starts = {self.parents[i]: v for i, v in tangents.items()}
        nodes: list[Any] = [out.node for out in outs]
        span = between(starts, *nodes, since=start)
        table = pushforward(span, starts, rejoin if lifted else None)
        return [table.get(node, np.zeros(node.shape, node.dtype)) for node in nodes]


class Steps:
    """What the graph asks of a primitive."""

    chooses, reach, parts, joint = False, staticmethod(unknown), (), None

    def __init__(self, name: str, vjps: Sequence[Any], jvps: Sequence[Any]) -> None:
        self.name, self.vjps, self.jvps = name, vjps, jvps


class Bundle:
    """Cotangents, or tangents, collected until all are there; to a sweep it is one number."""

    shape, dtype, ndim = Segment.shape, Segment.dtype, Segment.ndim

    def __init__(self, items: dict[int, Value], segment: Any = None) -> None:
        self.items, self.segment = items, segment
        self.carried: list[Value] | None = None

    def __add__(self, other: Bundle) -> Bundle:
        self.items |= other.items
        return self

    def cotangent(self, i: int, segment: Any) -> Value:
        """Carry what was collected back, once, and return the part for what was read as `i`."""
        if self.carried is None:
            self.carried = bare(segment).backward(self.items, isinstance(segment, Tensor))
        return self.carried[i]

    def tangent(self, j: int) -> Value:
        """Carry what was collected forward, once, and return the part for result `j`."""
        if self.carried is None:
            lifted = isinstance(self.segment, Tensor)
            self.carried = bare(self.segment).forward(self.items, lifted)
        return self.carried[j]


def back(i: int, v: Bundle, segment: Any, *_read: Value) -> Value:
    """Carry cotangents of the results back to what was read as `i`."""
    return v.cotangent(i, segment)


def ahead(i: int, v: Value, segment: Any, *_read: Value) -> Bundle:
    """Collect the tangent of what was read as `i`."""
    return Bundle({i: v}, segment)


def bare(segment: Any) -> Segment:
    """Take the segment out of the Tensor in which a recorded sweep shows it."""
    found: Segment = segment.value if isinstance(segment, Tensor) else segment
    return found


def identical(one: Value, other: Value) -> bool:
    """Tell whether what is read has the same values again."""
    return one is other or one.tobytes() == other.tobytes()


def alike(found: Any, value: Value) -> bool:
    """Tell whether a result is the same again, up to roundoff."""
    if not isinstance(found, Tensor) or found.node is None or found.shape != value.shape:
        return False
    largest = np.max(np.abs(value), where=np.isfinite(value), initial=0)
    tolerance = np.sqrt(np.finfo(value.dtype).eps) * largest
    if isinstance(found.value, Symbolic):  # while a program is recorded, nobody knows
        return True
    return bool(np.allclose(found.value, value, rtol=0, atol=tolerance, equal_nan=True))
