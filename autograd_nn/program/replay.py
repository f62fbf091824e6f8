"""The plain way to run a program: call after call, as they were written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.program.ir import Constant, Program, Value, tree_of


def run(program: Program, arguments: Sequence[Any], lives: Sequence[Any]) -> dict[Value, Any]:
    """Compute the values that are looked at from outside.

    Parameters
    ----------
    program : Program
    arguments, lives : sequences of arrays
        What the program's `arguments` and `lives` hold.

    Returns
    -------
    dict
        An array, or a number, for every value in ``program.kept``.
    """
    held: dict[Value, Any] = dict(zip(program.arguments, arguments, strict=True))
    held.update(zip(program.lives, lives, strict=True))
    held.update(
        (v, v.source.content) for v in program.constants() if isinstance(v.source, Constant)
    )
    for instruction in program.instructions:
        args = tree_of(instruction.args, held.__getitem__)
        params = tree_of(instruction.params, held.__getitem__)
        with np.errstate(**instruction.errors or {}):
            result = instruction.function(*args, **params)
        results = result if instruction.form is not None else [result]
        held.update(zip(instruction.outs, results, strict=True))
    return {v: held[v] for v in program.kept}
