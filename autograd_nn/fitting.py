"""Bringing derivatives to the shape and dtype of the values that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np

from autograd_nn.errors import InPlaceError, ShapeError

Value = Any  # an array, a NumPy scalar or a Tensor
SMALL = 1 << 14  # bytes up to which a seal is a copy


class Symbolic:
    """What stands for an array while a program is recorded (`autograd_nn.program`).

    It takes part in NumPy's protocols and has an array's shape and dtype, but no numbers that
    anyone may look at.  To the engine it is an array that nobody else can change.
    """

    __slots__ = ()


def owned(x: Any, dtype: Any = None) -> Value:
    """Make an array of `x` that nobody else holds."""
    if isinstance(x, Symbolic):
        return x.copy() if dtype is None else x.astype(dtype)  # type: ignore[attr-defined]
    return np.array(x, dtype)


class Form(NamedTuple):
    """What stays of a value whose buffer is gone."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


form = lru_cache(maxsize=1024)(Form)  # many values have the same: no object for each


class Several(tuple[Any, ...]):  # noqa: SLOT001 (it has a form)
    """What a function of several results returns, or its cotangents: None where one is not used.

    To the sweeps it is one value, with a shape and a dtype that never need mending.
    """

    shape, dtype, base = (), np.dtype(float), None
    form: Callable[[Iterable[Any]], tuple[Any, ...]] = tuple

    def __new__(cls, items: Iterable[Any]) -> Self:
        """Keep the type of a named tuple, to be restored when it is unpacked."""
        packed = super().__new__(cls, items)
        packed.form = getattr(items, "_make", tuple)
        return packed

    def __add__(self, other: Any) -> Several:
        pairs = zip(self, other, strict=True)
        return Several(b if a is None else a if b is None else a + b for a, b in pairs)


def fit(term: Value, shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> Value:
    """Bring a cotangent that a rule of `name` returned to the shape and dtype of its argument."""
    return cast(sum_to(term, shape, name), dtype)


def cast(term: Value, dtype: np.dtype[Any]) -> Value:
    """Convert to the dtype of a value; a real value moves along the real axis alone."""
    if term.dtype == dtype:
        return term
    if term.dtype.kind == "c" and dtype.kind != "c":
        term = np.real(term)
    return term if term.dtype == dtype else term.astype(dtype)


def sum_to(term: Value, shape: tuple[int, ...], name: str) -> Value:
    """Undo broadcasting: sum `term` over the axes along which `shape` was stretched."""
    if term.shape == shape:
        return term
    extra = term.ndim - len(shape)
    stretched = [extra + i for i, n in enumerate(shape) if n == 1]
    summed = term.sum(axis=(*range(extra), *stretched), keepdims=bool(stretched))
    if summed.shape[extra if stretched else 0 :] != shape:
        message = (
            f"a derivative rule of {name} returned shape {term.shape} for an "
            f"argument of shape {shape}; mend that rule"
        )
        raise ShapeError(message)
    return summed.reshape(shape)


def seal(array: Any) -> bytes:
    """Return bytes that are others when the array has changed.

    Of a small array they are its own.  A large one of floats is read once: each row, multiplied by
    random weights, gives a number.  A change that none of them shows is as small as the rounding
    of such a product, hence as that of what is computed from the array.
    """
    if array.nbytes <= SMALL or array.dtype.char not in "fdFD":
        found: bytes = array.tobytes()
        return found
    return array.dot(weights(array.shape[-1], array.dtype)).tobytes()  # type: ignore[no-any-return]


@lru_cache(maxsize=16)
def weights(n: int, dtype: Any) -> Value:
    """Draw the weights of a seal."""
    return np.random.default_rng(0).standard_normal(n).astype(dtype)


def check_seals(name: str, primals: Sequence[Value], seals: dict[int, bytes]) -> None:
    """Refuse to differentiate with arrays that their owner has changed since they were used."""
    for i, expected in seals.items():
        if seal(primals[i]) != expected:
            message = (
                f"{name}: argument {i}, an array, was changed after it was used, so the gradient "
                "would be that of other values; change a copy of it, or pass "
                "autograd_nn.Tensor(array), which keeps its own"
            )
            raise InPlaceError(message)
