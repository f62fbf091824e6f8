"""Emission: a kernel as the source of one Python function of loops over addresses.

``load(p3, i * 8 + j, "d", 2, 9)`` reads a double from address ``p3``, in memory 2 of 9 that do not
overlap; see `autograd_nn.program.native`, which compiles it.  Shapes and strides are written
out, addresses come in a table: the same step of another model is the same source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd_nn.program.functions import astype
from autograd_nn.program.fusion import ARITHMETIC, ELEMENTWISE, REDUCTIONS, is_elementwise
from autograd_nn.program.generated import INDENT
from autograd_nn.program.ir import Instruction, Program, Value
from autograd_nn.program.machine import memory_of
from autograd_nn.program.passes import number
from autograd_nn.program.schedule import Schedule, Step

FEW = 256  # multiplications up to which a loop is faster than a call of BLAS
LARGEST = 2**31 - 1  # what BLAS takes for a size
FLOAT = {"d": "float64", "f": "float32"}


class CannotCompile(Exception):  # noqa: N818 (no error: NumPy runs the program instead)
    """What only shows when arrays have their places: a view that would be a copy."""


class Emission:
    """The source of a kernel, and the table of addresses that it is called with.

    Parameters
    ----------
    program : Program
        The kernel's own.
    arrays : dict
        Arrays of its results, and of those arguments that stay.  The others are given at each
        call: C-contiguous, at least one axis.
    late : dict
        Results that are written over arguments, when nobody reads these any more.
    """

    def __init__(
        self, program: Program, arrays: Mapping[Value, Any], late: Mapping[Value, Value]
    ) -> None:
        self.program, self.arrays = program, dict(arrays)
        self.plan = Schedule(program.instructions, program.results, late)
        self.given = [v for v in program.arguments if v not in arrays]
        for v in self.given:
            self.arrays[v] = np.empty(v.shape, v.dtype)  # of which strides count
        for v in program.constants():
            if v.shape:
                self.arrays[v] = v.source.content  # type: ignore[union-attr]
        self.scratch: dict[Value, Any] = {}
        self.work = 0  # entries computed, multiplications made
        self.characters, self.sizes = bytearray(), list[int]()
        self.place()
        self.table: list[Any] = []  # arrays whose addresses are its entries
        self.names: dict[Any, str] = {}
        self.find_memories()
        body = [line for step in self.plan.steps for line in self.step(step)]
        self.text = self.whole(body)

    # ---- places ------------------------------------------------------------------------------

    def place(self) -> None:
        """Give memory to what is stored, and use it again when nobody reads it any more."""
        for view in self.plan.views:
            self.view(view)
        flattened = {i.args[0] for i in self.plan.views if i.function is np.reshape}
        free: list[Any] = []
        for n, step in enumerate(self.plan.steps):
            for i in step.instructions:
                v = i.out
                if v not in self.arrays and (v in self.plan.stored or not is_elementwise(i)):
                    tall = len(v.shape) == 2 and v.shape[0] > v.shape[1] and v not in flattened  # noqa: PLR2004
                    order = "F" if tall else "C"
                    taken = self.overwritable(step, n, v, order)
                    if taken is not None:
                        self.arrays[v] = self.scratch[v] = self.scratch.pop(taken)
                    else:
                        array = fitting(free, v, order)
                        self.arrays[v] = self.scratch[v] = array
                for view in self.plan.views:
                    if view.out not in self.arrays:
                        self.view(view)
            free += [self.scratch.pop(v) for v in [*self.scratch] if self.plan.ends[v] <= n]

    def view(self, i: Instruction) -> None:
        """Make a view of what has its place."""
        source = self.arrays.get(i.args[0])
        if source is None:
            return
        made = i.function(source, *i.args[1:], **i.params)
        if made.size and not np.may_share_memory(made, source):
            message = f"{i.name} copies"
            raise CannotCompile(message)
        self.arrays[i.out] = made

    def overwritable(self, step: Step, n: int, v: Value, order: str) -> Value | None:
        """Find a value that ends with a step which only reads it entry by entry."""
        if step.shape != v.shape:
            return None
        views = set(self.plan.base.values())
        for u in (u for i in step.instructions for u in i.operands):
            array = self.scratch.get(u)
            if (
                array is not None
                and self.plan.ends[u] == n > self.plan.made[u]
                and u not in views
                and (u.shape, u.dtype) == (v.shape, v.dtype)
                and array.flags[f"{order}_CONTIGUOUS"]
            ):
                return u
        return None

    def find_memories(self) -> None:
        """Give numbers to memories, each a range of addresses that overlaps with no other."""
        ranges = {
            v: np.lib.array_utils.byte_bounds(array)
            for v, array in self.arrays.items()
            if self.plan.base_of(v) not in self.given
        }
        first, end = None, -1  # of a memory: one of its values, and its end
        joined: dict[Value, Value] = {}
        for v in sorted(ranges, key=ranges.__getitem__):
            if first is None or ranges[v][0] >= end:
                first = v
            joined[v], end = first, max(end, ranges[v][1])
        # In the order of values, not of addresses: the same program is the same source.
        known = {first: k for k, first in enumerate(dict.fromkeys(joined[v] for v in ranges))}
        self.memory = {v: known[joined[v]] for v in ranges}
        self.memory |= {v: len(known) + k for k, v in enumerate(self.given)}
        self.memories = len(known) + len(self.given)

    # ---- words -------------------------------------------------------------------------------

    def address(self, v: Value) -> str:
        """Name the address of a value's first entry."""
        base = self.plan.base_of(v)
        array = self.arrays[v]
        if base in self.given:
            start = array.ctypes.data - self.arrays[base].ctypes.data
            return f"g{self.given.index(base)}" + (f" + {start}" if start else "")
        return self.name(array)

    def name(self, array: Any) -> str:
        """Name an address in the table."""
        key = array.ctypes.data
        if key not in self.names:
            self.names[key] = f"p{len(self.table)}"
            self.table.append(array)
        return self.names[key]

    def where(self, v: Value) -> str:
        """Say what a value's entries are and in which memory, for `load` and `store`."""
        base = self.plan.base_of(v)
        return f'"{v.dtype.char}", {self.memory[base]}, {self.memories}'

    def load(self, v: Value, index: str) -> str:
        """Write the reading of an entry."""
        return f"load({self.address(v)}, {index}, {self.where(v)})"

    def store(self, v: Value, index: str, entry: str) -> str:
        """Write the writing of an entry."""
        return f"store({self.address(v)}, {index}, {entry}, {self.where(v)})"

    def whole(self, body: Iterable[str]) -> str:
        """Write the function around its steps."""
        characters = np.array([*self.characters, 0], np.uint8)
        sizes, factors = np.array([*self.sizes, 0], np.int32), np.array([1.0, 0.0])
        single = factors.astype(np.float32)
        constants = (characters, sizes, factors, single)
        self.table += constants
        self.addresses = np.array([a.ctypes.data for a in self.table])
        names = [
            *(f"p{k}" for k in range(len(self.table) - 4)),
            "chars",
            "sizes",
            "ones_d",
            "ones_f",
        ]
        parameters = ", ".join(["n", "table", *(f"x{k}" for k in range(len(self.given)))])
        lines = [f"def kernel({parameters}):"]
        lines += [f"{INDENT}{name} = table[{k}]" for k, name in enumerate(names)]
        lines += [f"{INDENT}g{k} = x{k}.ctypes.data" for k in range(len(self.given))]
        lines += [f"{INDENT}for _ in range(n):", *(INDENT * 2 + line for line in body)]
        return "\n".join(lines) + "\n"

    # ---- steps -------------------------------------------------------------------------------

    def step(self, step: Step) -> list[str]:
        """Write a step."""
        if step.shape is None:
            (i,) = step.instructions
            return self.product(i)
        return self.loop(step, step.shape)

    def product(self, i: Instruction) -> list[str]:
        """Multiply matrices, by BLAS unless they are tiny."""
        x, y = i.args
        (m, k), n = x.shape, y.shape[1]
        self.work += m * k * n
        if m * k * n > FEW:
            forms = [blas_form(self.arrays[v]) for v in (x, y, i.out)]
            if all(forms) and max(m, k, n) <= LARGEST:
                return [self.gemm(i, *forms)]
            raise CannotCompile("a matrix is not stored by rows or columns")  # noqa: EM101, TRY003
        at = [index_of(self.arrays[v]) for v in (x, y, i.out)]
        term = f"{self.load(x, at[0]('i', 'k'))} * {self.load(y, at[1]('k', 'j'))}"
        return [
            f"for i in range({m}):",
            f"{INDENT}for j in range({n}):",
            f"{INDENT * 2}total = zero_{i.out.dtype.char}",
            f"{INDENT * 2}for k in range({k}):",
            f"{INDENT * 3}total = plus(total, {term})",
            f"{INDENT * 2}{self.store(i.out, at[2]('i', 'j'), 'total')}",
        ]

    def gemm(self, i: Instruction, left: Any, right: Any, result: Any) -> str:
        """Call BLAS, for which matrices are stored by columns."""
        x, y = i.args
        (m, k), n = x.shape, y.shape[1]
        if not result[0]:  # stored by rows: compute the transpose
            x, y, m, n = y, x, n, m
            left, right = ((not by_columns, step) for by_columns, step in (right, left))
        at, to = len(self.characters), len(self.sizes)
        self.characters += b"TN"[left[0] : left[0] + 1] + b"TN"[right[0] : right[0] + 1]
        self.sizes += [m, n, k, left[1], right[1], result[1]]
        size = [f"sizes + {4 * (to + k)}" for k in range(6)]
        t = i.out.dtype.char
        given = [
            *(f"chars + {at}", f"chars + {at + 1}", *size[:3], f"ones_{t}", self.address(x)),
            *(size[3], self.address(y), size[4]),
            *(f"ones_{t} + {i.out.dtype.itemsize}", self.address(i.out), size[5]),
        ]
        return f"gemm_{t}({', '.join(given)})"

    def loop(self, step: Step, shape: tuple[int, ...]) -> list[str]:
        """Write nested loops, as few as strides allow, the innermost through adjacent entries."""
        entrywise = [i for i in step.instructions if i.function not in REDUCTIONS]
        reductions = [i for i in step.instructions if i.function in REDUCTIONS]
        inside = dict.fromkeys(i.out for i in entrywise)
        reads = {
            v: np.broadcast_to(self.arrays[v], shape)
            for i in step.instructions
            for v in i.operands
            if v not in inside and number(v) is None
        }
        writes = {v: self.arrays[v] for v in inside if v in self.arrays}
        reduced = {i.out: spread_over(self.arrays[i.out], i) for i in reductions}
        self.work += int(np.prod(shape, dtype=int)) * len(step.instructions)
        nest = Nest(shape, [*reads.values(), *writes.values(), *reduced.values()])
        held = {v: f"v{k}" for k, v in enumerate([*reads, *inside])}
        body = [f"{held[v]} = {self.load(v, nest.index(a))}" for v, a in reads.items()]
        body += [f"{held[i.out]} = {self.entry(i, held)}" for i in entrywise]
        lines: list[str] = []
        levels = range(len(nest.sizes) + 1)
        before: list[list[str]] = [[] for _ in levels]
        after: list[list[str]] = [[] for _ in levels]
        for k, i in enumerate(reductions):
            at, index = nest.constant_from(reduced[i.out]), nest.index(reduced[i.out])
            t = i.out.dtype.char
            taken, first = (text.replace("{t}", t) for text in REDUCTIONS[i.function])
            if at < levels[-1] and nest.is_settled(
                reduced[i.out], at
            ):  # a number that is complete before the index changes
                before[at].append(f"s{k} = {first}")
                body.append(f"s{k} = {taken.format(f's{k}', held[i.args[0]])}")
                after[at].append(self.store(i.out, index, f"s{k}"))
            elif levels[-1]:
                lines += self.filled(i.out, first)
                entry = taken.format(self.load(i.out, index), held[i.args[0]])
                body.append(self.store(i.out, index, entry))
            else:
                body.append(self.store(i.out, index, held[i.args[0]]))
        body += [self.store(v, nest.index(a), held[v]) for v, a in writes.items()]
        for level, size in enumerate(nest.sizes):
            lines += [INDENT * level + line for line in before[level]]
            lines.append(f"{INDENT * level}for i{level} in range({size}):")
        lines += [INDENT * levels[-1] + line for line in body]
        for level in reversed(levels):
            lines += [INDENT * level + line for line in after[level]]
        return lines

    def filled(self, v: Value, first: str) -> list[str]:
        """Write the same to all entries."""
        nest = Nest(v.shape, [self.arrays[v]])
        lines = [f"{INDENT * k}for i{k} in range({size}):" for k, size in enumerate(nest.sizes)]
        return [*lines, INDENT * len(lines) + self.store(v, nest.index(self.arrays[v]), first)]

    def entry(self, i: Instruction, held: Mapping[Value, str]) -> str:
        """Write how an entry is computed."""
        arrays = [v for v in (i.out, *i.operands) if number(v) is None]
        t = next((v.dtype.char for v in arrays if v.dtype.char != "?"), "?")
        if i.function is astype:
            return f"{FLOAT[t]}({held[i.args[0]]})"
        given = []
        for a in i.args:
            known = number(a)
            if type(known) is bool:
                given.append(str(known))
            elif known is not None:
                given.append(written(known, t))
            elif i.function in ARITHMETIC and a.dtype.char == "?":
                given.append(f"{FLOAT[t]}({held[a]})")
            else:
                given.append(held[a])
        return ELEMENTWISE[i.function].format(*given, t=t)


class Nest:
    """The loops through arrays of one shape: sizes, outermost first, and entries' indices."""

    def __init__(self, shape: tuple[int, ...], arrays: list[Any]) -> None:
        axes = [k for k, size in enumerate(shape) if size > 1]
        axes.sort(key=lambda k: -sum(abs(a.strides[k]) for a in arrays))
        groups: list[list[int]] = []
        for k in axes:
            adjacent = groups and all(
                a.strides[groups[-1][-1]] == a.strides[k] * shape[k] for a in arrays
            )
            if adjacent:
                groups[-1].append(k)
            else:
                groups.append([k])
        self.innermost = [group[-1] for group in groups]
        self.sizes = [int(np.prod([shape[k] for k in group])) for group in groups]

    def strides(self, array: Any) -> list[int]:
        """Return how far apart entries are, a loop a number."""
        return [array.strides[k] // array.itemsize for k in self.innermost]

    def index(self, array: Any) -> str:
        """Write where an entry is."""
        strides = self.strides(array)
        terms = [f"i{k}" if s == 1 else f"i{k} * {s}" for k, s in enumerate(strides) if s]
        return " + ".join(terms) or "0"

    def is_settled(self, array: Any, level: int) -> bool:
        """Tell whether an index does not come again in the loops outside of a level."""
        return all(self.strides(array)[:level])

    def constant_from(self, array: Any) -> int:
        """Find the level of the loops inside which an index does not change any more."""
        strides = self.strides(array)
        return max((k + 1 for k, s in enumerate(strides) if s), default=0)


def spread_over(array: Any, i: Instruction) -> Any:
    """Show a sum as an array of the shape of what is summed."""
    x = i.args[0]
    axis = i.params.get("axis")
    axes = range(len(x.shape)) if axis is None else [k % len(x.shape) for k in np.atleast_1d(axis)]
    kept = [1 if k in axes else size for k, size in enumerate(x.shape)]
    return np.broadcast_to(array.reshape(kept), x.shape)


def fitting(free: list[Any], v: Value, order: Any) -> Any:
    """Find memory for a value: that of another, or new."""
    size = v.size * v.dtype.itemsize
    for k, old in enumerate(free):
        if size <= old.nbytes <= 2 * size + 64:
            flat = free.pop(k).ravel(order="K").view(np.uint8)
            return flat[:size].view(v.dtype).reshape(v.shape, order=order)
    return memory_of(size)[:size].view(v.dtype).reshape(v.shape, order=order)


def blas_form(matrix: Any) -> tuple[bool, int] | None:
    """Tell whether a matrix is stored by columns, and how far apart these, or rows, are."""
    m, n = matrix.shape
    down, along = (s // matrix.itemsize for s in matrix.strides)
    if (along == 1 or n == 1) and (down >= n or m == 1):
        return False, max(down if m > 1 else n, 1)
    if (down == 1 or m == 1) and (along >= m or n == 1):
        return True, max(along if n > 1 else m, 1)
    return None


def index_of(matrix: Any) -> Any:
    """Make what writes where an entry of a matrix is."""
    down, along = (s // matrix.itemsize for s in matrix.strides)
    return lambda i, j: f"{i} * {down} + {j} * {along}"


def written(x: Any, t: str) -> str:
    """Write a number of a dtype."""
    x = float(x)
    text = str(x)  # that of NaN and infinity are names
    return text if t == "d" else f"{FLOAT[t]}({text})"
