"""The graph of one training step, drawn with its values, its gradients and a hand-derived mistake.

The edges show the local derivatives; what they bring to a value sums to its gradient.  Give a
folder to have the picture there, and the same as a page, as data and as text.
"""

import sys
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
graph = draw.graph(loss, check=by_hand, width=1000)  # names are those of the variables here
folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
for suffix in ("svg", "html", "json", "txt"):
    print("written to", graph.render(folder / f"training-step.{suffix}"))

verdict = graph.card("b1").verdict
assert verdict is not None
assert "the batch size" in verdict.sentence
(edge,) = (e for e in graph.picture.edges if e.source == graph.card("W2").id)
assert edge.derivative == "a1ᵀ ·"
assert W2.grad is not None
assert edge.contribution is not None
assert np.array_equal(edge.contribution, W2.grad.numpy())
