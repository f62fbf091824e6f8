"""Search the edit of a guilty line that makes every gradient right, and prove it at fresh points."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.bench import Bench, Record, Replacements, Stream
from autograd_nn.compare.diagnosis.edits import Edit, Scene, compiled, edits
from autograd_nn.compare.diagnosis.instrument import Replacement, Surroundings
from autograd_nn.compare.diagnosis.judging import Trial
from autograd_nn.compare.diagnosis.locate import Hypothesis, Locator

TIES = 4
SLACK = 0.45  # how much more a tie may cost than the cheapest repair


@dataclass
class Place:
    """A trial, with all that the code made there."""

    bench: Bench
    trial: Trial
    record: Record
    streams: list[Stream]
    locator: Locator = field(init=False)

    def __post_init__(self) -> None:
        self.locator = Locator(self.bench, self.trial, self.record, self.streams)

    @classmethod
    def at(cls, bench: Bench, trial: Trial) -> Place:
        """Run the code at a trial."""
        return cls(bench, trial, bench.record(trial.point), bench.streams(trial.point))

    def is_right(self, replacements: Replacements) -> bool:
        """Tell whether replacements make everything right."""
        return self.bench.right(self.trial, replacements) == set(self.trial.truth)

    # ---- names that a line lacks -------------------------------------------------------------

    def lacking(self, k: int) -> dict[str, list[Any]]:
        """List values that have no name at a site: by a name of ours, time after time.

        They are variables of the forward pass and, where parameters are updated, what these were.
        """
        around = self.record.surroundings[k]
        found: dict[str, list[Any]] = {}
        count = len(self.record.backward[k])
        for site, values in self.record.forward.items():
            variable = self.bench.site(site).line.variable
            if self.bench.site(site).verb == "=" and variable.isidentifier():
                name = f"{variable}__forward" if variable in around.local else variable
                if len(values) in (1, count) and name not in found:
                    found[name] = values
                if len(values) == count > 1:
                    found.setdefault(f"{name}__reversed", values[::-1])
        if self.bench.problem.returns == "update":
            for name, leaf in zip(self.trial.truth, self.record.run.given, strict=False):
                found[name.replace(".", "_") + "__before"] = [leaf]
        return found

    def scene(self, k: int) -> Scene:
        """Set the scene of a site."""
        around = self.record.surroundings[k]
        lacking = {name: values[0] for name, values in self.lacking(k).items()}
        origins = {n: "before" if n.endswith("__before") else "forward" for n in lacking}
        known = [np.asarray(v) for v in around.local.values() if isinstance(v, np.ndarray)]
        fresh = {
            name: value
            for name, value in lacking.items()
            if origins[name] == "before"
            or not any(np.array_equal(value, v) for v in known)
        }
        return Scene(self.bench.site(k), Surroundings(around.module, around.local), fresh, origins)

    def performing(self, k: int, edit: Edit) -> Replacement:
        """Make the replacement that evaluates an edit where the site is."""
        code, lacking = compiled(edit.node), self.lacking(k)

        def replacement(i: int, _value: Any, frame: FrameType) -> Any:
            extras = {n: values[i if len(values) > 1 else 0] for n, values in lacking.items()}
            return eval(code, {**frame.f_globals, **extras, **frame.f_locals})  # noqa: S307 (the user's own)

        return replacement


@dataclass(frozen=True)
class Repair:
    """An edit that makes everything right, and whether it did so at the fresh points too."""

    site: int
    edit: Edit
    verified: bool


def repairs(
    places: list[Place], guilty: list[Hypothesis], k: int, budget: int
) -> list[Repair]:
    """Find edits of a guilty site, the other guilty ones being put right."""
    first, *rest = places
    others = [h for h in guilty if h.site != k]
    bases = [place.locator.replacements(others) for place in places]
    found: list[Repair] = []
    for tried, edit in enumerate(edits(first.scene(k))):
        if tried > budget or len(found) >= TIES:
            break
        if found and edit.cost > found[0].edit.cost + SLACK:
            break
        if first.is_right(bases[0] | {k: first.performing(k, edit)}) and all(
            place.is_right(base | {k: place.performing(k, edit)})
            for place, base in zip(rest, bases[1:], strict=True)
            if k in place.record.backward
        ):
            found.append(Repair(k, edit, verified=bool(rest)))
    return found
