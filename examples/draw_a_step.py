"""The graph of one training step, drawn with its values and gradients."""

import tempfile
from pathlib import Path

from autograd_nn import Tensor, datasets, draw, nn

data = datasets.xor()
x, target = Tensor(data.features), Tensor(data.targets)
network = nn.SigmoidNetwork((2, 4, 1), rng=0)
loss = nn.half_sse_loss(network(x), target)
loss.backward(retain_graph=True)  # keeps the values in between, to be drawn

picture = draw.graph(loss)  # names are those of the variables here
path = draw.save(picture, Path(tempfile.mkdtemp()) / "training-step.dot")
print(f"written to {path}")
assert "target" in path.read_text(encoding="utf-8")
