"""Lines from card to card: curves between columns, and around the page from row to row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd_nn.draw.boxes import LANES, Box, Way
from autograd_nn.draw.cards import PORT, px
from autograd_nn.draw.rows import GAP, TURN, Plan

ROUND = 9.0


Spot = tuple[float, float]
Area = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass
class Route:
    """A line as the data of an SVG path, its ends, and where its label may stand, best first.

    A spot is the middle of the label's baseline.  `points` are on the line, close to one another
    where it is not straight.
    """

    path: str
    start: Spot
    end: Spot
    spots: list[Spot]
    points: list[Spot]

    def runs_through(self, area: Area) -> bool:
        """Tell whether the line has points in an area."""
        return any(cuts(a, b, area) for a, b in pairwise(self.points))


class Router:
    """Leads edges; those that go on in the next row go around the page, nested, and never cross."""

    def __init__(self, plan: Plan, ways: Sequence[Way]) -> None:
        self.plan, self.rows = plan, plan.row_of
        self.left, self.reach = 0.0, plan.width  # how far lines reach
        self.room = [0.0] * len(plan.rows)  # for the labels of those that turn at a row's end
        turning: list[list[tuple[float, Way]]] = [[] for _ in plan.rows]
        for way in ways if len(plan.rows) > 1 else ():
            for a, b in pairwise([way.source, *way.stops, way.target]):
                row = self.rows[a.column]
                if row != self.rows[b.column]:
                    y = leave(way, "v")[1] if a is way.source else a.y
                    turning[row].append((y, way))
                    self.room[row] = max(self.room[row], way.room)
        self.ranks: dict[tuple[Way, int], tuple[int, int]] = {}  # right and left, from inside
        for row, found in enumerate(turning):
            found.sort(key=lambda turn: -turn[0])
            for rank, (_, way) in enumerate(found):
                self.ranks[way, row] = rank, len(found) - 1 - rank

    def lead(self, way: Way, lane: str) -> Route:
        """Lead one of the two arrows of an edge: lane "v" forward, "g" backward."""
        start, end = leave(way, lane), arrive(way, lane)
        points = [(way.source.column, *start)]
        for stop in way.stops:
            y = stop.y + LANES / 2 + (0.0 if lane == "v" else LANES)
            points += [(stop.column, x, y) for x in self.edges(stop.column)]
        points.append((way.target.column, *end))
        if not is_level(points[0], points[1]):  # past wider cards of its column
            points.insert(1, (way.source.column, self.edges(way.source.column)[1], start[1]))
        if not is_level(points[-2], points[-1]):
            points.insert(-1, (way.target.column, self.edges(way.target.column)[0], end[1]))
        path = f"M{px(start[0])} {px(start[1])}"
        spots: list[Spot] = []
        passed: list[Spot] = [start]
        half = way.room / 2 + 12
        for a, b in pairwise(points):
            (column, x, y), (to, x2, y2) = a, b
            if self.rows[column] != self.rows[to]:
                corners = self.turn(way, self.rows[column], (x, y), (x2, y2), lane)
                path += rounded(corners)
                near = [(x2 - half, y2 - 6), (x2 - half, y2 + 15)]
            elif is_level(a, b):
                path += curve(x, y, x2, y2)
                corners = [(x2, y2)]
                near = [((x + x2) / 2, y - 6), ((x + x2) / 2, y + 15)] if x2 - x > 1 else []
            else:
                path += curve(x, y, x2, y2)
                corners = bent(x, y, x2, y2)
                near = [(x2 - half, y2 - 6), (x + half, y + 15), (x2 - half, y2 + 15)]
                near += [(x + half, y - 6), ((x + x2) / 2, (y + y2) / 2)]
            spots = [*near, *spots]
            passed += corners
        return Route(path, start, end, spots, passed)

    def edges(self, column: int) -> Spot:
        """Find the left and the right edge of a column."""
        left = self.plan.columns[column] + self.plan.rows[self.rows[column]].shift
        return left, left + self.plan.widths[column]

    def turn(self, way: Way, row: int, start: Spot, end: Spot, lane: str) -> list[Spot]:
        """Lead a line from the end of a row around to the beginning of a later one.

        What leaves lowest turns first, and is the outermost on the left; the gradient's way goes
        within the value's, and then around it.
        """
        rank, left_rank = self.ranks[way, row]
        out = TURN * rank + (LANES if lane == "v" else 0.0)
        right = self.edges(self.plan.rows[row].last)[1] + 0.9 * GAP + out
        bottom = self.plan.rows[row].bottom + 0.4 * self.plan.apart + out
        left = -max(GAP / 2, self.room[row] + 20) - TURN * left_rank - LANES * (lane == "g")
        self.left, self.reach = min(self.left, left), max(self.reach, right)
        return [start, (right, start[1]), (right, bottom), (left, bottom), (left, end[1]), end]


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


def is_level(a: tuple[int, float, float], b: tuple[int, float, float]) -> bool:
    """Tell whether a line between two points is level, or nearly."""
    return abs(a[2] - b[2]) < 2  # noqa: PLR2004 (nobody sees less)


def curve(x: float, y: float, x2: float, y2: float) -> str:
    """Lead a line on, level at both ends."""
    if abs(y2 - y) < 0.05:  # noqa: PLR2004 (less than what is written)
        return f"H{px(x2)}"
    middle = px((x + x2) / 2)
    return f"C{middle} {px(y)} {middle} {px(y2)} {px(x2)} {px(y2)}"


def bent(x: float, y: float, x2: float, y2: float) -> list[Spot]:
    """List points on such a curve.

    >>> bent(0.0, 0.0, 8.0, 4.0)[3::4]
    [(4.0, 2.0), (8.0, 4.0)]
    """
    found = []
    for i in range(1, 9):
        t = i / 8
        along = 1.5 * t * (1 - t) + t**3  # both controls stand in the middle
        found.append((x + (x2 - x) * along, y + (y2 - y) * t * t * (3 - 2 * t)))
    return found


def cuts(a: Spot, b: Spot, area: Area) -> bool:
    """Tell whether a straight line has points in an area.

    >>> cuts((0, 0), (4, 4), (1, 1, 2, 2)), cuts((0, 0), (4, 4), (3, 1, 4, 2))
    (True, False)
    """
    enter, leave_ = 0.0, 1.0
    for i in (0, 1):
        step, low, high = b[i] - a[i], area[i] - a[i], area[i + 2] - a[i]
        if not step:
            if low >= 0 or high <= 0:
                return False
            continue
        enter = max(enter, min(low / step, high / step))
        leave_ = min(leave_, max(low / step, high / step))
    return enter < leave_


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
