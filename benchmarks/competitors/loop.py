"""The tutorial's loop, mended: NumPy alone, in whose process this library is not imported."""

from __future__ import annotations

import runpy
from functools import cache
from types import SimpleNamespace
from typing import Any

from benchmarks.cases import Case, layers
from benchmarks.competitors import Step
from benchmarks.processes import ROOT


@cache
def tutorial() -> Any:
    """Load the module from its file, for importing the package would tune the allocator."""
    return SimpleNamespace(**runpy.run_path(str(ROOT / "autograd_nn" / "tutorial.py")))


def tutorial_loop(case: Case) -> Step:
    """Train as the tutorial does, with the derivative mended."""
    x, t = case.data()
    hidden, output = ({"weights": w, "bias": b} for w, b in layers(case.parameters()))

    def run() -> None:
        outputs = tutorial().forward_propagation(x, hidden, output)
        tutorial().mended_backward_propagation(x, hidden, output, *outputs, t, case.lr)

    return Step(run, lambda: [layer[k] for layer in (hidden, output) for k in ("weights", "bias")])
