"""np.einsum in all its spellings: its transposes are einsums again."""

from functools import cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Any

import numpy as np

from autograd_nn.errors import DtypeError, ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import valued
from autograd_nn.ops.indexing import scatter
from autograd_nn.primitive import Primitive, record
from autograd_nn.table import composite, constant

LABELS = ascii_uppercase + ascii_lowercase  # of 0, 1, ... in sublists, in NumPy's order


@composite(np.einsum)
def einsum(
    *operands: Any,
    optimize: Any = False,
    dtype: Any = None,
    order: Any = "K",
    casting: Any = "safe",
) -> Value:
    """Sum products by named axes (implicit output, ellipsis and repeated names included)."""
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        message = f"einsum: dtype={dtype!r} has no derivative; give a floating one"
        raise DtypeError(message)
    subscripts, arrays = parsed(operands)
    terms, output = explicit(subscripts, tuple(a.ndim for a in arrays))
    if len(terms) != len(arrays):
        message = (
            f"einsum: the subscripts {subscripts!r} name {len(terms)} operands, but "
            f"{len(arrays)} were given"
        )
        raise ShapeError(message)
    path = optimize if isinstance(optimize, bool | str) else tuple(optimize)
    given = {"optimize": path, "dtype": dtype, "order": order, "casting": casting}
    usual = {"optimize": False, "dtype": None, "order": "K", "casting": "safe"}
    options = tuple((k, v) for k, v in given.items() if v != usual[k])
    return record(contraction(terms, output, options), arrays)


def parsed(operands: tuple[Any, ...]) -> tuple[str, list[Value]]:
    """Read ``"ij,jk", a, b`` or ``a, [0, 1], b, [1, 2], [0, 2]`` as subscripts and arrays."""
    if isinstance(operands[0], str):
        return operands[0].replace(" ", ""), [valued(a) for a in operands[1:]]
    *pairs, output = (*operands, None) if len(operands) % 2 == 0 else operands
    inputs = ",".join(map(named, pairs[1::2]))
    subscripts = inputs if output is None else f"{inputs}->{named(output)}"
    return subscripts, [valued(a) for a in pairs[::2]]


def named(sublist: Any) -> str:
    """Spell a sublist of numbers in letters."""
    return "".join("..." if label is ... else LABELS[label] for label in sublist)


def explicit(subscripts: str, ranks: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """Name every axis: spell out the output and what ``...`` stands for."""
    inputs, arrow, output = subscripts.partition("->")
    terms = inputs.split(",")
    if not arrow:
        names = inputs.replace(",", "").replace(".", "")
        output = ("..." if "..." in inputs else "") + "".join(
            sorted(s for s in set(names) if names.count(s) == 1)
        )
    if "..." not in subscripts:
        return tuple(terms), output
    widths = [
        rank - len(term.replace("...", "")) if "..." in term else 0
        for term, rank in zip(terms, ranks, strict=False)
    ]
    if max(widths) and "..." not in output:
        message = f"einsum: the output of {subscripts!r} lacks the axes that ... stands for"
        raise ShapeError(message)
    spare = [s for s in ascii_letters if s not in subscripts]
    dots = "".join(spare[: max(widths)])
    spelled = [
        term.replace("...", dots[len(dots) - n :]) for term, n in zip(terms, widths, strict=False)
    ]
    return tuple(spelled), output.replace("...", dots)


@cache
def contraction(
    terms: tuple[str, ...], output: str, options: tuple[tuple[str, Any], ...] = ()
) -> Primitive:
    """Build the primitive for one einsum: its transpose is another einsum."""
    optimize = bool(dict(options).get("optimize", False))  # a path is no other einsum's

    def einsum(*operands: Value) -> Value:
        return np.einsum(f"{','.join(terms)}->{output}", *operands, **dict(options))

    def vjp(i: int) -> Any:
        given = [output, *terms[:i], *terms[i + 1 :]]
        names = "".join(dict.fromkeys(terms[i]))  # each once: an output cannot repeat a name
        kept = "".join(s for s in names if any(s in term for term in given))
        lone = tuple(axis for axis, s in enumerate(names) if s not in kept)

        def rule(v: Value, _z: Value, *operands: Value) -> Value:
            shape = operands[i].shape
            lengths = dict(zip(terms[i], shape, strict=True))
            others = [*operands[:i], *operands[i + 1 :]]
            summed = np.einsum(f"{','.join(given)}->{kept}", v, *others, optimize=optimize)
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


constant(np.einsum_path)
