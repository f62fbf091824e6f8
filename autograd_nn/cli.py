"""The command line: ``autograd-nn`` and the name of a command, which is imported and run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from autograd_nn import __version__
from autograd_nn.commands.common import EXIT_CODES, Parser, guarded

COMMANDS = {
    "demo": "train, compare gradients, show what a mistake costs, draw a step",
    "train": "train a network on a data set or a file, or go on with one",
    "compare": "set automatic, printed, mended and numerical gradients side by side",
    "diagnose": "say which line of a backward pass is wrong",
    "graph": "draw a training step, or write a page to step through it",
    "sweep": "train many networks by right and wrong rules, and report",
    "doctor": "say what is installed, what is missing, and whether it works",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; `docs/commands.md` lists them.

    >>> main(["demo", "--seed", "-1"])
    Traceback (most recent call last):
        ...
    SystemExit: 2
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] not in COMMANDS:
        return guarded(Parser(prog="autograd-nn"), lambda parser: no_command(parser, given))
    name, *rest = given
    return guarded(Parser(prog=f"autograd-nn {name}"), lambda parser: run(name, parser, rest))


def run(name: str, parser: Parser, arguments: list[str]) -> int:
    """Run a command."""
    command = import_module(f"autograd_nn.commands.{name}")
    command.add_arguments(parser)
    code: int = command.run(parser.parse_args(arguments), parser)
    return code


def no_command(parser: Parser, arguments: list[str]) -> int:
    """Answer ``--help`` or ``--version``, or say what is wrong: no command comes first."""
    parser.description = "Automatic differentiation over NumPy: read it, check it, see it."
    lines = [f"  {name:10}{what}" for name, what in COMMANDS.items()]
    about = "COMMAND --help says more of each, with an example."
    parser.epilog = "\n".join(["commands:", *lines, "", about, EXIT_CODES])
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of those below")
    parser.parse_args(arguments)
    parser.error("the command comes first, its options after it")
