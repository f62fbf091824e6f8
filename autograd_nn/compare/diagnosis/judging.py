"""Whether a gradient is right, at each point and for each parameter; which constant is between."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.problem import Array, Point, scale_of
from autograd_nn.transforms.trees import flatten

RTOL = 1e-8  # of code in float64, beside what rounding may do
ULPS = 64
SINGLE = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Trial:
    """Hold what the code and the truth say at one point."""

    point: Point
    hand: dict[str, Array]
    truth: dict[str, Array]
    noise: dict[str, float]  # how far rounding may have moved either

    def exact(self, name: str, hand: dict[str, Array] | None = None, factor: float = 1.0) -> bool:
        """Tell whether the gradient of a parameter is `factor` times the true one."""
        g, t = (self.hand if hand is None else hand).get(name), factor * self.truth[name]
        if g is None or g.shape != t.shape or g.dtype.kind not in "fiu":
            return False
        narrow = g.dtype.kind == "f" and g.dtype.itemsize < 8  # noqa: PLR2004 (bytes)
        rtol = 2e3 * SINGLE if narrow else RTOL
        allowed = rtol * np.max(np.abs(t), initial=0.0) + abs(factor) * self.noise[name]
        if narrow:
            allowed += (
                ULPS * SINGLE * max(np.max(np.abs(v), initial=0.0) for v in self.truth.values())
            )
        return bool(np.all(np.abs(g - t) <= allowed))

    def is_zero(self, name: str) -> bool:
        """Tell whether a true gradient is 0, as far as rounding lets one tell."""
        return self.exact(name, {name: np.zeros_like(self.truth[name])})

    def off(self, name: str) -> dict[str, Array]:
        """Plant a mistake: a gradient that is off by a thousandth, of the largest if it is 0."""
        t = self.truth[name]
        return {name: t + 1e-3 * (scale_of(self.truth) if self.is_zero(name) else t)}

    def is_exact(self) -> bool:
        """Tell whether all gradients are right."""
        return all(map(self.exact, self.truth))

    def right(self, hand: dict[str, Array], factors: dict[str, float] | None = None) -> set[str]:
        """Name the parameters whose gradients are right."""
        factors = factors or {}
        return {n for n in self.truth if self.exact(n, hand, factors.get(n, 1.0))}


def ratio(g: Array, t: Array) -> float | None:
    """Return the c of g = c t, or None if there is none."""
    square = float(np.sum(t * t))
    if g.shape != t.shape or not square or not np.isfinite(square):
        return None
    c = float(np.sum(g * t)) / square
    fits = np.max(np.abs(g - c * t), initial=0.0) <= 1e-7 * abs(c) * np.max(np.abs(t))
    return c if c and fits else None


Name = tuple[str, float]


def constants(point: Point) -> list[Name]:
    """List what a constant may be called at a point, simplest first: 2, 1/N, -N*K/2..."""
    sizes: dict[str, int] = {}
    inputs = [np.asarray(x) for x in flatten(point.inputs)[0] if np.ndim(x)]
    targets = [np.asarray(x) for x in flatten(point.targets)[0] if np.ndim(x)]
    if inputs:
        data = inputs[0]
        sizes["N"] = data.shape[0]
        if targets and targets[0].ndim > 1:
            if targets[0].shape[0] == data.shape[0]:
                sizes["K"] = targets[0].shape[-1]
            elif targets[0].shape[-1] == data.shape[-1]:  # a column is a sample
                sizes["N"], sizes["K"] = data.shape[-1], targets[0].shape[0]
    known = set(sizes.values())
    sizes |= dict(zip("DHMPQ", widths(point, known), strict=False))
    basic: list[Name] = [("2", 2.0), ("1/2", 0.5)]
    named: list[Name] = []
    for name, n in sizes.items():
        named += [(name, float(n)), (f"1/{name}", 1 / n)]
        named += [(f"2*{name}", 2.0 * n), (f"2/{name}", 2 / n)]
        named += [(f"{name}/2", n / 2), (f"1/(2*{name})", 0.5 / n)]
    if "K" in sizes:
        n = sizes["N"] * sizes["K"]
        named += [("N*K", float(n)), ("1/(N*K)", 1 / n), ("N*K/2", n / 2), ("2/(N*K)", 2 / n)]
        named += [("N/K", sizes["N"] / sizes["K"]), ("K/N", sizes["K"] / sizes["N"])]
        named += [("2*N*K", 2.0 * n), ("1/(2*N*K)", 0.5 / n)]
    size = prod(targets[0].shape) if targets else 0
    if size and "K" not in sizes and size not in sizes.values():
        named += [("targets.size", float(size)), ("1/targets.size", 1 / size)]
    rates: list[Name] = []
    if (lr := point.lr) is not None:
        rates = [("lr", lr), ("1/lr", 1 / lr)]
        rates += [(f"lr*{name}", lr * c) for name, c in basic + named]
        rates += [(f"lr/{name}", lr / n) for name, n in sizes.items()]
    plain = [("1", 1.0), *basic, *named, ("4", 4.0), ("1/4", 0.25), *rates]
    return [("-1", -1.0), *plain, *((f"-{name}", -c) for name, c in plain[1:])]


def widths(point: Point, known: set[int]) -> list[int]:
    """List the other lengths of the parameters' axes."""
    found: list[int] = []
    for leaf in flatten(point.params)[0]:
        for n in np.shape(leaf):
            if n > 1 and n not in known and n not in found:
                found.append(n)
    return found


def common_name(trials: list[tuple[Point, float]]) -> str | None:
    """Find the name that fits a constant at every point."""
    names: dict[str, None] | None = None
    for point, c in trials:
        here = {n: None for n, value in constants(point) if abs(value - c) <= 1e-6 * abs(c)}
        names = here if names is None else {n: None for n in names if n in here}
    if names:
        return next(iter(names))
    values = [c for _, c in trials]
    same = np.ptp(values) <= 1e-6 * abs(values[0])
    return f"{values[0]:.6g}" if same else None


def noise_of(
    gradients: dict[str, Array], shaken: dict[str, Array], extra: float
) -> dict[str, float]:
    """Estimate how far rounding moves a gradient, from how far a last bit of the data does."""
    top = max((float(np.max(np.abs(g), initial=0.0)) for g in gradients.values()), default=0.0)
    eps = float(np.finfo(float).eps)
    noise: dict[str, float] = {}
    for name, g in gradients.items():
        other: Any = shaken.get(name, g)
        moved = float(np.max(np.abs(g - other), initial=0.0)) if np.shape(other) == g.shape else 0.0
        moved = moved if np.isfinite(moved) else 0.0
        own = float(np.max(np.abs(g), initial=0.0))
        noise[name] = 50 * moved + ULPS * eps * (own + top) + extra
    return noise
