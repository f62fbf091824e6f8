"""A picture as SVG: the same bytes wherever it is made, and nothing needed but Python.

For scripts: each card is a group with ``data-node``, each edge one with ``data-edge`` ("n2-n5"),
each frame one with ``data-frame``.  The parts of an edge have the classes ``forward`` and
``backward``, the numbers on a card are in groups of the classes ``value`` and ``gradient``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from autograd_nn.draw.boxes import Box, Way
from autograd_nn.draw.cards import HEADERS, SMALL, Painted, paint, px, rect, text
from autograd_nn.draw.layout import place
from autograd_nn.draw.model import Card, Edge, Kind, Picture, Status
from autograd_nn.draw.outline import facts, heading, outline, summary
from autograd_nn.draw.pausing import uncollected
from autograd_nn.draw.routes import Area, Route, Router, Spot
from autograd_nn.draw.rows import Plan
from autograd_nn.draw.tables import MINUS, number
from autograd_nn.draw.text import clean, escape, width
from autograd_nn.draw.theme import css

PAGE = 1750.0  # how wide a row may be
PAD = 34.0
FULL_APART, LINE_APART = 138.0, 100.0  # rows
LABEL = 11.5
ARROW, THIN = 8.0, 1.4
MEANING = {
    Kind.INPUT: "data",
    Kind.PARAMETER: "what the gradient is for",
    Kind.OPERATION: "computed",
    Kind.OUTPUT: "the end",
    Kind.LOSS: "where backward() starts",
}


def draw(
    picture: Picture,
    *,
    theme: str = "auto",
    salt: str = "",
    like: Sequence[Picture] = (),
    page: float = PAGE,
) -> str:
    """Write a picture as SVG, with the cards where those of `like` are, drawn like this one."""
    with uncollected():
        return Drawing(picture, page, like).svg(theme, salt)


@dataclass(frozen=True)
class Parts:
    """The parts of a drawing, where its body begins, and how large it is."""

    legend: str
    frames: list[str]
    edges: list[str]
    cards: list[str]
    left: float
    top: float
    width: float
    height: float


class Drawing:
    """Puts a picture together; no card is smaller than it is in any of the pictures `like`."""

    def __init__(self, picture: Picture, page: float, like: Sequence[Picture] = ()) -> None:
        self.picture = picture
        self.cards = {card.id: card for card in picture.cards}
        self.joined = join_edges(picture)
        beside = [painted_cards(other, {}) for other in like]
        least: dict[str, float] = {}
        for cards in beside:
            for id_, painted in cards.items():
                least[id_] = max(least.get(id_, 0.0), painted.width)
        self.painted = painted_cards(picture, least)
        for id_, painted in self.painted.items():
            sizes = [painted, *(cards[id_] for cards in beside if id_ in cards)]
            painted.width = max(size.width for size in sizes)
            painted.height = max(size.height for size in sizes)
        self.taken: list[Area] = []  # by labels
        self.routes: dict[tuple[Way, str], Route] = {}
        self.boxes = {card.id: self.box(card) for card in picture.cards}
        self.ways = {
            key: Way(self.boxes[key[0]], self.boxes[key[1]], self.label_room(edges))
            for key, edges in self.joined.items()
        }
        apart = FULL_APART if picture.is_full else LINE_APART
        self.plan: Plan = place(
            [*self.boxes.values()], [*self.ways.values()], page, apart, self.pairs()
        )
        norms = (edge.norm or 0.0 for edge in picture.edges)
        self.largest = max(filter(isfinite, norms), default=0.0)

    def box(self, card: Card) -> Box:
        """Make what the layout needs to know of a card."""
        painted: Painted = self.painted[card.id]
        return Box(
            painted.width,
            painted.height,
            painted.value,
            painted.gradient,
            is_leaf=card.is_leaf,
            is_parameter=card.kind is Kind.PARAMETER,
        )

    def pairs(self) -> list[tuple[Box, Box]]:
        """List neighbours in the same module, which would rather stand in the same row."""
        found: list[tuple[Box, Box]] = []
        frames = self.picture.frames
        for source, target in self.joined:
            a, b = self.cards[source].frame, self.cards[target].frame
            while a is not None:
                inner: int | None = b
                while inner is not None and inner != a:
                    inner = frames[inner].parent
                if inner == a:
                    found.append((self.boxes[source], self.boxes[target]))
                a = frames[a].parent
        return found

    def label(self, edges: list[Edge]) -> str:
        """Write the local derivative, or the sum of several."""
        if not self.picture.is_full or not any(edge.contribution is not None for edge in edges):
            return ""
        found = [edge.derivative for edge in edges if edge.derivative]
        return clean("  +  ".join(found), 60)

    @property
    def is_labelled(self) -> bool:
        """Whether any edge has a label."""
        return any(map(self.label, self.joined.values()))

    def label_room(self, edges: list[Edge]) -> float:
        """Measure the label of an edge."""
        label = self.label(edges)
        return width(label, LABEL, bold=True) if label else 0.0

    # ---- the whole -----------------------------------------------------------------------------

    def parts(self) -> Parts:
        """Draw everything."""
        frames, left, above, right = self.frames()
        routes = Router(self.plan, [*self.ways.values()])
        self.routes = {
            (way, lane): routes.lead(way, lane)
            for way in self.ways.values()
            if not way.hangs
            for lane in "vg"
        }
        edges = [self.edge(key) for key in self.joined]
        cards = [self.card(card) for card in self.picture.cards]
        legend, legend_width, legend_height = self.legend()
        left = PAD + max(left, -routes.left)
        top = PAD + legend_height + 18 + above
        w = max(left + max(routes.reach, right) + PAD, legend_width + 2 * PAD)
        h = top + self.plan.height + PAD + 24
        return Parts(legend, frames, edges, cards, left, top, w, h)

    def svg(self, theme: str, salt: str) -> str:
        """Write everything."""
        parts = self.parts()
        legend, left, top, w, h = parts.legend, parts.left, parts.top, parts.width, parts.height
        body = "".join([*parts.frames, *parts.edges, *parts.cards])
        title, description = summary(self.picture), outline(self.picture)
        digest = hashlib.sha256()
        for content in (legend, body, theme, salt):
            digest.update(content.encode())
        id_ = f"g{digest.hexdigest()[:10]}"
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" id="{id_}" class="autograd-nn" '
            f'width="{px(w)}" height="{px(h)}" viewBox="0 0 {px(w)} {px(h)}" role="img" '
            f'aria-labelledby="{id_}-title {id_}-desc">'
            f'<title id="{id_}-title">{escape(title)}</title>'
            f'<desc id="{id_}-desc">{escape(description)}</desc>'
            f"<style>{css(theme, f'#{id_}')}</style>"
        )
        ground = rect(0, 0, w, h, "f-paper", 6)
        return (
            f'{head}{ground}<g transform="translate({px(PAD)} {px(PAD)})">{legend}</g>'
            f'<g transform="translate({px(left)} {px(top)})">{body}</g></svg>\n'
        )

    def card(self, card: Card) -> str:
        """Draw a card in its place."""
        box = self.boxes[card.id]
        name = clean(card.path or card.title, 400)
        full = f"{name}: {card.formula}" if card.formula not in ("", card.title) else name
        return (
            f'<g class="card {card.kind.value}" data-node="{card.id}" '
            f'transform="translate({px(box.x)} {px(box.y)})">'
            f"<title>{escape(clean(full, 400))}</title>"
            f"{''.join(self.painted[card.id].parts)}</g>"
        )

    # ---- edges ---------------------------------------------------------------------------------

    def edge(self, key: tuple[str, str]) -> str:
        """Draw the two arrows of an edge: value to value, and gradient to gradient."""
        edges, way = self.joined[key], self.ways[key]
        norms = [edge.norm for edge in edges if edge.norm is not None]
        route = self.routes.get((way, "v"))
        parts = [flat(route, "v", THIN) if route else hanging(way, "v")]
        if norms:
            total = sum(norms)
            heavy = self.thickness(total)
            style = self.style(key[0], total)
            label = self.label(edges)
            route = self.routes.get((way, "g"))
            parts.append(
                flat(route, "g", heavy, style) if route else hanging(way, "g", heavy, style)
            )
            if label:
                x, y = self.spot(way, route.spots if route else [beside(way)])
                parts.append(text(x, y, label, LABEL, "b t-backward-text halo", "middle"))
        rules = " + ".join(edge.rule for edge in edges if edge.rule)
        told = f"brings {number(sum(norms))} (norm)" if norms else "no gradient flows back"
        told = f"{rules}; {told}" if rules and norms else told
        return (
            f'<g class="edge" data-edge="{key[0]}-{key[1]}">'
            f"<title>{escape(clean(told, 400))}</title>{''.join(parts)}</g>"
        )

    def spot(self, way: Way, spots: Sequence[Spot]) -> Spot:
        """Find a place for a label where no card is, no other label, and no line, if there is."""
        (x, y), *others = spots
        least = self.disorder(way, x, y)
        for x2, y2 in others if least else ():
            found = self.disorder(way, x2, y2)
            if found < least:
                x, y, least = x2, y2, found
        self.taken.append(label_area(way, x, y))
        return x, y

    def disorder(self, way: Way, x: float, y: float) -> int:
        """Count what a label would cover: cards and labels weigh more than lines."""
        area = label_area(way, x, y)
        cards = (self.boxes[card.id] for card in self.picture.cards)
        areas = (*self.taken, *((b.x, b.y, b.x + b.width, b.y + b.height) for b in cards))
        covered = sum(overlap(area, other) for other in areas)
        return 1000 * covered + sum(route.runs_through(area) for route in self.routes.values())

    def thickness(self, size: float) -> float:
        """Choose how thick an arrow is: by the root of what it brings."""
        return 1.3 + 3.4 * self.picture.share(size, self.largest)

    def style(self, source: str, size: float) -> str:
        """Choose the colour of a backward arrow: red where it is wrong or not finite."""
        verdict = self.cards[source].verdict
        if not isfinite(size) or (verdict and verdict.status is Status.GUILTY):
            return "guilty"
        return "contaminated" if verdict and verdict.status is Status.CONTAMINATED else "backward"

    # ---- frames --------------------------------------------------------------------------------

    def frames(self) -> tuple[list[str], float, float, float]:
        """Draw the frames of modules, row by row; return how far they reach left, up and right."""
        parts, left, above, rightmost = [], 0.0, 0.0, 0.0
        frames = self.picture.frames
        members: dict[tuple[int, int], list[Box]] = {}
        depth: dict[int, int] = {}
        for i, frame in enumerate(frames):
            depth[i] = 0 if frame.parent is None else depth[frame.parent] + 1
        rows = self.plan.row_of
        for card in self.picture.cards:
            number_ = card.frame
            while number_ is not None:
                box = self.boxes[card.id]
                members.setdefault((number_, rows[box.column]), []).append(box)
                number_ = frames[number_].parent
        deepest = max(depth.values(), default=0)
        for (i, row), inside in sorted(
            members.items(), key=lambda item: (depth[item[0][0]], item[0])
        ):
            inset = 10.0 + 9 * (deepest - depth[i])
            x = min(box.x for box in inside) - inset
            right = max(box.x + box.width for box in inside) + inset
            y = min(box.y for box in inside) - inset - 18 - 14 * (deepest - depth[i])
            bottom = max(box.y + box.height for box in inside) + inset
            if self.is_crowded(inside, (x, y, right, bottom)):
                continue
            frame = frames[i]
            label = clean(frame.path)
            parts.append(
                f'<g class="frame" data-frame="{i}">'
                + rect(x, y, right - x, bottom - y, "f-frame s-frame-line", 8)
                + text(x + 10, y + 15, label, 11.5, "b t-soft")
                + text(x + 18 + width(label, 11.5, bold=True), y + 15, frame.kind, SMALL, "t-soft")
                + "</g>"
            )
            left, rightmost = max(left, -x), max(rightmost, right)
            above = max(above, -y if row == 0 else 0.0)
        return parts, left, above, rightmost

    def is_crowded(self, inside: list[Box], area: Area) -> bool:
        """Tell whether cards of others would lie in a frame."""
        mine = set(inside)
        mine |= {box.hanging for box in inside if box.hanging}
        return any(
            overlap(area, (box.x, box.y, box.x + box.width, box.y + box.height))
            for box in self.boxes.values()
            if box not in mine
        )

    # ---- legend --------------------------------------------------------------------------------

    def legend(self) -> tuple[str, float, float]:
        """Write the title and explain the picture, with no more than occurs in it."""
        picture = self.picture
        title, size = heading(picture), facts(picture)
        parts = [text(0, 20, title, 22, "b t-ink"), text(0, 42, size, 12, "t-soft")]
        widest = max(width(title, 22, bold=True), width(size, 12))
        x = self.phrase(parts, 0, 62, "→ forward", "b t-soft")
        x = self.phrase(parts, x, 62, " joins value to value.   ", "t-soft")
        if picture.is_joined:
            x = self.phrase(parts, x, 62, "← backward", "b t-backward-text")
            said = [" its label is the local derivative"] if self.is_labelled else []
            said += [" its width the size of what it brings"] if picture.has_widths else []
            told = ":".join([" joins gradient to gradient", ",".join(said)]).removesuffix(":")
            x = self.phrase(parts, x, 62, f"{told}.", "t-backward-text")
        widest = max(widest, x)
        x = 0.0
        kinds = {card.kind for card in picture.cards}
        for kind, meaning in MEANING.items():
            if kind in kinds:
                w = width(kind.value, 10, bold=True) + 12
                parts.append(rect(x, 74, w, 18, f"f-{HEADERS[kind]}", 3))
                parts.append(text(x + 6, 87, kind.value, 10, "b t-on"))
                x = self.phrase(parts, x + w + 5, 87, f"{meaning}    ", "t-soft", 11)
        if picture.is_full:
            x = self.ramp(parts, x, "v", f"value {MINUS} 0 +")
            if picture.is_backward:
                x = self.ramp(parts, x, "g", f"gradient {MINUS} 0 +")
        return "".join(parts), max(widest, x), 96.0

    def phrase(
        self, parts: list[str], x: float, y: float, content: str, style: str, size: float = 12
    ) -> float:
        """Set some words, and return where the next begin."""
        is_bold = "b " in style
        start = x + width(content, size, bold=is_bold) - width(content.lstrip(), size, bold=is_bold)
        parts.append(text(start, y, content.strip(), size, style))
        return x + width(content, size, bold=is_bold)

    def ramp(self, parts: list[str], x: float, part: str, word: str) -> float:
        """Show a scale of colours."""
        for i, step in enumerate(("m5", "m2", "0", "p2", "p5")):
            parts.append(rect(x + 14 * i, 77, 14, 12, f"{part}-{step} s-grid"))
        return self.phrase(parts, x + 76, 87, f"{word}     ", "t-soft", 11)


def join_edges(picture: Picture) -> dict[tuple[str, str], list[Edge]]:
    """Join the edges between the same two cards: an operand may be used twice."""
    joined: dict[tuple[str, str], list[Edge]] = {}
    for edge in picture.edges:
        joined.setdefault((edge.source, edge.target), []).append(edge)
    return joined


def painted_cards(picture: Picture, least: Mapping[str, float]) -> dict[str, Painted]:
    """Draw all cards, each at least so wide."""
    joined = {(edge.source, edge.target) for edge in picture.edges}
    leaving = Counter(source for source, _ in joined)
    arriving = Counter(target for _, target in joined)
    return {
        card.id: paint(
            card,
            max(leaving[card.id], arriving[card.id], 1),
            least.get(card.id, 0.0),
            is_full=picture.is_full,
        )
        for card in picture.cards
    }


def label_area(way: Way, x: float, y: float) -> Area:
    """Find what the label of an edge covers."""
    return x - way.room / 2, y - LABEL, x + way.room / 2, y + 3


def overlap(a: Area, b: Area) -> bool:
    """Tell whether two rectangles, (left, top, right, bottom), have points in common."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


# ---- arrows ------------------------------------------------------------------------------------


def flat(route: Route, lane: str, thickness: float, style: str = "forward") -> str:
    """Draw an arrow from column to column; backward it points to where it starts."""
    way = "forward" if lane == "v" else "backward"
    line = f'<path d="{route.path}" class="{way} s-{style}" stroke-width="{px(thickness)}"/>'
    x, y = route.end if lane == "v" else route.start
    size = ARROW + thickness
    sign = -1.0 if lane == "v" else 1.0
    return line + arrow(x, y, sign * size, 0.0, style)


def hanging(way: Way, lane: str, thickness: float = THIN, style: str = "forward") -> str:
    """Draw an arrow between an operation and the leaf that hangs below it."""
    name = "forward" if lane == "v" else "backward"
    x = way.source.x + way.source.width / 2 + (-5 if lane == "v" else 5)
    low, high = way.source.y, way.target.y + way.target.height
    line = (
        f'<path d="M{px(x)} {px(low)}V{px(high)}" class="{name} s-{style}" '
        f'stroke-width="{px(thickness)}"/>'
    )
    size = ARROW + thickness
    tip = (x, high, 0.0, size) if lane == "v" else (x, low, 0.0, -size)
    return line + arrow(*tip, style)


def beside(way: Way) -> Spot:
    """Find the place of a label beside what hangs."""
    return way.source.x + way.source.width / 2 + 13 + way.room / 2, way.source.y - 18


def arrow(x: float, y: float, dx: float, dy: float, style: str) -> str:
    """Draw the head of an arrow; from its tip it widens in direction (dx, dy)."""
    a = f"{px(x + dx - dy * 0.42)},{px(y + dy + dx * 0.42)}"
    b = f"{px(x + dx + dy * 0.42)},{px(y + dy - dx * 0.42)}"
    return f'<polygon points="{px(x)},{px(y)} {a} {b}" class="a-{style}"/>'
