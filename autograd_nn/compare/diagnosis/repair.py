"""Search the edit of a line that makes every gradient right, and prove it at fresh points."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from heapq import merge
from types import FrameType
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.bench import Bench, Record, Replacements, Stream
from autograd_nn.compare.diagnosis.edit import Edit
from autograd_nn.compare.diagnosis.edits import REPEATED, edits, repeated
from autograd_nn.compare.diagnosis.judging import Trial
from autograd_nn.compare.diagnosis.locate import Hypothesis, Locator, fitted
from autograd_nn.compare.diagnosis.scene import Scene, compiled, normalises
from autograd_nn.compare.diagnosis.watch import Replacement

TIES = 4
TIE_TRIES = 150  # edits that are tried after one was found
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
        self.scenes: dict[int, Scene] = {}

    @classmethod
    def at(cls, bench: Bench, trial: Trial) -> Place:
        """Run the code at a trial."""
        return cls(bench, trial, bench.record(trial.point), bench.streams(trial.point))

    @cached_property
    def forward_code(self) -> str:
        """The lines of the forward pass."""
        return " ".join(self.bench.site(k).line.code for k in self.record.forward)

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
        if self.bench.problem.returns == "update":
            for name, leaf in zip(self.trial.truth, self.record.run.given, strict=False):
                found["p_" + re.sub(r"\W", "_", name) + "__before"] = [leaf]
        return found

    def scene(self, k: int, wanted: Any = None) -> Scene:
        """Set the scene of a site."""
        if k in self.scenes and wanted is None:
            return self.scenes[k]
        around, site = self.record.surroundings[k], self.bench.site(k)
        lacking = {name: values[0] for name, values in self.lacking(k).items()}
        origins = {n: "before" if n.endswith("__before") else "forward" for n in lacking}
        known = [np.asarray(v) for v in around.local.values() if isinstance(v, np.ndarray)]
        fresh = {
            name: value
            for name, value in lacking.items()
            if origins[name] == "before" or not any(np.array_equal(value, v) for v in known)
        }
        whole = [
            self.bench.site(other).node
            for other in self.record.backward
            if self.bench.site(other).verb and self.bench.site(other).function == site.function
        ]
        expressions: list[ast.expr] = [
            node
            for root in whole
            for node in ast.walk(root)
            if isinstance(node, ast.Subscript | ast.BinOp)
        ]
        literals = {
            ast.unparse(node)
            for other in (*self.record.backward, *self.record.forward)
            for node in ast.walk(self.bench.site(other).node)
            if isinstance(node, ast.Constant) and isinstance(node.value, float)
        }
        activations = self.bench.unary(
            self.bench.site(other).function for other in self.record.forward
        )
        scene = Scene(
            site,
            around,
            fresh,
            origins,
            expressions=expressions,
            whole=whole,
            literals=sorted(literals),
            activations=activations,
            normalises=normalises(self.forward_code),
            wanted=wanted,
            called=self.bench.code.codes,
        )
        scene.values |= self.recorded_parts(k)
        self.scenes[k] = scene
        return scene

    def recorded_parts(self, k: int) -> dict[str, Any]:
        """Return what the parts of a line were worth when it ran, before what it wrote in place."""
        site, made = self.bench.site(k), self.record.backward
        found: dict[str, Any] = {}
        for part in map(self.bench.site, made):
            is_here = part.line.line == site.line.line and part.function == site.function
            if is_here and not part.verb:
                found.setdefault(ast.unparse(part.node), made[part.index][0])
        return found

    def performing(self, k: int, edit: Edit) -> Replacement:
        """Make the replacement that evaluates an edit where the site is."""
        code, lacking = compiled(edit.node), self.lacking(k)

        def replacement(i: int, _value: Any, frame: FrameType) -> Any:
            extras = {n: values[i if len(values) > 1 else 0] for n, values in lacking.items()}
            names = {**frame.f_globals, REPEATED: repeated, **extras, **frame.f_locals}
            return eval(code, names)  # noqa: S307 (the user's own)

        return replacement

    def wanted(self, hypothesis: Hypothesis) -> Any:
        """Return what a site should make when it is met first."""
        made = self.record.backward.get(hypothesis.site, [])
        values = hypothesis.values(self.streams, len(made))
        ready = fitted(values, [np.shape(v) for v in made], leaf=False) if values else None
        return hypothesis.factor * ready[0] if ready else None


@dataclass(frozen=True)
class Repair:
    """An edit that makes everything right, and whether it did so at the fresh points too."""

    site: int
    edit: Edit
    score: float
    verified: bool


def search(
    places: list[Place],
    priors: dict[int, float],
    others: list[Hypothesis],
    wanted: dict[int, Any],
    budget: int,
) -> list[Repair]:
    """Find edits at the sites in `priors`, cheapest first, with the sites of `others` put right.

    A prior is what an edit at a site costs more.
    """
    first, *rest = places
    bases = [place.locator.replacements(others) for place in places]

    def queue(k: int) -> Iterator[tuple[float, int, Edit]]:
        scene = first.scene(k, wanted.get(k))
        return ((edit.cost + priors[k], k, edit) for edit in edits(scene))

    found: list[Repair] = []
    known: dict[Any, bool] = {}  # what edits make, and whether it was right
    queues = [queue(k) for k in priors if first.bench.site(k).verb not in ("", "after")]
    for tried, (score, k, edit) in enumerate(merge(*queues, key=lambda item: item[0])):
        budget = min(budget, tried + TIE_TRIES) if len(found) == 1 else budget
        if tried >= budget or len(found) >= TIES or (found and score > found[0].score + SLACK):
            break
        once = len(first.record.backward[k]) == 1
        key = fingerprint(first.scenes[k], edit) if once else None
        if key is not None and not known.get((k, key), True):
            continue
        right = first.is_right(bases[0] | {k: first.performing(k, edit)})
        known[k, key] = right
        if right and all(
            place.is_right(base | {k: place.performing(k, edit)})
            for place, base in zip(rest, bases[1:], strict=True)
            if k in place.record.backward
        ):
            found.append(Repair(k, edit, score, verified=bool(rest)))
    return found


def fingerprint(scene: Scene, edit: Edit) -> bytes | None:
    """Return what an edit makes, so that what makes the same is tried once; None if unknown."""
    value = scene.evaluate(edit.node) if scene.is_pure(edit.node) else None
    if not isinstance(value, np.ndarray | np.generic | float):
        return None
    with np.errstate(all="ignore"):
        return bytes(str(np.shape(value)), "ascii") + np.asarray(value, np.float32).tobytes()
