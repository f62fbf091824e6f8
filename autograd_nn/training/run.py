"""Run: what callbacks see of a training, and what is saved of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_nn.nn import Module
from autograd_nn.optim import LRSchedule
from autograd_nn.training.history import History


@dataclass
class Run:
    """Hold the parts of a training; `fit` gives it to every callback after every epoch.

    Attributes
    ----------
    model : Module
    optimizer : Optimizer or LBFGS
    rng : Generator
        What the samples are shuffled by.
    schedule : LRSchedule or None
    callbacks : sequence of callable
    history : History
    paused : bool
        Whether training ends after this epoch, to be resumed.
    """

    model: Module
    optimizer: Any
    rng: np.random.Generator
    schedule: LRSchedule | None = None
    callbacks: Sequence[Callable[[Run], Any]] = ()
    history: History = field(default_factory=History)
    paused: bool = False

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.history)

    def stop(self, reason: str) -> None:
        """End training after this epoch, and say why in the history."""
        self.history.stopped = reason

    def pause(self) -> None:
        """End training after this epoch; what a `Checkpoint` saves can be resumed."""
        self.paused = True

    def parts(self) -> dict[str, Any]:
        """Name all that has a state, for `autograd_nn.save` and `autograd_nn.load`.

        A callback that has a ``state_dict()`` is named by its place among all of them.
        """
        parts: dict[str, Any] = {
            "model": self.model,
            "optimizer": self.optimizer,
            "rng": self.rng,
            "history": self.history,
        }
        if self.schedule is not None:
            parts["schedule"] = self.schedule
        stateful = [x for x in self.callbacks if hasattr(x, "state_dict")]
        return parts | {f"callback_{i}": callback for i, callback in enumerate(stateful)}
