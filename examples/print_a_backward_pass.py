"""Print the backward pass that a person would have derived, save it, and run it with NumPy alone.

A training step is recorded once; its program is printed as NumPy and as mathematics.  What is
printed computes the same numbers as the step itself.
"""

import numpy as np

import autograd_nn as ag
from autograd_nn import datasets, nn, optim

data = datasets.xor()
network = nn.SigmoidNetwork((2, 4, 1), rng=0)
optimizer = optim.SGD(network.parameters(), lr=0.5)


def step(X: np.ndarray, Y: np.ndarray) -> ag.Tensor:
    """Train once."""
    optimizer.zero_grad()
    loss: ag.Tensor = nn.half_sse_loss(network(X), Y)
    loss.backward()
    optimizer.step()
    return loss


program = ag.compile(step, data.features, data.targets).program
print(program.source())
print(program.latex())

# What was printed, run as it stands, does to copies of the parameters what the step does to them.
scope: dict[str, object] = {}
exec(program.source(), scope)  # noqa: S102 (it is what was just printed)
printed_step = scope["step"]
assert callable(printed_step)
copies = [parameter.numpy().copy() for parameter in network.parameters()]
printed_loss = printed_step(data.features, data.targets, *copies)
loss = step(data.features, data.targets)
assert np.isclose(printed_loss, loss.item(), rtol=1e-14)
for copy, parameter in zip(copies, network.parameters(), strict=True):
    assert np.allclose(copy, parameter.numpy(), rtol=1e-12)
print("The printed step and the recorded one agree.")
