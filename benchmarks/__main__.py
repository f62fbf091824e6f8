"""The command line: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.processes import THREADS, environment

if os.environ.get(THREADS[0]) is None:  # threads are pinned before NumPy is imported
    n = sys.argv[sys.argv.index("--threads") + 1] if "--threads" in sys.argv[:-1] else "1"
    os.execve(  # noqa: S606 (this very program)
        sys.executable,
        [sys.executable, "-m", "benchmarks", *sys.argv[1:]],
        environment(int(n) if n.isdigit() else 1),
    )

from dataclasses import replace

from benchmarks import chain, imports, memory, plot, processes, rounds, table
from benchmarks.cases import CASES
from benchmarks.competitors import UNIT, competitors

NAMES = [c.name for c in competitors()]


def main(arguments: list[str] | None = None) -> int:
    """Measure what is asked for, and print it as Markdown."""
    given = parse(arguments)
    text = "\n\n".join(sections(given))
    sys.stdout.write(text + "\n")
    if given.output is not None:
        unfinished = given.output.with_suffix(".part")
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(given.output)
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line, and refuse what cannot be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--cases", nargs="+", metavar="NAME", help="beginnings of names, e.g. XOR")
    parser.add_argument("--competitors", nargs="+", metavar="NAME", help="whole names")
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--processes", action="store_true", help="each competitor in its own")
    parser.add_argument("--import", action="store_true", dest="imports", help="import times")
    parser.add_argument("--memory", action="store_true", help="peak memory of 20 layers of 1024")
    parser.add_argument("--chain", action="store_true", help="deep chains")
    parser.add_argument("--operation", action="store_true", help="single operations")
    parser.add_argument("--output", type=Path, help="write the tables to a file too")
    parser.add_argument("--plot", type=Path, help="draw the steps, as .png or .svg")
    given = parser.parse_args(arguments)
    if given.rounds < 1 or given.threads < 1:
        parser.error("--rounds and --threads must be at least 1")
    given.competitors = given.competitors or NAMES
    unknown = [name for name in given.competitors if name not in NAMES]
    if unknown:
        parser.error(f"--competitors: {unknown[0]!r} is none of {', '.join(NAMES)}")
    wanted = given.cases or ["XOR", "Iris", "64-32-10, 64"]
    given.cases = [c for c in CASES if any(c.name.startswith(w) or w == "all" for w in wanted)]
    if not given.cases:
        parser.error(f"--cases: none begins with {wanted[0]!r}; there are: "
                     f"{'; '.join(c.name for c in CASES)}; or all")  # fmt: skip
    return given


def sections(given: argparse.Namespace) -> list[str]:
    """Measure, and lay out a section each."""
    made = [table.machine(given.threads)]
    if given.imports:
        names = ["autograd_nn", *(n for n in imports.PACKAGES if n in given.competitors[1:])]
        found = imports.compare(list(dict.fromkeys(names)), given.rounds)
        rows = [[name, f"{ratio:.2f}"] for name, ratio in found.items()]
        made.append(table.markdown(["import", "multiple of NumPy's"], rows))
    if given.memory:
        made.append(each(given, "peak memory over base, MiB", memory.STEPS, "memory.peak", []))
    if given.chain:
        for n in chain.LENGTHS:
            head = f"chain of {n}: µs, bytes a node"
            made.append(each(given, head, chain.CHAINS, "chain.per_node", [n]))
    if given.operation:
        rows = [
            [name, *(f"{x:.2f}" for x in chain.per_operation(name))] for name in chain.OPERATIONS
        ]
        made.append(table.markdown(["operation", "multiple of bare NumPy", "µs"], rows))
    if not (given.imports or given.memory or given.chain or given.operation):
        made.append(steps(given))
    return made


def each(
    given: argparse.Namespace, head: str, known: dict[str, object], function: str, args: list[int]
) -> str:
    """Measure competitors in processes of their own."""
    needs = {c.name: c.lacks() for c in competitors()}
    rows = []
    for name in (name for name in given.competitors if name in known):
        if needs[name] is not None:
            rows.append([name, f"skipped: {needs[name]} is not installed"])
            continue
        found = processes.call(function, name, *args, threads=given.threads)
        numbers = found if isinstance(found, list) else [found]
        rows.append([name, ", ".join(f"{x:.3g}" for x in numbers)])
    return table.markdown([head, ""], rows)


def steps(given: argparse.Namespace) -> str:
    """Measure training steps."""
    results = {}
    for case in (replace(case, dtype=given.dtype) for case in given.cases):
        if given.processes:
            results[case.name] = [in_process(name, case.name, given) for name in given.competitors]
        else:
            chosen = [c for c in competitors() if c.name in given.competitors]
            unit = next(c for c in competitors() if c.name == UNIT)
            results[case.name] = rounds.compare(chosen, case, given.rounds, unit)
    if given.plot is not None:
        plot.draw(results, given.plot, table.machine(given.threads))
    return f"{given.dtype}\n\n" + table.of_steps(results)


def in_process(name: str, case: str, given: argparse.Namespace) -> rounds.Measured | rounds.Refused:
    """Measure a competitor and the tutorial in processes of their own, in turn."""
    pairs = []
    for _ in range(max(3, given.rounds // 4)):
        both = [
            processes.call("alone.step", who, case, given.dtype, threads=given.threads)
            for who in (UNIT, name)
        ]
        if isinstance(both[1], str):
            return rounds.Refused(name, both[1])
        pairs.append(both)
    ratios = [theirs[0] / unit[0] for unit, theirs in pairs]
    low, median, high = rounds.quantiles(ratios, n=4)
    seconds, faults = (rounds.median(theirs[k] for _, theirs in pairs) for k in (0, 1))
    return rounds.Measured(name, low, median, high, seconds, faults)


if __name__ == "__main__":
    sys.exit(main())
