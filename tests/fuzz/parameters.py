"""How parameters are drawn: each is a function of a Random and of what was drawn before it."""

from collections.abc import Callable, Sequence
from math import prod
from random import Random
from typing import Any

import numpy as np

from .operation import Context, Param, Unfit


def pick(*options: Any) -> Param:
    return lambda random, _: random.choice(options)


flag = pick(False, True)  # noqa: FBT003


def number(low: float, high: float) -> Param:
    return lambda random, _: round(low + (high - low) * random.random(), 2)


def depends(rule: Callable[..., Any], *names: str) -> Param:
    """Compute a parameter from what was drawn before."""
    return lambda _, context: rule(*(context[name] for name in names))


def chosen(rule: Callable[..., Sequence[Any]], *names: str) -> Param:
    """Draw a parameter from options that depend on what was drawn before."""

    def param(random: Random, context: Context) -> Any:
        options = rule(*(context[name] for name in names))
        if not options:
            raise Unfit
        return random.choice(options)

    return param


def axes_of(x: Any) -> list[int]:
    return [*range(np.ndim(x)), *range(-np.ndim(x), 0)]


axis = chosen(axes_of, "x")
new_axis = chosen(lambda x: range(-np.ndim(x) - 1, np.ndim(x) + 1), "x")
axis_or_none = chosen(lambda x: [None, *axes_of(x)], "x")


def axes(random: Random, context: Context) -> Any:
    """Draw None, an axis or a tuple of axes."""
    n = np.ndim(context["x"])
    if n == 0 or random.random() < 0.25:
        return None
    if random.random() < 0.6:
        return random.choice(axes_of(context["x"]))
    some = random.sample(range(n), random.randrange(1, n + 1))
    return tuple(a - n if random.random() > 0.7 else a for a in some)


def axes_tuple(random: Random, context: Context) -> Any:
    """Draw a tuple of axes."""
    n = np.ndim(context["x"])
    if n == 0:
        raise Unfit
    return tuple(random.sample(range(n), random.randrange(1, n + 1)))


def permutation(random: Random, context: Context) -> tuple[int, ...]:
    n = np.ndim(context["x"])
    return tuple(random.sample(range(n), n))


def shape_of_as_many(random: Random, context: Context) -> tuple[int, ...]:
    """Draw another shape with as many entries."""
    size = int(np.size(context["x"]))
    divisors = [d for d in range(1, size + 1) if size % d == 0] or [0]
    first = random.choice(divisors)
    rest = size // first if first else 3
    options = [(size,), (-1,), (first, rest), (first, 1, -1), (1, rest, first)]
    return random.choice(options if size else [(0,), (0, 3)])


def wider_shape(random: Random, context: Context) -> tuple[int, ...]:
    """Draw a shape that the array can be broadcast to."""
    shape = tuple(random.choice((1, 2, 3)) if n == 1 else n for n in np.shape(context["x"]))
    return random.choice([(), (2,), (1,)]) + shape


def index(random: Random, context: Context) -> Any:
    """Draw a basic index: numbers, slices (forward alone, for PyTorch), None, an ellipsis."""
    shape = np.shape(context["x"])
    if not shape or 0 in shape:
        return random.choice([..., (), None])
    parts = [
        random.choice(
            [
                slice(None),
                random.randrange(-n, n),
                slice(random.randrange(n), None),
                slice(None, None, 2),
                slice(0, max(1, n - 1)),
            ]
        )
        for n in shape[: random.randrange(1, len(shape) + 1)]
    ]
    if random.random() > 0.7:
        parts.insert(random.randrange(len(parts) + 1), None)
    if random.random() > 0.7:
        parts.append(...)
    return tuple(parts) if len(parts) > 1 or random.random() > 0.5 else parts[0]


def backward_index(random: Random, context: Context) -> Any:
    """Draw slices with negative steps."""
    steps = [slice(None, None, random.choice((-1, -2, 1))) for _ in np.shape(context["x"])]
    return tuple(steps)


def picks(random: Random, context: Context) -> list[int]:
    """Draw positions along the first axis, some of them twice."""
    n = np.shape(context["x"])[0] if np.ndim(context["x"]) else 0
    if not n:
        raise Unfit
    return [random.randrange(-n, n) for _ in range(random.randrange(1, 4))]


def places(random: Random, context: Context) -> list[int]:
    """Draw positions along the axis, none negative."""
    n = np.shape(context["x"])[context["axis"]]
    if not n:
        raise Unfit
    return [random.randrange(n) for _ in range(random.randrange(1, 4))]


def widths(random: Random, context: Context) -> tuple[tuple[int, int], ...]:
    """Draw how much to pad each axis."""
    return tuple((random.randrange(3), random.randrange(3)) for _ in np.shape(context["x"]))


def cuts(random: Random, context: Context) -> Any:
    """Draw places to split the axis at."""
    n = np.shape(context["x"])[context["axis"]]
    return sorted(random.randrange(n + 1) for _ in range(random.randrange(1, 3)))


def subscripts(*terms: str) -> Param:
    return pick(*terms)


def length_of(x: Any) -> int:
    return prod(np.shape(x))
