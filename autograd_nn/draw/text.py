"""Text in a picture: how wide it is, what must not be in it, how it is shortened.

Widths are those of DejaVu Sans, about those of Verdana; other fonts are narrower.  They stand
here, so that a picture is the same bytes wherever it is made.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

FAMILY = "'DejaVu Sans',Verdana,Geneva,sans-serif"
FORBIDDEN = re.compile(
    "[\x00-\x20\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+"
)
ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # in XML
CACHED = 4096  # of a large graph most words come again
LONGEST_NAME = 40
# hundredths of the font size, from the space to the tilde
REGULAR = (
    "32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 "
    "53 100 68 69 70 77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 "
    "84 50 50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 "
    "64 84"
)
BOLD = (
    "35 46 52 84 70 100 87 31 46 46 52 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 "
    "58 100 77 76 73 83 68 68 82 84 37 37 77 64 100 84 85 73 85 77 72 68 81 77 110 77 72 73 46 37 "
    "46 84 50 50 67 72 59 72 68 44 72 71 34 34 67 34 104 71 69 72 72 49 60 48 71 65 92 65 65 58 71 "
    "37 71 84"
)
SYMBOLS = {"∂": 54, "Σ": 68, "·": 38, "ᵀ": 43, "⁻": 53, "…": 100} | dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹", 44)


class Widths(dict[str, int]):
    """The widths of the characters of a font."""

    def __missing__(self, char: str) -> int:
        """Guess that of another: nothing for what combines, wide for East Asia."""
        if unicodedata.combining(char):
            return 0
        return 130 if unicodedata.east_asian_width(char) in "WF" else 84


WIDTHS = {
    bold: Widths(SYMBOLS | {chr(32 + i): int(w) for i, w in enumerate(table.split())})
    for bold, table in ((False, REGULAR), (True, BOLD))
}


@lru_cache(maxsize=CACHED)
def width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a line of text, in the units of `size`.

    >>> width("loss", 10), width("loss", 10, bold=True)
    (19.3, 22.3)
    """
    return sum(map(WIDTHS[bold].__getitem__, text)) * size / 100


@lru_cache(maxsize=CACHED)
def clean(text: str, longest: int = LONGEST_NAME) -> str:
    r"""Drop what must not be in XML or would turn the direction of writing; shorten.

    >>> clean("a\x07\nb"), clean("w" * 50, longest=4)
    ('a b', 'www…')
    """
    text = FORBIDDEN.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"


@lru_cache(maxsize=CACHED)
def escape(text: str) -> str:
    """Write text for XML, in elements and in attributes."""
    text = ILLEGAL.sub(" ", text)
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(char, entity)
    return text


def shorten(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Cut text so that it fits into `room`.

    >>> shorten("network.0.weight", 60, 10)
    'network.…'
    """
    if width(text, size, bold=bold) <= room:
        return text
    while text and width(text + "…", size, bold=bold) > room:
        text = text[:-1]
    return text + "…"


def wrap(text: str, room: float, size: float) -> list[str]:
    """Break text into lines of at most `room`; a word that is longer is cut."""
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(shorten(word, room, size))
    return lines
