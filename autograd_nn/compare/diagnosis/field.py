"""What kind of field a wrong gradient is: of another loss, mostly downhill, or neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.judging import Trial
from autograd_nn.compare.diagnosis.probes import randomised
from autograd_nn.compare.diagnosis.problem import Array, Point, shaped_like, with_params
from autograd_nn.transforms.trees import flatten

Field = Callable[[Point], dict[str, Array] | None]
SYMMETRIC = 1e-5  # relative: what central differences can tell
STEP = 1e-5
KINK = 1e-6
UPHILL = -1e-3  # a cosine
TRIES = 150
RANDOM = 50  # of the tries


def is_gradient(field: Field, trials: list[Trial], rng: np.random.Generator) -> bool:
    """Tell whether a field is the gradient of anything: whether its Jacobian is symmetric.

    For random directions u and v, ``u . J v = v . J u``; both are central differences.
    """
    clear = 0
    for trial in trials:
        names, params = [*trial.truth], flatten(trial.point.params)[0]
        u, v = ([rng.standard_normal(np.shape(p)) for p in params] for _ in range(2))
        pair = []
        for along, against in ((u, v), (v, u)):
            ends = []
            for sign in (1, -1):
                moved = [p + sign * STEP * d for p, d in zip(params, along, strict=True)]
                found = field(with_params(trial.point, moved))
                if found is None or not shaped_like(found, trial.truth):
                    return False
                ends.append(
                    sum(float(np.sum(found[n] * d)) for n, d in zip(names, against, strict=True))
                )
            pair.append((ends[0] - ends[1]) / (2 * STEP))
        size = abs(pair[0]) + abs(pair[1])
        noise = (
            1e-10
            * max(1.0, max(float(np.max(np.abs(g), initial=0)) for g in trial.hand.values()) / 1.0)
            / STEP
            * 1e-1
        )
        if not np.isfinite(size) or abs(pair[0] - pair[1]) > SYMMETRIC * size + noise:
            return False
        clear += size > 100 * noise
    return clear > 0


def has_kink(loss: Callable[[Point], float], point: Point, rng: np.random.Generator) -> bool:
    """Tell whether slopes to the two sides differ, as where a ReLU is given exactly 0."""
    params = flatten(point.params)[0]
    here = loss(point)
    for _ in range(3):
        direction = [rng.standard_normal(np.shape(p)) for p in params]
        gaps = []
        for step in (KINK, KINK / 8):  # curvature would shrink with the step
            slopes = []
            for h in (step, -step):
                moved = [p + h * d for p, d in zip(params, direction, strict=True)]
                slopes.append((loss(with_params(point, moved)) - here) / h)
            gaps.append(abs(slopes[0] - slopes[1]))
        if gaps[1] > gaps[0] / 2 > 1e-4 * max(map(abs, slopes)) + 1e-7 * abs(here):
            return True
    return False


def cosine(hand: dict[str, Array], truth: dict[str, Array]) -> float:
    """Return the cosine of the angle between two gradients of all parameters."""
    g = np.concatenate([np.ravel(hand[n]) for n in truth])
    t = np.concatenate([np.ravel(truth[n]) for n in truth])
    size = float(np.linalg.norm(g) * np.linalg.norm(t))
    return float(g @ t) / size if size else float("nan")


def ascent(
    field: Field,
    true_field: Field,
    loss: Callable[[Point], float],
    given: Point,
    rng: np.random.Generator,
) -> dict[str, Any] | None:
    """Search a point at which a small step along the field raises the loss.

    First at random, then near the point at which the field was worst so far.
    """
    worst, lowest = given, float("inf")
    for turn in range(TRIES):
        scale = (3.0, 5.0, 1.0, 2.0)[turn % 4]
        near = turn >= RANDOM and lowest < 1
        point = moved(worst, rng) if near else randomised(given, rng, scale)
        hand, truth = field(point), true_field(point)
        if hand is None or truth is None or not shaped_like(hand, truth):
            continue
        angle = cosine(hand, truth)
        if angle < UPHILL and (found := rise(point, hand, truth, loss)):
            return found
        if angle < lowest:
            worst, lowest = point, angle
    return None


def moved(point: Point, rng: np.random.Generator) -> Point:
    """Move the parameters a little, or more."""
    size = rng.choice([0.1, 0.3, 1.0])
    params = [np.asarray(p) for p in flatten(point.params)[0]]
    steps = [size * (1 + np.std(p)) * rng.standard_normal(p.shape) for p in params]
    return with_params(point, [p + step for p, step in zip(params, steps, strict=True)])


def rise(
    point: Point, hand: dict[str, Array], truth: dict[str, Array], loss: Callable[[Point], float]
) -> dict[str, Any] | None:
    """Take small steps; say by how much the loss rises, or None if it does not."""
    params = flatten(point.params)[0]
    before = loss(point)
    size = max(float(np.max(np.abs(g), initial=0.0)) for g in hand.values())
    for rate in (1e-3, 1e-2 / max(size, 1e-12), 1e-3 / max(size, 1e-12), 1e-4 / max(size, 1e-12)):
        moved = [p - rate * hand[n] for p, n in zip(params, truth, strict=True)]
        after = loss(with_params(point, moved))
        if after > before * (1 + 1e-13):
            return {
                "params": point.params,
                "inputs": point.inputs,
                "targets": point.targets,
                "cosine": cosine(hand, truth),
                "learning_rate": rate,
                "loss_before": before,
                "loss_after": after,
            }
    return None
