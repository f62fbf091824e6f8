"""Check over random graphs that a picture can be read: nothing lies where something else is."""

from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from autograd_nn import Tensor, draw
from autograd_nn.draw import text
from autograd_nn.draw.svg import Drawing, overlap

SVG = "{http://www.w3.org/2000/svg}"
UNARY = (np.tanh, np.exp, np.sin, lambda x: x.T, lambda x: x[..., :1] * 2.0, lambda x: np.sum(x, 0))
BINARY = (np.add, np.multiply, np.subtract, np.maximum, lambda x, y: x @ y.T)
NAMES = ("x", "W1", "a_rather_long_name_of_a_parameter_that_somebody_chose", "b", "網絡", "W" * 30)


def random_graph(seed: int) -> draw.Graph:
    """Draw a graph whose operations take operands from anywhere before them."""
    rng = np.random.default_rng(seed)
    scale = 10.0 ** rng.integers(-9, 9)
    values: list[Any] = [
        Tensor(scale * rng.normal(size=rng.choice([1, 3, 4, 9], 2)), requires_grad=i != 1)
        for i in range(int(rng.integers(2, 6)))
    ]
    names: dict[str, Any] = dict(zip(NAMES, values, strict=False))
    for _ in range(int(rng.integers(2, rng.choice([10, 30, 120])))):
        x, y = (values[-1 - int(rng.exponential(3)) % len(values)] for _ in range(2))
        try:
            function: Any = rng.choice(np.array([*UNARY, *BINARY], object))
            values.append(function(x) if function in UNARY else function(x, y))
        except (ValueError, IndexError):  # of shapes that do not fit
            continue
    loss = sum((np.sum(np.tanh(v)) for v in values[-3:]), Tensor(0.0, requires_grad=True))
    with np.errstate(all="ignore"):
        loss.backward(retain_graph=True)
    return draw.graph(loss, names=names, width=int(rng.choice([700, 1200, 1750])))


def area_of(box: Any) -> tuple[float, float, float, float]:
    return box.x, box.y, box.x + box.width, box.y + box.height


def check_texts_stay_inside(group: ET.Element) -> None:
    """Measure every text of a card."""
    (paper, *_) = [e for e in group.iter(f"{SVG}rect") if e.get("x") == "0" and e.get("y") == "0"]
    w, h = float(str(paper.get("width"))), float(str(paper.get("height")))
    for element in group.iter(f"{SVG}text"):
        size, style = float(str(element.get("font-size"))), str(element.get("class"))
        said = str(element.text)
        length = text.width(said, size, bold=style.startswith("b "))
        start = {"middle": 0.5, "end": 1.0}.get(str(element.get("text-anchor")), 0.0)
        left = float(str(element.get("x"))) - start * length
        assert left >= -0.1, said
        assert left + length <= w + 0.1, said
        assert size * 0.6 <= float(str(element.get("y"))) <= h, said


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
@pytest.mark.parametrize("seed", range(30))
def test_nothing_lies_where_something_else_is(seed: int) -> None:
    graph = random_graph(seed)
    drawing = Drawing(graph.picture, graph.width)
    root = ET.fromstring(drawing.svg("light", ""))  # noqa: S314 (our own)
    for group in root.iter(f"{SVG}g"):
        if group.get("data-node"):
            check_texts_stay_inside(group)
    areas = {box: area_of(box) for box in drawing.boxes.values()}
    assert not any(overlap(a, b) for a, b in combinations(areas.values(), 2))
    assert not any(overlap(label, card) for label in drawing.taken for card in areas.values())
    assert not any(overlap(a, b) for a, b in combinations(drawing.taken, 2))
    for (way, _), route in drawing.routes.items():
        others = [areas[box] for box in areas if box not in (way.source, way.target)]
        assert not any(route.runs_through(area) for area in others)
