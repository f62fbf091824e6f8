"""Edits of an expression, cheapest first: what a person may have meant to write."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.instrument import HOOK, Site, Surroundings

DEEP = 3  # containers within containers
REDUCTIONS = {"sum", "mean"}
AXES = ("", "axis=0", "axis=1", "axis=-1", "axis=0, keepdims=True", "axis=1, keepdims=True")
FORMS = {  # derivatives of activations: at their inputs, or from their outputs
    "{x} * (1 - {x})": "sigmoid",
    "1 - {x} ** 2": "tanh",
    "{x} > 0": "relu",
    "1 - {np}.tanh({x}) ** 2": "tanh",
    "1 / (1 + {np}.exp(-{x})) * (1 - 1 / (1 + {np}.exp(-{x})))": "sigmoid",
    "1 / (1 + {np}.exp(-{x}))": "softplus",
    "{np}.where({x} > 0, 1, {np}.exp({x}))": "elu",
    "{np}.where({x} > 0, 1, {slope})": "leaky relu",
    "{np}.where({x} > 0, 1, {x} + {slope})": "elu",
    "{np}.cos({x})": "sin",
    "{np}.sign({x})": "abs",
    "2 * {x}": "square",
    "1 / {x}": "log",
}


@dataclass(frozen=True)
class Edit:
    """Another expression in the place of a site's, and what was changed."""

    node: ast.expr
    cost: float
    kind: str  # "substitute", "transpose", "drop", "factor", "form", "reduce", ...
    old: ast.expr | None = None
    new: ast.expr | None = None
    verb: str = ""  # the statement's, where it changes

    @property
    def text(self) -> str:
        """Spell the expression."""
        return shown(self.node)


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
    atoms: list[Atom] = field(init=False)
    values: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.numpy = next((n for n, v in self.around.module.items() if v is np or is_stand_in(v)), "np")
        self.names = {**self.around.module, self.numpy: np, **self.around.local, **self.extras}
        found = [*named_values(self.around.local)]
        known = {id(v) for _, v in found}
        for name, value in self.extras.items():
            if id(value) not in known and is_array(value):
                found.append((ast.Name(name, ast.Load()), value))
        self.atoms = [Atom(n, v, self.origins.get(ast.unparse(n), "")) for n, v in found]

    def value(self, node: ast.expr) -> Any:
        """Evaluate a part of an expression; None if that is not safe, or fails."""
        text = ast.unparse(node)
        if text not in self.values:
            self.values[text] = self.evaluate(node) if self.is_pure(node) else None
        return self.values[text]

    def evaluate(self, node: ast.expr) -> Any:
        """Evaluate."""
        try:
            with np.errstate(all="ignore"):
                return eval(compiled(node), dict(self.names))  # noqa: S307 (the user's own code)
        except Exception:  # noqa: BLE001 (whatever it is, there is no value)
            return None

    def is_pure(self, node: ast.expr) -> bool:
        """Tell whether evaluating changes nothing: it calls NumPy and plain functions alone."""
        for call in ast.walk(node):
            if isinstance(call, ast.Call):
                function = self.evaluate(call.func) if not has_call(call.func) else None
                plain = isinstance(function, FunctionType | np.ufunc | type(np.sum))
                method = isinstance(call.func, ast.Attribute) and not plain
                if not (plain or method or function in (len, float, int, abs, sum, max, min, range)):
                    return False
        return True

    def shape(self, node: ast.expr) -> tuple[int, ...] | None:
        """Return the shape of what a part makes, or None if that is no array of numbers."""
        value = self.value(node)
        return np.shape(value) if is_array(value) or isinstance(value, float | int) else None

    def functions(self) -> list[str]:
        """Name the user's own functions of one argument."""
        return [
            name
            for name, f in self.around.module.items()
            if isinstance(f, FunctionType) and f.__code__.co_argcount == 1 and name != HOOK
        ]

    def slopes(self) -> list[str]:
        """Spell the numbers that a leaky slope may have."""
        numbers = [n for n, v in self.around.local.items() if isinstance(v, float)]
        numbers += [n for n, v in self.around.module.items() if isinstance(v, float)]
        return [*numbers[:4], "0.01", "0.1", "0.2", "1", "1.0"]


def is_stand_in(value: Any) -> bool:
    """Tell whether a value is NumPy, or takes its place for now."""
    return type(value).__name__ == "Namespace" and hasattr(value, "float32")


def is_array(value: Any) -> bool:
    """Tell whether a value is an array of numbers or truth values."""
    return isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fbiu"


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
            elif hasattr(value, "__dict__") and not isinstance(value, FunctionType | ModuleType | type):
                items = [(ast.Attribute(node, k, ast.Load()), v) for k, v in vars(value).items()]
            seen.add(id(value))
            queue += [(n, v, depth + 1) for n, v in items]


def subscript(node: ast.expr, key: str | int) -> ast.expr:
    """Spell ``node[key]``."""
    return ast.Subscript(node, ast.Constant(key), ast.Load())


def compiled(node: ast.expr) -> Any:
    """Compile an expression."""
    return compile(ast.unparse(node), "<repair>", "eval")


def shown(node: ast.expr) -> str:
    """Spell an expression for people."""
    return ast.unparse(node).replace("__forward", "").replace("__before", "")


def expression(text: str) -> ast.expr:
    """Parse an expression."""
    return ast.parse(text, mode="eval").body


def swapped(root: ast.expr, old: ast.expr, new: ast.expr, *, everywhere: bool = False) -> ast.expr:
    """Copy `root` with `new` where `old` is, or wherever something is spelled alike."""
    spelled = ast.unparse(old) if everywhere else None

    def swap(node: Any) -> Any:
        if node is old or (isinstance(node, ast.expr) and everywhere and spelled == ast.unparse(node)):
            return new
        if isinstance(node, list):
            changed: Any = [swap(item) for item in node]
            return changed if any(a is not b for a, b in zip(changed, node, strict=True)) else node
        if not isinstance(node, ast.AST):
            return node
        fields = {name: swap(value) for name, value in ast.iter_fields(node)}
        same = all(value is getattr(node, name) for name, value in fields.items())
        return node if same else type(node)(**fields)  # what does not change is shared

    swapped_root: ast.expr = swap(root)
    return swapped_root


def parts(root: ast.expr) -> list[ast.expr]:
    """List the expressions in an expression, outermost first, but for the names of functions."""
    called = {id(c.func) for c in ast.walk(root) if isinstance(c, ast.Call)}
    methods = {id(c.func.value) for c in ast.walk(root)
               if isinstance(c, ast.Call) and isinstance(c.func, ast.Attribute)}
    return [
        n for n in ast.walk(root)
        if isinstance(n, ast.expr) and (id(n) not in called or id(n) in methods)
    ]


def edits(scene: Scene) -> Iterator[Edit]:
    """List edits of the expression at a site; the cheapest are the likeliest."""
    root = scene.site.node
    found: list[Edit] = []
    for maker in (substitutions, transposes, drops, signs, reductions, verbs, factors, forms,
                  constants, products, terms):
        found += maker(scene, root)
    known = {ast.unparse(root)}
    for edit in sorted(found, key=lambda e: e.cost):
        text = ast.unparse(edit.node) + edit.verb
        if text not in known:
            known.add(text)
            yield edit


def operands(scene: Scene, root: ast.expr) -> list[ast.expr]:
    """List the names, entries and attributes in an expression that are arrays."""
    kinds = ast.Name | ast.Subscript | ast.Attribute
    return [n for n in parts(root) if isinstance(n, kinds) and is_array(scene.value(n)) and not is_t(n)]


def is_t(node: ast.expr) -> bool:
    """Tell whether an expression is a transpose."""
    return isinstance(node, ast.Attribute) and node.attr == "T"


def transposed(node: ast.expr) -> ast.expr:
    """Spell the transpose."""
    return node.value if isinstance(node, ast.Attribute) and is_t(node) else ast.Attribute(node, "T", ast.Load())


def substitutions(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Put another value of the same shape in the place of one."""
    for old in operands(scene, root):
        shape = scene.shape(old)
        times = sum(ast.unparse(n) == ast.unparse(old) for n in parts(root))
        for atom in scene.atoms:
            if ast.unparse(atom.node) == ast.unparse(old):
                continue
            cost = 1.0 + {"": 0.0, "forward": 0.1, "before": 0.05}[atom.origin]
            if atom.shape == shape:
                yield Edit(swapped(root, old, atom.node), cost, "substitute", old, atom.node)
                if times > 1:
                    every = swapped(root, old, atom.node, everywhere=True)
                    yield Edit(every, cost, "substitute", old, atom.node)
            elif atom.shape[::-1] == shape and len(atom.shape) == 2:  # noqa: PLR2004 (a matrix)
                new = transposed(atom.node)
                yield Edit(swapped(root, old, new), cost + 0.4, "substitute", old, new)


def transposes(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Transpose a matrix, or leave it as it is."""
    for node in parts(root):
        shape = scene.shape(node)
        if shape is not None and len(shape) == 2 and not isinstance(node, ast.Constant):  # noqa: PLR2004
            new = transposed(node)
            yield Edit(swapped(root, node, new), 1.0, "transpose", node, new)


def drops(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Leave a factor, a term or a function out."""
    del scene
    for node in parts(root):
        if isinstance(node, ast.BinOp):
            keep = [(node.left, node.right)]
            if isinstance(node.op, ast.Mult | ast.Add):
                keep.append((node.right, node.left))
            elif isinstance(node.op, ast.Sub):
                keep.append((ast.UnaryOp(ast.USub(), node.right), node.left))
            for kept, dropped in keep:
                kind = "drop factor" if isinstance(node.op, ast.Mult | ast.Div) else "drop term"
                yield Edit(swapped(root, node, kept), 1.0, kind, dropped, kept)
        elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            yield Edit(swapped(root, node, node.args[0]), 1.2, "drop function", node, node.args[0])


def signs(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Turn a sign."""
    del scene
    yield Edit(ast.UnaryOp(ast.USub(), root), 1.1, "sign", root)
    for node in parts(root):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            new = ast.BinOp(node.left, other, node.right)
            yield Edit(swapped(root, node, new), 1.0, "term sign", node.right, new)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield Edit(swapped(root, node, node.operand), 1.0, "sign", node)


def reductions(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Sum over other axes, or where nothing is summed; sum instead of a mean."""
    for node in parts(root):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in REDUCTIONS:
                continue
            is_method = not (isinstance(node.func.value, ast.Name) and node.func.value.id == scene.numpy)
            summed = node.func.value if is_method else (node.args[0] if node.args else None)
            if summed is None:
                continue
            for name in REDUCTIONS:
                for axes in AXES:
                    new = reduced(scene, summed, name, axes)
                    cost = 1.0 + 0.3 * (name != node.func.attr)
                    yield Edit(swapped(root, node, new), cost, "reduce", node, new)
            yield Edit(swapped(root, node, summed), 1.1, "reduce", node, summed)
    for axes in AXES:
        new = reduced(scene, root, "sum", axes)
        yield Edit(new, 1.2, "reduce", root, new)


def reduced(scene: Scene, node: ast.expr, name: str, axes: str) -> ast.expr:
    """Spell a sum or a mean."""
    return expression(f"{scene.numpy}.{name}({ast.unparse(node)}{', ' * bool(axes)}{axes})")


def verbs(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Add to what a variable holds, or replace it."""
    target = scene.site.target
    if target is None:
        return
    held = deepcopy(target)
    for node in ast.walk(held):
        if hasattr(node, "ctx"):
            node.ctx = ast.Load()
    if scene.site.verb == "=" and scene.value(held) is not None:
        yield Edit(ast.BinOp(held, ast.Add(), root), 1.0, "accumulate", root, verb="+=")
    elif scene.site.verb == "+=":
        yield Edit(ast.BinOp(root, ast.Sub(), held), 1.0, "overwrite", root, verb="=")


def derivatives(scene: Scene, shape: tuple[int, ...]) -> Iterator[tuple[ast.expr, float]]:
    """Spell local derivatives that are arrays of a shape."""
    for atom in scene.atoms:
        if atom.shape != shape or not shape:
            continue
        x, extra = ast.unparse(atom.node), {"": 0.0, "forward": 0.2, "before": 1.0}[atom.origin]
        for i, form in enumerate(FORMS):
            for slope in scene.slopes() if "{slope}" in form else [""]:
                text = form.format(x=x, np=scene.numpy, slope=slope)
                yield expression(text), extra + 0.01 * i
        for name in scene.functions():
            yield expression(f"{name}({x})"), extra - 0.1


def factors(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Multiply by a local derivative, by a mask, or by what else is there."""
    shapes = {id(n): scene.shape(n) for n in parts(root)}
    for node in parts(root):
        shape = shapes[id(node)]
        if not shape or isinstance(node, ast.Constant):
            continue
        depth = 0.0 if node is root else 0.15
        for atom in scene.atoms:
            try:
                fits = np.broadcast_shapes(atom.shape, shape) == shape and atom.value is not None
            except ValueError:
                fits = False
            if fits:
                cost = 1.4 + depth + {"": 0.0, "forward": 0.1, "before": 1.0}[atom.origin]
                new = ast.BinOp(node, ast.Mult(), atom.node)
                yield Edit(swapped(root, node, new), cost, "factor", node, atom.node)
                new = ast.BinOp(node, ast.Div(), atom.node)
                yield Edit(swapped(root, node, new), cost + 0.5, "factor", node, atom.node)
        for derivative, extra in derivatives(scene, shape):
            new = ast.BinOp(node, ast.Mult(), derivative)
            yield Edit(swapped(root, node, new), 1.6 + depth + extra, "derivative", node, derivative)


def forms(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Put another local derivative in the place of a part."""
    for node in parts(root):
        shape = scene.shape(node)
        if shape and not isinstance(node, ast.Constant):
            for derivative, extra in derivatives(scene, shape):
                cost = 1.5 + extra + 0.3 * isinstance(node, ast.Name)
                yield Edit(swapped(root, node, derivative), cost, "form", node, derivative)


def constants(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Multiply or divide by a count, a small number or a number that has a name."""
    counts = [f"{ast.unparse(a.node)}.shape[{i}]" for a in scene.atoms if not a.origin
              for i in range(len(a.shape)) if a.shape[i] > 1][:8]
    names = [n for n, v in scene.around.local.items() if isinstance(v, float | int) and v and not isinstance(v, bool)]
    for text in ["2", *names, *dict.fromkeys(counts)]:
        for op in (ast.Mult(), ast.Div()):
            yield Edit(ast.BinOp(root, op, expression(text)), 1.7, "constant", root, expression(text))
    for node in parts(root):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | int) and node.value:
            for c in (2, 0.5, -1):
                new = ast.Constant(node.value * c)
                yield Edit(swapped(root, node, new), 1.3, "number", node, new)


def products(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Carry the result through a matrix."""
    shape = scene.shape(root)
    if not shape or len(shape) > 2:  # noqa: PLR2004 (a matrix)
        return
    for atom in scene.atoms:
        if len(atom.shape) == 2 and not atom.origin:  # noqa: PLR2004
            for matrix in (atom.node, transposed(atom.node)):
                new = ast.BinOp(root, ast.MatMult(), matrix)
                yield Edit(new, 1.9, "product", root, matrix)
                yield Edit(ast.BinOp(matrix, ast.MatMult(), root), 1.9, "product", root, matrix)


def terms(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Add a term: a multiple of a value, a product of two, what a softmax takes away."""
    shape = scene.shape(root)
    if shape is None or not shape:
        return
    numbers = [n for n, v in scene.around.local.items() if isinstance(v, float)]
    numbers += [n for n, v in scene.around.module.items() if isinstance(v, float) and not n.startswith("_")]
    same = [a for a in scene.atoms if a.shape == shape]
    for atom in same:
        x = ast.unparse(atom.node)
        for scale in ["", *(f"{n} * " for n in numbers), *(f"2 * {n} * " for n in numbers)]:
            for op in "+-":
                text = f"{ast.unparse(root)} {op} {scale}{x}"
                yield Edit(expression(text), 1.8 + 0.1 * bool(scale), "term", root, expression(scale + x))
    if len(shape) == 2:  # noqa: PLR2004
        for p in same:
            for up in same:
                if p is not up:
                    a, b = ast.unparse(p.node), ast.unparse(up.node)
                    for axis in (1, 0):
                        total = f"{scene.numpy}.sum({b} * {a}, axis={axis}, keepdims=True)"
                        yield Edit(expression(f"{a} * ({b} - {total})"), 2.6, "softmax", root, None)
    matrices = [a for a in scene.atoms if len(a.shape) in (1, 2)]
    for left in matrices:
        for right in matrices:
            if left.origin == right.origin == "":
                for a in (left.node, transposed(left.node)):
                    for b in (right.node, transposed(right.node)):
                        if product_shape(left, a, right, b) == shape:
                            new = ast.BinOp(a, ast.MatMult(), b)
                            yield Edit(ast.BinOp(root, ast.Add(), new), 2.4, "term", root, new)


def product_shape(left: Atom, a: ast.expr, right: Atom, b: ast.expr) -> tuple[int, ...] | None:
    """Return the shape of a product, or None if there is none."""
    x = left.shape if a is left.node else left.shape[::-1]
    y = right.shape if b is right.node else right.shape[::-1]
    if x[-1] != y[0]:
        return None
    return x[:-1] + y[1:]


Maker = Callable[[Scene, ast.expr], Iterator[Edit]]
