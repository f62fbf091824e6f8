"""How Tensors travel through np.r_ and np.c_, which join what np.array makes of their parts."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

JOINS = type(np.r_).__getitem__.__code__


def is_joining(tensor: Any, caller: FrameType) -> bool:
    """Tell whether np.r_ or np.c_ is asking for the array of a part that is this Tensor."""
    return caller.f_code is JOINS and caller.f_locals.get("item") is tensor


class Carrier(np.ndarray[Any, Any]):
    """The array of a Tensor, and the Tensor.

    Only np.r_ and np.c_ are given one.  They may insert axes of length 1 and convert the dtype;
    then they call np.concatenate, which is handed the Tensor, changed in the same way.
    """

    tensor: Any

    def __array_finalize__(self, source: Any) -> None:
        """Keep the Tensor when NumPy makes another array of this one."""
        self.tensor = getattr(source, "tensor", None)

    def __array_function__(
        self, function: Callable[..., Any], _types: Any, args: Any, kwargs: Any
    ) -> Any:
        parts = [restored(a) if isinstance(a, Carrier) else a for a in args[0]]
        return function(parts, *args[1:], **kwargs)


def carry(tensor: Any) -> Carrier:
    """Make an array that remembers its Tensor."""
    carrier = np.asarray(tensor.value).view(Carrier)
    carrier.tensor = tensor
    return carrier


def restored(carrier: Carrier) -> Any:
    """Do to the Tensor what was done to its array."""
    tensor = np.reshape(carrier.tensor, carrier.shape)
    return tensor if tensor.dtype == carrier.dtype else tensor.astype(carrier.dtype)
