"""A picture in all its formats: shown in notebooks, printed as text, written to files."""

from __future__ import annotations

import json
from itertools import count
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_nn.draw import dot, html, mermaid, player, render, svg
from autograd_nn.draw.files import page_path, write
from autograd_nn.draw.model import Card, Picture
from autograd_nn.draw.tree import tree
from autograd_nn.errors import MissingExtraError

if TYPE_CHECKING:
    import graphviz

FORMATS = ("svg", "html", "dot", "gv", "json", "txt", "mmd", "png", "pdf")
THEMES = ("auto", "light", "dark")
WIDTH = int(svg.PAGE)  # of a picture
MOST_BYTES = 400_000  # of a picture in a notebook, which keeps it for ever
outputs = count()


class Graph:
    """A picture: shown in notebooks, printed as text, written to files.

    Attributes
    ----------
    picture : Picture
        What is shown, as plain data.
    """

    def __init__(self, picture: Picture, theme: str = "auto", width: int = WIDTH) -> None:
        self.picture, self.theme, self.width = picture, theme, width

    def __str__(self) -> str:
        return tree(self.picture)

    def __repr__(self) -> str:
        return f"<Graph of {self.picture.root.title}: {self.picture.extent}>"

    def card(self, name: str) -> Card:
        """Find what is shown of a value, by its name."""
        return self.picture.card(name)

    @property
    def source(self) -> str:
        """The picture in DOT, Graphviz's language."""
        return self.to_graphviz().source  # type: ignore[no-any-return]

    def to_graphviz(self) -> graphviz.Digraph:
        """Return the picture for the `graphviz` package, which renders it by a system ``dot``."""
        return dot.digraph(self.picture)

    def svg(self, theme: str | None = None, *, like: Graph | None = None) -> str:
        """Return the picture as SVG: the same bytes on every machine.

        With ``one.svg(like=two)`` and ``two.svg(like=one)`` what is the same in two steps stands
        at the same places.
        """
        if theme not in (None, *THEMES):
            message = f"svg: theme={theme!r}; give one of {', '.join(map(repr, THEMES))}"
            raise ValueError(message)
        others = [] if like is None else [like.picture]
        return svg.draw(self.picture, theme=theme or self.theme, like=others, page=self.width)

    def to_dict(self) -> dict[str, Any]:
        """Return the picture as plain data, described by ``docs/graph.schema.json``."""
        return self.picture.to_dict()

    def pipe(self, format: str = "svg") -> bytes:  # noqa: A002 (graphviz's name)
        """Return the picture in a format, as bytes.

        Parameters
        ----------
        format : str
            "svg", "html", "dot", "gv", "json", "txt" (a tree) or "mmd" (Mermaid), which need
            nothing else; "png" or "pdf", which need a renderer: see `backends`.

        Raises
        ------
        MissingExtraError
            If there is no renderer.
        ValueError
            If the format is none of these.
        """
        kind = format.lower()
        if kind not in FORMATS:
            message = f"pipe: there is no format {format!r}; give one of {', '.join(FORMATS)}"
            raise ValueError(message)
        if kind == "png":
            fixed = "dark" if self.theme == "dark" else "light"  # it cannot adapt to its reader
            return render.png(self.svg(fixed), self.source)
        if kind == "pdf":
            return render.by_graphviz(self.source, "pdf")
        return self.text(kind).encode()

    def text(self, kind: str) -> str:
        """Return the picture in a format that needs nothing else."""
        if kind == "svg":
            return self.svg()
        if kind == "html":
            return html.page(self.picture, self.theme, self.width)
        if kind == "json":
            return json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n"
        if kind == "txt":
            return f"{self}\n"
        return mermaid.chart(self.picture) if kind == "mmd" else self.source

    def render(self, path: str | PathLike[str]) -> Path:
        """Write the picture to a file, whole or not at all; the suffix gives the format.

        Parameters
        ----------
        path : path
            Ends in ``.svg``, ``.html``, ``.dot``, ``.gv``, ``.json``, ``.txt`` or ``.mmd``, which
            need nothing else, or in ``.png`` or ``.pdf``, which need a renderer: see `backends`.

        Returns
        -------
        Path
            Where it was written.

        Raises
        ------
        MissingExtraError
            If a renderer is needed and not there.  The SVG file is written beside; the error's
            attribute `path` names it.
        RuntimeError
            If the renderer fails, or takes longer than a minute.
        ValueError
            If the suffix is none of these.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from autograd_nn import Tensor
        >>> from autograd_nn.draw import graph
        >>> with TemporaryDirectory() as folder:
        ...     picture = graph(Tensor(2.0, requires_grad=True) ** 2)
        ...     path = picture.render(Path(folder, "square.svg"))
        ...     path.name, path.read_text("utf-8")[:4]
        ('square.svg', '<svg')
        """
        target = Path(path)
        kind = target.suffix.lower().removeprefix(".")
        if kind not in FORMATS:
            endings = ", ".join(f".{name}" for name in FORMATS)
            message = f"render: {target.name} ends in none of {endings}"
            raise ValueError(message)
        try:
            content = self.pipe(kind)
        except MissingExtraError as error:
            written = write(target.with_suffix(".svg"), self.pipe("svg"))
            message = f"wrote {written} instead of {target.name}: {error}"
            raise MissingExtraError(message, name=error.name, path=str(written)) from None
        return write(target, content)

    def play(self, path: str | PathLike[str]) -> Path:
        """Write a page on which the reader steps forward and back through the picture.

        Forward it goes operation by operation, back gradient by gradient, with the numbers and the
        products that each comes from.  Modules fold and unfold, the picture pans and zooms.  The
        page is one file and asks for nothing; without JavaScript it is the plain picture.

        Parameters
        ----------
        path : path
            Ends in ``.html``.

        Returns
        -------
        Path
            Where it was written.

        Raises
        ------
        ValueError
            If the suffix is another.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from autograd_nn import Tensor
        >>> from autograd_nn.draw import graph
        >>> with TemporaryDirectory() as folder:
        ...     path = graph(Tensor(2.0, requires_grad=True) ** 2).play(Path(folder, "step.html"))
        ...     path.name, path.read_text("utf-8")[:15]
        ('step.html', '<!DOCTYPE html>')
        """
        target = page_path("play", path)
        return write(target, player.play(self.picture, self.theme, self.width).encode())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Show the picture in a notebook; never raise there."""
        return chosen(shown(self), include, exclude)


def save(graph: Graph, path: str | PathLike[str]) -> Path:
    """Write a picture to a file: the same as ``graph.render(path)``.

    >>> from tempfile import TemporaryDirectory
    >>> from autograd_nn import Tensor
    >>> from autograd_nn import draw
    >>> picture = draw.graph(Tensor(2.0, requires_grad=True) ** 2)
    >>> with TemporaryDirectory() as folder:
    ...     save(picture, Path(folder, "square.txt")).name
    'square.txt'
    """
    if not isinstance(graph, Graph):
        message = f"save: writes what graph() returned, not a {type(graph).__name__}"
        raise TypeError(message)
    return graph.render(path)


# ---- notebooks -----------------------------------------------------------------------------


def shown(graph: Graph) -> dict[str, str]:
    """Make what a notebook shows: a picture of its own ids if it is not too large, and its text."""
    try:
        text = str(graph)
        picture = svg.draw(
            graph.picture, theme=graph.theme, salt=str(next(outputs)), page=graph.width
        )
    except Exception as error:  # noqa: BLE001 (a traceback instead of a picture helps nobody)
        return {"text/plain": f"The graph could not be drawn: {error}"}
    size = len(picture.encode())
    if size > MOST_BYTES:
        hint = (
            f"The picture has {size:,} bytes, too many to keep in a notebook: "
            'write it with render("graph.svg"), or draw less with max_nodes='
        )
        return {"text/plain": f"{text}\n{hint}"}
    return {"image/svg+xml": picture, "text/plain": text}


def chosen(bundle: dict[str, str], include: Any, exclude: Any) -> dict[str, str]:
    """Keep what IPython asks for."""
    return {
        kind: content
        for kind, content in bundle.items()
        if (not include or kind in include) and (not exclude or kind not in exclude)
    }
