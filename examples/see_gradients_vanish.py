"""Ten sigmoid layers: the picture shows at a glance that the gradient hardly reaches the first.

The same network with tanh loses much less.  Give a folder to have the pictures there.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import Tensor, draw, sigmoid

rng = np.random.default_rng(0)
x: Any = rng.normal(size=(32, 8))
folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
left: dict[str, float] = {}
activations: dict[str, Any] = {"sigmoid": sigmoid, "tanh": np.tanh}
for name, activation in activations.items():
    weights = [Tensor(rng.normal(size=(8, 8)) / 8**0.5, requires_grad=True) for _ in range(10)]
    h = x
    for weight in weights:
        h = activation(h @ weight)
    loss = np.mean(np.square(h))
    loss.backward(retain_graph=True)
    names = {"x": x, "loss": loss} | {f"W{i}": weight for i, weight in enumerate(weights, 1)}
    graph = draw.graph(loss, fold="repeats", names=names)
    print("written to", graph.render(folder / f"deep-{name}.svg"))
    first, last = weights[0].grad, weights[-1].grad
    assert first is not None
    assert last is not None
    left[name] = float(np.linalg.norm(first.numpy()) / np.linalg.norm(last.numpy()))
    (fold,) = (card for card in graph.picture.cards if card.kind == "repeat")
    layers = " ".join(f"{norm:.0e}" for norm in fold.norms[::-1])
    print(f"{name}: |dW1| / |dW10| = {left[name]:.0e}; back through the layers: {layers}")
assert left["sigmoid"] < 1e-4
assert left["tanh"] > 100 * left["sigmoid"]
