"""The command line: ``autograd-nn demo``, ``diagnose``, ``graph`` and ``sweep``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import autograd_nn
from autograd_nn import demo, diagnose_file, graph_command, sweep_command
from autograd_nn.errors import AutogradError


class Parser(argparse.ArgumentParser):
    """A parser that ends the program with an exit code of its own where usage is wrong."""

    wrong_usage = 2

    def error(self, message: str) -> NoReturn:
        """Say how the command is used, and what is wrong."""
        self.print_usage(sys.stderr)
        self.exit(self.wrong_usage, f"{self.prog}: error: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    It is 0 for done, 1 for failed, 2 for wrong usage, 130 for Ctrl-C. `diagnose` has its own: 0
    for exact, 1 for wrong, 2 for cannot decide, 3 for bad input and wrong usage.

    >>> main(["demo", "--seed", "-1"])
    Traceback (most recent call last):
        ...
    SystemExit: 2
    """
    options, surplus = parser().parse_known_args(arguments)
    if surplus:
        options.parser.error(f"unrecognized arguments: {' '.join(surplus)}")
    try:
        if options.command == "sweep":
            return sweep_command.run(options)
        if options.command == "graph":
            return graph_command.run(options)
        if options.command == "diagnose":
            return diagnose_file.run(options)
        demo.run(options.seed, options.out)
        sys.stdout.flush()  # so that a full disk is reported here, not lost at exit
    except (AutogradError, OSError) as error:
        print(f"autograd-nn {options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def parser() -> Parser:
    """Build the parser of the command line."""
    top = Parser(
        prog="autograd-nn",
        description="Automatic differentiation over NumPy: read it, check it, see it.",
    )
    top.add_argument("--version", action="version", version=autograd_nn.__version__)
    commands = top.add_subparsers(dest="command", required=True)
    shown = commands.add_parser(
        "demo",
        help="train, compare gradients, show what a mistake costs, draw a step",
        description="Train the tutorial's network, compare its printed and mended gradients with "
        "the automatic one, show what the mistake does to training, and draw one step.",
        epilog="example: autograd-nn demo --seed 3 --out pictures",
    )
    shown.add_argument(
        "--seed", type=diagnose_file.at_least(0), default=0, help="decides all initial weights (0)"
    )
    shown.add_argument(
        "--out", type=Path, default=Path(), metavar="FOLDER", help="for the picture (here)"
    )
    shown.set_defaults(parser=shown)
    judged = commands.add_parser("diagnose", help="say which line of a backward pass is wrong")
    judged.wrong_usage = diagnose_file.BAD_INPUT
    judged.set_defaults(parser=judged)
    diagnose_file.add_arguments(judged)
    graph_command.add_parser(commands, diagnose_file.at_least(0))
    sweep_command.add_parser(commands, diagnose_file.at_least(0))
    return top
