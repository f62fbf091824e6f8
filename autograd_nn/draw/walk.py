"""The way through a picture, operation by operation forward, and gradient by gradient back."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.draw.model import MOST_ENTRIES, Edge, Picture, strict

MOST_TERMS = 16  # of a sum that is written out


def walk(picture: Picture) -> list[dict[str, Any]]:
    """List the steps: each has a card, the cards and the edges (by number) that it comes from.

    The first step shows what is given.  A step ``forward`` computes a card's value from its
    operands, a step ``backward`` its gradient: the sum of what its edges bring.
    """
    given = [card.id for card in picture.cards if card.is_leaf]
    steps: list[dict[str, Any]] = [step("given", "", given, [])]
    arriving: dict[str, list[int]] = {}
    leaving: dict[str, list[int]] = {}
    real = {card.id: card.ghost_of or card.id for card in picture.cards}
    for i, edge in enumerate(picture.edges):
        arriving.setdefault(edge.target, []).append(i)
        if edge.contribution is not None:
            leaving.setdefault(real[edge.source], []).append(i)
    for card in picture.cards:
        if not card.is_leaf:
            edges = arriving.get(card.id, [])
            steps.append(step("forward", card.id, [picture.edges[i].source for i in edges], edges))
    for card in reversed([card for card in picture.cards if not card.ghost_of]):
        edges = leaving.get(card.id, [])
        if card.gradient is not None or edges:
            steps.append(step("backward", card.id, [picture.edges[i].target for i in edges], edges))
    return steps


def step(way: str, card: str, uses: list[str], edges: list[int]) -> dict[str, Any]:
    """Write a step as JSON has it."""
    return {"way": way, "card": card, "uses": uses, "edges": edges}


def terms(picture: Picture, edge: Edge) -> list[list[float]] | None:
    """Write out what an edge brings: for each entry, the terms of a sum, flat: k, d, k, d, ...

    The entry is the sum of ``v[k] * d``, where ``v`` is the target's gradient and ``d`` the
    derivative of the target's entry k with respect to it: a row of the Jacobian, transposed, which
    the rule itself gives, for one entry of ``v`` after the other.  None if there are too many.
    """
    target = picture.card(edge.target)
    v, brought = target.gradient, edge.contribution
    if edge.pull is None or v is None or brought is None:
        return None
    if max(v.size, brought.size) > MOST_ENTRIES or "c" in v.dtype.kind + brought.dtype.kind:
        return None
    unit = np.eye(v.size, dtype=v.dtype)
    rows = np.array([np.ravel(edge.pull(row.reshape(v.shape)[()])) for row in unit])
    found: list[list[float]] = []
    for column in rows.T:
        used = np.flatnonzero(column)
        if len(used) > MOST_TERMS:
            return None
        found.append([x for k in used for x in (int(k), column[k].item())])
    return [strict(entry) for entry in found]
