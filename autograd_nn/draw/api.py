"""The three calls: make a picture, show it in a notebook, save it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from autograd_nn.draw.cards import collect
from autograd_nn.draw.dot import digraph
from autograd_nn.draw.files import HOW_TO_INSTALL, find_dot, render, write
from autograd_nn.draw.names import Names, visible
from autograd_nn.errors import MissingExtraError
from autograd_nn.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from types import FrameType

FORMATS = (".svg", ".png", ".pdf")
NOTEBOOK = (
    "autograd_nn",
    "IPython",
    "ipykernel",
    "decorator",
    "traitlets",
)  # who stands between a cell and its output


def graph(tensor: Tensor, names: Mapping[str, Any] | None = None) -> graphviz.Digraph:
    """Draw how `tensor` was computed and, after ``backward()``, how its gradient flows back.

    One card per value: the operation and its result, the numbers of small arrays (statistics
    of larger ones) and the gradient.  Gradients of intermediate values are computed for the
    picture if the tensor has one entry, ``backward(retain_graph=True)`` was called, and so the
    buffers are still there; hooks registered on the way see that sweep too.  At most 120 cards
    are drawn, the youngest; one more says how much is not.

    Parameters
    ----------
    tensor : Tensor
        The end of the computation, usually the loss.
    names : mapping of str to Tensor, array or module, optional
        What to call the values.  By default the caller's variables give the names.

    Returns
    -------
    graphviz.Digraph
        Its ``source`` is DOT; `save` writes it as a file.

    Raises
    ------
    NoGradientError
        If the tensor requires no gradient, for then nothing was recorded.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> x, y = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    >>> z = x * y + x
    >>> z.backward(retain_graph=True)
    >>> picture = graph(z)
    >>> "∂z/∂x" in picture.source, "= x * y + x" in picture.source
    (True, True)
    """
    scope = visible(sys._getframe(1)) if names is None else dict(names)  # noqa: SLF001
    return draw(tensor, scope)


def draw(tensor: Tensor, scope: Mapping[str, Any]) -> graphviz.Digraph:
    """Draw `tensor`, named by what is in `scope`."""
    if not isinstance(tensor, Tensor):
        message = f"graph: draws a Tensor, not a {type(tensor).__name__}"
        raise TypeError(message)
    return digraph(collect(tensor, Names(scope)))


def mimebundle(tensor: Tensor) -> dict[str, str]:
    """Show `tensor` in a notebook: its picture if Graphviz can draw it, and always its text.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> mimebundle(Tensor([1.0, 2.0]))
    {'text/plain': 'Tensor([1., 2.], shape=(2,), dtype=float64)'}
    """
    text = repr(tensor)
    if tensor.node is None or not tensor.node.parents:
        return {"text/plain": text}
    if find_dot() is None:
        hint = f"To see the graph of this tensor as a picture, install Graphviz: {HOW_TO_INSTALL}."
        return {"text/plain": f"{text}\n{hint}"}
    try:
        source = draw(tensor, visible(caller())).source
        return {"image/svg+xml": render(source, "svg").decode(), "text/plain": text}
    except (OSError, RuntimeError) as error:
        return {"text/plain": f"{text}\nThe graph could not be drawn: {error}"}


def caller() -> FrameType:
    """Find the innermost frame that belongs to the user, not to us or the notebook."""
    frame = sys._getframe(1)  # noqa: SLF001
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in NOTEBOOK:
        frame = frame.f_back
    return frame


def save(digraph: graphviz.Digraph, path: str | PathLike[str]) -> Path:
    """Write a picture to `path`, whole or not at all; the suffix gives the format.

    Parameters
    ----------
    digraph : graphviz.Digraph
        What `graph` returned.
    path : path
        Ends in ``.dot`` or ``.gv``, which need no other program, or in ``.svg``, ``.png`` or
        ``.pdf``, which need Graphviz.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    MissingExtraError
        If Graphviz is needed and not there.  The DOT file is written beside; the error's
        attribute `path` names it.
    RuntimeError
        If Graphviz fails, or takes longer than a minute.
    ValueError
        If the suffix is none of these.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from autograd_nn import Tensor
    >>> with TemporaryDirectory() as folder:
    ...     path = save(graph(Tensor(2.0, requires_grad=True) ** 2), Path(folder, "square.dot"))
    ...     path.name, path.read_text("utf-8").startswith("digraph")
    ('square.dot', True)
    """
    if not isinstance(digraph, graphviz.Digraph):
        message = f"save: writes what graph() returned, not a {type(digraph).__name__}"
        raise TypeError(message)
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix in (".dot", ".gv"):
        return write(target, digraph.source.encode())
    if suffix not in FORMATS:
        message = f"save: {target.name} ends in none of .dot, .gv, {', '.join(FORMATS)}"
        raise ValueError(message)
    if find_dot() is None:
        source = write(target.with_suffix(".dot"), digraph.source.encode())
        message = (
            f"wrote {source}; to have {target.name} drawn, install Graphviz ({HOW_TO_INSTALL})"
        )
        raise MissingExtraError(message, name="dot", path=str(source))
    return write(target, render(digraph.source, suffix[1:]))
