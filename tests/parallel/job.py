"""What the tests of real ranks run: a training, with one of many mishaps."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import nn, optim
from autograd_nn.parallel import Group
from autograd_nn.training import Checkpoint, fit

EPOCHS, MISHAP = 4, 22  # of the calls of the loss on a rank; 9 to 36 an epoch, by number of ranks
RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 6))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


def train(
    kind: str, path: Path, resume: Path | None = None, mishap: str = "", victim: int = 0
) -> str:
    """Train with checkpoints; return a digest of the parameters, the optimiser and the history."""
    group = Group(shards=4)
    mishap = mishap if group.rank == victim else ""
    model = nn.MLP((6, 16, 2), dropout=0.2, rng=group.rank)
    parameters = model.parameters()
    makers: dict[str, Callable[[], optim.Optimizer]] = {
        "Adam": lambda: optim.Adam(parameters, lr=0.05),
        "SGD": lambda: optim.SGD(parameters, lr=0.1, momentum=0.9),
    }
    optimizer = makers[kind]()
    calls = 0

    def loss(prediction: Any, target: Any) -> Any:
        nonlocal calls
        calls += 1
        if mishap in FATES and calls * group.size >= 4 * MISHAP:
            FATES[mishap]()
        return nn.cross_entropy(prediction, target)

    if mishap == "kill in a save":
        kill_in_save(number=2)
    history = fit(
        model,
        (X, Y),
        loss,
        optimizer,
        EPOCHS,
        batch_size=9,
        rng=group.rank,
        callbacks=[Checkpoint(path)],
        resume=resume,
        parallel=group,
        progress=False,
    )
    found = hashlib.sha256(repr(history.to_dict()).encode())
    for state in (model.state_dict(), optimizer.state_dict()):
        for name, array in state.items():
            found.update(name.encode() + array.tobytes())
    return found.hexdigest()


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    message = "no more data"
    raise OSError(message)


FATES: dict[str, Callable[[], Any]] = {"kill": kill, "fail": fail, "exit": lambda: sys.exit(0)}


def kill_in_save(number: int) -> None:
    """Be killed when a checkpoint, not the first, has been written but has not taken its name."""
    replace, saves = os.replace, 0

    def killing(*args: Any) -> None:
        nonlocal saves
        saves += 1
        if saves == number:
            kill()
        replace(*args)

    os.replace = killing  # type: ignore[assignment]


if __name__ == "__main__":
    folder, mishap, victim, *resume = sys.argv[1:]
    for kind in ("Adam",) if mishap or resume else ("Adam", "SGD"):
        source = Path(resume[0]) if resume else None
        digest = train(kind, Path(folder) / kind, source, mishap, int(victim))
        sys.stdout.write(f"{kind} {digest}\n")
        sys.stdout.flush()
