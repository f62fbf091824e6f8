"""Symbol: what stands for an array while a program is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakSet

import numpy as np

from autograd_nn.fitting import Symbolic
from autograd_nn.program.functions import astype, getitem, writing, written
from autograd_nn.program.ir import Example, Value
from autograd_nn.traced import Traced

on_symbols: Any = np  # NumPy's functions take Symbols, which its type stubs do not know
STATIC = {  # functions of shapes and dtypes, which a program's values always have
    *(np.shape, np.ndim, np.size, np.result_type, np.common_type, np.can_cast),
    *(np.iscomplexobj, np.isrealobj, np.may_share_memory, np.shares_memory),
}
LIKE = {np.zeros_like, np.ones_like, np.empty_like, np.full_like}
WRITERS = {np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis}
SHOWN = {np.array2string, np.array_repr, np.array_str}


class Symbol(Symbolic):
    """A duck of an array: every NumPy call on it is computed on an example and written down.

    Nothing that depends on its entries can reach Python: a truth value, ``float()`` or
    ``np.asarray`` raise TraceError.

    Writing in place lets the Symbol stand for a new Value.  Of views, `base` is the Symbol whose
    memory it shows, and `remake` makes it again of its source when that has been written to.
    """

    __slots__ = (
        *("tracer", "current", "example", "base", "source", "remake"),
        *("version", "seen", "views", "index", "__weakref__"),
    )

    def __init__(self, tracer: Any, value: Value, example: Example) -> None:
        self.tracer, self.current, self.example = tracer, value, example
        self.base: Symbol | None = None
        self.source: Symbol | None = None
        self.remake: Callable[[Symbol], Symbol] | None = None
        self.index: Any = None  # of a view by basic indexing
        self.version = self.seen = 0
        self.views: WeakSet[Symbol] = WeakSet()

    # ---- what it stands for ------------------------------------------------------------------

    def show(self, source: Symbol, remake: Callable[[Symbol], Symbol], index: Any) -> None:
        """Be a view of `source`."""
        self.source, self.remake, self.index, self.seen = source, remake, index, source.version
        self.base = source.base if source.base is not None else source
        source.views.add(self)

    def refresh(self) -> None:
        """Make a view again whose source has been written to."""
        if self.source is not None and self.remake is not None:
            self.source.refresh()
            if self.seen != self.source.version:
                fresh = self.remake(self.source)
                self.current, self.example = fresh.current, fresh.example
                self.version, self.seen = self.version + 1, self.source.version

    @property
    def value(self) -> Value:
        """The Value that it stands for now."""
        self.refresh()
        return self.current

    def become(self, new: Symbol) -> None:
        """Stand for what was written; through a view, write to what it shows."""
        self.refresh()
        if self.source is not None:
            if self.index is None:
                self.tracer.refuse(
                    "writes through a view that is not an index of an array",
                    "write x[index] = value",
                )
            self.source.become(self.source.tracer.emit(written, (self.source, *self.index, new)))
            self.seen = self.source.version
        self.current, self.example = new.value, new.example
        self.version += 1

    # ---- what is known of it -----------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return np.shape(self.example)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the entries."""
        return self.current.dtype

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: int(np.size(self.example)))
    nbytes = property(lambda self: self.size * self.dtype.itemsize)
    itemsize = property(lambda self: self.dtype.itemsize)
    strides = property(lambda self: np.asarray(self.example).strides)
    flags = property(lambda self: np.asarray(self.example).flags)

    def __len__(self) -> int:
        if not self.shape:
            message = "len() of unsized object"
            raise TypeError(message)
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<recorded {self.dtype} array of shape {self.shape}>"

    # ---- what nobody may know ----------------------------------------------------------------

    def __bool__(self) -> bool:
        refused: bool = self.tracer.refuse(
            "asks whether a value is true",
            "choose between two results with np.where, or leave the function eager",
        )
        return refused

    def number(self, *_args: Any, **_params: Any) -> Any:
        """Refuse to become a Python number or a plain array."""
        self.tracer.refuse(
            "takes a value out as a Python number or a plain array",
            "keep to NumPy's functions of it, return it, take entries of a plain array as "
            "Tensor(array)[it], or leave the function eager",
        )

    __float__ = __int__ = __complex__ = __index__ = __array__ = number
    item = tolist = tobytes = dump = dumps = tofile = __contains__ = number

    # ---- NumPy -------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **params: Any) -> Any:
        targets = params.pop("out", ())
        if any(isinstance(x, Traced) for x in (*inputs, *targets)):
            return NotImplemented
        if method == "at":
            return self.tracer.write(writing(ufunc.at), inputs, params)
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if targets and params.get("where", True) is not True:
            params["out"] = targets[0]
            result = self.tracer.emit(into, (function, inputs), params)
        else:
            result = self.tracer.emit(function, inputs, params)
        return self.tracer.deliver(result, targets) if targets else result

    def __array_function__(self, function: Any, types: Any, args: Any, params: Any) -> Any:
        tracer, out = self.tracer, params.get("out")
        result: Any
        if any(issubclass(kind, Traced) for kind in types):
            result = NotImplemented
        elif function in STATIC:
            result = function(*tracer.examples(args), **tracer.examples(params))
        elif function in SHOWN:
            result = repr(self)
        elif function in LIKE and not tracer.has_symbol((args[1:], params)):
            result = tracer.constant(function(*tracer.examples(args), **params))
        elif function in WRITERS:
            result = tracer.write(writing(function), args, params)
        elif out is not None:
            result = tracer.emit(function, args, {k: v for k, v in params.items() if k != "out"})
            result = tracer.deliver(result, (out,))
        else:
            result = tracer.emit(function, args, params)
        return result

    # ---- syntax ------------------------------------------------------------------------------

    __hash__ = object.__hash__

    def __getitem__(self, index: Any) -> Any:
        if self.tracer.is_whole(index, self):
            return self
        return self.tracer.emit(getitem, (self, index))

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(value, Traced):
            value = value.value
        if value is not self:  # after ``x[i] += y``, which has been written already
            self.become(self.tracer.emit(written, (self, index, value)))

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __copy__(self) -> Symbol:
        return self.copy()

    def __deepcopy__(self, _memo: Any) -> Symbol:
        return self.copy()

    def copy(self, order: str = "C") -> Symbol:  # noqa: ARG002
        """Stand for the same value: nobody writes to that."""
        return Symbol(self.tracer, self.value, self.example)

    def astype(self, dtype: Any, *_args: Any, copy: bool = True, **_params: Any) -> Symbol:
        """Convert to a dtype."""
        if np.dtype(dtype) == self.dtype and not self.value.weak:
            return self.copy() if copy else self
        converted: Symbol = self.tracer.emit(astype, (self, np.dtype(dtype)))
        return converted

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """Arrange the entries in another shape."""
        params = {} if order == "C" else {"order": order}
        return on_symbols.reshape(self, shape[0] if len(shape) == 1 else shape, **params)

    def transpose(self, *axes: Any) -> Any:
        """Permute the axes."""
        return on_symbols.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    def flatten(self, order: str = "C") -> Any:
        """Lay out flat."""
        return on_symbols.ravel(self, order).copy()

    def clip(self, min: Any = None, max: Any = None, **params: Any) -> Any:  # noqa: A002
        """Limit the entries."""
        return on_symbols.clip(self, min, max, **params)

    def compress(self, condition: Any, axis: Any = None) -> Any:
        """Pick slices."""
        return np.compress(condition, self, axis)

    def fill(self, value: Any) -> None:
        """Write into every entry."""
        self[...] = value

    def sort(self, axis: int = -1) -> None:
        """Sort in place."""
        self.become(on_symbols.sort(self, axis))

    T = property(lambda self: on_symbols.transpose(self))  # noqa: PLW0108 (with no doctests)
    mT = property(lambda self: on_symbols.swapaxes(self, -1, -2))  # noqa: N815 (NumPy's name)
    real = property(lambda self: on_symbols.real(self))  # noqa: PLW0108
    imag = property(lambda self: on_symbols.imag(self))  # noqa: PLW0108


def into(function: Any, inputs: Any, out: Any, where: Any, **params: Any) -> Any:
    """Compute where a condition holds, and keep what was there elsewhere."""
    return function(*inputs, out=np.array(out), where=where, **params)


def operator(ufunc: np.ufunc, *, swapped: bool = False, in_place: bool = False) -> Any:
    """Make an operator of a ufunc."""

    def operate(self: Symbol, *others: Any) -> Any:
        if others and isinstance(others[0], Traced):
            return NotImplemented
        result = ufunc(*others, self) if swapped else ufunc(self, *others)
        if in_place:
            return self.tracer.deliver(result, (self,))
        return result

    return operate


def method(function: Callable[..., Any]) -> Any:
    """Make a method of a NumPy function."""

    def call(self: Symbol, *args: Any, **params: Any) -> Any:
        return function(self, *args, **params)

    return call


BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "pow": np.power,
    "matmul": np.matmul,
    "mod": np.remainder,
    "floordiv": np.floor_divide,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "lshift": np.left_shift,
    "rshift": np.right_shift,
    "divmod": np.divmod,
}
COMPARISONS = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}
UNARY = {
    "neg": np.negative,
    "pos": np.positive,
    "abs": np.absolute,
    "invert": np.bitwise_not,
}
METHODS = (
    *(np.sum, np.mean, np.prod, np.max, np.min, np.std, np.var, np.any, np.all, np.argmax),
    *(np.argmin, np.argsort, np.argpartition, np.cumsum, np.cumprod, np.dot, np.round, np.take),
    *(np.repeat, np.diagonal, np.trace, np.nonzero, np.searchsorted, np.choose, np.ravel),
    *(np.squeeze, np.swapaxes, np.conj, np.conjugate),
)


def power(self: Symbol, exponent: Any) -> Any:
    """Raise to a power as the operator does, which takes short cuts for some numbers."""
    if not isinstance(exponent, int | float):
        return NotImplemented if isinstance(exponent, Traced) else np.power(self, exponent)
    if exponent == 2 and isinstance(self.example, np.ndarray):  # noqa: PLR2004
        return on_symbols.square(self)
    return self.tracer.emit(pow, (self, exponent))


for name, ufunc in BINARY.items():
    setattr(Symbol, f"__{name}__", operator(ufunc))
    setattr(Symbol, f"__r{name}__", operator(ufunc, swapped=True))
    if name != "divmod":
        setattr(Symbol, f"__i{name}__", operator(ufunc, in_place=True))
for name, ufunc in (COMPARISONS | UNARY).items():
    setattr(Symbol, f"__{name}__", operator(ufunc))
for function in METHODS:
    setattr(Symbol, function.__name__, method(function))
for name, function in {"conj": method(np.conjugate), "__pow__": power}.items():
    setattr(Symbol, name, function)
