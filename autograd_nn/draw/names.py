"""What the user calls the values: by the variables that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from autograd_nn.graph import Node


def visible(frame: FrameType) -> dict[str, Any]:
    """List the variables a frame sees, its own first, private ones left out."""
    seen = {**frame.f_locals}
    for name, value in frame.f_globals.items():
        seen.setdefault(name, value)
    return {name: value for name, value in seen.items() if not name.startswith("_")}


class Names:
    """Look up the name of a node or of a constant array; first come, first served.

    `values` remembers what the named Tensors hold: a released graph has forgotten it.
    """

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self.nodes: dict[Node, str] = {}
        self.values: dict[Node, Any] = {}
        self.arrays: list[tuple[str, Any]] = []
        for name, value in (*tensors(scope), *parameters(scope)):
            if value.node is None:
                self.arrays.append((name, value.value))
            else:
                self.nodes.setdefault(value.node, name)
                self.values.setdefault(value.node, value.value)
        arrays = (np.ndarray, np.generic)
        self.arrays += [(str(name), v) for name, v in scope.items() if isinstance(v, arrays)]

    def of_array(self, array: Any) -> str | None:
        """Name an input: the very same array, or else one of equal shape, dtype and content."""
        same = (name for name, known in self.arrays if known is array)
        return next(same, None) or next(
            (name for name, known in self.arrays if np.ndim(array) and equal(known, array)), None
        )


def tensors(scope: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
    """List the Tensors among the variables."""
    return ((str(name), value) for name, value in scope.items() if isinstance(value, Tensor))


def parameters(scope: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
    """List the parameters of the modules among the variables, as ``module.layer.W``."""
    for name, module in scope.items():
        if callable(getattr(type(module), "named_parameters", None)):
            owned = {f"{name}.{inner}": value for inner, value in module.named_parameters()}
            yield from tensors(owned)


def equal(x: Any, y: Any) -> bool:
    """Tell whether two arrays agree in shape, dtype and every entry, nan with nan."""
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    return np.array_equal(x, y, equal_nan=x.dtype.kind in "fc")
