"""Why a right gradient is right, where its code looks odd."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from functools import cache
from types import CodeType

from autograd_nn.compare.diagnosis.discovery import Code
from autograd_nn.compare.diagnosis.instrument import parsed


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
    text = ast.unparse(node) if isinstance(node, ast.expr) else ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        a = node.left
        a = a.right if isinstance(a, ast.BinOp) and isinstance(a.op, ast.Mult) else a
        if plain(a) and is_one_minus(node.right, ast.unparse(a)):
            product = f"{ast.unparse(a)} * {ast.unparse(node.right).join('()')}"
            yield f"`{product}` is the sigmoid's derivative, written with its value."
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        if is_constant(node.left, 1) and is_square(node.right):
            yield f"`{text}` is the derivative of tanh, written with its value."
    elif isinstance(node, ast.Compare):
        is_sign = isinstance(node.ops[0], ast.Gt | ast.LtE) and is_constant(node.comparators[0], 0)
        if is_sign and plain(node.left):
            yield f"`{text}` is the same for ReLU's input and its output."


def is_square(node: ast.expr) -> bool:
    """Tell whether an expression is the square of a value that has a name."""
    if not isinstance(node, ast.BinOp) or not plain(node.left):
        return False
    if isinstance(node.op, ast.Pow):
        return is_constant(node.right, 2)
    return isinstance(node.op, ast.Mult) and ast.unparse(node.left) == ast.unparse(node.right)


def plain(node: ast.expr) -> bool:
    """Tell whether nothing is called."""
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript)


def is_one_minus(node: ast.expr, text: str) -> bool:
    """Tell whether an expression is ``1 - text``."""
    is_difference = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    return is_difference and is_constant(node.left, 1) and ast.unparse(node.right) == text  # type: ignore[attr-defined]


def is_constant(node: ast.expr, value: int) -> bool:
    """Tell whether an expression is a number."""
    return isinstance(node, ast.Constant) and bool(node.value == value)


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
