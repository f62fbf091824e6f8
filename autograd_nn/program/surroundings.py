"""What a function reads beside its arguments: all that must stay, names, random generators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import (
    CellType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.program.generated import INDENT, Names, function_of
from autograd_nn.traced import Traced

NUMBERS = (bool, int, float, complex, str, np.generic, type(None))
LIBRARIES = {"autograd_nn", "numpy"}  # whose own numbers and globals do not change
LENGTH, GONE = object(), object()
ENOUGH = 10_000  # things that are looked at


class Read(NamedTuple):
    """Something that was read while the program was recorded, and that must stay what it was.

    Numbers and texts must stay equal, other things must stay the same object.
    """

    path: str
    holder: Any  # a cell of a closure, a dict, a list, or an object with that attribute
    key: Any
    value: Any

    def now(self) -> Any:
        """Read it again."""
        try:
            if isinstance(self.holder, CellType):
                return self.holder.cell_contents
            if self.key is LENGTH:
                return len(self.holder)
            if isinstance(self.holder, dict | list):
                return self.holder[self.key]
            return getattr(self.holder, self.key)
        except (LookupError, ValueError, AttributeError):  # of a cell that is empty: ValueError
            return GONE

    def has_changed(self) -> bool:
        """Tell whether it is another one."""
        now, before = self.now(), self.value
        equal = isinstance(before, NUMBERS) and type(now) is type(before) and now == before
        return now is not before and not equal

    def spelled(self, names: Names) -> str:
        """Write as Python that it is what it was (an equal one may do too)."""
        holder, plain = names.name(self.holder, "h"), isinstance(self.value, bool | None)
        if self.key is LENGTH:
            return f"len({holder}) == {self.value}"
        value = repr(self.value) if plain else names.name(self.value, "n")
        if isinstance(self.holder, CellType):
            return f"{holder}.cell_contents is {value}"
        key = repr(self.key) if type(self.key) in (str, int) else names.name(self.key)
        if isinstance(self.holder, dict | list):
            return f"{holder}[{key}] is {value}"
        if self.value is not None and self.key.isidentifier():
            return f"{holder}.{self.key} is {value}"
        return f"getattr({holder}, {key}, None) is {value}"


class Surroundings:
    """Everything that can be reached from a function's closure, its globals and some objects.

    `names` maps the ids of Tensors to paths such as ``model.0.weight``.
    """

    def __init__(self, function: Callable[..., Any], arguments: dict[str, Any]) -> None:
        self.names: dict[int, str] = {}
        self.reads: list[Read] = []
        self.generators: list[tuple[str, Any]] = []
        self.held: list[Any] = []  # so that ids stay their own
        self.seen: set[int] = set()
        self.look_into_function(function, whole=True)
        self.closed_over = set(self.names)
        for name, x in arguments.items():
            self.look(x, name)
        self.random_states = self.states()

    def look(self, x: Any, path: str, holder: Any = None, key: Any = None) -> None:
        """Note what `x` is, who holds it, and go on to what it is made of."""
        if holder is not None:
            self.reads.append(Read(path, holder, key, x))
        if isinstance(x, Traced) and self.names.get(id(x), "0").rpartition(".")[2].isdigit():
            self.names[id(x)] = path  # rather model.0.weight than optimizer.parameters.0
        if isinstance(x, NUMBERS) or id(x) in self.seen or len(self.seen) > ENOUGH:
            return
        self.seen.add(id(x))
        self.held.append(x)
        if isinstance(x, np.random.Generator | np.random.RandomState):
            self.generators.append((path, x))
        elif isinstance(x, FunctionType | MethodType):
            self.look_into_function(x)
        elif isinstance(x, list | tuple | dict):
            self.look_into_container(x, path)
        elif not isinstance(x, ModuleType | type | np.ndarray):
            self.look_into_object(x, path)

    def look_into_container(self, x: Any, path: str) -> None:
        """Look at all items; tuples cannot change."""
        if not isinstance(x, tuple):
            self.reads.append(Read(f"the length of {path}", x, LENGTH, len(x)))
        for k, item in x.items() if isinstance(x, dict) else enumerate(x):
            self.look(item, f"{path}.{k}", None if isinstance(x, tuple) else x, k)

    def look_into_object(self, x: Any, path: str) -> None:
        """Look at the attributes of an object, and at numbers that its class has for it."""
        for k, item in getattr(x, "__dict__", {}).items():
            self.look(item, f"{path}.{k}", vars(x), k)
        for kind in type(x).__mro__:
            if is_of_library(kind) or kind.__module__ == "builtins":
                continue
            for k, item in vars(kind).items():
                if isinstance(item, MemberDescriptorType):  # a slot
                    self.look(getattr(x, k, None), f"{path}.{k}", x, k)
                elif isinstance(item, NUMBERS) and not k.startswith("__"):
                    self.look(item, f"{path}.{k}", kind, k)

    def look_into_function(self, function: Any, *, whole: bool = False) -> None:
        """Look into the closure, the defaults and the globals that a function names.

        Of a library's function, into what it has wrapped; into its `whole` closure if it is
        itself what is compiled, such as a step of `fit`.
        """
        bound = getattr(function, "__self__", None)
        if bound is not None:
            self.look(bound, "self")
        for wrapped in (getattr(function, "func", None), getattr(function, "__wrapped__", None)):
            if wrapped is not None:  # of a partial, of a decorated function
                self.look(wrapped, "function")
        function = getattr(function, "__func__", function)
        code = getattr(function, "__code__", None)
        if code is None:
            if hasattr(function, "__dict__"):
                self.look_into_object(function, type(function).__name__)
            return
        if not is_of_library(function):
            self.look_into_names(function, code)
            return
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            held = contents(cell)
            if whole or isinstance(held, FunctionType | MethodType):
                self.look(held, name, cell, name)

    def look_into_names(self, function: FunctionType, code: CodeType) -> None:
        """Look at what the names in a user's function stand for."""
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            self.look(contents(cell), name, cell, name)
        for defaults in ("__defaults__", "__kwdefaults__"):
            if getattr(function, defaults):
                self.look(getattr(function, defaults), defaults, function, defaults)
        for name in names_in(code):
            held = function.__globals__.get(name)
            if held is not None and not isinstance(held, ModuleType | type):
                fixed = isinstance(held, FunctionType) and is_of_library(held)
                self.look(held, name, *(() if fixed else (function.__globals__, name)))

    def watch(self, path: str, holder: Any, key: str) -> None:
        """Let an attribute be among what has been read."""
        self.reads.append(Read(path, holder, key, getattr(holder, key)))

    def unless_alike(self, names: Names, otherwise: str) -> list[str]:
        """Write lines that return `otherwise` if anything that was read is another object now.

        What is no longer there, or is another but equal number, is for `Read` to judge.
        """
        alike = dict.fromkeys(read.spelled(names) for read in self.reads)  # each once
        return [
            f"try: same = {' and '.join(alike) or True}",
            "except (LookupError, ValueError, AttributeError): same = False",
            f"if not same: return {otherwise}",
        ]

    def are_alike(self) -> Callable[[], bool]:
        """Make a fast function that tells whether nothing that was read is another object."""
        names = Names()
        lines = [*self.unless_alike(names, "False"), "return True"]
        return function_of("alike", "", "\n".join(INDENT + line for line in lines), names.bound)

    def states(self) -> list[Any]:
        """Take down where the random generators stand."""
        own = [
            g.bit_generator.state if hasattr(g, "bit_generator") else g.get_state()
            for _, g in self.generators
        ]
        return [*map(repr, own), repr(np.random.get_state())]  # noqa: NPY002 (whoever uses it)

    def disturbed(self) -> str | None:
        """Say what the function changed that no program changes, if anything."""
        changed = [read for read in self.reads if read.has_changed()]
        for read in changed:
            if isinstance(read.value, NUMBERS) and read.key is not LENGTH:
                return (
                    f"changes {read.path} from {read.value!r} to {read.now()!r}; keep it in a "
                    "Tensor, or leave the function eager"
                )
        # Lists that it appends to, and the like: that happens now, and does not bind later calls.
        self.reads = [read for read in self.reads if read not in changed]
        if self.states() != self.random_states:
            return (
                "draws random numbers, which would be the same at every call; draw them outside "
                "and pass them as an argument"
            )
        return None


def is_of_library(thing: Any) -> bool:
    """Tell whether a function or a class is ours or NumPy's: what they are does not change."""
    return str(getattr(thing, "__module__", "")).partition(".")[0] in LIBRARIES


def contents(cell: Any) -> Any:
    """Take what a cell of a closure holds."""
    try:
        return cell.cell_contents
    except ValueError:  # empty
        return None


def names_in(code: CodeType) -> Iterator[str]:
    """List the names that a function's code, and code nested in it, may look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)
