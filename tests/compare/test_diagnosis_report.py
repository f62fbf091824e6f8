"""A diagnosis reads well as text, as JSON and as a page."""

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from autograd_nn.compare import Blame, CodeLine, Diagnosis, DiagnosisVerdict
from autograd_nn.compare.diagnosis.excerpts import mended
from autograd_nn.compare.diagnosis.page import DARK, LIGHT
from autograd_nn.compare.diagnosis.report import text, wants_colour
from diagnoses import COMPARISON, RIGHT, SOURCE, UNDECIDED, WRONG, blame

ESCAPE = re.compile(r"\x1b\[\d*m")


def test_the_text_names_lines_mistakes_and_repairs() -> None:
    report = str(WRONG)
    assert report.startswith("NOT A DESCENT\n")
    assert "2 lines are wrong; 3 lines are right but fed wrong values; 1 line is right." in report
    assert "✗ network.py:10: double-derivative" in report
    assert "  - d2 = e2 * sigmoid_derivative(a2)\n  + d2 = e2 * a2 * (1 - a2)\n" in report
    assert "verified: every gradient is exact at fresh random points" in report
    assert "As good: `d2 = e2 * sigmoid_derivative(z2)`" in report
    assert "params.output  [[-6.,  6.]]" in report
    assert "- The file defines no loss; half the summed squared error was assumed." in report


def test_the_text_marks_every_line_of_the_function() -> None:
    rows = str(WRONG).splitlines()
    marked = {int(row[2:6]): row[0] for row in rows if re.match(r"[✗~✓ ] {1,4}\d+(  |$)", row)}
    assert marked == {8: " ", 9: "✓", 10: "✗", 11: " ", 12: "~", 13: "✗", 14: " ", 15: "~", 16: "~"}


def test_the_text_fits_100_columns() -> None:
    long = "x = " + " + ".join(f"variable_{n}" for n in range(30))
    wide = Diagnosis(
        DiagnosisVerdict.BIASED,
        COMPARISON,
        blame=(Blame("f.py", 1, "x", long, repair=long, explanation="word " * 60),),
        notes=("note " * 60,),
        reason="reason " * 60,
        sources={"f.py": long},
    )
    for diagnosis in (wide, WRONG, RIGHT, UNDECIDED):
        assert max(map(len, str(diagnosis).splitlines())) <= 100


def test_colours_change_no_letter() -> None:
    coloured = text(WRONG, colour=True)
    assert "\x1b[31m" in coloured
    assert ESCAPE.sub("", coloured) == str(WRONG)
    assert "\x1b" not in str(WRONG)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals_unless_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour(Terminal())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())


def test_json_is_strict_and_complete() -> None:
    def refuse(name: str) -> float:
        raise AssertionError(name)

    content = json.loads(WRONG.to_json(), parse_constant=refuse)
    assert content["verdict"] == "NOT_A_DESCENT"
    assert content["blame"][0] == {
        "file": "network.py",
        "line": 10,
        "variable": "d2",
        "code": "d2 = e2 * sigmoid_derivative(a2)",
        "mistake": "double-derivative",
        "explanation": WRONG.blame[0].explanation,
        "repair": "d2 = e2 * a2 * (1 - a2)",
        "verified": True,
        "ties": ["`d2 = e2 * sigmoid_derivative(z2)`"],
    }
    assert [line["line"] for line in content["contaminated"]] == [12, 15, 16]
    assert content["counterexample"]["params"]["output"] == [[-6.0, 6.0]]
    assert content["comparison"]["reference"] == "automatic"


def test_only_an_exact_gradient_is_ok() -> None:
    RIGHT.assert_ok()
    for diagnosis in (WRONG, UNDECIDED):
        with pytest.raises(AssertionError) as failure:
            diagnosis.assert_ok()
        assert str(failure.value) == str(diagnosis)


class Checker(HTMLParser):
    """Collect tags, see that they are closed, and what is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.rows: list[tuple[str, ...]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "path", "rect"):
            self.open.append(tag)
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("diagnosis", [WRONG, RIGHT, UNDECIDED])
def test_the_page_is_whole_and_needs_nothing_else(diagnosis: Diagnosis) -> None:
    page, checker = diagnosis.to_html(), Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.fetched == []
    assert "url(" not in page.replace("url(#arrow)", "")
    assert "<script" not in page
    assert diagnosis._repr_html_() in page


def test_the_page_tells_lines_apart_by_mark_and_colour() -> None:
    page = WRONG.to_html()
    rows = re.findall(
        r'<tr class="(\w+)"><td>(?:<span title="\w+">(.)</span>)?</td><td>(\d+)', page
    )
    assert ("guilty", "✗", "10") in rows
    assert ("contaminated", "~", "12") in rows
    assert ("exact", "✓", "9") in rows
    assert ("plain", "", "11") in rows


def test_the_page_escapes_what_the_user_wrote() -> None:
    line = Blame("<b>.py", 1, "x<i>", "x<i>", explanation="<u>`a<b`", repair="replace <s>")
    page = Diagnosis(DiagnosisVerdict.BIASED, COMPARISON, blame=(line,)).to_html()
    assert not re.search("<[bius]>", page)
    assert "<code>a&lt;b</code>" in page


def test_the_picture_shows_the_flow_in_the_colours_of_the_lines() -> None:
    svg = re.search(r"<svg.*</svg>", WRONG.to_html())
    assert svg
    assert len(re.findall("<rect", svg[0])) == 6
    # e2 to d2; d2 to e1 and output; e1 to d1; d1 to hidden
    arcs = re.findall(r'<path class="(\w+)"', svg[0])
    assert sorted(arcs) == ["contaminated", "exact", "guilty", "guilty", "guilty"]
    assert "<svg" not in RIGHT.to_html()


def luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_text_has_a_contrast_of_at_least_4_5(theme: dict[str, str]) -> None:
    pairs = [(ink, ground) for ink in ("ink", "faint") for ground in ("ground", "panel")]
    pairs += [("ink", f"{tone}-ground") for tone in ("guilty", "contaminated", "exact")]
    pairs += [(tone, f"{tone}-ground") for tone in ("guilty", "contaminated", "exact")]
    for ink, ground in pairs:
        light, dark = sorted((luminance(theme[ink]), luminance(theme[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


@pytest.mark.parametrize(
    ("repair", "after"),
    [
        ("d2 = e2 * z2", ["    d2 = e2 * z2"]),
        ("write `d2 = e2 * z2`", ["    d2 = e2 * z2"]),
        ("replace `a2` by `z2` (from line 3)", ["    d2 = e2 * sigmoid_derivative(z2)"]),
        ("replace `2` by `3`", None),  # there is no such operand
        ("take `a2` as it was before", None),
        (None, None),
    ],
)
def test_a_repair_becomes_a_diff_where_it_is_one(repair: str, after: list[str] | None) -> None:
    change = mended(blame(10, "d2", repair=repair), SOURCE)
    assert change == (after and (["    d2 = e2 * sigmoid_derivative(a2)"], after))


def test_lines_whose_text_is_unknown_are_shown_as_they_were_found() -> None:
    unknown = Diagnosis(DiagnosisVerdict.BIASED, COMPARISON, blame=WRONG.blame)
    assert "✗   10  d2 = e2 * sigmoid_derivative(a2)" in str(unknown)


def test_what_lies_between_far_functions_is_left_out() -> None:
    near = SOURCE + "\n" * 2 + "def other():\n    return 1\n"
    far = SOURCE + "a = 1\n" * 20 + "def other():\n    return 1\n"
    for source, gaps in ((near, 0), (far, 1)):
        last = len(source.splitlines())
        other = CodeLine("network.py", last, "return", "return 1")
        both = replace(WRONG, exact=(*WRONG.exact, other), sources={"network.py": source})
        assert str(both).splitlines().count("    ...") == gaps
        assert both.to_html().count('<tr class="gap">') == gaps
        assert f"✓ {last:4}      return 1" in str(both)
