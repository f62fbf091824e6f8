"""The frames of modules: runs of operations, in the order of computation, in one module."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from autograd_nn.draw.model import Card, Edge, Frame, Kind
from autograd_nn.draw.names import Place
from autograd_nn.draw.selection import Unit
from autograd_nn.graph import Node

ACTIVATIONS = {"sigmoid", "tanh", "relu", "softplus", "softmax", "log_softmax"}


class Framer:
    """Opens and closes frames, and puts cards into those that are open."""

    def __init__(self, cards: Sequence[Card], edges: Sequence[Edge]) -> None:
        self.frames: list[Frame] = []
        self.inside: list[int] = []  # those that are open, the outermost first
        self.used: dict[int, set[Node]] = {}  # the parameters in each
        by_id = {card.id: card for card in cards}
        self.operands: dict[str, list[Card]] = {}
        for edge in edges:
            self.operands.setdefault(edge.target, []).append(by_id[edge.source])

    def add(self, unit: Unit, place: Place, cards: Sequence[Card], owned: Collection[Node]) -> None:
        """Frame the cards of a unit; `owned` are all nodes that modules own."""
        if unit.kind in (Kind.OMITTED, Kind.REPEAT):
            self.inside = []
            return
        mine = {p for node in unit.nodes for p in node.parents if p is not None and p in owned}
        again = [i for i, n in enumerate(self.inside) if not mine.isdisjoint(self.used[n])]
        if again:  # the module is called once more
            self.inside = self.inside[: again[-1]]
        for card in cards:
            depth = len(place.paths)
            if unit.kind is Kind.MODULE:
                depth = unit.depth - 1
            elif len(cards) > 1 and card.operation in ACTIVATIONS:
                depth -= 1  # it is another module's
            self.open(place, depth)
            for n in self.inside:
                self.used[n] |= mine
            if self.inside:
                self.put(card)

    def open(self, place: Place, depth: int) -> None:
        """Close the frames that a place is not in, and open those that are new."""
        shared = 0
        for n, path in zip(self.inside, place.paths[:depth], strict=False):
            if self.frames[n].path != path:
                break
            shared += 1
        self.inside = self.inside[:shared]
        for level in range(shared, depth):
            around = self.inside[-1] if self.inside else None
            self.inside.append(len(self.frames))
            self.used[len(self.frames)] = set()
            self.frames.append(Frame(place.paths[level], place.kinds[level], around))

    def put(self, card: Card) -> None:
        """Put a card into the innermost frame, and the parameters of that module that it uses."""
        card.frame = self.inside[-1]
        path = f"{self.frames[card.frame].path}."
        for operand in self.operands.get(card.id, ()):
            if operand.kind is Kind.PARAMETER and operand.path.startswith(path):
                operand.frame = card.frame


def frame(
    cards: Sequence[Card],
    edges: Sequence[Edge],
    units: Iterable[tuple[Unit, Place, Sequence[Card]]],
    owned: Collection[Node],
) -> list[Frame]:
    """Find the frames, and note in each card which it is in."""
    framer = Framer(cards, edges)
    for unit, place, members in units:
        framer.add(unit, place, members, owned)
    return framer.frames
