"""From a wrong gradient to guilty lines: where, which mistake, what to write instead."""

from __future__ import annotations

import linecache
from dataclasses import dataclass, field

import numpy as np

from autograd_nn.compare.diagnosis.bench import Bench, Replacements
from autograd_nn.compare.diagnosis.classify import explained, mistake_of
from autograd_nn.compare.diagnosis.judging import Trial
from autograd_nn.compare.diagnosis.locate import Hypothesis
from autograd_nn.compare.diagnosis.repair import Place, Repair, repairs
from autograd_nn.compare.diagnosis.result import Blame, CodeLine

FRESH = 3  # points at which a repair must hold
BUDGET = 4000  # edits of a line
SETS = 4  # sets of lines that are looked into


@dataclass(frozen=True)
class Findings:
    """What was found about lines."""

    blame: tuple[Blame, ...] = ()
    contaminated: tuple[CodeLine, ...] = ()
    exact: tuple[CodeLine, ...] = ()
    notes: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Explanation:
    """A set of lines that explains a wrong gradient, and the repairs of each."""

    guilty: list[Hypothesis]
    repairs: dict[int, list[Repair]]

    def cost(self) -> tuple[int, int, float]:
        """Rank: repaired lines first, few lines, small edits."""
        missing = sum(not found for found in self.repairs.values())
        return missing, len(self.guilty), sum(f[0].edit.cost for f in self.repairs.values() if f)


def investigate(bench: Bench, trials: list[Trial]) -> Findings:
    """Search the guilty lines."""
    if not bench.instrumented.functions:
        return Findings(notes=("No line can be named: the source of the code is not available.",))
    wrong = [t for t in trials if any(not t.exact(n) for n in t.truth)]
    fresh = [t for t in trials if t is not wrong[0]][:FRESH]
    places = [Place.at(bench, t) for t in (wrong[0], *fresh)]
    main = places[0]
    sets = main.locator.search()
    explanations = []
    for guilty in sets[:SETS]:
        found = {h.site: repairs(places, guilty, h.site, BUDGET) for h in guilty}
        explanations.append(Explanation(guilty, found))
    if not explanations:
        return Findings(notes=("No line or small set of lines explains it.",))
    explanations.sort(key=Explanation.cost)
    return findings(main, explanations)


def findings(place: Place, explanations: list[Explanation]) -> Findings:
    """Put the best explanation into words."""
    best = explanations[0]
    blame = []
    for hypothesis in best.guilty:
        site = place.bench.site(hypothesis.site)
        found = best.repairs[hypothesis.site]
        line = vars(site.line)
        if not found:
            blame.append(Blame(**line, explanation="This line makes wrong values of right ones."))
            continue
        mistake = mistake_of(found[0], place)
        sentence, todo = explained(found[0], mistake, place)
        ties = tuple(explained(r, mistake_of(r, place), place)[1] for r in found[1:])
        blame.append(Blame(**line, mistake=mistake, explanation=sentence, repair=todo,
                           verified=found[0].verified, ties=ties))
    guilty = {place.bench.site(h.site).line.line for h in best.guilty}
    contaminated, exact = sorted_lines(place, place.locator.replacements(best.guilty), guilty)
    files = {line.file for line in (*blame, *contaminated, *exact)}
    sources = {file: "".join(linecache.getlines(file)) for file in files}
    return Findings(tuple(blame), contaminated, exact, (), sources)


def sorted_lines(
    place: Place, cure: Replacements, guilty: set[int]
) -> tuple[tuple[CodeLine, ...], tuple[CodeLine, ...]]:
    """Tell lines that were fed wrong values, which the cure changes, from those that it does not."""
    before = place.record.backward
    after = place.bench.seen(place.trial.point, cure)
    contaminated, exact = [], []
    for k, values in before.items():
        site = place.bench.site(k)
        if not site.verb or site.verb == "call" or site.line.line in guilty:
            continue
        changed = len(values) != len(after.get(k, [])) or not all(
            np.allclose(a, b, rtol=1e-9, atol=0) for a, b in zip(values, after[k], strict=True)
        )
        (contaminated if changed else exact).append(site.line)
    return tuple(dict.fromkeys(contaminated)), tuple(dict.fromkeys(exact))
