"""Check the SVG: its bytes, its colours, where things stand, and that no name can break it."""

import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, strategies as st

from autograd_nn import Tensor, draw
from autograd_nn.draw.boxes import Box, Way
from autograd_nn.draw.cards import PAPERS
from autograd_nn.draw.layout import inversions, place
from autograd_nn.draw.model import Kind, Status
from autograd_nn.draw.svg import Drawing
from autograd_nn.draw.tables import number, strip, tabulate
from autograd_nn.draw.text import clean, width, wrap
from autograd_nn.draw.theme import HEAT, STEPS, TEXT_ON, THEMES, heats, shade
from pictures import GOLDEN, PICTURES, training_step, unrolled

MINUS = "\N{MINUS SIGN}"
TAGS = {"svg", "title", "desc", "style", "g", "rect", "text", "path", "polygon", "polyline"}
HOSTILE = [
    "<b>",
    "</TABLE>>];evil [label=<",
    "a:b",
    r"C:\new\N",
    "\"'",
    'x"]; evil [label="',
    "line\nbreak",
    "bell\x07\x00\x9f",
    "</script><script>alert(1)</script>",
    "</style></svg>",
    "]]>",
    "&amp; & &#65;",
    "party \N{PARTY POPPER}",
    "right\u202eleft",
    "\ud800 surrogate \ufffe",
    "\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET}",
    "\\",
    "-->",
    "a. b",
    "",
]


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 (our own)


def texts(svg: str, tag: str = "text") -> list[str]:
    return [element.text or "" for element in parsed(svg).iter() if element.tag.endswith(tag)]


def loss_of(x: Any) -> Any:
    loss = np.sum(x * x)
    loss.backward(retain_graph=True)
    return loss


# ---- bytes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PICTURES)
def test_svg_is_the_same_bytes_everywhere(name: str) -> None:
    kept = (GOLDEN / f"{name}.svg").read_text(encoding="utf-8")
    assert PICTURES[name]().svg() == kept


@pytest.mark.parametrize("name", PICTURES)
def test_svg_is_well_formed_and_has_no_more_than_shapes(name: str) -> None:
    svg = PICTURES[name]().svg()
    assert {element.tag.rpartition("}")[2] for element in parsed(svg).iter()} == TAGS - (
        {"polyline"} if name != "unrolled" else set()
    )
    assert svg.count("http") == 1  # the namespace
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids)) == 3
    rules = re.findall(
        r"[^{}]+(?=\{[^{}]*\})", svg.partition("<style>")[2].partition("</style>")[0]
    )
    assert all(rule.startswith((f"#{ids[0]}", "@media")) for rule in rules)


def test_scripts_find_cards_and_edges() -> None:
    graph = training_step()
    root = parsed(graph.svg())
    nodes = [e.get("data-node") for e in root.iter() if e.get("data-node")]
    edges = [e.get("data-edge") for e in root.iter() if e.get("data-edge")]
    frames = [e.get("data-frame") for e in root.iter() if e.get("data-frame")]
    assert nodes == [card.id for card in graph.picture.cards]
    assert edges == [f"{edge.source}-{edge.target}" for edge in graph.picture.edges]
    assert len(frames) == len(graph.picture.frames) == 3


def test_what_is_seen_is_also_said() -> None:
    svg = training_step().svg()
    root = parsed(svg)
    named = str(root.get("aria-labelledby")).split()
    said = {element.get("id"): element.text for element in root.iter()}
    assert root.get("role") == "img"
    assert said[named[0]] == "loss = 0.857. 3 recorded operations, 4 parameters with 17 entries."
    assert "b1: parameter, (4,), gradient norm" in str(said[named[1]])
    words = texts(svg)
    for word in (
        "input",
        "parameter",
        "operation",
        "loss",
        "← backward",
        "✗ yours disagrees ×10⁻³",
    ):
        assert word in words, word
    assert "✓ hand-derived agrees" in words


def test_kinds_are_told_apart_without_colour() -> None:
    svg = training_step().svg()
    for word in ("matmul", "parameter", "input", "loss, multiply"):
        assert word in texts(svg)
    assert svg.count('rx="11"') == 4  # inputs are round
    assert 'stroke-width="2.5"' in svg  # the loss has a heavy frame


# ---- colours -------------------------------------------------------------------------------


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_all_text_is_easy_to_tell_from_its_paper(theme: str) -> None:
    colors = THEMES[theme]
    said = colors | (TEXT_ON if theme == "dark" else {})
    papers = [colors["card"], *(colors[paper.removeprefix("f-")] for paper in PAPERS.values())]
    pairs = [(colors["ink"], heat) for heat in heats(theme).values()]
    pairs += [(colors[ink], paper) for paper in papers for ink in ("ink", "soft", "value-text")]
    pairs += [(colors["backward-text"], p) for p in (*papers, colors["paper"], colors["frame"])]
    pairs += [
        (colors[ink], colors[paper]) for ink in ("ink", "soft") for paper in ("paper", "frame")
    ]
    kinds = ("input", "parameter", "operation", "output", "loss", "fold", *Status)
    pairs += [(colors["on"], colors[kind]) for kind in kinds]
    pairs += [(colors["on-soft"], colors[kind]) for kind in kinds[:6]]
    pairs += [(said[status], colors[f"{status}-paper"]) for status in Status]
    assert min(contrast(*pair) for pair in pairs) >= 4.5
    lines = [said[line] for line in ("forward", "backward", "guilty", "contaminated")]
    grounds = (colors["paper"], colors["frame"])
    assert min(contrast(line, ground) for line in lines for ground in grounds) >= 3


def test_negative_and_positive_differ_for_the_colour_blind() -> None:
    # Viénot, Brettel & Mollon (1999), on linear RGB: what protanopes and deuteranopes see
    seen_by = {
        "protanope": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
        "deuteranope": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    }
    for theme in HEAT.values():
        for negative, positive in theme.values():
            for matrix in seen_by.values():
                one, other = (
                    np.array(matrix) @ [(int(c[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)]
                    for c in (negative, positive)
                )
                assert (
                    np.max(
                        np.abs(np.clip(one, 0, 1) ** (1 / 2.2) - np.clip(other, 0, 1) ** (1 / 2.2))
                    )
                    > 0.12
                )


def test_a_narrow_picture_has_more_rows() -> None:
    x = Tensor(1.0, requires_grad=True)
    y: Any = np.sin(np.cos(np.tanh(np.exp(np.sin(np.cos(x))))))
    sizes = []
    for limit in (3000, 700):
        root = parsed(draw.graph(y, width=limit, names={"x": x, "y": y}).svg())
        sizes.append((float(str(root.get("width"))), float(str(root.get("height")))))
    (wide, low), (narrow, high) = sizes
    assert narrow < 900 < wide
    assert low < high


def test_themes() -> None:
    graph = training_step()
    auto, light, dark = (graph.svg(theme) for theme in ("auto", "light", "dark"))
    assert "prefers-color-scheme:dark" in auto
    assert "@media" not in light + dark
    assert THEMES["dark"]["paper"] in dark
    assert THEMES["dark"]["paper"] not in light


def test_shades_are_symmetric_and_show_every_number_but_zero() -> None:
    assert shade(0.0) == "0"
    assert [shade(x) for x in (-1.0, -1e-9, 1e-9, 1.0)] == [f"m{STEPS}", "m1", "p1", f"p{STEPS}"]


# ---- places --------------------------------------------------------------------------------


def check_apart(boxes: list[Any]) -> None:
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert (
                a.x + a.width <= b.x + 1e-6
                or b.x + b.width <= a.x + 1e-6
                or a.y + a.height <= b.y + 1e-6
                or b.y + b.height <= a.y + 1e-6
            )


@given(st.integers(0, 10**6), st.integers(2, 40))
def test_cards_never_overlap_and_computation_runs_to_the_right(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    boxes, ways = [], []
    for i in range(n):
        w, h = rng.uniform(50, 200), rng.uniform(30, 200)
        boxes.append(Box(w, h, 0.3 * h, 0.7 * h, is_leaf=i < 2))
        for j in {int(rng.integers(max(0, i - 6), i)) for _ in range(3)} if i > 1 else ():
            ways += [Way(boxes[j], boxes[i], rng.uniform(0, 60))]
    plan = place(boxes, ways, 1000.0)
    check_apart(boxes)
    for way in ways:
        assert way.hangs or way.source.column < way.target.column
    rows = [(row.first, row.last) for row in plan.rows]
    assert rows[0][0] == 0
    assert all(a[1] + 1 == b[0] for a, b in pairwise(rows))


@pytest.mark.parametrize("name", PICTURES)
def test_spine_is_straight_and_nothing_overlaps(name: str) -> None:
    drawing = Drawing(PICTURES[name]().picture, 1750.0)
    boxes = [*drawing.boxes.values()]
    check_apart(boxes)
    rows: dict[int, set[float]] = {}
    for box in boxes:
        if box.is_fixed:
            row = next(
                i for i, r in enumerate(drawing.plan.rows) if r.first <= box.column <= r.last
            )
            rows.setdefault(row, set()).add(round(box.y + box.value, 6))
    assert all(len(heights) == 1 for heights in rows.values())


def test_parameters_hang_below_what_uses_them() -> None:
    graph = training_step()
    drawing = Drawing(graph.picture, 1750.0)
    for name in ("W1", "b1", "W2", "b2"):
        box = drawing.boxes[graph.card(name).id]
        assert box.hangs_from is not None
        assert box.y > box.hangs_from.y + box.hangs_from.height
        assert abs(box.x + box.width / 2 - box.hangs_from.x - box.hangs_from.width / 2) < 1e-6


def test_no_crossing_where_none_is_needed() -> None:
    x = Tensor(np.arange(1.0, 3.0), requires_grad=True)
    total = np.exp(x[0]) + np.sin(x[0])
    for _ in range(4):
        total = np.exp(total) * 0.1 + np.sin(total)
    root: Any = total
    drawing = Drawing(draw.graph(root).picture, 5000.0)
    ends: dict[int, list[tuple[float, float]]] = {}
    for way in drawing.ways.values():
        chain = [way.source, *way.stops, way.target]
        for a, b in pairwise(chain):
            ends.setdefault(a.column, []).append((a.y, b.y))
    for found in ends.values():
        assert inversions([end for _, end in sorted(found)]) == 0


def test_frames_hold_their_own_cards_alone() -> None:
    graph = training_step()
    assert [frame.path for frame in graph.picture.frames] == ["network", "network.0", "network.2"]
    inner = {card.title for card in graph.picture.cards if card.frame == 1}
    assert inner == {"W1", "b1", "x @ W1", "z1"}


def test_width_of_an_edge_follows_the_root_of_what_it_brings() -> None:
    drawing = Drawing(training_step().picture, 1750.0)
    assert drawing.thickness(drawing.largest) == pytest.approx(4.7)
    assert drawing.thickness(drawing.largest / 4) == pytest.approx(3.0)
    assert drawing.thickness(float("inf")) == pytest.approx(4.7)


# ---- numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.28479, "0.285"),
        (-1.2846, f"{MINUS}1.28"),
        (12345.0, "12300"),
        (7, "7"),
        (123456, "123456"),
        (2.5e-7, f"2.5e{MINUS}7"),
        (1e100, "1e100"),
        (float("nan"), "nan"),
        (float("-inf"), f"{MINUS}inf"),
    ],
)
def test_numbers_have_three_significant_digits(x: float, text: str) -> None:
    assert number(x) == text


def cells(array: Any) -> list[list[str]]:
    return [[cell.text for cell in row] for row in tabulate(np.array(array)).rows]


def test_a_table_has_one_power_of_ten_and_as_many_decimals() -> None:
    assert cells([-0.0201, 0.028, 0.0]) == [[f"{MINUS}20.1", "28.0", "0"]]
    assert tabulate(np.array([-0.0201, 0.028])).scale == "×10⁻³"
    assert cells([1.0, 0.0, -2.0]) == [["1", "0", f"{MINUS}2"]]
    assert cells([1.5, 1e-5]) == [["1.50", f"1e{MINUS}5"]]  # small is not 0
    assert cells([12345]) == [["12345"]]
    assert tabulate(np.array([5e-324])).scale == ""


def test_larger_arrays_are_summarised() -> None:
    array = 1000 * np.arange(150 * 4.0).reshape(150, 4)
    table = tabulate(array)
    rows = {label.text: cell.text for label, cell in table.rows}
    assert (table.exponent, table.is_whole) == (3, False)
    assert list(rows) == ["min", "mean", "max", "norm"]
    assert rows["norm"] == number(float(np.linalg.norm(array)) / 1000)
    assert strip(array)[-1] == 1.0


@pytest.mark.parametrize("shape", [(2,), (20, 20)])
def test_nan_and_inf_are_flagged_with_a_word(shape: tuple[int, ...]) -> None:
    array = np.zeros(shape)
    array.flat[0], array.flat[1] = np.nan, -np.inf
    assert tabulate(array).alarm == f"not finite: 1 nan, 1 inf of {array.size}"
    x = Tensor(array, requires_grad=True)
    assert "not finite:" in " ".join(texts(draw.graph(x * 2.0, names={"x": x}).svg()))


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (3, 0), (2, 0, 4), (7, 7, 7), (1, 1, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128, np.longdouble])
def test_any_shape_and_dtype_can_be_drawn(shape: tuple[int, ...], dtype: Any) -> None:
    x = Tensor(np.ones(shape, dtype), requires_grad=True)
    loss = np.sum(np.abs(x * np.ones(shape, bool)) ** 2)
    loss.backward(retain_graph=True)
    parsed(draw.graph(loss).svg())


# ---- names ---------------------------------------------------------------------------------


def check_harmless(name: str) -> None:
    x, t = Tensor([1.0, 2.0], requires_grad=True), np.array([3.0, 4.0])
    loss = np.sum(x * t)
    loss.backward(retain_graph=True)
    graph = draw.graph(loss, names={name: x, name + "t": t, name + "loss": loss})
    svg = graph.svg()
    root = parsed(svg)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= TAGS
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]
    whole = clean(name, 400)
    assert not whole or whole in texts(svg, "title")
    visible = clean(name)
    shown = [text for text in texts(svg) if text and visible.startswith(text.removesuffix("…"))]
    assert shown or not visible
    page = graph.pipe("html").decode()
    assert "<script" not in page
    parsed(page.partition("\n")[2])  # it is XML, too
    graph.pipe("json")
    lines = graph.pipe("mmd").decode().splitlines()
    assert len(lines) == 1 + len(graph.picture.cards) + 5
    check_dot(graph.source)


def check_dot(source: str) -> None:
    source.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", source)
    outside = re.sub(r"label=<.*>(?= |\])", "", source)
    assert set(re.findall(r"^\t+(\w+)", outside, re.MULTILINE)) <= {
        *("graph", "node", "edge"),
        *(f"n{i}" for i in range(4)),
    }
    for html in re.findall(r"^\tn\d+ \[label=<(.*)>\]$", source, re.MULTILINE):
        parsed(html)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_and_nothing_else(name: str) -> None:
    check_harmless(name)


@given(st.text(st.characters() | st.sampled_from("<>&\"'\\\n;:]|{}`"), max_size=60))
def test_any_name_is_text_and_nothing_else(name: str) -> None:
    check_harmless(name)


def test_text_is_measured_and_broken() -> None:
    assert width("iiii", 10) < width("mmmm", 10) < width("mmmm", 10, bold=True)
    assert width("\N{CJK UNIFIED IDEOGRAPH-4E2D}", 10) == 13.0
    assert width("e\N{COMBINING ACUTE ACCENT}", 10) == width("e", 10)
    lines = wrap("a mean where a sum over the batch is due", 80, 10)
    assert len(lines) > 2
    assert max(width(line, 10) for line in lines) <= 80
    assert clean("a\x07b\u202ec") == "a b c"
    assert len(clean("w" * 500)) == 40


def test_folds_are_drawn_with_the_norms_of_their_gradients() -> None:
    graph = unrolled()
    svg = graph.svg()
    (card,) = (card for card in graph.picture.cards if card.kind is Kind.REPEAT)
    assert f"{card.count:,} operations folded" in texts(svg)
    assert svg.count("<polyline") == 1
    assert len(card.norms) == 49


def test_two_steps_can_be_compared_at_the_same_places() -> None:
    def step(scale: float) -> draw.Graph:
        w = Tensor(np.array([[scale, 2.0], [3.0, 4.0]]), requires_grad=True)
        loss = np.mean(np.tanh(np.eye(2) @ w) ** 2)
        loss.backward(retain_graph=True)
        return draw.graph(loss, names={"w": w, "loss": loss})

    def places(svg: str) -> list[Any]:
        return [e.get("transform") for e in parsed(svg).iter() if e.get("data-node")]

    one, two = step(1.0), step(-1e-20)
    assert places(one.svg()) != places(two.svg())
    assert places(one.svg(like=two)) == places(two.svg(like=one))
