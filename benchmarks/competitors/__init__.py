"""Who is measured.  Each takes a case and returns a step to be called and its parameters."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from benchmarks.cases import Array, Case

UNIT = "tutorial"  # what all times are multiples of


class Step(NamedTuple):
    """One training step, `steps` of them a call, and what the parameters are now."""

    run: Callable[[], object]
    parameters: Callable[[], list[Array]]
    steps: int = 1


class Competitor(NamedTuple):
    """One way to train: its name, what must be installed, and how a step is made."""

    name: str
    needs: tuple[str, ...]
    build: Callable[[Case], Step]

    def lacks(self) -> str | None:
        """Name the first package that is not installed."""
        return next((package for package in self.needs if find_spec(package) is None), None)


def competitors() -> list[Competitor]:
    """List all, imported only as far as they are installed when they are built."""
    entries: list[tuple[str, tuple[str, ...], str]] = [
        (UNIT, (), "ours.tutorial_loop"),
        ("autograd_nn", (), "ours.eager"),
        ("autograd_nn compiled", (), "ours.compiled"),
        ("autograd_nn repeat", (), "ours.repeated"),
        ("autograd_nn compiled, numba", ("numba",), "ours.compiled_by_numba"),
        ("autograd_nn repeat, numba", ("numba",), "ours.repeated_by_numba"),
        ("HIPS autograd", ("autograd",), "hips.step"),
        ("MyGrad", ("mygrad",), "by_mygrad.step"),
        ("PyTorch", ("torch",), "pytorch.eager"),
        ("torch.compile", ("torch",), "pytorch.compiled"),
        ("jax.jit", ("jax",), "by_jax.jit"),
        ("jax.lax.fori_loop", ("jax",), "by_jax.fori_loop"),
    ]
    return [Competitor(name, needs, deferred(place)) for name, needs, place in entries]


def deferred(place: str) -> Callable[[Case], Step]:
    """Import a competitor's module when it is built."""
    module, _, function = place.rpartition(".")

    def build(case: Case) -> Step:
        step: Step = getattr(import_module(f"benchmarks.competitors.{module}"), function)(case)
        return step

    return build
