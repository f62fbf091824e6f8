"""What a diagnosis says: its verdict, the lines that it blames, and the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from numpy.typing import NDArray

from autograd_nn.compare.comparison import GradientComparison
from autograd_nn.compare.diagnosis.page import fragment, page
from autograd_nn.compare.diagnosis.report import text
from autograd_nn.compare.training import TrainingEffect
from autograd_nn.strict import strict


class DiagnosisVerdict(StrEnum):
    """Say what a hand-written gradient is."""

    EXACT = "exact"
    EXACT_UP_TO_A_FACTOR = "exact up to a factor"
    GRADIENT_OF_ANOTHER_LOSS = "gradient of another loss"
    BIASED = "biased"
    NOT_A_DESCENT = "not a descent"
    CANNOT_DECIDE = "cannot decide"

    @property
    def sentence(self) -> str:
        """What the verdict means."""
        return _SENTENCES[self]


_SENTENCES = {
    DiagnosisVerdict.EXACT: "The backward pass computes the gradient of the loss.",
    DiagnosisVerdict.EXACT_UP_TO_A_FACTOR: "The backward pass computes the gradient of the loss up "
    "to a constant factor.",
    DiagnosisVerdict.GRADIENT_OF_ANOTHER_LOSS: "The backward pass computes the gradient of a "
    "function, but not of this loss.",
    DiagnosisVerdict.BIASED: "What the backward pass computes is not the gradient, though it "
    "pointed uphill wherever it was tried.",
    DiagnosisVerdict.NOT_A_DESCENT: "What the backward pass computes is not the gradient, and a "
    "step along it, however small, can raise the loss.",
    DiagnosisVerdict.CANNOT_DECIDE: "Whether the backward pass computes the gradient cannot be "
    "decided.",
}


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
    effects : tuple of TrainingEffect
        What `repair_effects` measured, if it was asked.
    gradients : mapping of str to array
        What was judged, at the given point: for pictures, and not in the JSON.
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
    effects: tuple[TrainingEffect, ...] = ()
    gradients: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False, compare=False)

    def assert_ok(self) -> None:
        """Pass silently if the gradient is exact, for use in a test.

        Raises
        ------
        AssertionError
            If the verdict is any other, CANNOT_DECIDE included; the text is the report.
        """
        __tracebackhide__ = True  # pytest shows the line of the test, not ours
        if self.verdict is not DiagnosisVerdict.EXACT:
            raise AssertionError(str(self))

    def to_dict(self) -> dict[str, Any]:
        """Return the diagnosis as plain dicts, lists, strings and numbers (NaN and inf too)."""
        return {
            "verdict": self.verdict.name,
            "factor": dict(self.factor),
            "reason": self.reason,
            "blame": [vars(line) | {"ties": list(line.ties)} for line in self.blame],
            "contaminated": [dict(vars(line)) for line in self.contaminated],
            "exact": [dict(vars(line)) for line in self.exact],
            "counterexample": self.counterexample,
            "notes": list(self.notes),
            "comparison": self.comparison.to_dict(),
            "effects": [dict(vars(effect)) for effect in self.effects],
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return `to_dict` as strict JSON.

        Arrays become lists; NaN and infinity become the strings "NaN", "Infinity" and
        "-Infinity", which ``float`` reads back.
        """
        return json.dumps(strict(self.to_dict()), indent=indent, allow_nan=False)

    def to_html(self) -> str:
        """Return one self-contained page: the verdict, the code in colours, the repairs, the proof.

        It needs no other file and no network, and follows the reader's light or dark setting.
        """
        return page(self)

    def __str__(self) -> str:
        """Return the report, at most 100 columns wide, without colours."""
        return text(self)

    def _repr_html_(self) -> str:
        return fragment(self)
