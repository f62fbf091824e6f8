"""One program before its judges: what was compared, and where they disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_nn.errors import DetachError, DtypeError, InPlaceError, NoRuleError

from .oracles import (
    Path,
    Unable,
    by_jax,
    by_torch,
    complex_step,
    double,
    installed,
    jump,
    richardson,
)
from .ours import Arrays, Derivatives, Ours, by_vjp, function_of, inner
from .programs import Directions, Program, quietly

ORACLES = ("torch", "jax", "numeric")
TOLERANCE = {np.float64: 1e-8, np.float32: 2e-3, np.float16: 5e-2}  # of 1 and the largest entry
REFUSALS = (NoRuleError, DetachError, InPlaceError, DtypeError)  # said aloud
TRUSTED = 1e-5  # the largest estimated error of differences that may still judge


class Doubtful(Exception):  # noqa: N818 (nothing went wrong)
    """Differences that cannot judge."""


@dataclass
class Disagreement:
    """Somebody found something else."""

    program: Program
    oracle: str
    kind: str
    found: Any
    expected: Any


@dataclass
class Verdict:
    """What came of one program."""

    compared: Counter[tuple[str, str]] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)
    not_yet: str = ""
    unable: list[str] = field(default_factory=list)


def judge(program: Program, oracles: Collection[str] = ORACLES) -> Verdict:
    """Differentiate a program, and let each oracle that can do the same."""
    with quietly():
        return Court(program, oracles).sit()


class Court:
    """Collects what the judges say about one program."""

    def __init__(self, program: Program, oracles: Collection[str]) -> None:
        self.program, self.oracles, self.verdict = program, oracles, Verdict()
        self.towards, self.analytic = program.directions(), program.analytic
        floats = [g.array.dtype for g in program.inputs if g.array.dtype.kind in "fc"]
        self.precision: Any = min(
            (np.empty(0, d).real.dtype.type for d in floats), key=lambda t: np.finfo(t).bits
        )

    def sit(self) -> Verdict:
        ours = self.ours()
        if ours is None:
            return self.verdict
        if "torch" in self.oracles and self.program.speaks("torch"):
            self.library("torch", by_torch, ours)
        if "jax" in self.oracles and self.program.speaks("jax"):
            self.library("jax", by_jax, ours)
        if "numeric" in self.oracles and self.precision != np.float16:
            self.numerically(ours)
        return self.verdict

    def ours(self) -> Derivatives | None:
        """Differentiate, and compare value, shapes and dtypes with plain NumPy's."""
        ours = Ours(self.program, self.towards)
        found: dict[str, Arrays] = {}
        plain = np.asarray(function_of(self.program)(*ours.xs))
        try:
            value, gradient = ours.value_and_gradient()
            found["gradient"] = gradient
            if self.precision != np.float16:
                found["jvp"] = ours.jvp()
                found["second"] = ours.second()
        except Exception as error:  # noqa: BLE001 (NumPy could: whatever we raise is a finding)
            if isinstance(error, REFUSALS) or "a Tensor has no attribute" in str(error):
                self.verdict.not_yet = str(error)
            else:
                kind = ("gradient", "jvp", "second")[len(found)]
                message = f"{type(error).__name__}: {error}"
                self.verdict.disagreements.append(
                    Disagreement(self.program, "numpy", kind, message, "no error")
                )
            if not found:
                return None
        self.compare("numpy", "value", value, [plain])
        types = {"value": [plain], "jvp": [plain], "gradient": ours.xs, "second": ours.xs}
        for kind, arrays in (("value", value), *found.items()):
            self.same_types(kind, arrays, types[kind])
        if self.precision == np.float16:
            found.clear()
        return Derivatives(value, **found)

    def same_types(self, kind: str, found: Arrays, like: Arrays) -> None:
        named = [(x.shape, x.dtype.name) for x in found]
        expected = [(np.shape(x), np.asarray(x).dtype.name) for x in like]
        if named != expected:
            self.verdict.disagreements.append(
                Disagreement(self.program, "numpy", f"dtype of {kind}", named, expected)
            )

    def library(self, oracle: str, by: Any, ours: Derivatives) -> None:
        """Ask a library for everything."""
        try:
            theirs = by(self.program, self.towards)
        except Unable as error:
            message = str(error).splitlines()[0] if str(error) else ""
            self.verdict.unable.append(f"{oracle}: {type(error).__name__}: {message[:90]}")
            return
        for kind in ("value", "gradient", "jvp", "second"):
            found, expected = getattr(ours, kind), getattr(theirs, kind)
            if found is not None:
                self.compare(oracle, kind, found, expected)

    def compare(
        self, oracle: str, kind: str, found: Arrays, expected: Arrays, doubt: float = 0
    ) -> None:
        """Hold arrays against each other, in double precision."""
        wide, true = [double(x) for x in found], [double(x) for x in expected]
        if not all(np.all(np.isfinite(x)) for x in true):
            self.verdict.unable.append(f"{oracle}: {kind} is not finite")
            return
        self.verdict.compared[oracle, kind] += 1
        tolerance = TOLERANCE[self.precision] + 10 * doubt
        largest = max((float(np.max(np.abs(x), initial=0)) for x in true), default=0.0)
        for x, y in zip(wide, true, strict=True):
            if x.shape != y.shape or not np.all(np.abs(x - y) <= tolerance * (1 + largest)):
                self.verdict.disagreements.append(
                    Disagreement(self.program, oracle, kind, found, expected)
                )
                return

    # ---- NumPy alone ---------------------------------------------------------------------

    def numerically(self, ours: Derivatives) -> None:
        """Differentiate along the tangents."""
        path, towards = Path(self.program), self.towards
        try:
            along, doubt = self.along(path, towards)
        except Unable as error:
            self.verdict.unable.append(f"numeric: {error}")
            return
        if ours.jvp is not None:
            self.compare("numeric", "jvp", ours.jvp, [np.asarray(along)], doubt)
        if ours.gradient is not None:
            self.compare(
                "numeric",
                "gradient",
                [np.asarray(total(towards.v, ours.gradient))],
                [np.asarray(inner(towards.u, along))],
                doubt * (1 + np.size(towards.u)),
            )
        if ours.second is not None:
            self.second(path, ours.second)

    def along(self, path: Path, towards: Directions) -> tuple[Any, float]:
        if self.analytic:
            try:
                return complex_step(path, towards.v), 0.0
            except Unable:  # NumPy's functions that do not take complex numbers in all places
                self.analytic = False

        def line(t: float) -> Any:
            return path((t, towards.v))

        if jump(line) > TRUSTED * (1 + float(np.max(np.abs(line(0.0)), initial=0))):
            message = "the value is not the limit of those nearby (a jump)"
            raise Doubtful(message)
        return trusted(richardson(line))

    def second(self, path: Path, second: Arrays) -> None:
        """Differentiate once more: the complex step's result, or else our own gradient."""
        towards = self.towards
        if ("torch", "second") in self.verdict.compared and not self.analytic:
            return
        try:
            if self.analytic:
                found: Arrays = [np.asarray(total(towards.v, second))]
                expected, doubt = trusted(
                    richardson(
                        lambda t: inner(towards.u, complex_step(path, towards.v, (t, towards.w)))
                    )
                )
            else:
                found = [flat(second)]
                expected, doubt = trusted(richardson(lambda t: self.gradient_at(path, t)))
        except Unable as error:
            self.verdict.unable.append(f"numeric: second: {error}")
            return
        self.compare("numeric", "second", found, [np.asarray(expected)], doubt)

    def gradient_at(self, path: Path, t: float) -> Any:
        """Compute our gradient a little aside, in double precision."""
        fixed = {k: x for k, x in path.arrays.items() if k not in path.names}
        xs = [path.arrays[n] + t * w for n, w in zip(path.names, self.towards.w, strict=True)]
        _, gradient = by_vjp(
            lambda *ys: path.run(**fixed, **dict(zip(path.names, ys, strict=True))),
            xs,
            self.towards.u,
        )
        return flat(gradient)


def trusted(estimate: tuple[Any, float]) -> tuple[Any, float]:
    """Refuse differences that differ among themselves: there is a kink nearby."""
    value, doubt = estimate
    scale = 1 + float(np.max(np.abs(value), initial=0))
    if not doubt <= TRUSTED * scale:
        message = "differences at two step sizes differ (a kink nearby, or strong curvature)"
        raise Doubtful(message)
    return value, doubt / scale


def total(tangents: Arrays, gradient: Arrays) -> Any:
    """Multiply tangents with gradients, as real vectors."""
    return sum(inner(v, double(g)) for v, g in zip(tangents, gradient, strict=True))


def flat(arrays: Arrays) -> Any:
    return np.concatenate([np.ravel(double(x)) for x in arrays])


def available(oracles: Collection[str]) -> list[str]:
    return [oracle for oracle in oracles if installed(oracle)]
