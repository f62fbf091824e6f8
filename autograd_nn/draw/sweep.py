"""The backward pass of a picture: gradients of what is drawn, and what comes back on each edge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from autograd_nn.draw.tables import norm
from autograd_nn.errors import AutogradError
from autograd_nn.fitting import Several, Value
from autograd_nn.graph import Node, Span, pullback


@dataclass
class Found:
    """What a sweep has found: gradients, norms of more, or why there are none."""

    gradients: dict[Node, Value] = field(default_factory=dict)
    norms: dict[Node, float] = field(default_factory=dict)
    failure: str = ""


def sweep(
    span: Sequence[Node],
    ends: list[Node],
    seeds: dict[Node, Value],
    shown: Sequence[Node],
    measured: Sequence[Node],
) -> Found:
    """Go backward over `span`, nodes made for the picture, oldest first, and look on.

    The recorded graph stays as it is.  The user's hooks see this sweep too, and what they return
    takes the gradient's place, as in ``backward()``.
    """
    found = Found()
    for node in shown:
        look_on(node, partial(found.gradients.setdefault, node))
    for node in measured:
        look_on(node, partial(measure, found.norms, node))
    try:
        with np.errstate(all="ignore"):
            leaves = pullback(Span([*reversed(span)], ends), seeds, keep=True)
    except AutogradError as error:  # a rule is missing, or an array was changed
        return Found(failure=f"gradient not computed: {error}")
    found.gradients.update(leaves)
    return found


def look_on(node: Node, hook: Callable[[Value], Value]) -> None:
    """Show a node's cotangent, as the user's hooks leave it, to `hook`."""
    node.hooks = [*(node.hooks or ()), hook]


def measure(norms: dict[Node, float], node: Node, v: Value) -> None:
    """Keep the norm alone."""
    if not isinstance(v, Several):
        norms[node] = norm(np.asarray(v))
