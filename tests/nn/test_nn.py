"""Layers, losses, modules and SGD."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, errors, nn, optim, tutorial

NOT_A_MODULE: Any = np.tanh
NOT_A_TENSOR: Any = np.ones(2)


def test_linear_computes_x_weight_plus_bias() -> None:
    layer = nn.Linear(3, 2, rng=0)
    x = np.random.default_rng(1).standard_normal((5, 3))
    expected = x @ layer.weight.numpy() + layer.bias.numpy()
    np.testing.assert_array_equal(layer(x).numpy(), expected)
    assert (layer.weight.shape, layer.bias.shape) == ((3, 2), (2,))
    assert np.all(np.abs(layer.weight.numpy()) <= 3**-0.5)


def test_the_network_starts_from_the_tutorials_weights() -> None:
    network = nn.SigmoidNetwork((2, 4, 1), rng=5)
    hidden, output = tutorial.initialize_network(2, 4, 1, rng=5)
    expected = [hidden["weights"], hidden["bias"], output["weights"], output["bias"]]
    for parameter, value in zip(network.parameters(), expected, strict=True):
        np.testing.assert_array_equal(parameter.numpy(), value)


def test_a_network_may_have_any_depth() -> None:
    network = nn.SigmoidNetwork((3, 5, 4, 2), rng=0)
    assert network(np.zeros((7, 3))).shape == (7, 2)
    assert [name for name, _ in network.named_parameters()] == [
        f"{i}.{kind}" for i in (0, 2, 4) for kind in ("weight", "bias")
    ]
    assert isinstance(network[1], nn.Sigmoid)
    assert len(network) == 6


def test_parameters_are_found_in_attributes_lists_and_dicts_once() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.scale = Tensor(1.0, requires_grad=True)
            self.layers = [nn.Linear(1, 1, rng=0), nn.Linear(1, 1, rng=1)]
            self.named = {"again": self.layers[0]}
            self.constant = Tensor(1.0)

    net = Net()
    assert [name for name, _ in net.named_parameters()] == [
        *("scale", "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"),
    ]
    for parameter in net.parameters():
        parameter.grad = np.ones(parameter.shape)
    net.zero_grad()
    assert all(parameter.grad is None for parameter in net.parameters())


def test_repr_shows_the_structure() -> None:
    network = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Sequential(nn.Sigmoid()))
    assert repr(network) == (
        "Sequential(\n"
        "  (0): Linear(in_features=2, out_features=3)\n"
        "  (1): Sequential(\n"
        "    (0): Sigmoid()\n"
        "  )\n"
        ")"
    )


def test_losses_have_the_stated_reduction_and_gradient() -> None:
    rng = np.random.default_rng(0)
    y, t = rng.standard_normal((2, 4, 3))
    for loss, value, gradient in (
        (nn.half_sse_loss, np.sum((y - t) ** 2) / 2, y - t),
        (nn.mse_loss, np.mean((y - t) ** 2), 2 * (y - t) / 12),
    ):
        x: Any = Tensor(y, requires_grad=True)
        result = loss(x, t)
        assert result.item() == pytest.approx(value, rel=1e-15)
        result.backward()
        np.testing.assert_allclose(x.grad, gradient, rtol=1e-14)
        assert loss(y, t) == pytest.approx(value, rel=1e-15)


def test_losses_refuse_to_broadcast() -> None:
    with pytest.raises(
        errors.ShapeError,
        match=r"half_sse_loss: argument prediction has shape \(4, 1\), target \(4,\); reshape",
    ):
        nn.half_sse_loss(Tensor(np.ones((4, 1))), np.ones(4))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.Linear(0, 2), ValueError, "Linear: in_features=0"),
        (lambda: nn.SigmoidNetwork((3,)), ValueError, r"SigmoidNetwork: sizes=\(3,\)"),
        (lambda: nn.SigmoidNetwork(NOT_A_MODULE), ValueError, "give the widths as one tuple"),
        (lambda: nn.Linear(2, NOT_A_TENSOR), ValueError, "must be a whole number above 0"),
        (lambda: optim.SGD(NOT_A_MODULE, lr=1), TypeError, r"pass model.parameters\(\)"),
        (
            lambda: nn.SigmoidNetwork((2, 1), rng=0)(np.ones((5, 3))),
            errors.ShapeError,
            r"Linear: the last axis of x, of shape \(5, 3\), must hold the layer's 2 features",
        ),
        (
            lambda: nn.Sequential(nn.Sigmoid(), NOT_A_MODULE),
            TypeError,
            "argument 1 is a ufunc, not",
        ),
        (lambda: nn.Module()(1), NotImplementedError, r"Module defines no forward\(\)"),
        (lambda: optim.SGD([], lr=1), ValueError, "SGD: argument parameters is empty"),
        (lambda: optim.SGD([Tensor(1.0)], lr=1), ValueError, "SGD: parameter 0 is not a leaf"),
        (lambda: optim.SGD([NOT_A_TENSOR], lr=1), ValueError, "SGD: parameter 0 is not a leaf"),
        (
            lambda: optim.SGD(nn.Linear(1, 1).parameters(), lr=0),
            ValueError,
            "lr=0 must be positive",
        ),
        (
            lambda: optim.SGD(nn.Linear(1, 1).parameters(), lr=float("nan")),
            ValueError,
            "lr=nan must be positive",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_sgd_steps_down_the_gradient_and_skips_parameters_without() -> None:
    x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0], requires_grad=True)
    optimizer = optim.SGD([x, y], lr=0.5)
    x.grad = [2, 4]
    data = x.data
    optimizer.step()
    assert x.tolist() == [0, 0]
    assert y.tolist() == [3]
    assert data.tolist() == [0, 0]  # who holds the parameter's data sees it change
    optimizer.zero_grad()
    assert x.grad is None


def test_a_step_between_forward_and_backward_does_not_spoil_the_gradient() -> None:
    x: Any = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([x], lr=1)
    loss = (x * x).sum()
    x.grad = [10, 10]
    optimizer.step()
    x.zero_grad()
    loss.backward()
    assert x.grad.tolist() == [2, 4]


def test_modules_may_refer_to_each_other() -> None:
    outer: Any = nn.Sequential(nn.Linear(2, 3, rng=0))
    outer[0].parent = outer
    outer.note = "text"
    assert [name for name, _ in outer.named_parameters()] == ["0.weight", "0.bias"]
    assert len(outer) == 1
    assert outer(np.ones((1, 2))).shape == (1, 3)


def test_losses_take_lists() -> None:
    assert nn.mse_loss(Tensor([1.0, 2.0]), [0.0, 0.0]).item() == 2.5


def test_sgd_refuses_a_parameter_twice_and_a_rate_that_is_no_number() -> None:
    x = Tensor(1.0, requires_grad=True)
    with pytest.raises(ValueError, match="holds a parameter twice"):
        optim.SGD([x, x], lr=1)
    wrong: Any = "fast"
    with pytest.raises(ValueError, match="lr='fast' must be positive"):
        optim.SGD([x], lr=wrong)
