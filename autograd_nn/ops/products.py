"""Matrix products and their generalisations: linear in each factor."""

from functools import cache
from math import prod
from string import ascii_letters
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_nn.errors import ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.indexing import scatter
from autograd_nn.primitive import Primitive, record
from autograd_nn.table import composite, linear


def left(v: Value, _z: Value, x: Value, y: Value) -> Value:
    """Carry `v` back to the left factor: ``v @ y.T``, and its forms for vectors."""
    if y.ndim == 1:
        return np.expand_dims(v, -1) * y
    if x.ndim == 1:
        v = np.expand_dims(v, -2)
    return v @ np.swapaxes(y, -1, -2)


def right(v: Value, _z: Value, x: Value, y: Value) -> Value:
    """Carry `v` back to the right factor: ``x.T @ v``, and its forms for vectors."""
    if x.ndim == 1:
        return x * v if y.ndim == 1 else np.expand_dims(x, -1) * np.expand_dims(v, -2)
    if y.ndim == 1:
        return np.squeeze(np.swapaxes(x, -1, -2) @ np.expand_dims(v, -1), -1)
    return np.swapaxes(x, -1, -2) @ v


matmul = linear(
    np.matmul,
    left,
    right,
    hint="The last axis of the first must be as long as the last but one of the second: "
    "transpose or reshape one of them.",
)


@composite(np.dot)
def dot(a: Value, b: Value) -> Value:
    """Multiply as np.dot does: over the last axis of `a` and the last but one of `b`."""
    a, b = (x if hasattr(x, "ndim") else np.asarray(x) for x in (a, b))
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if b.ndim <= 2:  # noqa: PLR2004
        return a @ b
    return np.tensordot(a, b, axes=(-1, -2))


@composite(np.inner)
def inner(a: Value, b: Value) -> Value:
    """Sum products over the last axes of `a` and `b`."""
    a, b = (x if hasattr(x, "ndim") else np.asarray(x) for x in (a, b))
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return np.tensordot(a, b, axes=(-1, -1))


@composite(np.trace)
def trace(a: Value) -> Value:
    """Sum the main diagonal of the first two axes."""
    n = min(np.shape(a)[:2])
    return np.einsum("ii...->...", a[:n, :n])


@composite(np.outer)
def outer(a: Value, b: Value) -> Value:
    """Multiply every entry of `a` with every entry of `b`, both flattened."""
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


@composite(np.tensordot)
def tensordot(a: Value, b: Value, axes: Any = 2) -> Value:
    """Sum products over the paired axes of `a` and `b`, as one matrix product."""
    shape_a, shape_b = np.shape(a), np.shape(b)
    pairs = axes if np.iterable(axes) else (range(-axes, 0), range(axes))
    try:
        in_a, in_b = (
            normalize_axis_tuple(p, len(s)) for p, s in zip(pairs, (shape_a, shape_b), strict=True)
        )
    except ValueError as error:
        message = f"tensordot: axes={axes!r} do not fit shapes {shape_a} and {shape_b}: {error}"
        raise ShapeError(message) from error
    if [shape_a[i] for i in in_a] != [shape_b[j] for j in in_b]:
        message = (
            f"tensordot: axes {in_a} of shape {shape_a} cannot be paired with axes {in_b} of "
            f"shape {shape_b}; paired axes must be equally long"
        )
        raise ShapeError(message)
    of_a, of_b = ([i for i in range(np.ndim(x)) if i not in p] for x, p in ((a, in_a), (b, in_b)))
    rows, columns = [shape_a[i] for i in of_a], [shape_b[j] for j in of_b]
    terms = prod(shape_a[i] for i in in_a)
    left_factor = np.reshape(np.transpose(a, (*of_a, *in_a)), (prod(rows), terms))
    right_factor = np.reshape(np.transpose(b, (*in_b, *of_b)), (terms, prod(columns)))
    return np.reshape(left_factor @ right_factor, (*rows, *columns))


@composite(np.einsum)
def einsum(subscripts: str, *operands: Value) -> Value:
    """Sum products by named axes (implicit output, ellipsis and repeated names included)."""
    if not isinstance(subscripts, str):
        message = (
            "einsum: give the subscripts as a string, such as 'ij,jk->ik'; sublists have no rule"
        )
        raise TypeError(message)
    terms, output = explicit(subscripts.replace(" ", ""), tuple(map(np.ndim, operands)))
    return record(contraction(terms, output), operands)


def explicit(subscripts: str, ranks: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """Name every axis: spell out the output and what ``...`` stands for."""
    inputs, arrow, output = subscripts.partition("->")
    terms = inputs.split(",")
    if not arrow:
        names = inputs.replace(",", "").replace(".", "")
        output = ("..." if "..." in inputs else "") + "".join(
            sorted(s for s in set(names) if names.count(s) == 1)
        )
    if "..." not in inputs:
        return tuple(terms), output
    widths = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=False)]
    spare = [s for s in ascii_letters if s not in subscripts]
    dots = "".join(spare[: max(widths)])
    spelled = [
        term.replace("...", dots[len(dots) - n :]) for term, n in zip(terms, widths, strict=False)
    ]
    return tuple(spelled), output.replace("...", dots)


@cache
def contraction(terms: tuple[str, ...], output: str) -> Primitive:
    """Build the primitive for one einsum: its transpose is another einsum."""

    def einsum(*operands: Value) -> Value:
        return np.einsum(f"{','.join(terms)}->{output}", *operands)

    def vjp(i: int) -> Any:
        given = [output, *terms[:i], *terms[i + 1 :]]
        names = "".join(dict.fromkeys(terms[i]))  # each once: an output cannot repeat a name
        kept = "".join(s for s in names if any(s in term for term in given))
        lone = tuple(axis for axis, s in enumerate(names) if s not in kept)

        def rule(v: Value, _z: Value, *operands: Value) -> Value:
            shape = operands[i].shape
            lengths = dict(zip(terms[i], shape, strict=True))
            others = [*operands[:i], *operands[i + 1 :]]
            summed = np.einsum(f"{','.join(given)}->{kept}", v, *others)
            wide = np.expand_dims(summed, lone)
            wide = np.broadcast_to(
                wide, np.broadcast_shapes(wide.shape, tuple(lengths[s] for s in names))
            )
            if names == terms[i]:
                return wide
            grid = dict(zip(names, np.ix_(*(np.arange(lengths[s]) for s in names)), strict=True))
            return scatter(wide, index=tuple(grid[s] for s in terms[i]), shape=shape)

        return rule

    def jvp(i: int) -> Any:
        return lambda v, _z, *xs: einsum_of(*xs[:i], v, *xs[i + 1 :])

    places = range(len(terms))
    einsum_of = Primitive(einsum, [vjp(i) for i in places], [jvp(i) for i in places])
    return einsum_of
