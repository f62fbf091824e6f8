"""The graph made again, as it is drawn, and the sweep over it that computes what is shown.

Fused operations are there as their steps, and on every edge, as behind every step, a node looks on
at what comes back.  So it is the engine that says what each edge brings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from autograd_nn.draw.selection import Unit
from autograd_nn.draw.steps import Measure, Watch, steps_of, watched
from autograd_nn.errors import AutogradError
from autograd_nn.fitting import Several, Value
from autograd_nn.graph import Node, Span, pullback

Hook = Callable[[Value], Value | None]


class Link(NamedTuple):
    """One argument of one operation that is joined to another card by an edge."""

    parent: Node
    step: Node
    argument: int
    watch: Node | None


class Twins:
    """The twins of all nodes.

    Attributes
    ----------
    of, original : dict of Node to Node
        The twin of each node, or of each step; what a twin is the result of.
    unit : dict of Node to Unit
        What each twin is a part of.
    steps : dict of Unit to list of Node
        The twins of a unit, oldest first.
    links : list of Link
        What becomes edges.
    changed : set of Node
        The twins whose gradient a hook has changed.
    failure : str
        Why there are no gradients.
    """

    def __init__(self, leaves: Sequence[Node], units: Sequence[Unit], *, released: bool) -> None:
        self.of: dict[Node, Node] = {}
        self.original: dict[Node, Node] = {}
        self.unit: dict[Node, Unit] = {}
        self.steps: dict[Unit, list[Node]] = {}
        self.links: list[Link] = []
        self.failure = ""
        self.released = released  # then there is nothing to look on at
        self.tail: dict[Node, Node] = {}  # the watch behind a twin
        self.span: list[Node] = []  # oldest first
        self.ends: list[Node] = []
        self.found: dict[Node, Value] | None = None
        self.changed: set[Node] = set()
        for leaf in leaves:
            twin = self.of[leaf] = Node(None, (), (), {}, leaf.out)
            twin.hooks, twin.owner = self.noted(leaf, twin), leaf.owner
            self.original[twin] = leaf
            self.ends.append(twin)
        measured = {end for unit in units for end in unit.ends}
        for unit in units:
            self.steps[unit] = []
            for node in unit.nodes:
                self.make(unit, node, is_measured=node in measured)

    # ---- making ------------------------------------------------------------------------------

    def make(self, unit: Unit, node: Node, *, is_measured: bool) -> None:
        """Make the twins of an operation."""
        steps, vertices = ([node], {}) if unit.kind else steps_of(node)
        twin = node
        for step in steps:
            twin = self.of[step] = self.twin(unit, node, step, vertices)
            self.unit[twin] = unit
            self.steps[unit].append(twin)
            self.span.append(twin)
            if not self.released and (not unit.kind or is_measured):
                watch = Measure() if unit.kind else Watch()
                self.tail[twin] = watched(twin, twin.out, watch)
                self.span.append(self.tail[twin])
        self.of[node] = twin
        self.original[twin] = node
        self.tail.get(twin, twin).hooks = self.noted(node, twin)

    def noted(self, node: Node, twin: Node) -> list[Hook] | None:
        """Return a node's hooks so that it is noted when one changes a gradient."""

        def noting(hook: Hook) -> Hook:
            def call(v: Value) -> Value | None:
                before = np.array(v)  # which the hook may change in place
                replacement = hook(v)
                after = v if replacement is None else replacement
                if not np.array_equal(before, after, equal_nan=True):
                    self.changed.add(twin)
                return replacement

            return call

        return [noting(hook) for hook in node.hooks] if node.hooks else None

    def twin(self, unit: Unit, node: Node, step: Node, vertices: Mapping[Node, int]) -> Node:
        """Make the twin of one step of an operation, joined to the twins of its operands."""
        seals = node.seals if step is node else None  # they are those of the whole's arguments
        twin = Node(step.primitive, (), step.primals, step.params, step.out, seals)
        parents: list[Node | None] = []
        for i, parent in enumerate(step.parents):
            outer = node.parents[vertices[parent]] if parent in vertices else parent
            source = None if outer is None else self.of[outer]
            tail = None if source is None else self.tail.get(source, source)
            if source is not None and (unit.kind is None or self.unit.get(source) is not unit):
                watch = None
                if tail is not None and not self.released:
                    watch = tail = watched(tail, step.primals[i], Watch())
                    self.span.append(watch)
                self.links.append(Link(source, twin, i, watch))
            parents.append(tail)
        twin.parents = tuple(parents)
        return twin

    # ---- sweeping ----------------------------------------------------------------------------

    def sweep(self, seeds: Mapping[Node, Value]) -> None:
        """Go backward from the roots.

        The recorded graph stays as it is.  The user's hooks see this sweep too, and what they
        return takes the gradient's place, as in ``backward()``.
        """
        cotangents = {}
        for root, seed in seeds.items():
            twin = self.of[root]
            cotangents[self.tail.get(twin, twin)] = seed
        try:
            with np.errstate(all="ignore"):
                span = Span(self.span[::-1], self.ends)
                self.found = pullback(span, cotangents, keep=True)
        except AutogradError as error:  # a rule is missing, or an array was changed
            self.failure = f"gradient not computed: {error}"

    def gradient(self, twin: Node) -> Value:
        """Return the gradient of a leaf or a step, if it was computed."""
        if self.found is None:
            return None
        return self.found.get(twin) if not twin.parents else self.seen(self.tail.get(twin))

    def seen(self, watch: Node | None) -> Value:
        """Return what a watch has seen; where nothing was chosen it is 0, and nothing was said."""
        if watch is None or self.found is None:
            return None
        seen = watch.primitive.seen
        is_joint = isinstance(watch.out, Several)
        return np.zeros(watch.shape, watch.dtype) if seen is None and not is_joint else seen

    def norms(self, unit: Unit) -> list[float]:
        """List the norms of the gradients at the ends of repetitions."""
        if self.found is None:
            return []
        tails = [self.tail[self.of[end]] for end in unit.ends]
        return [tail.primitive.size for tail in tails]


def is_watch(node: Node) -> bool:
    """Tell whether a node was put in to look on."""
    return isinstance(node.primitive, Watch)


def source(step: Node, i: int) -> Node | None:
    """Find the twin that argument `i` comes from, behind the watches."""
    parent: Node | None = step.parents[i]
    while parent is not None and is_watch(parent):
        parent = parent.parents[0]
    return parent
