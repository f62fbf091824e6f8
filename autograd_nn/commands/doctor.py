"""``autograd-nn doctor``: what is here, what is missing, and whether it works."""

from __future__ import annotations

import argparse
import ctypes
import os
import platform
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from autograd_nn import Tensor, __version__, draw, grad, nn, saving, tutorial
from autograd_nn.commands.common import (
    DONE,
    EXIT_CODES,
    FAILED,
    Parser,
    add_common_arguments,
    ending_in,
    publish,
    write_report,
)
from autograd_nn.compare import compare_gradients, complex_step

PACKAGE = "autograd_nn"
DESCRIPTION = """\
Say which Python, NumPy and BLAS are at work, which extras are installed and what those that are
missing would enable, and check that gradients, pictures and checkpoints come out right."""
EPILOG = f"""\
example: autograd-nn doctor --out doctor.txt

An extra that is missing is no failure; a check that fails is.
{EXIT_CODES}"""
ENABLES = {
    "bench": "python -m benchmarks: training steps beside those of other libraries",
    "fast": "compile(..., backend='numba'): training steps as compiled loops",
    "checkers": "tests/compare/checkers.py: what other gradient checkers say",
    "fuzz": "python -m tests.fuzz: random programs held against PyTorch and JAX",
    "datasets": "datasets.digits() and breast_cancer(), and --data of that name",
    "dask": "sweeps over many machines: autograd-nn sweep --executor dask",
    "mpi": "training in parallel, and sweeps, under mpiexec: fit(..., parallel=), --executor mpi",
    "notebook": "the test that executes a notebook",
    "onnx": "nn.to_onnx, train --out model.onnx: models for other programs to run",
    "plot": "curves of training (History.plot, train --out) and of sweeps (sweep --plot)",
    "render": "pictures as PNG and PDF",
    "scipy": "gradients of scipy.special's functions; optim.LBFGS",
    "torch": "nn.to_pytorch and nn.from_pytorch: parameters to and from PyTorch",
    "test": "the tests: pytest",
    "dev": "the tests, lint, types and the import contract",
}


def add_arguments(parser: Parser) -> None:
    """Add the options of the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    add_common_arguments(
        parser,
        seed="decides the numbers that the checks compute with",
        out="also write the report, to .json or .txt files",
        metavar="FILE",
        nargs="+",
        type=ending_in(["json", "txt"]),
        default=[],
    )


def run(options: argparse.Namespace, _parser: Parser) -> int:
    """Examine what is here."""
    checks = [check(what, work, options.seed) for what, work in CHECKS.items()]
    fields: dict[str, Any] = {
        "autograd_nn": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "numpy": np.__version__,
        "blas": blas(),
        "blas_threads": blas_threads(),
        "cpus": usable_cpus(),
        "checks": [asdict(found) for found in checks],
        "extras": [asdict(extra) for extra in installed_extras()],
        "pictures": draw.backends(),
    }
    report = spelled(fields)
    written = write_report(report, fields, options.out)
    publish(report, fields, written, as_data=options.json)
    return DONE if all(found.passed for found in checks) else FAILED


# ---- where we are --------------------------------------------------------------------------


def blas() -> str:
    """Name the BLAS that NumPy was built with."""
    config: Any = np.show_config(mode="dicts")
    found = config.get("Build Dependencies", {}).get("blas", {})
    return f"{found.get('name', 'unknown')} {found.get('version', '')}".strip()


def blas_threads() -> int | None:
    """Ask the OpenBLAS of NumPy's wheels for the number of its threads; None where it is another.

    The library is loaded already, so that opening it gives the one that NumPy computes with.
    """
    package = Path(np.__file__).parent
    for folder in (package.with_name("numpy.libs"), package / ".dylibs"):
        for path in folder.glob("*openblas*"):
            with suppress(OSError, AttributeError):  # what cannot be asked is not known
                library = ctypes.CDLL(str(path))
                return int(library.scipy_openblas_get_num_threads64_())
    return None


def usable_cpus() -> int:
    """Count the CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# ---- the extras ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Extra:
    """An extra: what it enables, which packages it is made of, the command that adds it."""

    name: str
    present: bool
    enables: str
    packages: dict[str, str | None]  # the version installed, or None
    install: str


def installed_extras() -> list[Extra]:
    """Look up every extra of this package, as it was installed."""
    try:
        about = metadata.metadata(PACKAGE)
    except metadata.PackageNotFoundError:  # run from its files alone
        return []
    names = about.get_all("Provides-Extra") or []
    return extras(names, about.get_all("Requires-Dist") or [], version_of)


def extras(
    names: Iterable[str],
    requirements: Iterable[str],
    version: Callable[[str], str | None],
) -> list[Extra]:
    """Look up extras in a package's metadata; `version` tells what is installed of a package.

    >>> found = extras(["plot"], ["numpy>=2", "matplotlib>=3.8; extra == 'plot'"], {}.get)
    >>> found[0].present, found[0].packages, found[0].install
    (False, {'matplotlib': None}, "pip install 'autograd_nn[plot]'")
    """
    found = []
    for name in names:
        packages: dict[str, str | None] = {}
        present = True
        for requirement in requirements:
            package, least = needed(requirement, name)
            if package:
                packages[package] = here = version(package)
                present = present and here is not None and numbers(here) >= numbers(least)
        enables = ENABLES.get(name, "")
        install = f"pip install '{PACKAGE}[{name}]'"
        found.append(Extra(name, present, enables, packages, install))
    return found


REQUIREMENT = re.compile(
    r"(?P<package>[\w.-]+)[^;]*?(?:>=\s*(?P<least>[\d.]+))?\s*;(?P<marker>.*)", re.DOTALL
)
MARKER = re.compile(r"(?P<name>\w+)\s*(?P<test>[!=]=)\s*['\"](?P<value>[^'\"]*)['\"]")


def needed(requirement: str, extra: str) -> tuple[str, str]:
    """Return the package that an extra needs here by a requirement, and its least version.

    Both are empty if the requirement is another extra's, or another system's.

    >>> needed("mpich>=4; sys_platform != 'nothing' and extra == 'mpi'", "mpi")
    ('mpich', '4')
    >>> needed("mpich>=4; sys_platform == 'nothing' and extra == 'mpi'", "mpi")
    ('', '')
    """
    parts = REQUIREMENT.fullmatch(requirement)
    if parts is None:  # without a marker it is no extra's
        return "", ""
    values = {"extra": extra, "sys_platform": sys.platform}
    tests = list(MARKER.finditer(parts["marker"]))
    holds = all(
        (values[test["name"]] == test["value"]) == (test["test"] == "==")
        for test in tests
        if test["name"] in values
    )
    belongs = any(test["name"] == "extra" for test in tests)
    return (parts["package"], parts["least"] or "") if holds and belongs else ("", "")


def version_of(package: str) -> str | None:
    """Return the version of an installed package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def numbers(version: str) -> list[int]:
    """Return the numbers of a version, for comparison.

    >>> numbers("3.10.1") > numbers("3.8")
    True
    """
    return [int(part) for part in re.findall(r"\d+", version)]


# ---- whether it works ----------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """A check, whether it passed, and what was found."""

    what: str
    passed: bool
    found: str


def check(what: str, work: Callable[[int], str], seed: int) -> Check:
    """Make a check; whatever goes wrong in it is what it finds."""
    try:
        return Check(what, passed=True, found=work(seed))
    except Exception as error:  # noqa: BLE001 (it is reported, and decides the exit code)
        return Check(what, passed=False, found=f"{type(error).__name__}: {error}")


def gradient(seed: int) -> str:
    """Hold an automatic gradient against the complex step."""
    x, t = np.eye(4)[:, :3], np.eye(4)[:, :2]
    hidden, output = tutorial.initialize_network(3, 5, 2, rng=seed)

    def loss(layers: Any) -> Any:
        return tutorial.half_sse(t, tutorial.forward_propagation(x, *layers)[1])

    sources = {"complex step": complex_step(loss, (hidden, output))}
    comparison = compare_gradients(sources, grad(loss)((hidden, output)), rtol=1e-12)
    comparison.assert_close()
    largest = max(row.max_relative_error for row in comparison.rows)
    return f"the largest relative difference is {largest:.1e}"


def picture(seed: int) -> str:
    """Draw a graph."""
    x = Tensor(np.random.default_rng(seed).standard_normal(3), requires_grad=True)
    svg = draw.graph(np.sum(np.tanh(x))).svg()
    if not (svg.startswith("<svg") and svg.rstrip().endswith("</svg>")):
        message = "what was drawn is no SVG"
        raise ValueError(message)
    return f"SVG of {len(svg)} characters"


def checkpoint(seed: int) -> str:
    """Save a network and load it into another."""
    model, other = nn.MLP((3, 4, 2), rng=seed), nn.MLP((3, 4, 2), rng=seed + 1)
    with TemporaryDirectory() as folder:
        path = Path(folder, "network.safetensors")
        saving.save(path, model=model)
        saving.load(path, model=other)
        size = path.stat().st_size
    pairs = zip(model.parameters(), other.parameters(), strict=True)
    if not all(p.numpy().tobytes() == q.numpy().tobytes() for p, q in pairs):
        message = "what was loaded is not what was saved"
        raise ValueError(message)
    return f"the same bits, from {size} bytes"


CHECKS = {
    "a gradient against the complex step": gradient,
    "a picture": picture,
    "a checkpoint saved and loaded": checkpoint,
}


# ---- the report ----------------------------------------------------------------------------


def spelled(fields: dict[str, Any]) -> str:
    """Spell what was found, for a person."""
    blas = f"{fields['blas']} (threads: {fields['blas_threads'] or 'unknown'})"
    sections = [
        [
            f"autograd_nn {fields['autograd_nn']}, Python {fields['python']}, {fields['platform']}",
            f"NumPy {fields['numpy']} with {blas}, CPUs: {fields['cpus']}",
        ],
        [
            f"{'pass' if found['passed'] else 'FAIL'}  {found['what']}: {found['found']}"
            for found in fields["checks"]
        ],
        ["extras:" if fields["extras"] else "extras: unknown, for the package is not installed"],
    ]
    for extra in fields["extras"]:
        packages = ", ".join(f"{name} {found or '-'}" for name, found in extra["packages"].items())
        state = "present" if extra["present"] else "missing"
        sections[-1].append(f"{state}  {extra['name']:9}  {extra['enables']}")
        sections[-1].append(f"{'':20}{packages}")
        if not extra["present"]:
            sections[-1].append(f"{'':20}{extra['install']}")
    pictures = fields["pictures"]
    sections.append(["pictures:"])
    for how in dict.fromkeys(pictures.values()):
        sections[-1].append(
            f"{', '.join(kind for kind in pictures if pictures[kind] == how)}: {how}"
        )
    return "\n\n".join("\n".join(lines) for lines in sections)
