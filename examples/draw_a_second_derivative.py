"""The graph of a gradient: with ``create_graph=True`` it is recorded, and can be drawn as well.

Give a folder to have the picture there.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import Tensor, draw

x = Tensor(0.8, requires_grad=True)
y: Any = np.sin(x) * x**2
y.backward(create_graph=True)
slope = x.grad
assert slope is not None
x.grad = None
slope.backward(retain_graph=True)

graph = draw.graph(slope, names={"x": x, "y": y, "slope": slope})
folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
print("written to", graph.render(folder / "second-derivative.svg"))
print("written to", graph.play(folder / "second-derivative.html"))
print(graph)

curvature = (2 - 0.8**2) * np.sin(0.8) + 4 * 0.8 * np.cos(0.8)
gradient = graph.card("x").gradient
assert gradient is not None
assert np.isclose(gradient, curvature)
