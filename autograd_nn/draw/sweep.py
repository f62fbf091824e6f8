"""The backward pass of a picture, through the graph that was made for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_nn.errors import AutogradError
from autograd_nn.fitting import Value
from autograd_nn.graph import Node, Span, pullback


class Found:
    """The gradients of leaves, or why there are none; the rest is with the watches."""

    def __init__(self, leaves: dict[Node, Value] | None = None, failure: str = "") -> None:
        self.leaves, self.failure = leaves or {}, failure
        self.is_complete = leaves is not None


def sweep(span: Sequence[Node], ends: list[Node], seeds: dict[Node, Value]) -> Found:
    """Go backward over `span`, nodes made for the picture, oldest first.

    The recorded graph stays as it is.  The user's hooks see this sweep too, and what they return
    takes the gradient's place, as in ``backward()``.
    """
    try:
        with np.errstate(all="ignore"):
            return Found(pullback(Span([*reversed(span)], ends), seeds, keep=True))
    except AutogradError as error:  # a rule is missing, or an array was changed
        return Found(failure=f"gradient not computed: {error}")
