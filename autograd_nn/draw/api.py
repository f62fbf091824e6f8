"""What a user calls: `graph` makes a picture of a Tensor or of a compiled program."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from autograd_nn.draw.check import judge
from autograd_nn.draw.collect import Options, collect
from autograd_nn.draw.names import Names, visible
from autograd_nn.draw.programs import collect_program, is_program
from autograd_nn.draw.view import THEMES, WIDTH, Graph
from autograd_nn.fitting import cast, owned
from autograd_nn.tensor import Tensor, conjugate

FOLDS = ("auto", "modules", "repeats", None)
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
    sums to its gradient.  Up to 40 cards are full, up to `max_nodes` a line each.  Of more, modules
    are folded, the innermost first, or else repeated blocks, or both, or the outermost modules; if
    that is not enough, the oldest operations are left out.  The picture says how much is drawn.

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
    ● computed  ■ parameter  ○ input  ↓ used here, stands further down  ← goes back by
    ● z = x * y + x  scalar  8  |∂| 1
    ├─↓ x                       adds 1  ← × 1
    ● x * y          scalar  6  |∂| 1   ← × 1
    ├─■ x            scalar  2  |∂| 4   ← × y
    └─■ y            scalar  3  |∂| 2   ← × x
    """
    if is_program(tensors):
        at_least("max_nodes", max_nodes, 2)
        return Graph(collect_program(tensors, max_nodes), theme, width)
    if names is not None and not isinstance(names, Mapping):
        message = f"graph: names={type(names).__name__}; give a mapping of names to values"
        raise TypeError(message)
    scope = visible(sys._getframe(1)) if names is None else dict(names)  # noqa: SLF001 (whose names)
    roots = [tensors] if isinstance(tensors, Tensor) else tensors
    if isinstance(roots, str) or not isinstance(roots, Sequence) or not roots:
        kind = "empty list" if isinstance(roots, Sequence) and not roots else type(tensors).__name__
        message = f"graph: draws a Tensor or a list of them, not {kind}"
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
    if given.dtype.kind not in "biufc":
        message = f"graph: argument gradient has dtype {given.dtype}; give numbers"
        raise TypeError(message)
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
