"""Lines from card to card: curves between columns, and around the page from row to row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

from autograd_nn.draw.boxes import LANES, Box, Way
from autograd_nn.draw.cards import PORT, px
from autograd_nn.draw.rows import GAP, TURN, Plan

ROUND = 9.0


Spot = tuple[float, float]
Area = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass
class Route:
    """A line as pieces: a piece is a curve between two points, or a line around corners."""

    pieces: list[list[Spot]]
    room: float  # for the label

    @property
    def start(self) -> Spot:
        """Where it begins."""
        return self.pieces[0][0]

    @property
    def end(self) -> Spot:
        """Where it ends."""
        return self.pieces[-1][-1]

    @property
    def path(self) -> str:
        """The line as the data of an SVG path."""
        x, y = self.start
        drawn = [curve(*p) if len(p) == 2 else rounded(p) for p in self.pieces]  # noqa: PLR2004
        return f"M{px(x)} {px(y)}{''.join(drawn)}"

    @property
    def spots(self) -> list[Spot]:
        """Where the middle of the label's baseline may be, best first."""
        half = self.room / 2 + 12
        found: list[Spot] = []
        for piece in reversed(self.pieces):
            (x, y), (x2, y2) = piece[0], piece[-1]
            middle, before, after = (x + x2) / 2, x2 - half, x + half
            if len(piece) > 2:  # noqa: PLR2004 (around corners)
                found += [(before, y2 - 6), (before, y2 + 15)]
            elif not is_level(*piece):
                found += [(before, y2 - 6), (after, y + 15), (before, y2 + 15), (after, y - 6)]
                found.append((middle, (y + y2) / 2))
            elif x2 - x > 1:
                found += [(middle, y - 6), (middle, y + 15)]
        return found

    @cached_property
    def points(self) -> list[Spot]:
        """Points on the line, close to one another where it is not straight."""
        found = [bent(*p) if len(p) == 2 else p for p in self.pieces]  # noqa: PLR2004 (a curve)
        return [self.start, *chain.from_iterable(found)]

    def runs_through(self, area: Area) -> bool:
        """Tell whether the line has points in an area."""
        return any(cuts(a, b, area) for a, b in pairwise(self.points))


class Router:
    """Leads edges; those that go on in the next row go around the page, one in another."""

    def __init__(self, plan: Plan, ways: Sequence[Way]) -> None:
        self.plan, self.rows = plan, plan.row_of
        self.left, self.reach = 0.0, plan.width  # how far lines reach
        shifts = [plan.rows[row].shift for row in self.rows]
        self.edges = [  # of each column, left and right
            (left + shift, left + width + shift)
            for left, width, shift in zip(plan.columns, plan.widths, shifts, strict=False)
        ]
        self.room = [0.0] * len(plan.rows)  # for the labels of those that turn at a row's end
        turning: list[list[tuple[float, Way]]] = [[] for _ in plan.rows]
        for way in ways:
            if self.rows[way.source.column] == self.rows[way.target.column]:
                continue
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
        points = [(way.source.column, start)]
        down = LANES / 2 + (0.0 if lane == "v" else LANES)
        for stop in way.stops:
            y, column = stop.y + down, stop.column
            left, right = self.edges[column]
            points += ((column, (left, y)), (column, (right, y)))
        points.append((way.target.column, end))
        if not is_level(start, points[1][1]):  # past wider cards of its column
            column = way.source.column
            points.insert(1, (column, (self.edges[column][1], start[1])))
        if not is_level(points[-2][1], end):
            column = way.target.column
            points.insert(-1, (column, (self.edges[column][0], end[1])))
        pieces = [
            [a, b] if self.rows[column] == self.rows[to] else self.turn(way, column, a, b, lane)
            for (column, a), (to, b) in pairwise(points)
        ]
        return Route(pieces, way.room)

    def turn(self, way: Way, column: int, start: Spot, end: Spot, lane: str) -> list[Spot]:
        """Lead a line from the end of a row around to the beginning of a later one.

        What leaves lowest turns first, and is the outermost on the left; the gradient's way goes
        within the value's, and then around it.
        """
        row = self.rows[column]
        rank, left_rank = self.ranks[way, row]
        out = TURN * rank + (LANES if lane == "v" else 0.0)
        right = self.edges[self.plan.rows[row].last][1] + 0.9 * GAP + out
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


def is_level(a: Spot, b: Spot) -> bool:
    """Tell whether a line between two points is level, or nearly."""
    return abs(a[1] - b[1]) < 2  # noqa: PLR2004 (nobody sees less)


def curve(a: Spot, b: Spot) -> str:
    """Lead a line on, level at both ends."""
    (x, y), (x2, y2) = a, b
    if abs(y2 - y) < 0.05:  # noqa: PLR2004 (less than what is written)
        return f"H{px(x2)}"
    middle, level = px((x + x2) / 2), px(y2)
    return f"C{middle} {px(y)} {middle} {level} {px(x2)} {level}"


def bent(a: Spot, b: Spot) -> list[Spot]:
    """List points on such a curve.

    >>> bent((0.0, 0.0), (8.0, 4.0))[3::4]
    [(4.0, 2.0), (8.0, 4.0)]
    """
    (x, y), (x2, y2) = a, b
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
