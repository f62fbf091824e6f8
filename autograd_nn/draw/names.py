"""What the user calls the values: by the variables that hold them, and by modules' parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_nn.draw.text import clean
from autograd_nn.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

    from autograd_nn.graph import Node

LONGEST = 400
SYMBOLS = {"weight": "W", "bias": "b"}


def visible(frame: FrameType) -> dict[str, Any]:
    """List the variables a frame sees, its own first, private ones left out."""
    seen = {**frame.f_locals}
    for name, value in frame.f_globals.items():
        seen.setdefault(name, value)
    return {name: value for name, value in seen.items() if not name.startswith("_")}


class Place(NamedTuple):
    """The modules that a parameter is in, from the outermost: their paths and types."""

    paths: tuple[str, ...]
    kinds: tuple[str, ...]


class Names:
    """Look up the name of a node or of a constant array; first come, first served.

    `values` remembers what the named Tensors hold: a released graph has forgotten it.  `paths` and
    `places` are of parameters that modules own, and so are the short names ``W1`` and ``b1``.
    """

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self.nodes: dict[Node, str] = {}
        self.values: dict[Node, Any] = {}
        self.paths: dict[Node, str] = {}
        self.places: dict[Node, Place] = {}
        found = dict(modules(scope))
        self.modules = {id(module): clean(path, LONGEST) for path, module in found.items()}
        self.kinds = {path: type(module).__name__ for path, module in found.items()}
        self.arrays: list[tuple[str, Any]] = []
        self.taken = {str(name) for name in scope}
        for name, value in scope.items():
            if isinstance(value, Tensor):
                self.name(str(name), value)
        self.name_parameters(scope)
        arrays = (np.ndarray, np.generic)
        found_arrays = (
            (clean(str(k), LONGEST), v) for k, v in scope.items() if isinstance(v, arrays)
        )
        self.arrays += [(name, array) for name, array in found_arrays if name]

    def name(self, name: str, value: Tensor) -> None:
        """Call a Tensor by a name, unless it has one or the name is empty."""
        name = clean(name, LONGEST)
        if not name:
            return
        if value.node is None:
            self.arrays.append((name, value.value))
        else:
            self.nodes.setdefault(value.node, name)
            self.values.setdefault(value.node, value.value)

    def name_parameters(self, scope: Mapping[str, Any]) -> None:
        """Call the parameters of modules by their paths, or in short where that is unambiguous."""
        found = {}
        for name, module in scope.items():
            for path, parameter in parameters(str(name), module):
                if isinstance(parameter, Tensor) and parameter.node not in found:
                    found[parameter.node] = path, parameter, place(self.kinds, path)
        owners = list(dict.fromkeys(path.rpartition(".")[0] for path, _, _ in found.values()))
        for node, (path, parameter, where) in found.items():
            owner, _, last = path.rpartition(".")
            short = f"{SYMBOLS.get(last)}{owners.index(owner) + 1}"
            is_free = last in SYMBOLS and short not in self.taken
            self.name(short if is_free else path, parameter)
            if node is not None:
                self.paths[node] = clean(path, LONGEST)
                self.places[node] = where

    def place_of(self, called: Sequence[Any]) -> Place:
        """Name the modules that were being called, from the outermost."""
        paths = tuple(self.modules.get(id(module), type(module).__name__) for module in called)
        return Place(paths, tuple(type(module).__name__ for module in called))

    def free(self, name: str) -> bool:
        """Take a name for a value that has none, if nobody has it."""
        if name in self.taken:
            return False
        self.taken.add(name)
        return True

    def of_array(self, array: Any) -> str | None:
        """Name an input: the very same array, or else one of equal shape, dtype and content."""
        same = (name for name, known in self.arrays if known is array)
        return next(same, None) or next(
            (name for name, known in self.arrays if np.ndim(array) and equal(known, array)), None
        )


def is_module(value: Any) -> bool:
    """Tell whether something has parameters of its own."""
    return callable(getattr(type(value), "named_parameters", None))


def parameters(name: str, module: Any) -> Iterator[tuple[str, Any]]:
    """List the parameters of a module with their paths, ``module.layer.W``; of others nothing."""
    if is_module(module):
        for inner, value in module.named_parameters():
            yield f"{name}.{inner}", value


def modules(scope: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """List all modules, and those inside of them, each with its path."""
    stack = [(str(name), value) for name, value in scope.items() if is_module(value)][::-1]
    seen: set[int] = set()
    while stack:
        path, value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if is_module(value):
            yield path, value
        items = getattr(value, "__dict__", {}) if is_module(value) else value
        if isinstance(items, list | tuple):
            items = dict(enumerate(items))
        if isinstance(items, dict):
            inner = [(f"{path}.{key}", item) for key, item in items.items()]
            stack += [
                (p, x) for p, x in inner if is_module(x) or isinstance(x, list | tuple | dict)
            ]


def place(known: Mapping[str, str], path: str) -> Place:
    """Find the modules on the way down to a parameter; `known` has the type of each."""
    parts = path.split(".")
    paths = [p for i in range(1, len(parts)) if (p := ".".join(parts[:i])) in known]
    return Place(tuple(clean(p, LONGEST) for p in paths), tuple(known[p] for p in paths))


def equal(x: Any, y: Any) -> bool:
    """Tell whether two arrays agree in shape, dtype and every entry, nan with nan."""
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    return np.array_equal(x, y, equal_nan=x.dtype.kind in "fc")
