"""Say whether a hand-written gradient is right and, if not, which line is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograd_nn.compare.comparison import GradientComparison, compare_gradients
from autograd_nn.compare.diagnosis.bench import Bench
from autograd_nn.compare.diagnosis.blame import investigate
from autograd_nn.compare.diagnosis.control import planted
from autograd_nn.compare.diagnosis.discovery import Code
from autograd_nn.compare.diagnosis.field import ascent, has_kink, is_gradient
from autograd_nn.compare.diagnosis.instrument import Instrumented
from autograd_nn.compare.diagnosis.judging import Trial, common_name, noise_of, ratio
from autograd_nn.compare.diagnosis.probes import accepted
from autograd_nn.compare.diagnosis.problem import (
    ALONE,
    Array,
    Point,
    Problem,
    named,
    quiet,
    scale_of,
)
from autograd_nn.compare.diagnosis.reasons import reason_of
from autograd_nn.compare.diagnosis.result import Diagnosis, DiagnosisVerdict
from autograd_nn.compare.diagnosis.tracing import ON_DOUBLES, bound
from autograd_nn.compare.diagnosis.validity import FirstRun, checked, first_run, rated, refuse
from autograd_nn.compare.diagnosis.witnesses import DIRECTIONS, Truth, beside, doubled, truth_at
from autograd_nn.compare.pair import remedy
from autograd_nn.transforms.trees import flatten, tree_map

KINKED = (
    "At one point or more the loss has a kink: there it has no gradient, and either side is "
    "accepted."
)
PROBES = 5
ROW_RTOL = 1e-6  # of the table: less than differences can tell


def diagnose(
    forward: Callable[[Any, Any], tuple[Any, Any]],
    backward: Callable[..., Any],
    loss: Callable[..., Any],
    params: Any,
    inputs: Any,
    targets: Any,
    returns: str = "grads",
    lr: float | None = None,
    rng: np.random.Generator | int | None = None,
) -> Diagnosis:
    """Say whether a hand-written gradient is right and, if not, which line is wrong.

    The code is run at the given point and at random ones, of the given shapes and of others that
    it accepts.  It runs on plain arrays; its functions are instrumented meanwhile, so do not use
    them in another thread until this returns.  Calls from several threads wait for each other.

    Parameters
    ----------
    forward : callable
        ``forward(params, inputs) -> (output, cache)``.
    backward : callable
        ``backward(params, inputs, targets, output, cache)`` returns gradients nested as `params`;
        or, if `returns` is "update", ``backward(params, inputs, targets, output, cache, lr)``
        changes `params` in place, or returns the new ones.
    loss : callable
        ``loss(output, targets) -> scalar``, or ``loss(output, targets, params)`` if the parameters
        enter it directly.
    params : array, or dict, list or tuple of arrays, nested at will
        Floating point; they and the data are copied for every run.
    inputs, targets : array, or dict, list or tuple of them
        One-hot targets, integers and masks stay such at the random points.
    returns : {"grads", "update"}
    lr : float, optional
        The learning rate given to `backward` if it updates; random points vary it. By default 0.7.
    rng : Generator or int, optional
        What draws the random points; by default seeded with 0, so that results repeat.

    Returns
    -------
    Diagnosis

    Raises
    ------
    DiagnosisInputError
        If the code or the data cannot be judged; the message says what to change.

    Examples
    --------
    >>> import numpy as np
    >>> def forward(params, x):
    ...     return x @ params["W"], None
    >>> def backward(params, x, y, output, cache):
    ...     return {"W": 2 * x.T @ (output - y)}
    >>> def loss(output, y):
    ...     return np.sum((output - y) ** 2)
    >>> x, y = np.eye(3, 2), np.ones((3, 1))
    >>> diagnose(forward, backward, loss, {"W": np.ones((2, 1))}, x, y).verdict.value
    'exact'
    """
    given = Point(params, inputs, targets, lr)
    problem = checked(forward, backward, loss, given, returns)
    if not isinstance(rng, np.random.Generator | int | np.integer | None):
        refuse(f"argument rng is {type(rng).__name__}; pass a Generator or a seed")
    generator = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng or 0)
    with ALONE:
        given = rated(problem, given) if returns == "update" else given
        return Examination(problem, given, generator).diagnosis()


@dataclass
class Examination:
    """One diagnosis, step by step."""

    problem: Problem
    given: Point
    rng: np.random.Generator
    code: Code = field(init=False)
    fitting: set[str] = field(default_factory=set)  # gradients of the right shape
    notes: list[str] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)

    def diagnosis(self) -> Diagnosis:
        """Judge, and keep what was judged."""
        first = first_run(self.problem, self.given)
        return replace(self.judged(first), gradients=first.gradients)

    def judged(self, first: FirstRun) -> Diagnosis:
        """Judge."""
        self.code, self.notes = first.code, [*first.notes]
        shapes = {n: p.shape for n, p in named(self.given.params).items()}
        self.fitting = {n for n, g in first.gradients.items() if g.shape == shapes[n]}
        point = doubled(self.given)
        truth = self.truth(point)
        here = self.trial(point, truth)
        comparison = self.comparison(first, here, truth)
        if first.undecided:
            return self.undecided(comparison, first.undecided)
        if not first.finite and here is None:
            return self.undecided(comparison, self.overflow())
        trials = [*([here] if here else []), *self.probes()]
        if not trials:
            return self.undecided(comparison, self.nothing())
        if here is None and has_kink(self.loss, doubled(self.given), self.rng):
            self.notes.append(KINKED)
        elif here is None:
            why = self.disputes[0] if self.disputes else "the gradient is not finite there"
            self.notes.append(f"The given point itself was not judged: {why}.")
        self.note_what_is_odd(first, trials)
        if failed := self.imprecise(trials):
            return self.undecided(comparison, failed)
        given = [t for t in trials if t.point.shapes == "given"] or trials
        if all(t.is_exact() for t in given):
            if not all(t.is_exact() for t in trials):
                self.notes.append(
                    "It is right for the given shapes alone: with axes of other lengths it is not."
                )
            return self.exact(trials, comparison)
        with quiet():  # what is tried may overflow
            return self.wrong(trials, comparison)

    def exact(self, trials: list[Trial], comparison: GradientComparison) -> Diagnosis:
        """Say that all is right, and why where that may surprise."""
        bench = Bench(self.problem, self.code, Instrumented(self.code))
        with quiet():
            record = bench.record(trials[0].point)
            if unnoticed := planted(bench, trials[0], record):
                return self.undecided(comparison, unnoticed)
            verdict, reason = DiagnosisVerdict.EXACT, reason_of(bench, trials[0], record)
        return Diagnosis(verdict, comparison, reason=reason, notes=tuple(self.notes))

    def undecided(self, comparison: GradientComparison, reason: str) -> Diagnosis:
        """Decide nothing, and say why."""
        verdict, notes = DiagnosisVerdict.CANNOT_DECIDE, tuple(self.notes)
        reason = f"{reason[0].upper()}{reason[1:]}."
        return Diagnosis(verdict, comparison, reason=reason, notes=notes)

    def wrong(self, trials: list[Trial], comparison: GradientComparison) -> Diagnosis:
        """Say how wrong it is, and where."""
        bench = Bench(self.problem, self.code, Instrumented(self.code))
        trials = [
            t if t.is_exact() else replace(t, noise=bench.rounding(t, self.rng)) for t in trials
        ]
        kinks = [t for t in trials if not t.is_exact() and has_kink(self.loss, t.point, self.rng)]
        if kinks:
            self.notes.append(KINKED)
        trials = [t for t in trials if not any(t is k for k in kinks)]
        if not trials:
            return self.undecided(comparison, "the loss has a kink at every point that was tried")
        if failed := self.imprecise(trials):
            return self.undecided(comparison, failed)
        if all(t.is_exact() for t in trials) and not kinks:
            self.notes.append("At one point or more rounding alone explains the difference.")
        if all(t.is_exact() for t in trials):
            return self.exact(trials, comparison)
        if self.is_exact_without_epsilons(bench, trials):
            self.notes.append(
                "It is the gradient but for the tiny constants that keep a logarithm or a quotient "
                "finite."
            )
            return self.exact(trials, comparison)
        factors = self.factors(trials)
        counterexample = None
        if set(factors) == set(trials[0].truth):
            verdict = DiagnosisVerdict.EXACT_UP_TO_A_FACTOR
        elif is_gradient(self.hand, trials[:4], self.rng):
            verdict = DiagnosisVerdict.GRADIENT_OF_ANOTHER_LOSS
        else:
            counterexample = ascent(self.hand, self.true_field, self.loss, self.given, self.rng)
            verdict = DiagnosisVerdict.NOT_A_DESCENT if counterexample else DiagnosisVerdict.BIASED
        findings = investigate(bench, trials, factors)
        return Diagnosis(
            verdict,
            comparison,
            factor={name: f for name, f in factors.items() if f != "1"},
            blame=findings.blame,
            contaminated=findings.contaminated,
            exact=findings.exact,
            counterexample=counterexample,
            notes=(*self.notes, *findings.notes),
            sources=findings.sources,
        )

    # ---- trials ------------------------------------------------------------------------------

    def probes(self) -> list[Trial]:
        """Judge at random points."""
        found: list[Trial] = []

        def accepts(point: Point) -> bool:
            trial = self.trial(point)
            if trial is not None:
                found.append(trial)
            return trial is not None

        accepted(self.given, self.rng, PROBES, accepts)
        return found

    def hand(self, point: Point) -> dict[str, Array] | None:
        """Run the hand-written code; None if it cannot run at a point."""
        try:
            with bound(ON_DOUBLES, self.code.scopes), quiet():
                return self.problem.run(point).gradients
        except Exception:  # noqa: BLE001 (a probe may break the user's code in any way)
            return None

    def loss(self, point: Point) -> float:
        """Compute the loss."""
        with bound(ON_DOUBLES, self.code.scopes), quiet():
            return float(np.asarray(self.problem.value(point)))

    def truth(self, point: Point, directions: int = DIRECTIONS) -> Truth | None:
        """Find the true gradient; None if there is none that can be believed."""
        try:
            truth = truth_at(self.problem, self.code, point, self.rng, directions)
        except Exception:  # noqa: BLE001 (the same)
            return None
        if truth.disputed:
            self.disputes.append(truth.disputed)
            return None
        return truth

    def true_field(self, point: Point) -> dict[str, Array] | None:
        """Return the true gradient alone."""
        truth = self.truth(point, directions=0)
        return truth.gradients if truth else None

    def trial(self, point: Point, truth: Truth | None = None) -> Trial | None:
        """Run both at a point, and the code again with the last bits of the parameters changed."""
        hand = self.hand(point)
        truth = truth or (self.truth(point) if hand is not None else None)
        if hand is None or truth is None or not all(np.isfinite(g).all() for g in hand.values()):
            return None
        if point.shapes == "other" and any(
            hand[n].shape != t.shape
            for n, t in truth.gradients.items()
            if n in hand and n in self.fitting
        ):
            return None  # the code knows the shapes it was written for
        eps = float(np.finfo(float).eps)

        def shake(x: Any) -> Any:
            x = np.asarray(x)
            signs = self.rng.choice([-1.0, 1.0], x.shape)
            return x * (1 + 4 * eps * signs) if x.dtype.kind == "f" else x

        shaken = self.hand(replace(point, params=tree_map(shake, point.params))) or {}
        extra = truth.accuracy * scale_of(truth.gradients)
        if self.problem.returns == "update":  # the change of a parameter is rounded as it is
            top = max(float(np.max(np.abs(p), initial=0.0)) for p in flatten(point.params)[0])
            extra += 8 * eps * top / (1.0 if point.lr is None else abs(point.lr))
        noise = noise_of(hand, shaken, extra)
        return Trial(point, hand, truth.gradients, {n: noise.get(n, 0.0) for n in truth.gradients})

    def is_exact_without_epsilons(self, bench: Bench, trials: list[Trial]) -> bool:
        """Tell whether all is right once the tiny constants in the code are 0."""
        with bench.instrumented.without_epsilons() as found:
            if not found:
                return False
            again = [self.trial(t.point) for t in trials]
        judged = [t for t in again if t is not None and t.point.shapes == "given"]
        return bool(judged) and all(t.is_exact() for t in judged)

    # ---- what is said ------------------------------------------------------------------------

    def overflow(self) -> str:
        """Say where NaN or infinity comes from."""
        line = Bench(self.problem, self.code, Instrumented(self.code)).first_not_finite(self.given)
        where = f"; line {line.line} of {line.file} makes it first: {line.code}" if line else ""
        return f"the loss or its gradient is not finite at the given point{where}"

    def nothing(self) -> str:
        """Say why no point could be judged."""
        if not self.disputes:
            return "the code runs, with finite results, at no point that was tried"
        return f"the reference is disputed: {self.disputes[0]}"

    def note_what_is_odd(self, first: FirstRun, trials: list[Trial]) -> None:
        """Note parameters without effect, precision, and shapes that do not fit."""
        for name, t in trials[0].truth.items():
            if all(trial.is_zero(name) for trial in trials):
                self.notes.append(f"The loss does not depend on the parameter {name!r}.")
            g = first.gradients.get(name)
            if g is not None and g.shape != t.shape:
                fit = remedy(g, t, float(np.max(np.abs(t), initial=0.0)), 1e-6)
                self.notes.append(
                    f"The gradient of {name!r} has shape {g.shape}, not {t.shape}{fit}."
                )
            if g is not None and g.dtype.kind in "iu" and np.any(t):
                self.notes.append(
                    f"The gradient of {name!r} has dtype {g.dtype}, which holds no fractions."
                )
        narrow = {str(g.dtype) for g in first.gradients.values() if g.dtype.itemsize < 8}  # noqa: PLR2004 (bytes)
        if not first.finite:
            self.notes.append("It overflows at the given point as it is, but not in float64.")
        if narrow:
            self.notes.append(
                f"The code runs in {', '.join(sorted(narrow))}; it was judged in float64."
            )

    @staticmethod
    def imprecise(trials: list[Trial]) -> str:
        """Say of which gradient an error of a thousandth would not be seen."""
        for name in trials[0].truth:
            planted = [t for t in trials if scale_of(t.truth)]
            if planted and all(t.exact(name, t.off(name)) for t in planted):
                return (
                    f"rounding is too large to tell the gradient of {name!r} from one that is off "
                    "by a thousandth"
                )
        return ""

    def factors(self, trials: list[Trial]) -> dict[str, str]:
        """Name for each parameter the constant by which it differs, where that is all."""
        found: dict[str, str] = {}
        for name in trials[0].truth:
            clear = [t for t in trials if not (t.is_zero(name) and t.exact(name))]
            values = [
                (t.point, 1.0 if t.exact(name) else ratio(t.hand[name], t.truth[name]))
                for t in clear
            ]
            known = [(point, c) for point, c in values if c is not None]
            label = common_name(known) if known and len(known) == len(clear) else None
            if not clear:
                label = "1"
            if label is not None:
                found[name] = label
        return found

    def comparison(
        self, first: FirstRun, trial: Trial | None, truth: Truth | None
    ) -> GradientComparison:
        """Set the gradients side by side at the given point: the code's, and both witnesses'."""
        hand = trial.hand if trial else first.gradients
        sources = {"hand": hand}
        if truth is None:
            sources["autograd"] = {n: np.full(g.shape, np.nan) for n, g in hand.items()}
        else:
            sources |= beside(self.problem, self.code, doubled(self.given), truth)
        reference = [*sources][1]
        return compare_gradients(sources, reference=reference, rtol=ROW_RTOL)
