"""Check what is collected, against gradients derived by hand and by backward()."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, checkpoint, draw, grad, nn, no_grad, sigmoid
from autograd_nn.draw.collect import (
    ACCUMULATED,
    GONE,
    HOOKED,
    JOINT,
    NOT_COMPUTED,
    NOT_NEEDED,
    RELEASED,
    SEVERAL,
)
from autograd_nn.draw.model import Card, Kind, Picture
from autograd_nn.errors import NoGradientError
from autograd_nn.graph import history

MINUS = "\N{MINUS SIGN}"


def picture(root: Any, **scope: Any) -> Picture:
    return draw.graph(root, names=scope).picture


def titled(shown: Picture, title: str) -> Any:
    (card,) = (card for card in shown.cards if card.title == title and not card.ghost_of)
    return card


def operands(shown: Picture, card: Card) -> list[Card]:
    ids = [edge.source for edge in shown.edges if edge.target == card.id]
    return [card for card in shown.cards if card.id in ids]


def parameter(*shape: int, seed: int = 0) -> Any:
    return Tensor(np.random.default_rng(seed).normal(size=shape), requires_grad=True)


def test_network_is_shown_with_the_true_gradients_of_every_value() -> None:
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    t = np.array([[0.0], [1], [1], [0]])
    W1, b1, W2, b2 = (parameter(*s, seed=i) for i, s in enumerate([(2, 4), (4,), (4, 1), (1,)]))
    h = sigmoid(X @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    loss = 0.5 * np.sum((y - t) ** 2)
    loss.backward(retain_graph=True)
    shown = picture(loss, X=X, t=t, W1=W1, b1=b1, W2=W2, b2=b2, h=h, y=y, loss=loss)

    def after(cut: str) -> Callable[[Any], Any]:
        def rest(v: Any) -> Any:
            output = v if cut == "y" else sigmoid(v @ W2.value + b2.value)
            return 0.5 * np.sum((output - t) ** 2)

        return rest

    for name, value in (("h", h), ("y", y)):
        card = titled(shown, name)
        np.testing.assert_array_equal(card.value, value.value)
        np.testing.assert_allclose(card.gradient, grad(after(name))(value.value), rtol=1e-12)
    for name, leaf in (("W1", W1), ("b1", b1), ("W2", W2), ("b2", b2)):
        card = titled(shown, name)
        assert card.kind is Kind.PARAMETER
        assert card.remark == ""
        assert card.gradient_name == f"∂loss/∂{name}"
        np.testing.assert_array_equal(card.value, leaf.value)
        np.testing.assert_array_equal(card.gradient, leaf.grad.value)
    assert shown.root.title == "loss"
    assert shown.root.gradient == 1.0
    assert titled(shown, "X").gradient_note == NOT_NEEDED
    error = titled(shown, f"y {MINUS} t")
    assert [card.title for card in operands(shown, error)] == ["y", "t"]
    assert (shown.operations, shown.parameters, shown.entries) == (10, 4, 17)


def test_sweep_leaves_graph_and_grad_as_they_were() -> None:
    x = parameter(3)
    seen: list[Tensor] = []
    y = np.sin(x)
    y.register_hook(seen.append)
    loss = np.sum(y)
    loss.backward(retain_graph=True)
    before = x.grad.value.copy()
    hooks = [node.hooks for node in history(loss.node).operations]
    picture(loss)
    assert [node.hooks for node in history(loss.node).operations] == hooks
    np.testing.assert_array_equal(x.grad.value, before)
    loss.backward()
    np.testing.assert_allclose(x.grad.value, 2 * before)


def test_gradient_replaced_by_a_hook_is_the_one_shown() -> None:
    x = parameter(3)
    y = np.sin(x)
    y.register_hook(lambda v: 10 * v)
    loss = np.sum(y)
    loss.backward(retain_graph=True)
    card = titled(picture(loss, y=y), "y")
    np.testing.assert_array_equal(card.gradient, np.full(3, 10.0))
    assert card.remark == HOOKED


def test_a_hook_that_only_looks_is_not_said_to_change_anything() -> None:
    x = parameter(3)
    y = np.sin(x)
    y.register_hook(lambda v: None)
    loss = np.sum(y)
    loss.backward(retain_graph=True)
    assert titled(picture(loss, y=y), "y").remark == ""


def test_before_backward_no_gradient_is_claimed() -> None:
    x = parameter(2)
    shown = picture(np.sum(x * x), x=x)
    assert all(card.gradient is None for card in shown.cards)
    assert {card.gradient_note for card in shown.cards} == {NOT_COMPUTED}


def test_a_node_of_several_results_shows_none_of_them() -> None:
    x = parameter(2)
    a, b = checkpoint(lambda x: (np.sin(x), np.cos(x)))(x)
    loss = np.sum(a * b)
    loss.backward(retain_graph=True)
    shown = picture(loss, x=x, a=a, b=b)
    (joint,) = (card for card in shown.cards if card.operation == "checkpoint(<lambda>)")
    assert (joint.value, joint.value_note, joint.gradient_note) == (None, JOINT, JOINT)
    np.testing.assert_allclose(titled(shown, "a").value, np.sin(x.numpy()))
    np.testing.assert_allclose(titled(shown, "a").gradient, np.cos(x.numpy()))


def test_released_graph_says_so_and_shows_what_is_still_known() -> None:
    x = parameter(2)
    y = np.exp(x)
    loss = np.sum(y * y)
    loss.backward()
    shown = picture(loss, x=x, y=y)
    between = titled(shown, "y * y")
    assert (between.value, between.value_note) == (None, RELEASED)
    assert RELEASED in titled(shown, "y").gradient_note
    np.testing.assert_array_equal(titled(shown, "y").value, y.value)
    np.testing.assert_array_equal(titled(shown, "x").gradient, x.grad.value)
    assert titled(shown, "x").gradient_name == "x.grad"
    assert shown.root.value == loss.value


def test_released_layers_are_drawn_in_steps_too() -> None:
    network, X = nn.SigmoidNetwork((2, 4, 1), rng=0), np.ones((5, 2))
    pictures = []
    for keep in (True, False):
        loss = nn.half_sse_loss(network(X), np.ones((5, 1)))
        loss.backward(retain_graph=keep)
        pictures.append(picture(loss, network=network))
    drawn = [[(c.operation, c.shape, c.dtype) for c in p.cards if c.operation] for p in pictures]
    assert drawn[0] == drawn[1]
    assert all(c.value is None for c in pictures[1].cards if c.kind is Kind.OPERATION)
    assert "gradient to gradient" not in draw.Graph(pictures[1]).svg()


def test_root_of_several_entries_shows_gradients_of_leaves_alone() -> None:
    x = parameter(2)
    y = np.exp(x)
    y.backward(np.ones(2), retain_graph=True)
    shown = picture(y, x=x, y=y)
    assert shown.root.gradient_note == SEVERAL
    np.testing.assert_array_equal(titled(shown, "x").gradient, x.grad.value)


def test_accumulated_grad_is_remarked() -> None:
    x = parameter(2)
    loss = np.sum(x * x)
    loss.backward(retain_graph=True)
    loss.backward(retain_graph=True)
    card = titled(picture(loss, x=x), "x")
    assert card.remark == ACCUMULATED
    assert card.gradient_name == "x.grad"
    np.testing.assert_array_equal(card.gradient, 4 * x.value)


def test_shared_operand_is_one_card_and_its_gradient_the_sum() -> None:
    x, y = Tensor(2.0, requires_grad=True), Tensor(-3.0, requires_grad=True)
    z = x * y + x
    z.backward(retain_graph=True)
    shown = picture(z, x=x, y=y, z=z)
    assert [card.title for card in shown.cards] == ["x", "y", "x * y", "z"]
    assert operands(shown, shown.root) == [titled(shown, "x"), titled(shown, "x * y")]
    assert titled(shown, "x").gradient == -2.0
    assert shown.root.formula == "x * y + x"


def test_operand_used_twice_by_one_operation_has_two_edges_from_one_card() -> None:
    x = parameter(2)
    loss = np.sum(x * x)
    loss.backward(retain_graph=True)
    shown = picture(loss, x=x)
    edges = [edge for edge in shown.edges if edge.source == titled(shown, "x").id]
    assert [edge.argument for edge in edges] == [0, 1]
    parts: Any = [edge.contribution for edge in edges]
    assert (parts[0] + parts[1]).tolist() == x.grad.tolist()


def test_leaf_of_many_uses_is_drawn_again_beside_each() -> None:
    x = parameter(2)
    total = x + 0.0
    for _ in range(5):
        total = total + np.sin(x)
    shown = picture(total, x=x)
    uses = [card for card in shown.cards if card.title == "x"]
    assert [card.ghost_of for card in uses] == ["", *[uses[0].id] * 5]


def test_broadcast_parameter_has_the_gradient_of_its_own_shape() -> None:
    x, b = parameter(4, 3), parameter(3, seed=1)
    loss = np.sum((x + b) ** 2)
    loss.backward(retain_graph=True)
    shown = picture(loss, x=x, b=b)
    assert titled(shown, "x + b").shape == (4, 3)
    np.testing.assert_array_equal(titled(shown, "b").gradient, b.grad.value)
    assert titled(shown, "b").gradient.shape == (3,)


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (3, 0), (2, 0, 4), (1, 1, 1)])
def test_empty_and_small_shapes_are_cards_too(shape: tuple[int, ...]) -> None:
    x = parameter(*shape)
    y = np.exp(x)
    loss = np.sum(y)
    loss.backward(retain_graph=True)
    card = titled(picture(loss, y=y), "y")
    assert card.shape == card.value.shape == card.gradient.shape == shape


def test_constants_are_inputs_once_and_numbers_are_written_in_the_formula() -> None:
    x, A = parameter(2), np.array([3.0, 4.0])
    shown = picture(np.sum(A * x + A * x * 0.5 + 2), x=x, A=A)
    assert [card.kind for card in shown.cards].count(Kind.INPUT) == 1
    assert titled(shown, "A").value.tolist() == [3.0, 4.0]
    (twice,) = operands(shown, titled(shown, "A * x * 0.5"))
    assert twice.title == "A * x"


def test_constant_tensor_of_one_number_is_a_card_if_it_has_a_name() -> None:
    x, rate = parameter(2), Tensor(0.1)
    assert [c.title for c in picture(x * rate, x=x, rate=rate).cards] == ["x", "rate", "L"]
    assert [c.title for c in picture(x * rate, x=x).cards] == ["x", "L"]


def test_unnamed_values_have_readable_fallbacks() -> None:
    shown = picture(np.ones((3, 2)) @ parameter(2, 4))
    assert [card.title for card in shown.cards] == ["input", "parameter (2, 4)", "L"]
    assert shown.root.formula == "input @ parameter"


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda x, y: (x + y) * x, "(x + y) * x"),
        (lambda x, y: x - (y - x), f"x {MINUS} (y {MINUS} x)"),
        (lambda x, _: -((x**2) ** 3), f"{MINUS}(x ** 2) ** 3"),
        (lambda x, _: (-x) ** 2, f"({MINUS}x) ** 2"),
        (lambda x, _: x.T, "x.T"),
        (lambda x, _: x[0, 1:, None], "x[0, 1:, newaxis]"),
        (lambda x, _: x[..., ::-1], "x[..., ::-1]".replace("-", MINUS)),
        (lambda x, _: x[[0, 1]], "x[…]"),
        (lambda x, _: np.sum(x, axis=0, keepdims=True), "sum(x, axis=0, keepdims=True)"),
        (lambda x, _: x.reshape(4), "reshape(x, shape=4)"),
        (lambda x, _: x.reshape(4, 1), "reshape(x, shape=(4, 1))"),
        (lambda x, y: np.concatenate([x, y]), "concatenate(x, y, axis=0)"),
        (lambda x, _: 2.0**x, "2 ** x"),
        (lambda x, _: x * 1.00001, "x * 1.00001"),
        (lambda x, _: x / np.sqrt(2), "x / 1.41421"),
        (lambda x, _: np.mean(x, axis=(0, 1)), "mean(x, axis=(0, 1))"),
        (lambda x, _: x.astype(np.float32), "astype(x, dtype=float32)"),
    ],
)
def test_formulas_read_as_written(write: Callable[[Any, Any], Any], expected: str) -> None:
    x, y = parameter(2, 2), parameter(2, 2)
    assert picture(write(x, y), x=x, y=y).root.formula == expected


def test_values_are_those_of_the_forward_pass_after_an_optimiser_step() -> None:
    w = Tensor([1.0, 2.0], requires_grad=True)
    loss = np.sum(w * w)
    loss.backward(retain_graph=True)
    with no_grad():
        w -= w.grad
    shown = picture(loss, w=w)
    assert titled(shown, "w").value.tolist() == [1.0, 2.0]
    assert titled(shown, "w").gradient.tolist() == [2.0, 4.0]
    assert titled(shown, "w").remark == ""


def test_leaf_whose_tensor_is_gone() -> None:
    def loss_of_a_forgotten_tensor() -> Any:
        return np.sum(parameter(2) * 3.0)

    loss = loss_of_a_forgotten_tensor()
    assert titled(picture(loss), "parameter (2,)").value is not None
    loss.backward()
    assert titled(picture(loss), "parameter (2,)").value_note == GONE


def test_leaf_alone_is_one_card() -> None:
    x = parameter(2)
    assert [card.title for card in picture(x, x=x).cards] == ["x"]


def test_tensor_without_graph_is_refused() -> None:
    with pytest.raises(NoGradientError, match="nothing was recorded"):
        picture(Tensor([1.0]))
