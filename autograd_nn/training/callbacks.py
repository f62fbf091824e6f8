"""Callbacks: what is called after every epoch with the `Run`, in the order given.

Any function of a `Run` will do.  One that has ``state_dict()`` and ``load_state_dict()`` is saved
with a checkpoint, and goes on where it was.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import inf, isfinite
from typing import Any

from autograd_nn.saving import save
from autograd_nn.training.run import Run


class Checkpoint:
    """Save the training to a file, from which ``fit(..., resume=path)`` goes on bit for bit.

    `fit` calls it last, so that it saves what the other callbacks leave.  Once the loss is not
    finite nothing is saved any more: the file stays what one can go back to.

    Parameters
    ----------
    path : path
        Replaced whole or not at all; see `autograd_nn.save`.
    every : int
        Save after every so many epochs; and when training ends early.
    """

    def __init__(self, path: str | os.PathLike[str], *, every: int = 1) -> None:
        if not (isinstance(every, int) and every > 0):
            message = f"Checkpoint: every={every!r} must be a whole number above 0"
            raise ValueError(message)
        self.path, self.every = path, every

    def __call__(self, run: Run) -> None:
        """Save, if it is time."""
        due = run.epoch % self.every == 0 or run.history.stopped or run.paused
        if due and isfinite(run.history["loss"][-1]):
            save(self.path, **run.parts())


class EarlyStopping:
    """Stop when a quantity has not improved for some epochs; give the model its best state back.

    Prechelt, "Early stopping - but when?" (1998).

    Parameters
    ----------
    monitor : str
        A name in the history, such as ``val_loss`` or ``val_accuracy``.
    patience : int
        For how many epochs in a row it may fail to improve.
    min_delta : float
        By how much more than this it must improve to count.
    mode : {"min", "max"}
        Whether less is better, or more.
    restore_best : bool
        Whether the model's parameters and buffers become again what they were when the quantity
        was best, if training is stopped.

    Attributes
    ----------
    best : float
        The best value.
    best_epoch : int
        The epoch, counted from 1, after which it was measured; 0 if none was.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        *,
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str = "min",
        restore_best: bool = True,
    ) -> None:
        if mode not in ("min", "max"):
            message = f"EarlyStopping: mode={mode!r} must be 'min' or 'max'"
            raise ValueError(message)
        if not (isinstance(patience, int) and patience > 0):
            message = f"EarlyStopping: patience={patience!r} must be a whole number above 0"
            raise ValueError(message)
        if not min_delta >= 0:
            message = f"EarlyStopping: min_delta={min_delta!r} must not be negative"
            raise ValueError(message)
        self.monitor, self.patience, self.min_delta = monitor, patience, min_delta
        self.mode, self.restore_best = mode, restore_best
        self.best, self.best_epoch = inf if mode == "min" else -inf, 0
        self.best_state: dict[str, Any] = {}

    def __call__(self, run: Run) -> None:
        """Note an improvement, or stop."""
        value = run.history[self.monitor][-1]
        gain = self.best - value if self.mode == "min" else value - self.best
        if gain > self.min_delta:
            self.best, self.best_epoch = value, run.epoch
            if self.restore_best:
                self.best_state = run.model.state_dict()
        elif run.epoch - self.best_epoch >= self.patience:
            best = f"{self.best:.4g} after epoch {self.best_epoch}" if self.best_epoch else "none"
            run.stop(f"no better {self.monitor} for {self.patience} epochs; best: {best}")
            if self.best_state:
                run.model.load_state_dict(self.best_state)

    def state_dict(self) -> dict[str, Any]:
        """Return what `save` is to write."""
        numbers = {"best": self.best, "best_epoch": self.best_epoch}
        return numbers | {f"best_state.{name}": x for name, x in self.best_state.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        kept = ((name.partition("."), x) for name, x in state.items())
        self.best_state = {name: x for (start, _, name), x in kept if start == "best_state"}
