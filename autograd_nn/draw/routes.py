"""Lines from card to card: curves between columns, and around the page from row to row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd_nn.draw.cards import PORT, px
from autograd_nn.draw.layout import GAP, LANES, Box, Plan, Way

ROUND = 9.0


Spot = tuple[float, float]


@dataclass
class Route:
    """A line as the data of an SVG path, its ends, and where its label may stand, best first.

    A spot is the middle of the label's baseline.
    """

    path: str
    start: Spot
    end: Spot
    spots: list[Spot]


class Router:
    """Leads edges; those that go on in the next row get ways of their own around the page."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.turns = [0] * len(plan.rows)
        self.left, self.reach = 0.0, plan.width  # how far lines reach
        self.bottoms, top = [], 0.0
        for row in plan.rows:
            self.bottoms.append(top + row.height)
            top += row.height + plan.apart
        self.rows = {
            column: i
            for i, row in enumerate(plan.rows)
            for column in range(row.first, row.last + 1)
        }

    def lead(self, way: Way, lane: str) -> Route:
        """Lead one of the two arrows of an edge: lane "v" forward, "g" backward."""
        start, end = leave(way, lane), arrive(way, lane)
        points = [(way.source.column, *start)]
        for stop in way.stops:
            y = stop.y + LANES / 2 + (0.0 if lane == "v" else LANES)
            x = self.plan.columns[stop.column] + self.plan.rows[self.rows[stop.column]].shift
            points.append((stop.column, x, y))
            points.append((stop.column, x + self.plan.widths[stop.column], y))
        points.append((way.target.column, *end))
        path = f"M{px(start[0])} {px(start[1])}"
        spots: list[Spot] = []
        half = way.room / 2 + 12
        for (column, x, y), (to, x2, y2) in pairwise(points):
            if self.rows[column] != self.rows[to]:
                path += self.turn(way, self.rows[column], (x, y), (x2, y2), lane)
                near: list[Spot] = [(x2 - half, y2 - 6)]
            else:
                path += curve(x, y, x2, y2)
                is_level = abs(y2 - y) < 2  # noqa: PLR2004 (nearly level)
                near = [((x + x2) / 2, y - 6), ((x + x2) / 2, y + 15)]
                if not is_level:
                    near = [(x2 - half, y2 - 6), (x + half, y + 15), (x2 - half, y2 + 15)]
                    near.append(((x + x2) / 2, (y + y2) / 2))
            spots = [*near, *spots]
        return Route(path, start, end, spots)

    def turn(self, way: Way, row: int, start: Spot, end: Spot, lane: str) -> str:
        """Lead a line from the end of a row around to the beginning of a later one."""
        if lane == "v":
            self.turns[row] += 1
        apart = 2.4 * LANES * (self.turns[row] - 1)
        inner = 0.0 if lane == "v" else LANES  # the gradient's way is the inner one, then the outer
        right = self.right(row) + 0.9 * GAP + apart + LANES - inner
        bottom = self.bottoms[row] + 0.4 * self.plan.apart + apart + LANES - inner
        left = -max(GAP / 2, way.room + 20) - apart - inner
        self.left, self.reach = min(self.left, left), max(self.reach, right)
        corners = [start, (right, start[1]), (right, bottom), (left, bottom), (left, end[1]), end]
        return rounded(corners)

    def right(self, row: int) -> float:
        """Find the right edge of a row."""
        found = self.plan.rows[row]
        return self.plan.columns[found.last] + self.plan.widths[found.last] + found.shift


def leave(way: Way, lane: str) -> Spot:
    """Find where an edge leaves its source."""
    box = way.source
    return box.x + box.width, height(box, way.out_slot, lane)


def arrive(way: Way, lane: str) -> Spot:
    """Find where an edge arrives at its target."""
    return way.target.x, height(way.target, way.in_slot, lane)


def height(box: Box, slot: int, lane: str) -> float:
    """Find the port: the first edge joins values, and gradients; the others are lower."""
    if not slot or box.height < 4 * LANES:
        return box.y + (box.value if lane == "v" else box.gradient)
    middle = box.y + box.gradient + min(PORT * slot, box.height - box.gradient - LANES / 2 - 2)
    return middle + (LANES / 2 if lane == "g" else -LANES / 2)


def curve(x: float, y: float, x2: float, y2: float) -> str:
    """Lead a line on, level at both ends."""
    if abs(y2 - y) < 0.05:  # noqa: PLR2004 (less than what is written)
        return f"H{px(x2)}"
    middle = px((x + x2) / 2)
    return f"C{middle} {px(y)} {middle} {px(y2)} {px(x2)} {px(y2)}"


def rounded(corners: Sequence[Spot]) -> str:
    """Lead a line around corners."""
    path = ""
    for a, b, c in zip(corners, corners[1:], corners[2:], strict=False):
        r = min(ROUND, distance(a, b) / 2, distance(b, c) / 2)
        p, q = toward(b, a, r), toward(b, c, r)
        path += f"L{px(p[0])} {px(p[1])}Q{px(b[0])} {px(b[1])} {px(q[0])} {px(q[1])}"
    end = corners[-1]
    return f"{path}L{px(end[0])} {px(end[1])}"


def distance(a: Spot, b: Spot) -> float:
    """Measure a line that is level or upright."""
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def toward(a: Spot, b: Spot, r: float) -> Spot:
    """Go from `a` a way of `r` in the direction of `b`."""
    d = distance(a, b) or 1.0
    return a[0] + (b[0] - a[0]) * r / d, a[1] + (b[1] - a[1]) * r / d
