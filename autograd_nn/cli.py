"""The command line: ``autograd-nn demo``, ``autograd-nn sweep``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import autograd_nn
from autograd_nn import demo, sweep_command
from autograd_nn.errors import AutogradError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 Ctrl-C.

    >>> main(["demo", "--seed", "-1"])
    Traceback (most recent call last):
        ...
    SystemExit: 2
    """
    options = parser().parse_args(arguments)
    try:
        if options.command == "sweep":
            return sweep_command.run(options)
        demo.run(options.seed, options.out)
        sys.stdout.flush()  # so that a full disk is reported here, not lost at exit
    except (AutogradError, OSError) as error:
        print(f"autograd-nn {options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Build the parser of the command line."""
    top = argparse.ArgumentParser(
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
    shown.add_argument("--seed", type=seed, default=0, help="decides all initial weights (0)")
    shown.add_argument(
        "--out", type=Path, default=Path(), metavar="FOLDER", help="for the picture (here)"
    )
    sweep_command.add_parser(commands, seed)
    return top


def seed(text: str) -> int:
    """Parse a seed: a whole number, 0 or more."""
    number = int(text)
    if number < 0:
        message = "a seed is 0 or more"
        raise argparse.ArgumentTypeError(message)
    return number
