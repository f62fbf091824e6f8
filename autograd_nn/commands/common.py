"""What all commands have in common: options, exit codes, what is printed and written, Ctrl-C."""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NoReturn

from autograd_nn.errors import AutogradError
from autograd_nn.files import write_durably
from autograd_nn.strict import strict

DONE, FAILED, WRONG_USAGE, STOPPED, CLOSED = 0, 1, 2, 130, 141
EXIT_CODES = """\
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 Ctrl-C, 141 whoever read the output has left."""


class Parser(argparse.ArgumentParser):
    """A parser of one command; its exit codes can be others than those of most."""

    failed, wrong_usage = FAILED, WRONG_USAGE

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        """Say how the command is used, and what is wrong."""
        self.print_usage(sys.stderr)
        self.exit(self.wrong_usage, f"{self.prog}: error: {message}\n")


def publish(report: str, fields: dict[str, Any], written: Iterable[str], *, as_data: bool) -> None:
    """Print what was found out, a text or its fields as JSON, and which files were written."""
    if as_data:
        print_json(written=[*written], **fields)
    else:
        print(report, *(f"written to {path}" for path in written), sep="\n")


def write_report(report: str, fields: dict[str, Any], paths: Iterable[Path]) -> list[str]:
    """Write a report to files that end in .txt or .json; return their names."""
    as_text = {".json": as_json(fields)}
    return [write(path, as_text.get(path.suffix.lower(), report) + "\n") for path in paths]


def add_common_arguments(
    parser: Parser, *, seed: str, out: str, metavar: str, **options: Any
) -> None:
    """Add what every command has: --seed, --json, --out, explained by the texts given.

    Further options are those of --out.
    """
    parser.set_defaults(seed=0)
    add = parser.add_argument
    add("--seed", type=at_least(0), metavar="N", help=f"{seed} (0)")
    add("--json", action="store_true", help="print JSON and nothing else; progress goes to stderr")
    add("-o", "--out", metavar=metavar, help=out, **options)


def at_least(least: int) -> Callable[[str], int]:
    """Make the parser of a whole number that is not too small.

    >>> at_least(1)("7")
    7
    """

    def whole_number(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            message = f"{text!r} is no whole number"
            raise argparse.ArgumentTypeError(message) from None
        if number < least:
            message = f"{text} is too small; give {least} or more"
            raise argparse.ArgumentTypeError(message)
        return number

    return whole_number


def between(low: float, high: float, what: str) -> Callable[[str], float]:
    """Make the parser of a number between two others; errors call it `what`.

    >>> between(0, 1, "share")("0.25")
    0.25
    """

    def number(text: str) -> float:
        with suppress(ValueError):
            if low < float(text) < high:
                return float(text)
        message = f"{text!r} is no {what}"
        raise argparse.ArgumentTypeError(message)

    return number


positive = between(0, inf, "positive, finite number")


def ending_in(kinds: Sequence[str]) -> Callable[[str], Path]:
    """Make the parser of a file's name, whose ending says what it is to hold.

    >>> ending_in(["json", "txt"])("report.json").name
    'report.json'
    """

    def file(text: str) -> Path:
        path = Path(text)
        if path.suffix.lower().removeprefix(".") not in kinds:
            endings = ", ".join(f".{kind}" for kind in kinds)
            message = f"{path.name} ends in none of {endings}"
            raise argparse.ArgumentTypeError(message)
        return path

    return file


def guarded(parser: Parser, work: Callable[[Parser], int]) -> int:
    """Do a command's work; make of what goes wrong a sentence on stderr and an exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where signs such as ✗ cannot be encoded
    try:
        try:
            return work(parser)
        finally:
            flush()
    except BrokenPipeError:
        return CLOSED
    except KeyboardInterrupt as stop:
        complain(parser, "stopped", stop)
        return STOPPED
    except OSError as error:
        place = f"{os.fspath(error.filename)}: " if error.filename else ""
        complain(parser, f"{place}{error.strerror or error}", error)
    except MemoryError as error:
        complain(parser, f"there is not enough memory; make it smaller ({error})", error)
    except AutogradError as error:
        complain(parser, str(error), error)
    return parser.failed


def complain(parser: Parser, sentence: str, error: BaseException | None = None) -> None:
    """Print a sentence on standard error, and what was noted of an exception: what was kept."""
    sentence = sentence.removeprefix(f"{parser.prog.split()[-1]}: ")  # it is said already
    sentences = [sentence, *getattr(error, "__notes__", [])]
    print(f"{parser.prog}: {'; '.join(sentences)}", file=sys.stderr)


def flush() -> None:
    """Write out what was printed; where that fails, give it up, or Python would fail at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise


def print_json(**fields: Any) -> None:
    """Print an object of strict JSON: NaN and infinity are texts that ``float`` reads."""
    print(as_json(fields))


def as_json(fields: Any) -> str:
    """Spell strict JSON."""
    return json.dumps(strict(fields), indent=2, allow_nan=False)


def write(path: Path, content: str | bytes) -> str:
    """Write a file, whole or not at all; return its name."""
    data = content.encode() if isinstance(content, str) else content
    write_durably(path, [data])
    return str(path)


def check_writable(folder: Path) -> None:
    """Fail now, rather than after the work, if nothing can be written to a folder."""
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(folder)) from error


@contextmanager
def first_ctrl_c(noted: Callable[[], Any]) -> Iterator[None]:
    """Call `noted` at the first Ctrl-C, and let the second one stop the work at once."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return

    def handle(_number: int, _frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        noted()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
