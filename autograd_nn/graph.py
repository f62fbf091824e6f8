"""The chain rule over a recorded graph, backward and forward."""

from __future__ import annotations

from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.errors import GraphReleasedError
from autograd_nn.fitting import Value, cast, check_seals, fit, form
from autograd_nn.masks import confined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


Lift = Any  # (value, node) -> Tensor
next_birth = count().__next__
by_birth = attrgetter("birth")


class Node:
    """One recorded application, ``out = primitive(*primals, **params)``, or a leaf.

    `parents` holds the node of each primal, None for a constant.  Parents are born before
    children, so birth order is topological order.  A leaf has neither primitive nor parents,
    and only a weak reference to the Tensor that owns it: a Node never keeps a Tensor alive,
    so there are no reference cycles and memory goes with the last name.
    """

    __slots__ = (
        *("primitive", "parents", "primals", "params", "out"),
        *("birth", "hooks", "owner", "seals"),
    )

    def __init__(
        self,
        primitive: Any,
        parents: Any,
        primals: Any,
        params: dict[str, Any],
        out: Value,
        seals: dict[int, bytes] | None = None,
    ) -> None:
        self.primitive = primitive
        self.parents = parents
        self.primals = primals
        self.params = params
        self.out = out  # or, of a leaf and of what was released, its Form
        self.birth = next_birth()
        self.hooks: list[Callable[[Value], Value | None]] | None = None
        self.owner: Callable[[], Any] | None = None  # of a leaf, a weak reference
        self.seals = seals  # what others' arrays among the primals held when they were used

    shape, dtype = property(attrgetter("out.shape")), property(attrgetter("out.dtype"))

    def recall(self, lift: Lift | None) -> Sequence[Value]:
        """Return what a rule reads, ``out, *primals``: arrays, or Tensors back in the graph."""
        if self.primals is None:
            message = (
                f"the graph behind {self.primitive.name} (shape {self.shape}) was released by an "
                "earlier backward(); pass retain_graph=True to that call to go backward again"
            )
            raise GraphReleasedError(message)
        if self.seals:
            check_seals(self.primitive.name, self.primals, self.seals)
        if lift is None:
            return self.out, *self.primals
        saved = zip((self.out, *self.primals), (self, *self.parents), strict=True)
        return [value if node is None else lift(value, node) for value, node in saved]

    def hooked(self, v: Value) -> Value:
        """Show a complete cotangent to the hooks; what a hook returns takes its place."""
        for hook in self.hooks or ():
            replacement = hook(v)
            v = v if replacement is None else replacement
        return v


class Span:
    """The operations between a root and the ends of its history, youngest first."""

    __slots__ = ("ends", "members", "operations")

    def __init__(
        self, operations: list[Node], ends: list[Node], members: set[Node] | None = None
    ) -> None:
        self.operations, self.ends = operations, ends
        self.members = {*operations, *ends} if members is None else members


def history(*roots: Node, since: int = 0) -> Span:
    """Find everything `roots` were computed from, back to the leaves, none born before `since`."""
    members = set(roots)
    operations: list[Node] = []
    ends: list[Node] = []
    for root in roots:
        (operations if root.parents else ends).append(root)
    for node in operations:  # more of them meanwhile
        for parent in node.parents:
            if parent is not None and parent not in members and parent.birth >= since:
                members.add(parent)
                (operations if parent.parents else ends).append(parent)
    operations.sort(key=by_birth, reverse=True)
    return Span(operations, ends, members)


def between(sources: Iterable[Node], *roots: Node, since: int | None = None) -> Span:
    """Find the operations through which `roots` depend on `sources`, and only those."""
    ends = list(sources)
    reached, operations = set(ends), []
    since = min(map(by_birth, ends)) if since is None else since
    for node in reversed(history(*roots, since=since).operations):
        if node not in reached and not reached.isdisjoint(node.parents):
            reached.add(node)
            operations.append(node)
    return Span(operations[::-1], ends)


def pullback(  # noqa: C901, PLR0912 (one pass over the graph: every gradient comes through here)
    span: Span, cotangents: dict[Node, Value], lift: Lift | None = None, *, keep: bool = False
) -> dict[Node, Value]:
    """Carry cotangents from the root back to the ends, children before parents.

    Rules see arrays, or with `lift` Tensors, and then this sweep is itself recorded.
    Buffers are released behind the sweep unless `keep`.  What has arrived at the ends is left in
    the table that is returned.
    """
    table, members = dict(cotangents), span.members
    masks: dict[Node, Value] = {}  # below a choice: where a cotangent can be other than 0
    for node in span.operations:
        v = table.pop(node, None)
        if v is None:
            continue
        if node.hooks:
            v = node.hooked(v)
        saved, params, primitive = node.recall(lift), node.params, node.primitive
        if primitive.parts:
            v = primitive.parts[1].vjps[0](v, saved[0], None)
        rules: Any
        terms: Any = None  # or those of all parents, where one rule finds them
        if masks or primitive.chooses:
            rules = confined(node, masks, span, table, lift)
        elif primitive.joint is None:
            rules = primitive.vjps
        else:
            rules = terms = primitive.joint(v, node.parents, *saved)
        for rule, parent, primal in zip(rules, node.parents, node.primals):  # noqa: B905 (strict is slow)
            if parent in members:
                term = rule(v, *saved, **params) if terms is None else rule
                if term.shape != primal.shape or term.dtype is not primal.dtype:
                    term = fit(term, primal.shape, primal.dtype, primitive.name)
                held = table.get(parent)
                table[parent] = term if held is None else held + term
        if not keep:
            out = node.out
            node.primals, node.out = None, form(out.shape, out.dtype)  # a skeleton, to be drawn
    for end in span.ends:
        if end.hooks and end in table:
            table[end] = end.hooked(table[end])
    return table


def pushforward(
    span: Span, tangents: dict[Node, Value], lift: Lift | None = None
) -> dict[Node, Value]:
    """Carry tangents from the ends forward to all operations, parents before children."""
    table: dict[Any, Value] = dict(tangents)
    for node in reversed(span.operations):
        saved, params, primitive = node.recall(lift), node.params, node.primitive
        tangent: Value = None
        for rule, parent in zip(primitive.jvps, node.parents, strict=True):
            if parent in table:
                term = rule(table[parent], *saved, **params)
                tangent = term if tangent is None else tangent + term
        if primitive.parts:
            tangent = primitive.parts[1].vjps[0](tangent, saved[0], None)
        if tangent.shape != node.shape:
            tangent = np.broadcast_to(tangent, node.shape)
        table[node] = cast(tangent, node.dtype)
    return table
