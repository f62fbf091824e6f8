"""The command line: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from autograd_nn.draw import files
from benchmarks import competitors, modes, plot, rounds, table
from benchmarks.cases import CASES

PROGRAM = "python -m benchmarks"
PICTURES = (".png", ".svg", ".pdf")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for, and print it as Markdown.

    Returns
    -------
    int
        0 done, 1 failed, 2 wrong usage.
    """
    given = parse(arguments)
    printed = []
    for section in sections(given):
        printed.append(section)
        sys.stdout.write(section + "\n\n")
        sys.stdout.flush()
    if given.output is not None:
        try:
            files.write(given.output, ("\n\n".join(printed) + "\n").encode())
        except OSError as error:
            sys.stderr.write(f"{PROGRAM}: --output: {error}\n")
            return 1
    return 0


def sections(given: argparse.Namespace) -> Iterator[str]:
    """Measure, and lay out, one thing after the other."""
    yield table.machine(given.threads)
    chosen = [c for c in competitors.COMPETITORS if c.name in given.competitors]
    for mode in given.modes:
        yield modes.measured(mode, chosen, given.threads)
    if given.modes:
        return
    prepare = rounds.apart(given.threads) if given.processes else rounds.here
    results = {
        case.name: rounds.compare(chosen, replace(case, dtype=given.dtype), given.rounds, prepare)
        for case in given.cases
    }
    where = "each in a process of its own" if given.processes else "interleaved in one process"
    yield f"{given.dtype}, {where}, {given.rounds} rounds"
    yield table.of_steps(results)
    if given.plot is not None:
        caption = f"{given.dtype}, {where}. {table.machine(given.threads)}"
        files.write(given.plot, plot.draw(results, given.plot.suffix[1:], caption))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line, and refuse what cannot be."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Measure autograd_nn beside the tutorial's loop and its peers."
    )
    names = [c.name for c in competitors.COMPETITORS]
    parser.add_argument("--cases", nargs="+", metavar="NAME", default=["XOR", "Iris", "64"],
                        help="beginnings of names, such as XOR; or all")  # fmt: skip
    parser.add_argument("--competitors", nargs="+", metavar="NAME", default=names,
                        help=f"of {', '.join(names)} (all)")  # fmt: skip
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    parser.add_argument("--rounds", type=int, help="21, or 5 of processes; at least 2")
    parser.add_argument("--threads", type=int, default=1, help="of every library (1)")
    parser.add_argument("--processes", action="store_true",
                        help="every competitor in processes of its own")  # fmt: skip
    for option, mode in modes.modes(0).items():
        parser.add_argument(f"--{option}", action="append_const", dest="modes", const=option,
                            help=f"{mode.title}: {', '.join(mode.columns)}")  # fmt: skip
    parser.add_argument("--output", type=Path, metavar="FILE", help="write what is printed")
    parser.add_argument("--plot", type=Path, metavar="FILE", help=f"draw it: {', '.join(PICTURES)}")
    given = parser.parse_args(arguments)
    given.rounds = given.rounds if given.rounds is not None else 5 if given.processes else 21
    given.modes = [modes.modes(given.rounds)[option] for option in given.modes or ()]
    mistake = check(given, names)
    if mistake is not None:
        parser.error(mistake)
    given.cases = [c for c in CASES if any(c.name.startswith(w) or w == "all" for w in given.cases)]
    return given


def check(  # noqa: C901, PLR0911 (a mistake a line)
    given: argparse.Namespace, names: Sequence[str]
) -> str | None:
    """Find the first mistake in what is asked for, before an hour is spent on it."""
    if given.rounds < 2:  # noqa: PLR2004
        return f"--rounds is {given.rounds}: quartiles need at least 2"
    if given.threads < 1:
        return f"--threads is {given.threads}: it must be at least 1"
    for name in given.competitors:
        if name not in names:
            return f"--competitors: {name!r} is none of {', '.join(names)}"
    for case in given.cases:
        if case != "all" and not any(c.name.startswith(case) for c in CASES):
            known = "; ".join(c.name for c in CASES)
            return f"--cases: nothing begins with {case!r}; there are: {known}; and all"
    for mode in given.modes:
        if not set(mode.names) & set(given.competitors):
            return f"{mode.title}: measured of {', '.join(mode.names)}, none in --competitors"
    for option, path in (("--output", given.output), ("--plot", given.plot)):
        if path is not None and not path.absolute().parent.is_dir():
            return f"{option}: there is no folder {path.parent}"
    return None if given.plot is None else check_plot(given)


def check_plot(given: argparse.Namespace) -> str | None:
    """Find out why a picture could not be drawn."""
    if given.modes:
        return "--plot draws training steps: ask for it without other measurements"
    if given.plot.suffix not in PICTURES:
        return f"--plot: the name must end with {' or '.join(PICTURES)}, not {given.plot.name!r}"
    if find_spec("matplotlib") is None:
        return "--plot needs matplotlib, which is not installed: pip install 'autograd_nn[plot]'"
    return None
