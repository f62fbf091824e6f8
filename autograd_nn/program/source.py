"""A program printed as the NumPy that a person would have written."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from textwrap import indent
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_nn.errors import TraceError
from autograd_nn.program.functions import RuleCall, astype, getitem
from autograd_nn.program.ir import Constant, Instruction, Program, Value
from autograd_nn.program.naming import Names
from autograd_nn.program.readable import readable, scalar

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
INFIX: dict[Any, tuple[str, int]] = {
    np.add: ("+", SUM),
    np.subtract: ("-", SUM),
    np.multiply: ("*", PRODUCT),
    np.divide: ("/", PRODUCT),
    np.matmul: ("@", PRODUCT),
}
LONGEST = 78  # a line that is longer is taken apart
DEFINITIONS = {  # functions that NumPy lacks, as the printed file defines them
    "sigmoid": """def sigmoid(x):
    return 1 / (1 + np.exp(-x))
""",
    "relu": """def relu(x):
    return np.maximum(x, 0)
""",
    "softplus": """def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
""",
    "softmax": """def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)
""",
    "log_softmax": """def log_softmax(x, axis=-1):
    x = x - np.max(x, axis=axis, keepdims=True)
    return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))
""",
    "half_sse": """def half_sse(prediction, target):
    return 0.5 * np.sum((prediction - target) ** 2)
""",
    "written": """def written(x, index, value):
    copy = np.array(x)
    copy[index] = value
    return copy
""",
}


class Line(NamedTuple):
    """One assignment: what it is called, what it is, and which derivative that is."""

    value: Value
    target: str
    text: str
    comment: str


class Formula(NamedTuple):
    """A piece of writing and how strongly it holds together."""

    text: str
    strength: int = ATOM

    def within(self, strength: int) -> str:
        """Write it as a part of something that binds as strongly as `strength`."""
        return f"({self.text})" if self.strength < strength else self.text


def source(program: Program, name: str = "step") -> str:
    """Print a program as a module of NumPy alone, with the function `name`.

    Parameters
    ----------
    program : Program
        What was recorded.
    name : str
        What the function is to be called.

    Returns
    -------
    str
        Python.  The function takes the program's arguments, then the arrays of the Tensors that
        it reads, and returns the program's results; Tensors that it changes it changes in place.

    Raises
    ------
    TraceError
        If a rule was recorded as a whole that cannot be printed.
    """
    return Writer(readable(program), name).module()


class Writer:
    """Writes one program."""

    def __init__(self, program: Program, name: str) -> None:
        self.program, self.name = program, name
        self.names = Names(program, {name, *DEFINITIONS})
        self.needed: dict[str, str] = {}
        self.imports = ["import numpy as np"]
        numbers = [v for v in program.results if v.shape == () and v in self.names]
        self.loss = self.names[numbers[0]] if numbers else "loss"

    def module(self) -> str:
        """Write the whole file."""
        body = [*map(self.line, self.lines()), *self.updates(), self.returned()]
        function = f"def {self.name}({', '.join(self.parameters())}):\n"
        function += indent(self.docstring() + "\n".join(filter(None, body)), "    ") + "\n"
        imports = "\n".join(dict.fromkeys(self.imports))
        return "\n\n".join([imports + "\n", *self.needed.values(), function])

    def constants(self) -> list[Value]:
        """List the constants that are too large to be written out: the caller gives them."""
        return [v for v in self.program.constants() if v in self.names]

    def parameters(self) -> list[str]:
        """List what the function takes."""
        given = (*self.program.arguments, *self.program.lives, *self.constants())
        return [self.names[v] for v in given]

    def docstring(self) -> str:
        """Say what is changed in place."""
        changed = [self.names[live] for live, _ in self.program.updates]
        return f'"""Change {", ".join(changed)} in place."""\n' if changed else ""

    def lines(self) -> list[Line]:
        """Write an assignment for every value that has a name."""
        lines = []
        for instruction in self.program.instructions:
            named = [v for v in instruction.outs if v in self.names]
            if not named:
                continue
            target = ", ".join(self.names.get(v, "_") for v in instruction.outs)
            lines.append(
                Line(named[0], target, self.call(instruction).text, self.comment(named[0]))
            )
        return lines

    def line(self, line: Line) -> str:
        """Write one assignment with its comment."""
        code = f"{line.target} = {line.text}"
        return f"{code:<40}  # {line.comment}" if line.comment else code

    def comment(self, value: Value) -> str:
        """Say which derivative a value is."""
        of = value.cotangent_of
        if of is None:
            return ""
        if of is value:
            return f"also d {self.loss} / d {self.names[of]}"
        if of not in self.names and of.maker not in self.program.instructions:
            return ""  # what it is the derivative of was never computed
        what = self.operand(of).within(ATOM)
        return f"d {self.loss} / d {what}"

    def updates(self) -> list[str]:
        """Write what becomes of live Tensors."""
        lines = []
        for live, new in self.program.updates:
            name, maker = self.names[live], new.maker
            step = maker is not None and maker.function is np.subtract and maker.args[0] is live
            if step and maker is not None:
                lines.append(f"{name} -= {self.operand(maker.args[1]).text}")
            else:
                lines.append(f"{name}[...] = {self.operand(new).text}")
        return lines

    def returned(self) -> str:
        """Write what is returned."""
        results = [self.operand(v).text for v in self.program.results]
        return f"return {', '.join(results)}" if results else ""

    # ---- formulas ----------------------------------------------------------------------------

    def operand(self, x: Any) -> Formula:
        """Write what an instruction was given: a name, a number, or how it was computed."""
        if isinstance(x, Value):
            return Formula(self.names[x]) if x in self.names else self.formula(x)
        if isinstance(x, list | tuple):
            items = ", ".join(self.operand(item).text for item in x)
            comma = "," if isinstance(x, tuple) and len(x) == 1 else ""
            return Formula(f"[{items}]" if isinstance(x, list) else f"({items}{comma})")
        return literal(x)

    def formula(self, value: Value) -> Formula:
        """Write how a value is computed."""
        if isinstance(value.source, Constant):
            number = scalar(value)
            return literal(value.source.content if number is None else number)
        assert value.maker is not None  # noqa: S101 (arguments and live Tensors have names)
        return self.call(value.maker)

    def call(self, i: Instruction) -> Formula:
        """Write one call."""
        if i.function in INFIX and len(i.args) == 2 and not i.params:  # noqa: PLR2004
            sign, strength = INFIX[i.function]
            left, right = (whole(self.operand(x), i.out) for x in i.args)
            return Formula(f"{left.within(strength)} {sign} {right.within(strength + 1)}", strength)
        special = SPELLED.get(i.function)
        written_out = special(self, i) if special is not None and not i.params else None
        if written_out is not None:
            return written_out
        given = [self.operand(x).text for x in i.args]
        given += [f"{k}={self.operand(x).text}" for k, x in i.params.items()]
        return Formula(f"{self.function(i)}({', '.join(given)})")

    def function(self, i: Instruction) -> str:
        """Spell a function; remember to define it if NumPy lacks it."""
        function = i.function
        module = getattr(function, "__module__", None) or "numpy"
        if isinstance(function, np.ufunc):
            if getattr(np, function.__name__, None) is function:
                return f"np.{function.__name__}"
            self.imports.append("from scipy import special")
            return f"special.{function.__name__.lstrip('_')}"
        owner = getattr(function, "__self__", None)
        if isinstance(owner, np.ufunc):
            return f"np.{owner.__name__}.{function.__name__}"
        if module.split(".")[0] == "numpy":
            return f"{module.replace('numpy', 'np', 1)}.{i.name}"
        if i.name in DEFINITIONS:
            self.needed[i.name] = DEFINITIONS[i.name]
            return i.name
        kind = "the rule" if isinstance(function, RuleCall) else "the function"
        message = (
            f"source: {kind} {i.name} was recorded as a whole and cannot be printed with NumPy "
            "alone; write it with NumPy's functions"
        )
        raise TraceError(message)


def whole(x: Formula, out: Value) -> Formula:
    """Write 2.0 as 2 where the result is floating in any case."""
    integer = re.fullmatch(r"-?\d+\.0", x.text) and out.shape and out.dtype.kind in "fc"
    return Formula(x.text[:-2], x.strength) if integer else x


def literal(x: Any) -> Formula:
    """Write a number, an array, a dtype or whatever else is no value."""
    if isinstance(x, np.ndarray):
        return Formula(array_literal(x))
    if isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, type) and issubclass(x, np.generic):
        x = np.dtype(x)
    text = repr(x)
    if isinstance(x, np.dtype):
        text = f"np.{x}"
    elif x is Ellipsis:
        text = "..."
    elif isinstance(x, float) and not math.isfinite(x):
        text = f"{'-' * (x < 0)}np.{text.lstrip('-')}"
    return Formula(text, SIGN if text.startswith("-") else ATOM)


def array_literal(x: NDArray[Any]) -> str:
    """Write a small array."""
    if x.size == 0:
        return f"np.zeros({x.shape}, dtype=np.{x.dtype})"
    listed = np.array2string(x, separator=", ", floatmode="unique", threshold=x.size + 1)
    return f"np.array({' '.join(listed.split())}, dtype=np.{x.dtype})"


def transposed(writer: Writer, i: Instruction) -> Formula | None:
    """Write ``x.T``."""
    return Formula(f"{writer.operand(i.args[0]).within(ATOM)}.T") if len(i.args) == 1 else None


def squared(writer: Writer, i: Instruction) -> Formula:
    """Write ``x ** 2``."""
    return Formula(f"{writer.operand(i.args[0]).within(ATOM)} ** 2", POWER)


def powered(writer: Writer, i: Instruction) -> Formula:
    """Write ``x ** y``."""
    base, exponent = map(writer.operand, i.args)
    return Formula(f"{base.within(ATOM)} ** {exponent.within(POWER)}", POWER)


def negated(writer: Writer, i: Instruction) -> Formula:
    """Write ``-x``."""
    return Formula(f"-{writer.operand(i.args[0]).within(SIGN)}", SIGN)


def indexed(writer: Writer, i: Instruction) -> Formula:
    """Write ``x[index]``."""
    x, index = i.args
    parts = index if isinstance(index, tuple) and index else (index,)
    return Formula(f"{writer.operand(x).within(ATOM)}[{', '.join(part(writer, p) for p in parts)}]")


def part(writer: Writer, key: Any) -> str:
    """Write what stands between square brackets, one axis."""
    if isinstance(key, slice):
        ends = ["" if end is None else str(end) for end in (key.start, key.stop)]
        return ":".join(ends if key.step is None else [*ends, str(key.step)])
    return "np.newaxis" if key is None else writer.operand(key).text


def converted(writer: Writer, i: Instruction) -> Formula:
    """Write ``x.astype(dtype)``."""
    x, dtype = map(writer.operand, i.args)
    return Formula(f"{x.within(ATOM)}.astype({dtype.text})")


SPELLED: dict[Any, Callable[[Writer, Instruction], Formula | None]] = {
    np.transpose: transposed,
    np.square: squared,
    np.power: powered,
    np.negative: negated,
    getitem: indexed,
    astype: converted,
}
