"""What a picture has room for: modules and repetitions are folded, what is oldest is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.draw.model import Kind
from autograd_nn.draw.names import Place
from autograd_nn.draw.steps import number_of_steps
from autograd_nn.graph import Node

MOST_FULL = 40  # cards with their numbers; of more, each is one line
LONGEST_PERIOD = 64
FEWEST_REPETITIONS = 4
MOST_FOLDS = 50
NOWHERE = Place((), ())


@dataclass(eq=False)
class Unit:
    """Operations that are drawn as one card, or one operation, drawn with its steps."""

    nodes: list[Node]
    kind: Kind | None = None
    label: str = ""
    depth: int = 0  # of a module
    ends: list[Node] = field(default_factory=list)  # of it, or of each repetition, the last

    @property
    def times(self) -> int:
        """How many repetitions it stands for: not the first and the last, which are drawn."""
        return max(len(self.ends) - 2, 1)


# ---- modules -------------------------------------------------------------------------------


def places_of(operations: Sequence[Node], owned: Callable[[Node], Place | None]) -> list[Place]:
    """Find the modules that each operation, oldest first, is in.

    An operation on a module's parameters is in that module.  Any other is in the modules that both
    its operands and its users are in.
    """
    forward: dict[Node, Place] = {}
    sure = set()
    for node in operations:
        leaves = (parent for parent in node.parents if parent is not None and not parent.parents)
        known = [place for place in (owned(node), *map(owned, leaves)) if place]
        if known:
            sure.add(node)
            forward[node] = max(known, key=lambda place: len(place.paths))
        else:
            above = [forward[p] for p in node.parents if p in forward]
            forward[node] = common(above)
    users: dict[Node, list[Place]] = {}
    for node in reversed(operations):
        if node not in sure:
            forward[node] = common([forward[node], common(users.get(node, []))])
        if forward[node].paths:
            for parent in node.parents:
                if parent in forward:
                    users.setdefault(parent, []).append(forward[node])
    return [forward[node] for node in operations]


def common(places: Sequence[Place]) -> Place:
    """Find the modules that all have in common."""
    if not places:
        return NOWHERE
    first = places[0]
    n = len(first.paths)
    for place in places[1:]:
        n = min(n, len(place.paths))
        while place.paths[:n] != first.paths[:n]:
            n -= 1
    return Place(first.paths[:n], first.kinds[:n])


def by_module(units: Sequence[Unit], places: dict[Node, Place], depth: int) -> list[Unit]:
    """Join neighbours that are in the same module at `depth`."""
    joined: list[Unit] = []
    for unit in units:
        place = places[unit.nodes[0]]
        if len(place.paths) < depth:
            joined.append(unit)
            continue
        label = f"{place.paths[depth - 1]} {place.kinds[depth - 1]}"
        if not joined or joined[-1].label != label:
            joined.append(Unit([], Kind.MODULE, label, depth))
        joined[-1].nodes += unit.nodes
        joined[-1].ends = unit.nodes[-1:]
    return joined


# ---- repetitions -----------------------------------------------------------------------------


def by_repetition(units: Sequence[Unit]) -> list[Unit]:
    """Fold what is repeated, but for the first and the last time."""
    codes = np.array(signatures(units), int)
    segments = [(0, len(units))]
    folds: list[tuple[int, int, int]] = []
    while segments and len(folds) < MOST_FOLDS:
        start, stop = segments.pop()
        found = repetition(codes[start:stop])
        if found.times >= FEWEST_REPETITIONS:
            first = start + found.start
            last = first + found.period * found.times
            folds.append((first, last, found.period))
            segments += [(start, first), (last, stop)]
    folded: list[Unit] = []
    here = 0
    for first, last, period in sorted(folds):
        folded += units[here : first + period]
        hidden = [node for unit in units[first + period : last - period] for node in unit.nodes]
        ends = [units[i + period - 1].nodes[-1] for i in range(first, last, period)]
        folded.append(Unit(hidden, Kind.REPEAT, ends=ends))
        here = last - period
    return [*folded, *units[here:]]


class Repetition(NamedTuple):
    """Where something is repeated, how long it is and how often it comes."""

    start: int = 0
    period: int = 1
    times: int = 0

    @property
    def saved(self) -> int:
        """How much folding it saves."""
        return (self.times - 2) * self.period


def repetition(codes: Any) -> Repetition:
    """Find the repetition that saves most.

    >>> repetition(np.array([7, 1, 2, 1, 2, 1, 2, 1, 2, 5]))
    Repetition(start=1, period=2, times=4)
    """
    best = Repetition()
    for period in range(1, min(LONGEST_PERIOD, len(codes) // 2) + 1):
        breaks = np.flatnonzero(np.r_[True, codes[period:] != codes[:-period], True])
        runs = np.diff(breaks) - 1
        i = int(np.argmax(runs))
        found = Repetition(int(breaks[i]), period, int(runs[i]) // period + 1)
        if found.times >= FEWEST_REPETITIONS and found.saved > best.saved:
            best = found
    return best


def signatures(units: Sequence[Unit]) -> list[int]:
    """Give units the same number where operations, shapes and wiring are the same.

    Operands are told by how far back they are; a leaf that several operations use, by itself.
    """
    numbers: dict[Any, int] = {}
    where = {node: (i, j) for i, unit in enumerate(units) for j, node in enumerate(unit.nodes)}
    uses = Counter(p for node in where for p in node.parents if p is not None and not p.parents)

    def source(parent: Node | None, i: int) -> Any:
        place = where.get(parent) if parent is not None else None
        if place is not None:
            return i - place[0], place[1]
        if parent is None or uses[parent] == 1:
            return None if parent is None else (parent.shape, parent.dtype.char)
        return parent

    found = []
    for i, unit in enumerate(units):
        members = tuple(
            (
                node.primitive.name,
                node.shape,
                node.dtype.char,
                settings(node.params) if node.params else None,
                *[source(parent, i) for parent in node.parents],
            )
            for node in unit.nodes
        )
        found.append(numbers.setdefault(members, len(numbers)))
    return found


def settings(params: dict[str, Any]) -> tuple[Any, ...]:
    """Keep what parameters say of the form of a call; which entries it takes may differ."""
    plain = (bool, int, str, type(None))
    return tuple(
        (key, value if isinstance(value, plain) and key != "index" else type(value).__name__)
        for key, value in params.items()
    )


# ---- the ladder --------------------------------------------------------------------------------


def plan(
    operations: Sequence[Node],
    places: dict[Node, Place],
    *,
    depth: int | None,
    fold: str | None,
    max_nodes: int,
) -> list[Unit]:
    """Choose what is drawn, oldest first: the first rung of the ladder that there is room for.

    All; modules folded, the innermost first; repetitions folded; both; the outermost modules alone;
    or else what is youngest.
    """
    single = [Unit([node]) for node in operations]
    deepest = max((len(place.paths) for place in places.values()), default=0)
    if depth is not None:
        single = by_module(single, places, depth)
        deepest = min(deepest, depth - 1)
    modules = [partial(by_module, single, places, d) for d in range(deepest, 0, -1)]
    inner = modules[:-1] or modules
    rungs: dict[str | None, list[Callable[[], list[Unit]]]] = {
        None: [lambda: single],
        "modules": [*modules] or [lambda: single],
        "repeats": [lambda: by_repetition(single)],
        "auto": [
            lambda: single,
            *inner,
            lambda: by_repetition(single),
            *(partial(both, module) for module in inner),
            *modules[-1:],
        ],
    }
    units = single
    for rung in rungs[fold]:
        units = rung()
        if number_of_cards(units) <= max_nodes:
            return units
    return youngest(units, max_nodes)


def both(module: Callable[[], list[Unit]]) -> list[Unit]:
    """Fold modules, and then what is repeated."""
    return by_repetition(module())


def near(operations: Sequence[Node], centre: Node, radius: int, max_nodes: int) -> list[Unit]:
    """Draw what is around `centre`, as far as there is room for."""
    for smaller in range(radius, 0, -1):
        units = focus(operations, centre, smaller)
        if number_of_cards(units) <= max_nodes:
            return units
    return focus(operations, centre, 0)


def focus(operations: Sequence[Node], centre: Node, radius: int) -> list[Unit]:
    """Draw what is at most `radius` edges from `centre`; the rest, run by run, as a card each."""
    beside: dict[Node, list[Node]] = {}
    for node in operations:
        for parent in node.parents:
            if parent is not None and parent.parents:
                beside.setdefault(node, []).append(parent)
                beside.setdefault(parent, []).append(node)
    near, ring = {centre}, [centre]
    for _ in range(radius):
        ring = list({node for inner in ring for node in beside.get(inner, ())} - near)
        near.update(ring)
    units: list[Unit] = []
    for node in operations:
        if node in near:
            units.append(Unit([node]))
        elif units and units[-1].kind is Kind.OMITTED:
            units[-1].nodes.append(node)
        else:
            units.append(Unit([node], Kind.OMITTED))
    return units


def number_of_cards(units: Sequence[Unit]) -> int:
    """Count the cards that units become, their leaves included."""
    return sum(cards_of(unit) for unit in units) + leaf_cards(units)


def cards_of(unit: Unit) -> int:
    """Count the cards of a unit alone."""
    return 1 if unit.kind else number_of_steps(unit.nodes[0])


def leaf_cards(units: Sequence[Unit]) -> int:
    """Count the cards of leaves: for each use one, at most."""
    uses: Counter[Any] = Counter()
    shown = set()
    for unit in units:
        found = leaves_of(unit)
        uses.update(found)
        if unit.kind is None:
            shown |= found
    return sum(n for key, n in uses.items() if n > 1 or key in shown)


def leaves_of(unit: Unit) -> set[Any]:
    """Find the leaves and the arrays that a unit uses."""
    found: set[Any] = set()
    for node in unit.nodes:
        for i, parent in enumerate(node.parents):
            if parent is None:
                if unit.kind is None and node.primals and isinstance(node.primals[i], np.ndarray):
                    found.add(id(node.primals[i]))
            elif not parent.parents:
                found.add(parent)
    return found


def youngest(units: Sequence[Unit], max_nodes: int) -> list[Unit]:
    """Keep the youngest units that there is room for; one more stands for the rest."""
    room, kept = max_nodes - 1, 0
    for unit in reversed(units):
        room -= cards_of(unit) + len(leaves_of(unit) if unit.kind is None else ())
        if room < 0 and kept:
            break
        kept += 1
    cut = len(units) - kept
    if cut <= 0:
        return [*units]
    hidden = [node for unit in units[:cut] for node in unit.nodes]
    return [Unit(hidden, Kind.OMITTED), *units[cut:]]
