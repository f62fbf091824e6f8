"""What a diagnosis says: its verdict, the lines that it blames, and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from autograd_nn.compare.comparison import GradientComparison


class DiagnosisVerdict(StrEnum):
    """Say what a hand-written gradient is."""

    EXACT = "exact"
    EXACT_UP_TO_A_FACTOR = "exact up to a factor"
    GRADIENT_OF_ANOTHER_LOSS = "gradient of another loss"
    BIASED = "biased"
    NOT_A_DESCENT = "not a descent"
    CANNOT_DECIDE = "cannot decide"


@dataclass(frozen=True)
class CodeLine:
    """Name a line of the user's code, and the variable that it makes.

    Attributes
    ----------
    file : str
        As the user would name it.
    line : int
        From 1.
    variable : str
        What the line assigns to, as it is written: ``dW2``, ``grads["W1"]``, ``layer.bias``.
    code : str
        The text of the line, stripped.
    """

    file: str
    line: int
    variable: str
    code: str


@dataclass(frozen=True)
class Blame(CodeLine):
    """Say what is wrong with a line.

    Attributes
    ----------
    mistake : str
        The class of the mistake, a key of `MISTAKES`.
    explanation : str
        A sentence or two: what the line computes, and what it should be.
    repair : str or None
        What to write instead.
    verified : bool
        Whether the repair made every gradient exact at fresh random points.
    ties : tuple of str
        Other repairs that are as good, on this line or another.
    """

    mistake: str = "unknown"
    explanation: str = ""
    repair: str | None = None
    verified: bool = False
    ties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """Hold what was found; print it for the report.

    Attributes
    ----------
    verdict : DiagnosisVerdict
    comparison : GradientComparison
        The hand-written gradient beside the automatic one and the witness.
    factor : dict of str to str
        For each parameter that differs by a constant, its name: ``{"W1": "1/N"}``.
    reason : str
        Why an odd-looking right gradient is right, or why nothing can be decided.
    blame : tuple of Blame
        Guilty lines, most certain first.
    contaminated : tuple of CodeLine
        Lines that are right but were fed wrong values.
    exact : tuple of CodeLine
        Lines that are right.
    counterexample : mapping or None
        For NOT_A_DESCENT, a point at which the printed step raises the loss.
    notes : tuple of str
        What else was noticed, a sentence each: that no line can be named, ties, precision.
    sources : mapping of str to str
        The text of each file of the user's that appears above.
    """

    verdict: DiagnosisVerdict
    comparison: GradientComparison
    factor: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    blame: tuple[Blame, ...] = ()
    contaminated: tuple[CodeLine, ...] = ()
    exact: tuple[CodeLine, ...] = ()
    counterexample: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
