"""Where columns stand: side by side, in rows of a page's width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd_nn.draw.boxes import HANG, LANES, Box, Way

GAP, LABEL_ROOM = 46.0, 30.0
STUB = 0.15  # of a row's width: what is shorter gets no row of its own
MOST_TURNS = 6  # edges that go on in the next row
TURN = 2.4 * LANES  # between them


@dataclass
class Row:
    """Columns that stand side by side."""

    first: int
    last: int
    turns: int = 0  # edges that go on in later rows
    top: float = 0.0  # of y
    bottom: float = 0.0  # of what stands in it
    shift: float = 0.0  # of x


@dataclass
class Plan:
    """A finished layout."""

    columns: list[float]  # left edges, on one endless line
    widths: list[float]
    rows: list[Row]
    width: float
    height: float
    apart: float  # rows, where one edge goes on

    @property
    def row_of(self) -> list[int]:
        """In which row each column is."""
        return [i for i, row in enumerate(self.rows) for _ in range(row.first, row.last + 1)]


def choose_gaps(n: int, ways: Sequence[Way]) -> list[float]:
    """Leave room for labels: before what an edge arrives at, or beside what hangs."""
    gaps = [GAP] * n
    for way in ways:
        column, room = max(way.target.column - 1, 0), way.room + LABEL_ROOM
        if way.hangs:
            column, room = way.target.column, room - way.target.breadth / 2
        if way.room:
            gaps[column] = max(gaps[column], room)
    return gaps


def lay_out(
    columns: list[list[Box]],
    ways: Sequence[Way],
    limit: float,
    apart: float,
    pairs: Sequence[tuple[Box, Box]],
) -> Plan:
    """Choose widths, break the line of columns into rows, and place every box."""
    widths = [max((box.breadth for box in column), default=0.0) for column in columns]
    gaps = choose_gaps(len(columns), ways)
    lefts = [0.0]
    for size, gap in zip(widths, gaps, strict=True):
        lefts.append(lefts[-1] + size + gap)
    ties, crossed = [0] * len(columns), [0] * len(columns)
    for a, b in pairs:
        ties[a.column] += int(a.column < b.column)
    for way in ways:
        for column in range(way.source.column, min(way.target.column, way.source.column + 99)):
            crossed[column] += 1
            ties[column] += int(way.source.is_leaf)
    rows = break_rows(lefts, widths, limit, ties, crossed)
    top = 0.0
    for row in rows:
        members = [box for column in columns[row.first : row.last + 1] for box in column]
        highest = min((box.y for box in members), default=0.0)
        lowest = max((box.y + box.value + box.below for box in members), default=0.0)
        row.top, row.bottom, row.shift = top - highest, top + lowest - highest, -lefts[row.first]
        top = row.bottom + apart + TURN * max(row.turns - 1, 0)
        for box in members:
            box.y += row.top
            middle = lefts[box.column] + widths[box.column] / 2 + row.shift
            box.x = middle - box.width / 2
            if box.hanging:
                box.hanging.x = middle - box.hanging.width / 2
                box.hanging.y = box.y + box.height + HANG
    widest = max(lefts[row.last] + widths[row.last] + row.shift for row in rows)
    return Plan(lefts, widths, rows, widest, rows[-1].bottom, apart)


def break_rows(
    lefts: list[float], widths: list[float], limit: float, ties: list[int], crossed: list[int]
) -> list[Row]:
    """Break columns into rows of about equal length, where few edges go on and few `ties` are cut.

    A row is longer than `limit` if there is no such place.
    """
    n = len(widths)
    rights = [left + width for left, width in zip(lefts, widths, strict=False)]
    if rights[-1] <= limit:
        return [Row(0, n - 1)]
    wanted = rights[-1] / -(-rights[-1] // limit)
    rows, first = [], 0
    while first < n:
        best, least = n - 1, float("inf")
        for last in range(first, n):
            length = rights[last] - lefts[first]
            if length > limit and best < n - 1:
                break
            is_end = last == n - 1
            if (crossed[last] <= MOST_TURNS or is_end) and (length <= limit or best == n - 1):
                short = abs(length / wanted - 1) if not is_end or length < wanted else 0.0
                cost = short + 0.25 * min(ties[last], 3) + 0.1 * max(crossed[last] - 1, 0)
                if cost < least:
                    best, least = last, cost
                if length > limit:
                    break
        rest = rights[-1] - lefts[min(best + 1, n - 1)]
        if rights[-1] - lefts[first] <= limit or rest < STUB * limit:
            best = n - 1
        rows.append(Row(first, best, crossed[best]))
        first = best + 1
    return rows
