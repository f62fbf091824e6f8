"""However many ranks train, the parameters are the same to the bit: 1, 2 and 4 of them.

``mpiexec -n 2 python examples/train_in_parallel.py`` trains on two ranks; without ``mpiexec`` the
script trains alone, then starts itself on two and on four ranks, where MPI is installed (the
extra ``[mpi]``), and compares.
"""

import os
import subprocess
import sys
import tempfile
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import autograd_nn as ag
from autograd_nn import nn, optim, plotting
from autograd_nn.parallel import Group
from autograd_nn.training import History, accuracy

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def train(group: Group, X: NDArray[Any], labels: NDArray[Any]) -> tuple[nn.MLP, History]:
    """Train a small network together with the other ranks."""
    model = nn.MLP((2, 32, 2), activation=nn.Tanh, dropout=0.1, rng=0)
    history = ag.fit(
        model,
        (X, labels),
        nn.cross_entropy,
        optim.Adam(model.parameters(), lr=0.02),
        epochs=15,
        batch_size=50,
        rng=0,
        metrics={"accuracy": accuracy},
        parallel=group,
        progress=False,
    )
    return model, history


@plotting.style()
def picture(model: nn.MLP, history: History, X: NDArray[Any], labels: NDArray[Any]) -> "Figure":
    """Draw what was learned, and how the loss fell."""
    figure, [plane, curve] = plotting.subplots(1, 2, size=(8.4, 3.3), width_ratios=(1, 1.3))
    side = np.linspace(-3, 3, 121)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    model.eval()
    inside = nn.Softmax()(model(grid)).numpy()[:, 1].reshape(121, 121)
    look: Any = {"cmap": "PuOr_r", "alpha": 0.75, "origin": "lower", "extent": (-3, 3, -3, 3)}
    plane.imshow(inside, **look)
    for is_inside, colour in ((0, "#3b1a66"), (1, "#7f3b08")):
        plane.plot(*X[:200][labels[:200] == is_inside].T, ".", markersize=3, color=colour)
    plane.set(aspect="equal", xlim=(-3, 3), ylim=(-3, 3), xticks=(), yticks=())
    plane.grid(visible=False)
    plane.set_title("Inside or outside, as learned", loc="left")
    curve.plot(range(1, len(history) + 1), history["loss"], color=plotting.COLOURS["blue"])
    ranks = "1, 2 and 4 ranks"
    plotting.label(curve, 8, history["loss"][7], ranks, "blue", xytext=(6, 8))
    curve.set(xlabel="epoch", ylim=(0, None))
    curve.set_title("Cross-entropy: one line, for all bits agree", loc="left")
    return figure


def main() -> None:
    """Train, compare, draw, assert."""
    group = Group(shards=4)  # first of all: from here on, an error on any rank ends the job
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 2))
    labels = (np.hypot(X[:, 0], X[:, 1]) < 1.1).astype(int)  # inside a circle or not
    model, history = train(group, X, labels)
    numbers = {name: np.array(x) for name, x in history.to_dict().items()}
    states = model.state_dict() | numbers
    digest = sha256(b"".join(states[name].tobytes() for name in sorted(states))).hexdigest()
    if group.rank == 0:
        print(f"ranks {group.size}, accuracy {history['accuracy'][-1]:.1%}, all bits {digest}")
        assert history["accuracy"][-1] > 0.9
    if "PMI_RANK" in os.environ:  # one of those that mpiexec started
        return
    mpiexec = Path(sys.executable).parent / "mpiexec"
    if find_spec("mpi4py") and mpiexec.exists():
        for ranks in ("2", "4"):
            command = [str(mpiexec), "-n", ranks, sys.executable, __file__]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 (this very script)
            print(told, end="")
            assert told.split()[-1] == digest
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    figure = picture(model, history, X, labels)
    print("written to", plotting.save(figure, folder / "train-in-parallel.svg"))


if __name__ == "__main__":
    main()
