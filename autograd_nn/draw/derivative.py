"""The local derivative on an edge, in writing: what the rule of the table does to the cotangent.

A rule never asks what it holds.  Here it is given Tensors, and what it records is written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from autograd_nn.draw.formulas import ATOM, POWER, PRODUCT, SUM, Formula, formula, literal
from autograd_nn.draw.tables import MINUS, TIMES
from autograd_nn.fitting import Several, Value
from autograd_nn.graph import Node, history
from autograd_nn.ops.reductions import axes_of
from autograd_nn.several import select
from autograd_nn.tensor import Tensor, leaf
from autograd_nn.traced import box, recording

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST, LONGEST_STEP, LONGEST_RULE = 30, 18, 200
SILENT = ("reshape", "expand_dims", "squeeze", "astype", "positive", "copy", "real")
FITTING = (np.ndarray, np.generic)
MASKS = {"relu": "> 0"}  # what a rule asks of its operand's numbers, which leaves no trace


class Derivative(NamedTuple):
    """A local derivative: in short, for the edge; and the whole rule in terms of `v`."""

    short: str
    rule: str


@contextmanager
def recorded() -> Iterator[None]:
    """Record what happens inside, whatever ``no_grad`` says outside."""
    token = recording.set(True)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        recording.reset(token)


def derive(node: Node, i: int, operands: Sequence[Formula], out: Formula) -> Derivative:
    """Write down the rule of argument `i`, given the operation's operands and result in writing."""
    name = node.primitive.name
    if node.primitive is select:
        i = node.params["index"]
        return Derivative(f"as result {i}", f"v as result {i}, and nothing for the others")
    unknown = Derivative(f"rule of {name}", f"the rule of {name} for argument {i}")
    primals = node.primals
    if isinstance(node.out, Several) or isinstance(primals[i], Several) or node.primitive.parts:
        return unknown
    written: dict[Node, Formula] = {}

    def symbol(value: Value, writing: Formula) -> Value:
        """Make a Tensor of what has a name; the rest is written as it is."""
        if not isinstance(value, FITTING) or value.dtype.kind not in "fc":
            return value
        vertex = leaf(value, None)
        written[vertex] = writing._replace(longest=LONGEST_RULE)
        return box(Tensor, value, vertex)

    try:
        with recorded():
            v = symbol(np.ones(node.shape, node.dtype)[()], Formula("v"))
            saved = [
                symbol(*pair) for pair in zip((node.out, *primals), (out, *operands), strict=True)
            ]
            term = node.primitive.vjps[i](v, *saved, **node.params)
    except Exception:  # noqa: BLE001 (a rule of the user's own may not take Tensors: no text then)
        return unknown
    fitted = summed(np.shape(getattr(term, "value", term)), np.shape(primals[i]))
    if not isinstance(term, Tensor) or term.node is None:
        zero = not np.any(getattr(term, "value", term))
        return Derivative(f"{TIMES} 0", "0") if zero else unknown
    if name in MASKS:
        mask = f"({operands[i].within(SUM)} {MASKS[name]})"
        return Derivative(f"⊙ {mask}", f"v * {mask}")
    return write(term.node, v.node, written, fitted) or unknown


def summed(shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """Say over what a cotangent is summed to undo broadcasting."""
    if shape == wanted:
        return ""
    extra = len(shape) - len(wanted)
    axes = [*range(extra), *(extra + i for i, n in enumerate(wanted) if n == 1 != shape[extra + i])]
    return over(axes, len(shape))


def over(axes: Sequence[int], ndim: int) -> str:
    """Write a sum over some of the axes of an array; the first is that of the samples.

    >>> over([0], 2), over([1], 2), over([0, 1], 2)
    ('Σ batch', 'Σ axis 1', 'Σ')
    """
    if len(axes) == ndim:
        return "Σ"
    return "Σ batch" if [*axes] == [0] else f"Σ axis {', '.join(map(str, axes))}"


def write(term: Node, v: Node, written: dict[Node, Formula], fitted: str) -> Derivative | None:
    """Write down what a rule has recorded."""
    carriers = {v}
    for node in reversed(history(term).operations):
        operands = [
            Formula(literal(primal)) if parent is None else written[parent]
            for parent, primal in zip(node.parents, node.primals, strict=True)
        ]
        written[node] = transposed(node, operands) or formula(node, operands)
        if not carriers.isdisjoint(node.parents):
            carriers.add(node)
    if term not in carriers:
        return None
    rule = written[term].text
    rule = f"{fitted} {written[term].within(ATOM)}" if fitted else rule
    rule = cut(rule, LONGEST_RULE)
    parts = chain(term, v, carriers, written)
    steps = None if parts is None else merged(parts)
    if steps is None or (len(steps) > 1 and any(step.endswith(" ·") for step in steps)):
        return Derivative(cut(rule.replace(" @ ", " · "), LONGEST), rule)
    return Derivative(cut(signed([*steps, *filter(None, [fitted])]), LONGEST), rule)


def cut(text: str, longest: int) -> str:
    """Shorten a text."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def signed(steps: Sequence[str]) -> str:
    """Write steps one after the other; a factor of -1 becomes a sign of the next."""
    minus = f"{TIMES} {MINUS}1"
    if minus in steps and len(steps) > 1:
        rest = [step for step in steps if step != minus]
        sign, space, operand = rest[0].partition(" ")
        is_odd = steps.count(minus) % 2 == 1
        if is_odd and sign == "Σ":
            rest[0] = MINUS + rest[0]
        elif is_odd and space and sign in ("⊙", TIMES, "÷"):
            rest[0] = f"{sign} {MINUS}{operand}"
        elif is_odd:
            rest.insert(0, minus)
        steps = rest
    return " ".join(steps) or f"{TIMES} 1"


def transposed(node: Node, operands: Sequence[Formula]) -> Formula | None:
    """Write a transpose as mathematics does."""
    name, params = node.primitive.name, node.params
    last_two = {params.get("axis1"), params.get("axis2")} == {-1, -2}
    plain = name == "transpose" and params.get("axes") is None
    if name == "matrix_transpose" or plain or (name == "swapaxes" and last_two):
        text = operands[0].within(ATOM)
        text = text.removesuffix("ᵀ") if text.endswith("ᵀ") else f"{text}ᵀ"
        return Formula(text, ATOM, LONGEST_RULE)
    if name in SILENT:
        return operands[0]
    if name == "multiply" and len(set(operands)) == 1:
        return Formula(f"{operands[0].within(ATOM)}²", POWER, LONGEST_RULE)
    return None


def chain(
    node: Node, v: Node, carriers: set[Node], written: Mapping[Node, Formula]
) -> list[tuple[str, str]] | None:
    """List what is done to `v`, step by step, as (sign, operand); None if its ways part."""
    parts = []
    while node is not v:
        places = [i for i, parent in enumerate(node.parents) if parent in carriers]
        if len(places) != 1:
            return None
        part = step(node, places[0], written)
        if part is None:
            return None
        parts.append(part)
        node = node.parents[places[0]]
    return parts[::-1]


def step(node: Node, place: int, written: Mapping[Node, Formula]) -> tuple[str, str] | None:
    """Write one operation as what it does to operand `place`; None if that takes more words."""
    name = node.primitive.name
    other = Formula("")
    for i, (parent, primal) in enumerate(zip(node.parents, node.primals, strict=True)):
        if i != place:
            other = Formula(literal(primal)) if parent is None else written[parent]
    if name == "multiply":
        return ("⊙" if np.ndim(node.primals[1 - place]) else TIMES), other.within(PRODUCT)
    if name == "matmul":
        return "@" if place else "·", other.within(ATOM)
    if name == "divide" and place == 0:
        return "÷", other.within(ATOM)
    return (alone(node), "") if len(node.parents) == 1 else None


def alone(node: Node) -> str:
    """Write an operation of one operand as what it does; nothing if it moves no number."""
    name = node.primitive.name
    is_stretched = name == "broadcast_to" and node.primals[0].size == 1
    if name in SILENT or is_stretched:
        return ""
    if name == "broadcast_to":
        return "broadcast"
    if name == "negative":
        return f"{TIMES} {MINUS}1"
    if name == "sum":
        shape = node.primals[0].shape
        return over(axes_of(shape, node.params.get("axis")), len(shape))
    text = "ᵀ" if transposed(node, [Formula("")]) else formula(node, [Formula("v")]).text
    return text if len(text) <= LONGEST_STEP else f"{name}(v, …)"


def merged(parts: Sequence[tuple[str, str]]) -> list[str]:
    """Join factors that follow one another, and write each step."""
    joined: list[tuple[str, str]] = []
    for sign, operand in parts:
        if sign and joined and sign == joined[-1][0] and sign == "⊙":
            joined[-1] = sign, f"{joined[-1][1]} {operand}"
        elif sign and (sign, operand) != (TIMES, "1"):
            joined.append((sign, operand))
    lines = [
        f"{operand} ·" if sign == "@" else f"{sign} {operand}".strip() for sign, operand in joined
    ]
    return [line.replace(" * ", " ") for line in lines]
