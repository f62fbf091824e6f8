"""Python's operators and NumPy's methods, spelled in primitives."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import wraps
from operator import index
from typing import Any, Self, SupportsIndex

import numpy as np
from numpy.typing import DTypeLike

from autograd_nn.errors import DetachError
from autograd_nn.fitting import Symbolic, owned
from autograd_nn.ops import (
    choosing,
    complexes,
    elementwise as ew,
    indexing,
    products,
    reductions,
    shaping,
)
from autograd_nn.primitive import record
from autograd_nn.traced import Boxed, Traced, active, box, guard, recording, settled

ARRAYS: Any = (np.ndarray, np.generic, Symbolic)
CONTAINERS: Any = (list, tuple, type({}.values()))
on_tensors: Any = np  # NumPy's functions take Tensors, which its type stubs do not know


def method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a method of a NumPy function, whose first argument is the Tensor."""

    @wraps(function)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    call.__doc__ = f"Apply np.{function.__name__}."
    return call


def compress(a: Any, condition: Any, axis: Any = None, out: Any = None) -> Any:
    """Pick the slices along `axis` where the condition holds."""
    return np.compress(condition, a, axis, out)


def choose(a: Any, *choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    """Choose by number; the choices may stand in a list or one by one."""
    return np.choose(a, choices[0] if len(choices) == 1 else choices, out, mode)


class ArraySyntax(Traced):
    """What can be written with a Tensor as with an array, each a line."""

    __slots__ = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return tuple(self.value.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the entries."""
        dtype: np.dtype[Any] = self.value.dtype
        return dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return int(self.value.ndim)

    @property
    def size(self) -> int:
        """Number of entries."""
        return int(self.value.size)

    @property
    def itemsize(self) -> int:
        """Bytes of an entry."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all entries."""
        return self.size * self.itemsize

    # ---- operators -----------------------------------------------------------------------

    __hash__ = object.__hash__

    def __add__(self, other: Any) -> Self:
        return record(ew.add, (self, other))

    def __radd__(self, other: Any) -> Self:
        return record(ew.add, (other, self))

    def __sub__(self, other: Any) -> Self:
        return record(ew.subtract, (self, other))

    def __rsub__(self, other: Any) -> Self:
        return record(ew.subtract, (other, self))

    def __mul__(self, other: Any) -> Self:
        return record(ew.multiply, (self, other))

    def __rmul__(self, other: Any) -> Self:
        return record(ew.multiply, (other, self))

    def __truediv__(self, other: Any) -> Self:
        return record(ew.divide, (self, other))

    def __rtruediv__(self, other: Any) -> Self:
        return record(ew.divide, (other, self))

    def __pow__(self, other: Any) -> Self:
        if type(other) is int and other == 2:  # noqa: PLR2004 (by far the most frequent power)
            return record(ew.square, (self,))
        return record(ew.power, (self, other))

    def __rpow__(self, other: Any) -> Self:
        return record(ew.power, (other, self))

    def __matmul__(self, other: Any) -> Self:
        return record(products.matmul, (self, other))

    def __rmatmul__(self, other: Any) -> Self:
        return record(products.matmul, (other, self))

    def __mod__(self, other: Any) -> Self:
        return record(ew.remainder, (self, other))

    def __rmod__(self, other: Any) -> Self:
        return record(ew.remainder, (other, self))

    def __floordiv__(self, other: Any) -> Self:
        return record(ew.floor_divide, (self, other))

    def __rfloordiv__(self, other: Any) -> Self:
        return record(ew.floor_divide, (other, self))

    def __divmod__(self, other: Any) -> tuple[Self, Self]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Self, Self]:
        return other // self, other % self

    def __neg__(self) -> Self:
        return record(ew.negative, (self,))

    def __pos__(self) -> Self:
        return record(ew.positive, (self,))

    def __abs__(self) -> Self:
        return record(complexes.absolute, (self,))

    def __lt__(self, other: Any) -> Self:
        return evaluate(type(self), np.less, self, other)

    def __le__(self, other: Any) -> Self:
        return evaluate(type(self), np.less_equal, self, other)

    def __gt__(self, other: Any) -> Self:
        return evaluate(type(self), np.greater, self, other)

    def __ge__(self, other: Any) -> Self:
        return evaluate(type(self), np.greater_equal, self, other)

    def __eq__(self, other: object) -> Self:  # type: ignore[override]
        return evaluate(type(self), np.equal, self, other)

    def __ne__(self, other: object) -> Self:  # type: ignore[override]
        return evaluate(type(self), np.not_equal, self, other)

    def __and__(self, other: Any) -> Self:
        return evaluate(type(self), np.bitwise_and, self, other)

    def __or__(self, other: Any) -> Self:
        return evaluate(type(self), np.bitwise_or, self, other)

    def __xor__(self, other: Any) -> Self:
        return evaluate(type(self), np.bitwise_xor, self, other)

    def __invert__(self) -> Self:
        return evaluate(type(self), np.bitwise_not, self)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __lshift__(self, other: Any) -> Self:
        return evaluate(type(self), np.left_shift, self, other)

    def __rlshift__(self, other: Any) -> Self:
        return evaluate(type(self), np.left_shift, other, self)

    def __rshift__(self, other: Any) -> Self:
        return evaluate(type(self), np.right_shift, self, other)

    def __rrshift__(self, other: Any) -> Self:
        return evaluate(type(self), np.right_shift, other, self)

    def number(self) -> Any:
        """Return the value to Python; where its derivative is lost, say so."""
        if self.node is not None and recording.get():
            message = (
                "a tensor that requires a gradient became a Python number, which has none: use "
                "NumPy's functions (np.sin, not math.sin), build arrays with np.stack, or say "
                "t.item() if the number is all that is wanted"
            )
            if active.get():  # inside a function that is being differentiated
                raise DetachError(message)
            warnings.warn(message, stacklevel=3)
        return self.value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return float(self.number())

    def __int__(self) -> int:
        return int(self.number())

    def __complex__(self) -> complex:
        return complex(self.number())

    def __index__(self) -> int:
        return index(self.number())

    def __len__(self) -> int:
        if self.ndim == 0:
            message = "len() of a 0-d tensor: it has no axis to count"
            raise TypeError(message)
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        if self.ndim == 0:
            message = "a 0-d tensor cannot be iterated over: it has no axis"
            raise TypeError(message)
        return (self[i] for i in range(len(self)))

    def __contains__(self, item: Any) -> bool:
        return bool(np.any(unwrap(self) == unwrap(item)))

    def __getitem__(self, index: Any) -> Self:
        return record(indexing.getitem, (self,), {"index": plain_index(index)})

    # ---- methods -------------------------------------------------------------------------

    @property
    def T(self) -> Self:  # noqa: N802 (NumPy's name)
        """The Tensor with its axes in reverse order."""
        return self.transpose()

    @property
    def mT(self) -> Self:  # noqa: N802 (NumPy's name)
        """The Tensor with its last two axes swapped."""
        return self.swapaxes(-1, -2)

    def reshape(self, *shape: Any, order: Any = "C", copy: bool | None = None) -> Self:
        """Arrange the entries in another shape."""
        wanted = shape[0] if len(shape) == 1 else shape
        if order == "C" and copy is None:
            return record(shaping.reshape, (self,), {"shape": wanted})
        arranged: Self = shaping.any_reshape(self, wanted, order, copy=copy)
        return arranged

    def transpose(self, *axes: Any) -> Self:
        """Permute the axes; without arguments, reverse them."""
        order = axes[0] if len(axes) == 1 else axes or None
        return record(shaping.transpose, (self,), {"axes": order})

    def swapaxes(self, axis1: SupportsIndex, axis2: SupportsIndex) -> Self:
        """Exchange two axes."""
        return record(shaping.swapaxes, (self,), {"axis1": axis1, "axis2": axis2})

    def squeeze(self, axis: Any = None) -> Self:
        """Drop axes of length 1."""
        return record(shaping.squeeze, (self,), {"axis": axis})

    def copy(self, order: str = "C") -> Self:
        """Return a Tensor of its own buffer, still in the graph."""
        return record(shaping.copy, (self,), {"order": order})

    def flatten(self, order: str = "C") -> Self:
        """Return a flat Tensor of its own buffer."""
        flat: Self = on_tensors.ravel(self, order).copy()
        return flat

    def astype(
        self,
        dtype: DTypeLike,
        order: Any = "K",
        casting: Any = "unsafe",
        subok: bool = True,  # noqa: FBT001, FBT002, ARG002 (it is about subclasses of ndarray)
        copy: bool = True,  # noqa: FBT001, FBT002 (NumPy's signature)
    ) -> Self:
        """Convert to another dtype; gradients flow back between floating dtypes."""
        wanted = np.dtype(dtype)
        if (order, casting) != ("K", "unsafe"):
            np.empty(0, self.dtype).astype(wanted, order, casting)  # NumPy's own checks
        if not copy and wanted == self.dtype:
            return self
        if wanted.kind not in "fc":
            return evaluate(type(self), self.value.astype, wanted, order)
        converted: Self = record(shaping.astype, (self,), {"dtype": wanted})
        return converted if order == "K" else converted.copy(order)

    def clip(
        self,
        min: Any = None,  # noqa: A002 (NumPy's names)
        max: Any = None,  # noqa: A002
        out: Any = None,
        **more: Any,
    ) -> Self:
        """Limit the entries to [min, max]."""
        if out is None and not more:
            clipped: Self = choosing.clip(self, min, max)
        else:
            clipped = on_tensors.clip(self, min, max, out=out, **more)
        return clipped

    def sum(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,  # noqa: FBT001, FBT002 (NumPy's signature)
        *more: Any,
        **named: Any,
    ) -> Self:
        """Sum the entries along `axis`: None (all), one or several."""
        if dtype is None and out is None and not more and not named:
            return record(reductions.sum, (self,), {"axis": axis, "keepdims": keepdims})
        result: Self = on_tensors.sum(self, axis, dtype, out, keepdims, *more, **named)
        return result

    def mean(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,  # noqa: FBT001, FBT002
        **named: Any,
    ) -> Self:
        """Average the entries along `axis`: None (all), one or several."""
        if dtype is None and out is None and not named:
            return record(reductions.mean, (self,), {"axis": axis, "keepdims": keepdims})
        result: Self = on_tensors.mean(self, axis, dtype, out, keepdims, **named)
        return result

    @property
    def real(self) -> Self:
        """The real parts, a Tensor of its own."""
        part: Self = on_tensors.real(self)
        return part

    @property
    def imag(self) -> Self:
        """The imaginary parts, a Tensor of its own."""
        part: Self = on_tensors.imag(self)
        return part

    # The rest are NumPy's functions of the same name.
    all, any, max, min = method(np.all), method(np.any), method(np.max), method(np.min)
    argmax, argmin = method(np.argmax), method(np.argmin)
    argsort, argpartition = method(np.argsort), method(np.argpartition)
    conj, conjugate = method(np.conj), method(np.conjugate)
    choose, compress, diagonal = method(choose), method(compress), method(np.diagonal)
    cumprod, cumsum, dot = method(np.cumprod), method(np.cumsum), method(np.dot)
    nonzero, searchsorted = method(np.nonzero), method(np.searchsorted)
    prod, std, var = method(np.prod), method(np.std), method(np.var)
    ravel, repeat, round = method(np.ravel), method(np.repeat), method(np.round)
    take, trace = method(np.take), method(np.trace)


def unwrap(x: Any, *, guarded: bool = False) -> Any:
    """Replace Tensors by their arrays (read-only ones if guarded), inside containers too."""
    if isinstance(x, Traced):
        return guard(x.value) if guarded else x.value
    if type(x) in (list, tuple):
        return type(x)(unwrap(item, guarded=guarded) for item in x)
    if isinstance(x, dict):
        return {k: unwrap(v, guarded=guarded) for k, v in x.items()}
    return x


def is_tracked(x: Any) -> bool:
    """Tell whether a gradient has to flow back to `x`, or to a Tensor inside it."""
    if isinstance(x, Traced):
        return x.node is not None and recording.get()
    if isinstance(x, dict):
        x = x.values()
    return isinstance(x, CONTAINERS) and any(map(is_tracked, x))


def evaluate(
    kind: type[Boxed], function: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Boxed:
    """Run NumPy on the bare arrays and remember nothing: the results are constants.

    Only ufuncs are trusted to return arrays of their own and to leave their inputs alone.
    """
    trusted = isinstance(function, np.ufunc)
    result = function(*unwrap(args, guarded=not trusted), **unwrap(kwargs, guarded=not trusted))
    constant: Boxed = constant_of(kind, result, copy=not trusted)
    return constant


def constant_of(kind: type[Traced], result: Any, *, copy: bool) -> Any:
    """Wrap arrays as Tensors without history, inside lists and tuples too."""
    if isinstance(result, ARRAYS) and result.dtype.kind in "biufc":
        return box(kind, settled(owned(result)) if copy else result)
    if isinstance(result, list | tuple):
        items = [constant_of(kind, item, copy=copy) for item in result]
        return type(result)(*items) if hasattr(result, "_fields") else type(result)(items)
    return result


def plain_index(index: Any) -> Any:
    """Turn what picks entries in an index into arrays of its own, which nobody else can change."""
    return tuple(map(picks, index)) if isinstance(index, tuple) else picks(index)


def picks(part: Any) -> Any:
    """Make an array of one part of an index, unless it is a slice, a number, None or ``...``."""
    part = part.value if isinstance(part, Traced) else part
    if part is None or part is ... or isinstance(part, slice | int | np.generic | Symbolic):
        return part
    chosen = np.array(part)
    return chosen if chosen.size or isinstance(part, np.ndarray) else chosen.astype(np.intp)
