"""By its printed rule a tutorial's XOR network learns several times as slowly, or not at all.

The rule takes the sigmoid's slope at the activation, which has been through the sigmoid already.
That slope hardly changes: it lets saturated units move as if they were not.  Mended, every seed
succeeds at both learning rates.  Give a folder to have the picture there.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import plotting
from autograd_nn.compare import Outcome, cases, summarize, sweep, table
from autograd_nn.tutorial import activation_derivative, sigmoid, sigmoid_derivative

RATES, SEEDS = (0.1, 1.0), 20
COLOURS = {"printed": "orange", "mended": "blue"}


@plotting.style()
def draw(outcomes: Sequence[Outcome]) -> Any:
    """Draw the two slopes, and the loss over the epochs: medians, and the middle half."""
    figure, (slopes, *curves) = plotting.subplots(1, 3, size=(11, 3.6), width_ratios=(1, 1.2, 1.2))
    z = np.linspace(-7, 7, 200)
    a = sigmoid(z)
    slopes.plot(z, sigmoid_derivative(a), color=plotting.COLOURS["orange"])
    slopes.plot(z, activation_derivative(a), color=plotting.COLOURS["blue"])
    plotting.label(slopes, -7, 0.235, "printed: at a", "orange", xytext=(0, 0))
    plotting.label(slopes, 1.9, 0.12, "mended: at z", "blue")
    slopes.set(title="Slope of the sigmoid", xlabel="z, of which a is the sigmoid", ylim=(0, 0.28))
    for axes, rate in zip(curves, RATES, strict=True):
        for rule, colour in COLOURS.items():
            group = [o for o in outcomes if (o.case.rule, o.case.learning_rate) == (rule, rate)]
            losses = np.array([outcome.losses for outcome in group], dtype=float)
            low, middle, high = np.quantile(losses, (0.25, 0.5, 0.75), axis=0)
            epochs = np.array(group[0].epochs) + 1
            axes.fill_between(
                epochs, low, high, color=plotting.COLOURS[colour], alpha=0.2, linewidth=0
            )
            axes.loglog(epochs, middle, color=plotting.COLOURS[colour])
            successes = sum(outcome.epochs_to_target is not None for outcome in group)
            text = f"{rule}: {successes} of {len(group)} succeed"
            plotting.label(axes, 1, 3e-3 if rule == "printed" else 1e-3, text, colour)
        axes.axhline(0.01, color=plotting.LINE, linestyle=":")
        axes.set(title=f"Loss at learning rate {rate:g}", xlabel="epoch", ylim=(1e-4, 1.5))
    return figure


def main(folder: Path) -> None:
    """Train by both rules at both rates, all seeds."""
    outcomes = sweep(cases(rule=[*COLOURS], learning_rate=RATES, seed=range(SEEDS)))
    summaries = summarize(outcomes)
    print(table(summaries))
    found = {(s.configuration["rule"], s.configuration["learning_rate"]): s for s in summaries}
    assert found["printed", 0.1].successes == 0
    assert found["mended", 0.1].successes >= 18
    assert found["mended", 1.0].successes >= 18
    slow, fast = (found[rule, 1.0].epochs.value for rule in COLOURS)
    assert slow is not None
    assert fast is not None
    print(f"\nat learning rate 1 the printed rule takes {slow / fast:.1f} times as many epochs")
    assert slow > 3 * fast
    print("written to", plotting.save(draw(outcomes), folder / "tutorial-repaired.svg"))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
