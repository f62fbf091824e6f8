"""Flat: a program as one generated function, and the live Tensors whose buffers it writes to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from autograd_nn.program.borders import bordered
from autograd_nn.program.fusion import Kernel
from autograd_nn.program.generated import INDENT, Names, function_of
from autograd_nn.program.ir import Constant, Live, Program, Value
from autograd_nn.program.machine import Bound, Line, Machine, Place
from autograd_nn.program.packs import LARGEST, batched, packed, stepped
from autograd_nn.program.passes import is_elementwise
from autograd_nn.program.replay import MISSED, commit, evaluated, refuse_nan
from autograd_nn.tensor import Tensor
from autograd_nn.traced import box


class Flat:
    """Runs a program as straight-line code.

    Live Tensors that the program updates get *homes*: their arrays are where the generated code
    writes.  Before a run it is looked whether they are still there, and whether anybody else
    holds those arrays now (a detached Tensor, a snapshot, a recorded graph): these keep them, and
    the Tensors move to new ones.

    Parameters
    ----------
    program : Program
    tensors : sequence of Tensor or None
        The live Tensors that are the same at every call.
    check_nan : bool
        Whether NaN in what is kept is an error.
    """

    machine = Machine

    def __init__(self, program: Program, tensors: Sequence[Any], *, check_nan: bool) -> None:
        self.source_program, self.tensors, self.check_nan = program, tensors, check_nan
        # Tensors that are not the same at every call may be the gradients of the step before.
        self.reads_gradients = bool(program.gradients) and any(t is None for t in tensors)
        self.version = 0
        self.rebuild()

    # ---- making it ---------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Make everything anew, and count then who holds it."""
        self.build()
        count = self.look()
        counts = count()
        del count
        self.are_at_home = self.look(counts)
        self.version += 1

    def build(self) -> None:
        """Give live Tensors homes and generate the code."""
        source = self.source_program.copied()  # what is made of it changes its values
        at_home = self.with_homes(source)
        hidden = {live for live, tensor in at_home.items() if not tensor.exposed}
        plan = stepped(batched(bordered(packed(source, hidden))))
        self.program = program = plan.program
        self.homes: dict[Value, Any] = {}
        arrays: dict[Value, Any] = {}
        spans: dict[Value, tuple[Any, int]] = {}  # memory, and where in it a value begins
        for flat, parts in plan.packs.items():  # those within others come after these
            if flat not in spans:
                spans[flat] = spans.get(parts[0], (np.empty(flat.size, flat.dtype), 0))
            memory, start = spans[flat]
            arrays[flat] = memory[start : start + flat.size].reshape(flat.shape)
            for part in parts:
                spans[part] = memory, start
                arrays[part] = memory[start : start + part.size].reshape(part.shape)
                if isinstance(part.source, Constant):
                    arrays[part][...] = part.source.content
                start += part.size
        for live, tensor in at_home.items():
            own = tensor.value if tensor.exposed else arrays.get(live)
            self.homes[live] = arrays[live] = np.array(tensor.value) if own is None else own
        self.shown = showing(program, self.homes)
        self.late = self.written_over(arrays)
        self.large = any(live.size > LARGEST for live in self.late.values())
        machine = self.machine(program, arrays, self.late)
        self.generate(machine)
        for live, home in self.homes.items():
            if at_home[live].value is not home:
                home[...] = at_home[live].value
                at_home[live].value = home
        self.residents = [(at_home[live], home) for live, home in self.homes.items()]
        # Views of parameters that others hold are views of the memory that these are parts of.
        self.flats = [spans[live][0] for live, _ in program.updates if live in plan.packs]

    def with_homes(self, program: Program) -> dict[Value, Any]:
        """Find the live Tensors whose buffers the code may write to."""
        found = {}
        for live, _ in program.updates:
            assert isinstance(live.source, Live)  # noqa: S101 (for mypy)
            tensor = self.tensors[live.source.key]
            if tensor is None or not live.shape or hasattr(tensor, "lens"):
                continue
            if getattr(tensor, "views", None):
                continue
            if not tensor.exposed or tensor.value.flags.c_contiguous:
                found[live] = tensor
        return found

    def written_over(self, arrays: dict[Value, Any]) -> dict[Value, Value]:
        """Find the updates whose last step can be written straight over the old value.

        These are large ones, and those of packs that are products, which cannot fail.
        """
        late: dict[Value, Value] = {}
        uses = [v for i in self.program.instructions for v in i.operands]
        others = [*self.program.results, *(g for _, g in self.program.gradients)]
        for live, new in self.program.updates:
            maker = new.maker
            if maker is None or live not in arrays:
                continue
            is_large = live.size > LARGEST and is_elementwise(maker)
            if (
                (is_large if live in self.homes else maker.function is np.dot)
                and not self.check_nan
                and new.dtype == live.dtype
                and new not in uses
                and new not in others
                and self.shown.isdisjoint(v for v in maker.operands if v is not live)
            ):
                late[new] = live
        return late

    def generate(self, machine: Machine) -> None:
        """Write the function and compile it."""
        program, code = self.program, machine.code
        flats = [live for live, _ in program.updates]
        homes = {v: machine.place(v) for v in (*program.arguments, *program.lives, *flats)}
        self.generic_updates = [
            (live, new) for live, new in program.updates if homes[live].array is None
        ]
        self.generic_gradients: list[tuple[Value, Value | None]] = []
        self.grads: list[tuple[Any, Any]] = []  # Tensors and the Tensors that are their gradients
        tail: list[Line] = []
        taken: list[Any] = []
        if self.check_nan:
            pairs = "".join(
                f"({v.name!r}, {machine.place(v).name}), "
                for v in program.kept
                if v.dtype.kind in "fc"
            )
            tail.append(Line(f"{code.name(refuse_nan, 'f')}(({pairs}))"))
        for live, gradient in program.gradients:
            self.keep_gradient(machine, live, gradient, tail, taken)
        for v in dict.fromkeys([*program.results, *(new for _, new in program.updates)]):
            if v in self.shown and v not in self.late:
                copied = f"{machine.place(v).name}_before"
                tail.append(Line(f"{copied} = {code.name(np.array, 'f')}({machine.place(v).name})"))
                machine.places[v] = Place(copied)
        for live, new in program.updates:
            if (live, new) not in self.generic_updates and new not in self.late:
                home, made = homes[live], machine.place(new)
                tail.append(Line(f"{home.name}[...] = {made.name}"))
        lines = [*machine.code.lines, *tail, *machine.late_lines]
        returned = [
            *program.results,
            *(new for _, new in self.generic_updates),
            *(g for _, g in self.generic_gradients if g is not None),
        ]
        for v in returned:
            machine.place(v)
        self.dynamic = [k for k, v in enumerate(program.lives) if homes[v].array is None]
        given = [place.name for place in homes.values() if place.array is None]
        names = "".join(machine.place(v).name + ", " for v in returned)
        bound = {k: v.array.dot if isinstance(v, Bound) else v for k, v in code.bound.items()}
        self.text = "\n".join([*self.body(lines, machine), f"{INDENT}return ({names})"])
        parameters = "".join(name + ", " for name in given) + "n=1, "
        self.step = function_of("step", parameters, self.text, {**bound, "errstate": np.errstate})
        self.repeats = not (self.generic_updates or self.generic_gradients or self.reads_gradients)

    def body(self, lines: Sequence[Line], _machine: Machine) -> list[str]:
        """Write the lines of a step."""
        return spelled(lines)

    def steps(self, n: int, given: Sequence[Any]) -> Any:
        """Do n steps; return what the last one does."""
        for _ in range(n):
            out = self.step(*given)
        return out

    def keep_gradient(
        self, machine: Machine, live: Value, gradient: Value | None, tail: list[Line], taken: Any
    ) -> None:
        """Let a gradient stay in a buffer of its own, which the Tensor's `grad` shows."""
        assert isinstance(live.source, Live)  # noqa: S101 (for mypy)
        tensor = self.tensors[live.source.key]
        if tensor is None or (gradient is not None and not gradient.shape):
            self.generic_gradients.append((live, gradient))
            return
        if gradient is None:
            self.grads.append((tensor, None))
            return
        place = machine.place(gradient)
        array = place.array
        own = (place.roots or gradient in machine.own) and gradient not in self.shown
        shared = any(np.may_share_memory(array, other) for other in taken) or gradient in (
            *self.program.results,
            *(new for _, new in self.program.updates),
        )
        if array is None or not own or shared or self.reads_gradients:
            array = np.empty(gradient.shape, gradient.dtype)
            name = machine.code.name(array, "g")
            tail.append(Line(f"{name}[...] = {place.name}"))
        taken.append(array)
        self.grads.append((tensor, box(Tensor, array, exposed=True)))

    # ---- running it --------------------------------------------------------------------------

    def look(self, counts: Sequence[int] | None = None) -> Callable[[], Any]:
        """Make the function that tells whether all is where the code writes, and nobody else's.

        Without counts, make the one that counts who holds the homes; the other must find the
        same numbers, so both are made, and hold what they look at, in the same way.
        """
        bound: dict[str, Any] = {"refs": sys.getrefcount}
        stays, held = [], []
        for k, (tensor, home) in enumerate(self.residents):
            bound |= {f"t{k}": tensor, f"w{k}": home}
            stays.append(f"t{k}.value is w{k}")
            if not tensor.exposed:
                held.append(f"w{k}")
        for k, flat in enumerate(self.flats):
            bound[f"p{k}"] = flat
            held.append(f"p{k}")
        if counts is None:
            told = f"({''.join(f'refs({name}), ' for name in held)})"
        else:
            alone = [f"refs({name}) == {n}" for name, n in zip(held, counts, strict=True)]
            told = " and ".join([*stays, *alone]) or "True"
        return function_of("look", "", f"return {told}", bound)

    def settle(self) -> None:
        """Bring Tensors home that were given other arrays; where others hold the homes, move."""
        away = [(t, h) for t, h in self.residents if t.value is not h]
        if any(t.exposed for t, _ in away):
            self.rebuild()
            return
        for tensor, home in away:
            home[...] = tensor.value
            tensor.value = home
        if not self.are_at_home():
            self.rebuild()

    def run(self, arguments: Sequence[Any], tensors: Sequence[Any], n: int) -> tuple[int, Any]:
        """Run it; return how often it ran, and the results."""
        if not self.are_at_home():
            self.settle()
        if self.large and may_raise():
            return self.run_carefully(arguments, tensors)
        n = n if self.repeats else 1
        out = self.steps(n, [*arguments, *[tensors[k].value for k in self.dynamic]])
        for tensor, grad in self.grads:
            tensor._grad = grad  # noqa: SLF001
        if not self.repeats:
            results = iter(out[len(self.program.results) :])
            commit(
                [(tensors[live.source.key], next(results)) for live, _ in self.generic_updates],  # type: ignore[union-attr]
                [
                    (tensors[live.source.key], None if g is None else next(results))  # type: ignore[union-attr]
                    for live, g in self.generic_gradients
                ],
            )
        return n, out[: len(self.program.results)]

    def shortcut(
        self,
        args: Sequence[Any],
        unless_alike: Callable[[Names, str], list[str]],
        asked_grads: Sequence[tuple[Any, bool]],
        *,
        wrapped: bool,
    ) -> Callable[..., Any] | None:
        """Make a function of a tuple that looks that all is as it was, runs, and wraps the result.

        Where something has changed it returns MISSED.
        """
        if not self.repeats or self.dynamic:
            return None
        names = Names({"MISSED": MISSED, "array": np.ndarray, "new": object.__new__})
        missed = "return MISSED"
        lines = [f"if len(args) != {len(args)}: {missed}"]
        lines += [f"{''.join(f'x{k}, ' for k in range(len(args)))}= args"] if args else []
        if self.large:
            lines.append(f"if {names.name(may_raise)}(): {missed}")
        for k, arg in enumerate(args):
            same = f"x{k}.shape == {arg.shape} and x{k}.dtype is {names.name(arg.dtype)}"
            lines.append(f"if not (type(x{k}) is array and {same}): {missed}")
        lines += unless_alike(names, "MISSED")
        for tensor, was_none in asked_grads:
            lines.append(f"if ({names.name(tensor)}.grad is None) is not {was_none}: {missed}")
        used = ", ".join(f"x{v.source.leaf}" for v in self.program.arguments)  # type: ignore[union-attr]
        lines.append(f"if not {names.name(self.are_at_home)}(): {missed}")
        lines.append(f"out, = {names.name(self.step)}({used})")
        lines += [f"{names.name(t)}._grad = {names.name(grad)}" for t, grad in self.grads]
        out = "out.copy()" if self.program.results[0].shape else "out"
        boxed = f"t = new({names.name(Tensor)}); t.value = {out}; t.node = None; t.exposed = False"
        lines += [boxed, "return t"] if wrapped else [f"return {out}"]
        body = "\n".join(INDENT + line for line in lines)
        return function_of("quick", "args, ", body, names.bound)

    def run_carefully(self, arguments: Sequence[Any], tensors: Sequence[Any]) -> tuple[int, Any]:
        """Run it once where NumPy may raise in the middle of an update."""
        program = self.source_program
        held = evaluated(program, arguments, [t.value for t in tensors])
        results = [np.array(held[v]) for v in program.results]  # as they are before updates
        commit(
            [(tensors[live.source.key], held[v]) for live, v in program.updates],  # type: ignore[union-attr]
            [
                (tensors[live.source.key], None if v is None else held[v])  # type: ignore[union-attr]
                for live, v in program.gradients
            ],
        )
        return 1, results


def showing(program: Program, homes: Iterable[Value]) -> set[Value]:
    """Find the values whose memory may be that of the homes: what is written there changes them.

    Ufuncs, products and kernels return arrays of their own; of all else NumPy may return a view.
    """
    shown = set(homes)
    for i in program.instructions:
        own = isinstance(i.function, np.ufunc | Kernel) or i.function is np.dot
        if not own and not shown.isdisjoint(i.operands):
            shown.update(i.outs)
    return shown


def may_raise() -> bool:
    """Tell whether NumPy may raise where it computes, in the middle of an update."""
    return not {"raise", "call"}.isdisjoint(np.geterr().values())


def spelled(lines: Sequence[Line]) -> list[str]:
    """Write lines, those under another errstate in blocks."""
    written: list[str] = []
    for errors, block in groupby(lines, lambda line: line.errors):
        indent = INDENT
        if errors is not None:
            written.append(f"{indent}with errstate(**{errors!r}):")
            indent += INDENT
        written += [indent + line.code for line in block]
    return written
