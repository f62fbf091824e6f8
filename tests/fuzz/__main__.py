"""The command line: ``python -m tests.fuzz --n 1000 --seed 0``."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from tqdm import tqdm

from .judge import ORACLES, available, judge
from .report import Tally, describe, summary
from .runs import BATCH, batch, chosen, compose, refused
from .shrink import shrink
from .table import OPERATIONS


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--n", type=int, default=1000, help="how many compositions")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="judge this one composition of the seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--ops", help="only operations whose names contain one of these: a|b|c")
    parser.add_argument("--oracle", default=",".join(ORACLES), help="some of torch,jax,numeric")
    parser.add_argument("--jax-every", type=int, default=50, help="JAX is slow: ask it so rarely")
    parser.add_argument("--shrink", type=int, default=10, help="print so many different failures")
    parser.add_argument("--verbose", action="store_true", help="list every operation and message")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Compose, judge, report: 1 if anybody disagrees."""
    given = parse(arguments)
    wanted = given.oracle.split(",")
    if unknown := sorted(set(wanted) - set(ORACLES)):
        sys.exit(f"--oracle: {', '.join(unknown)} is none of {', '.join(ORACLES)}")
    oracles = available(wanted)
    if missing := [oracle for oracle in wanted if oracle not in oracles]:
        print(f"not installed, so not asked: {', '.join(missing)}; pip install -e '.[fuzz]'")
    operations = chosen(given.ops)
    absent = [operation.name for operation in operations if refused(operation)]
    names = [operation.name for operation in operations if operation.name not in absent]
    if not names:
        sys.exit("no operation is left to compose: see --ops")
    tally = run(given, names, oracles)
    report(given, names, oracles, tally)
    print(summary(tally, absent, verbose=given.verbose))
    return 1 if tally.failures else 0


def run(given: argparse.Namespace, names: list[str], oracles: list[str]) -> Tally:
    """Judge all compositions, in as many processes as asked for."""
    first, last = (0, given.n) if given.only is None else (given.only, given.only + 1)
    starts = range(first, last, BATCH)
    ends = [min(start + BATCH, last) for start in starts]
    work = partial(batch, seed=given.seed, names=names, oracles=oracles, jax_every=given.jax_every)
    tally = Tally()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with (
        ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool,
        tqdm(total=last - first) as bar,
    ):
        for part in pool.map(work, starts, ends):
            tally.join(part)
            bar.update(part.programs)
            bar.set_postfix(disagreements=len(tally.failures))
    return tally


def report(given: argparse.Namespace, names: list[str], oracles: list[str], tally: Tally) -> None:
    """Print failures, each made small, one of every sort."""
    seen: set[tuple[str, ...]] = set()
    for number in tally.failures:
        if len(seen) >= given.shrink:
            break
        failures = judge(compose(given.seed, number, names), oracles).disagreements
        if failures:
            smallest = shrink(failures[0], oracles, OPERATIONS)
            signature = (smallest.kind, *smallest.program.operations)
            if signature not in seen:
                seen.add(signature)
                print(describe(number, given.seed, smallest))


if __name__ == "__main__":
    sys.exit(main())
