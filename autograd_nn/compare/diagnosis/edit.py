"""An edit: another expression in the place of one, and how likely it is to be meant."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd_nn.compare.diagnosis.scene import Scene, shown


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


Maker = Callable[[Scene, ast.expr], Iterator[Edit]]


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
