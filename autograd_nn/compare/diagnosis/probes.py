"""Points at which to judge: the caller's own, and random ones that the code accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.problem import Array, Point
from autograd_nn.compare.diagnosis.witnesses import doubled
from autograd_nn.transforms.trees import flatten, tree_map

SCALES = (1.0, 0.3, 1.0, 3.0, 0.1)
PRIMES = (3, 5, 7, 2, 11, 13, 17, 19)
RATES = (0.5, 1.0, 2.0)  # by which a learning rate is changed: what is stale shows in it
SQUARE = 4
SMALL = 40  # axes longer than this are left as they are


def points(given: Point, rng: np.random.Generator) -> Iterator[Point]:
    """Yield random points without end: of the given shapes and of others, at several scales."""
    shapes = cycle((other_lengths, None, other_batch, None, one_length, None))
    for turn, choose in enumerate(shapes):
        lengths = choose(given, rng) if choose else {}
        yield randomised(given, rng, SCALES[turn % len(SCALES)], lengths)


def randomised(
    base: Point, rng: np.random.Generator, scale: float, lengths: dict[int, int] | None = None
) -> Point:
    """Draw parameters anew, and data of the kind that is there; axes may get other `lengths`."""
    other = lengths or {}

    def parameter(x: Any) -> Any:
        x = np.asarray(x)
        if x.dtype.kind != "f":
            return x
        drawn = rng.standard_normal(stretched(x.shape, other)) * scale
        if x.size > 1 and np.all(x > 0):  # scales and variances stay positive
            drawn = np.exp(0.5 * drawn / max(scale, 1.0))
        return drawn

    alone = not isinstance(base.inputs, dict | list | tuple)
    return doubled(
        replace(
            base,
            params=tree_map(parameter, base.params),
            inputs=tree_map(lambda x: like(x, rng, other, free=alone), base.inputs),
            targets=tree_map(lambda x: like(x, rng, other, free=False), base.targets),
            lr=base.lr * float(rng.choice(RATES)) if base.lr and base.lr_is_read else base.lr,
            shapes="other" if other else "given",
        )
    )


def nudged(base: Point, rng: np.random.Generator) -> Point:
    """Move the parameters a little from where they are: for code that is particular."""

    def move(x: Any) -> Any:
        x = np.asarray(x)
        return x * (1 + 0.2 * rng.standard_normal(x.shape)) if x.dtype.kind == "f" else x

    return doubled(replace(base, params=tree_map(move, base.params)))


def like(x: Any, rng: np.random.Generator, other: dict[int, int], *, free: bool) -> Any:
    """Draw data of the kind that `x` is: one-hot stays one-hot, masks stay masks.

    What is `free` and has only two values need not keep to them.
    """
    if not isinstance(x, np.ndarray | np.generic) or x.size == 0:
        return x
    x = np.asarray(x)
    shape = stretched(x.shape, other)
    if x.dtype.kind != "f":
        return whole_numbers(x, shape, rng, other)
    values = np.unique(x)
    for axis in (-1, 0):
        if x.ndim > 1:  # of one class alone, one-hot is all ones
            if is_one_hot(x, axis):
                return one_hot(shape, axis, rng)
            if x.min() >= 0 and np.allclose(x.sum(axis), 1):
                raw = rng.random(shape) + 0.1
                return raw / raw.sum(axis, keepdims=True)
    if len(values) <= 2 and 0 in values and not (free and x.size > 1):  # noqa: PLR2004 (of two)
        top = values[np.argmax(np.abs(values))] or 1.0
        return (rng.integers(0, 2, shape) * top).astype(float)
    return reals(x, shape, rng, free=free)


def reals(x: Array, shape: tuple[int, ...], rng: np.random.Generator, *, free: bool) -> Any:
    """Draw real numbers from the range of those that are there."""
    if not free and x.min() >= 0 and x.max() <= 1:
        return rng.random(shape) * 0.9 + 0.05
    if x.min() > 0:
        return np.exp(rng.standard_normal(shape) * 0.5) * float(np.median(x))
    spread = float(np.std(x)) or 1.0
    return rng.standard_normal(shape) * min(max(spread, 0.5), 2.0)


def whole_numbers(
    x: Array, shape: tuple[int, ...], rng: np.random.Generator, other: dict[int, int]
) -> Array:
    """Draw indices, labels or truth values from those that are there."""
    if shape == x.shape and not other:
        return rng.permutation(x.ravel()).reshape(shape)
    drawn = rng.choice(x.ravel(), shape)
    if x.dtype.kind in "iu" and x.min() >= 0:
        classes = int(x.max()) + 1
        classes = next((n for n in sorted(other) if n >= classes), classes)  # labels of K classes
        drawn = drawn % other.get(classes, classes)
    return drawn


def is_one_hot(x: Array, axis: int) -> bool:
    """Tell whether along an axis one entry is 1 and the rest 0."""
    return bool(np.isin(x, (0, 1)).all() and (x.sum(axis) == 1).all())


def one_hot(shape: tuple[int, ...], axis: int, rng: np.random.Generator) -> Array:
    """Draw a 1 along an axis."""
    noise = rng.random(shape)
    hot: Array = (noise == noise.max(axis, keepdims=True)).astype(float)
    return hot


def other_lengths(given: Point, rng: np.random.Generator) -> dict[int, int]:
    """Choose other lengths for axes: equal ones stay equal, different ones become other primes."""
    leaves = [np.asarray(x) for part in trees(given) for x in flatten(part)[0]]
    lengths = sorted({n for x in leaves for n in x.shape if n > 1})
    if not lengths or max(lengths) > SMALL or len(lengths) >= len(PRIMES):
        return {}
    chosen = rng.permutation(PRIMES[: len(lengths) + 1])[: len(lengths)]
    return dict(zip(lengths, (int(n) for n in chosen), strict=True))


def one_length(given: Point, rng: np.random.Generator) -> dict[int, int]:
    """Choose one length for all axes: a transpose of what is square is silent, but wrong."""
    lengths = other_lengths(given, rng)
    return dict.fromkeys(lengths, SQUARE)


def other_batch(given: Point, rng: np.random.Generator) -> dict[int, int]:
    """Choose another number of samples, where no parameter has an axis of that length."""
    data = [np.asarray(x) for x in flatten(given.inputs)[0] if np.ndim(x)]
    taken = {n for p in flatten(given.params)[0] for n in np.shape(p)}
    samples = [n for n in data[0].shape if n > 1 and n not in taken][:1] if data else []
    return {n: int(rng.choice(PRIMES[:5])) for n in samples}


def stretched(shape: tuple[int, ...], other: dict[int, int]) -> tuple[int, ...]:
    """Change the lengths of axes."""
    return tuple(other.get(n, n) for n in shape)


def parts(point: Point) -> list[tuple[str, Any]]:
    """Name the trees of a point."""
    return [("params", point.params), ("inputs", point.inputs), ("targets", point.targets)]


def trees(point: Point) -> list[Any]:
    """List the trees of a point."""
    return [tree for _, tree in parts(point)]


Accepts = Callable[[Point], bool]


def accepted(given: Point, rng: np.random.Generator, number: int, accepts: Accepts) -> list[Point]:
    """Draw points until `number` are accepted; near the given one if no others are."""
    found: list[Point] = []
    source = points(given, rng)
    for _ in range(4 * number):
        if len(found) == number:
            return found
        point = next(source)
        if accepts(point):
            found.append(point)
    for _ in range(2 * number):
        if len(found) == number:
            break
        point = nudged(given, rng)
        if accepts(point):
            found.append(point)
    return found
