"""Why a right gradient is right, where its code looks odd."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from functools import cache
from types import CodeType

from autograd_nn.compare.diagnosis.instrument import Code, parsed


def reason_of(code: Code) -> str:
    """Say why the idioms that a reader may take for mistakes are right."""
    trees = [tree for c in code.codes if (tree := tree_of(c)) is not None]
    text = " ".join(ast.unparse(tree) for tree in trees)
    found: dict[str, None] = {}
    for tree in trees:
        for node in ast.walk(tree):
            for sentence in sentences(node):
                found[sentence] = None
    if "log(" in text and ("exp(" in text or "softmax" in text) and not found:
        found[
            "The derivative of the cross-entropy cancels that of the activation: "
            "dL/dz is the prediction minus the target."
        ] = None
    if "exp(" in text and ".max(" in text:
        found[
            "The maximum that is subtracted before exp changes neither the value nor the gradient."
        ] = None
    return " ".join(found)


def sentences(node: ast.AST) -> Iterator[str]:
    """Recognise an idiom."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        a, rest = node.left, node.right
        a = a.right if isinstance(a, ast.BinOp) and isinstance(a.op, ast.Mult) else a
        if is_one_minus(rest, ast.unparse(a)) and plain(a):
            yield f"`{ast.unparse(a)} * (1 - {ast.unparse(a)})` is the sigmoid's derivative, written with its value."
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and is_one(node.left):
        square = node.right
        if (
            isinstance(square, ast.BinOp)
            and isinstance(square.op, ast.Pow | ast.Mult)
            and plain(square.left)
        ):
            squared = (
                is_two(square.right)
                if isinstance(square.op, ast.Pow)
                else ast.unparse(square.left) == ast.unparse(square.right)
            )
            if squared:
                yield f"`{ast.unparse(node)}` is the derivative of tanh, written with its value."
    if (
        isinstance(node, ast.Compare)
        and plain(node.left)
        and isinstance(node.ops[0], ast.Gt | ast.LtE)
    ):
        if isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value == 0:
            yield f"`{ast.unparse(node)}` is the same for ReLU's input and its output."


def plain(node: ast.expr) -> bool:
    """Tell whether nothing is called."""
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript)


def is_one_minus(node: ast.expr, text: str) -> bool:
    """Tell whether an expression is ``1 - text``."""
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Sub)
        and is_one(node.left)
        and ast.unparse(node.right) == text
    )


def is_one(node: ast.expr) -> bool:
    """Tell whether an expression is 1."""
    return isinstance(node, ast.Constant) and node.value == 1


def is_two(node: ast.expr) -> bool:
    """Tell whether an expression is 2."""
    return isinstance(node, ast.Constant) and node.value == 2  # noqa: PLR2004 (the square)


def tree_of(code: CodeType) -> ast.AST | None:
    """Find the source of a function."""
    for node in functions(code.co_filename, len(linecache.getlines(code.co_filename))):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first == code.co_firstlineno:
                return node
    return None


@cache
def functions(file: str, length: int) -> list[ast.AST]:
    """Parse a file of `length` lines once."""
    lines = linecache.getlines(file)[:length]
    try:
        tree = parsed([line.rstrip("\n") for line in lines])
    except SyntaxError:
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
