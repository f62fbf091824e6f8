"""A diagnosis as one self-contained HTML page: no script, no other file, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from autograd_nn.compare.diagnosis.excerpts import MARKS, Excerpt, Status, excerpts, mended
from autograd_nn.compare.diagnosis.flow import flow
from autograd_nn.compare.diagnosis.mistakes import MISTAKES
from autograd_nn.compare.diagnosis.report import (
    certainty,
    effect_cells,
    explanation,
    summary,
    values,
)
from autograd_nn.compare.rows import cells_of

if TYPE_CHECKING:
    from autograd_nn.compare.diagnosis.result import Blame, Diagnosis

# Every text colour has a contrast of 4.5 or more with its ground; tests/compare measures it.
LIGHT = {
    "ground": "#ffffff",
    "panel": "#f6f7f9",
    "rule": "#d5d9e0",
    "ink": "#1b1f26",
    "faint": "#5b6472",
    "guilty": "#a3131a",
    "guilty-ground": "#fdeaea",
    "contaminated": "#7a4a00",
    "contaminated-ground": "#fff3d9",
    "exact": "#14642f",
    "exact-ground": "#e8f6ec",
}
DARK = {
    "ground": "#14171c",
    "panel": "#1c2027",
    "rule": "#383f4a",
    "ink": "#e7eaef",
    "faint": "#a2abb8",
    "guilty": "#ff9a96",
    "guilty-ground": "#431d20",
    "contaminated": "#f3c26b",
    "contaminated-ground": "#3a2e14",
    "exact": "#85d79c",
    "exact-ground": "#163022",
}
_TONES = {
    "EXACT": Status.EXACT,
    "EXACT_UP_TO_A_FACTOR": Status.CONTAMINATED,
    "CANNOT_DECIDE": Status.CONTAMINATED,
}
_RULES = """
.diagnosis { color-scheme: light dark; color: var(--ink); background: var(--ground);
  font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem; }
.diagnosis * { box-sizing: border-box; }
.diagnosis h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .75rem; letter-spacing: .02em; }
.diagnosis h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
.diagnosis h3 { font-size: 1rem; margin: 0 0 .35rem; }
.diagnosis p { margin: 0 0 .6rem; max-width: 46rem; }
.diagnosis code, .diagnosis pre, .diagnosis .code td, .diagnosis .code caption {
  font: 13.5px/1.65 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.diagnosis .verdict { border-left: 6px solid var(--tone); background: var(--tone-ground);
  padding: 1.25rem 1.5rem; border-radius: 0 8px 8px 0; }
.diagnosis .verdict h1 { color: var(--tone); }
.diagnosis .verdict p:last-child { margin: 0; }
.diagnosis .scroll { overflow-x: auto; border: 1px solid var(--rule); border-radius: 8px;
  background: var(--panel); margin: 0 0 1rem; }
.diagnosis .mistake { border: 1px solid var(--rule); border-radius: 8px; padding: 1rem 1.25rem;
  margin: 0 0 1rem; }
.diagnosis .mistake .scroll { margin: .75rem 0; }
.diagnosis .mistake p:last-child { margin: 0; }
.diagnosis .faint, .diagnosis caption { color: var(--faint); }
.diagnosis pre { margin: 0; padding: .5rem 0; }
.diagnosis pre span { display: block; padding: 0 1rem; white-space: pre; }
.diagnosis table { border-collapse: collapse; }
.diagnosis .code { width: 100%; }
.diagnosis .code caption { text-align: left; padding: .5rem .75rem;
  border-bottom: 1px solid var(--rule); }
.diagnosis .code td { white-space: pre; padding: 0 .75rem 0 0; border: 0; }
.diagnosis .code td:first-child { padding-left: .75rem; font-weight: 700; width: 1%; }
.diagnosis .code td:nth-child(2) { text-align: right; color: var(--faint); width: 1%;
  user-select: none; }
.diagnosis .code tr.gap td { color: var(--faint); padding: .15rem .75rem; }
.diagnosis .guilty { --tone: var(--guilty); --tone-ground: var(--guilty-ground); }
.diagnosis .contaminated { --tone: var(--contaminated);
  --tone-ground: var(--contaminated-ground); }
.diagnosis .exact { --tone: var(--exact); --tone-ground: var(--exact-ground); }
.diagnosis tr.guilty, .diagnosis tr.contaminated, .diagnosis tr.exact,
.diagnosis pre .guilty, .diagnosis pre .exact {
  background: var(--tone-ground); color: var(--tone); }
.diagnosis .code tr.guilty td:nth-child(2), .diagnosis .code tr.contaminated td:nth-child(2),
.diagnosis .code tr.exact td:nth-child(2) { color: inherit; }
.diagnosis tr.guilty td:first-child { box-shadow: inset 4px 0 var(--tone); }
.diagnosis .numbers { width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
.diagnosis .numbers th, .diagnosis .numbers td { padding: .4rem .75rem; text-align: left;
  border-bottom: 1px solid var(--rule); white-space: nowrap; }
.diagnosis .numbers th { color: var(--faint); font-weight: 600; }
.diagnosis .numbers tr:last-child td { border-bottom: 0; }
.diagnosis .numbers .n { text-align: right; }
.diagnosis .point td { vertical-align: top; }
.diagnosis .point td:last-child { white-space: pre; width: 100%; }
.diagnosis .legend span { color: var(--tone); background: var(--tone-ground);
  padding: .1rem .5rem; border-radius: 4px; margin-right: .5rem; white-space: nowrap; }
.diagnosis figure { margin: 0; padding: 1rem; background: var(--panel); border-radius: 8px;
  border: 1px solid var(--rule); overflow-x: auto; }
.diagnosis svg { display: block; font: 13.5px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas,
  monospace; }
.diagnosis svg rect { fill: var(--tone-ground); stroke: var(--tone); }
.diagnosis svg .guilty rect { stroke-width: 2.5; }
.diagnosis svg text { fill: var(--tone); }
.diagnosis svg path { fill: none; stroke: var(--tone); stroke-width: 1.5; }
.diagnosis svg path.contaminated { stroke-dasharray: 6 3; }
.diagnosis svg path.guilty { stroke-width: 2.5; }
.diagnosis svg marker path { fill: context-stroke; stroke: none; }
"""


def page(diagnosis: Diagnosis) -> str:
    """Return the whole page."""
    title = diagnosis.verdict.name.replace("_", " ").capitalize()
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            "<style>.paper { margin: 0; background: var(--ground); }</style></head>",
            '<body class="paper">',
            fragment(diagnosis),
            "</body>",
            "</html>",
            "",
        ]
    )


def fragment(diagnosis: Diagnosis) -> str:
    """Return what the page holds, for a notebook's cell."""
    return "\n".join(
        [
            f"<style>{_variables()}{_RULES}</style>",
            '<main class="diagnosis">',
            *_verdict(diagnosis),
            *_blame(diagnosis),
            *_code(diagnosis),
            *_picture(diagnosis),
            *_counterexample(diagnosis),
            *_comparison(diagnosis),
            *_effects(diagnosis),
            *_notes(diagnosis),
            "</main>",
        ]
    )


def _variables() -> str:
    def declared(colours: dict[str, str]) -> str:
        return " ".join(f"--{name}: {colour};" for name, colour in colours.items())

    return (
        f"\n.diagnosis, .paper {{ {declared(LIGHT)} }}"
        f"\n@media (prefers-color-scheme: dark) {{ .diagnosis, .paper {{ {declared(DARK)} }} }}"
    )


def _verdict(diagnosis: Diagnosis) -> Iterator[str]:
    tone = _TONES.get(diagnosis.verdict.name, Status.GUILTY)
    title = diagnosis.verdict.name.replace("_", " ")
    yield f'<header class="verdict {tone}"><h1>{MARKS[tone]} {title}</h1>'
    yield from (f"<p>{_prose(sentence)}</p>" for sentence in summary(diagnosis))
    yield "</header>"


def _blame(diagnosis: Diagnosis) -> Iterator[str]:
    if not diagnosis.blame:
        return
    yield "<h2>What is wrong, and what to write instead</h2>"
    for line in diagnosis.blame:
        yield '<section class="mistake">'
        yield (
            f"<h3>Line {line.line}, <code>{escape(line.variable)}</code>: "
            f'<span title="{escape(MISTAKES[line.mistake])}">{escape(line.mistake)}</span></h3>'
        )
        yield f"<p>{_prose(explanation(line))}</p>"
        yield from _repair(line, diagnosis.sources.get(line.file, ""))
        yield from (f"<p>As good: {_prose(tie)}</p>" for tie in line.ties)
        yield "</section>"


def _repair(line: Blame, source: str) -> Iterator[str]:
    """Show the line and its repair as a diff, or the repair as a sentence if it is no statement."""
    if not line.repair:
        return
    change = mended(line, source)
    if change:
        before, after = change
        rows = [f'<span class="guilty">- {escape(row)}</span>' for row in before]
        rows += [f'<span class="exact">+ {escape(row)}</span>' for row in after]
        yield f'<div class="scroll"><pre>{"".join(rows)}</pre></div>'
    if not change or line.repair.startswith("replace"):
        yield f"<p>Repair: {_prose(line.repair)}</p>"
    yield f'<p class="faint">{MARKS[Status.EXACT] if line.verified else "?"} {certainty(line)}</p>'


def _code(diagnosis: Diagnosis) -> Iterator[str]:
    shown = excerpts(diagnosis)
    if not shown:
        return
    yield "<h2>The code</h2>"
    yield (
        '<p class="legend">'
        f'<span class="guilty">{MARKS[Status.GUILTY]} wrong</span>'
        f'<span class="contaminated">{MARKS[Status.CONTAMINATED]} right, but fed wrong values'
        f'</span><span class="exact">{MARKS[Status.EXACT]} right</span></p>'
    )
    for file in dict.fromkeys(excerpt.file for excerpt in shown):
        of_file = [excerpt for excerpt in shown if excerpt.file == file]
        yield f'<div class="scroll"><table class="code"><caption>{escape(file)}</caption>'
        yield from _rows(of_file)
        yield "</table></div>"


def _rows(shown: list[Excerpt]) -> Iterator[str]:
    last = 0
    for excerpt in shown:
        if last and excerpt.lines[0][0] > last + 1:
            yield '<tr class="gap"><td colspan="3">...</td></tr>'
        for number, status, code in excerpt.lines:
            mark = (
                "" if status is Status.PLAIN else f'<span title="{status}">{MARKS[status]}</span>'
            )
            yield (
                f'<tr class="{status}"><td>{mark}</td><td>{number}</td><td>{escape(code)}</td></tr>'
            )
        last = excerpt.lines[-1][0]


def _counterexample(diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.counterexample is None:
        return
    yield "<h2>A point at which a small step along it raises the loss</h2>"
    yield '<div class="scroll"><table class="numbers point">'
    for name, value in values(diagnosis.counterexample):
        yield f"<tr><td><code>{escape(name)}</code></td><td><code>{escape(value)}</code></td></tr>"
    yield "</table></div>"


def _comparison(diagnosis: Diagnosis) -> Iterator[str]:
    comparison = diagnosis.comparison
    header, *body = cells_of(comparison.rows)
    yield f"<h2>The gradients, beside those of {_prose(comparison.reference)}</h2>"
    yield '<div class="scroll"><table class="numbers">'
    yield f"<tr>{_cells('th', header, range(2, 6))}</tr>"
    yield from (f"<tr>{_cells('td', row, range(2, 6))}</tr>" for row in body)
    yield "</table></div>"
    yield from _list(row.note for row in comparison.rows if row.note)


def _effects(diagnosis: Diagnosis) -> Iterator[str]:
    if not diagnosis.effects:
        return
    header, *body = effect_cells(diagnosis.effects)
    yield "<h2>What the mistake does to training</h2>"
    yield '<div class="scroll"><table class="numbers">'
    yield f"<tr>{_cells('th', header, range(1, 5))}</tr>"
    yield from (f"<tr>{_cells('td', row, range(1, 5))}</tr>" for row in body)
    yield "</table></div>"


def _cells(tag: str, texts: list[str], numbers: range) -> str:
    return "".join(
        f"<{tag}{' class=n' if column in numbers else ''}>{escape(content)}</{tag}>"
        for column, content in enumerate(texts)
    )


def _picture(diagnosis: Diagnosis) -> Iterator[str]:
    if drawing := flow(diagnosis):
        yield "<h2>How the values flow</h2>"
        yield (
            '<p class="faint">Every line that makes a value, and arcs to the lines that use it, '
            "in the colour of what flows.</p>"
        )
        yield f"<figure>{drawing}</figure>"


def _notes(diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.notes:
        yield "<h2>Also noticed</h2>"
        yield from _list(diagnosis.notes)


def _list(sentences: Iterable[str]) -> Iterator[str]:
    items = "".join(f"<li>{_prose(sentence)}</li>" for sentence in sentences)
    if items:
        yield f"<ul>{items}</ul>"


def _prose(sentence: str) -> str:
    """Escape a sentence; what stands in backquotes becomes code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(sentence))
