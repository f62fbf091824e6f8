r"""A program as mathematics: the derivation of its gradients in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.ops.layers import half_sse
from autograd_nn.program.functions import getitem
from autograd_nn.program.ir import Instruction, Program, Value
from autograd_nn.program.readable import readable
from autograd_nn.program.source import ATOM, POWER, PRODUCT, SIGN, SUM, Formula, Writer, whole

GREEK = {"alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "lambda", "mu", "sigma"}
OWN = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "det"}  # LaTeX has


def latex(program: Program) -> str:
    r"""Print a program as a LaTeX ``aligned`` block, a line an equation.

    Matrix products are juxtaposed, products entry by entry are :math:`\odot`.

    Parameters
    ----------
    program : Program
        What was recorded.

    Returns
    -------
    str
        LaTeX, to be set in mathematics mode with amsmath.
    """
    return LatexWriter(readable(program), "step").block()


class LatexWriter(Writer):
    """Writes one program as mathematics."""

    def block(self) -> str:
        """Write all equations."""
        rows = [rf"{self.symbol(line.value)} &= {line.text}" for line in self.lines()]
        rows += [
            rf"{self.symbol(live)} &\leftarrow {self.operand(new).text}"
            for live, new in self.program.updates
        ]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def symbol(self, value: Value) -> str:
        """Write a name: indices below, derivatives as fractions."""
        name, of = self.names[value], value.cotangent_of
        if of is not None and of in self.names and name == f"d{self.names[of]}":
            return rf"\frac{{\partial {letter(self.loss)}}}{{\partial {self.symbol(of)}}}"
        return letter(name)

    def operand(self, x: Any) -> Formula:
        """Write what an instruction was given."""
        if isinstance(x, Value) and x in self.names:
            text = self.symbol(x)
            return Formula(text, POWER if text.startswith(r"\frac") else ATOM)
        return super().operand(x)

    def call(self, i: Instruction) -> Formula:
        """Write one call."""
        given = [whole(self.operand(x), i.outs[0]) for x in i.args]
        write = TYPESET.get(i.function)
        if write is not None and (not i.params or i.function is np.sum):
            return write(i, *given)
        inside = ", ".join(x.text for x in given)
        return Formula(rf"{function(i.name)}\left({inside}\right)")


def product(i: Instruction, x: Formula, y: Formula) -> Formula:
    r"""Write a product entry by entry, or by a number."""
    arrays = [isinstance(arg, Value) and arg.shape != () for arg in i.args]
    entrywise = all(arrays)
    if arrays[0] and not entrywise:  # numbers stand first
        x, y = y, x
    sign = r" \odot " if entrywise else r" \, "
    return Formula(x.within(PRODUCT) + sign + y.within(PRODUCT), PRODUCT)


def total(i: Instruction, x: Formula) -> Formula:
    """Write a sum."""
    axis = i.params.get("axis")
    below = "" if axis is None else rf"_{{\text{{axis }} {axis}}}"
    return Formula(rf"\sum{below} {x.within(PRODUCT)}", PRODUCT)


TYPESET: dict[Any, Callable[..., Formula]] = {
    np.add: lambda _, x, y: Formula(f"{x.within(SUM)} + {y.within(SUM)}", SUM),
    np.subtract: lambda _, x, y: Formula(f"{x.within(SUM)} - {y.within(PRODUCT)}", SUM),
    np.multiply: product,
    np.matmul: lambda _, x, y: Formula(f"{x.within(PRODUCT)} {y.within(PRODUCT)}", PRODUCT),
    np.divide: lambda _, x, y: Formula(rf"\frac{{{x.text}}}{{{y.text}}}", POWER),
    np.power: lambda _, x, y: Formula(f"{x.within(ATOM)}^{{{y.text}}}", POWER),
    np.square: lambda _, x: Formula(f"{x.within(ATOM)}^{{2}}", POWER),
    np.transpose: lambda _, x, *_axes: Formula(rf"{x.within(ATOM)}^\top", POWER),
    np.negative: lambda _, x: Formula(f"-{x.within(SIGN)}", SIGN),
    np.sqrt: lambda _, x: Formula(rf"\sqrt{{{x.text}}}"),
    np.sum: total,
    half_sse.forward: lambda _, y, t: Formula(
        rf"\tfrac{{1}}{{2}} \sum ({y.within(SUM)} - {t.within(PRODUCT)})^{{2}}", PRODUCT
    ),
    getitem: lambda _, x, index: Formula(f"{x.within(ATOM)}[{index.text}]"),
}


def function(name: str) -> str:
    """Write the name of a function."""
    if name == "sigmoid":
        return r"\sigma"
    return rf"\{name}" if name in OWN else rf"\operatorname{{{plain(name)}}}"


def letter(name: str) -> str:
    """Write the name of a variable: Greek letters, and numbers at its end as an index."""
    stem, number = re.fullmatch(r"(.*?)_?(\d*)", name).groups()  # type: ignore[union-attr]
    if stem in GREEK:
        stem = f"\\{stem}"
    elif len(stem) > 1:
        stem = rf"\mathit{{{plain(stem)}}}"
    return f"{stem}_{{{number}}}" if number else stem


def plain(name: str) -> str:
    """Escape what LaTeX would take otherwise."""
    return name.replace("_", r"\_")
