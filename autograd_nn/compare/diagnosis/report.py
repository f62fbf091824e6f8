"""A diagnosis as text, for a terminal."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from autograd_nn.compare.diagnosis.excerpts import MARKS, Status, excerpts, mended
from autograd_nn.compare.diagnosis.mistakes import MISTAKES

if TYPE_CHECKING:
    from autograd_nn.compare.diagnosis.result import Blame, Diagnosis
    from autograd_nn.compare.training import TrainingEffect

WIDTH = 100
RISE = "A point at which a small step along it raises the loss"
_COLOURS = {
    Status.GUILTY: "\x1b[31m",
    Status.CONTAMINATED: "\x1b[33m",
    Status.EXACT: "\x1b[32m",
    Status.PLAIN: "\x1b[2m",
}
_BOLD, _RESET = "\x1b[1m", "\x1b[0m"


def wants_colour(stream: TextIO) -> bool:
    """Tell whether to write in colour: to a terminal, unless NO_COLOR is set (no-color.org)."""
    return (
        stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"
    )


def text(diagnosis: Diagnosis, *, colour: bool = False) -> str:
    """Return the report of a diagnosis, at most 100 columns wide.

    Parameters
    ----------
    diagnosis : Diagnosis
    colour : bool
        Whether to write escape sequences for colours.
    """
    paragraphs = [
        "\n".join(_verdict(diagnosis, colour=colour)),
        *(
            "\n".join(_blame(line, diagnosis.sources.get(line.file, ""), colour=colour))
            for line in diagnosis.blame
        ),
        "\n".join(_code(diagnosis, colour=colour)),
        "\n".join(_counterexample(diagnosis)),
        str(diagnosis.comparison),
        "\n".join(_effects(diagnosis)),
        "\n".join(_wrapped(note, "- ") for note in diagnosis.notes),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def summary(diagnosis: Diagnosis) -> list[str]:
    """Return the sentences that open a report, below its verdict."""
    sentences = [diagnosis.verdict.sentence]
    if diagnosis.factor:
        factors = ", ".join(f"{name} by {factor}" for name, factor in diagnosis.factor.items())
        sentences.append(f"Multiplied, where they should not be: {factors}.")
    if diagnosis.reason:
        sentences.append(diagnosis.reason)
    if counted := _counts(diagnosis):
        sentences.append(counted)
    return sentences


def _counts(diagnosis: Diagnosis) -> str:
    n_guilty, n_fed, n_exact = map(len, (diagnosis.blame, diagnosis.contaminated, diagnosis.exact))
    if not n_guilty:
        return ""
    parts = [f"{_lines(n_guilty)} {'is' if n_guilty == 1 else 'are'} wrong"]
    if n_fed:
        parts.append(f"{_lines(n_fed)} {'is' if n_fed == 1 else 'are'} right but fed wrong values")
    if n_exact:
        parts.append(f"{_lines(n_exact)} {'is' if n_exact == 1 else 'are'} right")
    return f"{'; '.join(parts)}."


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"


def explanation(line: Blame) -> str:
    """Return why a line is wrong: what was found, or at least what its class of mistake means."""
    if line.explanation:
        return line.explanation
    meaning = MISTAKES[line.mistake]
    return f"{meaning[0].upper()}{meaning[1:]}."


def certainty(line: Blame) -> str:
    """Say whether a repair was proved."""
    if line.verified:
        return "verified: every gradient is exact at fresh random points"
    return "not verified"


def values(tree: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the dotted names and short texts of what is in nested mappings and sequences."""
    if isinstance(tree, Mapping):
        for key, item in tree.items():
            yield from values(item, f"{name}.{key}" if name else str(key))
    elif isinstance(tree, (np.ndarray, list, tuple)):
        yield name, np.array2string(np.asarray(tree), 80, 4, separator=", ", threshold=100)
    elif isinstance(tree, float):
        yield name, f"{tree:.6g}"
    else:
        yield name, str(tree)


def _verdict(diagnosis: Diagnosis, *, colour: bool) -> Iterator[str]:
    title = diagnosis.verdict.name.replace("_", " ")
    yield f"{_BOLD}{title}{_RESET}" if colour else title
    yield _wrapped(" ".join(summary(diagnosis)), "")


def _blame(line: Blame, source: str, *, colour: bool) -> Iterator[str]:
    head = f"{line.file}:{line.line}: {line.mistake}"
    mark = f"{MARKS[Status.GUILTY]} "
    yield mark + (f"{_BOLD}{_COLOURS[Status.GUILTY]}{head}{_RESET}" if colour else head)
    yield _wrapped(explanation(line), "  ")
    if change := mended(line, source):
        for sign, status, rows in zip("-+", (Status.GUILTY, Status.EXACT), change, strict=True):
            for row in textwrap.dedent("\n".join(rows)).splitlines():
                yield from _hanging(f"  {sign} ", row, _COLOURS[status] if colour else "")
    if line.repair and (not change or line.repair.startswith("replace")):
        yield _wrapped(f"Repair: {line.repair}", "  ")
    if line.repair:
        yield f"  ({certainty(line)})"
    for tie in line.ties:
        yield _wrapped(f"As good: {tie}", "  ")


def _code(diagnosis: Diagnosis, *, colour: bool) -> Iterator[str]:
    shown = excerpts(diagnosis)
    for position, excerpt in enumerate(shown):
        if not position or excerpt.file != shown[position - 1].file:
            yield f"{excerpt.file}  (✗ wrong, ~ right but fed wrong values, ✓ right)"
        elif excerpt.lines[0][0] > shown[position - 1].lines[-1][0] + 1:
            yield "    ..."
        digits = max(4, len(str(excerpt.lines[-1][0])))
        for number, status, code in excerpt.lines:
            prefix = f"{MARKS[status]} {number:{digits}}  "
            yield from _hanging(prefix, code, _COLOURS[status] if colour else "")


def _counterexample(diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.counterexample is None:
        return
    yield f"{RISE} (rounded here, in full in the JSON):"
    pairs = list(values(diagnosis.counterexample))
    widest = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        indent = " " * (widest + 4)
        yield f"  {name:{widest}}  {textwrap.indent(value, indent).lstrip()}"


def effect_cells(effects: Sequence[TrainingEffect]) -> list[list[str]]:
    """Return the header and every row of the table of effects as texts."""
    rows = [
        [
            effect.rule,
            f"{effect.successes} of {effect.runs}",
            "{:.0%} to {:.0%}".format(*effect.interval),
            f"{effect.median_epochs:.0f}" if effect.successes else "-",
            f"{effect.raised:.1%}",
        ]
        for effect in effects
    ]
    return [["training", "successes", "95% interval", "median epochs", "steps uphill"], *rows]


def _effects(diagnosis: Diagnosis) -> Iterator[str]:
    if not diagnosis.effects:
        return
    rows = effect_cells(diagnosis.effects)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells])


def _hanging(prefix: str, content: str, colour: str) -> Iterator[str]:
    """Break a line of code that is too long, aligned below where it begins."""
    indent = content[: len(content) - len(content.lstrip())]
    rows = textwrap.wrap(
        content,
        WIDTH - len(prefix),
        subsequent_indent=f"{indent}    ",
        drop_whitespace=True,
        break_on_hyphens=False,
    ) or [""]
    for position, row in enumerate(rows):
        line = (prefix if not position else " " * len(prefix)) + row
        yield f"{colour}{line.rstrip()}{_RESET}" if colour else line.rstrip()


def _wrapped(sentence: str, indent: str) -> str:
    return textwrap.fill(
        sentence,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
