"""Collecting a picture: the cards and edges of what a Tensor was computed from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from autograd_nn.draw.derivative import derive
from autograd_nn.draw.formulas import Formula, formula
from autograd_nn.draw.frames import ACTIVATIONS, frame
from autograd_nn.draw.lines import origin
from autograd_nn.draw.model import Array, Card, Edge, Kind, Picture
from autograd_nn.draw.names import Names, Place
from autograd_nn.draw.outline import counted
from autograd_nn.draw.pausing import uncollected
from autograd_nn.draw.reading import (
    close,
    name_of,
    pull,
    shown_gradient,
    stored,
    written,
)
from autograd_nn.draw.selection import (
    MOST_FULL,
    Unit,
    near,
    places_of,
    plan,
)
from autograd_nn.draw.twins import Link, Twins, is_watch, source
from autograd_nn.draw.uses import Uses, constant_key
from autograd_nn.errors import NoGradientError
from autograd_nn.fitting import Form, Several, Value
from autograd_nn.graph import Node, history
from autograd_nn.tensor import Tensor

MOST_TEXTS = 1_000  # of more edges, no derivatives are written down
SHORT = 16  # a formula that is its own name
NOT_COMPUTED = "gradient not computed: call backward()"
RELEASED = "released by backward(); pass retain_graph=True to keep it"
NOT_NEEDED = "no gradient needed"
NOT_SHOWN = "not shown"
JOINT = "several results"
SEVERAL = "gradients between are shown for a result of one entry, or pass gradient="
GONE = "its tensor is gone, and the numbers with it"
ACCUMULATED = ".grad is not this gradient alone: accumulated, or of another loss"
HOOKED = "a hook changed what the edges bring"


@dataclass(frozen=True)
class Options:
    """What the caller of `graph` has chosen."""

    values: bool = True
    grads: bool = True
    edges: str | None = "derivative"
    depth: int | None = None
    fold: str | None = "auto"
    max_nodes: int = 120
    gradient: Value = None
    around: Node | None = None
    radius: int = 2


def collect(roots: Sequence[Tensor], names: Names, options: Options) -> Picture:
    """Collect the cards of what `roots` were computed from, or of as much as there is room for."""
    nodes = [root.node for root in roots if root.node is not None]
    if len(nodes) < len(roots):
        message = (
            "graph: nothing was recorded behind this tensor; compute it from a tensor with "
            "requires_grad=True, outside no_grad()"
        )
        raise NoGradientError(message)
    for root in roots:
        names.values.setdefault(root.node, root.value)  # type: ignore[arg-type]  # checked above
    with uncollected():
        return Collector(nodes, names, options).picture()


class Collector:
    """Makes one picture."""

    def __init__(self, roots: list[Node], names: Names, options: Options) -> None:
        self.roots, self.names, self.options = roots, names, options
        whole = history(*roots)
        self.operations, self.leaves = whole.operations[::-1], whole.ends
        self.places = dict(
            zip(self.operations, places_of(self.operations, self.owned), strict=True)
        )
        self.units = self.choose(options)
        self.released = any(node.primals is None for node in self.operations)
        self.several = options.gradient is None and any(int(np.prod(r.shape)) != 1 for r in roots)
        self.went_backward = options.grads and (
            options.gradient is not None or any(stored(leaf) is not None for leaf in self.leaves)
        )
        self.twins = Twins(self.leaves, self.units, released=self.released)
        if self.went_backward and not self.released and not self.several:
            self.twins.sweep({root: self.seed(root) for root in roots})
        self.cards: list[Card] = []
        self.by_key: dict[Hashable, Card] = {}
        self.writings: dict[Card, Formula] = {}
        self.uses = Uses(self.units, self.twins, names)
        self.edges: list[Edge] = []
        self.numbered = Counter[str]()

    def choose(self, options: Options) -> list[Unit]:
        """Choose what is drawn."""
        if options.around is not None:
            if options.around not in self.places:
                message = "graph: around= is no result of a recorded operation of this graph"
                raise ValueError(message)
            return near(self.operations, options.around, options.radius, options.max_nodes)
        return plan(
            self.operations,
            self.places,
            depth=options.depth,
            fold=options.fold,
            max_nodes=options.max_nodes,
        )

    def owned(self, node: Node) -> Place | None:
        """Find the modules that a parameter belongs to, or that an operation was called in."""
        if node.parents:
            where = origin(node)
            return where.place(self.names) if where else None
        return self.names.places.get(node)

    def seed(self, root: Node) -> Value:
        """Choose the cotangent to start from."""
        given = self.options.gradient
        return np.ones(root.shape, root.dtype)[()] if given is None else given

    # ---- the picture -------------------------------------------------------------------------

    def picture(self) -> Picture:
        """Make all cards and edges."""
        links: dict[Node, list[Link]] = {}
        for link in self.twins.links:
            links.setdefault(link.step, []).append(link)
        for unit in self.units:
            steps = self.twins.steps[unit]
            if unit.kind:
                self.fold(unit, [link for step in steps for link in links.get(step, ())])
            else:
                for step in steps:
                    self.operation(step, unit)
        if not self.operations:
            self.leaf(self.roots[0])
        members = [(unit, self.places[unit.nodes[0]], self.of_unit(unit)) for unit in self.units]
        frames = frame(self.cards, self.edges, members, self.names.places)
        roots = [self.by_key[self.twins.of[root]].id for root in self.roots]
        self.finish_gradients()
        omitted = sum(len(unit.nodes) for unit in self.units if unit.kind)
        return Picture(
            cards=self.cards,
            edges=self.edges,
            frames=frames,
            roots=roots,
            operations=len(self.operations),
            parameters=len(self.leaves),
            entries=sum(int(np.prod(leaf.shape)) for leaf in self.leaves),
            drawn=len(self.operations) - omitted,
            is_full=len(self.cards) <= MOST_FULL,
            has_widths=self.options.edges is not None,
        )

    def of_unit(self, unit: Unit) -> list[Card]:
        """List the cards of a unit."""
        keys = [unit] if unit.kind else self.twins.steps[unit]
        return [self.by_key[key] for key in keys]

    def new(self, kind: Kind, title: str, **facts: Any) -> Card:
        """Make a card."""
        card = Card(f"n{len(self.cards)}", kind, title, **facts)
        self.cards.append(card)
        return card

    # ---- leaves ------------------------------------------------------------------------------

    def operand(self, step: Node, i: int, unit: Unit) -> Card | None:
        """Find or make the card of an operand; a number has none."""
        parent = source(step, i)
        if parent is None:
            key = constant_key(step, i, self.names)
        else:
            hidden = self.twins.unit.get(parent)
            key = hidden if hidden is not None and hidden.kind else parent
        if key is None:
            return None
        known = self.by_key.get(key)
        if known is None:
            made = self.leaf(self.twins.original[parent]) if parent else self.input(step, i)
            self.by_key[key] = known = made
        elif known.is_leaf and self.uses.is_drawn_again(key):
            use = key, unit if unit.kind else step
            ghost = self.by_key.get(use)
            if ghost is None:
                ghost = self.new(
                    known.kind,
                    known.title,
                    path=known.path,
                    shape=known.shape,
                    dtype=known.dtype,
                    ghost_of=known.id,
                )
                self.writings[ghost] = self.writings[known]
                self.by_key[use] = ghost
            return ghost
        return known

    def input(self, step: Node, i: int) -> Card:
        """Make the card of a constant array."""
        array = np.asarray(step.primals[i])
        title = self.names.of_array(step.primals[i]) or "input"
        card = self.new(
            Kind.INPUT,
            title,
            shape=array.shape,
            dtype=name_of(array.dtype),
            value=array if self.options.values else None,
            value_note="" if self.options.values else NOT_SHOWN,
            gradient_note=NOT_NEEDED,
        )
        self.writings[card] = Formula(title)
        return card

    def leaf(self, node: Node) -> Card:
        """Make the card of a leaf that requires a gradient."""
        name = self.names.nodes.get(node)
        card = self.new(
            Kind.PARAMETER,
            name or f"parameter {node.shape}",
            path=self.names.paths.get(node, ""),
            shape=node.shape,
            dtype=name_of(node.dtype),
        )
        self.writings[card] = Formula(name or "parameter")
        self.by_key[self.twins.of[node]] = card
        owner = node.owner() if node.owner else None
        values = (self.uses.values, self.names.values)
        value = next(
            (table[node] for table in values if node in table), getattr(owner, "value", None)
        )
        card.value, card.value_note = self.shown(value, GONE)
        mine, held = self.twins.gradient(self.twins.of[node]), stored(node)
        if not self.options.grads:
            card.gradient_note = NOT_SHOWN
        elif held is not None and self.options.gradient is None:
            card.gradient = held
            if mine is None or not close(mine, held):
                card.gradient_name = f"{card.title}.grad"
                card.remark = ACCUMULATED if mine is not None else ""
        elif mine is not None:
            card.gradient = shown_gradient(mine)
        else:
            card.gradient_note = NOT_COMPUTED
        return card

    def shown(self, value: Value, note: str) -> tuple[Array | None, str]:
        """Return the numbers of a value, or why they are not shown."""
        if not self.options.values:
            return None, NOT_SHOWN
        if value is None:
            return None, note
        return np.asarray(value), ""

    # ---- operations --------------------------------------------------------------------------

    def operation(self, step: Node, unit: Unit) -> Card:
        """Make the card of an operation and its result, and the edges to it."""
        sources = [self.operand(step, i, unit) for i in range(len(step.parents))]
        writings = [
            self.writings[card] if card else written(step, i) for i, card in enumerate(sources)
        ]
        original = self.twins.original.get(step)
        is_root = original in self.roots
        name = self.names.nodes.get(original) if original else None
        how = formula(step, writings)
        one = is_root and int(np.prod(step.shape)) == 1
        name = name or ("L" if is_root else self.automatic(step, how, sources))
        kind = Kind.LOSS if one else Kind.OUTPUT if is_root else Kind.OPERATION
        title = name or how.within(0)
        where = origin(unit.nodes[0])
        card = self.new(
            kind,
            title if title != "…" else step.primitive.name,
            operation=step.primitive.name,
            formula=how.text,
            shape=step.shape,
            dtype=name_of(step.dtype),
            line=where.line if where else "",
        )
        self.by_key[step] = card
        self.writings[card] = Formula(name) if name else how
        released = isinstance(step.out, Form)
        value = self.names.values.get(original or step) if released else step.out
        if not isinstance(value, np.ndarray | np.generic | None):
            card.value_note = card.gradient_note = JOINT
        else:
            card.value, card.value_note = self.shown(value, RELEASED)
            self.set_gradient(card, step)
        self.join(card, step, sources, writings)
        return card

    def automatic(self, step: Node, how: Formula, sources: Sequence[Card | None]) -> str | None:
        """Name what has no name: z1 of a layer, a1 of an activation, v1 of a long formula."""
        made_of = [card.operation for card in sources if card]
        if step.primitive.name == "add" and "matmul" in made_of:
            letter = "z"
        elif step.primitive.name in ACTIVATIONS:
            letter = "a"
        elif len(how.text) > SHORT:
            letter = "v"
        else:
            return None
        while True:
            self.numbered[letter] += 1
            name = f"{letter}{self.numbered[letter]}"
            if self.names.free(name):
                return name

    def set_gradient(self, card: Card, step: Node) -> None:
        """Give a card its gradient, or say why it has none."""
        gradient = self.twins.gradient(step)
        if not self.options.grads:
            card.gradient_note = NOT_SHOWN
        elif gradient is not None and not isinstance(gradient, Several):
            card.gradient = shown_gradient(gradient)
            card.remark = HOOKED if step in self.twins.changed else ""
        elif self.released:
            is_gone = card.value_note == RELEASED  # then it is said already
            card.gradient_note = RELEASED if is_gone else f"gradient {RELEASED}"
        elif self.went_backward and self.several:
            card.gradient_note = SEVERAL
        else:
            card.gradient_note = self.twins.failure or NOT_COMPUTED

    def join(
        self,
        card: Card,
        step: Node,
        sources: Sequence[Card | None],
        writings: Sequence[Formula],
    ) -> None:
        """Make the edges to an operation."""
        texts = self.options.edges == "derivative" and step.primals is not None
        for i, operand in enumerate(sources):
            if operand is None:
                continue
            edge = Edge(operand.id, card.id, i)
            parent = step.parents[i]
            if parent is not None:
                edge.contribution = self.contribution(parent if is_watch(parent) else None)
                if edge.contribution is not None and not isinstance(step.out, Several):
                    edge.pull = partial(pull, step, i)
                if texts and len(self.twins.links) <= MOST_TEXTS:
                    out = self.writings[card]
                    out = out if len(out.text) <= SHORT else Formula("out")
                    edge.derivative, edge.rule = derive(step, i, writings, out)
            self.edges.append(edge)

    def contribution(self, watch: Node | None) -> Array | None:
        """Read what came back over an edge."""
        v = self.twins.seen(watch)
        if v is None:
            return None
        if isinstance(v, Several):
            parts = [np.ravel(part) for part in v if part is not None]
            return np.concatenate(parts) if parts else None
        return shown_gradient(v)

    def age(self, unit: Unit) -> str:
        """Say of what is left out, if it is the oldest."""
        return "older " if unit is self.units[0] else ""

    # ---- folds -------------------------------------------------------------------------------

    def fold(self, unit: Unit, links: Sequence[Link]) -> None:
        """Make the card that stands for several operations, and the edges to it."""
        inner = [node.primitive.name for node in unit.nodes[: len(unit.nodes) // unit.times]]
        words = ", ".join(inner[:6]) + (", …" if len(inner) > 6 else "")  # noqa: PLR2004
        title = {
            Kind.REPEAT: f"× {unit.times} more",
            Kind.MODULE: unit.label.partition(" ")[0],
            Kind.OMITTED: f"… {counted(len(unit.nodes), f'{self.age(unit)}operation')} not drawn",
        }[unit.kind or Kind.OMITTED]
        last = unit.nodes[-1]
        card = self.new(
            unit.kind or Kind.OMITTED,
            title,
            operation="" if unit.kind is Kind.OMITTED else words,
            path=unit.label,
            shape=last.shape,
            dtype=name_of(last.dtype),
            count=len(unit.nodes),
        )
        card.norms = self.twins.norms(unit)
        self.by_key[unit] = card
        self.writings[card] = Formula("…" if unit.kind is not Kind.MODULE else f"{title}(…)")
        for root in self.roots:
            if self.twins.unit.get(self.twins.of[root]) is unit:
                self.by_key[self.twins.of[root]] = card
        joined: dict[Card, Edge] = {}
        for link in links:
            if not link.parent.parents and self.uses.is_single(link.parent):
                continue  # a leaf of its own is folded too
            operand = self.operand(link.step, link.argument, unit)
            if operand is None:
                continue
            edge = joined.setdefault(operand, Edge(operand.id, card.id))
            part = self.contribution(link.watch)
            if part is not None:
                held = edge.contribution
                edge.contribution = (
                    part if held is None or held.shape != part.shape else held + part
                )
        self.edges += joined.values()

    # ---- last ----------------------------------------------------------------------------------

    def finish_gradients(self) -> None:
        """Name the gradients, now that the roots have names."""
        roots = [self.writings[self.by_key[self.twins.of[root]]].text for root in self.roots]
        of = " + ".join(roots)
        of = f"({of})" if len(roots) > 1 else of if len(of) <= SHORT else "L"
        for card in self.cards:
            if card.gradient is not None and not card.gradient_name:
                by = self.writings[card]
                text = by.text if len(by.text) <= SHORT else "this"
                is_name = by.strength >= 4 or text == "this"  # noqa: PLR2004 (an atom)
                card.gradient_name = f"∂{of}/∂{text if is_name else f'({text})'}"
