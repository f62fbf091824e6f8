"""What is drawn of an operation: its steps, if it is several, and watches that look on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import masks
from autograd_nn.draw.derivative import recorded
from autograd_nn.draw.tables import norm
from autograd_nn.fitting import Value, form
from autograd_nn.graph import Node, history
from autograd_nn.ops import layers
from autograd_nn.ops.special import sigmoid
from autograd_nn.tensor import Tensor, leaf
from autograd_nn.traced import box

Shape = tuple[int, ...]


def affine_shapes(
    out: Shape, x: Shape | None, weight: Shape | None, bias: Shape | None
) -> list[Shape]:
    """Complete the shapes of a layer's operands, of which some are known.

    >>> affine_shapes((5, 3), None, (2, 3), None)
    [(5, 2), (2, 3), (3,)]
    """
    n = x[-1] if x else weight[0] if weight else 1
    return [x or (*out[:-1], n), weight or (n, *out[-1:]), bias or out[-1:]]


def loss_shapes(_out: Shape, y: Shape | None, t: Shape | None) -> list[Shape]:
    """Complete the shapes of a result and its target."""
    known = next((shape for shape in (y, t) if shape is not None), ())
    return [known if shape is None else shape for shape in (y, t)]


class Rewriting(NamedTuple):
    """An operation again, in the steps that a person would write."""

    write: Callable[..., Any]
    steps: int
    shapes: Callable[..., list[Shape]]


REWRITINGS: dict[Any, Rewriting] = {
    layers.affine.forward: Rewriting(lambda x, weight, bias: x @ weight + bias, 2, affine_shapes),
    layers.affine_sigmoid.forward: Rewriting(
        lambda x, weight, bias: sigmoid(x @ weight + bias), 3, affine_shapes
    ),
    layers.half_sse.forward: Rewriting(lambda y, t: np.sum((y - t) ** 2) * 0.5, 4, loss_shapes),
}


def number_of_steps(node: Node) -> int:
    """Count the cards that an operation becomes."""
    found = REWRITINGS.get(forward(node))
    return found.steps if found else 1


def forward(node: Node) -> Any:
    """Find the function of an operation; a checkpoint has none."""
    return getattr(node.primitive, "forward", None)


def steps_of(node: Node) -> tuple[list[Node], dict[Node, int]]:
    """Record an operation again as its steps, oldest first; of a released one, their forms alone.

    The second result says which argument of the operation each leaf of theirs stands for.
    """
    rewriting = REWRITINGS.get(forward(node))
    if rewriting is None:
        return [node], {}
    primals = node.primals
    if primals is None:
        known = [None if parent is None else parent.shape for parent in node.parents]
        primals = [np.zeros(shape, node.dtype) for shape in rewriting.shapes(node.shape, *known)]
    vertices: dict[Node, int] = {}
    args = []
    for i, primal in enumerate(primals):
        vertex = leaf(np.asarray(primal), None)
        vertices[vertex] = i
        args.append(box(Tensor, np.asarray(primal), vertex))
    with recorded():
        last = rewriting.write(*args).node
    steps = history(last).operations[::-1]
    if node.primals is None:
        for step in steps:
            step.primals, step.out = None, form(step.shape, step.dtype)
    last.out = node.out  # to the last bit
    return steps, vertices


def size_of(v: Value) -> float:
    """Measure what came back: nothing where that is none, or several."""
    return norm(np.asarray(v)) if isinstance(v, np.ndarray | np.generic) else 0.0


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
        return size_of(self.seen)

    def pass_on(self, v: Value, *_: Value) -> Value:
        """Remember what comes back."""
        self.seen = v
        return v


class Measure(Watch):
    """Remembers no more than the norm of what comes back."""

    def pass_on(self, v: Value, *_: Value) -> Value:
        """Remember how large it is."""
        self.seen = np.float64(size_of(v))
        return v


def watched(parent: Node, value: Value, watch: Watch) -> Node:
    """Put a watch between `parent`, of this value, and what is computed from it."""
    return Node(watch, (parent,), (value,), {}, value)
