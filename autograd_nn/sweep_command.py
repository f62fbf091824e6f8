"""``autograd-nn sweep``: train many networks by right and wrong rules, and report."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

from autograd_nn.compare.experiments import executors, report
from autograd_nn.compare.experiments.cases import Case, cases
from autograd_nn.compare.experiments.outcome import Outcome, digest
from autograd_nn.compare.experiments.rules import RULES
from autograd_nn.compare.experiments.sweeping import sweep
from autograd_nn.draw.files import write

DESCRIPTION = """\
Train the tutorial's network from many seeds, by its printed rule, by the mended one and by others,
and report how often each succeeds, how fast, and how far it is from the gradient.  Without options:
XOR, 2-4-1, 10,000 epochs, 100 seeds, four learning rates, the four ways to mend two lines.
Options that take several values are combined in every way."""
EPILOG = """\
example: autograd-nn sweep --rule printed mended --scale 0.1 1 3 5 --seeds 20 --out scales --plot
on MPI:  mpiexec -n 8 autograd-nn sweep --executor mpi

Outcomes are lines of FOLDER/outcomes.jsonl, written as soon as they are known; the same command
goes on from there after Ctrl-C or a crash.  Exit codes: 0 done, 1 failed, 2 wrong usage, 130
Ctrl-C."""
FOUR = ["printed", "mended", "hidden-mended", "output-mended"]


def add_parser(commands: Any, seed: Callable[[str], int]) -> None:
    """Add the subcommand; `seed` parses seeds."""
    parser = commands.add_parser(
        "sweep",
        help="train many networks by right and wrong rules, and report",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(parser=parser)
    add = parser.add_argument
    add("--data", nargs="+", default=["xor"], help="xor, iris, or like random-20x3x2 (xor)")
    add("--hidden", nargs="+", type=int, default=[4], help="hidden units (4)")
    add("--batch-size", nargs="+", type=int, help="samples to an update (all)")
    add("--scale", nargs="+", type=float, default=[1.0], help="of initial weights (1)")
    add(
        "--learning-rate",
        nargs="+",
        type=float,
        default=[0.1, 0.5, 1.0, 5.0],
        help="per unit of summed gradient (0.1 0.5 1 5)",
    )
    add(
        "--rule", nargs="+", choices=list(RULES), default=FOUR, metavar="RULE", help=_choices(RULES)
    )
    add("--epochs", type=int, default=10_000, help="passes over the data (10000)")
    add("--target", type=float, default=0.01, help="half SSE that is a success (0.01)")
    add("--seeds", type=positive, default=100, metavar="N", help="how many (100)")
    add("--seed", type=seed, default=0, help="the first of them (0)")
    add("--executor", choices=list(executors.EXECUTORS), default="processes", help="(processes)")
    add("--workers", type=positive, help="threads or processes (one for each core)")
    add("--scheduler", metavar="ADDRESS", help="of a running Dask scheduler")
    add("--out", type=Path, default=Path("sweep"), metavar="FOLDER", help="for all files (sweep)")
    add("--json", action="store_true", help="print the report as JSON")
    add("--plot", action="store_true", help="draw the outcomes into the folder")


def run(options: argparse.Namespace) -> int:
    """Run the sweep that the options describe, and return an exit code."""
    try:
        work = described(options)
        opened = executors.open_executor(options.executor, options.workers, options.scheduler)
    except ValueError as error:
        options.parser.error(str(error))
    try:
        with opened as executor:
            outcomes = sweep(work, executor, resume=options.out / "outcomes.jsonl")
    except (BrokenExecutor, ValueError) as error:  # the latter: what the file holds
        notes = getattr(error, "__notes__", [])
        print(" ".join([f"autograd-nn sweep: {error}", *notes]), file=sys.stderr)
        return 1
    if options.plot:
        save_plots(outcomes, options.out)
    summaries = report.summarize(outcomes)
    if options.json:
        document = {"digest": digest(outcomes), "summaries": report.to_json(summaries)}
        print(json.dumps(document, indent=2, allow_nan=False))
    else:
        print(report.table(summaries))
        print("\nAt the initial weights, beside the gradient:", report.distance_table(summaries))
        print(f"\n{len(outcomes)} outcomes in {options.out / 'outcomes.jsonl'}")
        print(f"their digest: {digest(outcomes)}")
    sys.stdout.flush()  # so that a full disk is reported here, not lost at exit
    return 0


def save_plots(outcomes: list[Outcome], folder: Path) -> None:
    """Draw the outcomes into PNG files."""
    from autograd_nn.compare.experiments import plots  # noqa: PLC0415 (needs an extra)

    for name, figure in plots.draw(outcomes).items():
        content = BytesIO()
        figure.savefig(content, format="png", dpi=150)
        write(folder / f"{name}.png", content.getvalue())


def described(options: argparse.Namespace) -> list[Case]:
    """Return the cases that the options describe."""
    return cases(
        data=options.data,
        hidden=options.hidden,
        batch_size=options.batch_size,
        scale=options.scale,
        learning_rate=options.learning_rate,
        rule=options.rule,
        epochs=options.epochs,
        target=options.target,
        seed=range(options.seed, options.seed + options.seeds),
    )


def positive(text: str) -> int:
    """Parse a whole number, 1 or more."""
    number = int(text)
    if number < 1:
        message = "it must be 1 or more"
        raise argparse.ArgumentTypeError(message)
    return number


def _choices(names: Any) -> str:
    return f"any of {', '.join(names)} ({' '.join(FOUR)})"
