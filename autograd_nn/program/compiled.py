"""compile: record a function once, then run what it did as a flat program."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import update_wrapper
from inspect import signature
from operator import itemgetter
from threading import RLock
from typing import Any

import numpy as np

from autograd_nn.errors import DetachError, DtypeError, TraceError
from autograd_nn.program.backends import backend_named
from autograd_nn.program.ir import Program
from autograd_nn.program.replay import MISSED
from autograd_nn.program.surroundings import Surroundings
from autograd_nn.program.symbol import Symbol
from autograd_nn.program.tracer import Tracer, recording_on
from autograd_nn.tensor import Tensor
from autograd_nn.traced import active, box, recording, settled, tracers
from autograd_nn.transforms.trees import HERE, flatten, paths, unflatten


def compile(  # noqa: A001 (what users call it)
    function: Callable[..., Any],
    *example_args: Any,
    backend: str = "numpy",
    retrace: bool = True,
    check_nan: bool = False,
    cache: int = 8,
) -> Compiled:
    """Record what `function` does with arguments like these, and return the program as a function.

    The function may compute gradients, change Tensors that it closes over and step optimisers:
    all of that is recorded, none of it is done while recording.  A call of the result does what
    the function would have done: Tensors, their gradients and the state of optimisers are
    afterwards what it would have left.  Arrays in the results are the caller's own.  A gradient
    stays the same Tensor from call to call, and is written to.

    Parameters
    ----------
    function : callable
        Computes with NumPy's functions on arrays and Tensors.  It is called once for each kind
        of arguments; other effects it has (printing, appending to a list) happen then.
    *example_args
        Arguments like those that will be given: arrays and Tensors, also in dicts, lists and
        tuples, of which shapes and dtypes count; anything else (numbers, text, modules,
        optimisers) is taken as it is.
    backend : {"numpy", "numba"}
        What runs the program: calls of NumPy, or loops compiled by Numba, which take a second or
        so to be made.  If all of it can be compiled, so is the loop of `repeat`.
    retrace : bool
        Whether to record again when shapes, dtypes, other arguments or a number that the
        function reads (a learning rate) have changed.  Otherwise that is a TraceError.
    check_nan : bool
        Whether a step that makes NaN is a NaNError and changes nothing.
    cache : int
        How many recordings are kept.

    Returns
    -------
    Compiled
        Called like `function`; ``repeat(n, *args)`` does it n times.

    Raises
    ------
    MissingExtraError
        If the backend is "numba", and Numba or SciPy is not installed.
    TraceError
        If what the function does depends on values: a truth value, ``float()`` or ``np.asarray``
        of what is computed.

    Notes
    -----
    Plain arrays that the function closes over are constants, held by reference: what is computed
    of them alone is computed once.  Change them only through a Tensor or an argument.

    Tensors among the results are constants: the program has no graph.  Inside a function that is
    differentiated, or compiled itself, the function is called instead of the program.

    Random numbers belong among the arguments: those drawn from generators outside are refused,
    those of a generator made inside the function are drawn once, when it is recorded.

    One program computes in one set of buffers: threads that call it take turns.

    The numba backend compiles elementwise functions, sums, extremes and means, views and products
    of matrices, in float64 or float32; other calls, and all where dtypes are mixed, stay NumPy's,
    and so does all of a program of more than 250 such calls, which take Numba long to compile.
    With ``check_nan``, with updated Tensors without axes, or if a result is a parameter as it was
    before, `repeat` comes back to Python after each step.  Compiled code does not warn of
    floating-point errors; where ``np.errstate`` asks to raise, NumPy computes.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_nn as ag
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = ag.optim.SGD([w], lr=0.5)
    >>> def step(x):
    ...     optimizer.zero_grad()
    ...     loss = np.sum((w - x) ** 2)
    ...     loss.backward()
    ...     optimizer.step()
    ...     return loss
    >>> fast = ag.compile(step, np.zeros(2))
    >>> fast(np.zeros(2)).item(), w.tolist(), w.grad.tolist()
    (5.0, [0.0, 0.0], [2.0, 4.0])
    """
    if not callable(function):
        message = (
            f"compile: argument function is {type(function).__name__}, which cannot be called; "
            "pass the function itself, then arguments like those that it will be given"
        )
        raise TypeError(message)
    compiled = Compiled(function, backend, retrace=retrace, check_nan=check_nan, cache=cache)
    compiled.entry(example_args)
    return compiled


class Compiled:
    """A function that runs recorded programs; see `compile`."""

    def __init__(
        self,
        function: Callable[..., Any],
        backend: str,
        *,
        retrace: bool,
        check_nan: bool,
        cache: int,
    ) -> None:
        update_wrapper(self, function, updated=())
        self.function, self.backend = function, backend_named(backend)
        self.retrace, self.check_nan, self.cache = retrace, check_nan, cache
        self.entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self.latest: Entry | None = None
        self.closed_over: set[int] = set()  # ids of Tensors
        self.lock = RLock()  # one program computes in one set of buffers

    def __repr__(self) -> str:
        name, n = getattr(self.function, "__name__", "function"), len(self.entries)
        return f"<compiled {name}: {n} recording{'s' * (n != 1)}>"

    def __call__(self, *args: Any) -> Any:
        """Do what the function does."""
        with self.lock:
            entry = self.latest
            if entry is not None and not tracers:
                out = entry.quick(args)
                if out is not MISSED:
                    return out
            if not self.is_watched():
                return self.entry(args).run(args, 1)
        return self.function(*args)

    def is_watched(self) -> bool:
        """Tell whether the function is called inside one that is recorded or differentiated.

        Then it is part of that one, and does itself what it does.
        """
        return bool(active.get()) or any(tracer.is_mine() for tracer in tracers)

    def repeat(self, n: int, *args: Any) -> Any:
        """Do it n times with the same arguments; return the last result."""
        if n < 1:
            message = f"repeat: n={n} must be at least 1, for it returns the last result"
            raise ValueError(message)
        if self.is_watched():
            return [self.function(*args) for _ in range(n)][-1]
        with self.lock:
            return self.entry(args).run(args, n)

    @property
    def program(self) -> Program:
        """The program of the latest call, to be read: what runs is a faster form of it."""
        assert self.latest is not None  # noqa: S101 (compile has recorded one)
        return self.latest.program

    def entry(self, args: tuple[Any, ...]) -> Entry:
        """Find the recording for these arguments, or make it."""
        self.refuse_graphs(args)
        latest, key = self.latest, self.key(args)
        if latest is not None and latest.key == key and latest.is_valid():
            return latest
        entry = self.entries.get(key)
        if entry is None or not entry.is_valid():
            if self.entries and not self.retrace:
                raise TraceError(self.misfit(entry, args))
            entry = Entry(self, args)
            self.closed_over |= entry.surroundings.closed_over
            key = entry.key = self.key(args)
            self.entries[key] = entry
            if len(self.entries) > self.cache:
                self.entries.popitem(last=False)
        self.entries.move_to_end(key)
        self.latest = entry
        return entry

    def key(self, args: tuple[Any, ...]) -> Hashable:
        """Make the key of a recording: what the arguments are like, and which are the same."""
        tensors = [id(x) for x in flatten(args)[0] if isinstance(x, Tensor)]
        same = (i if i in self.closed_over else tensors.index(i) - len(tensors) for i in tensors)
        return key_of(args), tuple(same)

    def refuse_graphs(self, args: tuple[Any, ...]) -> None:
        """Refuse to lose the graph of what is being differentiated."""
        for x in flatten(args)[0] if recording.get() else ():
            node = x.node if isinstance(x, Tensor) else None
            if node is not None and node.parents:
                name = getattr(self.function, "__name__", "the function")
                message = (
                    f"{name} is compiled, and its results have no graph: call it with "
                    "t.detach(), or compile the whole, the derivative included"
                )
                raise DetachError(message)

    def misfit(self, entry: Entry | None, args: Any) -> str:
        """Say why there is no program for a call."""
        name = getattr(self.function, "__name__", "the function")
        if entry is not None:
            return f"{name}: {entry.changed()} has changed since it was compiled; compile it again"
        shapes = [f"{np.shape(x)}" for x in flatten(args)[0]]
        return (
            f"{name} was not compiled for arguments like these (of shapes {', '.join(shapes)}); "
            "compile it for them too, or leave out retrace=False"
        )


class Entry:
    """One recording: its program, what surrounds it, and what runs it."""

    def __init__(self, compiled: Compiled, args: tuple[Any, ...]) -> None:
        self.key: Hashable = None
        leaves, nest = flatten(args)
        names = argument_names(compiled.function, args)
        named = [p for n, a in zip(names, args, strict=True) for p in paths(flatten(a)[1], n)]
        self.surroundings = Surroundings(compiled.function, dict(zip(named, leaves, strict=True)))
        tracer = Tracer(self.surroundings.names)
        with recording_on(tracer):
            given = [
                tracer.argument(i, path, leaf)
                if isinstance(leaf, np.ndarray | np.generic)
                else leaf
                for i, (leaf, path) in enumerate(zip(leaves, named, strict=True))
            ]
            out = compiled.function(*unflatten(nest, given))
            refuse_writes(tracer, given)
            outs, self.out_nest = flatten(out)
            self.forms = [self.form(tracer, x) for x in outs]
            results = [x for x, (kind, _) in zip(outs, self.forms, strict=True) if kind in ARRAYS]
            self.recorded = tracer.finish(results)
        disturbed = self.surroundings.disturbed()
        if disturbed:
            name = getattr(compiled.function, "__name__", "the function")
            message = f"compile: {name} {disturbed}"
            raise TraceError(message)
        for tensor, live in zip(tracer.tensors, tracer.lives, strict=True):
            if self.is_fixed(tracer, tensor, leaves):
                self.surroundings.watch(f"requires_grad of {live.name}", tensor, "node")
        self.alike = self.surroundings.are_alike()
        self.asked_grads = list(tracer.asked_grads.values())
        self.sources = [self.source(tracer, t, leaves) for t in tracer.tensors]
        self.program = compiled.backend.optimised(self.recorded)
        self.fixed = [self.is_fixed(tracer, t, leaves) for t in tracer.tensors]
        self.runner = compiled.backend.runner(
            self.program,
            [t if fixed else None for t, fixed in zip(tracer.tensors, self.fixed, strict=True)],
            check_nan=compiled.check_nan,
        )

        self.version, self.quick = 0, missing

    def shortcut(self, leaves: Sequence[Any], args: Sequence[Any]) -> Callable[..., Any]:
        """Make a function for the most frequent call: plain arrays in, one number or array out."""
        plain = all(type(a) is np.ndarray for a in args) and len(leaves) == len(args)
        if plain and len(self.forms) == 1 and self.out_nest is HERE and self.forms[0][0] in ARRAYS:
            wrapped = self.forms[0][0] == "tensor"
            unless_alike, grads = self.surroundings.unless_alike, self.asked_grads
            return self.runner.shortcut(args, unless_alike, grads, wrapped=wrapped) or missing
        return missing

    def is_fixed(self, tracer: Tracer, tensor: Any, leaves: Sequence[Any]) -> bool:
        """Tell whether a live Tensor is the same at every call."""
        given = any(leaf is tensor for leaf in leaves)
        closed_over = id(tensor) in self.surroundings.closed_over
        return id(tensor) not in tracer.holders and (closed_over or not given)

    @staticmethod
    def form(tracer: Tracer, out: Any) -> tuple[str, Any]:
        """Say what a result is: an array, a Tensor, a live Tensor, or always the same."""
        if isinstance(out, Tensor):
            live = [k for k, t in enumerate(tracer.tensors) if t is out]
            return ("live", live[0]) if live else ("tensor", None)
        return ("array", None) if isinstance(out, Symbol) else ("same", out)

    def source(self, tracer: Tracer, tensor: Any, leaves: Sequence[Any]) -> Callable[[Any], Any]:
        """Say where a live Tensor is found at a call, given the leaves of the arguments."""
        holder = tracer.holders.get(id(tensor))
        if holder is not None:
            of = self.source(tracer, holder, leaves)
            return lambda leaves: of(leaves).grad
        if id(tensor) not in self.surroundings.closed_over:
            for i, leaf in enumerate(leaves):
                if leaf is tensor:
                    return itemgetter(i)
        return lambda _: tensor

    # ---- does it still fit? ------------------------------------------------------------------

    def is_valid(self) -> bool:
        """Tell whether nothing has changed that the function read while it was recorded."""
        return self.changed() is None

    def changed(self) -> str | None:
        """Name what has changed that the function read while it was recorded."""
        if not self.alike():
            for read in self.surroundings.reads:
                if read.has_changed():
                    return read.path
        for tensor, was_none in self.asked_grads:
            if (tensor.grad is None) != was_none:
                return "whether a tensor has a grad"
        return None

    # ---- running -----------------------------------------------------------------------------

    def run(self, args: Any, n: int) -> Any:
        """Run the program n times, and return the last result."""
        leaves = flatten(args)[0]
        arguments = [leaves[v.source.leaf] for v in self.program.arguments]  # type: ignore[union-attr]
        while n:
            tensors = [source(leaves) for source in self.sources]
            done, held = self.runner.run(arguments, tensors, n)
            n -= done
        if self.runner.version != self.version:
            self.version, self.quick = self.runner.version, self.shortcut(leaves, args)
        results = iter(held)
        outs = []
        for kind, known in self.forms:
            if kind in ARRAYS:
                array = settled(np.array(next(results)))
                outs.append(box(Tensor, array) if kind == "tensor" else array)
            else:
                outs.append(tensors[known] if kind == "live" else known)
        return unflatten(self.out_nest, outs)


ARRAYS = {"array", "tensor"}
PLAIN = {np.ndarray, np.memmap}


def refuse_writes(tracer: Tracer, given: Sequence[Any]) -> None:
    """Refuse a function that has written into an array it was given."""
    symbols = [x for x in given if isinstance(x, Symbol)]
    for symbol, value in zip(symbols, tracer.arguments, strict=True):
        if symbol.value is not value:
            message = (
                f"compile: the function writes into its argument {value.name}, a plain array, "
                "which a program does not; let it write into a copy, or pass a Tensor"
            )
            raise TraceError(message)


def missing(_args: Any) -> Any:
    """Be no shortcut at all."""
    return MISSED


def argument_names(function: Callable[..., Any], args: Sequence[Any]) -> list[str]:
    """Find what the function's own code calls its arguments."""
    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    single = (
        {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}
        if (p := next(iter(parameters), None))
        else set()
    )
    names = [p.name for p in parameters if p.kind in single]
    return [names[i] if i < len(names) else f"args[{i}]" for i in range(len(args))]


def key_of(x: Any) -> Hashable:
    """Make the key of arguments: structure, shapes, dtypes; of other things what they are."""
    if isinstance(x, np.ndarray | np.generic):
        refuse_subclass(x)
        return x.shape, x.dtype
    if isinstance(x, Tensor):
        return "tensor", x.shape, x.dtype, x.requires_grad
    if isinstance(x, list | tuple):
        return type(x), tuple(map(key_of, x))
    if isinstance(x, dict):
        return type(x), tuple(x), tuple(map(key_of, x.values()))
    if isinstance(x, int | float | complex | str | bytes | None):
        return type(x), repr(x)  # zeros have signs, and NaN is not itself
    return type(x), id(x)


def refuse_subclass(x: Any) -> None:
    """Refuse arrays that compute in their own way: matrices, masked arrays."""
    if isinstance(x, np.ndarray) and type(x) not in PLAIN:
        message = (
            f"compile: an argument is a {type(x).__name__}, which computes in its own way; pass "
            "a plain array, np.asarray(x)"
        )
        raise DtypeError(message)
