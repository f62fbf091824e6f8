"""A page that goes through training: the same graph at several moments, at unmoved places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from autograd_nn.draw import player, svg
from autograd_nn.draw.files import page_path, write
from autograd_nn.draw.model import LEAVES, Picture, strict
from autograd_nn.draw.outline import facts
from autograd_nn.draw.text import clean
from autograd_nn.draw.view import Graph

PIECES = re.compile(r'(?<==")[^"]*(?=")|(?<=>)[^<]+(?=<)')  # what may differ: attributes, words


def training(
    graphs: Sequence[Graph],
    path: str | PathLike[str],
    *,
    epochs: Sequence[Any] | None = None,
    word: str = "epoch",
) -> Path:
    """Write a page on which the reader goes through training: one graph at several moments.

    Weights, values, gradients and the loss change; every card stays in its place.

    Parameters
    ----------
    graphs : sequence of Graph
        What `graph` returned at each moment, all of the same computation.
    path : path
        Ends in ``.html``.
    epochs : sequence, optional
        What to call the moments: a number each, by default from 0.
    word : str
        What the moments are.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    ValueError
        If the graphs are not of the same computation or do not end in one number, if there are not
        as many `epochs`, or if the suffix is another.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.draw import graph
    >>> w, moments = Tensor(2.0, requires_grad=True), []
    >>> for _ in range(3):
    ...     loss = w ** 2
    ...     loss.backward(retain_graph=True)
    ...     moments.append(graph(loss))
    ...     w, w.grad = Tensor(w.numpy() - 0.3 * w.grad.numpy(), requires_grad=True), None
    >>> with TemporaryDirectory() as folder:
    ...     training(moments, Path(folder, "descent.html")).name
    'descent.html'
    """
    target = page_path("training", path)
    pictures = [moment.picture for moment in graphs]
    shapes = [[(card.id, card.operation, card.shape) for card in p.cards] for p in pictures]
    if not pictures or any(shape != shapes[0] for shape in shapes):
        message = (
            "training: give graphs of one computation at several moments, all with the same cards"
        )
        raise ValueError(message)
    names = range(len(pictures)) if epochs is None else epochs
    if len(names) != len(pictures):
        message = f"training: there are {len(pictures)} graphs, but {len(names)} epochs"
        raise ValueError(message)
    return write(target, film(pictures, names, word, graphs[0].theme, graphs[0].width).encode())


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
