"""What is said of one parameter of one source, and how a table of it prints."""

import math
import textwrap
from dataclasses import dataclass
from enum import StrEnum

WIDTH = 100
LONGEST_NAME = 20


class Verdict(StrEnum):
    """Say how one gradient of one source relates to the reference."""

    AGREES = "agrees"
    FACTOR = "agrees up to a factor"
    DIFFERS = "differs"
    SHAPE = "shape mismatch"
    MISSING = "missing"
    EXTRA = "not in the reference"
    NOT_FINITE = "not finite"


@dataclass(frozen=True)
class GradientRow:
    """Hold what was measured for one parameter of one source.

    Attributes
    ----------
    source, parameter : str
        Where the gradient came from, and the dotted name of its parameter.
    verdict : Verdict
        The judgement.
    max_relative_error : float
        ``max|g - t| / max(max|t|, max|g|)`` for the gradient g and the reference t; 0 if both are
        zero. NaN, like the next three, where g and t cannot be compared entry by entry.
    cosine : float
        Cosine of the angle between g and t (for complex gradients, as vectors of real and
        imaginary parts); NaN if one of them is zero.
    norm_ratio : float
        ``|g| / |t|``; infinite if only t is zero, NaN if both are.
    wrong_sign : float
        Share of entries whose sign is wrong, among those above rounding noise in both g and t.
    factor : float or None
        The constant c with ``g = c t``: 1 where they agree, None where no constant fits.
    note : str
        One sentence on what is wrong; empty where they agree.
    """

    source: str
    parameter: str
    verdict: Verdict
    max_relative_error: float = math.nan
    cosine: float = math.nan
    norm_ratio: float = math.nan
    wrong_sign: float = math.nan
    factor: float | None = None
    note: str = ""


_HEADER = (
    ("", "", "max rel.", "", "norm", "wrong", ""),
    ("source", "parameter", "error", "cosine", "ratio", "sign", "verdict"),
)
_NUMBER_COLUMNS = range(2, 6)


def cells_of(rows: tuple[GradientRow, ...]) -> list[list[str]]:
    """Return the header and every row as texts."""
    header = [f"{above} {below}".strip() for above, below in zip(*_HEADER, strict=True)]
    return [header, *map(row_cells, rows)]


def row_cells(row: GradientRow) -> list[str]:
    """Return one row as texts."""
    verdict = row.verdict.value
    if row.verdict is Verdict.FACTOR:
        verdict = f"factor x {row.factor:.4g}"
    return [
        row.source,
        row.parameter,
        number(row.max_relative_error, ".1e"),
        number(row.cosine, ".5f"),
        number(row.norm_ratio, ".4g"),
        number(row.wrong_sign, ".1%"),
        verdict,
    ]


def number(value: float, form: str) -> str:
    """Format a number; a dash for NaN."""
    if math.isnan(value):
        return "-"
    return "0" if value == 0 and form == ".1e" else format(value, form)


def table(rows: tuple[GradientRow, ...]) -> list[str]:
    """Return the lines of an aligned table."""
    body = [row_cells(row) for row in rows]
    for cells in body:
        cells[:2] = [shorten(name, LONGEST_NAME) for name in cells[:2]]
    lines = [*_HEADER, *body]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if column in _NUMBER_COLUMNS else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
        for cells in lines
    ]


def shorten(name: str, width: int) -> str:
    """Cut the middle out of a long name; the notes give it in full."""
    if len(name) <= width:
        return name
    kept = width - 3
    return f"{name[: kept // 3]}...{name[-(kept - kept // 3) :]}"


def notes(rows: tuple[GradientRow, ...]) -> list[str]:
    """Return the sentences of the rows that have one, wrapped."""
    return [
        textwrap.fill(
            f"- {row.note}",
            WIDTH,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for row in rows
        if row.note
    ]
