"""Find the smallest set of lines whose values, made what they should be, make everything right.

What a line should make is the cotangent of something that the forward pass made.  Which, nobody
knows: so each that fits is put in its place, and the backward pass runs on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.bench import Bench, Record, Replacements, Stream
from autograd_nn.compare.diagnosis.judging import Trial, ratio
from autograd_nn.compare.diagnosis.problem import Array
from autograd_nn.compare.diagnosis.watch import Replacement

DEEPEST = 5  # lines that are wrong at once
BREADTH = 4  # ways that are followed at each step
MANY = 12  # times that a site may be met, for each to be tried alone


@dataclass(frozen=True)
class Hypothesis:
    """Say what a site should make: `factor` times the cotangents of what a stream holds."""

    site: int
    stream: int  # the site of the forward pass
    pick: int  # which occurrence, where one is meant
    mode: str
    factor: float = 1.0

    def values(self, streams: Iterable[Stream], count: int) -> list[Array] | None:
        """List what the site should make, time after time."""
        stream = next((s for s in streams if s.site == self.stream), None)
        if stream is None or self.pick >= len(stream.adjoints):
            return None
        several, one = stream.adjoints, stream.adjoints[self.pick]
        ways: dict[str, Callable[[], list[Array] | None]] = {
            "one": lambda: [one] if count == 1 else None,
            "first": lambda: several[:count],
            "last": lambda: several[-count:],
            "reversed": lambda: several[::-1][:count],
            "reversed last": lambda: several[::-1][-count:],
            "rows": lambda: [*one] if one.ndim and len(one) == count else None,
            "rows reversed": lambda: [*one[::-1]] if one.ndim and len(one) == count else None,
            "columns": lambda: [*one.T] if one.ndim and one.shape[-1] == count else None,
            "next": lambda: [*several[-2::-1], np.zeros_like(one)],
            "total": lambda: [one, *[np.zeros_like(one)] * (count - 1)],
        }
        found = ways[self.mode]()
        return found if found is not None and len(found) == count else None


def modes(count: int, several: int) -> list[str]:
    """List the ways in which what was made `several` times may fit what is made `count` times."""
    if count == 1:
        return ["one"]
    in_turn = ["first", "reversed", "last", "reversed last"] if several > count else []
    in_turn = ["first", "reversed", "next"] if several == count else in_turn
    return [*in_turn, "rows", "columns", "rows reversed", "total"]


def putting(values: list[Array], factor: float, *, in_place: bool) -> Replacement:
    """Make the replacement that puts `values` in place, one after the other."""

    def replacement(i: int, value: Any, _frame: Any) -> Any:
        wanted = factor * values[i]
        if in_place:
            value[...] = wanted
            return value
        return wanted

    return replacement


def fitted(values: list[Array], shapes: list[tuple[int, ...]], *, leaf: bool) -> list[Array] | None:
    """Bring cotangents to the shapes that a site makes, by transposing them if need be."""
    if all(v.shape == s for v, s in zip(values, shapes, strict=True)):
        return values
    if all(v.T.shape == s for v, s in zip(values, shapes, strict=True)):
        return [v.T for v in values]
    if all(squeezed(v.shape) == squeezed(s) for v, s in zip(values, shapes, strict=True)):
        return [v.reshape(s) for v, s in zip(values, shapes, strict=True)]
    return values if leaf else None


def squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out axes of length 1."""
    return tuple(n for n in shape if n != 1)


def direction(values: list[Array]) -> bytes | None:
    """Return what values have in common with all their multiples; None if they are 0.

    Of several, which feed one another, the multiple counts: no later constant makes up for it.
    """
    flat = np.concatenate([np.ravel(v) for v in values])
    top = flat[np.argmax(np.abs(flat))] if flat.size else 0.0
    shapes = str([np.shape(v) for v in values])
    shapes += f"{top:.9g}" * (len(values) > 1)
    return (np.round(flat / top, 9) + 0.0).tobytes() + shapes.encode() if top else None


@dataclass
class Locator:
    """Search at one trial."""

    bench: Bench
    trial: Trial
    record: Record
    streams: list[Stream]
    true_now: set[int] = field(default_factory=set)
    influences: dict[int, set[str]] = field(default_factory=dict)
    possible: dict[int, list[Hypothesis]] = field(default_factory=dict)

    @cached_property
    def wrong(self) -> set[str]:
        """Name the parameters whose gradients are wrong."""
        return set(self.trial.truth) - self.bench.right(self.trial, {})

    def sites(self) -> list[int]:
        """List the sites of whole statements on which a wrong gradient depends."""
        return [k for k in self.statements() if self.wrong & self.influence(k)]

    def statements(self) -> list[int]:
        """List the sites of whole statements that the backward pass alone met."""
        return [
            k
            for k, made in self.record.backward.items()
            if self.bench.site(k).verb and k not in self.record.forward and made
        ]

    def influence(self, k: int) -> set[str]:
        """Name the parameters whose gradients depend on what a site makes."""
        if k not in self.influences:
            self.influences[k] = self.influenced(k)
        return self.influences[k]

    def influenced(self, k: int) -> set[str]:
        """Find that out, by changing it."""
        rng = np.random.default_rng(k)
        if self.record.backward[k][0].dtype.kind in "bi" and self.bench.site(k).verb == "index":
            return set(self.trial.truth)  # it cannot be shaken; and it may be of any use

        def shaken(_i: int, value: Any, _frame: Any) -> Any:
            x = np.asarray(value, float)
            if self.bench.site(k).verb == "after":
                value *= 1.5
                return value
            return x + (np.abs(x).max(initial=0) + 0.1) * rng.uniform(0.5, 1, x.shape)

        hand, before = self.bench.hand(self.trial.point, {k: shaken}), self.record.run.gradients
        if hand is None:
            return set(self.trial.truth)
        return {n for n, g in hand.items() if not np.array_equal(g, before[n], equal_nan=True)}

    def hypotheses(self, k: int) -> list[Hypothesis]:
        """List what a site may be meant to make, each but once up to a constant."""
        if k not in self.possible:
            self.possible[k] = list(self.conceivable(k))
        return self.possible[k]

    def conceivable(self, k: int) -> Iterator[Hypothesis]:
        """Find that out."""
        made, site = self.record.backward[k], self.bench.site(k)
        shapes = [np.shape(v) for v in made]
        if made[0].dtype.kind != "f" or (site.verb == "after" and not made[0].ndim):
            return
        known: set[bytes] = set()
        for stream in self.streams:
            several = len(stream.adjoints)
            for mode in modes(len(made), several):
                single = mode in {"one", "rows", "rows reversed", "columns", "total"}
                for pick in range(several if single and several <= MANY else 1):
                    hypothesis = Hypothesis(k, stream.site, pick, mode)
                    values = hypothesis.values(self.streams, len(made))
                    ready = fitted(values, shapes, leaf=stream.site < 0) if values else None
                    key = direction(ready) if ready else None
                    if key is not None and key not in known:
                        known.add(key)
                        yield hypothesis

    def replacements(self, chosen: Iterable[Hypothesis]) -> Replacements:
        """Make the replacements of hypotheses."""
        found: Replacements = {}
        for hypothesis in chosen:
            made = self.record.backward.get(hypothesis.site, [])
            values = hypothesis.values(self.streams, len(made))
            leaf = hypothesis.stream < 0
            ready = fitted(values, [np.shape(v) for v in made], leaf=leaf) if values else None
            if ready:
                in_place = self.bench.site(hypothesis.site).verb == "after"
                found[hypothesis.site] = putting(ready, hypothesis.factor, in_place=in_place)
        return found

    def is_true_now(self, hypothesis: Hypothesis) -> bool:
        """Tell whether a site makes up to a constant what a hypothesis says, as it is."""
        made = self.record.backward[hypothesis.site]
        values = hypothesis.values(self.streams, len(made))
        ready = fitted(values, [np.shape(v) for v in made], leaf=False) if values else None
        if not ready or hypothesis.mode == "total":
            return False
        g = np.concatenate([np.ravel(v) for v in made])
        t = np.concatenate([np.ravel(v) for v in ready])
        return g.shape == t.shape and ratio(g, t) is not None

    def scaled(
        self, hypothesis: Hypothesis, others: list[Hypothesis]
    ) -> tuple[Hypothesis, set[str]]:
        """Put a hypothesis in place; find the factor with which it makes most gradients right."""
        base = self.replacements(others)
        best = hypothesis, set[str]()
        here = base | self.replacements([hypothesis])
        hand = self.bench.hand(self.trial.point, here)
        if hand is None:
            return best
        best = hypothesis, self.trial.right(hand, self.bench.factors)
        factors: dict[float, None] = {}
        for name, t in self.trial.truth.items():
            g = hand.get(name)
            c = ratio(g, self.bench.factors.get(name, 1.0) * t) if g is not None else None
            if c is not None and not 1 - 1e-6 < c < 1 + 1e-6:
                factors[float(f"{1 / c:.9g}")] = None
        for factor in [*factors][:3]:
            trial = replace(hypothesis, factor=factor)
            right = self.bench.right(self.trial, base | self.replacements([trial]))
            if len(right) > len(best[1]):
                best = trial, right
        return best

    def search(self) -> list[list[Hypothesis]]:
        """Find the smallest sets of sites that explain everything, most plausible first."""
        everything = set(self.trial.truth)
        sites = self.sites()
        found: list[list[Hypothesis]] = []
        frontier: list[tuple[list[Hypothesis], set[str]]] = [([], self.bench.right(self.trial, {}))]
        self.true_now = {k for k in sites if any(map(self.is_true_now, self.hypotheses(k)))}
        for _ in range(DEEPEST):
            following: list[tuple[list[Hypothesis], set[str]]] = []
            for chosen, right in frontier:
                taken = {h.site for h in chosen}
                for k in sites:
                    if k in taken or (chosen and sites.index(k) < sites.index(chosen[-1].site)):
                        continue
                    best: tuple[Hypothesis, set[str]] | None = None
                    for hypothesis in self.hypotheses(k):
                        scaled, now = self.scaled(hypothesis, chosen)
                        if right < now and (best is None or len(now) > len(best[1])):
                            best = scaled, now
                    if best is not None:
                        following.append(([*chosen, best[0]], best[1]))
            found = [chosen for chosen, right in following if right == everything]
            if found:
                break
            following.sort(key=lambda item: -len(item[1]))
            frontier = following[:BREADTH]
        return sorted(found, key=self.implausibility)

    def implausibility(self, chosen: list[Hypothesis]) -> tuple[int, int, int]:
        """Rank a set: where the first wrong value is made, there is the mistake.

        A gradient itself can always be put right, and what is right as it is may be meant so.
        """
        return (
            sum(h.stream < 0 for h in chosen),
            sum(h.site in self.true_now for h in chosen),
            min(map(self.onset, chosen)),
        )

    def onset(self, hypothesis: Hypothesis) -> int:
        """Return when a site first makes what it should not."""
        made, times = self.record.backward[hypothesis.site], self.record.times[hypothesis.site]
        values = hypothesis.values(self.streams, len(made))
        ready = fitted(values, [np.shape(v) for v in made], leaf=False) if values else None
        for time, value, wanted in zip(times, made, ready or (), strict=False):
            scale = abs(hypothesis.factor) * np.max(np.abs(wanted), initial=0.0)
            if not np.allclose(value, hypothesis.factor * wanted, rtol=0, atol=1e-9 * scale):
                return time
        return times[0]
