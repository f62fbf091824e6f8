"""The bench: the user's code, instrumented, run with values put in the place of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.discovery import Code
from autograd_nn.compare.diagnosis.instrument import Instrumented, Site
from autograd_nn.compare.diagnosis.judging import Trial
from autograd_nn.compare.diagnosis.problem import Array, Point, Problem, Run, quiet
from autograd_nn.compare.diagnosis.result import CodeLine
from autograd_nn.compare.diagnosis.tracing import ON_DOUBLES, bound
from autograd_nn.compare.diagnosis.watch import Replacement, Surroundings, Watch
from autograd_nn.compare.diagnosis.witnesses import Tape
from autograd_nn.errors import AutogradError
from autograd_nn.graph import Node
from autograd_nn.tensor import Tensor

Replacements = dict[int, Replacement]
ROUNDINGS, SAFETY = 4, 20.0


@dataclass(frozen=True)
class Stream:
    """What the forward pass made at a site, time after time, with the cotangent of each."""

    site: int
    values: list[Array]
    adjoints: list[Array]


@dataclass
class Record:
    """What a run made, site by site, in the order in which sites were met first."""

    forward: dict[int, list[Any]]
    backward: dict[int, list[Any]]
    surroundings: dict[int, Surroundings]
    run: Run
    times: dict[int, list[int]]  # when the backward pass made what it made


@dataclass
class Bench:
    """Run a problem with its code instrumented."""

    problem: Problem
    code: Code
    instrumented: Instrumented
    factors: dict[str, float] = field(default_factory=dict)  # by which right gradients may differ
    runs: int = 0

    def site(self, k: int) -> Site:
        """Look a site up."""
        return self.instrumented.sites[k]

    def unary(self, names: Iterable[str]) -> list[FunctionType]:
        """Find the user's functions of one argument that have one of the names."""
        wanted = set(names)
        return [
            f
            for scope in self.code.scopes
            for f in scope.values()
            if isinstance(f, FunctionType)
            and f.__code__.co_argcount == 1
            and f.__qualname__ in wanted
        ]

    @contextmanager
    def running(self, watch: Watch) -> Iterator[None]:
        """Let the user's code run instrumented, on doubles."""
        with (
            self.instrumented.watched(watch),
            bound(ON_DOUBLES, self.code.scopes),
            quiet(),
        ):
            yield

    def hand(self, point: Point, replacements: Replacements) -> dict[str, Array] | None:
        """Run with replacements in the backward pass; None if it cannot run so."""
        watch = Watch()
        self.runs += 1
        try:
            with self.running(watch):
                return self.problem.run(point, watch.replacing(replacements)).gradients
        except Exception:  # noqa: BLE001 (what was put in place may break the user's code in any way)
            return None

    def first_not_finite(self, point: Point) -> CodeLine | None:
        """Find the first line that makes NaN or infinity."""
        found: list[CodeLine] = []

        def look(k: int, value: Any) -> Any:
            is_float = isinstance(value, np.ndarray | np.floating) and value.dtype.kind == "f"
            if is_float and not found and not np.isfinite(value).all():
                found.append(self.site(k).line)
            return value

        with self.running(Watch(viewer=look)):
            self.problem.run(point)
        return found[0] if found else None

    def rounding(self, trial: Trial, rng: np.random.Generator) -> dict[str, float]:
        """Bound what rounding does: round every result of an operation another way, at random.

        Comparisons and indices come out as they did: what changes with a decision is no rounding.
        """
        decisions: dict[int, list[Any]] = {}

        def note(k: int, value: Any) -> Any:
            if is_decision(value):
                decisions.setdefault(k, []).append(copy(value))
            return value

        with self.running(Watch(viewer=note)):
            self.problem.run(trial.point)
        bound = dict(trial.noise)
        for _ in range(ROUNDINGS):
            for name, g in self.rounded(trial.point, decisions, rng).items():
                if name in bound and g.shape == trial.hand[name].shape:
                    moved = float(np.max(np.abs(g - trial.hand[name]), initial=0.0))
                    bound[name] = max(bound[name], SAFETY * moved)
        return bound

    def rounded(
        self, point: Point, decisions: dict[int, list[Any]], rng: np.random.Generator
    ) -> dict[str, Array]:
        """Run with every result rounded another way, and with the same decisions."""
        left = {k: iter(made) for k, made in decisions.items()}
        eps = float(np.finfo(float).eps)

        def rounder(k: int, value: Any) -> Any:
            if is_decision(value):
                return copy(next(left[k]))
            is_result = isinstance(self.site(k).node, ast.BinOp | ast.Call | ast.UnaryOp)
            is_float = isinstance(value, np.ndarray | np.floating) and value.dtype.kind == "f"
            if not (is_result and is_float):
                return value
            return value * (1 + eps * rng.uniform(-1, 1, value.shape))

        with self.running(Watch(viewer=rounder)):
            try:
                return self.problem.run(point).gradients
            except Exception:  # noqa: BLE001 (the user's code may insist on its own arrays)
                return {}

    def right(self, trial: Trial, replacements: Replacements) -> set[str]:
        """Name the parameters whose gradients are right with replacements."""
        hand = self.hand(trial.point, replacements)
        return set() if hand is None else trial.right(hand, self.factors)

    def seen(self, point: Point, replacements: Replacements) -> dict[int, list[Any]]:
        """Run with replacements in the backward pass; return what it made, site by site."""
        watch, made = Watch(), dict[int, list[Any]]()

        @contextmanager
        def around() -> Iterator[None]:
            with watch.replacing(replacements), watch.seeing() as seen:
                yield
                made.update(seen)

        with self.running(watch):
            self.problem.run(point, around())
        return made

    def record(self, point: Point) -> Record:
        """Run and remember all that is made."""
        watch = Watch()
        forward: dict[int, list[Any]] = {}

        @contextmanager
        def around() -> Iterator[None]:
            forward.update(watch.seen or {})
            with watch.seeing(frames=True):
                yield
                backward.update(watch.seen or {})

        backward: dict[int, list[Any]] = {}
        with self.running(watch), watch.seeing():
            run = self.problem.run(point, around())
        return Record(forward, backward, watch.frames or {}, run, watch.times)

    def streams(self, point: Point) -> list[Stream]:
        """Run the forward pass on the tape; find the cotangents of what each site made."""
        watch = Watch()
        with self.instrumented.watched(watch), watch.seeing() as seen:
            try:
                tape = Tape(self.problem, self.code, point)
            except (AutogradError, TypeError, ValueError, AttributeError, IndexError):
                return []
        tensors = {
            k: [t for t in occurrences if isinstance(t, Tensor) and t.node is not None]
            for k, occurrences in seen.items()
        }
        nodes: list[Node] = [t.node for ts in tensors.values() for t in ts if t.node is not None]
        leaf_nodes = [leaf.node for leaf in tape.leaves if leaf.node is not None]
        _, cotangents = tape.gradients([*nodes, *leaf_nodes])
        streams, known = [], set()
        for k, ts in [(-1 - i, [leaf]) for i, leaf in enumerate(tape.leaves)] + [*tensors.items()]:
            found = [(t, cotangents[t.node]) for t in ts if t.node in cotangents]
            key = tuple(id(t.node) for t, _ in found)
            if found and key not in known:
                known.add(key)
                values = [np.asarray(t.value) for t, _ in found]
                streams.append(Stream(k, values, [np.asarray(a) for _, a in found]))
        return streams


def is_decision(value: Any) -> bool:
    """Tell whether a value is, or holds, truth values or whole numbers."""
    kinds = bool | int | np.bool_ | np.integer
    return isinstance(value, kinds) or (isinstance(value, np.ndarray) and value.dtype.kind in "biu")
