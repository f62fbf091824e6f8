"""What a notebook shows of a Tensor: its text and, if it was computed, its picture."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from autograd_nn.draw.api import graph
from autograd_nn.draw.names import visible
from autograd_nn.draw.view import chosen, shown
from autograd_nn.tensor import Tensor

# who stands between a cell and its output
BETWEEN = ("autograd_nn", "IPython", "ipykernel", "decorator", "traitlets")


def mimebundle(tensor: Tensor, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """Show `tensor` in a notebook: its text and, if it was computed, its picture.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> mimebundle(Tensor([1.0, 2.0]))
    {'text/plain': 'Tensor([1., 2.], shape=(2,), dtype=float64)'}
    """
    text = repr(tensor)
    if tensor.node is None or not tensor.node.parents:
        return {"text/plain": text}
    try:
        found = graph(tensor, names=visible(caller()))
    except Exception as error:  # noqa: BLE001 (a traceback instead of a tensor helps nobody)
        bundle = {"text/plain": f"{text}\nThe graph could not be drawn: {error}"}
    else:
        bundle = shown(found)
        bundle["text/plain"] = f"{text}\n{bundle['text/plain']}"
    return chosen(bundle, include, exclude)


def caller() -> FrameType:
    """Find the innermost frame that belongs to the user, not to us or the notebook."""
    frame = sys._getframe(1)  # noqa: SLF001 (whose names they are)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in BETWEEN:
        frame = frame.f_back
    return frame
