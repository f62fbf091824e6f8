"""What a picture shows, as plain data: cards, edges, frames.

`Picture.to_dict` is what ``g.render("step.json")`` writes; ``docs/graph.schema.json`` describes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from math import isfinite, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.draw.tables import norm, statistics
from autograd_nn.draw.text import clean

Array = NDArray[Any]
MOST_ENTRIES = 64  # of an array in JSON; of larger ones only the statistics
VERSION = 1


class Kind(StrEnum):
    """What part a value plays; the word stands on its card."""

    INPUT = "input"
    PARAMETER = "parameter"
    OPERATION = "operation"
    OUTPUT = "output"
    LOSS = "loss"
    REPEAT = "repeat"
    MODULE = "module"
    OMITTED = "omitted"


LEAVES = (Kind.INPUT, Kind.PARAMETER)
FOLDS = (Kind.REPEAT, Kind.MODULE, Kind.OMITTED)


class Status(StrEnum):
    """What a check found out about a gradient derived by hand."""

    EXACT = "exact"
    GUILTY = "guilty"
    CONTAMINATED = "contaminated"


@dataclass(frozen=True)
class Verdict:
    """What a check says of one gradient: its status, a sentence, the numbers that were checked."""

    status: Status
    sentence: str
    yours: Array | None = None


@dataclass(eq=False)
class Card:
    """One value: an operation and its result, a parameter, an input; or what stands for several.

    Attributes
    ----------
    id : str
        Our own, such as ``n3``; names come from users and identify nothing.
    kind : Kind
        What part it plays.
    title, path : str
        Its name, and the whole of it where that is longer (``network.0.weight``).
    operation, formula : str
        What made it, and how it was computed.
    value, gradient : array or None
        The numbers; if None, `value_note` and `gradient_note` say why.
    gradient_name : str
        ``∂loss/∂W1``; or ``W1.grad``, if what is stored is not known to be that derivative.
    remark : str
        What else there is to know about the gradient.
    frame : int or None
        The number of the innermost module frame that it is in.
    line : str
        The user's line that computed it, as ``file:line``, if lines were recorded.
    ghost_of : str
        The id of the card with the numbers, if this is one more use of a leaf.
    verdict : Verdict or None
        What a check says of its gradient.
    count, norms : int, list of float
        Of a fold: how many operations it stands for, and the norm of the gradient at the end of
        each repetition, in the order of computation.
    """

    id: str
    kind: Kind
    title: str
    path: str = ""
    operation: str = ""
    formula: str = ""
    shape: tuple[int, ...] = ()
    dtype: str = ""
    value: Array | None = None
    value_note: str = ""
    gradient: Array | None = None
    gradient_note: str = ""
    gradient_name: str = ""
    remark: str = ""
    frame: int | None = None
    line: str = ""
    ghost_of: str = ""
    verdict: Verdict | None = None
    count: int = 1
    norms: list[float] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        """Whether it was not computed."""
        return self.kind in LEAVES

    @property
    def is_fold(self) -> bool:
        """Whether it stands for several operations."""
        return self.kind in FOLDS

    @cached_property
    def gradient_norm(self) -> float | None:
        """Size of the gradient, where there is one."""
        return None if self.gradient is None else norm(self.gradient)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "title": self.title,
            "path": self.path,
            "operation": self.operation,
            "formula": self.formula,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "value": numbers(self.value, self.value_note),
            "gradient": numbers(self.gradient, self.gradient_note)
            | {"name": self.gradient_name, "remark": self.remark},
            "frame": self.frame,
            "line": self.line,
            "ghost_of": self.ghost_of,
            "check": None
            if self.verdict is None
            else {
                "status": self.verdict.status.value,
                "sentence": self.verdict.sentence,
                "yours": numbers(self.verdict.yours, ""),
            },
            "count": self.count,
            "norms": [strict(x) for x in self.norms],
        }


@dataclass(eq=False)
class Edge:
    """The way from an operand to what is computed from it, and of the gradient back.

    Attributes
    ----------
    source, target : str
        Ids of the operand's card and of the card that is computed from it.
    argument : int or None
        Which argument of the operation; None where a fold stands at an end.
    derivative, rule : str
        The local derivative in short (``· W2ᵀ``), and the whole rule of the table in terms of the
        cotangent ``v``.
    contribution : array or None
        What comes back this way.  All that enters a card sums to its gradient.
    pull : callable or None
        The rule: what would come back, if another gradient came to the target.
    """

    source: str
    target: str
    argument: int | None = None
    derivative: str = ""
    rule: str = ""
    contribution: Array | None = None
    pull: Callable[[Array], Array] | None = None

    @cached_property
    def norm(self) -> float | None:
        """Size of what comes back this way."""
        return None if self.contribution is None else norm(self.contribution)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "source": self.source,
            "target": self.target,
            "argument": self.argument,
            "derivative": self.derivative,
            "rule": self.rule,
            "contribution": numbers(self.contribution, ""),
        }


@dataclass(frozen=True)
class Frame:
    """A module whose operations are drawn inside it; `parent` is the number of the one around."""

    path: str
    kind: str
    parent: int | None = None


@dataclass(eq=False)
class Picture:
    """All cards, operands before what is computed from them, with what joins and frames them."""

    cards: list[Card]
    edges: list[Edge]
    frames: list[Frame]
    roots: list[str]
    operations: int
    parameters: int
    entries: int
    drawn: int
    is_full: bool = True  # whether cards show their numbers; else they are one line each
    has_widths: bool = True  # whether the width of an edge says how much it brings
    code: list[dict[str, Any]] = field(default_factory=list)  # that a diagnosis judged

    @property
    def root(self) -> Card:
        """The end of the computation; of several, the last."""
        last = self.roots[-1]
        return next(card for card in reversed(self.cards) if card.id == last)

    @property
    def is_backward(self) -> bool:
        """Whether any gradient is shown."""
        return any(card.gradient is not None for card in self.cards)

    @property
    def is_joined(self) -> bool:
        """Whether it is known what the edges bring."""
        return any(edge.contribution is not None for edge in self.edges)

    @property
    def extent(self) -> str:
        """How much of the computation is drawn."""
        return f"drawn {self.drawn:,} of {self.operations:,} operations"

    def share(self, size: float, largest: float) -> float:
        """Measure what an edge brings against the largest, by the root: from 0 to 1, for widths."""
        if not self.has_widths:
            return 0.0
        share = (size / largest if largest else 0.0) if isfinite(size) else 1.0
        return sqrt(min(share, 1.0))

    def card(self, name: str) -> Card:
        """Find a card by its title, path or id; the first of them that is not a ghost."""
        name = clean(name, 400)
        for card in self.cards:
            if name in (card.title, card.path, card.id) and not card.ghost_of:
                return card
        message = f"card: there is none called {name!r}"
        raise LookupError(message)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return {
            "version": VERSION,
            "roots": self.roots,
            "operations": self.operations,
            "drawn": self.drawn,
            "parameters": self.parameters,
            "entries": self.entries,
            "cards": [card.to_dict() for card in self.cards],
            "edges": [edge.to_dict() for edge in self.edges],
            "frames": [vars(frame) for frame in self.frames],
        }


def numbers(array: Array | None, note: str) -> dict[str, Any]:
    """Write an array as JSON has it: the numbers of a small one, statistics of any."""
    if array is None:
        return {"note": note, "shape": None, "numbers": None, "statistics": None}
    labels, found = statistics(array) if array.size else ([], np.zeros((0, 1)))
    return {
        "note": note,
        "shape": list(array.shape),
        "numbers": strict(array.tolist()) if array.size <= MOST_ENTRIES else None,
        "statistics": dict(zip(labels, strict(found[:, 0].tolist()), strict=True)),
    }


def strict(x: Any) -> Any:
    """Replace what JSON has no number for: NaN and infinities by strings, complex by pairs.

    >>> strict([1.0, float("nan"), 1 + 2j])
    [1.0, 'NaN', [1.0, 2.0]]
    """
    if isinstance(x, list):
        return [strict(item) for item in x]
    if isinstance(x, complex):
        return [strict(x.real), strict(x.imag)]
    if isinstance(x, float) and not isfinite(x):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"  # noqa: PLR0124 (NaN)
    return x
