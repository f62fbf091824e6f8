"""Looped: a program whose kernels are compiled, and if it is one kernel, the loop around it too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from autograd_nn.program import native
from autograd_nn.program.emission import Emission
from autograd_nn.program.flat import Flat
from autograd_nn.program.fusion import VIEWS, Kernel, is_elementwise
from autograd_nn.program.generated import INDENT
from autograd_nn.program.ir import Instruction, Live, Program, Value
from autograd_nn.program.machine import Line, Machine, Place

WORK = 1 << 30  # entries and multiplications between two looks at whether somebody interrupts


class KernelMachine(Machine):
    """Writes a kernel as one call, with the table of addresses at which it computes."""

    def __init__(self, program: Program, homes: dict[Value, Any], late: dict[Value, Value]) -> None:
        self.given = Given()
        self.call, self.work = "", 1
        super().__init__(program, homes, late)

    def is_direct(self, i: Instruction, n: int) -> bool:
        """Compile a kernel, and give its results their places."""
        if not isinstance(i.function, Kernel):
            return super().is_direct(i, n)
        inner = i.function.program
        outs = [self.place_for(out, [], n) for out in i.outs]
        arrays = {v: place.array for v, place in zip(inner.results, outs, strict=True)}
        places = [self.place(v) for v in i.operands]
        for v, place in zip(inner.arguments, places, strict=True):
            if place.array is not None:
                arrays[v] = place.array
        within = dict(zip(i.operands, inner.arguments, strict=True))
        late = {
            made: within[self.late[out]]
            for out, made in zip(i.outs, inner.results, strict=True)
            if self.late.get(out) in within
        }
        emission = Emission(inner, arrays, late)
        given = tuple((v.dtype.char, max(1, len(v.shape))) for v in emission.given)
        function = native.compiled(emission.text, given)
        for out, place in zip(i.outs, outs, strict=True):
            name = place.name if out.shape else f"{place.name}[()]"  # a number of its own
            self.places[out] = Place(name, place.array, place.roots)
        called = [self.code.name(x, "k") for x in (function, emission.addresses)]
        args = [
            f"{self.code.name(self.given, 'f')}({place.name})"
            for v, place in zip(inner.arguments, places, strict=True)
            if v in emission.given
        ]
        self.work += emission.work
        self.call = f"{called[0]}({{n}}, {', '.join([called[1], *args])})"
        self.code.name(emission, "k")  # whose memory it is
        self.code.lines.append(Line(self.call.format(n=1)))
        return True


class Given:
    """Makes of what a kernel is given an array that it reads as it is, unless it writes there.

    `written` is what others may hold of what it writes: exposed parameters, gradients.
    """

    def __init__(self) -> None:
        self.written: list[Any] = []

    def __call__(self, x: Any) -> Any:
        """Return the array, or a copy."""
        if type(x) is np.ndarray and x.flags.carray and x.ndim:
            if x.flags.owndata:
                fits = all(x is not array for array in self.written)
            else:
                fits = not any(np.may_share_memory(x, array) for array in self.written)
            if fits:
                return x
        return np.array(x, order="C", ndmin=1, subok=False)


class Looped(Flat):
    """Runs a program of kernels, and loops in compiled code if it is a single one.

    Compiled code neither warns of floating-point errors nor raises.  Where ``np.errstate`` asks to
    raise, NumPy computes.
    """

    machine = KernelMachine

    def written_over(self, _arrays: dict[Value, Any]) -> dict[Value, Value]:
        """Let a single kernel write over the parameters, at its end: nothing in it can fail."""
        program = self.program
        kernel = program.instructions[0].function if len(program.instructions) == 1 else None
        if not isinstance(kernel, Kernel) or self.check_nan:
            return {}
        (i,) = program.instructions
        made = dict(zip(i.outs, kernel.program.results, strict=True))
        given = dict(zip(i.operands, kernel.program.arguments, strict=True))
        shown = {given[v] for v in given if v in self.shown}
        late = {new: live for live, new in program.updates}
        others = {*program.results, *(g for _, g in program.gradients if g is not None)}
        homes = [self.homes[live] for live in late.values() if live in self.homes]
        fits = (
            len(homes) == len(late) == len(program.updates)
            and others.isdisjoint(late.keys() | self.shown)
            and not any(np.may_share_memory(a, b) for a, b in combinations(homes, 2))
            and all(is_last_step(made.get(v), given.get(live), shown) for v, live in late.items())
        )
        after = following(kernel.program, {made[v] for v in late}) if fits else []
        results = kernel.program.results
        fits = fits and all(
            is_elementwise(i) and i.out not in results and shown.isdisjoint(map(source, i.operands))
            for i in after
        )
        return late if fits else {}

    def generate(self, machine: Machine) -> None:
        """Write the function, and let it know what others hold of what it writes."""
        super().generate(machine)
        assert isinstance(machine, KernelMachine)  # noqa: S101 (for mypy)
        exposed = [home for live, home in self.homes.items() if self.tensors[key(live)].exposed]
        machine.given.written = [*exposed, *(g.value for _, g in self.grads if g is not None)]
        self.large = True  # where NumPy should raise
        self.most = max(1, WORK // machine.work)

    def body(self, lines: Sequence[Line], machine: Machine) -> list[str]:
        """Leave the loop to a kernel that is all there is to do."""
        assert isinstance(machine, KernelMachine)  # noqa: S101 (for mypy)
        self.is_one = len(lines) == 1 and lines == machine.code.lines and bool(machine.call)
        return (
            [INDENT + machine.call.format(n="n")] if self.is_one else super().body(lines, machine)
        )

    def steps(self, n: int, given: Sequence[Any]) -> Any:
        """Do n steps, in one call where they are one kernel; return what the last one does."""
        return self.step(*given, n) if self.is_one else super().steps(n, given)

    def run(self, arguments: Sequence[Any], tensors: Sequence[Any], n: int) -> tuple[int, Any]:
        """Run it, but not so often that nobody can interrupt."""
        return super().run(arguments, tensors, min(n, self.most))


def key(live: Value) -> int:
    """Find the number of a live Tensor."""
    assert isinstance(live.source, Live)  # noqa: S101 (for mypy)
    return live.source.key


def following(program: Program, values: set[Value]) -> list[Instruction]:
    """List the instructions that depend on values, but for those that make others of them."""
    known, found = set(values), []
    for i in program.instructions:
        if i.out not in values and not known.isdisjoint(i.operands):
            known.add(i.out)
            found.append(i)
    return found


def is_last_step(new: Value | None, live: Value | None, shown: set[Value]) -> bool:
    """Tell whether a value can be written over a live one, entry by entry."""
    maker = new.maker if new is not None else None
    if new is None or maker is None or not is_elementwise(maker):
        return False
    if live is not None and (new.shape, new.dtype) != (live.shape, live.dtype):
        return False
    return all(v is live or source(v) not in shown for v in maker.operands)


def source(v: Value) -> Value:
    """Find what a value is a view of, or the value."""
    while v.maker is not None and v.maker.function in VIEWS:
        v = v.maker.args[0]
    return v
