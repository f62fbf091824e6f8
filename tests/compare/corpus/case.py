"""A case: a person's forward and backward code, and what is known of it."""

import copy
import importlib
import inspect
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from autograd_nn.compare.oracles import leaves

FOLDER = Path(__file__).parent / "cases"
MARK = re.compile(r"^(?P<indent> *)(?P<code>.*?) *# (?P<kind>guilty|or|mend): (?P<mended>.*)$")
Tree = Any  # arrays in dicts and lists, nested at will


@dataclass(frozen=True)
class Mend:
    """A marked line, and the code that is right in its place."""

    line: int
    code: str


@dataclass(frozen=True)
class Case:
    """A module in `cases/`; its place says its group and the class of its mistake.

    Its docstring is "style: sentence"; the sentence of a right case says why it is right.
    In its source, marks say what is known of its lines:

    * ``# guilty: code`` ends a guilty line, and gives the code that mends it;
    * ``# or: code`` ends a line that can be mended instead of the guilty one above it: a true tie;
    * ``# mend: code`` is a line that mended code has in addition.

    The module defines ``forward``, ``backward``, ``loss`` and ``make(rng) -> params, inputs,
    targets``, and, if its gradient is a constant multiple of the right one, ``FACTOR``: an
    expression for each parameter, in names of the module and ``lr``.
    """

    path: Path
    lr: float = 0.1

    @cached_property
    def name(self) -> str:
        return self.path.relative_to(FOLDER).with_suffix("").as_posix()

    @cached_property
    def group(self) -> str:
        """wrong, constant or right."""
        return self.name.split("/")[0]

    @cached_property
    def mistake(self) -> str | None:
        """The class of the mistake, a key of `MISTAKES`."""
        if self.group == "right":
            return None
        return self.name.split("/")[-2].replace("_", "-")

    @cached_property
    def module(self) -> ModuleType:
        return importlib.import_module("corpus.cases." + self.name.replace("/", "."))

    @cached_property
    def style(self) -> str:
        return self._description()[0]

    @cached_property
    def why(self) -> str:
        return self._description()[1]

    def _description(self) -> tuple[str, str]:
        style, _, sentence = str(self.module.__doc__).partition(": ")
        return style, sentence

    @cached_property
    def returns(self) -> str:
        """grads or update."""
        takes_lr = len(inspect.signature(self.backward).parameters) == 6
        return "update" if takes_lr else "grads"

    @property
    def forward(self) -> Callable[..., Any]:
        function: Callable[..., Any] = self.module.forward
        return function

    @property
    def backward(self) -> Callable[..., Any]:
        function: Callable[..., Any] = self.module.backward
        return function

    @property
    def loss(self) -> Callable[..., Any]:
        function: Callable[..., Any] = self.module.loss
        return function

    @property
    def make(self) -> Callable[..., tuple[Tree, Tree, Tree]]:
        function: Callable[..., tuple[Tree, Tree, Tree]] = self.module.make
        return function

    @cached_property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def guilty(self) -> tuple[tuple[Mend, ...], ...]:
        """For each mistake, the lines of which any one can be mended."""
        groups: list[list[Mend]] = []
        for number, line in enumerate(self.source.splitlines(), start=1):
            if (mark := MARK.match(line)) and mark["kind"] != "mend":
                if mark["kind"] == "guilty":
                    groups.append([])
                groups[-1].append(Mend(number, mark["mended"]))
        return tuple(map(tuple, groups))

    @cached_property
    def factor(self) -> dict[str, str]:
        """An expression for each parameter whose gradient is off by a constant."""
        return dict(getattr(self.module, "FACTOR", {}))

    def factor_value(self, expression: str) -> float:
        """Evaluate an expression of `factor`, or what a diagnosis says in its place."""
        return float(eval(expression, {}, {**vars(self.module), "lr": self.lr}))  # noqa: S307 (ours)

    def mended(self) -> Iterator["Mended"]:
        """Yield the code mended in each way that is marked."""
        for choice in itertools.product(*self.guilty):
            yield Mended(self.path, self.lr, mends=choice)

    def total(self, inputs: Tree, targets: Tree) -> Callable[[Tree], Any]:
        """The loss as a function of the parameters."""
        takes_params = len(inspect.signature(self.loss).parameters) == 3

        def total(params: Tree) -> Any:
            output, _ = self.forward(params, inputs)
            return self.loss(output, targets, *([params] if takes_params else []))

        return total

    def gradient(self, params: Tree, inputs: Tree, targets: Tree) -> Tree:
        """The person's gradient; of an update rule, the change of the parameters over -lr."""
        new = copy.deepcopy(params)
        output, cache = self.forward(new, inputs)
        if self.returns == "grads":
            return self.backward(new, inputs, targets, output, cache)
        returned = self.backward(new, inputs, targets, output, cache, self.lr)
        after = dict(leaves(new if returned is None else returned))
        return {name: (p - after[name]) / self.lr for name, p in leaves(params)}


@dataclass(frozen=True)
class Mended(Case):
    """A case with some of its lines replaced by the code that they are marked with."""

    mends: tuple[Mend, ...] = ()

    @cached_property
    def source(self) -> str:
        lines = self.path.read_text(encoding="utf-8").splitlines()
        codes = {mend.line: mend.code for mend in self.mends}
        for index, line in enumerate(lines):
            if mark := MARK.match(line):
                code = mark["mended"] if mark["kind"] == "mend" else mark["code"]
                lines[index] = mark["indent"] + codes.get(index + 1, code)
        return "\n".join(lines) + "\n"

    @cached_property
    def module(self) -> ModuleType:
        module = ModuleType("mended")
        exec(compile(self.source, f"mended {self.name}", "exec"), vars(module))  # noqa: S102 (ours)
        return module


CASES = tuple(Case(path) for path in sorted(FOLDER.rglob("*.py")))
