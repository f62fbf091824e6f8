"""Matrix products and their generalisations: linear in each factor."""

from functools import cache
from string import ascii_letters
from typing import Any

import numpy as np

from autograd_nn.primitive import Primitive, Value, composite, linear


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
        return np.expand_dims(x, -1) * (v if y.ndim == 1 else np.expand_dims(v, -2))
    if y.ndim == 1:
        return np.swapaxes(x, -1, -2) @ np.expand_dims(v, -1)
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
    """Multiply scalars, vectors and matrices; of more axes, the last of `a` and last but one of `b`."""
    a, b = (x if hasattr(x, "ndim") else np.asarray(x) for x in (a, b))
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if b.ndim <= 2:  # noqa: PLR2004
        return a @ b
    return np.tensordot(a, b, axes=(-1, -2))


@composite(np.outer)
def outer(a: Value, b: Value) -> Value:
    """Multiply every entry of `a` with every entry of `b`, both flattened."""
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


@composite(np.tensordot)
def tensordot(a: Value, b: Value, axes: Any = 2) -> Value:
    """Sum products over the paired axes of `a` and `b`."""
    n, m = np.ndim(a), np.ndim(b)
    first, second = axes if np.iterable(axes) else (range(n - axes, n), range(axes))
    first, second = (tuple(s) if np.iterable(s) else (s,) for s in (first, second))
    names = iter(ascii_letters)
    in_a, in_b = [[next(names) for _ in range(k)] for k in (n, m)]
    for i, j in zip(first, second, strict=True):
        in_b[j] = in_a[i]
    paired = {in_a[i] for i in first}
    kept = [s for s in (*in_a, *in_b) if s not in paired]
    return np.einsum(f"{''.join(in_a)},{''.join(in_b)}->{''.join(kept)}", a, b)


@composite(np.einsum)
def einsum(subscripts: str, *operands: Value) -> Value:
    """Sum products by named axes (implicit output, ellipsis and repeated names included)."""
    if not isinstance(subscripts, str):
        message = (
            "einsum: give the subscripts as a string, such as 'ij,jk->ik'; sublists have no rule"
        )
        raise TypeError(message)
    ranks = tuple(np.ndim(x) for x in operands)
    terms, output, diagonals = explicit(subscripts.replace(" ", ""), ranks)
    eyes = [np.eye(operands[i].shape[axis], dtype=operands[i].dtype) for i, axis in diagonals]
    return contraction(tuple(terms), output)(*operands, *eyes)


def explicit(
    subscripts: str, ranks: tuple[int, ...]
) -> tuple[list[str], str, list[tuple[int, int]]]:
    """Name every axis once: spell out the output and ``...``, and turn repeats into identities.

    ``ii`` becomes ``ij,ij`` with an identity matrix as the second operand, which keeps einsum
    linear in operands whose own names are distinct.  Returns the terms, the output and, for
    each identity, the operand and axis that give its size.
    """
    inputs, arrow, output = subscripts.partition("->")
    terms = inputs.split(",")
    spare = [s for s in ascii_letters if s not in subscripts]
    widths = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True)]
    dots = "".join(spare.pop() for _ in range(max(widths, default=0)))
    if not arrow:
        names = inputs.replace(",", "").replace(".", "")
        output = ("..." if "..." in inputs else "") + "".join(
            sorted(s for s in set(names) if names.count(s) == 1)
        )
    output = output.replace("...", dots)
    diagonals = []
    for i, (term, width) in enumerate(zip(list(terms), widths, strict=True)):
        names = list(term.replace("...", dots[len(dots) - width :]))
        for axis, name in enumerate(names):
            if name in names[:axis]:
                names[axis] = spare.pop()
                diagonals.append((i, axis))
                terms.append(name + names[axis])
        terms[i] = "".join(names)
    return terms, output, diagonals


@cache
def contraction(terms: tuple[str, ...], output: str) -> Primitive:
    """Build the primitive for one einsum: its transpose is another einsum."""

    def einsum(*operands: Value) -> Value:
        return np.einsum(f"{','.join(terms)}->{output}", *operands)

    def vjp(i: int) -> Any:
        def rule(v: Value, _z: Value, *operands: Value) -> Value:
            others = [*operands[:i], *operands[i + 1 :]]
            given = [output, *terms[:i], *terms[i + 1 :]]
            kept = "".join(s for s in terms[i] if any(s in term for term in given))
            summed = np.einsum(f"{','.join(given)}->{kept}", v, *others)
            lone = [axis for axis, s in enumerate(terms[i]) if s not in kept]
            return np.broadcast_to(np.expand_dims(summed, tuple(lone)), operands[i].shape)

        return rule

    def jvp(i: int) -> Any:
        return lambda v, _z, *xs: np.einsum(
            f"{','.join(terms)}->{output}", *xs[:i], v, *xs[i + 1 :]
        )

    places = range(len(terms))
    return Primitive(einsum, [vjp(i) for i in places], [jvp(i) for i in places])
