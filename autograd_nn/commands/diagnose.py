"""The command ``autograd-nn diagnose``: run a file apart from us, judge it, print the report.

The file is run in a process of its own, with a time limit, so that neither an endless loop nor a
crash is ours. That process is given the options as JSON on its standard input, and answers with
JSON; what the file itself prints goes to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograd_nn.commands.common import (
    STOPPED,
    Parser,
    add_common_arguments,
    at_least,
    print_json,
    write,
)
from autograd_nn.compare.diagnosis import Diagnosis, DiagnosisVerdict, diagnose
from autograd_nn.compare.diagnosis.dumps import judge_gradients, read_dump
from autograd_nn.compare.diagnosis.effect import repair_effects
from autograd_nn.compare.diagnosis.loading import load
from autograd_nn.compare.diagnosis.losses import LOSSES, meaning
from autograd_nn.compare.diagnosis.report import text, wants_colour
from autograd_nn.compare.diagnosis.subject import forward_and_loss_of, subject_of
from autograd_nn.errors import DiagnosisInputError

EXACT, WRONG, UNDECIDED, BAD_INPUT = range(4)
DESCRIPTION = """\
Say whether a hand-written backward pass is right and, if not, which line is wrong, which mistake
it is, and what to write instead.

FILE is run: do not diagnose a file that you would not run. It runs in a process of its own, with a
time limit, and its __name__ is not "__main__". FILE is a Python program, or a .md or .txt file
whose blocks marked ```python are joined; lines keep their numbers."""
EPILOG = f"""\
The passes are found by their names (forward, forward_propagation, ...; backward, backprop, ...),
as functions, as methods of a class, or as the pair layer_forward, layer_backward. Arguments are
matched by name: the backward pass takes arguments and results of the forward pass, targets (y, t,
target, ...), a learning rate (lr, learning_rate, ...). Parameters and data are the file's own
variables, or what its initialize... function makes, or what make_problem(rng) returns: (params,
inputs, targets).

Losses to choose from, if the file defines none:
{chr(10).join(f"  {name:18}  {meaning(name)}" for name in LOSSES)}
Without --loss it is the one for which most gradients are right, else half-sse; the report says it.

Exit codes: 0 exact, 1 wrong (a constant factor included), 2 cannot decide, 3 bad input or usage,
130 Ctrl-C, 141 whoever read the output has left.

example: autograd-nn diagnose tutorial.md
example: autograd-nn diagnose net.py --forward Net.forward --backward Net.backward --loss mse
example: autograd-nn diagnose net.py --gradients dump.json --out report.html"""


def add_arguments(parser: Parser) -> None:
    """Add the options of the command."""
    parser.failed = parser.wrong_usage = BAD_INPUT
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("file", metavar="FILE", help="it is run")
    parser.add_argument("--forward", metavar="NAME", help="function, or Class.method")
    parser.add_argument("--backward", metavar="NAME", help="function, or Class.method")
    parser.add_argument("--loss", metavar="NAME", help="function, or one of those below")
    parser.add_argument("--returns", choices=["grads", "update"], help="what backward does")
    parser.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="NAME=ROLE",
        help="what an argument or a returned value is: inputs, targets, output, cache, params, lr, "
        "upstream, count",
    )
    parser.add_argument(
        "--lr", type=float, metavar="RATE", help="for an update (1), and for --train (0.1)"
    )
    parser.add_argument(
        "--train",
        type=at_least(1),
        metavar="UPDATES",
        help="also train with every subset of the repairs, for at most so many updates",
    )
    parser.add_argument(
        "--gradients",
        metavar="DUMP",
        help="NPZ or JSON with params, inputs, targets and grads, from any program: judge these, "
        "by FILE's forward pass and loss",
    )
    parser.add_argument(
        "--format",
        choices=["text", "json", "html"],
        help="of the report; by the ending of --out, else text",
    )
    parser.add_argument(
        "--timeout",
        type=at_least(1),
        default=60,
        metavar="SECONDS",
        help="for FILE to finish (60)",
    )
    add_common_arguments(
        parser,
        seed="decides all that is drawn",
        out="write the report there",
        metavar="FILE",
        type=Path,
    )
    parser.add_argument("--output", dest="out", type=Path, help=argparse.SUPPRESS)  # its old name


def run(options: argparse.Namespace, parser: Parser) -> int:
    """Have the file judged in another process; print or write the report."""
    if options.json and options.out is None and options.format not in {None, "json"}:
        parser.error(f"--json prints JSON; give --format {options.format} with --out")
    form = options.format or _form_of(options.out)
    asked = {name: value for name, value in vars(options).items() if name not in {"out", "json"}}
    asked |= {"form": form, "colour": options.out is None and wants_colour(sys.stdout)}
    answer = _answer(asked, options.timeout)
    written = [write(options.out, answer["report"])] if options.out else []
    if options.json:
        print_json(written=written, **answer["found"])
    else:
        print(f"written to {written[0]}" if written else answer["report"])
    code: int = answer["code"]
    return code


def _form_of(out: Path | None) -> str:
    return {".json": "json", ".html": "html", ".htm": "html"}.get(
        out.suffix.lower() if out else "", "text"
    )


def _answer(asked: dict[str, Any], timeout: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "autograd_nn.commands.diagnose"]
    environment = os.environ | {"MPLBACKEND": "Agg"}  # so that no plot waits to be closed
    try:
        done = subprocess.run(  # noqa: S603 (our own command)
            command,
            input=json.dumps(asked),
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = (
            f"{asked['file']} did not finish within {timeout:g} seconds; if it is no endless loop, "
            "give it more with --timeout"
        )
        raise DiagnosisInputError(message) from None
    if done.returncode or not done.stdout:
        message = f"{asked['file']}: the process that ran it ended with code {done.returncode}"
        raise DiagnosisInputError(message)
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer["code"] == BAD_INPUT:
        raise DiagnosisInputError(answer["report"])
    return answer


def main() -> None:
    """Judge a file in this process, as asked on standard input."""
    asked = json.loads(sys.stdin.read())
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the file prints, by whatever means, goes to standard error
    with contextlib.redirect_stdout(sys.stderr):
        try:
            answer = _spelled(judged(asked), asked["form"], colour=asked["colour"])
        except DiagnosisInputError as error:
            answer = {"code": BAD_INPUT, "report": str(error)}
        except SystemExit as error:
            sentence = f"{asked['file']} ended the program (SystemExit: {error})"
            answer = {"code": BAD_INPUT, "report": sentence}
        except KeyboardInterrupt:  # the parent was told too, and says so
            sys.exit(STOPPED)
    json.dump(answer, answers)
    answers.close()


def judged(asked: dict[str, Any]) -> Diagnosis:
    """Load the file and judge what it defines."""
    sys.path.insert(0, str(Path(asked["file"]).parent))  # as if Python ran the file
    roles = dict(_role(given) for given in asked["role"])
    program = load(asked["file"], seed=asked["seed"])
    named = {name: asked[name] for name in ("forward", "loss")}
    if asked["gradients"]:
        forward, loss, notes = forward_and_loss_of(program, **named, roles=roles)
        diagnosis = judge_gradients(forward, loss, **read_dump(asked["gradients"]))
    else:
        subject = subject_of(
            program,
            **named,
            backward=asked["backward"],
            returns=asked["returns"],
            roles=roles,
            seed=asked["seed"],
        )
        notes = subject.notes
        diagnosis = diagnose(**subject.arguments(), lr=asked["lr"], rng=asked["seed"])
        if asked["train"] and diagnosis.blame:
            rate = 0.1 if asked["lr"] is None else asked["lr"]
            effects = repair_effects(
                diagnosis, **subject.arguments(), lr=rate, epochs=asked["train"]
            )
            diagnosis = replace(diagnosis, effects=tuple(effects))
            note = (
                f"Training: 20 starting points, at most {asked['train']} updates at the learning "
                f"rate {rate:g}; a success is a loss of a tenth of the median at the start."
            )
            notes = (*notes, note)
    return replace(diagnosis, notes=(*diagnosis.notes, *notes))


def _role(given: str) -> tuple[str, str]:
    name, equals, role = given.partition("=")
    if not equals:
        message = f"--role {given}: write it as NAME=ROLE"
        raise DiagnosisInputError(message)
    return name, role


def _code(diagnosis: Diagnosis) -> int:
    if diagnosis.verdict is DiagnosisVerdict.CANNOT_DECIDE:
        return UNDECIDED
    return EXACT if diagnosis.verdict is DiagnosisVerdict.EXACT else WRONG


def _spelled(diagnosis: Diagnosis, form: str, *, colour: bool) -> dict[str, Any]:
    found = diagnosis.to_json()
    if form == "html":
        report = diagnosis.to_html()
    else:
        report = found if form == "json" else text(diagnosis, colour=colour)
    return {"code": _code(diagnosis), "report": report, "found": json.loads(found)}


if __name__ == "__main__":
    main()
