"""What is drawn of an operation: its steps, if it is several, and watches that look on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import masks
from autograd_nn.draw.derivative import recorded
from autograd_nn.draw.tables import norm
from autograd_nn.fitting import Value
from autograd_nn.graph import Node, history
from autograd_nn.ops import layers
from autograd_nn.ops.special import sigmoid
from autograd_nn.tensor import Tensor, leaf
from autograd_nn.traced import box

# the same again, in the steps that a person would write
STEPS: dict[Any, Callable[..., Any]] = {
    layers.affine.forward: lambda x, weight, bias: x @ weight + bias,
    layers.affine_sigmoid.forward: lambda x, weight, bias: sigmoid(x @ weight + bias),
    layers.half_sse.forward: lambda y, t: np.sum((y - t) ** 2) * 0.5,
}
MOST_STEPS: dict[Any, int] = {
    layers.affine.forward: 2,
    layers.affine_sigmoid.forward: 3,
    layers.half_sse.forward: 4,
}


def number_of_steps(node: Node) -> int:
    """Count the cards that an operation becomes."""
    return 1 if node.primals is None else MOST_STEPS.get(forward(node), 1)


def forward(node: Node) -> Any:
    """Find the function of an operation; a checkpoint has none."""
    return getattr(node.primitive, "forward", None)


def steps_of(node: Node) -> tuple[list[Node], dict[Node, int]]:
    """Record an operation again as its steps, oldest first.

    The second result says which argument of the operation each leaf of theirs stands for.
    """
    rewrite = STEPS.get(forward(node))
    if rewrite is None or node.primals is None:
        return [node], {}
    vertices: dict[Node, int] = {}
    args = []
    for i, primal in enumerate(node.primals):
        vertex = leaf(np.asarray(primal), None)
        vertices[vertex] = i
        args.append(box(Tensor, np.asarray(primal), vertex))
    with recorded():
        last = rewrite(*args).node
    last.out = node.out  # to the last bit
    return history(last).operations[::-1], vertices


class Watch:
    """What stands on an edge and looks on: it passes on what comes back, and masks too.

    Not a hook, for below a hook the engine no longer knows what was not chosen.
    """

    name, parts, joint, chooses = "watch", (), None, False
    reach = staticmethod(masks.same)

    def __init__(self) -> None:
        self.seen: Value = None
        self.vjps = [self.pass_on]

    @property
    def size(self) -> float:
        """The norm of what came back."""
        is_array = isinstance(self.seen, np.ndarray | np.generic)
        return norm(np.asarray(self.seen)) if is_array else 0.0

    def pass_on(self, v: Value, *_: Value) -> Value:
        """Remember what comes back."""
        self.seen = v
        return v


class Measure(Watch):
    """Remembers no more than the norm of what comes back."""

    def pass_on(self, v: Value, *_: Value) -> Value:
        """Remember how large it is."""
        self.seen = v
        self.seen = np.float64(self.size)
        return v


def watched(parent: Node, value: Value, watch: Watch) -> Node:
    """Put a watch between `parent`, of this value, and what is computed from it."""
    return Node(watch, (parent,), (value,), {}, value)
