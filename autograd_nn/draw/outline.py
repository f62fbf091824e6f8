"""A picture in words: one sentence, and a list to be read in a terminal or aloud."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_nn.draw.model import Card, Edge, Kind, Picture
from autograd_nn.draw.tables import number
from autograd_nn.draw.text import clean

MOST_LINES = 200


def counted(n: int, word: str) -> str:
    """Write a number of things.

    >>> counted(1, "parameter"), counted(2000, "entry")
    ('1 parameter', '2,000 entries')
    """
    many = word[:-1] + "ies" if word.endswith("y") else word + "s"
    return f"{n:,} {word if n == 1 else many}"


def heading(picture: Picture) -> str:
    """Name what is drawn, and its value if that is one number."""
    root = picture.root
    title = clean(root.title)
    if root.value is not None and root.value.size == 1 and root.value.dtype.kind != "c":
        title += f" = {number(root.value.item())}"
    return title


def facts(picture: Picture) -> str:
    """Say how large the computation is, and how much of it is drawn."""
    said = (
        f"{counted(picture.operations, 'recorded operation')}, "
        f"{counted(picture.parameters, 'parameter')} with {counted(picture.entries, 'entry')}"
    )
    if picture.drawn < picture.operations:
        said += f"; {picture.extent}"
    return said


def summary(picture: Picture) -> str:
    """Say in a line what is drawn, and how much of it."""
    return f"{heading(picture)}. {facts(picture)}."


def outline(picture: Picture) -> str:
    """Write every card as a line, in the order of computation, with what it is computed from."""
    edges: dict[str, list[Edge]] = {}
    for edge in picture.edges:
        edges.setdefault(edge.target, []).append(edge)
    by_id = {card.id: card for card in picture.cards}
    cards = [card for card in picture.cards if not card.ghost_of]
    lines = [summary(picture)]
    for card in cards[-MOST_LINES:]:
        lines.append(line(card))
        for edge in edges.get(card.id, ()):
            source = by_id[edge.source]
            if edge.contribution is not None:
                how = f" by {edge.derivative}" if edge.derivative else ""
                size = number(edge.norm or 0.0)
                lines.append(f"    to {clean(source.title)} goes back{how}: {size} (norm)")
    if len(cards) > MOST_LINES:
        lines.insert(1, f"… {counted(len(cards) - MOST_LINES, 'older card')} left out here")
    return "\n".join(lines)


def line(card: Card) -> str:
    """Write one card."""
    shape = str(card.shape) if card.shape else "scalar"
    said = f"{clean(card.title)}: {card.kind.value}"
    if card.formula not in ("", card.title):
        said += f" = {clean(card.formula, 60)}"
    if card.kind is Kind.OMITTED:
        return clean(card.title)
    if card.is_fold:
        said += f" of {clean(card.operation, 80)} ({counted(card.count, 'operation')})"
        return f"{said}, gradient norm {extent(card.norms)}" if card.norms else said
    said += f", {shape}"
    if card.value is not None and card.value.size == 1:
        said += f", value {number(card.value.item())}" if card.value.dtype.kind in "biuf" else ""
    if card.gradient_norm is not None:
        said += f", gradient norm {number(card.gradient_norm)}"
    elif card.gradient_note:
        said += f", {card.gradient_note}"
    if card.verdict is not None:
        said += f"; {card.verdict.status.value}: {card.verdict.sentence}"
    return said


def extent(norms: Sequence[float]) -> str:
    """Write the first and the last of some norms.

    >>> extent([0.5, 7.0, 1.25]), extent([2.0])
    ('0.5 … 1.25', '2')
    """
    return " … ".join(number(norm) for norm in (*norms[:1], *norms[1:][-1:]))
