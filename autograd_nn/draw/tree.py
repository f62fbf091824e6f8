"""A picture as a tree for a terminal: from the loss down, as backward() goes.

The way to the farthest inputs stays on the left, what joins it branches off.  A value that is used
several times stands below all its uses, where its gradient is complete; until then an arrow
points to it.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from autograd_nn.draw.model import Card, Edge, Kind, Picture, Status
from autograd_nn.draw.outline import MOST_LINES, counted, extent, summary
from autograd_nn.draw.tables import number
from autograd_nn.draw.text import clean

MARKS = {
    Kind.INPUT: "○",
    Kind.PARAMETER: "■",
    Kind.REPEAT: "⋮",
    Kind.MODULE: "▣",
    Kind.OMITTED: "…",
}
COMPUTED, BELOW = "●", "↓"
KEY = "● computed  ■ parameter  ○ input  ↓ used here, stands further down  ← goes back by"
VERDICTS = {
    Status.EXACT: "✓ exact",
    Status.GUILTY: "✗ guilty",
    Status.CONTAMINATED: "▲ contaminated",
}
LONGEST = 60


class Place(NamedTuple):
    """Where a card comes in the tree."""

    card: Card
    use: Edge | None  # to what is computed from it, above
    lead: str  # what stands before it
    indent: str  # and before all below it


def tree(picture: Picture) -> str:
    """Write every card as a line, each below all that was computed from it.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    str
        Name, shape, single value, norm of the gradient, and by which local derivative it came.
    """
    found = rows(picture)
    left_out = len(found) - MOST_LINES
    shown = [row for row, _ in found[:MOST_LINES]]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = [summary(picture), KEY]
    for row, sentence in found[:MOST_LINES]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
        if sentence:
            lines.append(f"{' ' * (widths[0] + 2)}{sentence}")
    if left_out > 0:
        lines.append(f"… {counted(left_out, 'older line')} left out here")
    return "\n".join(lines)


def rows(picture: Picture) -> list[tuple[tuple[str, ...], str]]:
    """Return the columns of every line, and what a check says of it, from the roots down."""
    by_id = {card.id: card for card in picture.cards}
    for card in picture.cards:
        if card.ghost_of:
            by_id[card.id] = by_id[card.ghost_of]
    operands: dict[str, list[Edge]] = {}
    uses: Counter[str] = Counter()
    depth: dict[str, int] = {}
    for edge in picture.edges:
        operands.setdefault(edge.target, []).append(edge)
        uses[by_id[edge.source].id] += 1
    for card in picture.cards:  # operands come before what is computed from them
        sources = [depth.get(by_id[edge.source].id, 0) for edge in operands.get(card.id, ())]
        depth[card.id] = 1 + max(sources, default=0)
    ends = [card for card in picture.cards if not uses[card.id] and not card.ghost_of]
    places: list[Place] = [
        Place(card, None, "", "") for card in sorted(ends, key=lambda c: c is picture.root)
    ]
    found: list[tuple[tuple[str, ...], str]] = []
    while places:
        card, use, lead, indent = places.pop()
        uses[card.id] -= use is not None
        if uses[card.id] > 0:  # the last of its uses is still to come
            name = f"{lead or indent + '└─'}{BELOW} {clean(card.title)}"
            adds = "" if use is None or use.norm is None else f"adds {number(use.norm)}"
            found.append(((name, "", "", adds, back(use)), ""))
            continue
        found.append((columns(card, use, lead or indent), sentence_of(card)))
        below = sorted(operands.get(card.id, ()), key=lambda e: depth[by_id[e.source].id])
        goes_on = bool(below) and bool(operands.get(by_id[below[-1].source].id))
        branches, spine = (below[:-1], below[-1:]) if goes_on else (below, [])
        places += [Place(by_id[e.source], e, "", indent) for e in spine]
        for i, e in reversed([*enumerate(branches, 1)]):
            is_last = not spine and i == len(branches)
            corner, beside = ("└─", "  ") if is_last else ("├─", "│ ")
            places.append(Place(by_id[e.source], e, indent + corner, indent + beside))
    return found


def columns(card: Card, use: Edge | None, lead: str) -> tuple[str, ...]:
    """Write what a line says of a card."""
    name = clean(card.title)
    if card.formula not in ("", card.title):
        name += f" = {clean(card.formula, LONGEST)}"
    if card.kind in (Kind.REPEAT, Kind.MODULE):
        name += f" of {clean(card.operation, LONGEST)} ({counted(card.count, 'operation')})"
    shape = "" if card.is_fold else str(card.shape) if card.shape else "scalar"
    value = ""
    if card.value is not None and card.value.size == 1 and card.value.dtype.kind in "biuf":
        value = number(card.value.item())
    size = extent(card.norms) if card.norms else ""
    if card.gradient_norm is not None:
        size = number(card.gradient_norm)
    gradient = f"|∂| {size}" if size else card.gradient_note
    return f"{lead}{MARKS.get(card.kind, COMPUTED)} {name}", shape, value, gradient, back(use)


def back(use: Edge | None) -> str:
    """Write what brings the gradient from the line above."""
    return "" if use is None or not use.derivative else f"← {use.derivative}"


def sentence_of(card: Card) -> str:
    """Write what a check says of a card's gradient."""
    verdict = card.verdict
    return f"{VERDICTS[verdict.status]}: {verdict.sentence}" if verdict is not None else ""
