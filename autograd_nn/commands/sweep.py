"""``autograd-nn sweep``: train many networks by right and wrong rules, and report."""

from __future__ import annotations

import argparse
from concurrent.futures import BrokenExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

from autograd_nn.commands.common import (
    DONE,
    EXIT_CODES,
    FAILED,
    Parser,
    add_common_arguments,
    at_least,
    complain,
    print_json,
    write,
)
from autograd_nn.compare.experiments import executors, report
from autograd_nn.compare.experiments.cases import Case, cases
from autograd_nn.compare.experiments.outcome import Outcome, digest
from autograd_nn.compare.experiments.rules import RULES
from autograd_nn.compare.experiments.sweeping import sweep

DESCRIPTION = """\
Train the tutorial's network from many seeds, by its printed rule, by the mended one and by others,
and report how often each succeeds, how fast, and how far it is from the gradient.  Without options:
XOR, 2-4-1, 10,000 epochs, 100 seeds, four learning rates, the four ways to mend two lines.
Options that take several values are combined in every way."""
EPILOG = f"""\
example: autograd-nn sweep --rule printed mended --scale 1 5 --seeds 9 --epochs 500 --out scales
on MPI:  mpiexec -n 8 autograd-nn sweep --executor mpi

Outcomes are lines of FOLDER/outcomes.jsonl, written as soon as they are known; the same command
goes on from there after Ctrl-C or a crash.
{EXIT_CODES}"""
FOUR = ["printed", "mended", "hidden-mended", "output-mended"]


def add_arguments(parser: Parser) -> None:
    """Add the options of the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
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
    add("--seeds", type=at_least(1), default=100, metavar="N", help="how many (100)")
    add("--executor", choices=list(executors.EXECUTORS), default="processes", help="(processes)")
    add("--workers", type=at_least(1), help="threads or processes (one for each core)")
    add("--scheduler", metavar="ADDRESS", help="of a running Dask scheduler")
    add("--plot", action="store_true", help="draw the outcomes into the folder")
    add_common_arguments(
        parser,
        seed="the first of the seeds",
        out="for all files (sweep)",
        metavar="FOLDER",
        type=Path,
        default=Path("sweep"),
    )


def run(options: argparse.Namespace, parser: Parser) -> int:
    """Run the sweep that the options describe."""
    journal = options.out / "outcomes.jsonl"
    try:
        work = described(options)
        opened = executors.open_executor(options.executor, options.workers, options.scheduler)
    except ValueError as error:
        parser.error(str(error))
    try:
        with opened as executor:
            outcomes = sweep(work, executor, resume=journal)
        tell(outcomes, journal, options)
    except (BrokenExecutor, ValueError) as error:  # the latter: what the file holds
        complain(parser, str(error), error)
        return FAILED
    except KeyboardInterrupt as stop:
        if journal.exists():
            n_kept = journal.read_bytes().count(b"\n")
            stop.add_note(f"{journal} keeps {n_kept} outcomes; the same command goes on from there")
        raise
    return DONE


def tell(outcomes: list[Outcome], journal: Path, options: argparse.Namespace) -> None:
    """Print what came out, and draw it if that was asked for."""
    plots = save_plots(outcomes, options.out) if options.plot else []
    summaries = report.summarize(outcomes)
    if options.json:
        found = report.to_json(summaries)
        print_json(written=[str(journal), *plots], digest=digest(outcomes), summaries=found)
    else:
        print(report.table(summaries))
        print("\nAt the initial weights, beside the gradient:", report.distance_table(summaries))
        print(f"\n{len(outcomes)} outcomes in {journal}")
        print(f"their digest: {digest(outcomes)}")
        for plot in plots:
            print(f"written to {plot}")


def save_plots(outcomes: list[Outcome], folder: Path) -> list[str]:
    """Draw the outcomes into PNG files, and return their names."""
    from autograd_nn.compare.experiments import plots  # noqa: PLC0415 (needs an extra)

    written = []
    for name, figure in plots.draw(outcomes).items():
        content = BytesIO()
        figure.savefig(content, format="png", dpi=150)
        written.append(write(folder / f"{name}.png", content.getvalue()))
    return written


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


def _choices(names: Any) -> str:
    return f"any of {', '.join(names)} ({' '.join(FOUR)})"
