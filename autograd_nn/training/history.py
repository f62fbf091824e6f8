"""History: what was measured after every epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_nn.plotting import style, subplots


class History:
    """Hold a list of numbers for everything that is measured, an entry an epoch.

    Names are ``loss`` and those of the metrics; of the validation data they begin with ``val_``.

    Attributes
    ----------
    stopped : str or None
        Why training ended before the last epoch, if it did.

    Examples
    --------
    >>> history = History()
    >>> history.append({"loss": 0.5, "val_loss": 0.75})
    >>> history["val_loss"], len(history)
    ([0.75], 1)
    """

    def __init__(self) -> None:
        self.records: dict[str, list[float]] = {}
        self.stopped: str | None = None

    def append(self, record: Mapping[str, float]) -> None:
        """Add what was measured after an epoch: the same names every time."""
        if len(self) and record.keys() != self.records.keys():
            message = (
                f"History.append: {', '.join(record)} were measured, but {', '.join(self.records)} "
                "before; measure the same in every epoch"
            )
            raise ValueError(message)
        for name, number in record.items():
            self.records.setdefault(name, []).append(float(number))

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.records:
            message = f"History: {name!r} was not measured, only {', '.join(self.records)}"
            raise KeyError(message)
        return self.records[name]

    def __len__(self) -> int:
        """Count the epochs."""
        return max(map(len, self.records.values()), default=0)

    def last(self) -> dict[str, float]:
        """Return what was measured after the latest epoch."""
        return {name: numbers[-1] for name, numbers in self.records.items()}

    def to_dict(self) -> dict[str, list[float]]:
        """Return copies of the lists, by name: what ``pandas.DataFrame`` makes a table of."""
        return {name: [*numbers] for name, numbers in self.records.items()}

    def state_dict(self) -> dict[str, Any]:
        """Return what `save` is to write."""
        return {"records": self.to_dict(), "stopped": self.stopped}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        if state.keys() != {"records", "stopped"}:
            message = "History.load_state_dict: give what state_dict() of a History returned"
            raise KeyError(message)
        self.records = {name: [*numbers] for name, numbers in state["records"].items()}
        self.stopped = state["stopped"]

    @style()
    def plot(self) -> Any:
        """Draw every quantity against the epoch, training and validation in one picture.

        Returns
        -------
        matplotlib.figure.Figure
            ``plotting.save(figure, "history.svg")`` writes it.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed (the extra ``[plot]``).
        """
        names = [name for name in self.records if not name.startswith("val_")]
        columns = max(len(names), 1)
        figure, panels = subplots(1, columns, size=(4.5 * columns, 3.5))
        for axes, name in zip(panels, names, strict=False):  # of no records, one empty panel
            for label, key in (("training", name), ("validation", f"val_{name}")):
                if key in self.records:
                    axes.plot(range(1, len(self) + 1), self.records[key], label=label)
            axes.set(xlabel="epoch", ylabel=name)
            axes.legend()
        return figure

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {number:.4g}" for name, number in self.last().items())
        ending = f", stopped: {self.stopped}" if self.stopped else ""
        return f"History({len(self)} epochs{', ' if last else ''}{last}{ending})"
