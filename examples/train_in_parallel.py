"""However many ranks train, the parameters are the same to the bit: 1, 2 and 4 of them.

``mpiexec -n 2 python examples/train_in_parallel.py`` trains on two ranks; without ``mpiexec`` the
script trains alone, then starts itself on two and on four ranks, where MPI is installed (the
extra ``[mpi]``), and compares.
"""

import os
import subprocess
import sys
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from autograd_nn import fit, nn, optim
from autograd_nn.parallel import Group
from autograd_nn.training import accuracy

group = Group(shards=4)  # first of all: from here on, an error on any rank ends the job

rng = np.random.default_rng(0)
X = rng.normal(size=(600, 2))
labels = (np.hypot(X[:, 0], X[:, 1]) < 1.1).astype(int)  # inside a circle or not

model = nn.MLP((2, 32, 2), activation=nn.Tanh, dropout=0.1, rng=0)
history = fit(
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
states = {**model.state_dict(), **{name: np.array(x) for name, x in history.to_dict().items()}}
digest = sha256(b"".join(states[name].tobytes() for name in sorted(states))).hexdigest()

if group.rank == 0:
    print(f"ranks {group.size}, accuracy {history['accuracy'][-1]:.1%}, all bits {digest}")
    assert history["accuracy"][-1] > 0.9

mpiexec = Path(sys.executable).parent / "mpiexec"
if "PMI_RANK" not in os.environ and find_spec("mpi4py") and mpiexec.exists():
    for ranks in ("2", "4"):
        command = [str(mpiexec), "-n", ranks, sys.executable, __file__]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 (this very script)
        print(told, end="")
        assert told.split()[-1] == digest
