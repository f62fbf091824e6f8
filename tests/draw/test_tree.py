"""The tree in a terminal has every value once, below all its uses."""

import re

import numpy as np
import pytest

from autograd_nn import Tensor, draw, nn
from autograd_nn.draw.model import Card, Edge, Kind, Picture
from autograd_nn.draw.tree import BELOW, COMPUTED, MARKS, tree

SIGNS = {COMPUTED, *MARKS.values()}


def test_a_network_from_its_loss_down() -> None:
    X, Y = np.eye(2), np.ones((2, 1))
    W, b = Tensor([[1.0], [-1.0]], requires_grad=True), Tensor([0.5], requires_grad=True)
    loss = np.sum(np.square(X @ W + b - Y))
    loss.backward(retain_graph=True)
    _, _, *lines = str(draw.graph(loss)).splitlines()
    assert lines == [
        "● loss = sum((z1 − Y) ** 2)  scalar  2.5  |∂| 1",
        "● (z1 − Y) ** 2              (2, 1)       |∂| 1.41            ← × 1",
        "● z1 − Y                     (2, 1)       |∂| 3.16            ← ⊙ 2 (z1 − Y)",
        "├─○ Y                        (2, 1)       no gradient needed",
        "● z1 = X @ W + b             (2, 1)       |∂| 3.16            ← × 1",
        "├─■ b                        (1,)    0.5  |∂| 2               ← Σ batch",
        "● X @ W                      (2, 1)       |∂| 3.16            ← × 1",
        "├─○ X                        (2, 2)       no gradient needed",
        "└─■ W                        (2, 1)       |∂| 3.16            ← Xᵀ ·",
    ]


def test_a_value_that_is_used_again_stands_below_all_its_uses() -> None:
    x = Tensor([0.5, 1.0], requires_grad=True)
    y = np.sin(x)
    loss = np.sum(y * np.exp(y))
    loss.backward(retain_graph=True)
    lines = str(draw.graph(loss)).splitlines()
    (arrow,) = (i for i, line in enumerate(lines) if "↓ y" in line)
    (place,) = (i for i, line in enumerate(lines) if "● y = sin(x)" in line)
    assert arrow < place
    assert "adds" in lines[arrow]


def test_a_check_is_said_below_what_it_is_about() -> None:
    x = Tensor([0.5, 1.0], requires_grad=True)
    loss = np.sum(x * x)
    loss.backward(retain_graph=True)
    lines = str(draw.graph(loss, check={"x": np.array([3.0, 6.0])})).splitlines()
    (i,) = (i for i, line in enumerate(lines) if "■ x" in line)
    assert lines[i + 1].strip().startswith("✗ guilty: ")


def test_several_ends_stand_one_above_the_other() -> None:
    x = Tensor([0.5, 1.0], requires_grad=True)
    lines = str(draw.graph([np.sin(x), np.cos(x)])).splitlines()
    assert sum(line.startswith("●") for line in lines[2:]) == 2
    assert sum("■ x" in line for line in lines) == 1


@pytest.mark.parametrize("seed", range(30))
def test_random_graphs_have_every_card_once_below_its_uses(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    cards = [Card(f"n{i}", Kind.OPERATION, f"t{i}") for i in range(n)]
    edges = [
        Edge(f"n{source}", f"n{i}")
        for i in range(1, n)
        for source in rng.choice(i, size=min(i, int(rng.integers(1, 4))), replace=False)
    ]
    for i in range(n - 1):  # a single end
        if not any(edge.source == f"n{i}" for edge in edges):
            edges.append(Edge(f"n{i}", f"n{n - 1}"))
    picture = Picture(cards, edges, [], [f"n{n - 1}"], n, 0, 0, n)
    lines = tree(picture).splitlines()[2:]
    found = [re.match(r"[│├└─ ]*([●↓]) (t\d+)", line) for line in lines]
    marks = [(m[1], m[2]) for m in found if m]
    place = {title: i for i, (mark, title) in enumerate(marks) if mark == COMPUTED}
    arrows = [(title, i) for i, (mark, title) in enumerate(marks) if mark == BELOW]
    assert sorted(place) == sorted(card.title for card in cards)
    assert len(arrows) == len(edges) - (n - 1)  # each edge but the last to a card
    assert len(marks) == len(lines) == n + len(arrows)
    assert all(i < place[title] for title, i in arrows)


def test_a_long_graph_ends_with_what_was_left_out() -> None:
    x = Tensor(1.0, requires_grad=True)
    y = np.cos(x)
    for i in range(999):
        y = np.cos(y) if i % 2 else np.sin(y)
    text = str(draw.graph(y, max_nodes=2000, fold=None))
    assert text.splitlines()[-1] == "… 801 older lines left out here"
    assert len(text.splitlines()) == 203


def test_an_unrolled_network_has_all_that_the_picture_has() -> None:
    out, _ = nn.RNN(2, 3, rng=0)(np.ones((4, 5, 2)))
    graph = draw.graph(np.sum(out**2))
    marked = [line for line in str(graph).splitlines()[2:] if SIGNS & set(line.split("  ")[0])]
    assert len(marked) == sum(not card.ghost_of for card in graph.picture.cards)
