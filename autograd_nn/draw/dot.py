"""Cards as DOT: each an HTML-like table; value flows right on top, gradient left below it.

Ids are our own, and what users wrote stands only inside escaped cells, so that no name can
break the file or forge a part of the picture.
"""

from __future__ import annotations

import html
import re
from math import isfinite, sqrt
from textwrap import wrap
from typing import NamedTuple

import graphviz

from autograd_nn.draw.cards import RELEASED, Array, Card, Kind, Picture, counted
from autograd_nn.draw.tables import MINUS, Table, number, tabulate

INK, SOFT, LINE, GRID, PAPER = "#111827", "#475569", "#94a3b8", "#cbd5e1", "#ffffff"
BACKWARD, BACKWARD_TEXT, VALUE_TEXT = "#d95f02", "#a33f00", "#0f5e54"
ALARM, ALARM_PAPER = "#c1121f", "#fdeaea"
HEADER = {
    Kind.INPUT: "#0b5fa5",
    Kind.PARAMETER: "#8a5a00",
    Kind.OPERATION: "#334155",
    Kind.ROOT: "#0f172a",
}
BODY = {Kind.INPUT: "#eef5fc", Kind.PARAMETER: "#fff8e6"}
HEAT_OF_VALUE = ("#c29c77", "#6cb1a8")  # negative, positive
HEAT_OF_GRADIENT = ("#a28ec4", "#eea26e")
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
LONGEST_NAME, LONGEST_SYMBOL, LONGEST_FORMULA, NOTE_WIDTH = 40, 14, 34, 30
FONT = "DejaVu Sans"


# ---- text --------------------------------------------------------------------------------


def clean(text: str, longest: int = LONGEST_NAME) -> str:
    r"""Drop what must not be in XML or would turn the direction of writing; shorten.

    >>> clean("a\x07\nb"), clean("w" * 50, longest=4)
    ('a b', 'www…')
    """
    text = FORBIDDEN.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"


def font(text: str, size: float, color: str, *, bold: bool = False) -> str:
    """Set text, escaped: for XML, and for DOT, which reads backslashes even here."""
    text = html.escape(text).replace("\\", r"\\")
    text = f"<B>{text}</B>" if bold else text
    return f'<FONT POINT-SIZE="{size:g}" COLOR="{color}">{text}</FONT>' if text else ""


def paragraph(text: str, size: float, color: str) -> str:
    """Set a note on several lines."""
    lines = (font(line, size, color) for line in wrap(text, NOTE_WIDTH))
    return "".join(f'{line}<BR ALIGN="LEFT"/>' for line in lines)


def row(content: str, paper: str, *, pad: int = 3, port: str = "", align: str = "LEFT") -> str:
    """Make one row of a card."""
    name = f' PORT="{port}"' if port else ""
    return (
        f'<TR><TD{name} ALIGN="{align}" BGCOLOR="{paper}" CELLPADDING="{pad}">{content}</TD></TR>'
    )


# ---- cards -------------------------------------------------------------------------------


def blend(heat: float, palette: tuple[str, str]) -> str:
    """Mix white with the colour of negative or positive numbers.

    >>> blend(0.0, HEAT_OF_VALUE), blend(-1.0, HEAT_OF_VALUE), blend(1.0, HEAT_OF_VALUE)
    ('#ffffff', '#c29c77', '#6cb1a8')
    """
    full, share = palette[heat > 0], min(abs(heat), 1.0) ** 0.8
    mixed = (255 + (int(full[i : i + 2], 16) - 255) * share for i in (1, 3, 5))
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def grid(table: Table, palette: tuple[str, str], port: str) -> str:
    """Draw the cells."""
    if not table.rows:
        return font("no entries", 9, SOFT)
    rows = []
    for line in table.rows:
        cells = []
        for text, heat, alarm in line:
            paper = ALARM if alarm else PAPER if heat is None else blend(heat, palette)
            ink = PAPER if alarm else SOFT if heat is None else INK
            cells.append(
                f'<TD WIDTH="34" HEIGHT="16" BGCOLOR="{paper}">'
                f"{font(text, 9, ink, bold=alarm)}</TD>"
            )
        rows.append(f"<TR>{''.join(cells)}</TR>")
    return (
        f'<TABLE PORT="{port}" BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="1" '
        f'COLOR="{GRID}">{"".join(rows)}</TABLE>'
    )


def numbers(heading: str, array: Array, port: str, paper: str) -> str:
    """Draw the value or the gradient of a card."""
    is_value = port == "v"
    table = tabulate(array)
    color, palette = (VALUE_TEXT, HEAT_OF_VALUE) if is_value else (BACKWARD_TEXT, HEAT_OF_GRADIENT)
    rows = [
        row(font(f"{heading} {table.scale}".rstrip(), 9, color, bold=True), paper),
        row(
            grid(table, palette, port),
            paper,
            pad=2,
            port="" if table.rows else port,
            align="CENTER",
        ),
    ]
    if table.alarm:
        rows.append(row(font(table.alarm, 9, PAPER, bold=True), ALARM))
    return "".join(rows)


def label(card: Card, root: Card) -> str:
    """Draw one card."""
    if card.kind is Kind.OMITTED:
        inner = row(paragraph(card.title, 11, INK), "#f1f5f9", pad=8, port="v")
        frame = f'BORDER="1" STYLE="DASHED" COLOR="{LINE}" CELLBORDER="0" CELLSPACING="0"'
        return f"<TABLE {frame}>{inner}</TABLE>"
    header, paper = HEADER[card.kind], BODY.get(card.kind, PAPER)
    words = [] if card.title.startswith(card.word) else [card.word]
    words += ["again"] if card.again else []
    title = font(clean(card.title), 13, PAPER, bold=True)
    title += font("   " + ", ".join(words) if words else "", 9.5, "#dbe2ea")
    rows = [row(title, header, pad=4)]
    if not card.again:
        if card.formula not in ("", card.title):
            rows.append(
                row(font(f"= {clean(card.formula, LONGEST_FORMULA)}", 9, "#e6ebf2"), header)
            )
        rows.append(value_rows(card, paper))
        rows.append(gradient_rows(card, root, paper))
    frame = f'BORDER="1" COLOR="{LINE}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'
    return f'<TABLE {frame} BGCOLOR="{paper}">{"".join(rows)}</TABLE>'


def value_rows(card: Card, paper: str) -> str:
    """Draw what was computed, or say why it is not there."""
    kind = f"{card.shape} {card.dtype}" if card.shape else f"scalar {card.dtype}"
    if card.value is not None:
        return numbers(f"value {kind}", card.value, "v", paper)
    heading = row(font(f"value {kind}", 9, VALUE_TEXT, bold=True), paper)
    return heading + row(paragraph(card.value_note, 8.5, SOFT), paper, port="v")


def gradient_rows(card: Card, root: Card, paper: str) -> str:
    """Draw the gradient, or say why it is not there."""
    if card.gradient is None:
        if card.value_note == RELEASED:
            return ""  # said above, of both
        return row(paragraph(card.gradient_note, 8.5, SOFT), paper, port="g")
    by = card.writing.text if len(card.writing.text) <= LONGEST_SYMBOL else "this"
    of = clean(root.title, LONGEST_SYMBOL)
    by = of if card is root else clean(by)
    by = f"({by})" if card.writing.strength < 4 and by != "this" and card is not root else by  # noqa: PLR2004
    heading = f"∂{of}/∂{by}" if card.is_derivative else f"{by}.grad"
    rows = numbers(heading, card.gradient, "g", paper)
    return rows + (row(paragraph(card.remark, 8.5, ALARM), ALARM_PAPER) if card.remark else "")


# ---- arrangement -------------------------------------------------------------------------


class Arrangement(NamedTuple):
    """Where the cards stand: on a straight line, or hanging below the one they go into."""

    spine: list[Card]
    hanging: dict[int, Card]  # by the id of the hanging card


def arrange(picture: Picture) -> Arrangement:
    """Lay the longest way to the root out straight; one leaf of each operation hangs below it."""
    depth: dict[int, tuple[int, bool]] = {}
    for card in picture.cards:
        longest = max((depth[id(operand)][0] for operand in card.operands), default=0)
        start = 10**6 if card.kind is Kind.OMITTED else 0
        depth[id(card)] = (max(start, longest + 1), card.kind is not Kind.PARAMETER)
    spine = [picture.root]
    while sources := [
        operand for operand in spine[-1].operands if not stands_apart(operand, spine[-1])
    ]:
        spine.append(max(sources, key=lambda card: depth[id(card)]))
    straight = {id(card) for card in spine}
    hanging: dict[int, Card] = {}
    for card in picture.cards:
        free = [x for x in card.operands if x.is_leaf and id(x) not in straight | hanging.keys()]
        if free and (len(card.operands) > 1 or stands_apart(free[-1], card)):
            hanging[id(free[-1])] = card
    return Arrangement(spine[::-1], hanging)


def stands_apart(operand: Card, card: Card) -> bool:
    """Tell whether a leaf hangs even alone: beside it stood an input, which was released."""
    return operand.is_leaf and card.value_note == RELEASED and len(card.operands) == 1


def digraph(picture: Picture) -> graphviz.Digraph:
    """Write a picture down in DOT."""
    out = graphviz.Digraph(
        "autograd_nn",
        graph_attr={
            "rankdir": "LR",
            "newrank": "true",
            "bgcolor": "white",
            "pad": ".4",
            "nodesep": ".55",
            "ranksep": ".6",
            "labelloc": "t",
            "labeljust": "l",
            "fontname": FONT,
            "label": f"<{legend(picture)}>",
        },
        node_attr={"shape": "plain", "fontname": FONT},
        edge_attr={"fontname": FONT, "fontsize": "10"},
    )
    spine, hanging = arrange(picture)
    ids = {id(card): f"n{i}" for i, card in enumerate(picture.cards)}
    straight = {id(card) for card in spine}
    for card in picture.cards:
        group = {"group": "spine"} if id(card) in straight else {}
        out.node(ids[id(card)], f"<{label(card, picture.root)}>", **group)
    norms = (card.gradient_norm or 0.0 for card in picture.cards)
    largest = max(filter(isfinite, norms), default=0.0)
    for card in picture.cards:
        for operand in card.operands:
            edge = Edge(operand, card, ids[id(operand)], ids[id(card)], width(operand, largest))
            if hanging.get(id(operand)) is card:
                edge.hang(out)
            else:
                edge.join(out, on_spine=id(card) in straight and id(operand) in straight)
    return out


def width(card: Card, largest: float) -> float:
    """Choose how thick the arrow is that brings the gradient of `card`; 0 if there is none."""
    size = card.gradient_norm
    if size is None:
        return 0.0
    share = (size / largest if largest else 0.0) if isfinite(size) else 1.0
    return 1.3 + 3.2 * sqrt(share)


class Edge(NamedTuple):
    """The way from an operand to what is computed from it, and of the gradient back."""

    tail: Card
    head: Card
    start: str
    end: str
    width: float

    def join(self, out: graphviz.Digraph, *, on_spine: bool) -> None:
        """Draw two arrows: value to value and, if it is known, gradient to gradient."""
        value, gradient = ("40", "60") if on_spine else ("2", "1")
        start, end = self.ports("v")
        out.edge(start, end, color=SOFT, penwidth="1.5", arrowsize=".7", weight=value)
        if self.width:
            start, end = self.ports("g")
            attributes = {"color": self.color, "penwidth": f"{self.width:.2f}", "arrowsize": ".75"}
            # written forward, for the ranking, and drawn backward
            out.edge(start, end, dir="back", weight=gradient, tooltip=self.tooltip, **attributes)

    def hang(self, out: graphviz.Digraph) -> None:
        """Draw both ways as one line down to a leaf: dot loses edges within a rank at ports.

        Written from the operation, which puts it above the leaf.
        """
        with out.subgraph(graph_attr={"rank": "same"}) as rank:
            rank.node(self.end)
            rank.node(self.start)
        if self.width:
            attributes = {"color": f"{self.color}:{SOFT}", "dir": "both", "tooltip": self.tooltip}
            thickness = 0.6 * self.width  # of each of the two
        else:
            attributes, thickness = {"color": SOFT, "dir": "back"}, 1.5
        out.edge(self.end, self.start, penwidth=f"{thickness:.2f}", arrowsize=".7", **attributes)

    def ports(self, port: str) -> tuple[str, str]:
        """Name both ends of an arrow between values ("v") or gradients ("g")."""
        start = self.start if self.tail.again else f"{self.start}:{port}:e"
        return start, f"{self.end}:{port if self.has(port) else 'v'}:w"

    def has(self, port: str) -> bool:
        """Tell whether the card that the edge ends at has the block."""
        return port == "v" or self.head.value_note != RELEASED

    @property
    def color(self) -> str:
        """Orange; red if the gradient is not finite."""
        return BACKWARD if isfinite(self.tail.gradient_norm or 0.0) else ALARM

    @property
    def tooltip(self) -> str:
        """Say what the width means."""
        return f"norm of the gradient that arrives: {number(self.tail.gradient_norm or 0.0)}"


# ---- the title strip ---------------------------------------------------------------------


def legend(picture: Picture) -> str:
    """Write the title and explain the picture, with no more than occurs in it."""
    cards, root = picture.cards, picture.root
    kinds = {card.kind for card in cards}
    backward = any(card.gradient is not None for card in cards)
    title = clean(root.title)
    if root.value is not None and root.value.size == 1 and root.value.dtype.kind != "c":
        title += f" = {number(root.value.item())}"
    facts = (
        f"{counted(picture.operations, 'operation')}, {counted(picture.parameters, 'parameter')}"
    )
    facts += f" with {counted(picture.entries, 'entry').replace('entrys', 'entries')}."
    lines = [font(title, 24, INK, bold=True), font(facts, 13, SOFT)]
    arrows = font("→ forward", 13, SOFT, bold=True) + font(" joins value to value.   ", 13, SOFT)
    if backward:
        arrows += font("← backward", 13, BACKWARD_TEXT, bold=True)
        arrows += font(" joins gradient to gradient; ", 13, BACKWARD_TEXT)
        arrows += font("its width is the size of the gradient.", 13, BACKWARD_TEXT)
    lines.append(arrows)
    chips = [
        chip(kind)
        for kind in (Kind.INPUT, Kind.PARAMETER, Kind.OPERATION, Kind.ROOT)
        if kind in kinds
    ]
    chips.append(ramp("value", HEAT_OF_VALUE))
    if backward:
        chips.append(ramp("gradient", HEAT_OF_GRADIENT))
    gap = '<TD WIDTH="14"></TD>'
    strip = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0"><TR>{gap.join(chips)}</TR></TABLE>'
    rows = (f'<TR><TD ALIGN="LEFT">{line}</TD></TR>' for line in (*lines, strip, font(" ", 9, INK)))
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">{"".join(rows)}</TABLE>'


def chip(kind: Kind) -> str:
    """Show the colour of one kind of card beside its meaning."""
    meaning = {
        Kind.INPUT: "data",
        Kind.PARAMETER: "what the gradient is for",
        Kind.OPERATION: "computed",
        Kind.ROOT: "where backward() starts",
    }[kind]
    return (
        f'<TD BGCOLOR="{HEADER[kind]}" CELLPADDING="3">{font(kind, 10, PAPER, bold=True)}</TD>'
        f'<TD ALIGN="LEFT" CELLPADDING="4">{font(meaning, 11, SOFT)}</TD>'
    )


def ramp(word: str, palette: tuple[str, str]) -> str:
    """Show a scale of colours."""
    steps = "".join(
        f'<TD WIDTH="16" HEIGHT="11" BGCOLOR="{blend(heat, palette)}"></TD>'
        for heat in (-1.0, -0.5, 0.0, 0.5, 1.0)
    )
    return (
        f'<TD><TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" COLOR="{GRID}">'
        f'<TR>{steps}</TR></TABLE></TD><TD ALIGN="LEFT" CELLPADDING="4">'
        f"{font(f'{word}  {MINUS} 0 +', 11, SOFT)}</TD>"
    )
