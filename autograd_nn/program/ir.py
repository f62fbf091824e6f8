"""The program: what a function did, as one list of calls of NumPy.

**Single assignment.**  Every `Value` is made once: it is an argument of the program, an array
that a live Tensor holds when the program is called, a constant, or a result of the `Instruction`
before it in the list.  `Value.source` says which.  Writing in place has become the making of a
new value.

**Instructions** are calls ``function(*args, **params)``.  `args` and `params` are what NumPy was
given, with Values in place of arrays, also inside tuples, lists and dicts; Python's numbers,
None, dtypes and slices are left as they are, for NumPy treats numbers as weaker than arrays.  The
functions are NumPy's own (``np.multiply``, ``np.add.reduce``), those of
`autograd_nn.program.functions` for what NumPy spells as a method or an operator (``getitem``,
``written``, ``astype``), forwards of primitives (``sigmoid``), and, where a rule could not be
followed, a `RuleCall`.  All are pure.  A function of several results has several `outs`.

**Effects** happen at the end: `updates` are new contents of live Tensors, `gradients` what
``backward`` has left in their `grad`.  A program that fails has changed nothing.

**Derivatives.**  ``value.cotangent_of`` is the value whose cotangent it is, as far as the sweep
that made it tells: the derivative of the loss with respect to that value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

Example = Any  # an array, a NumPy scalar or a Python number


class Argument(NamedTuple):
    """The source of a value that the caller gives: number `leaf` of the leaves of the arguments."""

    leaf: int
    path: str  # how the function's own code spells it: "X", "batch['x']"


class Live(NamedTuple):
    """The source of a value that a Tensor holds at the call: `key` of the program's `tensors`."""

    key: int
    path: str  # "model.0.weight", as far as it could be found out


class Constant(NamedTuple):
    """The source of a value that never changes: an array, held by reference, or a number."""

    content: Example


@dataclass(eq=False, slots=True)
class Value:
    """One array of the program; its shape and dtype are known, its entries are not.

    `weak` says that it is a Python number, which gives way to the dtypes of arrays.  `order` is
    that of the axes in memory, outermost first, where it is not C's: sums depend on it.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    source: Argument | Live | Constant | Instruction | None = None
    name: str = ""  # of the user's variable that held it
    cotangent_of: Value | None = None
    toward: Value | None = None  # whose cotangent it will be when it is summed to its shape
    weak: bool = False
    order: tuple[int, ...] | None = None

    @property
    def size(self) -> int:
        """Number of entries."""
        return int(np.prod(self.shape, dtype=int))

    @property
    def maker(self) -> Instruction | None:
        """The instruction that it results from, if one does."""
        return self.source if isinstance(self.source, Instruction) else None

    def __repr__(self) -> str:
        return f"<{self.name or 'value'} {self.dtype}{list(self.shape)}>"


class Site(NamedTuple):
    """The user's line that made a call."""

    file: str
    line: int
    function: str


@dataclass(eq=False, slots=True)
class Instruction:
    """One call, ``outs = function(*args, **params)``.

    `views`: the first result shares memory with that argument.  `errors` is the state of
    ``np.errstate`` at the call, where it was not that of the whole.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    params: dict[str, Any]
    outs: list[Value]
    views: Value | None = None
    site: Site | None = None
    errors: dict[str, Any] | None = None
    form: Callable[[list[Any]], Any] | None = None  # of several results: their container

    @property
    def out(self) -> Value:
        """The only result."""
        (out,) = self.outs
        return out

    @property
    def name(self) -> str:
        """What the function is called."""
        return str(getattr(self.function, "__name__", self.function))

    @property
    def operands(self) -> list[Value]:
        """All values that it reads, in order, with repetitions."""
        return [*values_in(self.args), *values_in(self.params)]

    def __repr__(self) -> str:
        return f"{self.outs} = {self.name}{self.args} {self.params or ''}"


@dataclass(slots=True)
class Program:
    """A list of instructions between arguments and results.

    `results` are what the function returned, flattened; the container is the caller's matter.
    `updates` are pairs (value of a live Tensor, its new value), `gradients` pairs (value of a
    live Tensor, the gradient or None).  `exact` says that nothing has been reordered: the
    results are those of the eager function to the last bit (`passes` names the one exception,
    beyond the range of numbers).
    """

    arguments: list[Value]
    lives: list[Value]
    instructions: list[Instruction]
    results: list[Value]
    updates: list[tuple[Value, Value]] = field(default_factory=list)
    gradients: list[tuple[Value, Value | None]] = field(default_factory=list)
    exact: bool = True

    @property
    def kept(self) -> list[Value]:
        """All values that are looked at from outside."""
        gradients = [g for _, g in self.gradients if g is not None]
        return [*self.results, *(new for _, new in self.updates), *gradients]

    def constants(self) -> list[Value]:
        """All constants that are used, each once."""
        used = [v for i in self.instructions for v in i.operands] + self.kept
        return list(dict.fromkeys(v for v in used if isinstance(v.source, Constant)))

    def rewritten(
        self, instructions: list[Instruction], stands_for: Mapping[Value, Value], **changes: Any
    ) -> Program:
        """Make the program of other instructions, with values in place of others."""

        def new(v: Value) -> Value:
            return follow(v, stands_for)

        return replace(
            self,
            instructions=instructions,
            results=[new(v) for v in self.results],
            updates=[(live, new(v)) for live, v in self.updates],
            gradients=[(live, None if v is None else new(v)) for live, v in self.gradients],
            **changes,
        )

    def copied(self) -> Program:
        """Make a program of other Values and Instructions, to be rewritten without harm to this."""
        twins: dict[Value, Value] = {}

        def twin(v: Value) -> Value:
            if v not in twins:
                twins[v] = replace(v)
                if v.cotangent_of is not None:
                    twins[v].cotangent_of = twin(v.cotangent_of)
            return twins[v]

        instructions = []
        for i in self.instructions:
            made = replace(
                i,
                args=tree_of(i.args, twin),
                params=tree_of(i.params, twin),
                outs=[twin(o) for o in i.outs],
                views=None if i.views is None else twin(i.views),
            )
            for out in made.outs:
                out.source = made
            instructions.append(made)
        return replace(
            self,
            arguments=[twin(v) for v in self.arguments],
            lives=[twin(v) for v in self.lives],
            instructions=instructions,
            results=[twin(v) for v in self.results],
            updates=[(twin(live), twin(v)) for live, v in self.updates],
            gradients=[(twin(live), None if v is None else twin(v)) for live, v in self.gradients],
        )

    def source(self, name: str = "step") -> str:
        """Print it as readable NumPy, with the function `name`; see `source.source`."""
        module = import_module("autograd_nn.program.source")  # which stands above this one
        return str(module.source(self, name))

    def latex(self) -> str:
        """Print it as mathematics; see `latex.latex`."""
        module = import_module("autograd_nn.program.latex")
        return str(module.latex(self))

    def __str__(self) -> str:
        """List the instructions, a line each."""
        names = numbered(self)

        def told(x: Any) -> Any:
            return tree_of(x, lambda v: Name(names[v]))

        lines = []
        for i in self.instructions:
            given = [*map(repr, told(i.args)), *(f"{k}={v!r}" for k, v in told(i.params).items())]
            lines.append(f"{', '.join(names[o] for o in i.outs)} = {i.name}({', '.join(given)})")
        lines += [f"{names[live]} <- {names[new]}" for live, new in self.updates]
        lines += [
            f"{names[live]}.grad <- {'None' if g is None else names[g]}"
            for live, g in self.gradients
        ]
        return "\n".join([*lines, f"return {', '.join(names[v] for v in self.results)}"])


class Name(str):
    """A string that is shown without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def numbered(program: Program) -> dict[Value, str]:
    """Give every value of a program a name of its own."""
    names: dict[Value, str] = {}
    made = [o for i in program.instructions for o in i.outs]
    for v in [*program.arguments, *program.lives, *program.constants(), *made, *program.kept]:
        if v not in names:
            content = v.source.content if isinstance(v.source, Constant) else None
            number = content is not None and np.ndim(content) == 0
            names[v] = repr(content) if number else f"{v.name or 'v'}_{len(names)}"
    return names


def tree_of(x: Any, change: Callable[[Value], Any]) -> Any:
    """Replace the values in what an instruction was given."""
    if isinstance(x, Value):
        return change(x)
    if isinstance(x, list | tuple) and x:
        items = [tree_of(item, change) for item in x]
        return x._make(items) if hasattr(x, "_make") else type(x)(items)
    if isinstance(x, dict):
        return {k: tree_of(item, change) for k, item in x.items()}
    return x


def values_in(x: Any) -> Iterator[Value]:
    """Find the values in what an instruction was given."""
    if isinstance(x, Value):
        yield x
    elif isinstance(x, list | tuple):
        for item in x:
            yield from values_in(item)
    elif isinstance(x, dict):
        for item in x.values():
            yield from values_in(item)


def follow(value: Value, stands_for: Mapping[Value, Value]) -> Value:
    """Find what stands for a value in the end."""
    while value in stands_for:
        value = stands_for[value]
    return value


def call(
    function: Callable[..., Any],
    *args: Any,
    like: Value | None = None,
    shape: Sequence[int] | None = None,
    dtype: Any = None,
    **params: Any,
) -> Instruction:
    """Make an instruction of one result, of the shape and dtype of `like` unless given."""
    shape = like.shape if shape is None and like is not None else shape
    dtype = like.dtype if dtype is None and like is not None else dtype
    out = Value(tuple(shape or ()), np.dtype(dtype))
    out.order = like.order if like is not None and out.shape == like.shape else None
    made = Instruction(function, args, params, [out])
    out.source = made
    return made
