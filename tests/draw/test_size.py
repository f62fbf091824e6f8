"""Check how pictures of large graphs are kept readable, and say what they leave out."""

import gc
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, draw, nn, optim
from autograd_nn.draw.boxes import Box, Way
from autograd_nn.draw.layout import MOST_STOPS, place
from autograd_nn.draw.model import Kind, Picture
from autograd_nn.draw.pausing import uncollected
from autograd_nn.draw.selection import repetition

ALIVE: list[Any] = []  # a picture knows that backward() was called by the grad of leaves


def parameter(*shape: int, seed: int = 0) -> Any:
    made = Tensor(np.random.default_rng(seed).normal(size=shape), requires_grad=True)
    ALIVE[:] = [*ALIVE[-9:], made]
    return made


def chain(n: int) -> Any:
    x = parameter(2)
    y = x
    for _ in range(n):
        y = np.tanh(y * 0.9)
    return np.sum(y)


def kinds(picture: Picture) -> list[Kind]:
    return [card.kind for card in picture.cards]


def deep_network(layers: int) -> tuple[Any, Any]:
    parts = [part for i in range(layers) for part in (nn.Linear(4, 4, rng=i), nn.Sigmoid())]
    network = nn.Sequential(*parts)
    loss = nn.mse_loss(network(np.ones((3, 4))), np.zeros((3, 4)))
    loss.backward(retain_graph=True)
    return network, loss


def test_cards_are_full_then_a_line_each_then_folded() -> None:
    full, line, folded = (draw.graph(chain(n)) for n in (5, 50, 500))
    assert (full.picture.is_full, full.picture.drawn) == (True, 11)
    assert (line.picture.is_full, line.picture.drawn) == (False, 101)
    assert folded.picture.operations == 1001
    assert folded.picture.drawn == 7
    assert "drawn 7 of 1,001 operations" in folded.svg()
    assert "drawn" not in line.svg().partition("<style>")[0]


def test_a_repetition_keeps_its_first_and_last_time_and_all_norms() -> None:
    loss = chain(500)
    loss.backward(retain_graph=True)
    picture = draw.graph(loss).picture
    (fold,) = (card for card in picture.cards if card.kind is Kind.REPEAT)
    assert (fold.count, fold.title) == (994, "× 497 more")
    assert len(fold.norms) == 499
    assert all(0 < a < b for a, b in zip(fold.norms, fold.norms[1:], strict=False))
    into = next(edge for edge in picture.edges if edge.target == fold.id)
    assert into.norm == pytest.approx(fold.norms[0])
    out = next(edge for edge in picture.edges if edge.source == fold.id)
    assert out.norm == pytest.approx(fold.norms[-2])


def test_gradients_beside_a_fold_are_those_of_the_whole() -> None:
    loss = chain(500)
    loss.backward(retain_graph=True)
    folded, whole = (draw.graph(loss, names={}, max_nodes=n).picture for n in (120, 2000))
    first = [next(c for c in p.cards if c.kind is Kind.PARAMETER) for p in (folded, whole)]
    assert whole.drawn == 1001
    np.testing.assert_array_equal(first[0].gradient, first[1].gradient)


def test_what_differs_is_not_folded() -> None:
    x = parameter(2)
    y = x
    for i in range(200):
        y = np.sin(y) if (i * i) % 7 < 3 else np.cos(y * 2.0) if i % 11 else y[::-1] + x
    picture = draw.graph(y).picture
    assert Kind.REPEAT not in kinds(picture) or picture.drawn > 50
    shapes = parameter(40, 3)
    for _ in range(35):
        shapes = np.exp(shapes[1:] * 0.1)
    assert Kind.REPEAT not in kinds(draw.graph(shapes, max_nodes=50).picture)  # no two alike


def test_shared_weights_are_ghosts_and_private_ones_are_folded() -> None:
    w, x = parameter(2, 2), parameter(3, 2)
    y = x
    for _ in range(100):
        y = np.tanh(y @ w)
    loss = np.sum(y)
    loss.backward(retain_graph=True)
    picture = draw.graph(loss).picture
    ghosts = [card for card in picture.cards if card.ghost_of]
    assert {card.title for card in ghosts} == {"w"}
    arriving = [
        edge.contribution
        for edge in picture.edges
        if edge.source in {picture.card("w").id, *(card.id for card in ghosts)}
    ]
    np.testing.assert_allclose(sum(arriving), w.grad.value, rtol=1e-12)  # type: ignore[arg-type]
    network, loss = deep_network(100)
    titles = {card.title for card in draw.graph(loss).picture.cards if card.kind is Kind.PARAMETER}
    assert titles <= {"W1", "b1", "W2", "b2", "W100", "b100"}
    assert network is not None


def test_modules_are_folded_when_asked_for() -> None:
    network, loss = deep_network(3)
    one = draw.graph(loss, depth=1).picture
    (card,) = (card for card in one.cards if card.kind is Kind.MODULE)
    assert (card.title, card.path, card.count) == ("network", "network Sequential", 3)
    inner = draw.graph(loss, fold="modules").picture
    assert [card.title for card in inner.cards if card.kind is Kind.MODULE] == [
        f"network.{i}" for i in (0, 2, 4)
    ]
    assert inner.frames[0].path == "network"
    assert all(card.frame == 0 for card in inner.cards if card.kind is Kind.MODULE)
    assert network is not None


def test_modules_are_folded_before_repetitions_and_the_outermost_last() -> None:
    network, loss = deep_network(40)
    inner = draw.graph(loss).picture
    modules = [card for card in inner.cards if card.kind is Kind.MODULE]
    assert (len(modules), inner.extent) == (40, "drawn 3 of 43 operations")
    norms = [norm for card in modules for norm in card.norms]
    assert len(norms) == 40
    assert norms == sorted(norms)  # the gradient vanishes
    network, loss = deep_network(130)  # more than there is room for
    assert Kind.REPEAT in kinds(draw.graph(loss).picture)
    widths = [2 + (i * i) % 11 % 5 for i in range(131)]  # what is repeated is long
    pairs = pairwise(widths)
    network = nn.Sequential(*(nn.Linear(a, b, rng=0) for a, b in pairs))
    loss = np.sum(network(np.ones((3, 2))))
    outermost = draw.graph(loss, max_nodes=30).picture
    assert [card.title for card in outermost.cards if card.kind is Kind.MODULE] == ["network"]
    assert outermost.extent == "drawn 1 of 131 operations"


def test_a_neighbourhood_is_as_large_as_there_is_room_for() -> None:
    x = parameter(2)
    hub = np.exp(x)
    loss = np.sum(np.concatenate([hub * float(i) for i in range(300)]))
    assert len(draw.graph(loss, around=hub, radius=3).picture.cards) <= 4
    middle = np.sin(hub)
    for _ in range(40):
        middle = np.cos(middle)
    far = draw.graph(np.sum(middle), around=middle, radius=30, max_nodes=12).picture
    assert 10 <= len(far.cards) <= 12


def test_a_leaf_is_drawn_again_where_it_is_used_far_away() -> None:
    x, w = parameter(2), parameter(2)
    y = x * w
    near = np.sum(np.exp(y) * w)
    assert not [c for c in draw.graph(near, names={"w": w, "x": x}).picture.cards if c.ghost_of]
    for _ in range(8):
        y = np.tanh(y)
    far = np.sum(y * w)
    far.backward(retain_graph=True)
    picture = draw.graph(far, names={"w": w, "x": x}).picture
    (ghost,) = (card for card in picture.cards if card.ghost_of)
    assert ghost.ghost_of == picture.card("w").id


def test_a_recurrent_cell_is_a_frame_each_time_it_is_called() -> None:
    cell = nn.Linear(2, 2, rng=0)
    h: Any = np.ones((3, 2))
    for _ in range(3):
        h = np.tanh(cell(h))
    assert [frame.path for frame in draw.graph(h).picture.frames] == ["cell"] * 3


def test_the_oldest_is_left_out_where_nothing_can_be_folded() -> None:
    picture = draw.graph(chain(500), fold=None).picture
    assert len(picture.cards) <= 120
    assert kinds(picture)[0] is Kind.OMITTED
    hidden = 1001 - picture.drawn
    assert picture.cards[0].title == f"… {hidden} older operations not drawn"
    wide: Any = np.concatenate([parameter(2) * 2.0 for _ in range(300)])
    assert len(draw.graph(wide, names={}, fold=None).picture.cards) <= 301


def test_long_chains_and_repeated_squares_finish() -> None:
    picture = draw.graph(chain(50_000)).picture
    assert picture.operations == 100_001
    assert len(picture.cards) <= 120
    x: Any = Tensor(1.0, requires_grad=True)
    z = x
    for _ in range(60):
        z = z * z
    z.backward(retain_graph=True)
    squares = draw.graph(z)
    assert len(squares.picture.cards) == 61
    assert squares.picture.cards[0].gradient == 2.0**60
    assert "<polygon" in squares.svg()


def test_ten_thousand_cards_are_laid_out() -> None:
    graph = draw.graph(chain(5_000), fold=None, max_nodes=11_000, names={})
    assert graph.picture.drawn == 10_001
    assert graph.svg().count("data-node") == 10_002


def test_the_work_of_a_layout_is_bounded() -> None:
    boxes = [Box(50, 20, 5, 15) for _ in range(4_000)]
    ways = [Way(boxes[i], boxes[j]) for j in range(1, 4_000) for i in {j - 1, max(j - 50, 0)}]
    place(boxes, ways, 1750.0)
    assert sum(len(way.stops) for way in ways) <= MOST_STOPS
    few = [Way(boxes[i], boxes[i + 1]) for i in range(99)]
    far = Way(boxes[0], boxes[50])
    place(boxes[:100], [*few, far], 1750.0)
    assert len(far.stops) == 49


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        ([1, 2, 3], (0, 1, 0)),
        ([5] * 6, (0, 1, 6)),
        ([9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1], (1, 3, 4)),
        ([1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2], (0, 3, 4)),
    ],
)
def test_repetitions_are_found(codes: list[int], found: tuple[int, int, int]) -> None:
    assert tuple(repetition(np.array(codes))) == found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fold": "everything"}, "fold='everything'; give one of 'auto'"),
        ({"edges": "none"}, "edges='none'; give one of 'derivative'"),
        ({"theme": "pink"}, "theme='pink'; give one of 'auto'"),
        ({"values": 3}, "values=3; give one of"),
        ({"max_nodes": 1}, "max_nodes=1; give a whole number, 2 or more"),
        ({"depth": 0}, "depth=0; give a whole number, 1 or more"),
        ({"gradient": np.ones(3)}, r"gradient has shape \(3,\), the tensor \(\)"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw.graph(chain(2), **arguments)


def test_values_gradients_and_derivatives_can_be_left_out() -> None:
    loss = chain(2)
    loss.backward(retain_graph=True)
    assert all(c.value is None for c in draw.graph(loss, values=False).picture.cards)
    without = draw.graph(loss, grads=False).picture
    assert all(card.gradient is None for card in without.cards)
    assert all(edge.contribution is None for edge in without.edges)
    by_norm = draw.graph(loss, edges="norm").picture.edges
    assert all(edge.norm and not edge.derivative for edge in by_norm[:1])


@pytest.mark.parametrize(
    ("edges", "told"),
    [
        ("derivative", ": its label is the local derivative, its width the size"),
        ("norm", "joins gradient to gradient: its width the size of what it brings."),
        (None, "joins gradient to gradient."),
    ],
)
def test_the_legend_says_what_edges_say(edges: str | None, told: str) -> None:
    has_widths = "width" in told
    loss = chain(2)
    loss.backward(retain_graph=True)
    graph = draw.graph(loss, edges=edges)
    svg = graph.svg()
    assert told in svg
    found = re.findall(r'class="backward[^"]*" stroke-width="([^"]+)"', svg)
    assert (len(set(found)) > 1) is has_widths
    assert (len(set(re.findall(r"penwidth=\"?([\d.]+)", graph.source))) > 1) is has_widths


def test_several_roots_share_a_picture() -> None:
    x = parameter(2)
    h = np.exp(x)
    one, two = np.sum(h), np.sum(h * h)
    (one + two).backward(retain_graph=True)
    picture = draw.graph([one, two]).picture
    assert [picture.cards[int(root[1:])].title for root in picture.roots] == ["one", "two"]
    np.testing.assert_allclose(picture.card("x").gradient, x.grad.value)  # type: ignore[arg-type]
    assert picture.card("h").gradient_name == "∂(one + two)/∂h"


def test_a_second_order_graph_can_be_drawn() -> None:
    x = parameter(2)
    loss = np.sum(np.sin(x) ** 2)
    loss.backward(create_graph=True)
    assert x.grad is not None
    slope = np.sum(x.grad)
    picture = draw.graph(slope, gradient=1.0).picture
    expected = 2 * np.cos(2 * x.value)
    shown = [c.id for c in picture.cards if c.kind is Kind.PARAMETER]
    total = sum(e.contribution for e in picture.edges if e.source in shown)  # type: ignore[misc]
    np.testing.assert_allclose(total, expected, rtol=1e-12)


def test_a_compiled_program_can_be_drawn_forward_and_backward() -> None:
    network = nn.SigmoidNetwork((2, 3, 1), rng=0)
    optimizer = optim.SGD(network.parameters(), lr=0.1)

    def step(X: Any, Y: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.half_sse_loss(network(X), Y)
        loss.backward()
        optimizer.step()
        return loss

    program = ag.compile(step, np.ones((4, 2)), np.ones((4, 1))).program
    graph = draw.graph(program)
    picture = graph.picture
    operations = [card for card in picture.cards if card.operation]
    assert len(operations) == picture.operations == picture.drawn
    titles = [card.title for card in picture.cards]
    assert {"X", "Y"} <= set(titles)
    assert sum(title.startswith("new ") for title in titles) == 4
    assert sum(title.startswith("∂/∂") for title in titles) >= 4
    assert [card.kind for card in picture.cards if card.id in picture.roots] == [Kind.OUTPUT]
    assert graph.svg().count("data-node") == len(picture.cards)
    few = draw.graph(program, max_nodes=10).picture
    assert few.cards[0].kind is Kind.OMITTED
    assert len(few.cards) <= 16


def test_a_neighbourhood_is_drawn_alone() -> None:
    x = parameter(2)
    values = [x]
    for _ in range(200):
        values.append(np.sin(values[-1]))
    middle, loss = values[101], np.sum(values[-1])
    values.clear()
    loss.backward(retain_graph=True)
    picture = draw.graph(loss, around=middle, radius=2).picture
    assert picture.drawn == 5
    omitted = [card.title for card in picture.cards if card.kind is Kind.OMITTED]
    assert omitted == ["… 98 older operations not drawn", "… 98 operations not drawn"]
    whole = draw.graph(loss, max_nodes=300).picture
    assert picture.card("middle").gradient_norm == whole.card("middle").gradient_norm
    with pytest.raises(ValueError, match="around= is no result"):
        draw.graph(loss, around=x)


def test_the_collector_waits_while_a_picture_is_made_and_no_longer() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), uncollected():
        1 / 0  # noqa: B018 (it is to fail)
    assert gc.isenabled()
