"""Pictures with some of their modules folded: each frame becomes a card, the others stay."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import product

from autograd_nn.draw.model import Card, Edge, Kind, Picture

MOST_STATES = 8  # of a page, in which every way to fold is prepared

Folded = frozenset[int]  # the numbers of frames


def fold(picture: Picture, frames: AbstractSet[int]) -> Picture:
    """Fold frames: the card ``f2`` stands for all cards in frame 2, the others keep their ids.

    A parameter that is also used outside its frame stays, so that no cycle comes about.
    """
    around = {card.id: outermost(picture, card.frame, frames) for card in picture.cards}
    for edge in reversed(picture.edges):
        if around[edge.source] != around[edge.target] and is_leaf(picture, edge.source):
            around[edge.source] = None
    last = {i: card.id for card in picture.cards if (i := around[card.id]) is not None}
    into = {id_: id_ if i is None else f"f{i}" for id_, i in around.items()}
    cards: list[Card] = []
    for card in picture.cards:
        i = around[card.id]
        if i is None:
            cards.append(card)
        elif last[i] == card.id:
            inside = [member for member in picture.cards if around[member.id] == i]
            cards.append(folded(picture, i, inside))
    edges: dict[tuple[str, str], Edge] = {}
    kept: list[Edge] = []
    for edge in picture.edges:
        source, target = into[edge.source], into[edge.target]
        if (source, target) == (edge.source, edge.target):
            kept.append(edge)
        elif source != target:
            held = edges.get((source, target))
            edges[source, target] = joined(held, edge, source, target)
    roots = [into[root] for root in picture.roots]
    return replace(picture, cards=cards, edges=[*kept, *edges.values()], roots=roots)


def is_leaf(picture: Picture, id_: str) -> bool:
    """Tell whether a card was not computed."""
    return next(card.is_leaf for card in picture.cards if card.id == id_)


def outermost(picture: Picture, frame: int | None, folded: AbstractSet[int]) -> int | None:
    """Find the outermost frame around a frame that is folded."""
    found = None
    while frame is not None:
        found = frame if frame in folded else found
        frame = picture.frames[frame].parent
    return found


def folded(picture: Picture, i: int, inside: list[Card]) -> Card:
    """Make the card of a frame: the last of what is inside gives its shape and its place."""
    frame, last = picture.frames[i], inside[-1]
    operations = [card.operation for card in inside if not card.is_leaf]
    return Card(
        f"f{i}",
        Kind.MODULE,
        frame.path,
        path=f"{frame.path} {frame.kind}",
        operation=", ".join(operations),
        shape=last.shape,
        dtype=last.dtype,
        frame=frame.parent,
        count=len(operations),
        norms=[] if last.gradient_norm is None else [last.gradient_norm],
    )


def joined(held: Edge | None, edge: Edge, source: str, target: str) -> Edge:
    """Join the edges between two cards, of which one is a fold, to one."""
    brought = edge.contribution
    if held is not None and held.contribution is not None and brought is not None:
        same = held.contribution.shape == brought.shape
        brought = held.contribution + brought if same else brought
    elif held is not None and brought is None:
        brought = held.contribution
    return Edge(source, target, contribution=brought)


def states(picture: Picture) -> list[Folded]:
    """List the ways to fold: all of them, or if those are many, only level by level."""
    inner: dict[int | None, list[int]] = {}
    for i, frame in enumerate(picture.frames):
        inner.setdefault(frame.parent, []).append(i)
    found = ways(inner, None)
    if len(found) <= MOST_STATES:
        return found
    depth: list[int] = []
    for frame in picture.frames:
        depth.append(0 if frame.parent is None else depth[frame.parent] + 1)
    levels = range(max(depth, default=-1), -1, -1)
    by_level = [frozenset(i for i, d in enumerate(depth) if d == level) for level in levels]
    return [frozenset(), *by_level[-MOST_STATES:]]


def ways(inner: dict[int | None, list[int]], frame: int | None) -> list[Folded]:
    """List the ways to fold what is inside a frame; no more than one too many."""
    found: list[Folded] = [frozenset()]
    for i in inner.get(frame, ()):
        mine = [*ways(inner, i), frozenset({i})]
        found = [a | b for a, b in product(found, mine)][: MOST_STATES + 1]
    return found
