"""Operations in writing: ``X @ W1``, ``x ** 2``, ``sum(e, axis=0)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_nn.draw.tables import MINUS, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd_nn.graph import Node

LONGEST = 22  # a longer operand becomes …
ATOM, POWER, SIGN, PRODUCT, SUM = 4, 3, 2, 1, 0
INFIX = {
    "add": ("+", SUM),
    "subtract": (MINUS, SUM),
    "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT),
    "matmul": ("@", PRODUCT),
}


class Formula(NamedTuple):
    """A piece of writing, how strongly it holds together, and how much of it others quote."""

    text: str
    strength: int = ATOM
    longest: int = LONGEST

    def within(self, strength: int) -> str:
        """Write it as a part of something: in brackets if that binds stronger, … if too long."""
        text = self.text if len(self.text) <= self.longest else "…"
        return f"({text})" if self.strength < strength and text != "…" else text


def formula(node: Node, operands: Sequence[Formula]) -> Formula:
    """Write an operation, given its operands in writing."""
    text, strength = spelled(node, operands)
    return Formula(text, strength, max((x.longest for x in operands), default=LONGEST))


def spelled(node: Node, operands: Sequence[Formula]) -> tuple[str, int]:
    """Write an operation as Python does, and say how strongly it holds together."""
    name = node.primitive.name
    if name in INFIX and len(operands) == 2:  # noqa: PLR2004 (infix)
        sign, strength = INFIX[name]
        left, right = operands[0].within(strength), operands[1].within(strength + 1)
        return f"{left} {sign} {right}", strength
    if name in ("power", "square"):
        return raised(operands[0], operands[1].within(POWER) if name == "power" else "2")
    if name == "negative":
        return f"{MINUS}{operands[0].within(SIGN)}", SIGN
    suffix = ""
    if name == "getitem":
        suffix = f"[{index(node.params['index'])}]"
    elif name == "transpose" and node.params.get("axes") is None:
        suffix = ".T"
    if suffix:
        return f"{operands[0].within(ATOM)}{suffix}", ATOM
    given = {k: v for k, v in node.params.items() if v is not None and v is not False}
    settings = [f"{key}={literal(value)}" for key, value in given.items()]
    return f"{name}({', '.join([x.within(SUM) for x in operands] + settings)})", ATOM


def raised(base: Formula, exponent: str) -> tuple[str, int]:
    """Write a power."""
    if exponent == "1":
        return base.text, base.strength
    return f"{base.within(ATOM)} ** {exponent}", POWER


def literal(value: Any) -> str:
    """Write a parameter or a constant: numbers as they are, anything larger as …."""
    if isinstance(value, bool | np.bool_ | np.dtype | str):
        return str(value)
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "biuf":
        value = value.item()
    if isinstance(value, int | float | np.number) and not isinstance(value, np.complexfloating):
        return number(value if isinstance(value, int) else float(value), digits=6)
    if isinstance(value, tuple) and all(isinstance(item, int | np.integer) for item in value):
        return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
    return "…"


def index(key: Any) -> str:
    """Write what stands between square brackets."""
    parts = key if isinstance(key, tuple) else (key,)
    return ", ".join(map(part, parts))


def part(key: Any) -> str:
    """Write one index."""
    if isinstance(key, slice):
        ends = ["" if end is None else literal(end) for end in (key.start, key.stop)]
        return ":".join(ends if key.step is None else [*ends, literal(key.step)])
    return "newaxis" if key is None else "..." if key is Ellipsis else literal(key)
