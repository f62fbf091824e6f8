"""Check what stands on the edges: local derivatives, and contributions that sum to gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, custom_vjp, draw, nn, relu, sigmoid
from autograd_nn.draw.model import Picture
from samples import Sample
from table import SAMPLES

MINUS = "\N{MINUS SIGN}"


def parameter(*shape: int, seed: int = 0) -> Any:
    return Tensor(np.random.default_rng(seed).normal(size=shape), requires_grad=True)


def check_sums(picture: Picture) -> int:
    """Hold each gradient against the sum of what the edges bring; return how many were held."""
    arriving: dict[str, list[Any]] = {}
    shown = {card.id: card for card in picture.cards}
    for edge in picture.edges:
        if edge.contribution is not None:
            card = shown[edge.source]
            arriving.setdefault(card.ghost_of or card.id, []).append(edge.contribution)
    held = 0
    for name, parts in arriving.items():
        gradient = shown[name].gradient
        if gradient is not None:
            scale = max(float(np.max(np.abs(part), initial=0)) for part in parts)
            assert np.max(np.abs(sum(parts) - gradient), initial=0) <= 1e-12 * scale
            held += 1
    return held


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_contributions_sum_to_the_gradient_and_every_edge_says_how(sample: Sample) -> None:
    function, _, xs = sample.pose()
    leaves = [Tensor(x, requires_grad=True) for x in xs]
    out = function(*leaves)
    u = np.random.default_rng(2).normal(size=out.shape)
    names = {f"leaf{i}": leaf for i, leaf in enumerate(leaves)}
    picture = draw.graph(out, gradient=u, names=names, fold=None, max_nodes=1000).picture
    assert check_sums(picture) >= 1
    for edge in picture.edges:
        assert (edge.contribution is None) == (edge.derivative == "")
        assert (edge.derivative == "") == (edge.rule == "")
    out.backward(u)
    for name, leaf in names.items():
        gradient = picture.card(name).gradient
        assert leaf.grad is not None
        assert gradient is not None
        scale = np.max(np.abs(leaf.grad.value), initial=0)
        assert np.max(np.abs(gradient - leaf.grad.value), initial=0) <= 1e-12 * scale


def shared(x: Any, w: Any) -> Any:
    h = np.tanh(x * w)
    return np.sum(h * h + np.sin(h) * w + x)


def broadcast(x: Any, w: Any) -> Any:
    return np.sum((x[:, None] * w + w) / (1 + x**2))


def many_uses(x: Any, w: Any) -> Any:
    for _ in range(5):
        x = x * w
    return np.sum(x)


def chosen(x: Any, w: Any) -> Any:
    return np.sum(np.where(x > 0, np.sqrt(np.abs(x)) * w, w))


@pytest.mark.parametrize("function", [shared, broadcast, many_uses, chosen])
def test_contributions_sum_where_operands_are_shared(function: Callable[..., Any]) -> None:
    x, w = parameter(3), parameter(3, seed=1)
    x.data[0] = 0.0  # below a choice nothing comes back, not even NaN
    loss = function(x, w)
    loss.backward(retain_graph=True)
    assert check_sums(draw.graph(loss).picture) >= 3


def test_contributions_sum_through_fused_steps_as_backward_computes_them() -> None:
    network = nn.SigmoidNetwork((2, 4, 1), rng=0)
    x = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    loss = nn.half_sse_loss(network(x), np.array([[0.0], [1], [1], [0]]))
    loss.backward(retain_graph=True)
    picture = draw.graph(loss).picture
    assert check_sums(picture) == 13
    assert [card.operation for card in picture.cards if card.operation] == [
        *("matmul", "add", "sigmoid", "matmul", "add", "sigmoid"),
        *("subtract", "square", "sum", "multiply"),
    ]
    assert (picture.root.value, picture.operations, picture.drawn) == (loss.value, 3, 3)


def test_complex_gradients_are_those_of_the_user() -> None:
    z = Tensor(np.array([1 + 2j, -0.5j]), requires_grad=True)
    loss = np.sum(np.abs(z * (2 - 1j)) ** 2)
    loss.backward(retain_graph=True)
    picture = draw.graph(loss).picture
    check_sums(picture)
    assert z.grad is not None
    np.testing.assert_allclose(picture.card("z").gradient, z.grad.value)  # type: ignore[arg-type]


# ---- in writing ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "texts"),
    [
        (lambda x, _: sigmoid(x), ["⊙ out (1 − out)"]),
        (lambda x, _: np.tanh(x), ["⊙ (1 − out²)"]),
        (lambda x, _: relu(x), ["⊙ (x > 0)"]),
        (lambda x, y: relu(x + y), ["⊙ (x + y > 0)"]),
        (lambda x, y: x @ y, ["· yᵀ", "xᵀ ·"]),
        (lambda x, y: x * y, ["⊙ y", "⊙ x"]),
        (lambda x, y: x + y, ["× 1", "× 1"]),
        (lambda x, y: x - y, ["× 1", f"× {MINUS}1"]),
        (lambda x, y: x / y, ["÷ y", f"⊙ {MINUS}out ÷ y"]),
        (lambda x, y: x + y[0], ["× 1", "Σ batch"]),
        (lambda x, y: x * y[:, :1], ["⊙ y[:, :1]", "⊙ x Σ axis 1"]),
        (lambda x, y: x - np.sum(y), ["× 1", f"{MINUS}Σ"]),
        (lambda x, _: x**2, ["⊙ 2 x"]),
        (lambda x, _: x**3, ["⊙ 3 x ** 2"]),
        (lambda x, _: np.exp(x), ["⊙ out"]),
        (lambda x, _: np.reciprocal(x), [f"⊙ {MINUS}out out"]),
        (lambda x, _: np.exp2(x), ["⊙ out × 0.693147"]),
        (lambda x, _: np.sin(x), ["⊙ cos(x)"]),
        (lambda x, _: np.mean(x), ["÷ 4"]),
        (lambda x, _: np.sum(x, axis=0), ["broadcast"]),
        (lambda x, _: -x, [f"× {MINUS}1"]),
        (lambda x, _: x * 0.5, ["× 0.5"]),
        (lambda x, _: x.T, ["ᵀ"]),
        (lambda x, _: np.floor(x), ["× 0"]),
        (lambda x, _: x.reshape(4), ["× 1"]),
    ],
)
def test_local_derivatives_are_written_in_short(
    function: Callable[..., Any], texts: list[str]
) -> None:
    x, y = parameter(2, 2), parameter(2, 2, seed=1)
    out = function(x, y)
    picture = draw.graph(out, gradient=np.ones(out.shape), names={"x": x, "y": y, "out": out})
    last = [edge for edge in picture.picture.edges if edge.target == picture.picture.root.id]
    assert [edge.derivative for edge in last] == texts


def test_the_whole_rule_is_there_too() -> None:
    x = parameter(2)
    out = np.hypot(x, 2.0)
    out.backward(np.ones(2), retain_graph=True)
    (edge,) = draw.graph(out).picture.edges
    assert edge.rule == "v * (x / where(…, 1, out))"


def test_a_rule_that_takes_no_tensors_is_named() -> None:
    double = custom_vjp(lambda x: 2 * x, lambda v, *_: 2 * np.array(v))
    x = parameter(2)
    loss = np.sum(double(x))
    loss.backward(retain_graph=True)
    picture = draw.graph(loss).picture
    assert check_sums(picture) == 2
    assert picture.edges[0].derivative == "rule of <lambda>"
