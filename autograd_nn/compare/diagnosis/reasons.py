"""Why a right gradient is right, where its code looks odd."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Iterator
from functools import cache
from types import CodeType

import numpy as np

from autograd_nn.compare.diagnosis.bench import Bench, Record, Stream
from autograd_nn.compare.diagnosis.instrument import parsed
from autograd_nn.compare.diagnosis.judging import Trial, ratio
from autograd_nn.compare.diagnosis.problem import Array, Point
from autograd_nn.transforms.trees import flatten

CANCELS = (
    "The derivative of the loss cancels that of the activation: the gradient at its input is the "
    "prediction minus the target, up to a constant."
)
SHIFT = "The maximum that is subtracted before exp changes neither the value nor the gradient."
CENTRED = (
    "Where a mean was subtracted the sum of what is left is zero, and so are terms that it "
    "multiplies; they may be left out."
)
MANY = 6  # variables that are named


def reason_of(bench: Bench, trial: Trial, record: Record) -> str:
    """Say why the idioms that a reader may take for mistakes are right, and what values are."""
    trees = [tree for c in bench.code.codes if (tree := tree_of(c)) is not None]
    text = " ".join(ast.unparse(tree) for tree in trees)
    found = dict.fromkeys(
        s for tree in trees for node in ast.walk(tree) for s in sentences(node, text)
    )
    streams = bench.streams(trial.point)
    found |= dict.fromkeys(cancelling(streams, trial))
    if "exp(" in text and "max(" in text:
        found[SHIFT] = None
    if "sqrt(" in text and "mean(" in text:
        found[CENTRED] = None
    found |= dict.fromkeys(gradients_within(bench, streams, record))
    return " ".join(found)


def cancelling(streams: list[Stream], trial: Trial) -> Iterator[str]:
    """Notice that the gradient at an activation's input is the prediction minus the target."""
    for target in targets_of(trial.point):
        for value, adjoint in ((s.values[0], s.adjoints[0]) for s in streams):
            if np.shape(value) != target.shape or is_multiple(adjoint, value - target):
                continue
            if any(is_multiple(s.adjoints[0], value - target) for s in streams):
                yield CANCELS
                return


def targets_of(point: Point) -> Iterator[Array]:
    """Yield the targets; labels as rows of zeros with a one, for up to 20 classes."""
    for leaf in flatten(point.targets)[0]:
        target = np.asarray(leaf)
        yield target
        if target.dtype.kind in "iu" and target.ndim == 1:
            for classes in range(int(target.max()) + 1, 20):
                yield np.eye(classes)[target]


def is_multiple(g: Array, t: Array) -> bool:
    """Tell whether one array is a constant times another."""
    return np.ndim(g) > 0 and np.shape(g) == np.shape(t) and ratio(np.asarray(g), t) is not None


def gradients_within(bench: Bench, streams: list[Stream], record: Record) -> Iterator[str]:
    """Say which variables of the backward pass are gradients at which ones of the forward pass."""
    names = [
        (bench.site(k).line.variable, np.asarray(values[0]))
        for k, values in record.forward.items()
        if bench.site(k).verb == "=" and len(values) == 1
    ]
    found: dict[str, str] = {}
    for k, values in record.backward.items():
        line, made = bench.site(k).line, np.asarray(values[0])
        if bench.site(k).verb != "=" or len(values) > 1 or made.ndim == 0 or not np.any(made):
            continue
        for stream in streams:
            c = ratio(made, stream.adjoints[0]) if len(stream.values) == 1 else None
            name = next((n for n, v in names if np.array_equal(v, stream.values[0])), None)
            if name and c is not None and abs(abs(c) - 1) < 1e-6:  # noqa: PLR2004 (the sign alone)
                found[f"{'-' * (c < 0)}{line.variable}"] = name
                break
    if found:
        pairs = [f"`{made}` (at `{name}`)" for made, name in [*found.items()][:MANY]]
        yield f"Gradients of the loss within the code: {', '.join(pairs)}."


def sentences(node: ast.AST, code: str) -> Iterator[str]:
    """Recognise an idiom, in code that may tell what it is for."""
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
    elif isinstance(node, ast.Call) and re.fullmatch(r"\w+\.sign\([^()+*/-]+\)", text):
        if "maximum(" in code:
            yield f"`{text}` is the slope of ReLU, read from its output."
        if "abs(" in code:
            yield f"`{text}` is the derivative of the absolute value."
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
