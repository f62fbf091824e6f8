"""Where everything stands: a straight spine, and what else there is below it.

Columns are distances from the beginning.  The longest way to the end is the spine, on top; other
ways run below.  A leaf hangs below the operation that uses it where the value comes from elsewhere.
Everything is a loop: no depth of a graph is too deep.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from operator import attrgetter

from autograd_nn.draw.boxes import LANES, Box, Way
from autograd_nn.draw.rows import GAP, Plan, lay_out

BETWEEN = 26.0  # cards of a column
LONGEST_WAY = 60  # columns that an edge is led through; beyond, it is drawn straight
MOST_STOPS = 20_000  # in all; of more, only shorter edges are led: the work stays in bounds
SWEEPS, FEW = 8, 2_000
FIXED, STIFF = 1e6, 1e3  # weights of the spine, and of edges that pass several columns


def place(
    boxes: Sequence[Box],
    ways: Sequence[Way],
    limit: float,
    apart: float = 3 * GAP,
    pairs: Sequence[tuple[Box, Box]] = (),
) -> Plan:
    """Place boxes, operands before what is computed from them, in rows of at most `limit`.

    Rows are `apart`.  The boxes of each of `pairs` would rather be in the same row.
    """
    join(boxes, ways)
    hang(boxes)
    assign_columns(boxes)
    find_spine(boxes)
    columns = lead(boxes, ways)
    join(boxes, ways)
    arrange(columns)
    stack(columns)
    straighten(columns, ways)
    give_slots(ways)
    return lay_out(columns, ways, limit, apart, pairs)


# ---- columns -----------------------------------------------------------------------------------


def join(boxes: Sequence[Box], ways: Sequence[Way]) -> None:
    """Let boxes know their neighbours: operands and uses, or else the stops on the way there."""
    for box in boxes:
        box.before, box.after = [], []
    for way in ways:
        if not way.hangs:
            for a, b in pairwise([way.source, *way.stops, way.target]):
                a.after.append(b)
                b.before.append(a)


def hang(boxes: Sequence[Box]) -> None:
    """Hang one leaf below each operation that has another operand."""
    for box in boxes:
        leaves = [b for b in box.before if b.is_leaf and len(b.after) == 1 and not b.hangs_from]
        if leaves and len(set(box.before)) > 1:
            chosen = next((b for b in reversed(leaves) if b.is_parameter), leaves[-1])
            chosen.hangs_from, box.hanging = box, chosen


def assign_columns(boxes: Sequence[Box]) -> None:
    """Put each box as far right as what uses it allows: next to it, at most."""
    for box in boxes:
        before = [b for b in box.before if not b.is_leaf]
        box.depth = box.column = 1 + max((b.depth for b in before), default=0)
    for box in reversed(boxes):
        if box.hangs_from:
            box.column = box.hangs_from.column
        elif box.after:
            box.column = min(b.column for b in box.after) - 1
    least = min((box.column for box in boxes), default=0)
    for box in boxes:
        box.column -= least


def find_spine(boxes: Sequence[Box]) -> None:
    """Mark the longest way to the end."""
    free = [box for box in boxes if not box.hangs_from]
    here = max(free, key=lambda box: box.column, default=None)
    while here is not None:
        here.is_fixed, here.weight = True, FIXED
        sources = [b for b in here.before if b.hangs_from is None]
        here = max(sources, key=lambda b: (not b.is_leaf, b.depth), default=None)


def lead(boxes: Sequence[Box], ways: Sequence[Way]) -> list[list[Box]]:
    """Give long edges stops in the columns that they pass; return the columns."""
    columns: list[list[Box]] = [[] for _ in range(1 + max((b.column for b in boxes), default=0))]
    for box in boxes:
        if not box.hangs_from:
            columns[box.column].append(box)
    longest = longest_led(ways)
    for way in ways:
        between = range(way.source.column + 1, way.target.column)
        if way.hangs or len(between) > longest:
            continue
        for column in between:
            stop = Box(0, 2 * LANES, LANES / 2, LANES * 1.5, column=column)
            columns[column].append(stop)
            way.stops.append(stop)
    return columns


def longest_led(ways: Sequence[Way]) -> int:
    """Choose how many columns an edge may be led through, so that there are not too many stops."""
    spans = Counter(way.target.column - way.source.column - 1 for way in ways if not way.hangs)
    stops = 0
    for span in range(1, LONGEST_WAY + 1):
        stops += span * spans[span]
        if stops > MOST_STOPS:
            return span - 1
    return LONGEST_WAY


# ---- order and heights -------------------------------------------------------------------------


def arrange(columns: list[list[Box]]) -> None:
    """Order each column so that few edges cross: the spine on top, the rest by their neighbours."""
    number(columns)
    if all(len(column) == 1 for column in columns):
        return
    count = sum(map(len, columns))
    best, fewest = [[*column] for column in columns], crossings(columns)
    for sweep in range(SWEEPS if count <= FEW else 2):
        if not fewest:
            break
        is_leftward = sweep % 2 == 0
        for column in reversed(columns) if is_leftward else columns:
            for box in column:
                beside = box.after if is_leftward else box.before
                if box.is_fixed:
                    box.order = -1.0  # on top
                elif beside:
                    box.order = sum([b.order for b in beside]) / len(beside)
            column.sort(key=order_of)
            for i, box in enumerate(column):
                box.order = float(i)
        found = crossings(columns)
        if found < fewest:
            best, fewest = [[*column] for column in columns], found
    columns[:] = best
    number(columns)


def number(columns: list[list[Box]]) -> None:
    """Give the boxes of each column their order from the top, the spine first."""
    for column in columns:
        column.sort(key=lambda box: not box.is_fixed)
        for i, box in enumerate(column):
            box.order = float(i)


order_of = attrgetter("order")


def crossings(columns: list[list[Box]]) -> int:
    """Count the crossings between neighbouring columns."""
    return sum(
        inversions([end for box in column for end in sorted([b.order for b in box.after])])
        for column in columns
    )


def inversions(found: Sequence[float]) -> int:
    """Count the pairs that are out of order.

    >>> inversions([0.0, 2.0, 1.0, 0.0])
    3
    """
    total = 0
    before: list[float] = []
    for i, x in enumerate(found):
        place_ = bisect_right(before, x)
        total += i - place_
        before.insert(place_, x)
    return total


def stack(columns: list[list[Box]]) -> None:
    """Choose heights: the spine's values on one line, the rest level with their neighbours."""
    for column in columns:
        for a, b in pairwise(column):
            b.offset = a.offset + a.below + BETWEEN + b.value
        level(column, [0.0] * len(column))
    if all(len(column) == 1 for column in columns):
        return
    free = [
        (column, [[*box.before, *box.after] for box in column])
        for column in columns
        if not (len(column) == 1 and column[0].is_fixed)
    ]
    for sweep in range(4):
        for column, beside in free if sweep % 2 == 0 else reversed(free):
            level(column, [middle(boxes) for boxes in beside])


def middle(boxes: Sequence[Box]) -> float:
    """Average the heights of value ports."""
    return sum([b.y + b.value for b in boxes]) / len(boxes) if boxes else 0.0


def straighten(columns: list[list[Box]], ways: Sequence[Way]) -> None:
    """Lead edges that pass several columns at one height, the lowest that they need."""
    far = [way.stops for way in ways if len(way.stops) > 1]
    for stop in chain.from_iterable(far):
        stop.weight = STIFF
    passed = [column for column in columns if any(box.weight == STIFF for box in column)]
    for _ in range(3):
        wishes: dict[Box, float] = {}
        for stops in far:
            lowest = max([stop.y + stop.value for stop in stops])
            wishes |= dict.fromkeys(stops, lowest)
        for column in passed:
            level(column, [wishes.get(box, box.y + box.value) for box in column])


def level(column: list[Box], wanted: list[float]) -> None:
    """Put boxes below one another with their ports as near as can be to what is wanted.

    Neighbours that would overlap move together, to the mean of what they want, by weight.
    """
    blocks: list[tuple[float, float, float, int]] = []  # that move together
    for box, wish in zip(column, wanted, strict=True):
        weight, size = box.weight, 1
        total = weight * ((0.0 if box.is_fixed else wish) - box.offset)
        mean = total / weight
        while blocks and blocks[-1][0] > mean:
            _, total_above, weight_above, size_above = blocks.pop()
            total, weight, size = total + total_above, weight + weight_above, size + size_above
            mean = total / weight
        blocks.append((mean, total, weight, size))
    means = [mean for mean, _, _, size in blocks for _ in range(size)]
    for box, mean in zip(column, means, strict=True):
        box.y = (0.0 if box.is_fixed else round(mean + box.offset, 1)) - box.value


def give_slots(ways: Sequence[Way]) -> None:
    """Order the edges at each end from the top, so that they meet the card without crossing."""
    leaving: dict[Box, list[Way]] = {}
    arriving: dict[Box, list[Way]] = {}
    for way in ways:
        if not way.hangs:
            leaving.setdefault(way.source, []).append(way)
            arriving.setdefault(way.target, []).append(way)
    for found in leaving.values():
        found.sort(key=lambda way: (way.stops[0] if way.stops else way.target).y)
        for i, way in enumerate(found):
            way.out_slot = i
    for found in arriving.values():
        found.sort(key=lambda way: (way.stops[-1] if way.stops else way.source).y)
        for i, way in enumerate(found):
            way.in_slot = i
