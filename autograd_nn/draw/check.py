"""Gradients derived by hand, held against the true ones: exact, guilty, or contaminated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isclose
from typing import Any

import numpy as np

from autograd_nn.draw.lines import shown
from autograd_nn.draw.model import Array, Card, Edge, Picture, Status, Verdict
from autograd_nn.draw.tables import largest, norm, number
from autograd_nn.tensor import Tensor

RTOL = 1e-6
AROUND = 2  # lines of code that are shown above the first that was judged
LEAST_FACTOR = 1e-9  # how exactly a factor must be the same everywhere


def judge(picture: Picture, check: Any) -> None:
    """Mark the cards whose gradients were derived by hand.

    `check` is a mapping of names to arrays, or the result of a diagnosis, which knows which lines
    are guilty and which were only fed with wrong values.
    """
    if hasattr(check, "blame") and hasattr(check, "comparison"):
        by_diagnosis(picture, check)
    elif isinstance(check, Mapping):
        by_arrays(picture, check)
    else:
        kind = type(check).__name__
        message = f"graph: check={kind}; give a mapping of names to arrays, or a Diagnosis"
        raise TypeError(message)


# ---- arrays ----------------------------------------------------------------------------------


def by_arrays(picture: Picture, given: Mapping[str, Any]) -> None:
    """Compare each array with the gradient of the card of its name."""
    hands: dict[str, Array] = {}
    for name, array in given.items():
        card = named(picture, name)
        yours = np.asarray(array.value if isinstance(array, Tensor) else array)
        if card.gradient is None:
            why = card.gradient_note.removeprefix("gradient ")
            message = f"graph: check={{{name!r}: ...}} needs the gradient of {name}, which is {why}"
            raise ValueError(message)
        hands[card.id] = yours
    expected = carried(picture, hands)
    for card in picture.cards:
        if card.id in hands and card.gradient is not None:
            yours = hands[card.id]
            if agrees(card.gradient, yours):
                card.verdict = Verdict(Status.EXACT, "hand-derived agrees", yours)
            elif card.id in expected and agrees(expected[card.id], yours):
                sentence = "right for what was given to it, which is wrong already"
                card.verdict = Verdict(Status.CONTAMINATED, sentence, yours)
            else:
                sentence = difference(card, yours, batch_size(picture))
                card.verdict = Verdict(Status.GUILTY, sentence, yours)


def named(picture: Picture, name: str) -> Card:
    """Find a card by its name."""
    try:
        return picture.card(name)
    except LookupError:
        titles = ", ".join(card.title for card in picture.cards if card.gradient is not None)
        message = f"graph: check names {name!r}, which is not in the picture; it has {titles}"
        raise ValueError(message) from None


def carried(picture: Picture, hands: Mapping[str, Array]) -> dict[str, Array]:
    """Carry the gradients that were derived by hand further back by the right rules.

    Returns what the gradient of each card would be, if only those before it were wrong.
    """
    leaving: dict[str, list[Edge]] = {}
    owner = {card.id: card.ghost_of or card.id for card in picture.cards}
    for edge in picture.edges:
        leaving.setdefault(owner[edge.source], []).append(edge)
    expected: dict[str, Array] = {}
    wrong: dict[str, Array] = {}
    order = [card for card in reversed(picture.cards) if not card.is_leaf]
    order += [card for card in picture.cards if card.is_leaf and not card.ghost_of]
    for card in order:
        edges = leaving.get(card.id, [])
        if any(edge.target in wrong and edge.pull for edge in edges):
            parts = [back(edge, wrong) for edge in edges]
            total = sum(part for part in parts if part is not None)
            expected[card.id] = wrong[card.id] = np.asarray(total)
        yours = hands.get(card.id)
        if yours is None or card.gradient is None:
            continue
        if yours.shape != card.gradient.shape or agrees(card.gradient, yours):
            wrong.pop(card.id, None)
        else:
            wrong[card.id] = yours
    return expected


def back(edge: Edge, wrong: Mapping[str, Array]) -> Array | None:
    """Carry the target's gradient back over an edge, a wrong one where there is one."""
    if edge.pull is not None and edge.target in wrong:
        return edge.pull(wrong[edge.target])
    return edge.contribution


def agrees(true: Array, yours: Array) -> bool:
    """Tell whether two gradients are the same but for rounding."""
    if true.shape != yours.shape:
        return False
    return bool(np.allclose(yours, true, rtol=RTOL, atol=RTOL * largest(true), equal_nan=True))


def batch_size(picture: Picture) -> int:
    """Guess the number of samples: the length of the first axis of most inputs and results."""
    sizes = [card.shape[0] for card in picture.cards if not card.is_fold and len(card.shape) > 1]
    return max(sizes, key=sizes.count) if sizes else 0


def difference(card: Card, yours: Array, batch: int) -> str:
    """Say in a sentence how a gradient differs from the true one."""
    true = card.gradient
    if true is None or true.shape != yours.shape:
        shape = true.shape if true is not None else ()
        if true is not None and agrees(true, yours.T):
            return f"yours is transposed: it has shape {yours.shape}, the parameter {shape}"
        return f"yours has shape {yours.shape}, the parameter {shape}"
    if true.ndim == 2 and agrees(true, yours.T):  # noqa: PLR2004
        return "yours is transposed"
    if not np.any(yours):
        return "yours is 0 everywhere"
    filled = (np.abs(yours) > 0) & np.isfinite(true) & np.isfinite(yours)
    ratios = np.divide(true[filled], yours[filled])
    if ratios.size and np.allclose(ratios, ratios.flat[0], rtol=LEAST_FACTOR, atol=0):
        return factor(ratios.flat[0].item(), batch)
    worst = float(np.max(np.abs(true - yours))) / (largest(true) or 1.0)
    return f"yours differs by up to {number(worst, 2)} of the largest entry, by no common factor"


def factor(ratio: Any, batch: int) -> str:
    """Say what a constant factor may come from."""
    known = {-1.0: "a sign is missing", 2.0: "a factor 2 is missing", 0.5: "a factor 2 is too much"}
    if batch > 1:
        known[float(batch)] = "the batch size: a mean where a sum over the batch is due?"
        known[1.0 / batch] = "1 / the batch size: a sum where a mean over the batch is due?"
    said = f"autograd / yours = {number(ratio)} everywhere"
    reasons = [why for value, why in known.items() if abs(ratio - value) <= 1e-9 * abs(value)]
    return f"{said}: {reasons[-1]}" if reasons else said


# ---- a diagnosis ---------------------------------------------------------------------------------


def by_diagnosis(picture: Picture, diagnosis: Any) -> None:
    """Mark the cards by what a diagnosis found out about the lines that compute their gradients."""
    every = diagnosis.comparison.rows
    rows = [row for row in every if row.source == every[0].source]  # the others are witnesses
    for row in rows:
        card = by_variable(picture, row.parameter)
        if card is not None:
            is_right = row.verdict == "agrees"
            status = Status.EXACT if is_right else Status.GUILTY
            card.verdict = Verdict(status, "hand-derived agrees" if is_right else row.note)
    for line in diagnosis.exact:
        mark(picture, line, Status.EXACT, "hand-derived agrees")
    for line in diagnosis.contaminated:
        sentence = f"line {line.line} is right, but was given wrong values"
        mark(picture, line, Status.CONTAMINATED, sentence)
    for blame in diagnosis.blame:
        sentence = f"line {blame.line}: {blame.explanation}"
        if blame.repair:
            sentence += f" Repair: {blame.repair}"
        mark(picture, blame, Status.GUILTY, sentence)
    for row in rows:
        card = by_variable(picture, row.parameter)
        yours = diagnosis.gradients.get(row.parameter)
        if card is not None and card.verdict is not None and is_of_here(card, row, yours):
            card.verdict = replace(card.verdict, yours=yours)
    picture.code = listing(picture, diagnosis)


def is_of_here(card: Card, row: Any, yours: Array | None) -> bool:
    """Tell whether a gradient was judged at the point that is drawn, as far as can be told."""
    if yours is None or card.gradient_norm is None:
        return False
    return isclose(norm(yours), row.norm_ratio * card.gradient_norm, rel_tol=RTOL)


def listing(picture: Picture, diagnosis: Any) -> list[dict[str, Any]]:
    """List the code that was judged, with what was found out about each line and its card."""
    found: list[dict[str, Any]] = []
    judged = [(line, Status.EXACT, "right") for line in diagnosis.exact]
    judged += [
        (line, Status.CONTAMINATED, "right, but was given wrong values")
        for line in diagnosis.contaminated
    ]
    judged += [(line, Status.GUILTY, line.explanation) for line in diagnosis.blame]
    for file, source in diagnosis.sources.items():
        marks = {line.line: (line, *said) for line, *said in judged if line.file == file}
        if not marks:
            continue
        found.append({"number": 0, "text": shown(file), "status": "", "sentence": "", "card": ""})
        lines = source.splitlines()
        for number_ in range(max(min(marks) - AROUND, 1), min(max(marks) + 1, len(lines)) + 1):
            line, status, sentence = marks.get(number_, (None, "", ""))
            card = by_variable(picture, line.variable) if line is not None else None
            found.append(
                {
                    "number": number_,
                    "text": lines[number_ - 1],
                    "status": str(status),
                    "sentence": sentence,
                    "card": card.id if card is not None else "",
                }
            )
    return found


def mark(picture: Picture, line: Any, status: Status, sentence: str) -> None:
    """Mark the card whose gradient a line of code computes."""
    card = by_variable(picture, line.variable)
    if card is not None:
        card.verdict = Verdict(status, sentence)


def by_variable(picture: Picture, variable: str) -> Card | None:
    """Find the card of ``dW1``, ``grads["W1"]``, ``W1_grad``, ``layer.W1`` or ``grad_W1``."""
    words = variable.replace("[", ".").replace("]", "").replace('"', "").replace("'", "")
    last = words.rpartition(".")[2]
    stems = [
        words,
        last,
        last.removeprefix("d"),
        last.removeprefix("d_"),
        last.removesuffix("_grad"),
    ]
    stems += [
        last.removeprefix("grad_"),
        last.removesuffix("_gradient"),
        last.removesuffix(".grad"),
    ]
    for stem in stems:
        for card in picture.cards:
            if stem and stem in (card.title, card.path) and not card.ghost_of:
                return card
    return None
