"""One card as SVG: a header, the value, the gradient, what a check says, the line of code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite, log10

from autograd_nn.draw.model import Array, Card, Kind, Status
from autograd_nn.draw.outline import counted, extent
from autograd_nn.draw.tables import Table, number, strip, tabulate
from autograd_nn.draw.text import CACHED, clean, escape, shorten, width, wrap
from autograd_nn.draw.theme import shade

TITLE, SMALL, NUMBER, MONO = 14.0, 9.5, 10.0, 9.5
HEADER, LINE, ROW, MARGIN = 24.0, 15.0, 17.0, 6.0
LEAST, WIDEST, LEAST_CELL = 84.0, 260.0, 34.0
COMPACT = 26.0
PORT = 20.0  # between edges that meet a card on the same side
HEADERS = {kind: kind.value for kind in Kind} | dict.fromkeys(
    (Kind.REPEAT, Kind.MODULE, Kind.OMITTED), "fold"
)
PAPERS = {Kind.INPUT: "f-input-paper", Kind.PARAMETER: "f-parameter-paper"}
SIGNS = {Status.EXACT: "✓", Status.GUILTY: "✗", Status.CONTAMINATED: "▲"}
MARKS = {Kind.INPUT: "▷", Kind.PARAMETER: "◆", Kind.OUTPUT: "◎", Kind.LOSS: "●"}


@dataclass
class Painted:
    """A card as SVG, how large it is, and at what heights its value and its gradient are."""

    width: float
    height: float
    value: float
    gradient: float
    parts: list[str] = field(default_factory=list)


# ---- elements ------------------------------------------------------------------------------


@lru_cache(maxsize=CACHED)
def px(x: float) -> str:
    """Write a length, to a tenth.

    >>> px(12.0), px(3.25), px(-0.04)
    ('12', '3.2', '0')
    """
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def rect(x: float, y: float, w: float, h: float, style: str, radius: float = 0) -> str:
    """Draw a rectangle."""
    round_ = f' rx="{px(radius)}"' if radius else ""
    size = f'width="{px(w)}" height="{px(h)}"'
    return f'<rect x="{px(x)}" y="{px(y)}" {size}{round_} class="{style}"/>'


def text(x: float, y: float, content: str, size: float, style: str, anchor: str = "") -> str:
    """Set a line of text, escaped, by its baseline."""
    at = f' text-anchor="{anchor}"' if anchor else ""
    where = f'x="{px(x)}" y="{px(y)}" font-size="{px(size)}"'
    return f'<text {where}{at} class="{style}">{escape(content)}</text>'


# ---- a full card -----------------------------------------------------------------------------


class Painter:
    """Puts the parts of a card below one another, in two passes: how wide they are, then where."""

    def __init__(self, card: Card, ports: int, least: float) -> None:
        self.card, self.ports, self.least = card, ports, least
        self.title = clean(card.title)
        words = [] if card.kind is Kind.OPERATION else [card.kind.value]
        words += [card.operation] if card.operation and card.operation != card.title else []
        words += ["again"] if card.ghost_of else []
        self.word = clean(", ".join(words), 34)
        self.formula = "" if card.formula in ("", card.title) else f"= {clean(card.formula, 34)}"
        self.value = tabulate(card.value) if card.value is not None else None
        self.gradient = tabulate(card.gradient) if card.gradient is not None else None
        verdict = card.verdict
        is_wrong = verdict is not None and verdict.status is not Status.EXACT
        self.yours = (
            tabulate(verdict.yours)
            if verdict is not None and verdict.yours is not None and is_wrong
            else None
        )
        kind = f"{card.shape} {card.dtype}" if card.shape else f"scalar {card.dtype}"
        self.value_heading = f"value {kind}"
        self.width = self.measure()
        self.parts: list[str] = []
        self.y = 0.0

    def measure(self) -> float:
        """Find out how wide the card must be."""
        wanted = [
            LEAST,
            width(self.title, TITLE, bold=True) + 8 + width(self.word, SMALL),
            width(self.formula, SMALL),
            width(f"{self.value_heading} {scale(self.value)}", SMALL, bold=True),
            width(f"{self.card.gradient_name} {scale(self.gradient)}", SMALL, bold=True),
            width(clean(self.card.line), MONO),
            *(table_width(t) for t in (self.value, self.gradient, self.yours)),
            150.0 if self.card.verdict else 0.0,
        ]
        return max(min(max(wanted) + 2 * MARGIN + 0.5, WIDEST), self.least)

    def paint(self) -> Painted:
        """Put everything in its place."""
        card = self.card
        self.header()
        self.y += 2
        self.parts.append('<g class="value">')
        value = gradient = self.numbers("v", self.value_heading, self.value, card.value)
        if card.value is None and card.value_note:
            self.note(card.value_note, "t-soft")
        self.parts.append('</g><g class="gradient">')
        if self.gradient is not None:
            gradient = self.numbers("g", card.gradient_name, self.gradient, card.gradient)
        elif card.gradient_note != card.value_note and card.gradient_note:
            gradient = self.y + LINE / 2
            self.note(card.gradient_note, "t-soft")
        if card.remark:
            self.banner(card.remark, Status.CONTAMINATED)
        self.check()
        self.parts.append("</g>")
        self.y += 4
        if card.line:
            line = shorten(clean(card.line, 80), self.width - 2 * MARGIN, MONO)
            self.parts.append(text(MARGIN, self.y + 9, line, MONO, "t-soft"))
            self.y += LINE
        return self.framed(value, gradient)

    def framed(self, value: float, gradient: float) -> Painted:
        """Draw the card's paper and border around all."""
        self.y = max(self.y, gradient + PORT * (self.ports - 1) + LINE * (self.ports > 1))
        card, verdict = self.card, self.card.verdict
        paper = PAPERS.get(card.kind, "f-card")
        border = "s-line"
        if verdict and verdict.status is not Status.EXACT:
            border = f"s-{verdict.status.value}"
        heavy = card.kind is Kind.LOSS or border != "s-line"
        radius = 11 if card.kind is Kind.INPUT else 2
        ground = rect(0, 0, self.width, self.y, f"{paper}", radius)
        frame = rect(
            0,
            0,
            self.width,
            self.y,
            f"n {'s-ink' if heavy and border == 's-line' else border}",
            radius,
        )
        frame = frame.replace("/>", f' stroke-width="{"2.5" if heavy else "1"}"/>')
        return Painted(self.width, self.y, value, gradient, [ground, *self.parts, frame])

    def header(self) -> None:
        """Draw the name and what made it, on the colour of the card's kind."""
        height = HEADER + (LINE - 2 if self.formula else 0)
        style = f"f-{HEADERS[self.card.kind]}"
        self.parts.append(header_shape(self.card.kind, self.width, height, style))
        room = self.width - 2 * MARGIN
        title = shorten(self.title, room, TITLE, bold=True)
        self.parts.append(text(MARGIN, 16.5, title, TITLE, "b t-on"))
        used = width(title, TITLE, bold=True) + 8
        word = shorten(self.word, max(room - used, 0), SMALL) if self.word else ""
        if word not in ("", "…"):
            self.parts.append(text(MARGIN + used, 16.5, word, SMALL, "t-on-soft"))
        if self.formula:
            formula = shorten(self.formula, room, SMALL)
            self.parts.append(text(MARGIN, HEADER + 7.5, formula, SMALL, "t-on-soft"))
        self.y = height

    def numbers(self, part: str, heading: str, table: Table | None, array: Array | None) -> float:
        """Draw a heading and the cells; return the height at which arrows meet them."""
        style = "b t-value-text" if part == "v" else "b t-backward-text"
        line = shorten(
            f"{heading} {scale(table)}".strip(), self.width - 2 * MARGIN, SMALL, bold=True
        )
        self.parts.append(text(MARGIN, self.y + 11, line, SMALL, style))
        self.y += LINE
        start = self.y
        if table is None:
            return start - LINE / 2
        if not table.rows:
            self.note("no entries", "t-soft")
            return start - LINE / 2
        self.cells(part, table)
        if array is not None and not table.is_whole and array.dtype.kind != "c":
            self.heat(part, array)
        if table.alarm:
            self.banner(table.alarm, Status.GUILTY)
        return (start + self.y) / 2

    def cells(self, part: str, table: Table) -> None:
        """Draw a heat table."""
        room = self.width - 2 * MARGIN
        columns = max(map(len, table.rows))
        size = room / columns
        for line in table.rows:
            for j, (content, heat, alarm) in enumerate(line):
                x = MARGIN + j * size
                paper = (
                    "f-guilty" if alarm else "f-card" if heat is None else f"{part}-{shade(heat)}"
                )
                self.parts.append(rect(x, self.y, size, ROW, f"{paper} s-grid"))
                ink = "b t-on" if alarm else "t-soft" if heat is None else "t-ink"
                self.parts.append(text(x + size / 2, self.y + 12.2, content, NUMBER, ink, "middle"))
            self.y += ROW

    def heat(self, part: str, array: Array) -> None:
        """Draw a large array as a strip of colours."""
        found = strip(array)
        size = (self.width - 2 * MARGIN) / len(found)
        self.y += 3
        for j, heat in enumerate(found):
            self.parts.append(rect(MARGIN + j * size, self.y, size, 8, f"{part}-{shade(heat)}"))
        self.parts.append(rect(MARGIN, self.y, self.width - 2 * MARGIN, 8, "n s-grid"))
        self.y += 10

    def note(self, content: str, style: str) -> None:
        """Set a sentence on as many lines as it needs."""
        for line in wrap(clean(content, 300), self.width - 2 * MARGIN, SMALL):
            self.parts.append(text(MARGIN, self.y + 11, line, SMALL, style))
            self.y += LINE - 2

    def banner(self, content: str, status: Status) -> None:
        """Set a sentence on the colour of its status."""
        lines = wrap(clean(content, 300), self.width - 2 * MARGIN, SMALL)
        height = len(lines) * (LINE - 2) + 4
        self.y += 2
        self.parts.append(rect(0, self.y, self.width, height, f"f-{status.value}-paper"))
        for i, line in enumerate(lines):
            y = self.y + 11 + i * (LINE - 2)
            self.parts.append(text(MARGIN, y, line, SMALL, f"t-{status.value}"))
        self.y += height

    def check(self) -> None:
        """Draw what a check says: in words and with a sign, not by colour alone."""
        verdict = self.card.verdict
        if verdict is None:
            return
        sign = SIGNS[verdict.status]
        if verdict.status is Status.EXACT:
            self.banner(f"{sign} {verdict.sentence}", verdict.status)
            return
        self.y += 4
        self.parts.append(rect(0, self.y, self.width, ROW + 2, f"f-{verdict.status.value}"))
        word = "yours disagrees" if self.yours else "this line is wrong"
        word = word if verdict.status is Status.GUILTY else "fed with wrong values"
        heading = shorten(
            f"{sign} {word} {scale(self.yours)}", self.width - 2 * MARGIN, SMALL, bold=True
        )
        self.parts.append(text(MARGIN, self.y + 13, heading, SMALL, "b t-on"))
        self.y += ROW + 5
        if self.yours is not None:
            self.cells("g", self.yours)
        self.banner(verdict.sentence, verdict.status)


def header_shape(kind: Kind, w: float, h: float, style: str) -> str:
    """Draw the ground of a header: inputs are round, parameters have a corner off."""
    if kind is Kind.INPUT:
        arc = f"M0 {px(h)}V11A11 11 0 0 1 11 0H{px(w - 11)}A11 11 0 0 1 {px(w)} 11V{px(h)}Z"
        return f'<path d="{arc}" class="{style}"/>'
    if kind is Kind.PARAMETER:
        return f'<path d="M0 0H{px(w - 9)}L{px(w)} 9V{px(h)}H0Z" class="{style}"/>'
    return rect(0, 0, w, h, style)


def scale(table: Table | None) -> str:
    """Write the power of ten that is taken out of a table."""
    return table.scale if table else ""


def table_width(table: Table | None) -> float:
    """Measure a table: all columns are as wide as the widest cell."""
    if table is None or not table.rows:
        return 0
    widest = max(width(cell.text, NUMBER) + 8 for line in table.rows for cell in line)
    return max(widest, LEAST_CELL) * max(map(len, table.rows))


# ---- smaller cards -----------------------------------------------------------------------------


def compact(card: Card) -> Painted:
    """Draw a card as one line: its name, what made it, its shape, the size of its gradient."""
    title = clean(card.title, 24)
    line = f"{card.shape}" if card.shape else "scalar"
    if card.operation and card.operation != card.title:
        line = f"{clean(card.operation, 14)}  {line}"
    size = f"|∂| {number(card.gradient_norm)}" if card.gradient_norm is not None else ""
    start = 19 + width(title, 12, bold=True)
    middle = start + width(f"{line}  ", SMALL)
    w = start + width(f"{line}  {size}".strip(), SMALL) + 7
    border = "s-ink" if card.kind in (Kind.LOSS, Kind.OUTPUT) else "s-line"
    if card.verdict is not None and card.verdict.status is not Status.EXACT:
        border = f"s-{card.verdict.status.value}"
    parts = [
        rect(0, 0, w, COMPACT, f"{PAPERS.get(card.kind, 'f-card')} {border}", 3),
        rect(0, 0, 7, COMPACT, f"f-{HEADERS[card.kind]}", 3),
        text(13, 17, title, 12, "b t-ink"),
        text(start, 17, line, SMALL, "t-soft"),
    ]
    if size:
        parts.append(f'<g class="gradient">{text(middle, 17, size, SMALL, "t-soft")}</g>')
    return Painted(w, COMPACT, 9, 18, parts)


def folded(card: Card) -> Painted:
    """Draw what stands for several operations, with the norms of gradients through repetitions."""
    title, words = clean(card.title, 60), clean(card.operation, 44)
    if card.kind is Kind.MODULE:
        words = clean(f"{card.path.rpartition(' ')[2]}: {words}", 44)
    count = "" if card.kind is Kind.OMITTED else f"{counted(card.count, 'operation')} folded"
    lines = [line for line in (words, count) if line]
    norms = f"|∂| {extent(card.norms)}" if card.norms else ""
    wanted = [width(title, TITLE, bold=True), width(norms, SMALL, bold=True), 120]
    w = max(*wanted, *(width(line, SMALL) for line in lines)) + 2 * MARGIN
    parts = [text(MARGIN, 17, title, TITLE, "b t-ink")]
    y = HEADER
    for line in lines:
        parts.append(text(MARGIN, y + 9, line, SMALL, "t-soft"))
        y += LINE - 1
    parts.append('<g class="gradient">')
    if len(card.norms) > 1:
        parts += sparkline(card.norms, MARGIN, y + 4, w - 2 * MARGIN, 28)
        y += 36
    if norms:
        parts.append(text(MARGIN, y + 10, norms, SMALL, "b t-backward-text"))
        y += 16
    parts.append("</g>")
    h = y + 6
    stack = [
        rect(2 * d, -2.0 * d, w, h, "f-card s-line", 3)
        for d in (2, 1)
        if card.kind is not Kind.OMITTED
    ]
    dashes = rect(0, 0, w, h, "f-card s-line", 3)
    dashes = dashes.replace("/>", ' stroke-dasharray="5 3"/>')
    return Painted(w, h, 14, h - 14, [*stack, dashes, *parts])


def sparkline(values: Iterable[float], x: float, y: float, w: float, h: float) -> list[str]:
    """Draw numbers as a line, on a logarithmic scale if they differ by more than tenfold."""
    sizes = [v if isfinite(v) else 0.0 for v in values]
    least = min((v for v in sizes if v > 0), default=1.0)
    is_log = max(sizes) > 10 * least
    heights = [log10(max(v, least)) if is_log else v for v in sizes]
    low, high = min(heights), max(heights)
    span = high - low or 1.0
    n = len(heights)
    points = " ".join(
        f"{px(x + w * i / (n - 1))},{px(y + h - h * (v - low) / span)}"
        for i, v in enumerate(heights)
        if n <= 200 or i % (n // 200) == 0 or i == n - 1  # noqa: PLR2004
    )
    line = f'<polyline points="{points}" class="n s-backward" stroke-width="1.5"/>'
    scale_ = text(x + w, y + 8, "log" if is_log else "", 8, "t-soft", "end")
    return [f'<path d="M{px(x)} {px(y + h)}H{px(x + w)}" class="s-grid"/>', line, scale_]


def ghost(card: Card) -> Painted:
    """Draw one more use of a leaf, whose numbers stand on another card."""
    title, word = clean(card.title, 24), f"{card.kind.value}, again"
    w = width(title, 12, bold=True) + width(word, SMALL) + 26
    parts = [
        rect(0, 0, w, COMPACT, PAPERS.get(card.kind, "f-card"), 3),
        rect(0, 0, 7, COMPACT, f"f-{HEADERS[card.kind]}", 3),
        text(13, 17, title, 12, "b t-ink"),
        text(19 + width(title, 12, bold=True), 17, word, SMALL, "t-soft"),
        rect(0, 0, w, COMPACT, "n s-line", 3).replace("/>", ' stroke-dasharray="4 3"/>'),
    ]
    return Painted(w, COMPACT, 9, 18, parts)


def paint(card: Card, ports: int = 1, least: float = 0.0, *, is_full: bool) -> Painted:
    """Draw a card, high enough for so many edges on one side, and at least so wide."""
    if card.is_fold:
        return folded(card)
    if card.ghost_of:
        return ghost(card)
    return Painter(card, ports, least).paint() if is_full else compact(card)
