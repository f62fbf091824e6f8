"""Reading labelled samples from a file of one's own."""

from __future__ import annotations

import csv
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from zipfile import BadZipFile

import numpy as np

from autograd_nn.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Row = tuple[int, list[str]]  # the number of its line, its cells
LEAST_COLUMNS = 2  # a feature and the label


class Samples:
    """What a file holds: numbers, a label for each row of them, names of the columns."""

    def __init__(
        self, features: NDArray[np.float64], labels: Sequence[str], names: Sequence[str]
    ) -> None:
        self.features, self.labels, self.names = features, labels, names


def read_samples(path: str | os.PathLike[str]) -> Samples:
    """Read a CSV or NPZ file, by its ending; raise DataError if it is none with labels."""
    where = Path(path)
    read = read_npz if where.suffix.lower() == ".npz" else read_csv
    samples = read(where)
    if not len(samples.labels):
        refuse(where, "it holds no samples; give lines of features and a label")
    bad = np.argwhere(~np.isfinite(samples.features))
    if len(bad):
        row, column = bad[0] + 1
        refuse(where, f"sample {row} has {samples.features[tuple(bad[0])]} as feature {column}")
    return samples


def read_csv(path: Path) -> Samples:
    """Read lines of comma-separated cells; names of columns may come first."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            rows = [(lines.line_num, [cell.strip() for cell in row]) for row in lines]
    except (UnicodeDecodeError, csv.Error) as error:
        refuse(path, f"it is no CSV file in UTF-8 ({error})")
    rows = [row for row in rows if row[1] not in ([], [""]) and not row[1][0].startswith("#")]
    names: list[str] = []
    if rows and not any(map(is_number, rows[0][1][:-1])):
        names = rows.pop(0)[1]
    width = len(names or rows[0][1]) if rows else LEAST_COLUMNS
    if width < LEAST_COLUMNS:
        refuse(path, "it has one column; separate features, and the label after them, by commas")
    features = np.array([numbers(path, row, width) for row in rows], dtype=np.float64)
    labels = [cells[-1] for _, cells in rows]
    return Samples(features, labels, names[:-1] or column_names(width))


def numbers(path: Path, row: Row, width: int) -> list[float]:
    """Return the features of a row of a CSV file."""
    line, cells = row
    if len(cells) != width:
        refuse(path, f"line {line} has {len(cells)} cells, those before have {width}; mend it")
    for i, cell in enumerate(cells):
        is_label = i == width - 1
        if not cell or not (is_label or is_number(cell)):
            what = f"{cell!r}, which is no number" if cell else "nothing"
            way = "every feature must be a number: leave the column out, or code it as numbers"
            if not cell:
                way = "fill it in, or leave the line out"
            refuse(path, f"line {line} has {what}, in column {i + 1}; {way}")
    return [float(cell) for cell in cells[:-1]]


def read_npz(path: Path) -> Samples:
    """Read the one array of an NPZ file."""
    try:
        with path.open("rb") as file:
            found: Any = np.load(file, allow_pickle=False)
            names = getattr(found, "files", [])  # an NPY file has none
            array = found[names[0]] if len(names) == 1 else None
    except (ValueError, EOFError, BadZipFile, zlib.error, MemoryError) as error:
        refuse(path, f"it cannot be read as NPZ ({error})")
    if array is None:
        refuse(path, "it is no NPZ file of one array; save one, the labels as its last column")
    if array.ndim != 2 or array.shape[1] < LEAST_COLUMNS or array.dtype.kind not in "biuf":  # noqa: PLR2004 (rows, columns)
        refuse(path, f"it holds {array.dtype} of shape {array.shape}; give numbers, a sample a row")
    labels = [f"{label:.17g}" for label in array[:, -1]]
    return Samples(array[:, :-1].astype(np.float64), labels, column_names(array.shape[1]))


def classes_of(
    path: str | os.PathLike[str], labels: Sequence[str]
) -> tuple[tuple[str, ...], list[int]]:
    """Return the classes, in order, and the class of each label.

    Labels that are numbers are ordered by value, and are the same class if they are equal, such as
    1 and 1.0; others are texts.
    """
    keys: Sequence[Any] = labels
    if all(map(is_number, labels)):
        keys = [float(label) for label in labels]
        broken = [label for label, key in zip(labels, keys, strict=True) if not key.is_integer()]
        if broken:
            refuse(Path(path), f"label {min(broken)} is no class; give whole numbers, or names")
    spelling = dict(zip(reversed(keys), reversed(labels), strict=True))  # as it comes first
    if len(spelling) < 2:  # noqa: PLR2004 (one is nothing to learn)
        refuse(Path(path), f"all samples have the label {labels[0]}; give two classes at least")
    numbers_of = {key: i for i, key in enumerate(sorted(spelling))}
    return tuple(spelling[key] for key in numbers_of), [numbers_of[key] for key in keys]


def is_number(text: str) -> bool:
    """Tell whether a cell is a number, NaN and infinity included."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def column_names(width: int) -> list[str]:
    """Name the features of a file that does not."""
    return [f"column {i + 1}" for i in range(width - 1)]


def refuse(path: Path, reason: str) -> NoReturn:
    """Say what is wrong with a file."""
    message = f"datasets.read: {path}: {reason}"
    raise DataError(message)
