"""diagnose: is a hand-written gradient right, and if not, which line is wrong?"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograd_nn.compare.comparison import GradientComparison, compare_gradients
from autograd_nn.compare.diagnosis.bench import Bench
from autograd_nn.compare.diagnosis.blame import Findings, investigate
from autograd_nn.compare.diagnosis.field import ascent, cosine, is_gradient
from autograd_nn.compare.diagnosis.instrument import Code, Instrumented, discovered
from autograd_nn.compare.diagnosis.judging import Trial, common_name, noise_of, ratio
from autograd_nn.compare.diagnosis.probes import accepted
from autograd_nn.compare.diagnosis.problem import Array, Point, Problem, quiet
from autograd_nn.compare.diagnosis.result import Diagnosis, DiagnosisVerdict
from autograd_nn.compare.diagnosis.tracing import ON_DOUBLES, bound
from autograd_nn.compare.diagnosis.validity import check, check_run
from autograd_nn.compare.diagnosis.witnesses import DIRECTIONS, Truth, doubled, truth_at
from autograd_nn.compare.oracles import complex_step
from autograd_nn.transforms.trees import tree_map, unflatten, flatten

PROBES = 5


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
    it accepts.  It runs on plain arrays; its functions are instrumented meanwhile.

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
        The learning rate given to `backward` if it updates; by default 1.
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
    problem = check(forward, backward, loss, params, inputs, targets, returns)
    given = Point(params, inputs, targets, lr)
    generator = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng or 0)
    return Examination(problem, given, generator).diagnosis()


@dataclass
class Examination:
    """One diagnosis, step by step."""

    problem: Problem
    given: Point
    rng: np.random.Generator
    code: Code = field(init=False)
    notes: list[str] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)

    def diagnosis(self) -> Diagnosis:
        """Judge."""
        self.code, undecided, rough = check_run(self.problem, self.given)
        trial = self.trial(doubled(self.given))
        trials = [trial] if trial is not None else []
        if not undecided:
            probes: list[Trial] = []

            def accepts(point: Point) -> bool:
                found = self.trial(point)
                if found is not None:
                    probes.append(found)
                return found is not None

            accepted(self.given, self.rng, PROBES, accepts)
            trials += probes
        comparison = self.comparison(trial, rough)
        if undecided:
            return self.undecided(comparison, undecided)
        if not trials:
            reason = self.disputes[0] if self.disputes else "the gradient is not finite at any point"
            return self.undecided(comparison, f"the reference is disputed: {reason}")
        if any(not t.is_exact() for t in trials):
            bench = Bench(self.problem, self.code, Instrumented(self.code))
            trials = [
                t if t.is_exact() else replace(t, noise=bench.rounding(t, self.rng)) for t in trials
            ]
        if all(t.is_exact() for t in trials):
            return Diagnosis(DiagnosisVerdict.EXACT, comparison, notes=tuple(self.notes))
        factors = self.factors(trials)
        if all(n in factors for n in trials[0].truth):
            verdict, factor = DiagnosisVerdict.EXACT_UP_TO_A_FACTOR, {n: f for n, f in factors.items() if f != "1"}
        else:
            verdict, factor = self.kind(trials), {n: f for n, f in factors.items() if f != "1"}
        counterexample = None
        if verdict is DiagnosisVerdict.BIASED:
            counterexample = self.counterexample(trials)
            verdict = DiagnosisVerdict.NOT_A_DESCENT if counterexample else verdict
        findings = investigate(bench, trials)
        return Diagnosis(
            verdict,
            comparison,
            factor=factor,
            blame=findings.blame,
            contaminated=findings.contaminated,
            exact=findings.exact,
            counterexample=counterexample,
            notes=(*self.notes, *findings.notes),
            sources=findings.sources,
        )

    def undecided(self, comparison: GradientComparison, reason: str) -> Diagnosis:
        """Decide nothing, and say why."""
        return Diagnosis(
            DiagnosisVerdict.CANNOT_DECIDE, comparison, reason=reason, notes=tuple(self.notes)
        )

    # ---- trials ------------------------------------------------------------------------------

    def hand(self, point: Point) -> dict[str, Array] | None:
        """Run the hand-written code; None if it cannot run at a point."""
        try:
            with bound(ON_DOUBLES, self.code.scopes), quiet():
                return self.problem.run(point).gradients
        except Exception:  # noqa: BLE001 (a probe may break the user's code in any way)
            return None

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

    def trial(self, point: Point) -> Trial | None:
        """Run both at a point, and both again with the last bits of the parameters changed."""
        hand = self.hand(point)
        truth = self.truth(point) if hand is not None else None
        if hand is None or truth is None:
            return None
        if not all(np.isfinite(g).all() for g in hand.values()):
            return None
        eps = float(np.finfo(float).eps)

        def shake(x: Any) -> Any:
            x = np.asarray(x)
            return x * (1 + 4 * eps * self.rng.choice([-1.0, 1.0], x.shape)) if x.dtype.kind == "f" else x

        shaken = self.hand(replace(point, params=tree_map(shake, point.params))) or {}
        extra = 0.0
        if self.problem.returns == "update":
            top = max(float(np.max(np.abs(p), initial=0.0)) for p in flatten(point.params)[0])
            extra = 8 * eps * top / (1.0 if point.lr is None else abs(point.lr))
        noise = noise_of(hand, shaken, extra)
        return Trial(point, hand, truth.gradients, {n: noise.get(n, 0.0) for n in truth.gradients})

    # ---- verdicts ----------------------------------------------------------------------------

    def factors(self, trials: list[Trial]) -> dict[str, str]:
        """Name for each parameter the constant by which it differs, where that is all."""
        found: dict[str, str] = {}
        for name in trials[0].truth:
            values = []
            for t in trials:
                if t.exact(name):
                    zero = not np.any(t.truth[name])
                    c: float | None = None if zero else 1.0
                    if zero:
                        continue
                else:
                    g = t.hand.get(name)
                    c = ratio(g, t.truth[name]) if g is not None else None
                if c is None:
                    break
                values.append((t.point, c))
            else:
                label = common_name(values, self.given.lr) if values else "1"
                if label is not None:
                    found[name] = label
        return found

    def kind(self, trials: list[Trial]) -> DiagnosisVerdict:
        """Tell the gradient of another loss from what is no gradient."""
        if is_gradient(self.hand, trials[:4], self.rng):
            return DiagnosisVerdict.GRADIENT_OF_ANOTHER_LOSS
        return DiagnosisVerdict.BIASED

    def counterexample(self, trials: list[Trial]) -> dict[str, Any] | None:
        """Search a point at which the step raises the loss."""
        del trials

        def value(point: Point) -> float:
            with bound(ON_DOUBLES, self.code.scopes), quiet():
                return float(np.asarray(self.problem.value(point)))

        return ascent(self.hand, self.true_field, value, self.given, self.rng)

    def comparison(self, trial: Trial | None, rough: dict[str, Array]) -> GradientComparison:
        """Set the sources side by side at the given point."""
        truth = trial.truth if trial else {n: np.full(g.shape, np.nan) for n, g in rough.items()}
        hand = trial.hand if trial else rough
        return compare_gradients({"hand": hand, "autograd": truth}, reference="autograd", rtol=1e-6)
