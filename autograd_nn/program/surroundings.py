"""What a function reads beside its arguments: names, numbers that must stay, random generators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.traced import Traced

NUMBERS = (bool, int, float, complex, str, np.generic, type(None))
LIBRARIES = {"autograd_nn", "numpy"}  # whose own numbers and globals do not change
ENOUGH = 10_000  # things that are looked at


class Number(NamedTuple):
    """A number, or text, that was read while the program was recorded."""

    path: str
    holder: Any  # a dict, or a cell of a closure
    key: Any
    value: Any

    def now(self) -> Any:
        """Read it again."""
        if isinstance(self.holder, dict):
            return self.holder.get(self.key)
        try:
            return self.holder.cell_contents
        except ValueError:  # empty
            return None

    def has_changed(self) -> bool:
        """Tell whether it is another one."""
        now = self.now()
        return now is not self.value and not (type(now) is type(self.value) and now == self.value)


class Surroundings:
    """Everything that can be reached from a function's closure, its globals and some objects.

    `names` maps the ids of Tensors to paths such as ``model.0.weight``.
    """

    def __init__(self, function: Callable[..., Any], arguments: dict[str, Any]) -> None:
        self.names: dict[int, str] = {}
        self.numbers: list[Number] = []
        self.generators: list[tuple[str, Any]] = []
        self.held: list[Any] = []  # so that ids stay their own
        self.seen: set[int] = set()
        self.look_into_function(function)
        self.closed_over = set(self.names)
        for name, x in arguments.items():
            self.look(x, name)
        self.random_states = self.states()

    def look(  # noqa: C901 (a kind of thing a line)
        self, x: Any, path: str, holder: Any = None, key: Any = None
    ) -> None:
        """Note what `x` is, and go on to what it is made of."""
        if isinstance(x, NUMBERS):
            if holder is not None and x is not None:
                self.numbers.append(Number(path, holder, key, x))
            return
        if isinstance(x, Traced) and self.names.get(id(x), "0").rpartition(".")[2].isdigit():
            self.names[id(x)] = path  # rather model.0.weight than optimizer.parameters.0
        if id(x) in self.seen or len(self.seen) > ENOUGH:
            return
        self.seen.add(id(x))
        self.held.append(x)
        if isinstance(x, np.random.Generator | np.random.RandomState):
            self.generators.append((path, x))
        elif isinstance(x, FunctionType | MethodType):
            self.look_into_function(x)
        elif isinstance(x, list | tuple):
            for i, item in enumerate(x):
                self.look(item, f"{path}.{i}")
        elif isinstance(x, dict):
            for k, item in x.items():
                self.look(item, f"{path}.{k}", x, k)
        elif hasattr(x, "__dict__") and not isinstance(x, ModuleType | type):
            for k, item in vars(x).items():
                self.look(item, f"{path}.{k}", vars(x), k)

    def look_into_function(self, function: Any) -> None:
        """Look into the closure and the globals that a function names."""
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
                self.look(vars(function), type(function).__name__)
            return
        library = str(getattr(function, "__module__", "")).partition(".")[0] in LIBRARIES
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            held = contents(cell)
            if not library or isinstance(held, FunctionType | MethodType):  # which it has wrapped
                self.look(held, name, cell, name)
        for name in () if library else names_in(code):
            if name in function.__globals__:
                self.look(function.__globals__[name], name, function.__globals__, name)

    def states(self) -> list[Any]:
        """Take down where the random generators stand."""
        own = [
            g.bit_generator.state if hasattr(g, "bit_generator") else g.get_state()
            for _, g in self.generators
        ]
        return [*map(repr, own), repr(np.random.get_state())]  # noqa: NPY002 (whoever uses it)

    def disturbed(self) -> str | None:
        """Say what the function changed that no program changes, if anything."""
        for number in self.numbers:
            if number.has_changed():
                return (
                    f"changes {number.path} from {number.value!r} to {number.now()!r}; keep it in "
                    "a Tensor, or leave the function eager"
                )
        if self.states() != self.random_states:
            return (
                "draws random numbers, which would be the same at every call; draw them outside "
                "and pass them as an argument"
            )
        return None


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
