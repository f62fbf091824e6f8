"""Edits of an expression, cheapest first: what a person may have meant to write."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.instrument import loaded
from autograd_nn.compare.diagnosis.scene import Atom, Scene, expression, is_array, shown, spell

REPEATED = "__autograd_nn_repeated__"
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
}


@dataclass(frozen=True)
class Swapped:
    """An expression with another in the place of a part, or wherever something is spelled alike."""

    root: ast.expr
    old: ast.expr
    new: ast.expr
    everywhere: bool = False

    def made(self) -> ast.expr:
        """Make it; what does not change is shared."""
        spelled = ast.unparse(self.old) if self.everywhere else None

        def swap(node: Any) -> Any:
            if node is self.old:
                return self.new
            if spelled and isinstance(node, ast.expr) and ast.unparse(node) == spelled:
                return self.new
            if isinstance(node, list):
                items = [swap(item) for item in node]
                return items if any(a is not b for a, b in zip(items, node, strict=True)) else node
            if not isinstance(node, ast.AST):
                return node
            fields = {name: swap(value) for name, value in ast.iter_fields(node)}
            same = all(value is getattr(node, name) for name, value in fields.items())
            return node if same else type(node)(**fields)

        made: ast.expr = swap(self.root)
        return made


Maker = Callable[[Scene, ast.expr], "Iterator[Edit]"]


@dataclass(frozen=True)
class Edit:
    """Another expression in the place of a site's, and what was changed."""

    made: ast.expr | Swapped
    cost: float
    kind: str  # "substitute", "transpose", "drop", "factor", "form", "reduce", ...
    old: ast.expr | None = None
    new: ast.expr | None = None
    verb: str = ""  # the statement's, where it changes
    statement: str = ""  # the whole statement, where that is another

    @cached_property
    def node(self) -> ast.expr:
        """The expression, made when it is asked for: most edits are never tried."""
        return self.made.made() if isinstance(self.made, Swapped) else self.made

    @property
    def text(self) -> str:
        """Spell the expression."""
        return shown(self.node)


def parts(root: ast.expr) -> list[ast.expr]:
    """List the expressions in an expression, outermost first, but for the names of functions."""
    called = {id(c.func) for c in ast.walk(root) if isinstance(c, ast.Call)}
    methods = {
        id(c.func.value)
        for c in ast.walk(root)
        if isinstance(c, ast.Call) and isinstance(c.func, ast.Attribute)
    }
    return [
        n
        for n in ast.walk(root)
        if isinstance(n, ast.expr) and (id(n) not in called or id(n) in methods)
    ]


def edits(scene: Scene) -> Iterator[Edit]:
    """List edits of the expression at a site; the cheapest are the likeliest."""
    root = scene.site.node
    found: list[Edit] = []
    makers: tuple[Maker, ...] = (
        *(substitutions, indices, transposes, drops, chains, signs, reductions, verbs),
        *(factors, forms, constants, products, terms, missing_terms),
    )
    for maker in makers:
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
    return [
        n for n in parts(root) if isinstance(n, kinds) and is_array(scene.value(n)) and not is_t(n)
    ]


def is_t(node: ast.expr) -> bool:
    """Tell whether an expression is a transpose."""
    return isinstance(node, ast.Attribute) and node.attr == "T"


def transposed(node: ast.expr) -> ast.expr:
    """Spell the transpose."""
    return (
        node.value
        if isinstance(node, ast.Attribute) and is_t(node)
        else ast.Attribute(node, "T", ast.Load())
    )


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
                yield Edit(Swapped(root, old, atom.node), cost, "substitute", old, atom.node)
                if times > 1:
                    every = Swapped(root, old, atom.node, everywhere=True)
                    yield Edit(every, cost, "substitute", old, atom.node)
            elif atom.shape[::-1] == shape and len(atom.shape) == 2:  # noqa: PLR2004 (a matrix)
                new = transposed(atom.node)
                yield Edit(Swapped(root, old, new), cost + 0.4, "substitute", old, new)


def transposes(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Transpose a matrix, or leave it as it is."""
    for node in parts(root):
        shape = scene.shape(node)
        if shape is not None and len(shape) == 2 and not isinstance(node, ast.Constant):  # noqa: PLR2004
            new = transposed(node)
            yield Edit(Swapped(root, node, new), 1.0, "transpose", node, new)


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
                yield Edit(Swapped(root, node, kept), 1.0, kind, dropped, kept)
        elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            yield Edit(Swapped(root, node, node.args[0]), 1.2, "drop function", node, node.args[0])


def indices(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Step an index by one, or put another number in its place."""
    for node in parts(root):
        if isinstance(node, ast.Subscript) and is_array(scene.value(node)):
            slot = node.slice
            if isinstance(slot, ast.BinOp) and isinstance(slot.right, ast.Constant):
                new = ast.Subscript(node.value, slot.left, ast.Load())
                yield Edit(Swapped(root, node, new), 1.1, "substitute", node, new)
            elif isinstance(slot, ast.Name):
                for op in (ast.Sub(), ast.Add()):
                    new = ast.Subscript(
                        node.value, ast.BinOp(slot, op, ast.Constant(1)), ast.Load()
                    )
                    yield Edit(Swapped(root, node, new), 1.2, "substitute", node, new)


def factors_of(node: ast.expr) -> list[tuple[ast.expr, bool]]:
    """Take a product apart: its factors, and whether each divides."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        right = (node.right, isinstance(node.op, ast.Div))
        return [*factors_of(node.left), right]
    return [(node, False)]


def product_of(factors: list[tuple[ast.expr, bool]]) -> ast.expr:
    """Put a product together."""
    product, divides = factors[0]
    if divides:
        product = ast.BinOp(ast.Constant(1), ast.Div(), product)
    for factor, divides in factors[1:]:
        product = ast.BinOp(product, ast.Div() if divides else ast.Mult(), factor)
    return product


def chains(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Leave two factors out, or put a local derivative in their place."""
    inner = {id(n.left) for n in parts(root) if isinstance(n, ast.BinOp)}
    for node in parts(root):
        factors = factors_of(node)
        if len(factors) <= 2 or id(node) in inner:  # noqa: PLR2004 (whole products of more)
            continue
        for pair in combinations(range(len(factors)), 2):
            rest = [f for i, f in enumerate(factors) if i not in pair]
            old = product_of([factors[i] for i in pair])
            kept = product_of(rest)
            yield Edit(Swapped(root, node, kept), 1.1, "drop factor", old, kept)
            shape = scene.shape(old)
            for derivative, extra in derivatives(scene, shape) if shape is not None else ():
                new = ast.BinOp(kept, ast.Mult(), derivative)
                yield Edit(Swapped(root, node, new), 1.5 + extra, "form", old, derivative)


def signs(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Turn a sign."""
    del scene
    yield Edit(ast.UnaryOp(ast.USub(), root), 1.1, "sign", root)
    for node in parts(root):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            new = ast.BinOp(node.left, other, node.right)
            yield Edit(Swapped(root, node, new), 1.0, "term sign", node.right, new)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield Edit(Swapped(root, node, node.operand), 1.0, "sign", node)


def reductions(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Sum over other axes, or where nothing is summed; sum instead of a mean."""
    for node in parts(root):
        if isinstance(node, ast.Subscript) and is_array(scene.value(node.value)):
            for axes in AXES:
                new = reduced(scene, node.value, "sum", axes)
                yield Edit(Swapped(root, node, new), 1.4, "reduce", node, new)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in REDUCTIONS:
                continue
            is_method = not (
                isinstance(node.func.value, ast.Name) and node.func.value.id == scene.numpy
            )
            summed = node.func.value if is_method else (node.args[0] if node.args else None)
            if summed is None:
                continue
            for name in REDUCTIONS:
                for axes in AXES:
                    new = reduced(scene, summed, name, axes)
                    cost = 1.0 + 0.3 * (name != node.func.attr)
                    yield Edit(Swapped(root, node, new), cost, "reduce", node, new)
            yield Edit(Swapped(root, node, summed), 1.1, "reduce", node, summed)
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
    held = loaded(target)
    if scene.site.verb == "=" and scene.value(held) is not None:
        yield Edit(ast.BinOp(held, ast.Add(), root), 1.0, "accumulate", root, verb="+=")
    elif scene.site.verb == "+=":
        yield Edit(ast.BinOp(root, ast.Sub(), held), 1.0, "overwrite", root, verb="=")
    if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant | ast.Slice):
        base, where = ast.unparse(loaded(target.value)), ast.unparse(target.slice)
        value, first = spell(root), "" if scene.site.verb == "+=" else f"{ast.unparse(held)} + "
        text = f"{first}{REPEATED}({base}, ({where}), {value})"
        statement = f"{scene.numpy}.add.at({base}, ({where}), {value})"
        yield Edit(expression(text), 1.1, "accumulate", root, statement=statement)


def repeated(base: Any, index: Any, value: Any) -> Any:
    """Return what ``np.add.at`` adds at an index, where entries of it are repeated."""
    total = np.zeros(np.shape(base))
    np.add.at(total, index, value)
    return total[index]


def derivatives(scene: Scene, shape: tuple[int, ...]) -> Iterator[tuple[ast.expr, float]]:
    """Spell local derivatives that are arrays of a shape."""
    for atom in scene.atoms:
        if atom.shape != shape or np.asarray(atom.value).dtype.kind != "f":
            continue
        x, extra = spell(atom.node), {"": 0.0, "forward": 0.2, "before": 1.0}[atom.origin]
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
        if shape is None or isinstance(node, ast.Constant):
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
                yield Edit(Swapped(root, node, new), cost, "factor", node, atom.node)
                new = ast.BinOp(node, ast.Div(), atom.node)
                yield Edit(Swapped(root, node, new), cost + 0.5, "factor", node, atom.node)
                for c in [*scene.numbers()[:6], *scene.literals] if is_mask(atom.value) else ():
                    kept = expression(f"{spell(atom.node)} / {c}")
                    new = product_of([(node, False), *factors_of(kept)])
                    yield Edit(Swapped(root, node, new), cost + 0.1, "factor", node, kept)
        for derivative, extra in derivatives(scene, shape):
            new = ast.BinOp(node, ast.Mult(), derivative)
            yield Edit(
                Swapped(root, node, new), 1.6 + depth + extra, "derivative", node, derivative
            )


def forms(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Put another local derivative in the place of a part."""
    for node in parts(root):
        shape = scene.shape(node)
        if shape is not None and not isinstance(node, ast.Constant):
            for derivative, extra in derivatives(scene, shape):
                cost = 1.5 + extra + 0.3 * isinstance(node, ast.Name)
                yield Edit(Swapped(root, node, derivative), cost, "form", node, derivative)


def constants(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Multiply or divide by a count, a small number or a number that has a name."""
    counts = [
        f"{spell(a.node)}.shape[{i}]"
        for a in scene.atoms
        if not a.origin
        for i in range(len(a.shape))
        if a.shape[i] > 1
    ][:8]
    names = scene.numbers()[:8]
    for text in ["2", *names, *dict.fromkeys(counts)]:
        for op in (ast.Mult(), ast.Div()):
            yield Edit(
                ast.BinOp(root, op, expression(text)), 1.7, "constant", root, expression(text)
            )
    for node in parts(root):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | int) and node.value:
            for c in (2, 0.5, -1):
                new: ast.expr = ast.Constant(node.value * c)
                yield Edit(Swapped(root, node, new), 1.3, "number", node, new)
            for text in [*names, *dict.fromkeys(counts)]:
                new = expression(text)
                yield Edit(Swapped(root, node, new), 1.4, "number", node, new)


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
    numbers = scene.numbers()[:6]
    same = [a for a in scene.atoms if a.shape == shape]
    for atom in same:
        x = spell(atom.node)
        for scale in ["", *(f"{n} * " for n in numbers), *(f"2 * {n} * " for n in numbers)]:
            for op in "+-":
                text = f"{spell(root)} {op} {scale}{x}"
                yield Edit(
                    expression(text), 1.8 + 0.1 * bool(scale), "term", root, expression(scale + x)
                )
    if len(shape) == 2:  # noqa: PLR2004
        for p in same:
            for up in same:
                if p is not up:
                    a, b = spell(p.node), spell(up.node)
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


def is_mask(value: Any) -> bool:
    """Tell whether an array has 0 and one other value."""
    if value is None or np.ndim(value) == 0 or np.size(value) == 0:
        return False
    values = np.unique(np.asarray(value, float))
    return len(values) <= 2 and 0 in values  # noqa: PLR2004 (of two)


def missing_terms(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Add what is missing, where it is a constant times a value or a product of two."""
    value, wanted = scene.value(root), scene.wanted
    if (
        wanted is None
        or value is None
        or np.shape(value) != np.shape(wanted)
        or not np.ndim(wanted)
    ):
        return
    missing = np.asarray(wanted) - value
    atoms = [
        a
        for a in scene.atoms
        if fits(a.shape, missing.shape) and np.asarray(a.value).dtype.kind == "f"
    ]
    singles = [([a.node], np.asarray(a.value)) for a in atoms]
    pairs = [
        ([a.node, b.node], np.asarray(a.value) * b.value)
        for a, b in combinations(atoms, 2)
        if not a.origin
        and not b.origin
        and fits(np.broadcast_shapes(a.shape, b.shape), missing.shape)
    ]
    for nodes, term in singles + pairs:
        whole = np.broadcast_to(term, missing.shape)
        square = float(np.sum(whole * whole))
        c = float(np.sum(whole * missing)) / square if square else 0.0
        if c and np.allclose(c * whole, missing, rtol=1e-7, atol=1e-9 * np.max(np.abs(missing))):
            factors = [(node, False) for node in nodes]
            for text in scaled(scene, abs(c)):
                product = expression(text.format(spell(product_of(factors))))
                op = ast.Add() if c > 0 else ast.Sub()
                new = ast.BinOp(root, op, product)
                yield Edit(new, 1.5 + 0.2 * len(nodes), "term", root, product)


def scaled(scene: Scene, c: float) -> Iterator[str]:
    """Spell a constant times a term: by the names of numbers, and by counts."""
    spelled = {"{}": 1.0, "2 * {}": 2.0, "{} / 2": 0.5}
    for name in scene.numbers():
        n = float(scene.names[name])
        spelled |= {f"{name} * {{}}": n, f"{{}} / {name}": 1 / n}
        spelled |= {f"2 * {name} * {{}}": 2 * n, f"2 * {{}} / {name}": 2 / n}
    for atom in scene.atoms:
        if not atom.origin and atom.shape and isinstance(atom.node, ast.Name):
            count = f"{ast.unparse(atom.node)}.shape[0]"
            spelled |= {
                f"{{}} / {count}": 1 / atom.shape[0],
                f"2 * {{}} / {count}": 2 / atom.shape[0],
            }
    for literal in scene.literals:
        spelled |= {
            f"{literal} * {{}}": float(literal),
            f"2 * {literal} * {{}}": 2 * float(literal),
        }
    close = [text for text, value in spelled.items() if abs(value - c) <= 1e-6 * c]
    yield from close[:3]


def fits(shape: tuple[int, ...], wide: tuple[int, ...]) -> bool:
    """Tell whether a shape can be stretched to another."""
    try:
        return np.broadcast_shapes(shape, wide) == wide
    except ValueError:
        return False


def product_shape(left: Atom, a: ast.expr, right: Atom, b: ast.expr) -> tuple[int, ...] | None:
    """Return the shape of a product, or None if there is none."""
    x = left.shape if a is left.node else left.shape[::-1]
    y = right.shape if b is right.node else right.shape[::-1]
    if x[-1] != y[0]:
        return None
    return x[:-1] + y[1:]
