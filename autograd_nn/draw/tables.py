"""Arrays as a few cells: rounded numbers, and how hot each is."""

from __future__ import annotations

from math import floor, isfinite, log10, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
MOST_ROWS, MOST_COLUMNS = 6, 6
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Cell(NamedTuple):
    """A number as text; `heat` from -1 to 1 colours it, None marks a word; `alarm`: nan or inf."""

    text: str
    heat: float | None = 0.0
    alarm: bool = False


class Table(NamedTuple):
    """Rows of cells, the power of ten that is taken out of them, and what is wrong with them."""

    rows: list[list[Cell]]
    exponent: int = 0
    alarm: str = ""
    is_whole: bool = True  # or else its rows are statistics

    @property
    def scale(self) -> str:
        """The power of ten in writing; nothing for 10⁰."""
        return f"{TIMES}10" + str(self.exponent).translate(SUPERSCRIPTS) if self.exponent else ""


def tabulate(array: NDArray[Any]) -> Table:
    """Make the numbers of a small array, or the statistics of a larger one, cells to read.

    >>> import numpy as np
    >>> table = tabulate(np.array([[0.01, 0.0205]]))
    >>> [cell.text for row in table.rows for cell in row], table.scale[1:]
    (['10.0', '20.5'], '10⁻³')
    >>> [[cell.text for cell in row] for row in tabulate(np.arange(100.0)).rows]
    [['min', '0'], ['mean', '49.5'], ['max', '99.0'], ['norm', '573']]
    """
    if not array.size:
        return Table([])
    grid = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    labels: list[str] = []
    if grid.shape[0] > MOST_ROWS or grid.shape[1] > MOST_COLUMNS:
        labels, grid = statistics(array)
    peak = largest(grid[:-1] if len(labels) > 1 else grid)  # the norm is of another kind
    exponent = 0 if array.dtype.kind in "bu" else common_exponent(peak)
    if array.dtype.kind == "i" and not labels:
        exponent = 0
    decimals = common_decimals(grid[:-1] if len(labels) > 1 else grid, exponent, peak)
    rows = [[cell(x, exponent, peak, decimals) for x in row] for row in grid.tolist()]
    if labels:
        rows = [[Cell(label, None), *row] for label, row in zip(labels, rows, strict=True)]
    return Table(rows, exponent, wrong(array), not labels)


def statistics(array: NDArray[Any]) -> tuple[list[str], NDArray[Any]]:
    """Summarise the entries: their extremes, mean and Euclidean norm."""
    entries = array.astype(np.result_type(array.dtype, np.float64))
    found = {"mean": entries.mean(), "norm": norm(array)}
    if entries.dtype.kind != "c":
        found = {"min": entries.min(), "mean": found["mean"], "max": entries.max()} | found
    return list(found), np.array([*found.values()]).reshape(-1, 1)


def strip(array: NDArray[Any], cells: int = 24) -> list[float]:
    """Average neighbouring entries, in memory order, and measure the heat of each average.

    >>> import numpy as np
    >>> strip(np.array([1.0, 3.0, -4.0, 0.0]), cells=2)
    [1.0, -1.0]
    """
    entries = np.real(array).astype(float).reshape(-1)
    if not entries.size:
        return []
    starts = np.arange(min(cells, entries.size)) * entries.size // min(cells, entries.size)
    entries = np.where(np.isfinite(entries), entries, 0)
    sums = np.add.reduceat(entries, starts) / np.diff([*starts, entries.size])
    peak = float(np.abs(sums).max())
    return [float(x) / peak if peak else 0.0 for x in sums]


def norm(array: NDArray[Any]) -> float:
    """Compute the Euclidean norm of all entries, in double precision."""
    if array.dtype == np.float64:
        entries = array.reshape(-1)
        total = float(entries.dot(entries))
        if 1e-200 < total < 1e200:  # noqa: PLR2004 (nothing has vanished or overflowed)
            return sqrt(total)
        if not total and not entries.any():
            return 0.0
    with np.errstate(all="ignore"):
        return float(np.linalg.norm(np.abs(array).astype(np.float64)))


def largest(grid: NDArray[Any]) -> float:
    """Find the largest finite magnitude; 0 if there is none."""
    sizes = np.abs(grid.astype(np.result_type(grid.dtype, np.float64)))
    return float(sizes[np.isfinite(sizes)].max(initial=0.0))


def common_exponent(peak: float) -> int:
    """Choose the power of ten, a multiple of three, that makes `peak` easy to read."""
    if 0.1 <= peak < 1000 or not 1e-300 < peak < 1e300:  # noqa: PLR2004
        return 0
    return 3 * floor(log10(peak) / 3)


def common_decimals(grid: NDArray[Any], exponent: int, peak: float) -> int | None:
    """Choose how many decimals give `peak` three digits; none for whole numbers."""
    if grid.dtype.kind != "f" or not peak or not 1e-300 < peak < 1e300:  # noqa: PLR2004
        return None
    if peak < 1000 and not np.any(grid[np.isfinite(grid)] % 1):  # noqa: PLR2004
        return 0
    return max(0, 2 - floor(log10(peak / 10.0**exponent)))


def cell(x: Any, exponent: int, peak: float, decimals: int | None) -> Cell:
    """Round one entry and measure its heat."""
    if isinstance(x, bool):
        return Cell(str(x), float(x))
    if isinstance(x, complex):
        sign = "+" if x.imag >= 0 else ""
        scaled = x / 10.0**exponent
        text = f"{number(scaled.real)}{sign}{number(scaled.imag)}i"
        return Cell(text, alarm=not np.isfinite(x))
    if not isfinite(x):
        return Cell(number(x), alarm=True)
    scaled = x / 10.0**exponent if exponent else x
    heat = x / peak if 0 < abs(x) <= peak else 0.0
    if decimals is None or not 0 <= abs(x) <= peak:
        return Cell(number(scaled), heat)
    text = f"{scaled + 0.0:.{decimals}f}"
    if x and not float(text):
        text = number(scaled, digits=1)  # small is not 0
    elif not x:
        text = "0"
    return Cell(text.replace("-", MINUS), heat)


def number(x: float, digits: int = 3) -> str:
    """Write a number to `digits` significant digits, with the true minus sign; integers in full.

    >>> number(0.123456), number(1234567.0), number(1000), number(-0.0)
    ('0.123', '1.23e6', '1000', '0')
    """
    if isinstance(x, int) and abs(x) < 10**6:
        text = str(x)
    else:
        mantissa, e, power = f"{x + 0.0:.{digits}g}".partition("e")
        text = f"{mantissa}e{int(power)}" if e else mantissa
        if e and 0 < int(power) < 6:  # noqa: PLR2004
            text = f"{float(text):.0f}"
    return text.replace("-", MINUS)


def wrong(array: NDArray[Any]) -> str:
    """Say how many entries are nan or infinite; nothing if none are."""
    if array.dtype.kind not in "fc":
        return ""
    counts = {"nan": int(np.isnan(array).sum()), "inf": int(np.isinf(array).sum())}
    found = [f"{count} {word}" for word, count in counts.items() if count]
    return f"not finite: {', '.join(found)} of {array.size}" if found else ""
