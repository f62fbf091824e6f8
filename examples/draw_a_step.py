"""The graph of one training step, drawn with its values, its gradients and a hand-derived mistake.

The edges show the local derivatives; what they bring to a value sums to its gradient.
"""

import tempfile
from pathlib import Path

import numpy as np

from autograd_nn import Tensor, datasets, draw, nn

data = datasets.xor()
x, target = Tensor(data.features), Tensor(data.targets)
network = nn.SigmoidNetwork((2, 4, 1), rng=0)
with draw.lines():  # cards show the line of code that computed them
    loss = nn.half_sse_loss(network(x), target)
loss.backward(retain_graph=True)  # keeps the values in between, to be drawn

W1, b1, W2, b2 = network.parameters()
assert b1.grad is not None
by_hand = {"b1": b1.grad.numpy() / len(data.features)}  # a mean where a sum is due
graph = draw.graph(loss, check=by_hand)  # names are those of the variables here
for suffix in ("svg", "html", "json", "txt"):
    path = graph.render(Path(tempfile.mkdtemp()) / f"training-step.{suffix}")
    print(f"written to {path}")

verdict = graph.card("b1").verdict
assert verdict is not None
assert "the batch size" in verdict.sentence
(edge,) = (e for e in graph.picture.edges if e.source == graph.card("W2").id)
assert edge.derivative == "a1ᵀ ·"
assert W2.grad is not None
assert edge.contribution is not None
assert np.array_equal(edge.contribution, W2.grad.numpy())
