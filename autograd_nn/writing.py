"""Writing in place, made functional: a write makes a new version, which every view re-reads.

Saved values of recorded graphs are never written to.  A view is a lens: it is re-read from its
source when that changes, and writing to the view writes those entries of the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from sys import getrefcount
from typing import Any, Self

import numpy as np

from autograd_nn.errors import DtypeError, InPlaceError, ShapeError
from autograd_nn.fitting import Value, owned
from autograd_nn.ops import elementwise as ew, products
from autograd_nn.ops.indexing import assign, scatter
from autograd_nn.primitive import record
from autograd_nn.syntax import ArraySyntax, is_tracked, on_tensors, plain_index, unwrap
from autograd_nn.traced import Traced, box, recording, settled

WRITERS = {  # functions that write into their first argument: its name, and which are the values
    np.copyto: ("dst", 1, "src"),
    np.put: ("a", 2, "v"),
    np.place: ("arr", 2, "vals"),
    np.putmask: ("a", 2, "values"),
    np.fill_diagonal: ("a", 1, "val"),
    np.put_along_axis: ("arr", 2, "values"),
}


class Writable(ArraySyntax):
    """In-place operators and item assignment."""

    __slots__ = ()

    def is_shared(self) -> bool:
        """Tell whether a recorded graph, a view or anyone else also holds the buffer."""
        value = self.value
        return getrefcount(value) > SOLE_OWNER or value.base is not None

    def write(self, value: Value, operation: str) -> None:
        """Take over `value`: unseen by graphs recorded before, seen by holders of `data`."""
        if value.shape != self.shape:
            message = (
                f"{operation}: the new values have shape {value.shape}, the tensor {self.shape}; "
                "an in-place change keeps the shape"
            )
            raise ShapeError(message)
        if self.exposed:
            self.value[...] = value
        else:
            self.value = laid_like(self.value, settled(value.astype(self.dtype, copy=False)))

    def move(self, step: Value, operation: str) -> None:
        """Subtract `step`, in the buffer itself where nobody else holds it."""
        value = self.value
        if value.ndim and value.base is None and getrefcount(value) <= SOLE_OWNER:
            np.subtract(value, step, value)  # a view would hold the buffer: none is to refresh
        else:
            self.write(value - step, operation)
            self.refresh()

    def become(self, result: Any, operation: str) -> Self:
        """Take the value and the history of `result`: an in-place operation, made functional."""
        if not np.can_cast(result.dtype, self.dtype, "same_kind"):
            message = (
                f"{operation}: the result has dtype {result.dtype} and cannot be kept in a tensor "
                f"of {self.dtype}; convert with astype first"
            )
            raise DtypeError(message)
        target: Any = self
        while hasattr(target, "lens"):
            if result.shape != target.shape:
                target.write(result.value, operation)  # which refuses
            result, target = written_through(target, result, operation), target.lens[0]
        if recording.get() and (target.node is not None or result.node is not None):
            target.take_over(result, operation)
        else:
            target.write(result.value, operation)
        target.refresh()
        return self

    def take_over(self, result: Any, operation: str) -> None:
        """Become a new version: the value and the node of `result`."""
        if self.node is not None and self.node.owner is not None:
            message = (
                f"{operation}: a leaf that requires a gradient cannot be changed in place while "
                "recording; write inside `with no_grad():`, or make a new tensor: t = t + ..."
            )
            raise InPlaceError(message)
        if result.shape != self.shape:
            message = (
                f"{operation}: the result has shape {result.shape}, the tensor {self.shape}; "
                "an in-place operation keeps the shape"
            )
            raise ShapeError(message)
        result = result if result.dtype == self.dtype else result.astype(self.dtype)
        self.value = laid_like(self.value, result.value)
        self.node, self.exposed = result.node, False

    def refresh(self) -> None:
        """Let the views of this tensor, and theirs, show its present values."""
        stack: list[Any] = [self]
        while stack:
            for view in [reference() for reference in getattr(stack.pop(), "views", ())]:
                if view is not None:
                    source, primitive, params = view.lens
                    fresh: Any = record(primitive, (source,), params)
                    view.value = fresh.value
                    if recording.get():
                        view.node = fresh.node
                    stack.append(view)

    def __iadd__(self, other: Any) -> Self:
        return self.become(record(ew.add, (self, other)), "+=")

    def __isub__(self, other: Any) -> Self:
        return self.become(record(ew.subtract, (self, other)), "-=")

    def __imul__(self, other: Any) -> Self:
        return self.become(record(ew.multiply, (self, other)), "*=")

    def __itruediv__(self, other: Any) -> Self:
        return self.become(record(ew.divide, (self, other)), "/=")

    def __ipow__(self, other: Any) -> Self:
        return self.become(record(ew.power, (self, other)), "**=")

    def __imod__(self, other: Any) -> Self:
        return self.become(record(ew.remainder, (self, other)), "%=")

    def __ifloordiv__(self, other: Any) -> Self:
        return self.become(record(ew.floor_divide, (self, other)), "//=")

    def __imatmul__(self, other: Any) -> Self:
        return self.become(record(products.matmul, (self, other)), "@=")

    def __iand__(self, other: Any) -> Self:
        return self.become(self & other, "&=")

    def __ior__(self, other: Any) -> Self:
        return self.become(self | other, "|=")

    def __ixor__(self, other: Any) -> Self:
        return self.become(self ^ other, "^=")

    def __ilshift__(self, other: Any) -> Self:
        return self.become(self << other, "<<=")

    def __irshift__(self, other: Any) -> Self:
        return self.become(self >> other, ">>=")

    def __setitem__(self, index: Any, value: Any) -> None:
        index = plain_index(index)
        if is_tracked([self, value]) or hasattr(self, "lens") or hasattr(self, "views"):
            check_target("t[index] = value", self, value)
            self.become(record(assign, (self, value), {"index": index}), "t[index] = value")
            return
        if not isinstance(self.value, np.ndarray) or (not self.exposed and self.is_shared()):
            self.value = owned(self.value)
        self.value[index] = unwrap(value)

    def fill(self, value: Any) -> None:
        """Write one value into every entry."""
        self[...] = value

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """Write values at flat indices, as np.put does."""
        on_tensors.put(self, indices, values, mode)

    def sort(
        self, axis: int = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None
    ) -> None:
        """Sort in place."""
        self.become(on_tensors.sort(self, axis, kind, order, stable=stable), "sort")

    def partition(
        self, kth: Any, axis: int = -1, kind: Any = "introselect", order: Any = None
    ) -> None:
        """Partition in place, as np.partition does."""
        self.become(on_tensors.partition(self, kth, axis, kind, order), "partition")

    @property
    def flat(self) -> Flat:
        """The entries one after another, in C order, to read and to write."""
        return Flat(self)

    @flat.setter
    def flat(self, values: Any) -> None:
        self.flat[:] = values


class Flat:
    """The entries of a tensor one after another, as ``ndarray.flat`` shows them."""

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor

    def __len__(self) -> int:
        return int(self.tensor.size)

    def __getitem__(self, index: Any) -> Any:
        return self.tensor.flatten()[index]

    def __setitem__(self, index: Any, values: Any) -> None:
        places = np.arange(len(self))[plain_index(index)]
        values = values if isinstance(values, Traced) else np.asarray(values)
        if places.size:  # what is too short is repeated, what is too long is cut
            spread = np.resize(values, places.shape)
            self.tensor[np.unravel_index(places, self.tensor.shape)] = spread

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tensor.flatten())


def laid_like(old: Value, value: Value) -> Value:
    """Lay new values out in memory as the old: on it depends what ravel and reshape share."""
    if value.strides == old.strides:
        return value
    laid = np.empty_like(old)
    laid[...] = value
    return laid


def written_through(view: Any, result: Any, operation: str) -> Any:
    """Return the source of a view with `result` where the view shows it."""
    source, primitive, params = view.lens
    if not view.value.flags.writeable and not view.exposed:
        message = (
            f"{operation}: the result of {primitive.name} is a read-only view, as in NumPy; "
            "change a copy: t = t.copy()"
        )
        raise InPlaceError(message)
    places = np.empty_like(source.value, dtype=np.intp)  # laid out alike: some lenses depend on it
    places[...] = np.arange(source.size).reshape(source.shape)
    flat: Any = record(
        assign, (source.reshape(-1), result), {"index": primitive.forward(places, **params)}
    )
    return flat.reshape(source.shape)


def change(function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Let a function write into its first argument, and gradients flow through what it writes.

    What goes where, NumPy's own function says: it writes numbers of values instead of values.
    """
    first, place, name = WRITERS[function]
    if not args:  # NumPy has seen that it is named then
        args, kwargs = (kwargs[first],), {k: v for k, v in kwargs.items() if k != first}
    target = args[0]
    if not is_tracked([args, kwargs]):
        write_plainly(function.__name__, function, target, args[1:], kwargs)
        return
    values: Any = kwargs[name] if name in kwargs else args[place]
    check_target(function.__name__, target, values)
    values = values if isinstance(values, Traced) else np.asarray(values)
    marks, numbers = np.full(target.shape, -1), np.arange(values.size).reshape(values.shape)
    positional = [numbers if i == place else unwrap(arg) for i, arg in enumerate(args)]
    named = {k: numbers if k == name else unwrap(arg) for k, arg in kwargs.items()}
    function(marks, *positional[1:], **named)
    chosen = np.reshape(values, -1)[np.maximum(marks, 0)] if values.size else 0
    target.become(np.where(marks >= 0, chosen, target), function.__name__)


def change_at(ufunc: np.ufunc, target: Any, index: Any, *operands: Any) -> None:
    """Apply a ufunc in place at an index, as ``ufunc.at`` does: repeated entries repeatedly."""
    name = f"{ufunc.__name__}.at"
    if not is_tracked([target, *operands]):
        write_plainly(name, ufunc.at, target, (index, *operands), {})
        return
    check_target(name, target, operands)
    places = np.arange(target.size).reshape(target.shape)[plain_index(index)]
    entries = [np.reshape(np.broadcast_to(y, places.shape), -1) for y in operands]
    flat, places = target.reshape(-1), places.reshape(-1)
    if ufunc in (np.add, np.subtract):
        flat = ufunc(flat, scatter(entries[0], index=places, shape=flat.shape))
    else:
        order = np.argsort(places, kind="stable")
        turns = np.empty_like(places)  # whether an entry is met for the first time, the second...
        turns[order] = np.arange(places.size) - np.searchsorted(places[order], places[order])
        for turn in range(turns.max(initial=-1) + 1):
            now = np.flatnonzero(turns == turn)
            met = ufunc(flat[places[now]], *(y[now] for y in entries))
            flat = record(assign, (flat, met), {"index": places[now]})
    target.become(np.reshape(flat, target.shape), name)


def write_plainly(
    name: str, function: Callable[..., Any], target: Any, args: Any, kwargs: dict[str, Any]
) -> None:
    """Let a function write constants into a constant."""
    plain = owned(unwrap(target)) if isinstance(target, Writable) else target
    function(plain, *unwrap(args), **unwrap(kwargs))
    if isinstance(target, Writable):
        target.become(box(type(target), settled(plain)), name)


def check_target(operation: str, target: Any, values: Any) -> None:
    """Refuse to write what is differentiated where its gradient would be lost."""
    if not isinstance(target, Writable):
        message = (
            f"{operation}: the array to write to is a plain array, which cannot carry the graph; "
            "make it an autograd_nn.Tensor, or detach() the values first"
        )
        raise InPlaceError(message)
    if is_tracked(values) and target.dtype.kind not in "fc":
        message = (
            f"{operation}: the tensor has dtype {target.dtype}, which carries no gradient; convert "
            "it with astype(float) first"
        )
        raise DtypeError(message)


def sole_owner() -> int:
    """Measure the reference count of a buffer that one Tensor alone holds, and a local name."""
    lone = box(Traced, np.empty(1))
    value = lone.value
    return getrefcount(value)


SOLE_OWNER = sole_owner()
