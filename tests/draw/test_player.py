"""Check the pages to step through: what they hold, and, in a browser, what they do."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import browser
from autograd_nn import Tensor, datasets, draw, nn, optim
from autograd_nn.draw.folding import MOST_STATES, fold, states
from autograd_nn.draw.model import Card, Edge, Frame, Kind, Picture
from autograd_nn.draw.walk import terms, walk
from pictures import training_step, unrolled

needs_browser = pytest.mark.skipif(
    browser.find() is None, reason="no Chromium is there (Debian: apt-get install chromium)"
)


def content_of(page: str) -> Any:
    found = re.search(
        r'<script type="application/json" id="content">(.*?)</script>', page, re.DOTALL
    )
    assert found is not None
    return json.loads(found[1])


def two_layers() -> draw.Graph:
    data = datasets.xor()
    network = nn.SigmoidNetwork((2, 4, 1), rng=0)
    loss = nn.half_sse_loss(network(data.features), data.targets)
    loss.backward(retain_graph=True)
    names = {"x": data.features, "y": data.targets, "network": network, "loss": loss}
    return draw.graph(loss, names=names)


# ---- the page ------------------------------------------------------------------------------


def test_the_page_is_small_and_asks_for_nothing(tmp_path: Path) -> None:
    path = two_layers().play(tmp_path / "step.html")
    page = path.read_text("utf-8")
    assert path.stat().st_size <= 200_000
    assert "Content-Security-Policy" in page
    assert not re.findall(r'(?:src|href)="(?!data:,")|@import|url\(|fetch\(|XMLHttp', page)
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}


def test_the_policy_allows_this_script_alone(tmp_path: Path) -> None:
    page = two_layers().play(tmp_path / "step.html").read_text("utf-8")
    script = page[page.index("<script>") + 8 : page.rindex("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert f"content=\"{policy}; script-src 'sha256-{digest}'\"" in page


def test_nothing_in_a_name_ends_the_script(tmp_path: Path) -> None:
    name = "</script><script>alert(1)</script><!--"
    x = Tensor(2.0, requires_grad=True)
    y = x * x
    y.backward(retain_graph=True)
    page = draw.graph(y, names={name: x}).play(tmp_path / "x.html").read_text("utf-8")
    assert page.count("<script") == page.count("</script>") == 2
    assert content_of(page)["cards"][0]["title"] == name


@pytest.mark.parametrize(
    "write", [lambda p: two_layers().play(p), lambda p: draw.training([two_layers()], p)]
)
def test_a_page_ends_in_html(write: Any, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"step\.svg is to be a page; give a path that ends in \.html"
    ):
        write(tmp_path / "step.svg")


# ---- the way through ---------------------------------------------------------------------------


@pytest.mark.parametrize("make", [training_step, unrolled])
def test_every_value_comes_after_its_operands_and_every_gradient_after_its_users(make: Any) -> None:
    picture = make().picture
    steps = walk(picture)
    computed: set[str] = set(steps[0]["uses"])
    reached: set[str] = set()
    for step in steps[1:]:
        if step["way"] == "forward":
            assert not reached
            assert computed.issuperset(step["uses"])
            computed.add(step["card"])
        else:
            assert reached.issuperset(step["uses"]), picture.card(step["card"]).title
            reached.add(step["card"])
    whole = [card for card in picture.cards if not card.ghost_of]
    assert computed.issuperset(card.id for card in whole)
    assert reached.issuperset(card.id for card in whole if card.gradient is not None)


def test_the_terms_of_each_entry_sum_to_what_the_edge_brings() -> None:
    picture = training_step().picture
    n = 0
    for edge in picture.edges:
        found = terms(picture, edge)
        v, brought = picture.card(edge.target).gradient, edge.contribution
        if found is None:
            assert brought is None
            continue
        assert v is not None
        assert brought is not None
        for entry, total in zip(found, np.ravel(brought), strict=True):
            products = [
                np.ravel(v)[int(k)] * d for k, d in zip(entry[::2], entry[1::2], strict=True)
            ]
            assert sum(products) == pytest.approx(total, rel=1e-12, abs=1e-15)
            n += len(products)
    assert n > 100


def test_long_sums_and_large_arrays_are_not_written_out() -> None:
    for shape, k in (((1, 20), 20), ((9, 9), 9)):
        x = Tensor(np.ones(shape), requires_grad=True)
        y: Any = np.sum(x @ np.ones((k, 30)))
        y.backward(retain_graph=True)
        picture = draw.graph(y).picture
        assert any(edge.contribution is not None for edge in picture.edges)
        assert all(
            terms(picture, edge) is None
            for edge in picture.edges
            if edge.argument == 0 and picture.card(edge.target).title != "y"
        )


# ---- folding -----------------------------------------------------------------------------------


def test_every_way_to_fold_is_there_and_keeps_what_goes_in_and_out() -> None:
    picture = two_layers().picture
    ways = states(picture)
    assert [sorted(way) for way in ways] == [[], [2], [1], [1, 2], [0]]
    for way in ways[1:]:
        part = fold(picture, way)
        ids = [card.id for card in part.cards]
        place = {id_: i for i, id_ in enumerate(ids)}
        assert len(place) == len(ids)
        assert all(place[edge.source] < place[edge.target] for edge in part.edges)
        assert {f"f{i}" for i in way} <= set(ids)
        assert sum(card.count for card in part.cards if not card.is_leaf) == sum(
            not card.is_leaf for card in picture.cards
        )
    both = fold(picture, frozenset({1, 2}))
    (brought,) = (e.contribution for e in both.edges if e.source == picture.card("a1").id)
    (true,) = (e.contribution for e in picture.edges if e.source == picture.card("a1").id)
    assert brought is not None
    assert true is not None
    assert np.array_equal(brought, true)


def test_a_parameter_that_is_used_elsewhere_too_stays() -> None:
    cards = [Card(f"n{i}", Kind.OPERATION, f"n{i}") for i in range(4)]
    cards[0].kind = cards[1].kind = Kind.PARAMETER
    cards[0].frame = cards[1].frame = cards[2].frame = 0
    edges = [Edge(a, b) for a, b in (("n0", "n2"), ("n1", "n2"), ("n0", "n3"), ("n2", "n3"))]
    frames = [Frame("layer", "Linear")]
    part = fold(Picture(cards, edges, frames, ["n3"], 2, 2, 2, 2), frozenset({0}))
    assert [card.id for card in part.cards] == ["n0", "f0", "n3"]
    joined = {(edge.source, edge.target) for edge in part.edges}
    assert joined == {("n0", "f0"), ("n0", "n3"), ("f0", "n3")}


def test_many_modules_fold_level_by_level() -> None:
    network = nn.SigmoidNetwork((2, 3, 3, 3, 3, 1), rng=0)
    loss = nn.half_sse_loss(network(np.ones((1, 2))), np.ones((1, 1)))
    loss.backward(retain_graph=True)
    found = states(draw.graph(loss, max_nodes=500).picture)
    assert 2 <= len(found) <= MOST_STATES + 1
    assert found[0] == frozenset()
    assert found[-1] == frozenset({0})


# ---- training ----------------------------------------------------------------------------------


def moments(n: int = 12) -> list[draw.Graph]:
    data = datasets.xor()
    network = nn.SigmoidNetwork((2, 4, 1), rng=0)
    optimizer = optim.SGD(network.parameters(), lr=1.0)
    found = []
    for _ in range(n):
        optimizer.zero_grad()
        loss = nn.half_sse_loss(network(data.features), data.targets)
        loss.backward(retain_graph=True)
        names = {"x": data.features, "y": data.targets, "network": network, "loss": loss}
        found.append(draw.graph(loss, names=names))
        optimizer.step()
    return found


def test_what_changes_in_training_is_put_into_the_first_picture(tmp_path: Path) -> None:
    graphs = moments()
    content = content_of(draw.training(graphs, tmp_path / "t.html").read_text("utf-8"))
    losses = [graph.picture.root.value for graph in graphs]
    assert content["losses"] == [float(loss) for loss in losses if loss is not None]
    last = {
        part.get("card"): "".join(
            fixed + (part["varying"][-1][i] if i < len(part["varying"][-1]) else "")
            for i, fixed in enumerate(part["constant"])
        )
        for part in content["parts"]
    }
    weight = graphs[-1].card("W1")
    assert weight.value is not None
    assert re.search(rf">{weight.value[0, 0]:.2f}".replace("-", "\N{MINUS SIGN}"), last[weight.id])


def test_arrows_of_all_moments_are_on_one_scale(tmp_path: Path) -> None:
    graphs = []
    for value in (2.0, 0.2):
        w = Tensor(value, requires_grad=True)
        loss: Any = np.square(w)
        loss.backward(retain_graph=True)
        graphs.append(draw.graph(loss, names={"w": w, "loss": loss}))
    content = content_of(draw.training(graphs, tmp_path / "t.html").read_text("utf-8"))
    (arrow,) = (part for part in content["parts"] if part.get("edge"))
    assert any(before == "4.7" > after for before, after in zip(*arrow["varying"], strict=True))


def test_graphs_of_training_must_be_of_one_computation(tmp_path: Path) -> None:
    x = Tensor(2.0, requires_grad=True)
    y, vector = x * x, x * np.ones(2)
    for graphs, epochs, message in [
        ([], None, "give graphs of one computation"),
        ([*moments(1), draw.graph(y)], None, "give graphs of one computation"),
        (moments(2), [0], "there are 2 graphs, but 1 epochs"),
        ([draw.graph(vector)], None, "must end in one real number"),
    ]:
        with pytest.raises(ValueError, match=message):
            draw.training(graphs, tmp_path / "t.html", epochs=epochs)
    assert not [*tmp_path.iterdir()]


# ---- in a browser ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Browser]:
    with browser.opened(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def page(chromium: browser.Browser, tmp_path: Path) -> Iterator[browser.Browser]:
    """Open a step; whatever the test does, the page makes no error and asks for nothing else."""
    path = two_layers().play(tmp_path / "step.html")
    chromium.errors.clear()
    chromium.requests.clear()
    chromium.open(path)
    yield chromium
    assert chromium.errors == []
    assert [*map(Path, chromium.requests)] == [Path(path.resolve().as_uri())]


def step(page: browser.Browser) -> int:
    return int(page.run("document.documentElement.dataset.step"))


def title(page: browser.Browser) -> str:
    return str(page.run("document.querySelector('aside h2').textContent"))


def opacity(page: browser.Browser, selector: str) -> None:
    page.until(f"getComputedStyle(document.querySelector({json.dumps(selector)})).opacity === '0'")


@needs_browser
def test_keys_go_forward_through_operations_and_back_through_gradients(
    page: browser.Browser,
) -> None:
    assert title(page) == "What is given: inputs and parameters"
    page.press("ArrowRight")
    page.press("ArrowRight")
    assert title(page) == "z1 = x @ W1 + b1"
    assert page.run("document.querySelector('.way').textContent") == "Forward 2 of 10"
    assert page.run("document.querySelectorAll('.card.later').length") == 8
    page.press("ArrowLeft")
    assert title(page) == "x @ W1"
    page.press("End")
    assert title(page) == "∂loss/∂W1"
    assert page.run("document.querySelectorAll('.later, .waits').length") == 0
    page.press("ArrowRight")
    assert step(page) == 24
    page.press("Home")
    assert step(page) == 0


@needs_browser
def test_buttons_slider_and_cards_go_where_they_say(page: browser.Browser) -> None:
    page.click("button[aria-label=step]")
    assert step(page) == 1
    page.click("button[aria-label='to the end']")
    assert step(page) == 24
    page.click("button[aria-label='step back']")
    assert step(page) == 23
    page.click("nav input")
    assert step(page) == 12
    page.click(".card[data-node=n5] rect")
    assert title(page) == "∂loss/∂a1"
    page.press("Home")
    page.click(".card[data-node=n5] rect")
    assert title(page) == "a1 = sigmoid(z1)"


@needs_browser
def test_it_plays_and_pauses(page: browser.Browser) -> None:
    page.press(" ")
    assert page.run("document.querySelector('.play').getAttribute('aria-label')") == "pause"
    page.until("Number(document.documentElement.dataset.step) > 0")
    page.click(".play")
    here = step(page)
    assert page.run("document.querySelector('.play').getAttribute('aria-label')") == "play"
    page.run("new Promise((done) => setTimeout(done, 1700))")
    assert step(page) == here


@needs_browser
def test_values_and_gradients_appear_when_they_are_computed(page: browser.Browser) -> None:
    opacity(page, ".card[data-node=n15] .value")
    for _ in range(11):
        page.press("ArrowRight")
    assert title(page) == "∂loss/∂loss"
    page.until(
        "getComputedStyle(document.querySelector('.card[data-node=n15] .value')).opacity === '1'"
    )
    opacity(page, ".card[data-node=n1] .gradient")
    assert page.run("document.querySelectorAll('.edge.back').length") == 0
    page.press("ArrowRight")
    assert page.run("document.querySelector('.edge.back').dataset.edge") == "n14-n15"


@needs_browser
def test_the_product_that_forms_an_entry_is_shown(page: browser.Browser) -> None:
    page.press("End")
    cells = "[...document.querySelectorAll('.panel .numbers')].at(-1).querySelectorAll('td')"
    page.run(f"{cells}[5].focus()")
    words = page.run("document.querySelector('.product').textContent")
    place, _, sum_ = words.partition(": ")
    assert place == "[1, 1]"
    total, _, right = sum_.replace("\N{MINUS SIGN}", "-").partition(" = ")
    parts = [float(part.strip("()")) for part in right.split(" + ")]
    assert len(parts) == 2
    assert sum(parts) == pytest.approx(float(total), rel=2e-3)
    assert page.run("document.querySelectorAll('td.used').length") == 2


@needs_browser
def test_modules_fold_and_unfold(page: browser.Browser) -> None:
    shown = "[...document.querySelectorAll('.stage .card')].map((c) => c.dataset.node).join(' ')"
    whole = page.run(shown)
    page.click(".frame[data-frame='2'] text")
    assert "f2" in page.run(shown).split()
    assert "n9" not in page.run(shown).split()
    page.press("End")
    assert page.run("document.querySelectorAll('.edge.waits, .edge.later').length") == 0
    page.run("document.querySelector('.frame[data-frame=\"0\"]').focus()")
    page.press("Enter")
    assert sorted(page.run(shown).split()) == ["f0", "n0", "n11", "n12", "n13", "n14", "n15"]
    page.press("Home")
    for _ in range(3):
        page.press("ArrowRight")
    assert title(page) == "a1 = sigmoid(z1)"  # the steps of what is folded are still there
    page.click(".card.module text")
    assert page.run(shown) == whole


@needs_browser
def test_a_picture_with_modules_that_are_folded_already_is_a_page_too(
    chromium: browser.Browser, tmp_path: Path
) -> None:
    parts = [part for i in range(3) for part in (nn.Linear(2, 2, rng=i), nn.Tanh())]
    network = nn.Sequential(*parts)
    loss = np.sum(network(np.ones((3, 2))))
    loss.backward(retain_graph=True)
    chromium.errors.clear()
    chromium.open(draw.graph(loss, depth=2).play(tmp_path / "folded.html"))
    assert chromium.errors == []
    norms = ".card.module .gradient"
    opacity(chromium, norms)
    chromium.press("End")
    chromium.until(f"getComputedStyle(document.querySelector({json.dumps(norms)})).opacity === '1'")
    chromium.click(".frame[data-frame='0'] text")
    assert chromium.run("document.querySelectorAll('.card.module').length") == 1
    assert chromium.errors == []


@needs_browser
def test_the_picture_pans_and_zooms(page: browser.Browser) -> None:
    view = "document.querySelector('.stage svg').getAttribute('viewBox')"
    first = page.run(view)
    x, y = page.middle(".stage")
    page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-300)
    page.until(f"{view} !== {json.dumps(first)}")
    near = [float(number) for number in page.run(view).split()]
    assert near[2] < 0.7 * float(first.split()[2])
    page.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=1)
    page.mouse("mouseMoved", x + 90, y, button="left", buttons=1)
    page.mouse("mouseReleased", x + 90, y, button="left", clickCount=1)
    assert float(page.run(view).split()[0]) < near[0]
    assert step(page) == 0  # a drag is no click
    page.press("0")
    assert page.run(view) == first


@needs_browser
def test_hovering_shows_full_values(page: browser.Browser) -> None:
    page.mouse("mouseMoved", *page.middle(".card[data-node=n1]"))
    page.until("!document.querySelector('.tip').hidden")
    value = two_layers().card("W1").value
    assert value is not None
    shown = page.run("document.querySelector('.tip td').textContent")
    assert shown.replace("\N{MINUS SIGN}", "-") == repr(float(value[0, 0]))


@needs_browser
def test_without_a_script_it_is_the_plain_picture(
    chromium: browser.Browser, tmp_path: Path
) -> None:
    path = two_layers().play(tmp_path / "plain.html")
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(path)
        assert chromium.run("document.querySelectorAll('nav, aside, .later').length") == 0
        assert chromium.run("document.querySelectorAll('.stage .card').length") == 16
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)


@needs_browser
def test_training_moves_numbers_and_nothing_else(chromium: browser.Browser, tmp_path: Path) -> None:
    graphs = moments()
    path = draw.training(graphs, tmp_path / "t.html", epochs=range(0, 24, 2))
    chromium.errors.clear()
    chromium.open(path)
    places = (
        "[...document.querySelectorAll('.card')].map((c) => c.getAttribute('transform')).join()"
    )
    before = chromium.run(places)
    cell = "document.querySelector('.card[data-node=n1] .value').textContent"
    first = chromium.run(cell)
    chromium.press("End")
    assert chromium.run("document.querySelector('.way').textContent") == "epoch 22"
    loss = graphs[-1].picture.root.value
    assert loss is not None
    assert float(title(chromium).partition(" = ")[2]) == pytest.approx(float(loss), rel=1e-4)
    assert chromium.run(cell) != first
    assert chromium.run(places) == before
    chromium.press("Home")
    assert chromium.run(cell) == first
    assert chromium.errors == []


@needs_browser
def test_the_line_of_code_is_marked(chromium: browser.Browser, tmp_path: Path) -> None:
    graph = two_layers()
    card = graph.card("W2").id
    graph.picture.code = [
        {"number": 0, "text": "back.py", "status": "", "sentence": "", "card": ""},
        {
            "number": 7,
            "text": "dW2 = a1.T @ <d>",
            "status": "guilty",
            "sentence": "!",
            "card": card,
        },
    ]
    chromium.errors.clear()
    chromium.open(graph.play(tmp_path / "code.html"))
    assert (
        chromium.run("document.querySelector('.code .guilty').textContent") == "7dW2 = a1.T @ <d>"
    )
    assert chromium.run("document.querySelectorAll('.code .now').length") == 0
    for _ in range(24):
        chromium.press("ArrowRight")
        if title(chromium) == "∂loss/∂W2":
            break
    assert chromium.run("document.querySelectorAll('.code .now').length") == 1
    assert chromium.errors == []
