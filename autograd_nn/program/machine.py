"""Machine: a program as one straight-line Python function over buffers that stay.

Every value gets a place before anything runs.  What a ufunc or np.dot computes goes into a
buffer, by ``out=``; a buffer whose value nobody reads any more is used again, an elementwise
function writes over an argument that ends with it.  Views are made once.  What is left, values of
arguments and of functions that return arrays of their own, are local variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_nn.program.functions import getitem
from autograd_nn.program.generated import Names
from autograd_nn.program.ir import Constant, Instruction, Program, Value, tree_of
from autograd_nn.program.passes import is_dot
from autograd_nn.program.replay import misshapen

VIEWING = {
    *(np.transpose, np.swapaxes, np.reshape, np.broadcast_to, np.expand_dims, np.squeeze),
    *(np.ravel, np.moveaxis, getitem),
}
FOREVER = 1 << 60
NAMED_OUT = {np.maximum, np.minimum}  # they deprecate a third argument by position
INFIX = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/"}


@dataclass
class Place:
    """Where a value is: the name that generated code knows it by, and the array, if it stays.

    `roots` are the buffers that it may be a view of; what stays has one at most.
    """

    name: str
    array: Any = None
    roots: tuple[Buffer, ...] = ()


@dataclass(eq=False)
class Buffer:
    """Memory for one value after another."""

    memory: Any
    free_after: int = FOREVER  # the last instruction that reads what is in it


@dataclass
class Line:
    """A line of the generated function."""

    code: str
    errors: dict[str, Any] | None = None


@dataclass
class Code(Names):
    """What is generated: lines, and what their names mean."""

    lines: list[Line] = field(default_factory=list)


class Machine:
    """Places for the values of a program, and the code that fills them.

    Parameters
    ----------
    program : Program
    homes : dict
        Arrays for values that have one of their own: live ones, flat ones and their parts.
    late : dict
        New values that are written straight over live ones, after everything else.
    """

    def __init__(self, program: Program, homes: dict[Value, Any], late: dict[Value, Value]) -> None:
        self.program, self.code, self.late = program, Code(), late
        self.late_lines: list[Line] = []
        self.own = set(homes)
        self.places: dict[Value, Place] = {}
        self.free: list[Buffer] = []
        self.ends = last_uses(program, late)
        for value, array in homes.items():
            self.places[value] = Place(self.code.name(array, "w"), array)
        for value in (*program.arguments, *program.lives):
            if value not in self.places:
                self.places[value] = Place(f"x{len(self.places)}")
        for n, instruction in enumerate(program.instructions):
            self.write(instruction, n)

    # ---- places ------------------------------------------------------------------------------

    def place(self, value: Value) -> Place:
        """Find a value's place; constants get one when they are first asked for."""
        found = self.places.get(value)
        if found is None:
            assert isinstance(value.source, Constant)  # noqa: S101 (all others have been made)
            content = value.source.content
            array = content if isinstance(content, np.ndarray) else None
            found = self.places[value] = Place(self.code.name(content, "c"), array)
        return found

    def spelled(self, x: Any) -> str:
        """Write what an instruction was given as Python."""
        if isinstance(x, Value):
            return self.place(x).name
        if type(x) in (bool, int, type(None)):
            return repr(x)
        if type(x) is tuple:
            return f"({''.join(self.spelled(item) + ', ' for item in x)})"
        if type(x) is list:
            return f"[{', '.join(map(self.spelled, x))}]"
        if isinstance(x, list | tuple | dict) and any(True for _ in operands_in(x)):
            items: dict[str, Marker] = {}
            rebuilt = tree_of(x, lambda v: items.setdefault(f"v{len(items)}", Marker(v)))
            names = ", ".join(self.place(m.value).name for m in items.values())
            return f"{self.code.name(Refill(rebuilt), 'r')}(({names},))"
        return self.code.name(x, "p")

    # ---- instructions ------------------------------------------------------------------------

    def write(self, i: Instruction, n: int) -> None:
        """Write the line of one instruction, or make the view that it is."""
        if not (self.is_view(i) or self.is_direct(i, n)):
            self.write_call(i)
        for root in self.roots(i):
            if root.free_after <= n and root not in self.free:
                self.free.append(root)

    def is_view(self, i: Instruction) -> bool:
        """Make a view of a buffer that stays, if this is one."""
        if i.function not in VIEWING or len(list(operands_in((i.args, i.params)))) != 1:
            return False
        source = self.place(i.args[0]) if isinstance(i.args[0], Value) else None
        if source is None or source.array is None:
            return False
        view = i.function(source.array, *i.args[1:], **i.params)
        if not isinstance(view, np.ndarray) or not np.may_share_memory(view, source.array):
            return False
        self.places[i.out] = Place(self.code.name(view, "v"), view, self.extended(i))
        return True

    def is_direct(self, i: Instruction, n: int) -> bool:
        """Write a call with ``out=`` a buffer, if the function takes one."""
        if len(i.outs) != 1 or i.form is not None or i.params or i.out.weak:
            return False
        function: Any = i.function
        ufunc = isinstance(function, np.ufunc) and function.nout == 1
        values = [v for v in i.args if isinstance(v, Value)]
        if not ufunc and not is_dot(i):
            return False
        if not i.out.shape:
            return self.is_scalar_line(i)
        elementwise = ufunc and function.signature is None
        out = self.place_for(i.out, values if elementwise else [], n)
        args = ", ".join(self.spelled(a) for a in i.args)
        if ufunc:
            keyword = "out=" if i.function in NAMED_OUT else ""
            call = f"{self.code.name(i.function, 'f')}({args}, {keyword}{out.name})"
            if i.function is np.positive and is_plain(values[0], i.out):
                call = f"{out.name}[...] = {args}"  # which is faster than np.copyto
        else:
            left, right = (self.place(v) for v in values)
            dot = (
                f"{left.name}.dot" if left.array is None else self.code.name(Bound(left.array), "d")
            )
            call = f"{dot}({right.name}, {out.name})"
        lines = self.late_lines if i.out in self.late else self.code.lines
        lines.append(Line(call, i.errors))
        self.places[i.out] = out
        return True

    def is_scalar_line(self, i: Instruction) -> bool:
        """Compute numbers without arrays."""
        place = self.places[i.out] = Place(f"s{len(self.places)}")
        args = [self.spelled(a) for a in i.args]
        if i.function in INFIX and i.out.dtype == np.float64 and is_scalar(i.args):
            call = f"{args[0]} {INFIX[i.function]} {args[1]}"
        else:
            call = f"{self.code.name(i.function, 'f')}({', '.join(args)})"
            if i.function is np.dot and self.place(i.args[0]).array is not None:
                dot = self.code.name(Bound(self.place(i.args[0]).array), "d")
                call = f"{dot}({args[1]})"
        self.code.lines.append(Line(f"{place.name} = {call}", i.errors))
        return True

    def write_call(self, i: Instruction) -> None:
        """Write a call whose results are arrays of their own."""
        args = [self.spelled(a) for a in i.args]
        args += [f"{k}={self.spelled(v)}" for k, v in i.params.items()]
        call = f"{self.code.name(i.function, 'f')}({', '.join(args)})"
        if i.function is np.transpose and len(i.args) == 1 and not i.params and not i.out.weak:
            call = f"{args[0]}.T"  # several times faster
        roots = self.extended(i)  # NumPy may return views of any of them
        for out in i.outs:
            self.places[out] = Place(f"t{len(self.places)}", None, roots)
        names = ", ".join(self.places[o].name for o in i.outs)
        comma = "," if i.form is not None and len(i.outs) == 1 else ""
        self.code.lines.append(Line(f"{names}{comma} = {call}" if i.outs else call, i.errors))
        if i.function in VIEWING and not any(v.dtype == bool for v in i.operands[1:]):
            return
        for out in i.outs:
            name = self.places[out].name
            if not out.weak and out.shape:
                raised = f"{self.code.name(misshapen, 'f')}({i.name!r}, {name}.shape, {out.shape})"
                check = f"if {name}.shape != {out.shape}: raise {raised}"
                self.code.lines.append(Line(check, i.errors))

    def roots(self, i: Instruction) -> tuple[Buffer, ...]:
        """List the buffers that an instruction reads."""
        return tuple(dict.fromkeys(root for v in i.operands for root in self.place(v).roots))

    def extended(self, i: Instruction) -> tuple[Buffer, ...]:
        """Let what an instruction reads live as long as its results."""
        roots = self.roots(i)
        for root in roots:
            root.free_after = max(root.free_after, *(self.ends[o] for o in i.outs))
        return roots

    # ---- buffers -----------------------------------------------------------------------------

    def place_for(self, out: Value, overwritable: Sequence[Value], n: int) -> Place:
        """Find a buffer for a result: its home, an ending argument's, a free one, a new one."""
        home = self.places.get(self.late.get(out, out))
        if home is not None:
            return home
        for value in overwritable:
            place = self.place(value)
            if (
                place.roots
                and place.array is not None
                and place.roots[0].free_after <= n
                and is_plain(value, out)
                and value.shape == out.shape
                and place.array.flags.forc
                and value.order == out.order
                and all(v is value or not shares(self.place(v), place) for v in overwritable)
            ):
                place.roots[0].free_after = self.ends[out]
                return Place(place.name, place.array, place.roots)
        size = max(1, out.size * out.dtype.itemsize)
        fitting = [b for b in self.free if size <= b.memory.nbytes <= 2 * size + 64]
        buffer = min(fitting, key=lambda b: b.memory.nbytes) if fitting else Buffer(memory_of(size))
        if fitting:
            self.free.remove(buffer)
        buffer.free_after = self.ends[out]
        array = laid_out(buffer.memory[: out.size * out.dtype.itemsize].view(out.dtype), out)
        return Place(self.code.name(array, "b"), array, (buffer,))


class Marker:
    """Stands in a container for a value."""

    def __init__(self, value: Value) -> None:
        self.value = value


class Refill:
    """Makes a container again, with arrays in place of values."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    def __call__(self, arrays: tuple[Any, ...]) -> Any:
        """Put the arrays where the values were."""
        following = iter(arrays)
        return refilled(self.tree, following)


def refilled(x: Any, following: Any) -> Any:
    """Replace markers by what follows."""
    if isinstance(x, Marker):
        return next(following)
    if isinstance(x, list | tuple) and x:
        items = [refilled(item, following) for item in x]
        return x._make(items) if hasattr(x, "_make") else type(x)(items)
    if isinstance(x, dict):
        return {k: refilled(item, following) for k, item in x.items()}
    return x


class Bound:
    """The bound ``dot`` of an array that stays, looked up once when the code is made."""

    def __init__(self, array: Any) -> None:
        self.array = array


def laid_out(flat: Any, value: Value) -> Any:
    """Give flat memory the shape of a value, its axes in its order."""
    if value.order is None:
        return flat.reshape(value.shape)
    outermost_first = flat.reshape([value.shape[axis] for axis in value.order])
    return outermost_first.transpose(np.argsort(value.order))


def memory_of(size: int) -> Any:
    """Allocate bytes at an address that suits vector instructions."""
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size]


def shares(one: Place, other: Place) -> bool:
    """Tell whether two places are in one buffer."""
    return not set(one.roots).isdisjoint(other.roots)


def is_plain(v: Value, out: Value) -> bool:
    """Tell whether a value is an array of the result's dtype."""
    return v.dtype == out.dtype and not v.weak


def is_scalar(args: Sequence[Any]) -> bool:
    """Tell whether there are only numbers, in double precision or Python's."""
    return all(
        type(a) in (int, float) or (isinstance(a, Value) and a.dtype == np.float64) for a in args
    )


def operands_in(x: Any) -> Any:
    """Find the values in what an instruction was given."""
    found: list[Value] = []
    tree_of(x, lambda v: found.append(v) or v)  # type: ignore[func-returns-value]
    return found


def last_uses(program: Program, late: dict[Value, Value]) -> dict[Value, int]:
    """Find the last instruction that reads each value; those that are kept are read forever."""
    ends: dict[Value, int] = {}
    for n, instruction in enumerate(program.instructions):
        for value in (*instruction.operands, *instruction.outs):
            ends[value] = n
    for new in late:
        if new.maker is not None:
            ends.update(dict.fromkeys(new.maker.operands, FOREVER))
    ends.update(dict.fromkeys(program.kept, FOREVER))
    return ends
