"""A picture in DOT, for those who have Graphviz: each card an HTML-like table.

Ids are our own, and what users wrote stands only inside escaped cells, so that no name can
break the file or forge a part of the picture.
"""

from __future__ import annotations

import html
from math import isfinite

import graphviz

from autograd_nn.draw.cards import HEADERS, SIGNS
from autograd_nn.draw.model import Array, Card, Edge, Kind, Picture, Status
from autograd_nn.draw.outline import summary
from autograd_nn.draw.tables import tabulate
from autograd_nn.draw.text import clean
from autograd_nn.draw.theme import LIGHT, heats, shade

FONT = "DejaVu Sans"
HEATS = heats("light")
PAPERS = {Kind.INPUT: "input-paper", Kind.PARAMETER: "parameter-paper"}


def font(content: str, size: float, color: str, *, bold: bool = False) -> str:
    """Set text, escaped: for XML, and for DOT, which reads backslashes even here."""
    content = html.escape(content).replace("\\", r"\\")
    content = f"<B>{content}</B>" if bold else content
    return f'<FONT POINT-SIZE="{size:g}" COLOR="{LIGHT[color]}">{content}</FONT>' if content else ""


def row(content: str, paper: str, port: str = "") -> str:
    """Make one row of a card."""
    name = f' PORT="{port}"' if port else ""
    return f'<TR><TD{name} ALIGN="LEFT" BGCOLOR="{LIGHT[paper]}">{content}</TD></TR>'


def grid(array: Array, part: str) -> str:
    """Draw the numbers of an array."""
    rows = []
    for line in tabulate(array).rows:
        cells = []
        for content, heat, alarm in line:
            paper = (
                LIGHT["guilty" if alarm else "card"]
                if heat is None or alarm
                else HEATS[f"{part}-{shade(heat)}"]
            )
            ink = "on" if alarm else "soft" if heat is None else "ink"
            cells.append(f'<TD BGCOLOR="{paper}">{font(content, 9, ink)}</TD>')
        rows.append(f"<TR>{''.join(cells)}</TR>")
    if not rows:
        return font("no entries", 9, "soft")
    frame = f'BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="2" COLOR="{LIGHT["grid"]}"'
    return f"<TABLE {frame}>{''.join(rows)}</TABLE>"


def label(card: Card, *, is_full: bool) -> str:
    """Draw one card."""
    paper = PAPERS.get(card.kind, "card")
    words = [] if card.kind is Kind.OPERATION or card.is_fold else [card.kind.value]
    words += [card.operation] if card.operation else []
    words += ["again"] if card.ghost_of else []
    title = font(clean(card.title, 60), 13, "on", bold=True)
    title += font("   " + clean(", ".join(words), 60), 9.5, "on-soft") if words else ""
    header = HEADERS[card.kind]
    rows = [row(title, header)]
    if card.formula not in ("", card.title):
        rows.append(row(font(f"= {clean(card.formula, 34)}", 9, "on-soft"), header))
    if not card.ghost_of and not card.is_fold:
        kind = f"{card.shape} {card.dtype}" if card.shape else f"scalar {card.dtype}"
        rows.append(
            row(font(f"value {kind} {scale(card.value)}", 9, "value-text", bold=True), paper)
        )
        if is_full and card.value is not None:
            rows.append(row(grid(card.value, "v"), paper, "v"))
        elif card.value_note:
            rows.append(row(font(card.value_note, 8.5, "soft"), paper, "v"))
        if card.gradient is not None:
            heading = f"{clean(card.gradient_name)} {scale(card.gradient)}"
            rows.append(row(font(heading, 9, "backward-text", bold=True), paper))
            rows += [row(grid(card.gradient, "g"), paper, "g")] if is_full else []
        elif card.gradient_note:
            rows.append(row(font(clean(card.gradient_note, 80), 8.5, "soft"), paper, "g"))
        rows += [row(font(card.remark, 8.5, "contaminated"), "contaminated-paper")] * bool(
            card.remark
        )
    if card.verdict is not None:
        status = card.verdict.status
        said = f"{SIGNS[status]} {clean(card.verdict.sentence, 200)}"
        rows.append(row(font(said, 9, status.value), f"{status.value}-paper"))
    if card.line:
        rows.append(row(font(clean(card.line, 80), 8.5, "soft"), paper))
    color = LIGHT["line"]
    if card.verdict is not None and card.verdict.status is not Status.EXACT:
        color = LIGHT[card.verdict.status.value]
    frame = f'BORDER="1" COLOR="{color}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3"'
    return f"<<TABLE {frame}>{''.join(rows)}</TABLE>>"


def scale(array: Array | None) -> str:
    """Write the power of ten that is taken out of an array."""
    return tabulate(array).scale if array is not None else ""


def digraph(picture: Picture) -> graphviz.Digraph:
    """Write a picture down in DOT."""
    out = graphviz.Digraph(
        "autograd_nn",
        graph_attr={
            "rankdir": "LR",
            "bgcolor": LIGHT["paper"],
            "pad": ".4",
            "labelloc": "t",
            "labeljust": "l",
            "fontname": FONT,
            "label": f"<{font(summary(picture), 18, 'ink', bold=True)}>",
        },
        node_attr={"shape": "plain", "fontname": FONT},
        edge_attr={"fontname": FONT, "fontsize": "10"},
    )
    for card in picture.cards:
        if card.frame is None:
            out.node(card.id, label(card, is_full=picture.is_full))
    clusters(out, picture)
    norms = [edge.norm or 0.0 for edge in picture.edges]
    largest = max(filter(isfinite, norms), default=0.0)
    cards = {card.id: card for card in picture.cards}
    for edge in picture.edges:
        join(out, picture, edge, cards, largest)
    return out


def clusters(out: graphviz.Digraph, picture: Picture) -> None:
    """Draw the frames of modules, inner ones inside; a frame is younger than the one around it."""
    made = []
    for i, frame in enumerate(picture.frames):
        text = f"<{font(clean(frame.path), 12, 'soft', bold=True)}>"
        look = {"label": text, "style": "filled,rounded", "fillcolor": LIGHT["frame"]}
        made.append(
            graphviz.Digraph(f"cluster_{i}", graph_attr=look | {"color": LIGHT["frame-line"]})
        )
    for card in picture.cards:
        if card.frame is not None:
            made[card.frame].node(card.id, label(card, is_full=picture.is_full))
    for i in reversed(range(len(made))):
        parent = picture.frames[i].parent
        (out if parent is None else made[parent]).subgraph(made[i])


def join(
    out: graphviz.Digraph, picture: Picture, edge: Edge, cards: dict[str, Card], largest: float
) -> None:
    """Draw two arrows: value to value and, if it is known, gradient to gradient."""
    out.edge(edge.source, edge.target, color=LIGHT["forward"], arrowsize=".7", weight="3")
    size = edge.norm
    if size is None:
        return
    verdict = cards[edge.source].verdict
    wrong = verdict is not None and verdict.status is not Status.EXACT
    color = verdict.status.value if wrong and verdict else "backward"
    color = color if isfinite(size) else "guilty"
    # written forward, for the ranking, and drawn backward
    out.edge(
        edge.source,
        edge.target,
        label=f"<{font(edge.derivative, 10, 'backward-text', bold=True)}>"
        if edge.derivative
        else "",
        dir="back",
        color=LIGHT[color],
        penwidth=f"{1.3 + 3.2 * picture.share(size, largest):.2f}",
        arrowsize=".75",
    )
