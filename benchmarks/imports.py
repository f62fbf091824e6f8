"""How long importing takes, as a multiple of NumPy's own import."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median
from time import perf_counter

from benchmarks.competitors import named
from benchmarks.processes import ROOT


def multiple(name: str, rounds: int) -> float:
    """Import in turn, round after round; an empty interpreter's time is taken off."""
    packages = ("sys", "numpy", named(name).package)
    for package in packages:
        seconds(package)  # once, so that the compiled files are there
    times = [[seconds(package) for package in packages] for _ in range(rounds)]
    return median((package - empty) / (numpy - empty) for empty, numpy, package in times)


def seconds(package: str) -> float:
    """Start an interpreter that imports a package, and nothing else."""
    start = perf_counter()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, "-c", f"import {package}"], cwd=ROOT, env=environment, check=True
    )
    return perf_counter() - start
