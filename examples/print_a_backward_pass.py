"""Print the backward pass that a person would have derived, save it, and run it with NumPy alone.

A training step is recorded once; its program is printed as NumPy and as mathematics.  What is
printed computes the same numbers as the step itself.  Give a folder to have both as a picture.
"""

import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import autograd_nn as ag
from autograd_nn import datasets, nn, optim, plotting

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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


@plotting.style()
def picture(source: str, latex: str) -> "Figure":
    """Draw the lines of the program, and beside each what it is in mathematics."""
    body = source[source.index("def step") :].splitlines()[2:-1]
    formulas = latex.replace(r"\tfrac", r"\frac").replace("&", "").split("\n")[1:-1]
    figure, [axes] = plotting.subplots(size=(7.2, 0.33 * len(body)))
    axes.set(xlim=(0, 1), ylim=(len(body) - 0.4, -0.6))
    axes.set_axis_off()
    for i, (line, formula) in enumerate(zip(body, formulas, strict=True)):
        code = re.sub(" +#.*", "", line).strip()
        axes.text(0.04, i, code, family="monospace", size=10, va="center")
        mathematics = "$" + formula.removesuffix(r"\\").strip() + "$"
        axes.text(0.52, i, mathematics, size=12, va="center", color=plotting.COLOURS["blue"])
    return figure


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

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
figure = picture(program.source(), program.latex())
path = plotting.save(figure, folder / "printed-backward-pass.svg", outlines=True)
print("written to", path)
