"""How far training is: a bar on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from tqdm import tqdm

from autograd_nn.training.history import History

N_LINES = 10


class Progress:
    """Show on the standard error stream how far training is."""

    def __init__(self, epochs: int, done: int, *, shown: bool) -> None:
        self.epochs, self.shown = epochs, shown
        self.bar = tqdm(
            total=epochs,
            initial=done,
            disable=not (shown and sys.stderr.isatty()),
            nrows=24,  # where the terminal does not say how high it is, tqdm would show nothing
            bar_format="{percentage:3.0f}%|{bar}| epoch {n} of {total}{postfix} [{remaining}]",
        )

    def show(self, history: History) -> None:
        """Show what was measured after an epoch."""
        epoch = len(history)
        text = ", ".join(f"{name} {number:.4g}" for name, number in history.last().items())
        if not self.bar.disable:
            self.bar.set_postfix_str(text, refresh=False)
            self.bar.update()
        elif self.shown:
            due = epoch * N_LINES // self.epochs > (epoch - 1) * N_LINES // self.epochs
            if due or epoch == 1 or history.stopped:
                ending = f" (stopped: {history.stopped})" if history.stopped else ""
                sys.stderr.write(f"epoch {epoch} of {self.epochs}: {text}{ending}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.close()
