"""What is drawn of a recorded graph: each operation, those that are several steps as their steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import masks
from autograd_nn.draw.derivative import recorded
from autograd_nn.fitting import Value
from autograd_nn.graph import Node, history
from autograd_nn.ops import layers
from autograd_nn.ops.special import sigmoid
from autograd_nn.primitive import Primitive
from autograd_nn.tensor import Tensor, leaf
from autograd_nn.traced import box

# the same again, in the steps that a person would write
STEPS: dict[Callable[..., Any], Callable[..., Any]] = {
    layers.affine.forward: lambda x, weight, bias: x @ weight + bias,
    layers.affine_sigmoid.forward: lambda x, weight, bias: sigmoid(x @ weight + bias),
    layers.half_sse.forward: lambda y, t: np.sum((y - t) ** 2) * 0.5,
}
MOST_STEPS = {layers.affine.forward: 2, layers.affine_sigmoid.forward: 3, layers.half_sse.forward: 4}


def number_of_steps(node: Node) -> int:
    """Count the cards that an operation becomes."""
    return 1 if node.primals is None else MOST_STEPS.get(node.primitive.forward, 1)


def steps_of(node: Node) -> tuple[list[Node], dict[Node, int]]:
    """Record an operation again as its steps, oldest first.

    The second result says which argument of the operation each leaf of theirs stands for.
    """
    rewrite = STEPS.get(node.primitive.forward)
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


def passed(x: Value) -> Value:
    """Return what is given."""
    return x


EDGE = Primitive(passed, [lambda v, *_: v], [lambda v, *_: v])  # stands on an edge, to look on
EDGE.reach = masks.same


def on_edge(parent: Node, primal: Value) -> Node:
    """Put a node on the edge from `parent` to an operation that was given `primal`."""
    return Node(EDGE, (parent,), (primal,), {}, primal)
