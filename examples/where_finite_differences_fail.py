"""Whatever their step, finite differences are wrong on one of these eight gradients; `grad` is not.

Each function is a line or two, with its derivative by hand.  The error of four numerical gradients
is measured over the step, and that of the automatic one: it has no step.
Give a folder to have the picture there.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import grad, plotting, sigmoid
from autograd_nn.compare import complex_step, finite_difference
from autograd_nn.compare.experiments.plots import METHODS, step_curves
from autograd_nn.compare.experiments.witnesses import numerical_errors

DIFFERENCES = ("forward", "central", "richardson")
STEPS = np.geomspace(1e-15, 1, 43).tolist()
IMAGINARY = STEPS[:29]  # up to 1e-5: along the imaginary axis functions may grow exponentially
LEVELS = {"central": 1, "richardson": 3}


@dataclass(frozen=True)
class Trap:
    """A function of one number, where to differentiate it, and its derivative there by hand."""

    formula: str
    function: Callable[[Any], Any]
    x: float
    derivative: float
    analytic: bool = True  # so that the complex step may be taken
    dtype: type[np.floating[Any]] = np.float64

    def error(self, estimate: Any) -> float:
        """Measure how wrong an estimate is, relatively."""
        return float(abs(estimate - self.derivative) / abs(self.derivative))

    def default(self, method: str) -> tuple[float, float]:
        """Return the step that a method chooses by itself, and its error with it."""
        step = float(np.finfo(self.dtype).eps) ** (1 / (2 * LEVELS[method] + 1))
        with np.errstate(invalid="ignore"):  # it may step to where there is no logarithm
            return step, self.error(finite_difference(self.function, self.x, method=method))


def smooth(x: Any) -> Any:
    """Compute the function on which Squire and Trapp (1998) show the complex step."""
    return np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3)


def branch(x: Any) -> Any:
    """Compute a square, with a jump after 1, as programs jump at an ``if``."""
    return x**2 if x < 1 else x**2 + 0.1


s, c = np.sin(1.5), np.cos(1.5)
TRAPS = {
    "smooth: a V": Trap(
        "exp x / (sin³x + cos³x) at 1.5",
        smooth,
        1.5,
        smooth(1.5) * (1 - 3 * s * c * (s - c) / (s**3 + c**3)),
    ),
    "a large offset": Trap("10⁸ + sin x at 1", lambda x: 1e8 + np.sin(x), 1.0, np.cos(1.0)),
    "single precision": Trap(
        "sin x in float32 at 1",
        lambda x: np.sin(x.astype(np.float32)),
        1.0,
        np.cos(1.0),
        analytic=False,
        dtype=np.float32,
    ),
    "fast oscillation": Trap("sin 10⁵x at 1", lambda x: np.sin(1e5 * x), 1.0, 1e5 * np.cos(1e5)),
    "a saturated sigmoid": Trap(
        "(1 − sigmoid x)² / 2 at −40",
        lambda x: (1 - sigmoid(x)) ** 2 / 2,
        -40.0,
        -np.exp(-40.0),
    ),
    "near a kink": Trap("|x| at 10⁻⁶", np.abs, 1e-6, 1.0, analytic=False),
    "near a branch": Trap("x² (+ 0.1 from 1 on) at 1 − 10⁻⁶", branch, 1 - 1e-6, 2 - 2e-6),
    "a small argument": Trap("log x at 10⁻⁶", np.log, 1e-6, 1e6),
}


@plotting.style()
def draw(measured: dict[str, dict[str, list[float]]]) -> Any:
    """Draw the errors over the step, a panel a function."""
    figure, panels = plotting.subplots(2, 4, size=(11, 6.2), sharex=True, sharey=True)
    for axes, (name, trap) in zip(panels, TRAPS.items(), strict=True):
        for method, errors in measured[name].items():
            step_curves(axes, STEPS[: len(errors)], {method: errors})
        for method in LEVELS:
            axes.plot(*trap.default(method), "o", ms=7, color=plotting.COLOURS[METHODS[method][0]])
        exact = max(trap.error(grad(trap.function)(np.float64(trap.x))), 1.4e-17)
        style = {"color": plotting.INK, "linewidth": 2.2, "linestyle": (0, (1, 1))}
        axes.axhline(exact, **style, label="automatic: no step")
        axes.set_title(f"{name}\n{trap.formula}", fontsize=9)
    panels[0].set(ylim=(4e-18, 1e2), xticks=[1e-15, 1e-10, 1e-5, 1])
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=5)
    figure.supxlabel("relative step; circles: the one chosen by default")
    figure.supylabel("relative error")
    return figure


def main(folder: Path) -> None:
    """Measure all errors, over all steps."""
    measured: dict[str, dict[str, list[float]]] = {}
    worst = np.zeros((len(DIFFERENCES), len(STEPS)))
    print("relative error of:     central  richardson   best of all  complex step  automatic")
    for name, trap in TRAPS.items():
        problem = trap.function, trap.x, trap.derivative
        with np.errstate(invalid="ignore", divide="ignore"):  # so may these
            errors = numerical_errors(*problem, STEPS, DIFFERENCES)
        if trap.analytic:
            errors |= numerical_errors(*problem, IMAGINARY, ["complex step"])
        measured[name] = errors
        differences = np.array([errors[method] for method in DIFFERENCES])
        worst = np.maximum(worst, np.nan_to_num(differences, nan=np.inf))
        exact = trap.error(grad(trap.function)(np.float64(trap.x)))
        tiny = trap.error(complex_step(trap.function, trap.x)) if trap.analytic else None
        defaults = [trap.default(method)[1] for method in LEVELS]
        shown = [*defaults, np.nanmin(differences), tiny, exact]
        words = ["refused" if error is None else f"{error:.0e}" for error in shown]
        print(f"{name:20}", *(f"{word:>11}" for word in words))
        assert exact <= np.finfo(trap.dtype).eps
        assert tiny is None or tiny <= 2 * np.finfo(float).eps
    print(f"with the best step for all of them, one is wrong by {100 * worst.min():.0f} %")
    assert worst.min() > 0.1
    print("written to", plotting.save(draw(measured), folder / "finite-differences.svg"))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
