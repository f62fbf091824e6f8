"""A recurrent network unrolled over 40 steps: shared weights once, repetitions folded.

Each use of a weight brings a part of its gradient.  Give a folder to have the picture there.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import Tensor, draw

rng = np.random.default_rng(0)
Wx = Tensor(0.5 * rng.normal(size=(3, 4)), requires_grad=True)
Wh = Tensor(0.4 * rng.normal(size=(4, 4)), requires_grad=True)
h: Any = np.zeros((2, 4))
for x in rng.normal(size=(40, 2, 3)):
    h = np.tanh(x @ Wx + h @ Wh)
loss: Any = np.mean(np.square(h))
loss.backward(retain_graph=True)

graph = draw.graph(loss, width=1400)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
print("written to", graph.render(folder / "shared-weights.svg"))
print("written to", graph.play(folder / "shared-weights.html"))

uses = [card.id for card in graph.picture.cards if card.title == "Wh"]
parts = [edge.contribution for edge in graph.picture.edges if edge.source in uses]
assert Wh.grad is not None
assert len(uses) > 2  # one with the numbers, and one for each use that is drawn
assert np.allclose(sum(part for part in parts if part is not None), Wh.grad.numpy())
(fold,) = (card for card in graph.picture.cards if card.kind == "repeat")
print(f"{fold.title}: the gradient falls from {fold.norms[-1]:.1e} to {fold.norms[0]:.1e}")
assert fold.norms[0] < 1e-3 * fold.norms[-1]
