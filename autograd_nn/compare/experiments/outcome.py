"""Hold what one case came to, and write it as a line of JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from autograd_nn.compare.experiments.cases import Case

FORMAT = 1  # of a line; a change of what is measured asks for another number


@dataclass(frozen=True)
class Agreement:
    """Set what a rule takes for the gradient beside the gradient.

    Attributes
    ----------
    cosine : float or None
        Of the angle between the two; None where one is zero.
    norm_ratio : float or None
        The rule's norm over the gradient's.
    sign_flips : float
        The share of entries whose signs are opposite.
    """

    cosine: float | None
    norm_ratio: float | None
    sign_flips: float


@dataclass(frozen=True)
class Outcome:
    """Hold the measures of one training run.  What is not a finite number is None.

    Attributes
    ----------
    case : Case
    loss : float or None
        Half the sum of squared errors over all samples, after the last epoch.
    accuracy : float
        The share of samples classified correctly, after the last epoch.
    epochs_to_target : int or None
        The first epoch after which the loss was at most the case's target.
    relapses : int
        How often the loss, having been at the target, rose above ten times that.
    raised : float
        The share of epochs that raised the loss; with all samples in a batch, of steps.
    curl : float or None
        At the initial weights, ``|J - J.T| / |J + J.T|`` of the Jacobian J of the rule: 0 if the
        rule is the gradient of some loss, even another one.
    agreement : dict of str to Agreement
        At the initial weights, over all samples; for 'W1', 'b1', 'W2', 'b2', the layers 'hidden'
        and 'output', and 'all'.
    epochs : tuple of int
        When the curves were sampled, about evenly on a logarithmic scale, from 0 on.
    losses : tuple of float or None
    cosines : tuple of float or None
        Of all parameters together.
    """

    case: Case
    loss: float | None
    accuracy: float
    epochs_to_target: int | None
    relapses: int
    raised: float
    curl: float | None
    agreement: dict[str, Agreement]
    epochs: tuple[int, ...]
    losses: tuple[float | None, ...]
    cosines: tuple[float | None, ...]

    def to_json(self) -> str:
        """Return one line of JSON, from which `from_json` makes an equal outcome."""
        return json.dumps({"format": FORMAT, **asdict(self)}, allow_nan=False)

    @classmethod
    def from_json(cls, line: str | bytes) -> Outcome:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If the line is no outcome, or of another format.
        """
        try:
            values = json.loads(line)
            found = values.pop("format")
            if found == FORMAT:
                values["case"] = Case(**values["case"])
                values["agreement"] = {
                    name: Agreement(**measures) for name, measures in values["agreement"].items()
                }
                for curve in ("epochs", "losses", "cosines"):
                    values[curve] = tuple(values[curve])
                return cls(**values)
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            msg = f"not an outcome of a sweep ({error!r}); begin a new file"
            raise ValueError(msg) from error
        msg = f"an outcome in format {found}, where {FORMAT} is read; begin a new file"
        raise ValueError(msg)


def digest(outcomes: Iterable[Outcome]) -> str:
    """Return the SHA-256 of the outcomes in whatever order: equal if all are equal to the bit.

    >>> digest([]) == hashlib.sha256(b"").hexdigest()
    True
    """
    lines = sorted(outcome.to_json() for outcome in outcomes)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
