"""What a line of the table of operations is: spellings, arguments, parameters, hazards."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any

import numpy as np

import autograd_nn

from .domains import Domain, gaps
from .shapes import tokens

Context = dict[str, Any]  # what has been drawn for a call: arrays, lengths, parameters
Param = Callable[[Random, Context], Any]
SAME = "="
FOR_NUMPY: dict[str, Any] = {"np": np, "ag": autograd_nn, "gaps": gaps}
if find_spec("scipy"):
    FOR_NUMPY["special"] = import_module("autograd_nn.scipy.special")


class Unfit(Exception):  # noqa: N818 (nothing went wrong)
    """These arguments do not suit the operation: draw others."""


@dataclass(frozen=True)
class Argument:
    """An array: where its entries and its shape are drawn from.

    `kind` is "f" for what may be differentiated, "b" for masks, "i" for integers.
    """

    domain: Domain
    pattern: str = "..."
    kind: str = "f"
    low: int = -4  # the range of integers
    high: int = 5


@dataclass(frozen=True)
class Operation:
    """One line of the table.

    The spellings are templates of Python code, an expression or (with ``{out} =``) statements,
    in which arguments, parameters and lengths stand in braces.  `kink` is an expression that
    must be clearly different from 0: the distances from kinks and ties.
    """

    name: str
    spellings: dict[str, str]
    arguments: dict[str, Argument]
    params: dict[str, Param]
    kink: str = ""
    analytic: bool = True
    takes_complex: bool = True

    @cached_property
    def names(self) -> list[str]:
        """List what may stand in braces."""
        letters = {
            name
            for argument in self.arguments.values()
            for name in tokens(argument.pattern)
            if name.isalpha() and name != "any"
        }
        dims = ["dims"] if "axis" in self.params else []
        return [*self.arguments, *sorted(letters), *self.params, *dims]

    @cached_property
    def apply(self) -> Callable[..., Any]:
        """Apply to bare arrays: a function of what has been drawn."""
        return self.compile(self.spellings["numpy"])

    @cached_property
    def distance(self) -> Callable[..., Any]:
        """Measure how far from kinks and ties bare arrays are."""
        return self.compile(self.kink)

    def compile(self, template: str) -> Callable[..., Any]:
        lines = statements(template, "out", {name: name for name in self.names})
        source = "\n    ".join([f"def apply({', '.join(self.names)}, **_):", *lines, "return out"])
        space = dict(FOR_NUMPY)
        exec(source, space)  # noqa: S102 (the table's own code)
        function: Callable[..., Any] = space["apply"]
        return function


def statements(template: str, out: str, texts: dict[str, str]) -> list[str]:
    """Fill in a template: the lines that compute `out`."""
    if "{out}" not in template:
        template = "{out} = " + template
    return template.format(out=out, **texts).split("; ")
