"""How long importing takes, as a multiple of NumPy's own import."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

from benchmarks.processes import ROOT, environment

PACKAGES = {"numpy": "numpy", "autograd_nn": "autograd_nn", "HIPS autograd": "autograd.numpy",
            "MyGrad": "mygrad", "PyTorch": "torch", "JAX": "jax"}  # fmt: skip


def seconds(package: str) -> float:
    """Start an interpreter that imports a package, and nothing else."""
    start = perf_counter()
    subprocess.run(  # noqa: S603 (our own code)
        [sys.executable, "-c", f"import {package}"], cwd=ROOT, env=environment(1), check=True
    )
    return perf_counter() - start


def compare(names: list[str], rounds: int) -> dict[str, float]:
    """Import in turn, round after round; an empty interpreter's time is taken off."""
    ratios: dict[str, list[float]] = {name: [] for name in names}
    for package in (PACKAGES[name] for name in names):
        seconds(package)  # once, so that the compiled files are there
    for _ in range(rounds):
        empty = seconds("sys")
        unit = seconds("numpy") - empty
        for name in names:
            ratios[name].append((seconds(PACKAGES[name]) - empty) / unit)
    return {name: median(values) for name, values in ratios.items()}
