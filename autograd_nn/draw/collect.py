"""Collecting a picture: the cards and edges of what a Tensor was computed from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.draw.derivative import derive
from autograd_nn.draw.formulas import Formula, formula, literal
from autograd_nn.draw.lines import origin
from autograd_nn.draw.model import Array, Card, Edge, Frame, Kind, Picture
from autograd_nn.draw.names import Names, Place
from autograd_nn.draw.selection import (
    MOST_FULL,
    MOST_USES,
    Unit,
    places_of,
    plan,
)
from autograd_nn.draw.steps import Measure, Watch, steps_of, watched
from autograd_nn.draw.sweep import Found, sweep
from autograd_nn.draw.tables import MINUS, norm
from autograd_nn.errors import NoGradientError
from autograd_nn.fitting import Form, Several, Value, fit
from autograd_nn.graph import Node, history
from autograd_nn.tensor import Tensor

MOST_BYTES = 10_000  # larger unnamed constants are told apart by identity, not by content
MOST_TEXTS = 1_000  # of more edges, no derivatives are written down
SHORT = 16  # a formula that is its own name
ACTIVATIONS = {"sigmoid", "tanh", "relu", "softplus", "softmax", "log_softmax", "maximum"}
NOT_COMPUTED = "gradient not computed: call backward()"
RELEASED = "released by backward(); pass retain_graph=True to keep it"
NOT_NEEDED = "no gradient needed"
NOT_SHOWN = "not shown"
JOINT = "several results"
SEVERAL = "gradients between are shown for a result of one entry, or pass gradient="
GONE = "its tensor is gone, and the numbers with it"
ACCUMULATED = ".grad is not this gradient alone: accumulated, or of another loss"
HOOKED = "a hook changed what the edges bring"


class Link(NamedTuple):
    """One argument of one operation that is joined to another card by an edge."""

    parent: Node  # a twin, or a unit's
    step: Node
    argument: int
    watch: Node | None


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
    return Collector(nodes, names, options).picture()


@dataclass(eq=False)
class Twins:
    """The graph again, as it is drawn: with steps, and a node on each edge to look on."""

    of: dict[Node, Node] = field(default_factory=dict)
    original: dict[Node, Node] = field(default_factory=dict)  # of what a step is the result
    tail: dict[Node, Node] = field(default_factory=dict)  # of a twin, the watch behind it
    unit: dict[Node, Unit] = field(default_factory=dict)  # of each twin
    steps: dict[Unit, list[Node]] = field(default_factory=dict)
    span: list[Node] = field(default_factory=list)  # oldest first
    links: list[Link] = field(default_factory=list)


class Collector:
    """Makes one picture."""

    def __init__(self, roots: list[Node], names: Names, options: Options) -> None:
        self.roots, self.names, self.options = roots, names, options
        whole = history(*roots)
        self.operations, self.leaves = whole.operations[::-1], whole.ends
        self.places = dict(
            zip(self.operations, places_of(self.operations, self.owned), strict=True)
        )
        self.units = plan(
            self.operations,
            self.places,
            depth=options.depth,
            fold=options.fold,
            max_nodes=options.max_nodes,
        )
        self.released = any(node.primals is None for node in self.operations)
        self.several = options.gradient is None and any(int(np.prod(r.shape)) != 1 for r in roots)
        self.went_backward = options.grads and (
            options.gradient is not None or any(stored(leaf) is not None for leaf in self.leaves)
        )
        self.twins = self.twin()
        self.found = self.sweep()
        self.cards: list[Card] = []
        self.by_key: dict[Hashable, Card] = {}
        self.writings: dict[Card, Formula] = {}
        self.recorded: dict[Node, Value] = {}  # values of leaves when they were used
        self.uses: Counter[Hashable] = Counter()
        self.edges: list[Edge] = []
        self.numbered = Counter[str]()

    def owned(self, node: Node) -> Place | None:
        """Find the modules that a parameter belongs to, or that an operation was called in."""
        if node.parents:
            where = origin(node)
            return where.place(self.names) if where else None
        return self.names.places.get(node)

    # ---- twins -----------------------------------------------------------------------------

    def twin(self) -> Twins:
        """Make the graph again, as it is drawn."""
        made = Twins()
        for leaf in self.leaves:
            copy = made.of[leaf] = Node(None, (), (), {}, leaf.out)
            copy.hooks, copy.owner = leaf.hooks, leaf.owner
            made.original[copy] = leaf
        ends = {end for unit in self.units for end in unit.ends}
        for unit in self.units:
            made.steps[unit] = []
            for node in unit.nodes:
                steps, vertices = ([node], {}) if unit.kind else steps_of(node)
                for step in steps:
                    twin = self.add(made, unit, node, step, vertices)
                    if not self.released and (not unit.kind or node in ends):
                        watch = Measure() if unit.kind else Watch()
                        made.tail[twin] = watched(twin, twin.out, watch)
                        made.span.append(made.tail[twin])
                made.of[node] = twin
                made.tail.get(twin, twin).hooks = node.hooks
                made.original[twin] = node
        return made

    def add(
        self, made: Twins, unit: Unit, node: Node, step: Node, vertices: Mapping[Node, int]
    ) -> Node:
        """Add the twin of one step of an operation."""
        parents: list[Node | None] = []
        twin = Node(step.primitive, (), step.primals, step.params, step.out, node.seals)
        for i, parent in enumerate(step.parents):
            outer = node.parents[vertices[parent]] if parent in vertices else parent
            source = None if outer is None else made.of[outer]
            tail = None if source is None else made.tail.get(source, source)
            if source is not None and (unit.kind is None or made.unit.get(source) is not unit):
                watch = None
                if tail is not None and not self.released:
                    watch = tail = watched(tail, step.primals[i], Watch())
                    made.span.append(watch)
                made.links.append(Link(source, twin, i, watch))
            parents.append(tail)
        if step is not node:
            twin.seals = None  # they are those of the whole operation's arguments
        twin.parents = tuple(parents)
        made.of[step] = twin
        made.unit[twin] = unit
        made.steps[unit].append(twin)
        made.span.append(twin)
        return twin

    def sweep(self) -> Found:
        """Compute the gradients of all that is drawn, if ``backward()`` has been called."""
        if not self.went_backward or self.released or self.several:
            return Found()
        twins, seeds = self.twins, {}
        for root in self.roots:
            twin = twins.of[root]
            one = np.ones(root.shape, root.dtype)[()]
            given = self.options.gradient
            seeds[twins.tail.get(twin, twin)] = one if given is None else given
        return sweep(twins.span, [twins.of[leaf] for leaf in self.leaves], seeds)

    # ---- the picture -------------------------------------------------------------------------

    def picture(self) -> Picture:
        """Make all cards and edges."""
        links: dict[Node, list[Link]] = {}
        for link in self.twins.links:
            links.setdefault(link.step, []).append(link)
        self.count_uses()
        for unit in self.units:
            steps = self.twins.steps[unit]
            if unit.kind:
                self.fold(unit, [link for step in steps for link in links.get(step, ())])
            else:
                for step in steps:
                    self.operation(step, unit)
        if not self.operations:
            self.leaf(self.roots[0])
        frames = self.frame()
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
        )

    def count_uses(self) -> None:
        """Count how many cards use each leaf, and keep what it was when it was used."""
        seen: set[Hashable] = set()
        for unit in self.units:
            for step in self.twins.steps[unit]:
                owner: Hashable = unit if unit.kind else step
                for i in range(len(step.parents)):
                    parent = source(step, i)
                    original = self.twins.original.get(parent) if parent else None
                    if original is not None and not original.parents and step.primals is not None:
                        self.recorded[original] = step.primals[i]
                    key = parent or (None if unit.kind else self.constant_key(step, i))
                    if key is not None and (owner, key) not in seen:
                        seen.add((owner, key))
                        self.uses[key] += 1

    def constant_key(self, step: Node, i: int) -> Hashable:
        """Identify a constant by its name, or else by its content; a number by nothing."""
        array = constant(step, i)
        if array is None:
            return None
        name = self.names.of_array(step.primals[i])
        content = id(step.primals[i]) if array.size > MOST_BYTES else array.tobytes()
        return name or (None if array.ndim == 0 else (array.shape, array.dtype.str, content))

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
            key = self.constant_key(step, i)
        else:
            hidden = self.twins.unit.get(parent)
            key = hidden if hidden is not None and hidden.kind else parent
        if key is None:
            return None
        known = self.by_key.get(key)
        if known is None:
            made = self.leaf(self.twins.original[parent]) if parent else self.input(step, i)
            self.by_key[key] = known = made
        elif known.is_leaf and self.uses[key] > MOST_USES:
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
            dtype=str(array.dtype),
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
            dtype=str(node.dtype),
        )
        self.writings[card] = Formula(name or "parameter")
        self.by_key[self.twins.of[node]] = card
        owner = node.owner() if node.owner else None
        values = (self.recorded, self.names.values)
        value = next(
            (table[node] for table in values if node in table), getattr(owner, "value", None)
        )
        card.value, card.value_note = self.shown(value, GONE)
        mine, held = self.found.leaves.get(self.twins.of[node]), stored(node)
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
            dtype=str(step.dtype),
            line=where.line if where else "",
        )
        self.by_key[step] = card
        self.writings[card] = Formula(name) if name else how
        value = self.names.values.get(original) if isinstance(step.out, Form) else step.out
        if not isinstance(value, np.ndarray | np.generic | None):
            card.value_note = card.gradient_note = JOINT
        else:
            card.value, card.value_note = self.shown(value, RELEASED)
            self.set_gradient(card, step)
        self.join(card, step, sources, writings)
        return card

    def automatic(self, step: Node, how: Formula, sources: Sequence[Card | None]) -> str | None:
        """Name a value that has no name: z1 of a layer, a1 of an activation, v1 of a long formula."""
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
        gradient = self.seen(self.twins.tail.get(step))
        if not self.options.grads:
            card.gradient_note = NOT_SHOWN
        elif gradient is not None and not isinstance(gradient, Several):
            card.gradient = shown_gradient(gradient)
            original = self.twins.original.get(step)
            card.remark = HOOKED if original and original.hooks else ""
        elif self.released:
            card.gradient_note = f"gradient {RELEASED}"
        elif self.went_backward and self.several:
            card.gradient_note = SEVERAL
        else:
            card.gradient_note = self.found.failure or NOT_COMPUTED

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

    def seen(self, node: Node | None) -> Value:
        """Read what a watch has seen; where nothing was chosen it is 0, and nothing was said."""
        if node is None or not self.found.is_complete:
            return None
        seen = node.primitive.seen
        is_joint = isinstance(node.out, Several)
        return np.zeros(node.shape, node.dtype) if seen is None and not is_joint else seen

    def contribution(self, seen: Node | None) -> Array | None:
        """Read what came back over an edge."""
        v = self.seen(seen)
        if v is None:
            return None
        if isinstance(v, Several):
            parts = [np.ravel(part) for part in v if part is not None]
            return np.concatenate(parts) if parts else None
        return shown_gradient(v)

    # ---- folds -------------------------------------------------------------------------------

    def fold(self, unit: Unit, links: Sequence[Link]) -> None:
        """Make the card that stands for several operations, and the edges to it."""
        inner = [node.primitive.name for node in unit.nodes[: len(unit.nodes) // unit.times]]
        words = ", ".join(inner[:6]) + (", …" if len(inner) > 6 else "")  # noqa: PLR2004
        title = {
            Kind.REPEAT: f"× {unit.times} more",
            Kind.MODULE: unit.label.partition(" ")[0],
            Kind.OMITTED: f"… {len(unit.nodes):,} older operations are not drawn",
        }[unit.kind or Kind.OMITTED]
        last = unit.nodes[-1]
        card = self.new(
            unit.kind or Kind.OMITTED,
            title,
            operation="" if unit.kind is Kind.OMITTED else words,
            path=unit.label,
            shape=last.shape,
            dtype=str(last.dtype),
            count=len(unit.nodes),
        )
        if self.found.is_complete:
            tails = [self.twins.tail[self.twins.of[end]] for end in unit.ends]
            seen = [tail.primitive.seen for tail in tails]
            sizes = [x if isinstance(x, float | None) else norm(np.asarray(x)) for x in seen]
            card.norms = [x or 0.0 for x in sizes]
        self.by_key[unit] = card
        self.writings[card] = Formula("…" if unit.kind is not Kind.MODULE else f"{title}(…)")
        for root in self.roots:
            if self.twins.unit.get(self.twins.of[root]) is unit:
                self.by_key[self.twins.of[root]] = card
        joined: dict[Card, Edge] = {}
        for link in links:
            if not link.parent.parents and self.uses[link.parent] == 1:
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

    def frame(self) -> list[Frame]:
        """Find the module frames: runs of operations, in the order of computation, in a module."""
        frames: list[Frame] = []
        inside: list[int] = []  # the frames that are open, the outermost first
        used: dict[int, set[Node]] = {}  # the parameters in each
        operands: dict[str, list[Card]] = {}
        by_id = {card.id: card for card in self.cards}
        for edge in self.edges:
            operands.setdefault(edge.target, []).append(by_id[edge.source])
        for unit in self.units:
            if unit.kind in (Kind.OMITTED, Kind.REPEAT):
                inside = []
                continue
            place = self.places[unit.nodes[0]]
            steps = self.twins.steps[unit]
            mine = {p for node in unit.nodes for p in node.parents if p and p in self.names.places}
            again = [i for i, number in enumerate(inside) if not mine.isdisjoint(used[number])]
            inside = inside[: again[-1]] if again else inside  # the module is called once more
            cards = [self.by_key[key] for key in (steps if unit.kind is None else [unit])]
            for card in cards:
                depth = len(place.paths)
                if unit.kind is Kind.MODULE:
                    depth = unit.depth - 1
                elif len(cards) > 1 and card.operation in ACTIVATIONS:
                    depth -= 1  # it is another module's
                inside = [
                    number
                    for number, path in zip(inside, place.paths[:depth], strict=False)
                    if frames[number].path == path
                ]
                for level in range(len(inside), depth):
                    around = inside[-1] if inside else None
                    inside.append(len(frames))
                    used[len(frames)] = set()
                    frames.append(Frame(place.paths[level], place.kinds[level], around))
                for number in inside:
                    used[number] |= mine
                if inside:
                    card.frame = inside[-1]
                    path = f"{frames[inside[-1]].path}."
                    for operand in operands.get(card.id, ()):
                        if operand.kind is Kind.PARAMETER and operand.path.startswith(path):
                            operand.frame = card.frame
        return frames


def is_watch(node: Node) -> bool:
    """Tell whether a node was put in to look on."""
    return isinstance(node.primitive, Watch)


def source(step: Node, i: int) -> Node | None:
    """Find the twin that argument `i` comes from, behind the watches."""
    parent: Node | None = step.parents[i]
    while parent is not None and is_watch(parent):
        parent = parent.parents[0]
    return parent


def pull(step: Node, i: int, gradient: Array) -> Array:
    """Carry a gradient back to argument `i`."""
    primal = step.primals[i]
    with np.errstate(all="ignore"):
        v = shown_gradient(gradient)  # its own inverse
        term = step.primitive.vjps[i](v, step.out, *step.primals, **step.params)
        return shown_gradient(fit(term, primal.shape, primal.dtype, step.primitive.name))


def written(step: Node, i: int) -> Formula:
    """Write down an operand that has no card."""
    return Formula("…" if step.primals is None else literal(step.primals[i]))


def stored(leaf: Node) -> Array | None:
    """Read the `grad` of the Tensor that owns a leaf."""
    owner = leaf.owner() if leaf.owner else None
    grad = getattr(owner, "_grad", None)
    return None if grad is None else np.asarray(grad.value)


def shown_gradient(v: Value) -> Array:
    """Make a gradient of the engine's cotangent: of complex values, the conjugate."""
    array = np.asarray(v)
    return np.conjugate(array) if array.dtype.kind == "c" else array


def constant(node: Node, i: int) -> Array | None:
    """Read operand `i` as an array; None if it is a Python number, or no longer there."""
    if node.primals is None or isinstance(node.primals[i], bool | int | float | complex | str):
        primal = None if node.primals is None else node.primals[i]
        return np.asarray(primal) if isinstance(primal, np.generic) else None
    if isinstance(node.primals[i], Several):
        return None
    array = np.asarray(node.primals[i])
    return array if array.dtype.kind in "biufc" else None


def close(x: Value, y: Value) -> bool:
    """Tell whether two gradients are the same but for rounding."""
    x = shown_gradient(x)
    scale = np.max(np.abs(y), initial=0)
    return bool(np.allclose(x, y, rtol=1e-3, atol=1e-3 * float(scale), equal_nan=True))
