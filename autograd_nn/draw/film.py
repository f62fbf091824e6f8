"""A page that goes through training: the same graph at several moments, at unmoved places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from autograd_nn.draw import player, svg
from autograd_nn.draw.model import LEAVES, Picture, strict
from autograd_nn.draw.outline import facts
from autograd_nn.draw.text import clean

PIECES = re.compile(r'(?<==")[^"]*(?=")|(?<=>)[^<]+(?=<)')  # what may differ: attributes, words


def film(
    pictures: Sequence[Picture], epochs: Sequence[Any], word: str, theme: str, width: float
) -> str:
    """Write the page; the pictures have the same cards."""
    drawings = [svg.Drawing(picture, width, pictures) for picture in pictures]
    largest = max(drawing.largest for drawing in drawings)
    for drawing in drawings:
        drawing.largest = largest  # so that widths of arrows can be compared
    first = pictures[0]
    content = {
        "facts": facts(first),
        "title": clean(first.root.title),
        "word": word,
        "epochs": [str(epoch) for epoch in epochs],
        "losses": [strict(loss_of(picture)) for picture in pictures],
        "norms": {
            card.title: [strict(norm_of(picture, card.id)) for picture in pictures]
            for card in first.cards
            if card.kind in LEAVES and card.gradient is not None
        },
        "parts": [*parts(drawings)],
    }
    title = f"{content['title']} over {len(pictures)} moments"
    return player.page(first, title, content, drawings[0].svg(theme, ""), theme)


def loss_of(picture: Picture) -> float:
    """Read the number at the end of a picture."""
    value = picture.root.value
    if value is None or value.size != 1 or value.dtype.kind == "c":
        message = "training: the graphs must end in one real number, the loss, and show values"
        raise ValueError(message)
    return float(value.item())


def norm_of(picture: Picture, id_: str) -> float:
    """Read how large the gradient of a card is."""
    return picture.card(id_).gradient_norm or 0.0


def parts(drawings: Sequence[svg.Drawing]) -> Iterator[dict[str, Any]]:
    """Write what changes: of each card and each edge, the constant pieces and those that vary."""
    drawn = [drawing.parts() for drawing in drawings]
    for i, card in enumerate(drawings[0].picture.cards):
        yield from varying({"card": card.id}, [part.cards[i] for part in drawn])
    for i, (source, target) in enumerate(drawings[0].joined):
        yield from varying({"edge": f"{source}-{target}"}, [part.edges[i] for part in drawn])


def varying(key: dict[str, str], groups: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Take what is inside of a group apart, if it varies.

    >>> [*varying({"card": "n1"}, ["<g><a x='1'>2</a></g>", "<g><a x='1'>3</a></g>"])]
    [{'card': 'n1', 'constant': ["<a x='1'>", '</a>'], 'varying': [['2'], ['3']]}]
    """
    inside = [group[group.index(">") + 1 : group.rindex("<")] for group in groups]
    if all(text == inside[0] for text in inside):
        return
    between = {tuple(PIECES.split(text)) for text in inside}
    found = [PIECES.findall(text) for text in inside]
    if len(between) > 1:  # other elements: nothing but the whole can be put in its place
        yield {**key, "constant": ["", ""], "varying": [[text] for text in inside]}
        return
    (fixed,) = between
    constant, columns = [fixed[0]], []
    for values, after in zip(zip(*found, strict=True), fixed[1:], strict=True):
        if len(set(values)) == 1:
            constant[-1] += values[0] + after
        else:
            columns.append(values)
            constant.append(after)
    yield {
        **key,
        "constant": constant,
        "varying": [list(row) for row in zip(*columns, strict=True)],
    }
