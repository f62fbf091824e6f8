"""Edits that add a term: what was left out of a sum."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations, product

import numpy as np

from autograd_nn.compare.diagnosis.edit import (
    Edit,
    Swapped,
    parts,
    product_of,
    transposed,
)
from autograd_nn.compare.diagnosis.scene import Atom, Scene, expression, spell

MATRIX = 2  # axes


def multiples(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Add a value, or a multiple of it; what is named and never read is the likeliest."""
    shape = scene.shape(root)
    if not shape:
        return
    numbers = scene.numbers[:6]
    for atom in scene.atoms:
        if atom.shape != shape:
            continue
        x, cost = spell(atom.node), 1.8 - 0.7 * scene.is_unused(atom.node)
        for scale in ["", *(f"{n} * " for n in numbers), *(f"2 * {n} * " for n in numbers)]:
            for op in "+-":
                new = expression(f"{spell(root)} {op} {scale}{x}")
                term = expression(scale + x)
                yield Edit(new, cost + 0.1 * bool(scale), "term", root, term)
        yield Edit(expression(f"{x} - {spell(root)}"), cost, "term", root, atom.node)


def softmax_terms(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Take away what the rest of a softmax's Jacobian takes away."""
    shape = scene.shape(root)
    if shape is None or len(shape) != MATRIX:
        return
    same = [a for a in scene.atoms if a.shape == shape]
    for p, up in product(same, same):
        if p is not up:
            a, b = spell(p.node), spell(up.node)
            for axis in (1, 0):
                total = f"{scene.numpy}.sum({b} * {a}, axis={axis}, keepdims=True)"
                yield Edit(expression(f"{a} * ({b} - {total})"), 2.6, "softmax", root)


def product_terms(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Add a matrix product."""
    shape = scene.shape(root)
    if not shape:
        return
    matrices = [a for a in scene.atoms if len(a.shape) in (1, MATRIX) and not a.origin]
    for left, right in product(matrices, matrices):
        for a, b in product(
            (left.node, transposed(left.node)), (right.node, transposed(right.node))
        ):
            if product_shape(left, a, right, b) == shape:
                new = ast.BinOp(a, ast.MatMult(), b)
                yield Edit(ast.BinOp(root, ast.Add(), new), 2.4, "term", root, new)


def mean_terms(scene: Scene, root: ast.expr) -> Iterator[Edit]:
    """Take a mean away, or a value times a mean, as the derivative of a normalisation does."""
    for node in parts(root):
        shape = scene.shape(node)
        if shape is None or len(shape) != MATRIX or isinstance(node, ast.Call):
            continue
        same = [spell(a.node) for a in scene.atoms if a.shape == shape and not a.origin][:10]
        for axis in (0, 1):
            for x in same:
                mean = expression(f"{scene.numpy}.mean({x}, axis={axis}, keepdims=True)")
                new = ast.BinOp(node, ast.Sub(), mean)
                yield Edit(Swapped(root, node, new), 2.2, "mean", node, mean)
                own = spell(node)
                text = (
                    f"{own} - {scene.numpy}.mean({own}, axis={axis}, keepdims=True)"
                    f" - {x} * {scene.numpy}.mean({own} * {x}, axis={axis}, keepdims=True)"
                )
                both = expression(text)
                yield Edit(Swapped(root, node, both), 2.35, "mean", node, both)
            for x, y in product(same, same):
                text = f"{x} * {scene.numpy}.mean({y} * {x}, axis={axis}, keepdims=True)"
                new = ast.BinOp(node, ast.Sub(), expression(text))
                yield Edit(Swapped(root, node, new), 2.3, "mean", node, expression(text))


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
    for name in scene.numbers:
        n = float(scene.names[name])
        spelled |= {f"{name} * {{}}": n, f"{{}} / {name}": 1 / n, f"(1 - {name}) * {{}}": 1 - n}
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
