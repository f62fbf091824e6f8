"""What has a name where an expression stands, and what parts of the expression are worth."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.instrument import HOOK, Site
from autograd_nn.compare.diagnosis.purity import is_pure
from autograd_nn.compare.diagnosis.watch import Surroundings

DEEP = 3  # containers within containers
MANY = 40  # values with a name


@dataclass(frozen=True)
class Atom:
    """A value that has a name where an expression stands."""

    node: ast.expr
    value: Any
    origin: str = ""  # "forward" or "before": not a name of the place itself

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return np.shape(self.value)


@dataclass
class Scene:
    """What is known where an expression stands: its names, and some that it lacks."""

    site: Site
    around: Surroundings
    extras: dict[str, Any]
    origins: dict[str, str]
    expressions: list[ast.expr] = field(default_factory=list)  # of the same function
    whole: list[ast.expr] = field(default_factory=list)  # all that the function computes
    literals: list[str] = field(default_factory=list)  # numbers that the code writes out
    activations: list[Any] = field(default_factory=list)  # functions that the forward pass uses
    normalises: bool = False  # whether the forward pass does
    wanted: Any = None  # what the site should make, where that is known
    called: tuple[CodeType, ...] = ()  # functions that the run goes through
    atoms: list[Atom] = field(init=False)
    values: dict[str, Any] = field(init=False, default_factory=dict)
    derivatives: dict[Any, list[tuple[ast.expr, float]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.numpy = next(
            (n for n, v in self.around.module.items() if v is np or is_stand_in(v)), "np"
        )
        self.names = {**self.around.module, self.numpy: np, **self.around.local, **self.extras}
        found = [(n, v) for n, v in named_values(self.around.local) if not self.is_stepped(n)]
        known = {id(v) for _, v in found}
        for name, value in self.extras.items():
            if id(value) not in known and is_array(value):
                found.append((ast.Name(name, ast.Load()), value))
        self.atoms = [Atom(n, v, self.origins.get(ast.unparse(n), "")) for n, v in found]
        texts = {ast.unparse(atom.node) for atom in self.atoms}
        read = [e for node in self.expressions for e in (node, *neighbours(node))]
        for node in read:  # hidden[i], z - mu: what the function reads elsewhere
            text = ast.unparse(node)
            if text not in texts and is_array(self.value(node)) and len(self.atoms) < MANY:
                texts.add(text)
                self.atoms.append(Atom(node, self.value(node)))

    def is_stepped(self, node: ast.expr) -> bool:
        """Tell whether a node is ``h[3]`` where the function reads ``h[t]``, at first 3."""
        return (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, int)
            and ast.unparse(node.value) in self.stepped
        )

    @cached_property
    def stepped(self) -> set[str]:
        """Names of the lists of which the function reads an entry by a name."""
        return {
            ast.unparse(node.value)
            for node in self.expressions
            if isinstance(node, ast.Subscript)
            and any(isinstance(n, ast.Name) for n in ast.walk(node.slice))
        }

    def value(self, node: ast.expr) -> Any:
        """Evaluate a part of an expression; None if that is not safe, or fails."""
        text = ast.unparse(node)
        if text not in self.values:
            self.values[text] = self.evaluate(node) if self.is_pure(node) else None
        return self.values[text]

    def evaluate(self, node: ast.expr, more: dict[str, Any] | None = None) -> Any:
        """Evaluate, with more names if need be."""
        try:
            with np.errstate(all="ignore"):
                return eval(compiled(node), {**self.names, **(more or {})})  # noqa: S307 (the user's own code)
        except Exception:  # noqa: BLE001 (whatever it is, there is no value)
            return None

    def is_pure(self, node: ast.expr) -> bool:
        """Tell whether evaluating changes nothing: it calls NumPy and plain functions alone."""
        for call in ast.walk(node):
            if isinstance(call, ast.Call):
                function = self.evaluate(call.func) if not has_call(call.func) else None
                plain = isinstance(function, FunctionType | np.ufunc | type(np.sum))
                method = isinstance(call.func, ast.Attribute) and not plain
                if not (
                    plain or method or function in (len, float, int, abs, sum, max, min, range)
                ):
                    return False
        return True

    def shape(self, node: ast.expr) -> tuple[int, ...] | None:
        """Return the shape of what a part makes, or None if that is no array of numbers."""
        value = self.value(node)
        return np.shape(value) if is_array(value) or isinstance(value, float | int) else None

    def functions(self) -> list[str]:
        """Name the user's own functions of one argument that the run calls, or that only compute.

        Others are not to be called: they may write files.
        """
        return self.helpers

    @cached_property
    def helpers(self) -> list[str]:
        """Find them."""
        return [
            name
            for name, f in self.around.module.items()
            if isinstance(f, FunctionType) and f.__code__.co_argcount == 1 and name != HOOK
            if f.__code__ in self.called or is_pure(f)
        ]

    @cached_property
    def slopes(self) -> list[str]:
        """Spell the numbers that a leaky slope may have."""
        return [*self.numbers[:4], *self.literals[:6]]

    def is_unused(self, node: ast.expr) -> bool:
        """Tell whether a name of the place is read nowhere in its function: it may be missing."""
        return (
            isinstance(node, ast.Name) and node.id in self.around.local and node.id not in self.read
        )

    @cached_property
    def read(self) -> set[str]:
        """Names that the function reads."""
        return {n.id for e in self.whole for n in ast.walk(e) if isinstance(n, ast.Name)}

    @cached_property
    def numbers(self) -> list[str]:
        """Name the numbers, such as a rate or a count."""
        local = [n for n, v in self.around.local.items() if is_number(v)]
        module = [
            n for n, v in self.around.module.items() if is_number(v) and not n.startswith("_")
        ]
        return [*local, *module]


def is_number(value: Any) -> bool:
    """Tell whether a value is a number."""
    number = isinstance(value, float | int | np.floating | np.integer)
    return number and not isinstance(value, bool) and bool(value)


def is_stand_in(value: Any) -> bool:
    """Tell whether a value is NumPy, or takes its place for now."""
    return type(value).__name__ == "Namespace" and hasattr(value, "float32")


def is_array(value: Any) -> bool:
    """Tell whether a value is an array of numbers or truth values."""
    return isinstance(value, float) or (
        isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fbiu"
    )


def has_call(node: ast.AST) -> bool:
    """Tell whether something is called."""
    return any(isinstance(n, ast.Call) for n in ast.walk(node))


def named_values(local: dict[str, Any]) -> Iterator[tuple[ast.expr, Any]]:
    """Find the arrays that names lead to, through containers and attributes, shortest first."""
    queue: list[tuple[ast.expr, Any, int]] = [
        (ast.Name(name, ast.Load()), value, 0) for name, value in local.items()
    ]
    seen: set[int] = set()
    while queue:
        node, value, depth = queue.pop(0)
        if id(value) in seen:
            continue
        if is_array(value):
            seen.add(id(value))
            yield node, value
        elif depth < DEEP:
            items: list[tuple[ast.expr, Any]] = []
            if isinstance(value, dict):
                keys = [k for k in value if isinstance(k, str | int)]
                items = [(subscript(node, k), value[k]) for k in keys]
            elif isinstance(value, list | tuple) and len(value) <= 12:  # noqa: PLR2004 (few)
                items = [(subscript(node, i), item) for i, item in enumerate(value)]
            elif hasattr(value, "__dict__") and not isinstance(
                value, FunctionType | ModuleType | type
            ):
                items = [(ast.Attribute(node, k, ast.Load()), v) for k, v in vars(value).items()]
            seen.add(id(value))
            queue += [(n, v, depth + 1) for n, v in items]


def neighbours(node: ast.expr) -> Iterator[ast.expr]:
    """Spell the entries before and after one: ``h[t + 1]`` and ``h[t - 1]`` of ``h[t]``."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name):
        for op in (ast.Add(), ast.Sub()):
            index = ast.BinOp(node.slice, op, ast.Constant(1))
            yield ast.Subscript(node.value, index, ast.Load())


def subscript(node: ast.expr, key: str | int) -> ast.expr:
    """Spell ``node[key]``."""
    return ast.Subscript(node, ast.Constant(key), ast.Load())


def compiled(node: ast.expr) -> Any:
    """Compile an expression."""
    return compile(ast.unparse(node), "<repair>", "eval")


def shown(node: ast.expr) -> str:
    """Spell an expression for people."""
    return ast.unparse(node).replace("__forward", "").replace("__before", "")


@lru_cache(maxsize=20000)
def expression(text: str) -> ast.expr:
    """Parse an expression."""
    return ast.parse(text, mode="eval").body


def spell(node: ast.expr) -> str:
    """Spell an expression so that it can stand in another."""
    text = ast.unparse(node)
    return (
        f"({text})" if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare | ast.IfExp) else text
    )


def is_mask(value: Any) -> bool:
    """Tell whether an array has 0 and one other value."""
    if not is_array(value) or np.ndim(value) == 0 or np.size(value) == 0:
        return False
    values = np.unique(np.asarray(value, float))
    return len(values) <= 2 and 0 in values  # noqa: PLR2004 (of two)


def normalises(code: str) -> bool:
    """Tell whether code seems to divide by a standard deviation."""
    roots = ("sqrt(", "** 0.5", "** -0.5")
    is_rooted = "mean(" in code and any(root in code for root in roots)
    return "var(" in code or "std(" in code or is_rooted
