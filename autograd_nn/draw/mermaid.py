"""A picture as a Mermaid flowchart, for READMEs."""

from __future__ import annotations

from autograd_nn.draw.model import Card, Kind, Picture
from autograd_nn.draw.tables import number
from autograd_nn.draw.text import clean

SHAPES = {Kind.INPUT: ("([", "])"), Kind.PARAMETER: ("[/", "/]"), Kind.LOSS: ("[[", "]]")}


def chart(picture: Picture) -> str:
    """Write a flowchart: values forward, gradients back, dotted, with their local derivatives."""
    lines = ["flowchart LR"]
    for card in picture.cards:
        left, right = SHAPES.get(card.kind, ("[", "]"))
        lines.append(f'  {card.id}{left}"{label(card)}"{right}')
    for edge in picture.edges:
        lines.append(f"  {edge.source} --> {edge.target}")
        if edge.contribution is not None:
            size = f"∂ {number(edge.norm or 0.0)}"
            text = f"{edge.derivative}  {size}" if edge.derivative else size
            lines.append(f'  {edge.target} -. "{quoted(text)}" .-> {edge.source}')
    return "\n".join(lines) + "\n"


def label(card: Card) -> str:
    """Write what stands on a card."""
    parts = [clean(card.title), str(card.shape) if card.shape else "scalar"]
    if card.formula not in ("", card.title):
        parts.insert(1, f"= {clean(card.formula, 34)}")
    if card.gradient_norm is not None:
        parts.append(f"∂ {number(card.gradient_norm)}")
    return "<br/>".join(map(quoted, parts))


def quoted(text: str) -> str:
    """Write text so that Mermaid reads it as text: all that is not plain by its number."""
    plain = " .,()=+*∂·⊙×÷Σᵀ−…⁻⁰¹²³⁴⁵⁶⁷⁸⁹_"
    return "".join(c if c.isalnum() or c in plain else f"#{ord(c)};" for c in text)
