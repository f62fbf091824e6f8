"""Writing in place, made functional: saved values of recorded graphs are never written to."""

from __future__ import annotations

import sys
from typing import Any, Self

import numpy as np

from autograd_nn.errors import DtypeError, InPlaceError, ShapeError
from autograd_nn.fitting import Value
from autograd_nn.primitive import record
from autograd_nn.ops import elementwise as ew
from autograd_nn.ops import products
from autograd_nn.syntax import ArraySyntax, is_tracked, plain_index, unwrap
from autograd_nn.traced import Traced, box, settled


class Writable(ArraySyntax):
    """In-place operators and item assignment."""

    __slots__ = ()

    def is_shared(self) -> bool:
        """Tell whether a recorded graph, a view or anyone else also holds the buffer."""
        return sys.getrefcount(self.value) > SOLE_OWNER or self.value.base is not None

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
            self.value = settled(value.astype(self.dtype, copy=False))

    def become(self, result: Any, operation: str) -> Self:
        """Take the value and the history of `result`: an in-place operation, made functional."""
        if not np.can_cast(result.dtype, self.dtype, "same_kind"):
            message = (
                f"{operation}: the result has dtype {result.dtype} and cannot be kept in a tensor "
                f"of {self.dtype}; convert with astype first"
            )
            raise DtypeError(message)
        if result.node is None:
            self.write(result.value, operation)
            return self
        if self.node is not None and self.node.owner is not None:
            message = (
                f"{operation}: a leaf that requires a gradient cannot be changed in place while "
                "recording; write inside `with no_grad():`, or make a new tensor: t = t + ..."
            )
            raise InPlaceError(message)
        if isinstance(self.value, np.ndarray) and self.value.base is not None:
            message = (
                f"{operation}: this tensor is a view of another, which the recorded graph would "
                "not see change; make a new tensor instead: t = t + ..."
            )
            raise InPlaceError(message)
        views = [view() for view in getattr(self, "views", ())]
        if any(view is not None and view is not self for view in views):
            message = (
                f"{operation}: another tensor is a view of this one and would not see the change; "
                "make a new tensor instead: t = t + ..."
            )
            raise InPlaceError(message)
        if result.shape != self.shape:
            message = (
                f"{operation}: the result has shape {result.shape}, the tensor {self.shape}; "
                "an in-place operation keeps the shape"
            )
            raise ShapeError(message)
        result = result if result.dtype == self.dtype else result.astype(self.dtype)
        self.value, self.node, self.exposed = result.value, result.node, False
        return self

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

    def __setitem__(self, index: Any, value: Any) -> None:
        if is_tracked([self, value]):
            message = (
                "t[index] = value: assignment to a tensor is not recorded; build the values with "
                "np.where or np.concatenate, or assign inside `with no_grad():`"
            )
            raise InPlaceError(message)
        if not isinstance(self.value, np.ndarray) or (not self.exposed and self.is_shared()):
            self.value = np.array(self.value)
        self.value[plain_index(index)] = unwrap(value)


def sole_owner() -> int:
    """Measure the reference count of a buffer that one Tensor alone holds."""
    lone = box(Traced, np.empty(1))
    return sys.getrefcount(lone.value)


SOLE_OWNER = sole_owner()
