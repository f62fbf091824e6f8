"""Named arrays: what modules and optimisers save, and how it is written back, all or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.errors import DtypeError, ShapeError
from autograd_nn.tensor import Tensor
from autograd_nn.traced import settled


def save(tensors: Iterable[tuple[str, Tensor]]) -> dict[str, NDArray[Any]]:
    """Copy the values of named Tensors.

    >>> save([("weight", Tensor([1.0, 2.0]))])
    {'weight': array([1., 2.])}
    """
    return {name: np.array(tensor.value) for name, tensor in tensors}


def load(owner: str, tensors: Iterable[tuple[str, Tensor]], state: Mapping[str, Any]) -> None:
    """Write arrays into the Tensors of the same names; if one does not fit, into none.

    `owner` is who is loaded, for the message of a KeyError (of names), a ShapeError or a
    DtypeError.
    """
    where, targets = f"{owner}.load_state_dict", dict(tensors)
    missing, unknown = sorted(targets.keys() - state.keys()), sorted(state.keys() - targets.keys())
    if missing or unknown:
        parts = [f"lacks {', '.join(missing)}"] if missing else []
        parts += [f"has {', '.join(unknown)}, which is not here"] if unknown else []
        message = (
            f"{where}: the state {' and '.join(parts)}; load what state_dict() of an object made "
            "in the same way returned"
        )
        raise KeyError(message)
    arrays = {}
    for name, tensor in targets.items():
        given = state[name]
        array = np.asarray(given.value if isinstance(given, Tensor) else given)
        if array.shape != tensor.shape:
            message = (
                f"{where}: {name} has shape {array.shape} in the state, {tensor.shape} here; make "
                "the object with the same sizes"
            )
            raise ShapeError(message)
        if not np.can_cast(array.dtype, tensor.dtype, "same_kind"):
            message = (
                f"{where}: {name} has dtype {array.dtype} in the state, which does not fit "
                f"{tensor.dtype} here; convert it with astype"
            )
            raise DtypeError(message)
        arrays[name] = np.array(array, tensor.dtype)
    for name, tensor in targets.items():
        tensor.write(settled(arrays[name]), where)
        tensor.refresh()
