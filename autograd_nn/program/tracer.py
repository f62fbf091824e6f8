"""Tracer: run a function on Symbols and write down every NumPy call."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import get_ident
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from autograd_nn.errors import TraceError
from autograd_nn.fitting import Several, Symbolic
from autograd_nn.primitive import Primitive
from autograd_nn.program.ir import (
    Argument,
    Constant,
    Example,
    Instruction,
    Live,
    Program,
    Site,
    Value,
)
from autograd_nn.program.symbol import Symbol
from autograd_nn.program.twins import twin
from autograd_nn.tensor import Tensor
from autograd_nn.traced import Traced, one_at_a_time, tracers

SLOT, GRAD = Traced.__dict__["value"], Tensor.__dict__["_grad"]
HERE = str(Path(__file__).parent.parent)
NUMPY = str(Path(np.__file__).parent)
ARRAYS = (np.ndarray, np.generic)
FITTING = {np.sum, np.reshape}  # how sweeps undo broadcasting


class Tracer:
    """Everything that is known of one recording.

    `tensors` are the live Tensors, in the order in which they were met, with what they were
    before; `holders` says of a Tensor that was met as the `grad` of another whose it was.
    `asked_grads` are Tensors whose gradient from before was looked at, `given_grads` those that
    were given one, or None, since.
    """

    def __init__(self, names: dict[int, str]) -> None:
        self.instructions: list[Instruction] = []
        self.arguments: list[Value] = []
        self.lives: list[Value] = []
        self.tensors: list[Any] = []
        self.before: dict[int, dict[str, Any]] = {}
        self.holders: dict[int, Any] = {}
        self.given_grads: set[int] = set()
        self.asked_grads: dict[int, tuple[Any, bool]] = {}
        self.constants: dict[int, Value] = {}
        self.twins: dict[int, Primitive] = {}
        self.names = names
        self.thread = get_ident()
        self.errors = np.geterr()
        self.over = False

    def is_mine(self) -> bool:
        """Tell whether the running thread is the one that records."""
        return get_ident() == self.thread

    # ---- values ------------------------------------------------------------------------------

    def argument(self, index: int, path: str, array: Any) -> Symbol:
        """Make the Symbol of an array that the caller gives."""
        value = Value(
            array.shape,
            array.dtype,
            Argument(index, path),
            name=path if path.isidentifier() else "",
        )
        self.arguments.append(value)
        return Symbol(self, value, array)

    def constant(self, array: Example) -> Symbol:
        """Make the Symbol of what never changes."""
        return Symbol(self, self.constant_value(array), array)

    def constant_value(self, array: Any) -> Value:
        """Make the Value of what never changes: the same of the same array."""
        known = self.constants.get(id(array))
        if known is None:
            weak = not isinstance(array, ARRAYS)
            dtype = np.result_type(array) if weak else array.dtype
            known = Value(np.shape(array), dtype, Constant(array), weak=weak)
            self.constants[id(array)] = known  # which holds the array, so its id stays its own
        return known

    def lift(self, tensor: Any) -> Symbol:
        """Let a Tensor from outside hold a Symbol; remember what it was."""
        array = SLOT.__get__(tensor)
        node = tensor.node
        if node is not None and node.parents:
            message = (
                f"compile: the function uses a Tensor made by {node.primitive.name} before; "
                "compute it inside the function, or give it free of its graph, t.detach()"
            )
            raise TraceError(message)
        self.before[id(tensor)] = {
            "value": array,
            "node": node,
            "exposed": tensor.exposed,
            "_grad": raw_grad(tensor),
            "views": list(getattr(tensor, "views", ())),
        }
        holder = self.holders.get(id(tensor))
        name = self.names.get(id(tensor), "")
        if holder is not None:
            name = f"{self.names.get(id(holder), 'tensor')}.grad"
        source = Live(len(self.tensors), name)
        value = Value(array.shape, array.dtype, source, name if name.isidentifier() else "")
        self.tensors.append(tensor)
        self.lives.append(value)
        symbol = Symbol(self, value, array)
        SLOT.__set__(tensor, symbol)
        return symbol

    # ---- the slots of Tensors, while a program is recorded -----------------------------------

    def read(self, tensor: Any) -> Any:
        """Read a Tensor's value; one from outside is lifted."""
        held = SLOT.__get__(tensor)
        if isinstance(held, Symbolic | Several) or not self.is_mine():
            return held
        return self.lift(tensor)

    def write_value(self, tensor: Any, value: Any) -> None:
        """Write a Tensor's value; arrays are constants."""
        if self.is_mine():
            with suppress(AttributeError):  # of a new one
                self.read(tensor)  # one from outside: remember what it was
            if not isinstance(value, Symbolic | Several):
                value = self.constant(value)
        SLOT.__set__(tensor, value)

    def read_grad(self, tensor: Any) -> Any:
        """Read a Tensor's gradient; remember that a gradient from outside was asked for."""
        grad = raw_grad(tensor)
        if self.is_mine():
            self.read(tensor)
            if id(tensor) in self.before and id(tensor) not in self.given_grads:
                self.asked_grads.setdefault(id(tensor), (tensor, grad is None))
                if grad is not None:
                    self.holders.setdefault(id(grad), tensor)
        return grad

    def write_grad(self, tensor: Any, grad: Any) -> None:
        """Write a Tensor's gradient."""
        if self.is_mine():
            self.read(tensor)
            self.given_grads.add(id(tensor))
        GRAD.__set__(tensor, grad)

    # ---- instructions ------------------------------------------------------------------------

    def emit(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        params: dict[str, Any] | None = None,
    ) -> Any:
        """Compute on the examples, write the call down, and return Symbols of the results."""
        if self.over:
            message = (
                "a value of a compiled function was kept until after it had been recorded; return "
                "it from the function"
            )
            raise TraceError(message)
        params = params or {}
        result = function(*self.examples(tuple(args)), **self.examples(params))
        several = isinstance(result, list | tuple)
        parts = list(result) if several else [result]
        if not all(isinstance(part, (*ARRAYS, int, float, complex)) for part in parts):
            self.refuse(
                f"calls {getattr(function, '__name__', function)}, whose result is no array",
                "leave the function eager",
            )
        instruction = Instruction(function, self.values(tuple(args)), self.values(params), [])
        instruction.site = self.site()
        errors: Any = np.geterr()
        instruction.errors = errors if errors != self.errors else None
        if several:
            instruction.form = container(result)
        self.instructions.append(instruction)
        symbols = []
        for part in parts:
            weak = not isinstance(part, ARRAYS)
            value = Value(
                np.shape(part),
                np.result_type(part) if weak else part.dtype,
                instruction,
                weak=weak,
                order=order_of(part),
            )
            instruction.outs.append(value)
            symbols.append(Symbol(self, value, part))
        if instruction.function in FITTING:
            self.pass_on_aim(instruction)
        self.note_view(instruction, args, params, symbols, several=several)
        return instruction.form(symbols) if instruction.form else symbols[0]

    @staticmethod
    def pass_on_aim(instruction: Instruction) -> None:
        """Label what a sweep has fitted to the shape of the value whose cotangent it is."""
        x, out = instruction.operands[0], instruction.out
        if x.toward is not None and out.shape == x.toward.shape:
            out.cotangent_of = x.toward
        elif x.toward is not None:
            out.toward = x.toward

    def note_view(
        self, instruction: Instruction, args: Any, params: Any, symbols: Any, *, several: bool
    ) -> None:
        """Remember that results show the memory of an argument."""
        function = instruction.function
        if isinstance(function, np.ufunc):
            return
        given = list(symbols_in((args, params)))
        for k, symbol in enumerate(symbols):
            if not isinstance(symbol.example, np.ndarray) or symbol.example.base is None:
                continue
            for source in given:
                if isinstance(source.example, np.ndarray) and np.may_share_memory(
                    symbol.example, source.example
                ):

                    def remake(source: Symbol, k: int = k, old: Symbol = source) -> Symbol:
                        swapped = [source if a is old else a for a in args]
                        again = self.emit(function, swapped, params)
                        return list(again)[k] if several else again  # type: ignore[no-any-return]

                    index = tuple(args[1:]) if instruction.name == "getitem" else None
                    symbol.show(source, remake, index)
                    if k == 0:
                        instruction.views = source.value
                    break

    def write(self, function: Callable[..., Any], args: Any, params: dict[str, Any]) -> None:
        """Let a function write into its first argument: that becomes what was written."""
        target = args[0]
        if not isinstance(target, Symbol):
            self.refuse_to_write()
        target.become(self.emit(function, args, params))

    def deliver(self, results: Any, targets: tuple[Any, ...]) -> Any:
        """Put results where ``out=`` wants them."""
        several = isinstance(results, tuple)
        delivered = []
        for result, target in zip(results if several else (results,), targets, strict=True):
            if target is None:
                delivered.append(result)
                continue
            if not isinstance(target, Symbol):
                self.refuse_to_write()
            if not np.can_cast(result.dtype, target.dtype, "same_kind"):
                message = f"cannot write {result.dtype} into an array of {target.dtype}"
                raise TypeError(message)
            fitting = result.astype(target.dtype, copy=False)
            if result.shape != target.shape:
                fitting = np.broadcast_to(fitting, target.shape)
            target.become(fitting)
            delivered.append(target)
        return tuple(delivered) if several else delivered[0]

    def refuse_to_write(self) -> NoReturn:
        """Refuse a write into an array that the program does not own."""
        self.refuse(
            "writes into a plain array from outside",
            "write into a Tensor, or into an array made in the function",
        )

    def rollback(self, mark: int) -> None:
        """Forget what was written down since there were `mark` instructions."""
        del self.instructions[mark:]

    # ---- what calls are given ----------------------------------------------------------------

    def examples(self, x: Any) -> Any:
        """Replace Symbols by their examples."""
        return mapped(x, example_of)

    def values(self, x: Any) -> Any:
        """Replace Symbols and arrays by their Values; in dtypes, numbers, slices there are none."""
        if isinstance(x, np.ndarray):
            return self.constant_value(x)
        return mapped(x, lambda symbol: symbol.value, self.constant_value)

    @staticmethod
    def has_symbol(x: Any) -> bool:
        """Tell whether there is a Symbol in what a function was given."""
        return any(True for _ in symbols_in(x))

    @staticmethod
    def is_whole(index: Any, symbol: Symbol) -> bool:
        """Tell whether an index only makes a number of an array without axes."""
        return isinstance(index, tuple) and not index and symbol.ndim == 0

    # ---- what is said of them ----------------------------------------------------------------

    def twin(self, primitive: Primitive) -> Primitive:
        """Return a primitive's twin, which writes down what it does."""
        if not self.is_mine():
            return primitive
        known = self.twins.get(id(primitive))
        if known is None:
            known = twin(self, primitive)
            self.twins[id(primitive)] = self.twins[id(known)] = known
        return known

    def site(self) -> Site | None:
        """Find the user's line that runs now, and name what its variables hold."""
        frame = user_frame()
        if frame is None:
            return None
        for name, held in frame.f_locals.items():
            self.name(held, name)
        return Site(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)

    def name(self, held: Any, name: str) -> None:
        """Name a Value after the first variable that held it."""
        if isinstance(held, Traced):
            held = SLOT.__get__(held, None) if hasattr(held, "exposed") else None
        if isinstance(held, Symbol) and held.tracer is self and not held.current.name:
            held.current.name = name

    def refuse(self, does: str, instead: str) -> NoReturn:
        """Raise the error for what cannot be recorded: where, what, and what to write instead."""
        frame = user_frame()
        where = "the function"
        if frame is not None:
            file, line = frame.f_code.co_filename, frame.f_lineno
            code = linecache.getline(file, line).strip()
            where = f"{Path(file).name}, line {line}, in {frame.f_code.co_name}"
            where += f" ({code})" if code else ""
        message = f"compile: {where} {does}, which a program cannot repeat: {instead}"
        raise TraceError(message)

    # ---- the end -----------------------------------------------------------------------------

    def finish(self, results: list[Any]) -> Program:
        """Make the program: what was written down, and what the Tensors have become."""
        program = Program(
            self.arguments, self.lives, self.instructions, [self.values(r) for r in results]
        )
        for tensor, live in zip(self.tensors, self.lives, strict=True):
            before, now = self.before[id(tensor)], SLOT.__get__(tensor)
            if tensor.node is not before["node"]:
                path = live.source.path if isinstance(live.source, Live) else ""
                message = (
                    f"compile: the function leaves a recorded graph in {path or 'a Tensor'}, "
                    "which a program does not have; write inside `with no_grad():`, or detach()"
                )
                raise TraceError(message)
            value = now.value
            if value is not live:
                program.updates.append((live, value))
            grad = raw_grad(tensor)
            if grad is not before["_grad"]:
                found = None if grad is None else SLOT.__get__(grad)
                if found is not None and not isinstance(found, Symbol):
                    found = self.lift(grad)
                program.gradients.append((live, None if found is None else found.value))
                if found is not None and found.value.cotangent_of is None:
                    found.value.cotangent_of = live
        return program

    def restore(self) -> None:
        """Give every Tensor back what it was before."""
        self.over = True
        for tensor in self.tensors:
            before = self.before[id(tensor)]
            SLOT.__set__(tensor, before["value"])
            tensor.node, tensor.exposed = before["node"], before["exposed"]
            GRAD.__set__(tensor, before["_grad"])
            if hasattr(tensor, "views"):
                tensor.views[:] = before["views"]


def raw_grad(tensor: Any) -> Any:
    """Look at a Tensor's gradient without anybody noticing."""
    try:
        return GRAD.__get__(tensor)
    except AttributeError:
        return None


@contextmanager
def recording_on(tracer: Tracer) -> Iterator[None]:
    """Let the tracer see every Tensor's value that is read or written, in this thread.

    For this time the slots are properties: a Tensor from outside is lifted when it is first
    touched, whoever touches it, and an array that is put into a Tensor is a constant.
    """
    with one_at_a_time:
        slots: Any = Traced, Tensor
        slots[0].value = property(tracer.read, tracer.write_value)
        slots[1]._grad = property(tracer.read_grad, tracer.write_grad)  # noqa: SLF001
        tracers.append(tracer)
        try:
            yield
        finally:
            tracers.remove(tracer)
            slots[0].value, slots[1]._grad = SLOT, GRAD  # noqa: SLF001
            tracer.restore()


def order_of(array: Any) -> tuple[int, ...] | None:
    """Find the order of the axes in memory, outermost first; None if it is C's."""
    if not isinstance(array, np.ndarray) or array.flags.c_contiguous:
        return None
    return tuple(sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis])))


def example_of(symbol: Symbol) -> Example:
    """Take the example of a Symbol, as it is after all writes."""
    symbol.refresh()
    return symbol.example


def mapped(x: Any, of_symbol: Callable[[Symbol], Any], of_array: Any = lambda a: a) -> Any:
    """Replace Symbols and arrays in what a function was given."""
    if isinstance(x, Symbol):
        return of_symbol(x)
    if isinstance(x, Traced):
        return mapped(x.value, of_symbol, of_array)
    if isinstance(x, np.ndarray):
        return of_array(x)
    if isinstance(x, list | tuple) and x:
        return container(x)([mapped(item, of_symbol, of_array) for item in x])
    if isinstance(x, dict):
        return {k: mapped(item, of_symbol, of_array) for k, item in x.items()}
    return x


def container(x: Any) -> Callable[[list[Any]], Any]:
    """Say how a list or tuple like `x` is made of its items."""
    if isinstance(x, Several):
        form = x.form

        def several(items: list[Any]) -> Several:
            made = Several(items)
            made.form = form
            return made

        return several
    made: Callable[[list[Any]], Any] = getattr(x, "_make", type(x))
    return made


def symbols_in(x: Any) -> Iterator[Symbol]:
    """Find the Symbols in what a function was given."""
    if isinstance(x, Symbol):
        yield x
    elif isinstance(x, list | tuple):
        for item in x:
            yield from symbols_in(item)
    elif isinstance(x, dict):
        for item in x.values():
            yield from symbols_in(item)


def user_frame() -> FrameType | None:
    """Find the innermost frame that is neither ours nor NumPy's."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001
    while frame is not None and frame.f_code.co_filename.startswith((HERE, NUMPY, "<__array")):
        frame = frame.f_back
    return frame
