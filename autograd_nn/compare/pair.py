"""Measure one gradient against another, whatever their scale; NumPy alone."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

NOISE_ULPS = 32  # rounding that a backward pass may pile up, relative to the largest entry


class Pair:
    """Measure a finite gradient g against its reference t of the same shape.

    Both are kept as a peak (the largest magnitude) and a shape of peak 1, so that no square or
    difference overflows or underflows.
    """

    def __init__(self, g: NDArray[Any], t: NDArray[Any], scale: float, rtol: float) -> None:
        self.g, self.t = wide(g), wide(t)
        self.peak_g, self.peak_t = peak(g), peak(t)
        self.peak = max(self.peak_g, self.peak_t)
        self.unit_g = self.g / (self.peak_g or 1.0)
        self.unit_t = self.t / (self.peak_t or 1.0)
        self.inner = float(np.vdot(self.unit_t, self.unit_g).real)
        self.square_g = float(np.vdot(self.unit_g, self.unit_g).real)
        self.square_t = float(np.vdot(self.unit_t, self.unit_t).real)
        self.scale = scale
        self.rtol = rtol
        self.noise = NOISE_ULPS * max(eps(g), eps(t))

    def distances(self) -> NDArray[np.float64]:
        """Return ``|g - t| / max(max|t|, max|g|)`` of each entry."""
        unit = self.peak or 1.0
        distances: NDArray[np.float64] = np.abs(self.g / unit - self.t / unit)
        return distances

    def agrees(self) -> bool:
        """Tell whether g is t within the tolerance and rounding."""
        if not self.peak:
            return True
        allowed = self.rtol * (self.peak_t / self.peak) + self.noise * (self.scale / self.peak)
        return bool(np.all(self.distances() <= allowed))

    def factor(self) -> float | None:
        """Return the c with g = c t within the tolerance, or None.

        c is the least-squares fit ``<t, g> / <t, t>``.
        """
        if self.peak_t <= self.noise * self.scale:
            return None
        fit = self.inner / self.square_t
        allowed = abs(fit) * (self.rtol + self.noise * (self.scale / self.peak_t))
        parallel = 1 - abs(self.cosine()) <= max(self.rtol, 1e-9)
        if parallel and np.all(np.abs(self.unit_g - fit * self.unit_t) <= allowed):
            return fit * (self.peak_g / self.peak_t)
        return None

    def cosine(self) -> float:
        """Return the cosine of the angle between g and t; NaN if one is zero."""
        if not (self.peak_g and self.peak_t):
            return math.nan
        return max(-1.0, min(1.0, self.inner / math.sqrt(self.square_g * self.square_t)))

    def norm_ratio(self) -> float:
        """Return ``|g| / |t|``; infinite if only t is zero, NaN if both are."""
        if not self.peak_t:
            return math.inf if self.peak_g else math.nan
        return self.peak_g / self.peak_t * math.sqrt(self.square_g / self.square_t)

    def wrong_sign(self, scale_g: float) -> float:
        """Return the share of wrong signs among the entries above rounding noise in both."""
        wrong = counted = 0
        for g, t in ((self.g.real, self.t.real), (self.g.imag, self.t.imag)):
            clear = (np.abs(g) > self.noise * scale_g) & (np.abs(t) > self.noise * self.scale)
            counted += int(clear.sum())
            wrong += int((clear & (np.sign(g) != np.sign(t))).sum())
        return wrong / counted if counted else 0.0


def wide(array: NDArray[Any]) -> NDArray[Any]:
    """Convert to float64, or complex128."""
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def peak(array: NDArray[Any]) -> float:
    """Return the largest magnitude; 0 if there are no entries."""
    return float(np.max(np.abs(wide(array)), initial=0.0))


def eps(array: NDArray[Any]) -> float:
    """Return the epsilon of the dtype, but at least that of float64."""
    double = np.finfo(np.float64).eps
    return float(max(double, np.finfo(array.dtype).eps) if array.dtype.kind in "fc" else double)


def first_place(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    """Return the index of the first true entry."""
    return tuple(map(int, np.unravel_index(np.argmax(mask), mask.shape)))


def remedy(g: NDArray[Any], t: NDArray[Any], scale: float, rtol: float) -> str:
    """Name the operation that gives `g` the shape of `t`, preferably one that makes them agree."""
    with np.errstate(all="ignore"):
        fits = list(rearrangements(g, t.shape))
    for text, fitted in fits:
        finite = np.isfinite(fitted).all() and np.isfinite(t).all()
        if finite and Pair(fitted, t, scale, rtol).agrees():
            return f"; {text} fits and agrees"
    return f"; {fits[0][0]} fits, but its values differ" if fits else ""


def rearrangements(g: NDArray[Any], shape: tuple[int, ...]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the operations that give `g` the wanted shape, with their results."""
    if g.T.shape == shape:
        yield "its transpose", g.T
    for axis in range(g.ndim):
        for keepdims in (False, True):
            total = np.sum(g, axis=axis, keepdims=keepdims)
            if total.shape == shape:
                option = " with keepdims=True" if keepdims else ""
                yield f"its sum over axis {axis}{option}", total
    if g.size == math.prod(shape):
        yield f"reshape{shape}", g.reshape(shape)
