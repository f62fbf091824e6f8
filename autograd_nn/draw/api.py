"""What a user calls: `graph` makes a picture, `Graph` shows it and writes it to files."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from itertools import count
from os import PathLike
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from autograd_nn.draw import dot, film, html, mermaid, player, render, svg
from autograd_nn.draw.check import judge
from autograd_nn.draw.collect import Options, collect
from autograd_nn.draw.files import write
from autograd_nn.draw.model import Card, Picture
from autograd_nn.draw.names import Names, visible
from autograd_nn.draw.outline import outline
from autograd_nn.draw.programs import collect_program, is_program
from autograd_nn.errors import MissingExtraError
from autograd_nn.fitting import cast, owned
from autograd_nn.tensor import Tensor, conjugate

if TYPE_CHECKING:
    import graphviz

FORMATS = ("svg", "html", "dot", "gv", "json", "txt", "mmd", "png", "pdf")
THEMES = ("auto", "light", "dark")
FOLDS = ("auto", "modules", "repeats", None)
WIDTH = int(svg.PAGE)  # of a picture
MOST_BYTES = 400_000  # of a picture in a notebook, which keeps it for ever
NOTEBOOK = (
    "autograd_nn",
    "IPython",
    "ipykernel",
    "decorator",
    "traitlets",
)  # who stands between a cell and its output
outputs = count()
Program = Any  # of `autograd_nn.program`, which stands beside this package


def graph(
    tensors: Tensor | Sequence[Tensor] | Program,
    *,
    values: str | bool = "auto",
    grads: bool = True,
    edges: str | None = "derivative",
    depth: int | None = None,
    fold: str | None = "auto",
    max_nodes: int = 120,
    check: Any = None,
    names: Mapping[str, Any] | None = None,
    gradient: Any = None,
    around: Tensor | None = None,
    radius: int = 2,
    theme: str = "auto",
    width: int = WIDTH,
) -> Graph:
    """Draw how a Tensor was computed and how its gradient flows back.

    A card shows a value, its numbers and its gradient.  An edge shows the local derivative, taken
    from the rule table, and by its width the size of what it brings; what all edges bring to a card
    sums to its gradient.  Up to 40 cards are full; up to `max_nodes` are a line each; of more,
    modules and repetitions are folded, and the oldest operations left out.  The picture says how
    much is drawn.

    Gradients are there once ``backward()`` has been called; those of values between, and the edges,
    if it was ``backward(retain_graph=True)``, for they are computed for the picture.

    Parameters
    ----------
    tensors : Tensor, sequence of Tensor, or the `program` of a compiled function
        The end of the computation, usually the loss.  Of a program the calls are drawn, those of
        the backward pass and of the update too, without numbers.
    values, grads : bool
        Whether cards show numbers; "auto" is True.
    edges : "derivative", "norm" or None
        What edges say: the local derivative and the width, the width alone, or nothing.
    depth : int, optional
        Draw modules that are this deep, counted from 1, as one card each.
    fold : "auto", "modules", "repeats" or None
        What is folded: what there is no room for, modules, or repeated blocks; or nothing.
    max_nodes : int
        How many cards there may be.
    check : Diagnosis, or mapping of str to array, optional
        Gradients derived by hand, by the names in the picture.  Each is marked as exact, as guilty,
        or as contaminated: right, but computed from a wrong one.
    names : mapping of str to Tensor, array or module, optional
        What to call the values.  By default the caller's variables give the names.
    gradient : array_like of the tensor's shape, optional
        The cotangent to start from, as in ``backward(gradient)``; gradients are then computed
        whether or not ``backward()`` was called.
    around : Tensor, optional
        Draw no more than what is at most `radius` edges from this result of an operation.
    theme : "auto", "light" or "dark"
        "auto" is as the reader's system is.
    width : int
        About how wide the picture may be, in pixels; what is longer goes on in the next row.

    Returns
    -------
    Graph

    Raises
    ------
    NoGradientError
        If a tensor requires no gradient, for then nothing was recorded.
    TypeError, ValueError
        If an argument is none of those above.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> x, y = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    >>> z = x * y + x
    >>> z.backward(retain_graph=True)
    >>> print(graph(z))
    z = 8. 2 recorded operations, 2 parameters with 2 entries.
    x: parameter, scalar, value 2, gradient norm 4
    y: parameter, scalar, value 3, gradient norm 2
    x * y: operation, scalar, value 6, gradient norm 1
        to x goes back by × y: 3 (norm)
        to y goes back by × x: 2 (norm)
    z: loss = x * y + x, scalar, value 8, gradient norm 1
        to x * y goes back by × 1: 1 (norm)
        to x goes back by × 1: 1 (norm)
    """
    if is_program(tensors):
        at_least("max_nodes", max_nodes, 2)
        return Graph(collect_program(tensors, max_nodes), theme, width)
    scope = visible(sys._getframe(1)) if names is None else dict(names)  # noqa: SLF001 (whose names)
    roots = [tensors] if isinstance(tensors, Tensor) else tensors
    if isinstance(roots, str) or not isinstance(roots, Sequence) or not roots:
        message = f"graph: draws a Tensor or a list of them, not {type(tensors).__name__}"
        raise TypeError(message)
    for root in roots:
        if not isinstance(root, Tensor):
            message = f"graph: draws a Tensor, not a {type(root).__name__}"
            raise TypeError(message)
    one_of("values", values, ("auto", True, False))
    one_of("edges", edges, ("derivative", "norm", None))
    one_of("fold", fold, FOLDS)
    one_of("theme", theme, THEMES)
    at_least("max_nodes", max_nodes, 2)
    at_least("width", width, 1)
    at_least("radius", radius, 0)
    if around is not None and (not isinstance(around, Tensor) or around.node is None):
        message = "graph: around= needs a Tensor that was recorded"
        raise ValueError(message)
    at_least("depth", 1 if depth is None else depth, 1)
    options = Options(
        values=bool(values),
        grads=grads,
        edges=edges,
        depth=depth,
        fold=fold,
        max_nodes=max_nodes,
        gradient=seed(gradient, roots),
        around=None if around is None else around.node,
        radius=radius,
    )
    picture = collect(roots, Names(scope), options)
    if check is not None:
        judge(picture, check)
    return Graph(picture, theme, width)


def seed(gradient: Any, roots: Sequence[Tensor]) -> Any:
    """Make the engine's cotangent of what the user gave."""
    if gradient is None:
        return None
    given = owned(gradient.value if isinstance(gradient, Tensor) else gradient)
    for root in roots:
        if given.shape != root.shape:
            message = (
                f"graph: argument gradient has shape {given.shape}, the tensor {root.shape}; give "
                "one of the tensor's shape"
            )
            raise ValueError(message)
    return conjugate(cast(given, roots[0].dtype))


def one_of(name: str, value: Any, allowed: Sequence[Any]) -> None:
    """Refuse an argument that is none of those that are allowed."""
    if not any(value is option or value == option for option in allowed):
        message = f"graph: {name}={value!r}; give one of {', '.join(map(repr, allowed))}"
        raise ValueError(message)


def at_least(name: str, value: Any, least: int) -> None:
    """Refuse a number that is too small."""
    if not isinstance(value, int) or value < least:
        message = f"graph: {name}={value!r}; give a whole number, {least} or more"
        raise ValueError(message)


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
        return outline(self.picture)

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
            "svg", "html", "dot", "gv", "json", "txt" (an outline) or "mmd" (Mermaid), which need
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
    return write(
        target, film.film(pictures, names, word, graphs[0].theme, graphs[0].width).encode()
    )


def page_path(name: str, path: str | PathLike[str]) -> Path:
    """Refuse a path that is no page's."""
    target = Path(path)
    if target.suffix.lower() != ".html":
        message = f"{name}: {target.name} is to be a page; give a path that ends in .html"
        raise ValueError(message)
    return target


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


def mimebundle(tensor: Tensor, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """Show `tensor` in a notebook: its text and, if it was computed, its picture.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> mimebundle(Tensor([1.0, 2.0]))
    {'text/plain': 'Tensor([1., 2.], shape=(2,), dtype=float64)'}
    """
    text = repr(tensor)
    if tensor.node is None or not tensor.node.parents:
        return {"text/plain": text}
    try:
        found = graph(tensor, names=visible(caller()))
    except Exception as error:  # noqa: BLE001 (a traceback instead of a tensor helps nobody)
        bundle = {"text/plain": f"{text}\nThe graph could not be drawn: {error}"}
    else:
        bundle = shown(found)
        bundle["text/plain"] = f"{text}\n{bundle['text/plain']}"
    return chosen(bundle, include, exclude)


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


def caller() -> FrameType:
    """Find the innermost frame that belongs to the user, not to us or the notebook."""
    frame = sys._getframe(1)  # noqa: SLF001 (whose names they are)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in NOTEBOOK:
        frame = frame.f_back
    return frame
