"""Check files, formats, renderers, notebooks, and what is told of names and lines."""

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import graphviz
import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, draw, nn, sigmoid
from autograd_nn.draw import api, render, svg, view
from autograd_nn.errors import MissingExtraError, NoGradientError
from pictures import PICTURES, training_step

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "graph.schema.json").read_text(encoding="utf-8")
)
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz `dot` is not there")


def tensor(data: Any) -> Any:
    return Tensor(data, requires_grad=True)


shared_by_the_module = tensor([5.0, 6.0])


def drawn_loss() -> Any:
    x = tensor([1.0, 2.0])
    loss = np.sum(x * x)
    loss.backward(retain_graph=True)
    return draw.graph(loss, names={"x": x, "loss": loss})


@pytest.fixture
def graph() -> draw.Graph:
    made: draw.Graph = drawn_loss()
    return made


@pytest.fixture
def without_renderers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(render, "find_spec", lambda _name: None)


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
    unused = np.array([9.0])  # noqa: F841 (it must not be shown)
    error = data @ layer.W * shared_by_the_module - scale
    titles = {card.title for card in draw.graph(error).picture.cards}
    assert {"data", "layer.hidden.W", "shared_by_the_module", "scale", "error"} <= titles
    assert "unused" not in titles


def test_given_names_replace_the_callers() -> None:
    data = tensor([1.0])
    titles = [card.title for card in draw.graph(np.exp(data), names={"speed": data}).picture.cards]
    assert titles == ["speed", "L"]


def test_array_is_named_by_identity_before_equality() -> None:
    x = tensor([1.0, 2.0])
    first, second = Tensor([0.5, 0.5]), Tensor([0.5, 0.5])
    titles = {card.title for card in draw.graph(x * second).picture.cards}
    assert "second" in titles
    assert "first" not in titles
    assert first.shape == (2,)


def test_parameters_of_modules_have_short_names_and_whole_paths() -> None:
    network = nn.SigmoidNetwork((2, 3, 1), rng=0)
    graph = draw.graph(network(np.ones((4, 2))))
    paths = {card.title: card.path for card in graph.picture.cards if card.path}
    assert paths == {
        "W1": "network.0.weight",
        "b1": "network.0.bias",
        "W2": "network.2.weight",
        "b2": "network.2.bias",
    }
    W1 = np.ones(3)  # the name is taken
    paths = {card.path: card.title for card in draw.graph(network(np.ones((4, 2)))).picture.cards}
    assert paths["network.0.weight"] == "network.0.weight"
    assert W1.size == 3


def test_values_without_a_name_are_named_by_what_they_are() -> None:
    x, W, b = np.ones((4, 2)), tensor(np.ones((2, 3))), tensor(np.ones(3))
    out = np.tanh(np.tanh(x @ W + b) @ W.T)
    titles = [card.title for card in draw.graph(out).picture.cards if card.operation]
    assert titles == ["x @ W", "z1", "a1", "W.T", "a1 @ W.T", "out"]


# ---- lines ---------------------------------------------------------------------------------


def test_lines_and_modules_are_recorded_when_asked_for() -> None:
    network = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Sigmoid())
    x = np.ones((3, 2))
    with draw.lines():
        y = network(x)
        z = np.sum(y)  # a line of its own
    cards = draw.graph(z).picture.cards
    lines = {card.operation: card.line for card in cards if card.operation}
    file, _, line = lines["sum"].rpartition(":")
    assert Path(file).name == "test_formats.py"
    assert not Path(file).is_absolute()
    assert lines["matmul"] == lines["sigmoid"] == f"{file}:{int(line) - 1}"
    frames = draw.graph(z).picture.frames
    assert [(frame.path, frame.kind) for frame in frames] == [
        ("network", "Sequential"),
        ("network.0", "Linear"),
    ]


def test_recorded_modules_hold_what_has_no_parameters_and_no_more() -> None:
    cell = nn.Linear(2, 2, rng=0)
    squash = nn.Sequential(nn.Sigmoid())
    h: Any = np.ones((3, 2))
    with draw.lines():
        for _ in range(2):
            h = np.tanh(squash(cell(h)))
    picture = draw.graph(h).picture
    once = ["cell", "squash", "squash.0"]
    assert [frame.path for frame in picture.frames] == once * 2
    inside = {card.operation for card in picture.cards if card.frame == 2}
    assert inside == {"sigmoid"}
    assert all(card.frame is None for card in picture.cards if card.operation == "tanh")


def test_ordinary_runs_record_no_lines_and_gradients_stay_the_same() -> None:
    x = tensor([1.0, 2.0])
    with draw.lines():
        inside = np.sum(np.exp(x) * x)
    outside = np.sum(np.exp(x) * x)
    assert draw.graph(outside).picture.root.line == ""
    inside.backward()
    first = x.grad.numpy().copy()
    x.zero_grad()
    outside.backward()
    np.testing.assert_array_equal(first, x.grad.numpy())


def test_a_program_can_be_compiled_inside() -> None:
    with draw.lines():
        step = ag.compile(lambda x: np.exp(x) * 2.0, np.ones(2))
        np.testing.assert_array_equal(step(np.ones(2)), np.exp(np.ones(2)) * 2)


def test_lines_inside_a_compiled_function_leave_its_program_as_it_is() -> None:
    def plain(x: Any) -> Any:
        return sigmoid(x)

    def with_lines(x: Any) -> Any:
        with draw.lines():
            return sigmoid(x)

    sources = {ag.compile(f, np.ones(2)).program.source() for f in (plain, with_lines)}
    assert len({source.partition("def ")[2].partition("(")[2] for source in sources}) == 1


# ---- formats -------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["svg", "html", "dot", "gv", "json", "txt", "mmd", "SVG"])
@pytest.mark.usefixtures("without_renderers")
def test_files_that_need_no_renderer(graph: draw.Graph, tmp_path: Path, suffix: str) -> None:
    path = graph.render(tmp_path / f"step.{suffix}")
    assert path.read_bytes() == graph.pipe(suffix) != b""
    assert [entry.name for entry in tmp_path.iterdir()] == [f"step.{suffix}"]


@pytest.mark.parametrize("suffix", ["png", "pdf"])
@pytest.mark.usefixtures("without_renderers")
def test_without_a_renderer_the_svg_is_written_and_the_error_names_it(
    graph: draw.Graph, tmp_path: Path, suffix: str
) -> None:
    with pytest.raises(MissingExtraError, match=r"wrote .*step\.svg.*autograd_nn\[render\]") as e:
        draw.save(graph, tmp_path / f"step.{suffix}")
    written = tmp_path / "step.svg"
    assert e.value.path == str(written)
    assert written.read_text("utf-8") == graph.svg()
    assert draw.backends()[suffix] == 'nothing yet: pip install "autograd_nn[render]"'


@pytest.mark.skipif(find_spec("resvg_py") is None, reason="resvg-py is not there")
def test_png_is_made_of_our_own_svg(graph: draw.Graph, tmp_path: Path) -> None:
    assert draw.backends()["png"] == "resvg-py"
    assert graph.render(tmp_path / "step.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(
    find_spec("pygraphviz") is None and shutil.which("dot") is None, reason="no Graphviz is there"
)
def test_pdf_is_made_by_graphviz(graph: draw.Graph, tmp_path: Path) -> None:
    assert graph.render(tmp_path / "step.pdf").read_bytes().startswith(b"%PDF")


def test_failed_write_leaves_the_old_file(
    graph: draw.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "step.svg"
    target.write_text("old")

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=r"No space left on device: .*step\.svg"):
        graph.render(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_unknown_formats_and_missing_folders_are_refused(graph: draw.Graph, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"step\.gif ends in none of \.svg"):
        graph.render(tmp_path / "step.gif")
    with pytest.raises(ValueError, match="there is no format 'gif'"):
        graph.pipe("gif")
    with pytest.raises(FileNotFoundError):
        graph.render(tmp_path / "nowhere" / "step.svg")


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for dot is a shell script")
def test_failing_dot_is_reported(
    graph: draw.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "dot"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho out of paper >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    with pytest.raises(RuntimeError, match="Graphviz failed: out of paper"):
        graph.render(tmp_path / "step.pdf")
    assert not (tmp_path / "step.pdf").exists()


def test_dot_has_all_cards_both_arrows_and_frames() -> None:
    graph = training_step()
    source = graph.source
    assert isinstance(graph.to_graphviz(), graphviz.Digraph)
    gradients = [edge for edge in graph.picture.edges if edge.contribution is not None]
    assert source.count("dir=back") == len(gradients)
    assert source.count(" -> ") == len(gradients) + len(graph.picture.edges)
    assert source.count("subgraph cluster_") == 3
    assert "a1ᵀ ·" in source
    assert "the batch size" in source


@needs_dot
@pytest.mark.parametrize("name", PICTURES)
def test_graphviz_draws_dot(name: str) -> None:
    source = PICTURES[name]().source
    assert graphviz.Source(source).pipe("svg").startswith(b"<?xml")


def conforms(value: Any, schema: Any) -> bool:
    """Check what our schema uses of JSON Schema."""
    if "$ref" in schema:
        return conforms(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    names = schema.get("type", [])
    types = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": int | float,
        "null": type(None),
    }
    allowed = [types[name] for name in ([names] if isinstance(names, str) else names)]
    if allowed and not any(isinstance(value, kind) for kind in allowed):
        return False
    if isinstance(value, list):
        return all(conforms(item, schema.get("items", {})) for item in value)
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        return set(value) == set(schema["required"]) == set(known) and all(
            conforms(item, known[key]) for key, item in value.items()
        )
    return True


@pytest.mark.parametrize("name", PICTURES)
def test_json_is_as_the_schema_says(name: str) -> None:
    content = json.loads(PICTURES[name]().pipe("json"))
    assert conforms(content, SCHEMA)
    assert not conforms(content | {"more": 1}, SCHEMA)
    assert not conforms(content | {"operations": "many"}, SCHEMA)
    ids = {card["id"] for card in content["cards"]}
    assert {edge[end] for edge in content["edges"] for end in ("source", "target")} <= ids
    assert set(content["roots"]) <= ids


def test_json_has_the_numbers_and_no_bare_nan(graph: draw.Graph) -> None:
    cards = {card["title"]: card for card in graph.to_dict()["cards"]}
    assert cards["x"]["value"]["numbers"] == [1.0, 2.0]
    assert cards["x"]["gradient"]["numbers"] == [2.0, 4.0]
    x = tensor([np.nan, np.inf])
    strict = draw.graph(x * np.arange(2.0), names={}).pipe("json").decode()
    assert '"NaN"' in strict
    json.loads(strict, parse_constant=lambda _: pytest.fail("not JSON"))


def test_mermaid_and_text_say_the_same_as_the_picture() -> None:
    graph = training_step()
    chart = graph.pipe("mmd").decode()
    assert chart.startswith("flowchart LR\n")
    assert chart.count(" --> ") == len(graph.picture.edges)
    assert "· W2ᵀ" in chart
    text = str(graph)
    for card in graph.picture.cards:
        assert re.search(rf"[●■○] {re.escape(card.title)}( |$)", text, re.MULTILINE)
    assert "guilty: autograd / yours = 4 everywhere" in text
    assert repr(graph) == "<Graph of loss: drawn 3 of 3 operations>"


def test_a_page_asks_for_nothing() -> None:
    page = training_step().pipe("html").decode()
    assert "Content-Security-Policy" in page
    assert "<script" not in page
    assert page.count("http") - page.count("http-equiv") == 1  # SVG's namespace
    assert len(page.encode()) < 200_000


# ---- notebooks -----------------------------------------------------------------------------


def test_tensor_without_graph_is_text_in_a_notebook() -> None:
    x = Tensor([1.0])
    assert draw.mimebundle(x) == x._repr_mimebundle_() == {"text/plain": repr(x)}


@pytest.mark.usefixtures("without_renderers")
def test_a_notebook_shows_the_picture_named_by_the_cells_variables() -> None:
    weight = tensor([1.0, 2.0])
    total = np.sum(np.exp(weight))
    bundle = total._repr_mimebundle_()
    assert bundle["text/plain"].startswith(f"{total!r}\ntotal = ")
    words = [e.text for e in ET.fromstring(bundle["image/svg+xml"]).iter()]  # noqa: S314 (our own)
    assert "weight" in words
    assert "total" in words


def test_a_notebook_may_ask_for_less(graph: draw.Graph) -> None:
    assert set(graph._repr_mimebundle_()) == {"image/svg+xml", "text/plain"}
    assert set(graph._repr_mimebundle_(include={"text/plain"})) == {"text/plain"}
    assert set(graph._repr_mimebundle_(exclude={"text/plain"})) == {"image/svg+xml"}


def test_ids_are_others_in_every_output(graph: draw.Graph) -> None:
    outputs = [graph._repr_mimebundle_()["image/svg+xml"] for _ in range(3)]
    ids = [id_ for output in outputs for id_ in re.findall(r'\bid="([^"]+)"', output)]
    assert len(ids) == len(set(ids)) == 9


def test_a_notebook_keeps_no_more_than_it_should(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MOST_BYTES", 1000)
    bundle = drawn_loss()._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert 'write it with render("graph.svg"), or draw less with max_nodes=' in bundle["text/plain"]


def test_a_notebook_never_raises(monkeypatch: pytest.MonkeyPatch, graph: draw.Graph) -> None:
    y = np.exp(tensor([1.0]))

    def fail(*_args: Any, **_options: Any) -> Any:
        message = "no luck"
        raise RuntimeError(message)

    monkeypatch.setattr(svg, "draw", fail)
    told = "The graph could not be drawn: no luck"
    assert graph._repr_mimebundle_() == {"text/plain": told}
    monkeypatch.setattr(api, "collect", fail)
    assert y._repr_mimebundle_() == {"text/plain": f"{y!r}\n{told}"}


def test_what_is_not_a_tensor_or_a_picture_is_refused(tmp_path: Path) -> None:
    wrong: Any = np.ones(2)
    with pytest.raises(TypeError, match="graph: draws a Tensor or a list of them, not ndarray"):
        draw.graph(wrong)
    with pytest.raises(TypeError, match="graph: draws a Tensor or a list of them, not empty list"):
        draw.graph([])
    x: Any = Tensor([1.0], requires_grad=True)
    with pytest.raises(TypeError, match="graph: names=list; give a mapping of names to values"):
        draw.graph(x, names=["x"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="argument gradient has dtype <U1; give numbers"):
        draw.graph(x, gradient=["a"])
    with pytest.raises(ValueError, match="svg: theme='pink'; give one of 'auto', 'light', 'dark'"):
        draw.graph(x).svg("pink")
    with pytest.raises(TypeError, match="graph: draws a Tensor, not a ndarray"):
        draw.graph([wrong])
    with pytest.raises(TypeError, match=r"save: writes what graph\(\) returned, not a ndarray"):
        draw.save(wrong, tmp_path / "a.dot")
    with pytest.raises(NoGradientError, match="nothing was recorded"):
        draw.graph(Tensor([1.0]))
    assert list(tmp_path.iterdir()) == []
