"""From a wrong gradient to guilty lines: where, which mistake, what to write instead."""

from __future__ import annotations

import ast
import linecache
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.bench import Bench, Replacements
from autograd_nn.compare.diagnosis.classify import is_of_another_loss, mistake_of
from autograd_nn.compare.diagnosis.helpers import judged_helpers
from autograd_nn.compare.diagnosis.judging import Trial
from autograd_nn.compare.diagnosis.locate import Hypothesis
from autograd_nn.compare.diagnosis.repair import Place, Repair, search
from autograd_nn.compare.diagnosis.result import Blame, CodeLine
from autograd_nn.compare.diagnosis.watch import Replacement
from autograd_nn.compare.diagnosis.wording import explained, spoken
from autograd_nn.transforms.trees import flatten

FRESH = 3  # points at which a repair must hold
BUDGET = 5000  # edits that are tried
SETS = 3  # sets of several lines that are looked into
NOT_LOCATED, RIGHT_NOW, COPIES = 0.3, 0.25, -0.35  # what an edit costs more at a site
SUSPECT = -0.25  # the same, in a function that should be a derivative and is none
FED, FED_PERHAPS = 0.75, 0.25  # the same, after the first line that is wrong, or may be meant so


@dataclass(frozen=True)
class Findings:
    """What was found about lines."""

    blame: tuple[Blame, ...] = ()
    contaminated: tuple[CodeLine, ...] = ()
    exact: tuple[CodeLine, ...] = ()
    notes: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Guilty:
    """A guilty line: the site, and repairs of it, the best first."""

    site: int
    repairs: list[Repair]


def investigate(bench: Bench, trials: list[Trial], factors: dict[str, str]) -> Findings:
    """Search the guilty lines."""
    if not bench.instrumented.functions:
        return Findings(notes=("No line can be named: the source of the code is not available.",))
    wrong = [t for t in trials if any(not t.exact(n) for n in t.truth)]
    fresh = [t for t in trials if t is not wrong[0]][:FRESH]
    places = [Place.at(bench, t) for t in (wrong[0], *fresh)]
    main = places[0]
    sets = main.locator.search()
    guilty = one_line(places, sets)
    if not guilty:
        several = [several_lines(places, chosen) for chosen in sets[:SETS]]
        guilty = min(several, key=lambda lines: sum(not g.repairs for g in lines), default=[])
    if not all(g.repairs for g in guilty) or not guilty:
        terms = wrong_penalty(places, trials)
        if terms:
            return Findings(blame=terms)
    if not guilty:
        return Findings(notes=("No line or small set of lines explains the difference.",))
    return findings(main, guilty, cure_of(main, guilty, sets), factors)


def cure_of(main: Place, guilty: list[Guilty], sets: list[list[Hypothesis]]) -> Replacements:
    """Find what puts guilty lines right: the values that they should make, or else the repairs."""
    lines = {main.bench.site(g.site).line.line for g in guilty}
    for chosen in sets:
        if {main.bench.site(h.site).line.line for h in chosen} == lines:
            return main.locator.replacements(chosen)
    return {g.site: main.performing(g.site, g.repairs[0].edit) for g in guilty if g.repairs}


def one_line(places: list[Place], sets: list[list[Hypothesis]]) -> list[Guilty]:
    """Search an edit of one line that explains everything."""
    main = places[0]
    located = {h.site: h for chosen in sets if len(chosen) == 1 for h in chosen}
    lines = {main.bench.site(k).line.line for k in located}
    innocent, suspect = judged_helpers(main)
    functions = {main.bench.site(h.site).function for chosen in sets for h in chosen}
    first_line, onset, fed = -1, 0, 0.0
    if located:
        first = sets[0][0]
        first_line, onset = main.bench.site(first.site).line.line, main.locator.onset(first)
        fed = FED_PERHAPS if first.site in main.locator.true_now else FED
    priors: dict[int, float] = {}
    for k in main.locator.sites():
        site = main.bench.site(k)
        if site.function in innocent or main.locator.wrong - main.locator.influence(k):
            continue
        if sets and not located and site.function in functions:
            continue  # more than one line of these is wrong
        prior = 0.0
        if site.line.line not in lines:
            prior += NOT_LOCATED + RIGHT_NOW * (k in main.locator.true_now)
        prior += fed * (site.line.line != first_line and main.record.times[k][-1] > onset)
        prior += COPIES * (isinstance(site.node, ast.Name) and site.verb == "=")
        priors[k] = SUSPECT if site.function in suspect else prior
    wanted = {k: main.wanted(h) for k, h in located.items()}
    found = search(places, priors, [], wanted, BUDGET)
    if found:
        return [Guilty(found[0].site, found)]
    if located:
        return [Guilty(sets[0][0].site, [])]
    return []


def several_lines(places: list[Place], chosen: list[Hypothesis]) -> list[Guilty]:
    """Search an edit of each of several lines, the others being put right."""
    main, guilty = places[0], []
    for hypothesis in chosen:
        line = main.bench.site(hypothesis.site).line
        sites = [
            k
            for k in main.locator.statements()
            if (main.bench.site(k).line.file, main.bench.site(k).line.line)
            == (line.file, line.line)
        ]
        others = [h for h in chosen if h is not hypothesis]
        wanted: dict[int, Any] = {hypothesis.site: main.wanted(hypothesis)}
        found = search(places, dict.fromkeys(sites, 0.0), others, wanted, BUDGET)
        guilty.append(Guilty(found[0].site if found else hypothesis.site, found))
    return guilty


def findings(
    place: Place, guilty: list[Guilty], cure: Replacements, factors: dict[str, str]
) -> Findings:
    """Put guilty lines into words."""
    blame = []
    for g in guilty:
        line = vars(place.bench.site(g.site).line)
        if not g.repairs:
            blame.append(unrepaired(g.site, factors, place))
            continue
        mistake = mistake_of(g.repairs[0], place)
        sentence, todo = explained(g.repairs[0], mistake, place)
        ties = tuple(told(r, g.site, place) for r in g.repairs[1:])
        blame.append(
            Blame(
                **line,
                mistake=mistake,
                explanation=sentence,
                repair=todo,
                verified=g.repairs[0].verified,
                ties=ties,
            )
        )
    lines = {place.bench.site(g.site).line.line for g in guilty}
    contaminated, exact = sorted_lines(place, cure, lines)
    files = {line.file for line in (*blame, *contaminated, *exact)}
    sources = {file: "".join(linecache.getlines(file)) for file in files}
    return Findings(tuple(blame), contaminated, exact, (), sources)


def unrepaired(site: int, factors: dict[str, str], place: Place) -> Blame:
    """Blame a line for which no edit was found: by the constant, where that is all."""
    line = vars(place.bench.site(site).line)
    names = set(factors.values())
    if len(names) == 1 and set(factors) == set(place.trial.truth):
        sentence = f"Every gradient is {names.pop()} times the right one; or another loss is meant."
        return Blame(**line, mistake="constant", explanation=sentence)
    if is_of_another_loss(site, place):
        sentence = spoken("loss-mismatch")
        return Blame(**line, mistake="loss-mismatch", explanation=sentence)
    return Blame(**line, explanation="This line makes wrong values of right ones.")


def wrong_penalty(places: list[Place], trials: list[Trial]) -> tuple[Blame, ...]:
    """Find that every wrong gradient lacks the same multiple of its parameter, and nothing else."""
    multiples: dict[str, float] = {}
    for name in trials[0].truth:
        if all(t.exact(name) for t in trials):
            continue
        found = {lacking(t, name) for t in trials}
        c = found.pop()
        if found or c is None:
            return ()
        multiples[name] = c
    if surplus := surplus_penalty(places, multiples):
        return (surplus,)
    blame = []
    for name, c in multiples.items():
        key = name.rpartition(".")[2]
        sites = [s for s in places[0].bench.instrumented.sites if s.verb and key in s.line.variable]
        if not sites:
            return ()
        sentence = f"The gradient of {name!r} lacks {c:g} times the parameter, which the loss has."
        repair = f"add `{c:g}` times the parameter to its gradient"
        line = vars(sites[-1].line)
        blame.append(
            Blame(
                **line, mistake="regularisation", explanation=sentence, repair=repair, verified=True
            )
        )
    return tuple(blame)


def surplus_penalty(places: list[Place], multiples: dict[str, float]) -> Blame | None:
    """Find a part of a line that adds to gradients what the loss does not ask for."""
    main, names = places[0], " and ".join(map(repr, multiples))
    for k in main.record.backward:
        site = main.bench.site(k)
        if not site.verb and all(p.is_right({k: without(p, multiples)}) for p in places):
            return Blame(
                **vars(enclosing(main, k)),
                mistake="regularisation",
                explanation=f"The gradient of {names} gets a penalty that the loss has not.",
                repair=f"leave `{ast.unparse(site.node)}` out for {names}",
                verified=len(places) > 1,
            )
    return None


def without(place: Place, multiples: dict[str, float]) -> Replacement:
    """Put zeros in the place of what gradients have too much of, their parameters' multiples."""
    given = dict(zip(place.trial.truth, place.record.run.given, strict=True))
    surplus = [-c * given[name] for name, c in multiples.items()]

    def replacement(_i: int, value: Any, _frame: Any) -> Any:
        is_surplus = any(np.shape(value) == s.shape and np.allclose(value, s) for s in surplus)
        return np.zeros_like(value) if is_surplus else value

    return replacement


def enclosing(main: Place, k: int) -> CodeLine:
    """Return the line of the statement of which a site is a part."""
    part = main.bench.site(k)
    return next(
        site.line
        for site in main.bench.instrumented.sites
        if site.verb and site.function == part.function and site.line.line == part.line.line
    )


def lacking(trial: Trial, name: str) -> float | None:
    """Return the c with which ``c * parameter`` is what a gradient lacks, or None."""
    leaves = dict(zip(trial.truth, flatten(trial.point.params)[0], strict=True))
    g, t, p = trial.hand[name], trial.truth[name], np.asarray(leaves[name])
    square = float(np.sum(p * p))
    if g.shape != t.shape or not square:
        return None
    c = float(np.sum((t - g) * p)) / square
    fits = np.allclose(t - g, c * p, rtol=1e-6, atol=1e-9 * float(np.max(np.abs(t), initial=0.0)))
    return float(f"{c:.6g}") if fits and c else None


def told(repair: Repair, guilty: int, place: Place) -> str:
    """Say what else would mend it, and in which line if in another."""
    text = explained(repair, mistake_of(repair, place), place)[1]
    here, there = (place.bench.site(k).line.line for k in (guilty, repair.site))
    return text if here == there else f"in line {there}, {text}"


def sorted_lines(
    place: Place, cure: Replacements, guilty: set[int]
) -> tuple[tuple[CodeLine, ...], tuple[CodeLine, ...]]:
    """Tell lines that were fed wrong values, which the cure changes, from the rest."""
    before = place.record.backward
    after = place.bench.seen(place.trial.point, cure)
    contaminated: dict[CodeLine, None] = {}
    exact: dict[CodeLine, None] = {}
    for k, values in before.items():
        site = place.bench.site(k)
        if not site.verb or site.verb in ("call", "index", "after") or site.line.line in guilty:
            continue
        if k in place.record.forward or values[0].dtype.kind != "f":
            continue
        changed = len(values) != len(after.get(k, [])) or not all(
            np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-9, atol=0)
            for a, b in zip(values, after[k], strict=True)
        )
        (contaminated if changed else exact)[site.line] = None
    return tuple(contaminated), tuple(line for line in exact if line not in contaminated)
