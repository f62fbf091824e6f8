"""What a person would call the values of a program, and which of them deserve a line."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterable

import numpy as np

from autograd_nn.program.ir import Argument, Constant, Live, Program, Value

LAYER = {"weight": "W", "weights": "W", "bias": "b"}  # what papers call them
LARGEST = 16  # entries of a constant that is written out
RESERVED = {"np", *keyword.kwlist}


class Names:
    """Names of values, each used once."""

    def __init__(self, program: Program, taken: Iterable[str] = ()) -> None:
        self.program = program
        self.names: dict[Value, str] = {}
        self.taken = {*RESERVED, *taken}
        given = [*program.arguments, *program.lives]
        paths = [path_of(value) for value in given]
        self.layers = list(dict.fromkeys(p.rpartition(".")[0] for p in paths if layer_part(p)))
        for value in given:
            self.give(value, self.of_given(value))
        for value in program.constants():
            if is_large(value):
                self.give(value, "c")
        self.uses = Counter(v for i in program.instructions for v in i.operands)
        self.uses.update(program.results)
        made = [out for i in program.instructions for out in i.outs]
        parts = {out for i in program.instructions for out in i.outs if len(i.outs) > 1}
        for value in made:
            if identifier(value.name):
                self.give(value, value.name)
        self.name_activations(made)
        self.name_cotangents(made)
        for value in made:
            if value not in self.names and (self.uses[value] > 1 or value in parts):
                self.give(value, "t")
        for k, value in enumerate(program.results):
            if value not in self.names and value.maker is not None:
                self.give(value, "loss" if k == 0 and value.shape == () else "result")

    def give(self, value: Value, wish: str) -> None:
        """Name a value as wished, with a number if the name is taken."""
        name, n = wish, 1
        while name in self.taken:
            n += 1
            name = f"{wish}{n}" if not wish[-1].isdigit() else f"{wish}_{n}"
        self.taken.add(name)
        self.names[value] = name

    def of_given(self, value: Value) -> str:
        """Name an argument or a live Tensor: as the user does, or as papers do."""
        path = path_of(value)
        if identifier(value.name):
            return value.name
        if layer_part(path):
            prefix, _, last = path.rpartition(".")
            number = str(self.layers.index(prefix) + 1) if len(self.layers) > 1 else ""
            return LAYER[last] + number
        words = re.findall(r"[A-Za-z_]\w*", path)
        return "_".join(words[-2:]) if words else "x"

    def name_activations(self, made: Iterable[Value]) -> None:
        """Call what functions of one argument make of sums and products a1, a2, ..."""
        n = 0
        for value in made:
            if is_activation(value):
                n += 1
                if value not in self.names and self.uses[value] > 1:
                    self.give(value, f"a{n}")

    def name_cotangents(self, made: list[Value]) -> None:
        """Call the derivative with respect to W dW, and that by what is squashed delta."""
        activations = [v for v in made if is_activation(v)]
        squashed = [v.maker.operands[0] for v in activations if v.maker]
        last = {v.cotangent_of: v for v in made if v.cotangent_of is not None}
        for of, value in last.items():
            if value in self.names:
                continue
            if of in self.names:
                self.give(value, f"d{self.names[of]}")
            elif of in squashed:
                self.give(value, f"delta{squashed.index(of) + 1}")
            elif of in activations:
                self.give(value, f"da{activations.index(of) + 1}")

    def __contains__(self, value: Value) -> bool:
        return value in self.names

    def get(self, value: Value, otherwise: str) -> str:
        """Find the name of a value, if it has one."""
        return self.names.get(value, otherwise)

    def __getitem__(self, value: Value) -> str:
        return self.names[value]


def is_activation(value: Value) -> bool:
    """Tell whether a value is made, entry by entry, of one computed array."""
    maker = value.maker
    if maker is None or value.cotangent_of is not None or len(maker.operands) != 1:
        return False
    (operand,) = maker.operands
    known = maker.name in {"sigmoid", "tanh", "relu", "softplus", "maximum"}
    return known and operand.maker is not None and operand.shape == value.shape


def path_of(value: Value) -> str:
    """Say how the user's code reaches an argument or a live Tensor."""
    return value.source.path if isinstance(value.source, Argument | Live) else ""


def layer_part(path: str) -> bool:
    """Tell whether a path leads to a layer's weight or bias."""
    return path.rpartition(".")[2] in LAYER and "." in path


def identifier(name: str) -> bool:
    """Tell whether a name can be a variable's."""
    return name.isidentifier() and not keyword.iskeyword(name)


def is_large(value: Value) -> bool:
    """Tell whether a constant is too large to be written out."""
    return isinstance(value.source, Constant) and np.size(value.source.content) > LARGEST
