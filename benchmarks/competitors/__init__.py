"""Who is measured.  Each takes a case and returns a step to be called and its parameters."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from benchmarks.cases import Array, Case


class Step(NamedTuple):
    """What trains, `steps` steps a call, and what the parameters are now."""

    run: Callable[[], object]
    parameters: Callable[[], list[Array]]
    steps: int = 1


class Competitor(NamedTuple):
    """One way to train: its name, the package that it needs, and how a step is made."""

    name: str
    package: str
    build: Callable[[Case], Step]

    def missing(self) -> str | None:
        """Say that the package is not installed, if so."""
        if find_spec(self.package) is None:
            return f"skipped: {self.package} is not installed"
        return None


def deferred(place: str) -> Callable[[Case], Step]:
    """Import a competitor's module only when it is built."""
    module, _, function = place.rpartition(".")

    def build(case: Case) -> Step:
        step: Step = getattr(import_module(f"benchmarks.competitors.{module}"), function)(case)
        return step

    return build


UNIT = "tutorial"  # what all times are multiples of
COMPETITORS = [
    Competitor(name, package, deferred(place))
    for name, package, place in (
        (UNIT, "numpy", "loop.tutorial_loop"),
        ("autograd_nn", "autograd_nn", "ours.eager"),
        ("autograd_nn compiled", "autograd_nn", "ours.compiled"),
        ("autograd_nn repeat", "autograd_nn", "ours.repeated"),
        ("autograd_nn numba", "numba", "ours.numba"),
        ("autograd_nn numba repeat", "numba", "ours.numba_repeated"),
        ("HIPS autograd", "autograd", "hips.step"),
        ("MyGrad", "mygrad", "by_mygrad.step"),
        ("PyTorch", "torch", "pytorch.eager"),
        ("torch.compile", "torch", "pytorch.compiled"),
        ("jax.jit", "jax", "by_jax.jit"),
        ("jax.lax.fori_loop", "jax", "by_jax.fori_loop"),
    )
]
LIBRARIES = ("autograd_nn", "HIPS autograd", "MyGrad", "PyTorch", "jax.jit")  # one of each


def named(name: str) -> Competitor:
    """Find a competitor."""
    return next(competitor for competitor in COMPETITORS if competitor.name == name)
