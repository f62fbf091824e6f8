"""Fusion: runs of instructions that can be compiled become one, whose function is a `Kernel`.

What cannot be compiled (sorting, Fourier transforms, solving) stays as it is, a call of NumPy
between kernels.  A program that consists of a single kernel is a loop without Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_nn.ops import layers, special
from autograd_nn.program.functions import astype, getitem, written
from autograd_nn.program.ir import Constant, Instruction, Program, Value, call
from autograd_nn.program.passes import merged, number, without_dead
from autograd_nn.program.replay import evaluated

FLOATS = "fd"
MATRIX = 2

# How a function is written, given its operands; `{t}` is the letter of their dtype.
ARITHMETIC = {
    np.add: "({} + {})",
    np.subtract: "({} - {})",
    np.multiply: "({} * {})",
    np.divide: "({} / {})",
    np.negative: "(-{})",
    np.positive: "{}",
    np.copy: "{}",
    np.absolute: "abs({})",
    np.square: "square({})",
    np.sqrt: "sqrt({})",
    np.reciprocal: "(one_{t} / {})",
    np.maximum: "maximum({}, {})",
    np.minimum: "minimum({}, {})",
    np.nan_to_num: "finite_{t}({})",
}
COMPARISONS = {
    np.less: "({} < {})",
    np.less_equal: "({} <= {})",
    np.greater: "({} > {})",
    np.greater_equal: "({} >= {})",
    np.equal: "({} == {})",
    np.not_equal: "({} != {})",
    np.isnan: "({0} != {0})",
    np.isfinite: "({0} - {0} == zero_{t})",
}
LOGIC = {
    np.logical_not: "(not {})",
    np.logical_and: "({} & {})",
    np.logical_or: "({} | {})",
}
ROUNDED = {  # their last bits are not NumPy's
    np.exp: "exp_{t}({})",
    np.tanh: "tanh_{t}({})",
    special.sigmoid.forward: "sigmoid_{t}({})",
    np.log: "log({})",
    np.log1p: "log1p({})",
    np.expm1: "expm1({})",
    np.sin: "sin({})",
    np.cos: "cos({})",
    np.power: "({} ** {})",
}
CHOICE = {np.where: "({1} if {0} else {2})"}
CONVERSION = {astype: "{}"}
ELEMENTWISE = ARITHMETIC | COMPARISONS | LOGIC | ROUNDED | CHOICE | CONVERSION
REDUCTIONS = {  # how one more entry is taken in, and what to begin with
    np.sum: ("plus({}, {})", "zero_{t}"),
    np.max: ("maximum({}, {})", "-inf_{t}"),
    np.min: ("minimum({}, {})", "inf_{t}"),
}
VIEWS = {
    *(np.transpose, np.swapaxes, np.broadcast_to, np.expand_dims, np.squeeze, np.moveaxis),
    *(np.reshape, getitem),
}


class Kernel:
    """Several instructions as one function, from arrays to a list of arrays."""

    __name__ = "kernel"

    def __init__(self, program: Program) -> None:
        self.program = program

    def __call__(self, *arrays: Any) -> list[Any]:
        """Compute by NumPy, call after call."""
        held = evaluated(self.program, arrays, [])
        return [held[v] for v in self.program.results]


def fused(program: Program) -> Program:
    """Make a program of kernels and of what cannot be compiled; look whether it is `exact`."""
    program = program.copied()
    spelled = [part for i in program.instructions for part in spelled_out(i)]
    program = without_dead(merged(program.rewritten(spelled, {})))
    runs = alternating(program.instructions)
    kept = set(program.kept)
    instructions: list[Instruction] = []
    exact = program.exact
    for n, (can, run) in enumerate(runs):
        if can:
            needed = kept.union(*(i.operands for _, later in runs[n + 1 :] for i in later))
            instructions += kernel_of(run, needed)
            exact = exact and all(is_exact(i) for i in run)
        else:
            instructions += run
    return replace(program, instructions=instructions, exact=exact)


def length(program: Program) -> int:
    """Count the instructions of all kernels."""
    kernels = [i.function for i in program.instructions if isinstance(i.function, Kernel)]
    return sum(len(kernel.program.instructions) for kernel in kernels)


def alternating(instructions: Iterable[Instruction]) -> list[tuple[bool, list[Instruction]]]:
    """Order instructions into runs, as long as possible, of what can be compiled and cannot."""
    left = list(instructions)
    waiting = {out for i in left for out in i.outs}
    can, runs = True, []
    while left:
        run, rest = [], []
        for i in left:
            if is_compilable(i) is can and waiting.isdisjoint(i.operands):
                run.append(i)
                waiting.difference_update(i.outs)
            else:
                rest.append(i)
        if run:
            runs.append((can, run))
        can, left = not can, rest
    return runs


def kernel_of(run: list[Instruction], needed: set[Value]) -> list[Instruction]:
    """Make one instruction of a run; views that are needed elsewhere are made of its results."""
    views: list[Instruction] = []
    needed = set(needed)
    for i in reversed(run):
        if i.function in VIEWS and i.out in needed:
            views.insert(0, i)
            needed.add(i.args[0])
    used = {v for i in run for v in i.operands}
    inside = [i for i in run if i not in views or i.out in used]
    made = {i.out for i in inside}
    outs = [i.out for i in inside if i.out in needed and i.function not in VIEWS]
    given = dict.fromkeys(v for i in inside for v in i.operands if v not in made)
    inputs = [v for v in given if not isinstance(v.source, Constant)]
    if not outs:
        return run
    # The views that are needed elsewhere are made twice, by Values of their own in the kernel.
    kernel = Kernel(Program(inputs, [], inside, outs).copied())
    instruction = Instruction(kernel, tuple(inputs), {}, outs, form=list)
    for out in outs:
        out.source = instruction
    return [instruction, *views]


# ---- what can be compiled ------------------------------------------------------------------------


def is_compilable(i: Instruction) -> bool:  # noqa: PLR0911 (a kind of instruction a line)
    """Tell whether an instruction can be part of a kernel."""
    if len(i.outs) != 1 or i.form is not None or i.out.weak or raises(i):
        return False
    if not all(map(is_known, (*i.operands, i.out))) or not is_one_dtype(i):
        return False
    if i.function in VIEWS:
        return is_view(i)
    if i.function in REDUCTIONS:
        return (
            len(i.args) == 1 and i.args[0].shape != () and not set(i.params) - {"axis", "keepdims"}
        )
    if i.params:
        return False
    if i.function in (np.dot, np.matmul):
        plain = all(v.dtype == i.out.dtype and len(v.shape) == MATRIX for v in i.operands)
        return plain and len(i.operands) == len(i.args)
    return is_elementwise(i)


def raises(i: Instruction) -> bool:
    """Tell whether it was recorded where floating-point errors raise: compiled code does not."""
    return not {"raise", "call"}.isdisjoint((i.errors or {}).values())


def is_known(v: Value) -> bool:
    """Tell whether it is an array of numbers, or a number that never changes."""
    if number(v) is not None:
        return True
    return v.dtype.char in FLOATS + "?" and v.dtype.isnative and not v.weak and 0 not in v.shape


def is_one_dtype(i: Instruction) -> bool:
    """Tell whether all floating-point arrays that it reads have the dtype of the result."""
    if i.function is astype:
        return i.out.dtype.char in FLOATS
    if i.function in COMPARISONS:
        dtypes = {v.dtype.char for v in i.operands if not v.weak}
        dtypes |= {a.dtype.char for a in i.args if isinstance(a, np.generic)}
        return len(dtypes) == 1 and dtypes <= {*FLOATS}
    return {v.dtype.char for v in i.operands if number(v) is None} <= {i.out.dtype.char, "?"}


def is_view(i: Instruction) -> bool:
    """Tell whether NumPy would always return a view."""
    if len(i.operands) != 1 or not isinstance(i.args[0], Value):
        return False
    if i.function is np.reshape:
        maker = i.args[0].maker
        return not i.params and (maker is None or maker.function not in VIEWS)
    if i.function is getitem:
        index = i.args[1] if isinstance(i.args[1], tuple) else (i.args[1],)
        return all(x is None or x is ... or type(x) in (int, slice) for x in index)
    return True


def is_elementwise(i: Instruction) -> bool:
    """Tell whether it computes entry by entry, by a function that can be written."""
    given = [a for a in i.args if isinstance(a, Value) or number(a) is not None]
    if i.function is astype:
        return isinstance(i.args[0], Value)
    if i.function not in ELEMENTWISE or len(given) != len(i.args):
        return False
    kinds = [a.dtype.char == "?" if isinstance(a, Value) else type(a) is bool for a in given]
    if i.function in LOGIC:
        return all(kinds)
    if i.function in CHOICE:
        return len(kinds) == 3 and kinds[0] and i.out.dtype.char in FLOATS  # noqa: PLR2004
    return i.function in COMPARISONS or i.out.dtype.char in FLOATS


def is_exact(i: Instruction) -> bool:
    """Tell whether what is compiled gives NumPy's result to the last bit."""
    known = ARITHMETIC | COMPARISONS | LOGIC | CHOICE | CONVERSION
    return i.function in known or i.function in VIEWS or i.function in (np.max, np.min)


# ---- spelled out ---------------------------------------------------------------------------------


def spelled_out(i: Instruction) -> list[Instruction]:
    """Write what is one call for NumPy's sake as its parts, which are fused with others."""
    rule = PARTS.get(i.function)
    if rule is None or not i.operands or i.operands[0].dtype.char not in FLOATS:
        return [i]
    parts = Parts()
    last = rule(parts, *i.args, **i.params)
    if last is None or last.maker is None or (last.shape, last.dtype) != (i.out.shape, i.out.dtype):
        return [i]
    last.maker.outs, i.out.source = i.outs, last.maker
    return parts.instructions


class Parts:
    """The parts of a function, written as calls."""

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []

    def __call__(self, function: Callable[..., Any], *args: Any, **params: Any) -> Value:
        """Write a call."""
        given = [a for a in args if isinstance(a, Value)]
        shape = np.broadcast_shapes(*(v.shape for v in given))
        if function in REDUCTIONS:
            shape = np.sum(np.broadcast_to(0, shape), **params).shape
        dtype = bool if function in COMPARISONS or function in LOGIC else given[-1].dtype
        self.instructions.append(call(function, *args, shape=shape, dtype=dtype, **params))
        return self.instructions[-1].out


def half_sse(do: Parts, y: Value, t: Value) -> Value:
    """Sum squared errors and halve."""
    return do(np.multiply, 0.5, do(np.sum, do(np.square, do(np.subtract, y, t))))


def mean(do: Parts, x: Value, axis: Any = None, *, keepdims: bool = False) -> Value:
    """Divide a sum by the number of its terms."""
    total = do(np.sum, x, axis=axis, keepdims=keepdims)
    return do(np.divide, total, float(x.size // max(total.size, 1)))


def relu(do: Parts, x: Value) -> Value:
    """Clip negative entries to 0."""
    return do(np.maximum, x, 0.0)


def softplus(do: Parts, x: Value) -> Value:
    """Compute ``log(1 + exp(x))``."""
    tail = do(np.exp, do(np.negative, do(np.absolute, x)))
    return do(np.add, do(np.maximum, x, 0.0), do(np.log1p, tail))


def log_softmax(do: Parts, x: Value, axis: int = -1) -> Value:
    """Normalise log-probabilities."""
    top = do(np.nan_to_num, do(np.max, x, axis=axis, keepdims=True))
    x = do(np.subtract, x, top)
    return do(np.subtract, x, do(np.log, do(np.sum, do(np.exp, x), axis=axis, keepdims=True)))


def softmax(do: Parts, x: Value, axis: int = -1) -> Value:
    """Share 1 between the entries along an axis; the largest one is taken out before exp."""
    top = do(np.max, x, axis=axis, keepdims=True)
    is_known = do(np.logical_or, do(np.isfinite, top), do(np.greater, top, 0.0))
    is_top = do(np.logical_and, do(np.equal, x, top), is_known)
    e = do(np.exp, do(np.where, is_top, 0.0, do(np.subtract, x, top)))
    return do(np.divide, e, do(np.sum, e, axis=axis, keepdims=True))


def write(do: Parts, x: Value, index: Any, new: Any) -> Value | None:
    """Take what is written over the whole of an array."""
    whole = index is ... or index == (...,)
    fits = isinstance(new, Value) and (new.shape, new.dtype) == (x.shape, x.dtype)
    return do(np.positive, new) if whole and fits else None


def product(do: Parts, x: Value, y: Value) -> Value | None:
    """Sum rows or columns, where one factor is a vector of ones."""
    for ones, of, axis in ((x, y, 0), (y, x, 1)):
        if is_ones(ones) and len(of.shape) == MATRIX:
            maker = of.maker
            if maker is not None and maker.function is np.transpose and len(maker.args) == 1:
                return do(np.sum, maker.args[0], axis=1 - axis)
            return do(np.sum, of, axis=axis)
    return None


def is_ones(x: Any) -> bool:
    """Tell whether it is a constant vector of ones."""
    content = x.source.content if isinstance(x, Value) and isinstance(x.source, Constant) else None
    return isinstance(content, np.ndarray) and content.ndim == 1 and bool(np.all(content == 1))


PARTS: dict[Any, Callable[..., Value | None]] = {
    layers.half_sse.forward: half_sse,
    special.relu.forward: relu,
    special.softplus.forward: softplus,
    special.log_softmax.forward: log_softmax,
    special.softmax.forward: softmax,
    np.mean: mean,
    np.dot: product,
    written: write,
}
