"""Edits of an expression, cheapest first: what a person may have meant to write."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.edit import (
    Edit,
    Maker,
    Swapped,
    factors_of,
    is_t,
    parts,
    product_of,
    transposed,
)
from autograd_nn.compare.diagnosis.instrument import loaded
from autograd_nn.compare.diagnosis.scene import Atom, Scene, expression, is_array, is_mask, spell
from autograd_nn.compare.diagnosis.terms import (
    fits,
    mean_terms,
    missing_terms,
    multiples,
    product_terms,
    softmax_terms,
)

REPEATED = "__autograd_nn_repeated__"
SUMS, EXTREMES = ("sum", "mean"), ("max", "min")
AXES = ("", "axis=0", "axis=1", "axis=-1", *(f"axis={i}, keepdims=True" for i in (0, 1, -1)))
FORMS = {  # derivatives of activations: at their inputs, or from their outputs
    "{x} * (1 - {x})": "sigmoid",
    "1 - {x} ** 2": "tanh",
    "{x} > 0": "relu",
    "1 - {np}.tanh({x}) ** 2": "tanh",
    "1 / (1 + {np}.exp(-{x})) * (1 - 1 / (1 + {np}.exp(-{x})))": "sigmoid",
    "1 / (1 + {np}.exp(-{x}))": "softplus",
    "1 - {np}.exp(-{x})": "softplus",
    "{np}.where({x} > 0, 1, {np}.exp({x}))": "elu",
    "{np}.where({x} > 0, 1, {slope})": "leaky relu",
    "{np}.where({x} > 0, 1, {x} + {slope})": "elu",
    "{np}.cos({x})": "sin",
    "{np}.sign({x})": "abs",
}


def edits(scene: Scene) -> Iterator[Edit]:
    """List edits of the expression at a site; the cheapest are the likeliest."""
    root = scene.site.node
    found: list[Edit] = []
    makers: tuple[Maker, ...] = (
        *(substitutions, indices, transposes, drops, chains, signs, reductions, verbs),
        *(
            factors,
            forms,
            branches,
            clips,
            constants,
            products,
            multiples,
            softmax_terms,
            product_terms,
            mean_terms,
        ),
        missing_terms,
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
        elif isinstance(node, ast.Call) and len(node.args) == 1:
            minus = ast.UnaryOp(ast.USub(), node.args[0])
            yield Edit(Swapped(root, node.args[0], minus), 1.1, "sign", node.args[0])


def reductions(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Sum over other axes, or where nothing is summed; sum instead of a mean."""
    for node in parts(root):
        if isinstance(node, ast.Subscript) and is_array(scene.value(node.value)):
            for axes in AXES:
                new = reduced(scene, node.value, "sum", axes)
                yield Edit(Swapped(root, node, new), 1.4, "reduce", node, new)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            own = node.func.attr
            names = SUMS if own in SUMS else [own] if own in EXTREMES else []
            if not names:
                continue
            is_method = not (
                isinstance(node.func.value, ast.Name) and node.func.value.id == scene.numpy
            )
            summed = node.func.value if is_method else (node.args[0] if node.args else None)
            if summed is None:
                continue
            for name in names:
                for axes in AXES:
                    new = reduced(scene, summed, name, axes)
                    cost = 0.95 + 0.3 * (name != own)
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
        base, where = ast.unparse(loaded(target.value)), target.slice
        value, first = spell(root), "" if scene.site.verb == "+=" else f"{ast.unparse(held)} + "
        if has_slice(where):
            where = ast.Subscript(expression(f"{scene.numpy}.s_"), where, ast.Load())
        index = ast.unparse(where)
        text = f"{first}{REPEATED}({base}, {index}, {value})"
        statement = f"{scene.numpy}.add.at({base}, {index}, {value})"
        yield Edit(expression(text), 1.1, "accumulate", root, statement=statement)


def has_slice(node: ast.expr) -> bool:
    """Tell whether an index has a slice in it, which stands in brackets alone."""
    return any(isinstance(n, ast.Slice) for n in ast.walk(node))


def repeated(base: Any, index: Any, value: Any) -> Any:
    """Return what ``np.add.at`` adds at an index, where entries of it are repeated."""
    total = np.zeros(np.shape(base))
    np.add.at(total, index, value)
    return total[index]


def derivatives(scene: Scene, shape: tuple[int, ...]) -> list[tuple[ast.expr, float]]:
    """Spell local derivatives that are arrays of a shape, and what they cost."""
    if shape not in scene.derivatives:
        scene.derivatives[shape] = [*spelled_derivatives(scene, shape)]
    return scene.derivatives[shape]


def spelled_derivatives(scene: Scene, shape: tuple[int, ...]) -> Iterator[tuple[ast.expr, float]]:
    """Spell them."""
    for atom in scene.atoms:
        if atom.shape != shape or np.asarray(atom.value).dtype.kind != "f":
            continue
        x, extra = spell(atom.node), {"": 0.0, "forward": 0.2, "before": 1.0}[atom.origin]
        for i, form in enumerate(FORMS):
            for slope in scene.slopes if "{slope}" in form else [""]:
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
            for operand in stretched(atom, shape):
                cost = 1.4 + depth - 0.35 * scene.is_unused(atom.node)
                cost += {"": 0.0, "forward": 0.1, "before": 1.0}[atom.origin]
                new: ast.expr = ast.BinOp(node, ast.Mult(), operand)
                yield Edit(Swapped(root, node, new), cost, "factor", node, operand)
                new = ast.BinOp(node, ast.Div(), operand)
                yield Edit(Swapped(root, node, new), cost + 0.5, "factor", node, operand)
                for c in [*scene.numbers[:6], *scene.literals] if is_mask(atom.value) else ():
                    kept = expression(f"{spell(atom.node)} / {c}")
                    new = product_of([(node, False), *factors_of(kept)])
                    yield Edit(Swapped(root, node, new), cost + 0.1, "factor", node, kept)
        for derivative, extra in derivatives(scene, shape):
            new = ast.BinOp(node, ast.Mult(), derivative)
            yield Edit(
                Swapped(root, node, new), 1.6 + depth + extra, "derivative", node, derivative
            )


def stretched(atom: Atom, shape: tuple[int, ...]) -> Iterator[ast.expr]:
    """Spell an atom so that it fits a shape: as it is, or with an axis more."""
    if fits(atom.shape, shape):
        yield atom.node
    elif len(atom.shape) == len(shape) - 1:
        for axis in range(len(shape)):
            wide = (*atom.shape[:axis], 1, *atom.shape[axis:])
            if fits(wide, shape):
                index = ", ".join("None" if i == axis else ":" for i in range(len(shape)))
                yield expression(f"{spell(atom.node)}[{index}]")


def clips(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Keep the whole between bounds, as the derivative of a loss that is linear far out does."""
    for c in dict.fromkeys(scene.slopes) if scene.shape(root) else ():
        new = expression(f"{scene.numpy}.clip({ast.unparse(root)}, -{c}, {c})")
        yield Edit(new, 1.9, "form", root, new)


def branches(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Put a multiple of one branch of a ``where`` in the place of a constant one."""
    for node in parts(root):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"{scene.numpy}.where":
            for old, other in combinations(node.args[1:], 2):
                for constant, kept in ((old, other), (other, old)):
                    if isinstance(constant, ast.Constant):
                        numbers = [spell(a.node) for a in scene.atoms if not a.shape]
                        for c in dict.fromkeys([*scene.slopes, *numbers]):
                            new = expression(f"{c} * {spell(kept)}")
                            yield Edit(Swapped(root, constant, new), 1.4, "form", constant, new)


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
    names = scene.numbers[:8]
    sizes = [f"{x}.size" for x in dict.fromkeys(c.rpartition(".shape")[0] for c in counts)]
    for text in ["2", *names, *scene.literals[:4], *dict.fromkeys(counts), *sizes]:
        for op in (ast.Mult(), ast.Div()):
            new: ast.expr = expression(text)
            yield Edit(ast.BinOp(root, op, new), 1.7, "constant", root, new)
            twice = ast.BinOp(root, ast.Mult(), ast.Constant(2))
            yield Edit(ast.BinOp(twice, op, new), 1.8, "constant", root, new)
    for node in parts(root):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | int) and node.value:
            for c in (2, 0.5, -1):
                new = ast.Constant(node.value * c)
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
