"""Check names, DOT source, files and what a notebook gets."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import graphviz
import numpy as np
import pytest

from autograd_nn import Tensor, draw
from autograd_nn.draw.dot import (
    BODY,
    HEADER,
    HEAT_OF_GRADIENT,
    HEAT_OF_VALUE,
    INK,
    PAPER,
    SOFT,
    blend,
    clean,
)
from autograd_nn.draw.tables import number, tabulate
from autograd_nn.errors import MissingExtraError

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz `dot` is not there")
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
    "&amp; & &#65;",
    "party \N{PARTY POPPER}",
    "right\u202eleft",
    "\ud800 surrogate \ufffe",
    "\\",
    "-->",
    "",
]


def tensor(data: Any) -> Any:
    return Tensor(data, requires_grad=True)


shared_by_the_module = tensor([5.0, 6.0])


def cells(source: str) -> str:
    """Keep the text of a picture: all markup away."""
    return re.sub(r"<[^<>]*>", " ", source)


def drawn(root: Any, **names: Any) -> str:
    return str(draw.graph(root, names).source)


def loss_of(x: Any) -> Any:
    loss = np.sum(x * x)
    loss.backward(retain_graph=True)
    return loss


# ---- names ---------------------------------------------------------------------------------


class Layer:
    """Quacks like a module."""

    def __init__(self) -> None:
        self.W = tensor(np.eye(2))

    def named_parameters(self) -> Iterator[tuple[str, Any]]:
        yield "hidden.W", self.W


def test_names_come_from_the_callers_variables() -> None:
    data, layer = np.array([[1.0, 2.0]]), Layer()
    scale = Tensor([7.0, 8.0])
    unused = np.array([9.0])  # noqa: F841
    error = data @ layer.W * shared_by_the_module - scale
    text = cells(draw.graph(error).source)
    for name in ("data", "layer.hidden.W", "shared_by_the_module", "scale", "error"):
        assert re.search(rf"\b{re.escape(name)}\b", text), name
    assert "unused" not in text


def test_given_names_replace_the_callers() -> None:
    data = tensor([1.0])
    text = cells(draw.graph(np.exp(data), {"speed": data}).source)
    assert "speed" in text
    assert "data" not in text


def test_array_is_named_by_identity_before_equality() -> None:
    x = tensor([1.0, 2.0])
    first, second = Tensor([0.5, 0.5]), Tensor([0.5, 0.5])
    text = cells(draw.graph(x * second).source)
    assert "second" in text
    assert "first" not in text
    assert first.shape == (2,)


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


def test_common_power_of_ten_is_taken_out() -> None:
    table = tabulate(np.array([-0.0201, 0.028]))
    assert [cell.text for cell in table.rows[0]] == [f"{MINUS}20.1", "28"]
    assert table.scale == f"{TIMES}10⁻³"
    assert tabulate(np.array([5e-324])).scale == ""
    assert tabulate(np.array([12345])).rows[0][0].text == "12345"


def test_larger_arrays_are_summarised() -> None:
    array = 1000 * np.arange(150 * 4.0).reshape(150, 4)
    rows = {label.text: cell.text for label, cell in tabulate(array).rows}
    exponent = tabulate(array).exponent
    assert exponent == 3
    assert list(rows) == ["min", "mean", "max", "norm"]
    assert rows["norm"] == number(float(np.linalg.norm(array)) / 1000)


@pytest.mark.parametrize("shape", [(2,), (20, 20)])
def test_nan_and_inf_are_flagged_with_a_word(shape: tuple[int, ...]) -> None:
    array = np.zeros(shape)
    array.flat[0], array.flat[1] = np.nan, -np.inf
    assert tabulate(array).alarm == f"not finite: 1 nan, 1 inf of {array.size}"
    x = tensor(array)
    assert "not finite" in cells(drawn(x * 2.0, x=x))


def test_other_dtypes_are_shown() -> None:
    assert [cell.text for cell in tabulate(np.array([True, False])).rows[0]] == ["True", "False"]
    assert tabulate(np.array([1 - 2j])).rows[0][0].text == f"1{MINUS}2i"
    assert len(tabulate(np.ones(50, complex)).rows) == 2
    assert tabulate(np.array([60000.0] * 9, np.float16)).rows[-1][1].text == "180"
    assert tabulate(np.zeros((0, 3))).rows == []


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(text: str, paper: str) -> float:
    light, dark = sorted([luminance(text), luminance(paper)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_all_text_is_easy_to_tell_from_its_paper() -> None:
    pairs = re.compile(
        r'BGCOLOR="(#\w{6})"[^>]*>(?:<B>)?<FONT POINT-SIZE="[\d.]+" COLOR="(#\w{6})"'
    )
    x = tensor([[1.0, np.nan], [-3.0, 0.5]])
    loss = np.sum(x * np.ones((2, 2)))
    loss.backward(retain_graph=True)
    loss.backward(retain_graph=True)
    found = set(pairs.findall(drawn(loss, x=x)))
    assert len(found) > 10
    heats = [blend(h, p) for h in (-1, -0.5, 1) for p in (HEAT_OF_VALUE, HEAT_OF_GRADIENT)]
    found |= {(paper, INK) for paper in heats}
    found |= {(paper, text) for paper in HEADER.values() for text in (PAPER, "#dbe2ea", "#e6ebf2")}
    found |= {(paper, SOFT) for paper in BODY.values()}
    assert min(contrast(text, paper) for paper, text in found) >= 4.5


# ---- DOT -----------------------------------------------------------------------------------


def test_forward_and_backward_run_between_ports_and_parameters_hang() -> None:
    X, W, b = np.ones((3, 2)), tensor(np.eye(2)), tensor([1.0, 2])
    loss = np.sum(np.tanh(X @ W + b))
    loss.backward(retain_graph=True)
    source = draw.graph(loss).source
    assert len(re.findall(r"n\d+:v:e -> n\d+:v:w", source)) == 4
    assert len(re.findall(r"n\d+:g:e -> n\d+:g:w .*dir=back", source)) == 3
    assert source.count("rank=same") == 2
    assert source.count("dir=both") == 2
    assert source.count("∂loss/∂") == 6


def test_stored_grad_is_called_a_derivative_only_where_it_is_known_to_be_one() -> None:
    w = tensor([1.0, 2.0])
    loss = np.sum(w * w)
    loss.backward(retain_graph=True)
    assert "∂loss/∂w" in draw.graph(loss).source
    loss.backward()
    source = draw.graph(loss).source
    assert "w.grad" in source
    assert "∂loss/∂w" not in source


def test_input_gets_no_backward_edge() -> None:
    x, t = tensor([1.0, 2.0]), np.array([3.0, 4.0])
    loss = np.sum(t * x)
    loss.backward(retain_graph=True)
    edges = [line for line in draw.graph(loss).source.splitlines() if "->" in line]
    assert sum("#d95f02" in line for line in edges) == 2


def test_width_of_an_edge_follows_the_root_of_the_norm() -> None:
    x = tensor([1.0])
    loss = np.sum(np.sin(x * 0.25))
    loss.backward(retain_graph=True)
    widths = [float(w) for w in re.findall(r"dir=back penwidth=([\d.]+)", draw.graph(loss).source)]
    slope = abs(np.cos(0.25))
    expected = [0.25 * slope, slope, 1.0]
    np.testing.assert_allclose(widths, 1.3 + 3.2 * np.sqrt(expected), atol=0.006)


def test_picture_without_gradient_has_no_backward_edge_and_says_why() -> None:
    x = tensor([1.0])
    source = draw.graph(np.sum(x * x)).source
    assert "#d95f02" not in source
    assert "gradient not computed: call" in source


def test_source_is_deterministic() -> None:
    x = tensor(np.linspace(-1, 1, 4))
    loss = loss_of(x)
    assert draw.graph(loss).source == draw.graph(loss).source


def test_kinds_are_told_apart_by_words() -> None:
    x, t = tensor([1.0]), np.array([2.0])
    text = cells(draw.graph(np.sum(x * t), {"x": x, "t": t}).source)
    for word in ("parameter", "input", "multiply", "sum, root"):
        assert word in text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_inside_cells(name: str) -> None:
    x, t = tensor([1.0, 2.0]), np.array([3.0, 4.0])
    loss = np.sum(x * t)
    loss.backward(retain_graph=True)
    source = draw.graph(loss, {name: x, name + "t": t, name + "loss": loss}).source
    source.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", source)
    outside = re.sub(r"label=<.*>(?= |\])", "", source)
    assert set(re.findall(r"^\t+(\w+)", outside, re.MULTILINE)) <= {
        *("graph", "node", "edge"),
        *(f"n{i}" for i in range(4)),
    }
    for html in re.findall(r"label=<(.*)>(?: group=\w+)?\]", source):
        ET.fromstring(html)  # noqa: S314 (our own)


@needs_dot
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_rendered_as_text(name: str, tmp_path: Path) -> None:
    x = tensor([1.0, 2.0])
    picture = draw.graph(loss_of(x), {name: x})
    svg = draw.save(picture, tmp_path / "x.svg").read_text("utf-8")
    root = ET.fromstring(svg)  # noqa: S314 (our own)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "title", "polygon", "polyline", "path", "text", "a"}
    texts = "".join(root.itertext()).replace("\N{NO-BREAK SPACE}", " ")
    assert clean(name) in texts


def test_foreign_control_characters_are_cleaned() -> None:
    assert clean("a\x07b\u202ec") == "a b c"
    assert len(clean("w" * 500)) == 40


# ---- files ---------------------------------------------------------------------------------


@pytest.fixture
def picture() -> graphviz.Digraph:
    return draw.graph(loss_of(tensor([1.0, 2.0])), {})


@pytest.fixture
def without_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.parametrize("suffix", [".dot", ".gv", ".DOT"])
@pytest.mark.usefixtures("without_dot")
def test_dot_files_need_no_program(picture: graphviz.Digraph, tmp_path: Path, suffix: str) -> None:
    path = draw.save(picture, str(tmp_path / f"step{suffix}"))
    assert path.read_text("utf-8") == picture.source
    assert [entry.name for entry in tmp_path.iterdir()] == [f"step{suffix}"]


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
@pytest.mark.usefixtures("without_dot")
def test_without_dot_the_source_is_written_beside_and_the_error_names_it(
    picture: graphviz.Digraph, tmp_path: Path, suffix: str
) -> None:
    with pytest.raises(MissingExtraError, match=r"step\.dot.*install Graphviz.*apt") as caught:
        draw.save(picture, tmp_path / f"step{suffix}")
    written = tmp_path / "step.dot"
    assert caught.value.path == str(written)
    assert written.read_text("utf-8") == picture.source


@needs_dot
@pytest.mark.parametrize(
    ("suffix", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_rendered_files_are_complete(
    picture: graphviz.Digraph, tmp_path: Path, suffix: str, magic: bytes
) -> None:
    path = draw.save(picture, tmp_path / f"step.{suffix}")
    assert path.read_bytes().startswith(magic)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_failed_write_leaves_the_old_file(
    picture: graphviz.Digraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "step.dot"
    target.write_text("old")

    def fail(*_: Any) -> None:
        message = "disk full"
        raise OSError(message)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        draw.save(picture, target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_unknown_suffix_and_missing_folder_are_refused(
    picture: graphviz.Digraph, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"step\.gif ends in none of \.dot"):
        draw.save(picture, tmp_path / "step.gif")
    with pytest.raises(FileNotFoundError):
        draw.save(picture, tmp_path / "nowhere" / "step.dot")


@pytest.fixture
def broken_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "dot"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho out of paper >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for dot is a shell script")
@pytest.mark.usefixtures("broken_dot")
def test_failing_dot_is_reported(picture: graphviz.Digraph, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Graphviz failed: out of paper"):
        draw.save(picture, tmp_path / "step.svg")
    assert not (tmp_path / "step.svg").exists()
    bundle = draw.mimebundle(np.exp(tensor([1.0])))
    assert list(bundle) == ["text/plain"]
    assert "out of paper" in bundle["text/plain"]


# ---- notebooks -----------------------------------------------------------------------------


def test_tensor_without_graph_is_text_in_a_notebook() -> None:
    x = Tensor([1.0])
    assert draw.mimebundle(x) == x._repr_mimebundle_() == {"text/plain": repr(x)}


@pytest.mark.usefixtures("without_dot")
def test_notebook_without_dot_says_how_to_see_the_picture() -> None:
    y = np.exp(tensor([1.0]))
    text = draw.mimebundle(y)["text/plain"]
    assert text.startswith(repr(y) + "\n")
    assert "install Graphviz" in text
    assert list(draw.mimebundle(y)) == ["text/plain"]


@needs_dot
def test_notebook_shows_the_picture_named_by_the_cells_variables() -> None:
    weight = tensor([1.0, 2.0])
    total = np.sum(np.exp(weight))
    bundle = total._repr_mimebundle_()
    assert bundle["text/plain"] == repr(total)
    words = "".join(ET.fromstring(bundle["image/svg+xml"]).itertext())  # noqa: S314 (our own)
    assert "weight" in words
    assert "total" in words


def test_what_is_not_a_tensor_or_a_picture_is_refused(tmp_path: Path) -> None:
    wrong: Any = np.ones(2)
    with pytest.raises(TypeError, match="graph: draws a Tensor, not a ndarray"):
        draw.graph(wrong)
    with pytest.raises(TypeError, match=r"save: writes what graph\(\) returned, not a ndarray"):
        draw.save(wrong, tmp_path / "a.dot")
    assert list(tmp_path.iterdir()) == []
