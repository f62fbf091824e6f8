"""The flow of values from line to line as a picture: SVG in the colours of the lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from autograd_nn.compare.diagnosis.excerpts import MARKS, Status, statements, statuses

if TYPE_CHECKING:
    from autograd_nn.compare.diagnosis.result import CodeLine, Diagnosis

_ROW, _BOX, _LETTER = 40, 28, 8.2  # pixels
_LONGEST = 44


@dataclass(frozen=True)
class _Line:
    number: int
    status: Status
    made: str  # the variable, or the function of which it is the result
    label: str
    used: frozenset[str]
    function: str


def flow(diagnosis: Diagnosis) -> str:
    """Return the picture; empty if the text of the code is not known."""
    found = statuses(diagnosis)
    drawings = [
        drawing
        for file, of_file in found.items()
        if (drawing := _drawn(_lines(diagnosis.sources.get(file, ""), of_file)))
    ]
    return "\n".join(drawings)


def _lines(source: str, of_file: Mapping[int, tuple[Status, CodeLine]]) -> list[_Line]:
    functions = [node for node in statements(source) if isinstance(node, ast.FunctionDef)]
    lines = []
    for number, (status, _) in sorted(of_file.items()):
        inside = [f for f in functions if f.lineno <= number <= (f.end_lineno or 0)]
        function = max(inside, key=lambda f: f.lineno).name if inside else ""
        for node in statements(source):
            if node.lineno != number or isinstance(node, ast.FunctionDef):
                continue
            target = _target(node)
            label = f"{function}()" if target is None else target
            lines.append(_Line(number, status, target or function, label, _used(node), function))
            break
    return lines


def _target(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    if isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        return ast.unparse(node.target)
    return None


def _used(node: ast.stmt) -> frozenset[str]:
    """Return what a statement reads: names, their attributes and items, as they are spelled."""
    spelled = {
        ast.unparse(part)
        for part in ast.walk(node)
        if isinstance(part, (ast.Name, ast.Attribute, ast.Subscript))
        and isinstance(part.ctx, ast.Load)
    }
    if isinstance(node, ast.AugAssign):
        spelled.add(ast.unparse(node.target))
    return frozenset(spelled | {name.removeprefix("self.") for name in spelled})


def _edges(lines: list[_Line]) -> Iterator[tuple[int, int]]:
    """Yield which line's value another line uses: the last before it, or a helper's result."""
    for end, line in enumerate(lines):
        for name in sorted(line.used):
            before = [
                start
                for start, other in enumerate(lines)
                if other.made == name
                and (
                    (start < end and other.function == line.function)
                    or (other.function == name and line.function != name)
                )
            ]
            if before:
                yield before[-1], end


def _drawn(lines: list[_Line]) -> str:
    if not lines:
        return ""
    labels = [f"{MARKS[line.status]} {line.number}  {_short(line.label)}" for line in lines]
    width = max(map(len, labels)) * _LETTER + 24
    arcs, reach = [], 0.0
    for start, end in sorted(set(_edges(lines))):
        out = 24 + 18 * abs(end - start)
        reach = max(reach, out)
        y1, y2 = (_ROW * row + _BOX / 2 + 4 for row in (start, end))
        y1, y2 = y1 + 5 * (1 if end > start else -1), y2 - 5 * (1 if end > start else -1)
        x = width + 4
        arcs.append(
            f'<path class="{lines[start].status}" marker-end="url(#arrow)" d="M{x:.0f} {y1:.0f} '
            f'C{x + out:.0f} {y1:.0f} {x + out:.0f} {y2:.0f} {x + 4:.0f} {y2:.0f}"/>'
        )
    boxes = [
        f'<g class="{line.status}"><title>line {line.number}: {line.status}</title>'
        f'<rect x="2" y="{_ROW * row + 4}" width="{width:.0f}" height="{_BOX}" rx="6"/>'
        f'<text x="14" y="{_ROW * row + _BOX / 2 + 9:.0f}" xml:space="preserve">{escape(label)}'
        "</text></g>"
        for row, (line, label) in enumerate(zip(lines, labels, strict=True))
    ]
    size = f'width="{width + 0.78 * reach + 16:.0f}" height="{_ROW * len(lines)}"'
    arrow = (
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/>'
        "</marker></defs>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'aria-label="how values flow from line to line">{arrow}{"".join(arcs + boxes)}</svg>'
    )


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 3]}..."
