"""Keep outcomes in a file to which lines are only ever added, so that no kill loses any."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from autograd_nn.compare.experiments.cases import Case
from autograd_nn.compare.experiments.outcome import Outcome


class Journal:
    """Read what a JSONL file holds, then add to it.

    Parameters
    ----------
    path : path-like
        Made, with its folder, if it does not exist.  A last line without its end, which a kill
        may leave, is cut off; its case is then done again.

    Attributes
    ----------
    outcomes : dict of Case to Outcome
        What the file holds.

    Raises
    ------
    ValueError
        If a whole line is not an outcome; the message names file and line.
    OSError
        If the file cannot be read or written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a+b")  # every write goes to the end
        try:
            self.outcomes = self._read()
        except BaseException:
            self._file.close()
            raise

    def _read(self) -> dict[Case, Outcome]:
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        found = {}
        for number, line in enumerate(content[:whole].splitlines(), start=1):
            try:
                outcome = Outcome.from_json(line)
            except ValueError as error:
                msg = f"{self.path}, line {number}: {error}"
                raise ValueError(msg) from error
            found[outcome.case] = outcome
        if whole < len(content):
            self._file.truncate(whole)
        return found

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Write a line for each outcome, all the way to the disk."""
        outcomes = list(outcomes)
        self._file.write("".join(f"{outcome.to_json()}\n" for outcome in outcomes).encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        self.outcomes.update((outcome.case, outcome) for outcome in outcomes)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
