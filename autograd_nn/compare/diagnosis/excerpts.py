"""The lines of the user's code that a report shows, each with what was found of it."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd_nn.compare.diagnosis.result import Blame, CodeLine, Diagnosis


class Status(StrEnum):
    """Say what was found of a line."""

    GUILTY = "guilty"
    CONTAMINATED = "contaminated"
    EXACT = "exact"
    PLAIN = "plain"  # nothing was found of it: a header, a comment, a part of a longer line


MARKS = {Status.GUILTY: "✗", Status.CONTAMINATED: "~", Status.EXACT: "✓", Status.PLAIN: " "}


@dataclass(frozen=True)
class Excerpt:
    """Hold consecutive lines of one file: their numbers, statuses and texts."""

    file: str
    lines: tuple[tuple[int, Status, str], ...]


def statuses(diagnosis: Diagnosis) -> dict[str, dict[int, tuple[Status, CodeLine]]]:
    """Return what was found, by file and line; the worst that is said of a line counts."""
    found: dict[str, dict[int, tuple[Status, CodeLine]]] = {}
    for status, lines in (
        (Status.EXACT, diagnosis.exact),
        (Status.CONTAMINATED, diagnosis.contaminated),
        (Status.GUILTY, diagnosis.blame),
    ):
        for line in lines:
            found.setdefault(line.file, {})[line.line] = status, line
    return found


def excerpts(diagnosis: Diagnosis) -> list[Excerpt]:
    """Return the functions that contain lines of which something was found.

    Where a file's text is not known, each of its lines is an excerpt of its own.
    """
    collected = []
    for file, of_file in statuses(diagnosis).items():
        texts = diagnosis.sources.get(file, "").splitlines()
        if max(of_file) > len(texts):
            collected += [
                Excerpt(file, ((number, status, line.code),))
                for number, (status, line) in sorted(of_file.items())
            ]
            continue
        for first, last in _passages(diagnosis.sources[file], sorted(of_file)):
            rows = [
                (
                    number,
                    of_file[number][0] if number in of_file else Status.PLAIN,
                    texts[number - 1].expandtabs(4).rstrip(),
                )
                for number in range(first, last + 1)
            ]
            collected.append(Excerpt(file, tuple(rows)))
    return collected


def _passages(source: str, numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last lines of the functions around `numbers`, joined where they meet."""
    functions = list(_functions(source))
    spans = []
    for number in numbers:
        around = [span for span in functions if span[0] <= number <= span[1]]
        spans.append(max(around, default=(number, number)))  # the innermost
    spans.sort()
    first, last = spans[0]
    for start, end in spans[1:]:
        if start > last + 3:  # between functions there are two empty lines
            yield first, last
            first = start
        last = max(last, end)
    yield first, last


def _functions(source: str) -> Iterator[tuple[int, int]]:
    for node in statements(source):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno or node.lineno


def mended(line: Blame, source: str) -> tuple[list[str], list[str]] | None:
    """Return a guilty statement as it is and as its repair would have it.

    Returns
    -------
    before, after : lists of str
        Whole lines; None if the repair cannot be written as one statement.
    """
    around = [
        node
        for node in statements(source)
        if node.lineno <= line.line <= (node.end_lineno or node.lineno)
    ]
    if around:
        innermost = max(around, key=lambda node: (node.lineno, node.col_offset))
        before = source.splitlines()[innermost.lineno - 1 : innermost.end_lineno]
    else:
        before = [line.code]
    indent = before[0][: len(before[0]) - len(before[0].lstrip())]
    after = _statement(line.repair or "", textwrap.dedent("\n".join(before)))
    return (before, textwrap.indent(after, indent).splitlines()) if after else None


def _statement(repair: str, before: str) -> str:
    """Return the statement that a repair asks for; empty if it is not that simple."""
    if change := re.match(r"replace `(?P<old>[^`]+)` by `(?P<new>[^`]+)`", repair):
        whole = rf"(?<![\w.]){re.escape(change['old'])}(?![\w])"
        if len(re.findall(whole, before)) != 1:
            return ""
        return re.sub(whole, lambda _: change["new"], before)
    whole_line = re.match(r"write `(?P<statement>[^`]+)`", repair)
    statement = whole_line["statement"] if whole_line else repair
    return statement if statements(statement) else ""


def statements(source: str) -> list[ast.stmt]:
    """Return all statements of a text, at any depth; none if it is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the user's string literals
            tree = ast.parse(source)
    except SyntaxError:
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
