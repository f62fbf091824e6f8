"""A failure as a program of its own: plain Python that anybody can run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .judge import Disagreement
from .ours import FIRST, SECOND
from .programs import Program

LAYOUTS = {
    "plain": "{}",
    "transposed": "{}.T.copy().T",
    "backwards": "np.flip(np.flip({}).copy())",
    "every other": "np.repeat({}, 2, axis=-1)[..., ::2]",
    "read-only": "{}  # read-only when it failed",
}
OURS = {
    "gradient": {
        "vjp": "ag.vjp(of_inputs, *xs)[1](u)",
        "backward": "backward()",
    },
    "jvp": {"": "ag.jvp(of_inputs, tuple(xs), tuple(v))[1]"},
    "second": {
        "forward over reverse":
            "ag.jvp(lambda *ys: tuple(ag.vjp(of_inputs, *ys)[1](u)), tuple(xs), tuple(w))[1]",
        "reverse over reverse":
            "ag.vjp(lambda *ys: sum(inner(d, g) for d, g in "
            "zip(w, ag.vjp(of_inputs, *ys)[1](u))), *xs)[1](1.0)",
        "reverse over forward":
            "ag.vjp(lambda *ys: inner(u, ag.jvp(of_inputs, ys, tuple(w))[1]), *xs)[1](1.0)",
    },
}  # fmt: skip
BACKWARD = """\
def backward():
    leaves = [ag.Tensor(x, requires_grad=True) for x in xs]
    of_inputs(*leaves).backward(u)
    return [leaf.grad for leaf in leaves]
"""
INNER = """\
def inner(a, b):
    return np.sum(np.real(np.conj(a) * b)) if np.iscomplexobj(a) else np.sum(a * b)
"""


def literal(x: NDArray[Any]) -> str:
    """Write an array so that Python reads it back to the last bit."""
    if not x.size:
        return f"np.zeros({x.shape}, np.{x.dtype.name})"
    return f"np.array({x.tolist()}, np.{x.dtype.name})"


def snippet(failure: Disagreement) -> str:
    """Write down everything that leads to a disagreement, and run it by ours and by the oracle."""
    program, kind, towards = failure.program, failure.kind, failure.program.directions()
    names = [given.name for given in program.differentiated]
    constants = [given.name for given in program.inputs if not given.differentiated]
    how = {"gradient": FIRST, "jvp": ("",), "second": SECOND}.get(kind, ("",))
    chosen = how[program.seed % len(how)]
    value = program.steps[-1].value
    lines = [
        "import numpy as np",
        "import autograd_nn as ag",
        *(
            ["from autograd_nn.scipy import special"]
            if "special." in program.source("numpy")
            else []
        ),
        "",
        *(
            f"{g.name} = " + LAYOUTS[g.layout if g.array.ndim else "plain"].format(literal(g.array))
            for g in program.inputs
        ),
        f"xs = [{', '.join(names)}]",
        f"u = {literal(towards.u.astype(value.dtype))}  # cotangent",
        *(
            f"{letter} = [{', '.join(map(literal, typed(program, tangents)))}]  # tangents"
            for letter, tangents in (("v", towards.v), ("w", towards.w))
            if kind in {"v": ("jvp",), "w": ("second",)}[letter] or failure.oracle == "numeric"
        ),
        "",
        program.source("numpy").rstrip(),
        "",
        f"def of_inputs({', '.join(names)}):",
        f"    return program({', '.join(f'{n}={n}' for n in [*names, *constants])})",
        "",
        *(BACKWARD.splitlines() if chosen == "backward" else []),
        *(INNER.splitlines() if kind == "second" else []),
    ]
    if kind in OURS:
        lines.append(f"print('ours:', {OURS[kind][chosen]})")
    else:
        lines.append("out = of_inputs(*map(ag.Tensor, xs)); print('ours:', out, out.dtype)")
        lines.append("print('NumPy:', of_inputs(*xs))")
    lines += oracle_lines(failure, names)
    return "\n".join(lines) + f"\n# {failure.oracle} expected: {shown(failure.expected)}\n"


def typed(program: Program, tangents: list[NDArray[Any]]) -> list[NDArray[Any]]:
    return [t.astype(g.array.dtype) for t, g in zip(tangents, program.differentiated, strict=True)]


def oracle_lines(failure: Disagreement, names: list[str]) -> list[str]:
    """Write down how the oracle finds its gradient or tangent."""
    program, kind = failure.program, failure.kind
    if failure.oracle == "torch" and kind in ("value", "gradient"):
        return [
            "",
            "import torch",
            "torch.set_default_dtype(torch.float64)",
            *(
                f"{g.name} = torch.tensor({g.name}.copy()"
                + (".astype(float)" if g.kind == "f" and g.array.dtype.kind == "i" else "")
                + ")"
                + ("" if g.kind != "f" or g.array.dtype.kind == "c" else ".double()")
                + (".requires_grad_()" if g.differentiated else "")
                for g in program.inputs
            ),
            program.source("torch").rstrip(),
            f"out = program({', '.join(g.name for g in program.inputs)})",
            "print('torch:', out)"
            if kind == "value"
            else f"print('torch:', torch.autograd.grad(out, [{', '.join(names)}], "
            "torch.tensor(u).to(out.dtype), allow_unused=True))",
        ]
    if failure.oracle == "numeric" and kind in ("jvp", "gradient"):
        return [
            "h = 1e-5",
            "along = (of_inputs(*[x + h * d for x, d in zip(xs, v)])",
            "         - of_inputs(*[x - h * d for x, d in zip(xs, v)])) / (2 * h)",
            "print('differences along v:', along)"
            if kind == "jvp"
            else "print('differences: <u, J v> =', np.sum(np.real(np.conj(u) * along)))",
        ]
    return []


def shown(x: Any) -> str:
    """Print what an oracle found, on one line."""
    if isinstance(x, list):
        return ", ".join(
            literal(np.asarray(i)) if isinstance(i, np.ndarray | np.generic) else str(i) for i in x
        )
    return str(x)
