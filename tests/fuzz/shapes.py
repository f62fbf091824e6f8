"""Which shapes go together: patterns such as ``..., m, k``, matched or drawn.

``...`` stands for leading axes, which broadcast with those of the other arguments; a letter for
one axis, equally long wherever it occurs; a number for an axis of that length.  The pattern
``any`` is a shape of its own.  What is known so far is kept in a dict of lengths, in which
``...`` is a shape.
"""

from math import prod
from random import Random
from typing import Any

import numpy as np

Shape = tuple[int, ...]
Lengths = dict[str, Any]
LARGEST = 24  # entries
LENGTHS = (2, 3, 1, 2, 3, 4)
EMPTY = 0.02


def tokens(pattern: str) -> list[str]:
    return pattern.replace(" ", "").split(",")


def match(pattern: str, shape: Shape, known: Lengths) -> Lengths | None:
    """Find the lengths by which a shape fits a pattern, if it does."""
    if pattern == "any":
        return known
    names = tokens(pattern)
    found = dict(known)
    if names[0] == "...":
        n_leading = len(shape) - len(names) + 1
        if n_leading < 0:
            return None
        try:
            found["..."] = np.broadcast_shapes(known.get("...", ()), shape[:n_leading])
        except ValueError:
            return None
        names, shape = names[1:], shape[n_leading:]
    if len(names) != len(shape):
        return None
    for name, length in zip(names, shape, strict=True):
        if found.setdefault(name, int(name) if name.isdigit() else length) != length:
            return None
    return found if prod(found.get("...", ())) <= LARGEST else None


def draw(pattern: str, known: Lengths, random: Random) -> Shape:
    """Draw a shape that fits a pattern and what is known."""
    if pattern == "any":
        return leading(random)
    names = tokens(pattern)
    shape: list[int] = []
    for name in names:
        if name == "...":
            shape += beside(known["..."], random) if "..." in known else leading(random, names)
        else:
            shape.append(int(name) if name.isdigit() else known.get(name) or length(random))
    return tuple(shape)


def length(random: Random) -> int:
    return 0 if random.random() > 1 - EMPTY else random.choice(LENGTHS)


def leading(random: Random, names: list[str] | None = None) -> Shape:
    """Draw leading axes: fewer if others follow."""
    n = random.choice((1, 2, 1, 2, 3, 0)) if not names or len(names) == 1 else random.choice((0, 1))
    shape = tuple(length(random) for _ in range(n))
    return shape if prod(shape) <= LARGEST else shape[1:]


def beside(shape: Shape, random: Random) -> Shape:
    """Draw a shape that broadcasts with another."""
    if random.random() < 0.5:
        return shape
    kept = shape[random.randrange(len(shape) + 1) :]
    stretched = tuple(
        length(random) if n == 1 and prod(shape) <= LARGEST / 4 else random.choice((n, 1))
        for n in kept
    )
    if len(stretched) == len(shape) and random.random() > 0.8 and prod(shape) <= LARGEST / 2:
        return (2, *stretched)
    return stretched
