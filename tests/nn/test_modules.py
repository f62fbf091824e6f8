"""Layers: in training and after it, saved and loaded, compiled, and what they refuse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, errors, nn, optim

rng = np.random.default_rng(0)
IMAGES, SAMPLES, LABELS = rng.normal(size=(5, 1, 8, 8)), rng.normal(size=(5, 6)), [0, 1, 2, 2, 1]
SEQUENCES, WORDS = rng.normal(size=(4, 5, 6)), rng.integers(9, size=(4, 5))


class Last(nn.Module):
    """The output of a recurrent layer after the last time."""

    def __init__(self, layer: nn.Module) -> None:
        self.layer = layer

    def forward(self, x: Any) -> Any:
        return self.layer(x)[0][-1]


def convolutional() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3, padding=1, rng=0), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(4, 4, 3, rng=1), nn.GELU(), nn.AvgPool2d(2), nn.Flatten()),
        *(nn.Dropout(0.3, rng=2), nn.Linear(4, 3, rng=3)),
    )


def normalised() -> nn.Module:
    return nn.Sequential(
        *(nn.Linear(6, 5, rng=0), nn.LayerNorm(5), nn.ELU(), nn.Linear(5, 4, rng=1)),
        *(nn.BatchNorm1d(4, momentum=None), nn.LeakyReLU(), nn.Softplus(), nn.Linear(4, 3, rng=2)),
    )


NETWORKS: dict[str, tuple[Callable[[], nn.Module], Any]] = {
    "convolutional": (convolutional, IMAGES),
    "normalised": (normalised, SAMPLES),
    "mlp": (lambda: nn.MLP((6, 8, 8, 3), activation=nn.SiLU, dropout=0.2, rng=0), SAMPLES),
    "rnn": (lambda: Last(nn.RNN(6, 3, rng=0)), SEQUENCES),
    "gru": (lambda: Last(nn.GRU(6, 3, 2, rng=0)), SEQUENCES),
    "words": (lambda: nn.Sequential(nn.Embedding(9, 4, rng=0), Last(nn.LSTM(4, 3, rng=1))), WORDS),
}
every_network = pytest.mark.parametrize("name", NETWORKS)


def training(model: nn.Module) -> Callable[[Any, Any], Any]:
    optimizer = optim.Adam(model.parameters(), lr=0.01)

    def step(x: Any, labels: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss

    return step


@every_network
def test_a_compiled_step_is_the_eager_one_buffers_included(name: str) -> None:
    make, x = NETWORKS[name]
    model, twin, labels = make(), make(), np.array(LABELS)
    fast, eager = ag.compile(training(model), x, labels), training(twin)
    for _ in range(3):
        assert fast(x, labels).item() == pytest.approx(eager(x, labels).item(), rel=1e-11)
    assert len(fast.entries) == 1
    for key, array in twin.state_dict().items():
        np.testing.assert_allclose(model.state_dict()[key], array, 1e-8, 1e-11)


def test_windows_are_one_instruction_of_a_program() -> None:
    make, x = NETWORKS["convolutional"]
    fast = ag.compile(training(make()), x, np.array(LABELS))
    names = [instruction.name for instruction in fast.program.instructions]
    assert {"im2col", "col2im", "gelu", "label_loss"} <= set(names)


@pytest.mark.parametrize("options", [{"weight": [1, 2, 3]}, {"ignore_index": 1}])
def test_weighted_losses_stay_in_single_precision(options: Any) -> None:
    logits = Tensor(np.ones((4, 3), np.float32), requires_grad=True)
    assert nn.cross_entropy(logits, [0, 1, 2, 1], **options).dtype == np.float32
    assert nn.cross_entropy(logits, logits.numpy(), weight=[1, 2, 3]).dtype == np.float32
    for pos_weight in (2.0, [1, 2, 3]):
        loss = nn.binary_cross_entropy_with_logits(logits, logits.numpy(), pos_weight=pos_weight)
        assert loss.dtype == np.float32


def test_a_compiled_loss_may_weigh_and_ignore() -> None:
    logits = Tensor(rng.normal(size=(5, 3)), requires_grad=True)
    options = {"weight": np.array([1, 2.0, 0.5]), "ignore_index": -1, "label_smoothing": 0.1}

    def step(labels: Any) -> Any:
        logits.zero_grad()
        loss = nn.cross_entropy(logits, labels, **options)  # type: ignore[arg-type]
        loss.backward()
        return loss, logits.grad

    fast = ag.compile(step, np.array(LABELS))
    for labels in (LABELS, [-1, -1, 0, 1, -1], [0] * 5):
        found, expected = fast(np.array(labels)), step(np.array(labels))
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one.numpy(), other.numpy(), 1e-13)
    assert len(fast.entries) == 1


def test_what_is_ignored_may_be_anything() -> None:
    logits = np.array([[np.nan, 0.0], [0.0, 1.0]])
    loss = nn.cross_entropy(logits, [7, 0], ignore_index=7)
    assert loss == pytest.approx(np.log1p(np.exp(1)))


@every_network
def test_a_state_that_is_loaded_makes_the_same_network(name: str) -> None:
    make, x = NETWORKS[name]
    model, twin = make(), make()
    for _ in range(2):
        training(model)(x, np.array(LABELS))
    twin.load_state_dict(model.state_dict())
    for mode in (True, False):  # dropout included: it goes on where the other is
        np.testing.assert_array_equal(model.train(mode)(x).numpy(), twin.train(mode)(x).numpy())


@every_network
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    make, x = NETWORKS[name]
    model = make().eval()
    parameters = model.parameters()
    nn.cross_entropy(model(x), LABELS).backward()
    for p in parameters:
        v = np.random.default_rng(0).normal(size=p.shape)
        start, losses = p.numpy(), []
        for h in (1e-5, -1e-5):
            p.data = start + h * v
            losses.append(nn.cross_entropy(model(x), LABELS).item())
        p.data = start
        assert p.grad is not None
        expected = (losses[0] - losses[1]) / 2e-5
        assert np.sum(p.grad.numpy() * v) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_train_and_eval_reach_all_modules_and_a_compiled_function_notices() -> None:
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Sequential(nn.Dropout(0.5, rng=1)))
    x = np.ones((4, 2))
    fast = ag.compile(lambda x: model(x).detach(), x)
    assert np.any(fast(x).numpy() == 0)
    assert model.eval() is model
    assert not any(module.training for _, module in model.named_modules())
    assert np.all(fast(x).numpy() != 0)
    assert all(module.training for _, module in model.train().named_modules())
    assert [path for path, _ in model.named_modules()] == ["", "0", "1", "1.0"]


def test_a_module_that_calls_no_constructor_is_in_training() -> None:
    class Own(nn.Module):
        def __init__(self, n: int) -> None:
            self.n = n

    assert Own(n=2).training


def test_dropout_keeps_the_mean_and_draws_anew() -> None:
    layer, x = nn.Dropout(0.25, rng=0), np.ones((1000, 100))
    one, two = layer(x), layer(x)
    assert set(np.unique(one)) == {0, 1 / 0.75}
    assert one.mean() == pytest.approx(1, abs=0.01)
    assert np.mean((one == 0) & (two == 0)) == pytest.approx(0.25**2, abs=0.005)
    again = nn.Dropout(0.25, rng=0)
    np.testing.assert_array_equal(again(x), one)
    np.testing.assert_array_equal(again(x), two)
    assert not np.array_equal(nn.Dropout(0.25, rng=1)(x), one)
    assert layer(np.ones(3, np.float32)).dtype == np.float32
    assert not nn.Dropout(1.0, rng=0)(x).any()
    assert nn.Dropout(0.0)(x) is x


def test_dropout_lets_the_gradient_through_what_it_kept() -> None:
    layer, x = nn.Dropout(0.5, rng=0), Tensor(np.ones(50), requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), y.numpy())


def test_a_compiled_function_draws_anew_at_every_call_as_eager() -> None:
    layer, twin, x = nn.Dropout(0.5, rng=0), nn.Dropout(0.5, rng=0), np.ones(100)
    fast = ag.compile(lambda x: layer(x), x)
    for _ in range(3):
        np.testing.assert_array_equal(fast(x), twin(x))


def test_batch_norm_keeps_float32_and_its_running_means_are_buffers() -> None:
    layer = nn.BatchNorm1d(3, affine=False)
    assert [name for name, _ in layer.named_buffers()] == [
        *("running_mean", "running_var", "num_batches_tracked"),
    ]
    assert layer.parameters() == []
    out = layer(rng.normal(size=(4, 3)).astype(np.float32))
    assert out.dtype == np.float32


@every_network
def test_a_converted_network_trains_in_float32_eagerly_and_compiled(name: str) -> None:
    make, x = NETWORKS[name]
    model, labels = make(), np.array(LABELS)
    fast_in_double = ag.compile(lambda x: model(x).detach(), x)
    assert fast_in_double(x).dtype == np.float64
    if x.dtype == np.float64:
        x = x.astype(np.float32)
    assert model.to(np.float32) is model
    assert fast_in_double(x).dtype == np.float32
    twin = make().to("float32")
    twin.load_state_dict(model.state_dict())
    fast, eager = ag.compile(training(model), x, labels), training(twin)
    for _ in range(3):
        found, expected = fast(x, labels), eager(x, labels)
        assert found.dtype == expected.dtype == np.float32
        assert found.item() == pytest.approx(expected.item(), rel=1e-5)
    for parameter in (*model.parameters(), *twin.parameters()):
        assert parameter.dtype == np.float32
        assert parameter.grad is not None
        assert parameter.grad.dtype == np.float32
    for key, array in model.state_dict().items():
        assert array.dtype in (np.float32, np.int64), key
    assert model.eval()(x).dtype == np.float32


def test_state_dicts_are_copies_and_flat() -> None:
    layer = nn.Sequential(nn.Linear(2, 1, rng=0), nn.BatchNorm1d(1))
    state = layer.state_dict()
    assert [*state] == [
        *("0.weight", "0.bias", "1.weight", "1.bias"),
        *("1.running_mean", "1.running_var", "1.num_batches_tracked"),
    ]
    state["0.weight"][:] = 7
    assert not np.any(layer.state_dict()["0.weight"] == 7)


def test_a_state_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    layer = nn.Linear(2, 1, rng=0)
    before = layer.state_dict()
    wrong = {"weight": np.ones((2, 1)), "bias": np.ones(2)}
    with pytest.raises(
        errors.ShapeError, match=r"Linear.load_state_dict: bias has shape \(2,\) in the state"
    ):
        layer.load_state_dict(wrong)
    with pytest.raises(KeyError, match=r"lacks bias and has scale, which is not here; load what"):
        layer.load_state_dict({"weight": wrong["weight"], "scale": np.ones(1)})
    np.testing.assert_array_equal(layer.state_dict()["weight"], before["weight"])
    layer.load_state_dict({k: Tensor(2 * v) for k, v in before.items()})
    np.testing.assert_array_equal(layer.weight.numpy(), 2 * before["weight"])


def test_graphs_and_views_survive_loading() -> None:
    layer = nn.Linear(2, 1, rng=0)
    x = np.ones((1, 2))
    loss, old = layer(x).sum(), layer.weight.numpy().copy()
    with ag.no_grad():
        view = layer.weight[0]
    (loss * np.sum(layer.weight**2)).backward()
    layer.load_state_dict({"weight": np.zeros((2, 1)), "bias": np.zeros(1)})
    assert layer.weight.grad is not None
    np.testing.assert_allclose(layer.weight.grad, loss.item() * 2 * old + np.sum(old**2))
    assert view.tolist() == [0]
    assert layer.weight.tolist() == [[0], [0]]
    layer.to(np.float32)
    assert view.dtype == np.float32


def test_a_linear_layer_may_have_no_bias() -> None:
    network = nn.Sequential(nn.Linear(6, 3, bias=False, rng=0), nn.Sigmoid())
    twin = nn.Linear(6, 3, rng=0)
    assert [*network.state_dict()] == ["0.weight"]
    expected = ag.sigmoid(SAMPLES @ twin.weight.numpy())
    np.testing.assert_array_equal(network(SAMPLES).numpy(), expected)
    with pytest.raises(errors.ShapeError, match="must hold the layer's 6 features"):
        network(SAMPLES[:, :5])


def test_reprs_show_how_layers_were_made() -> None:
    for text in (
        "Conv2d(2, 4, kernel_size=(3, 2), stride=(2, 2), padding=(1, 1), groups=2, bias=False)",
        "MaxPool2d(kernel_size=(2, 2), stride=(1, 1), dilation=(2, 2))",
        "AvgPool2d(kernel_size=(2, 2), stride=(2, 2), padding=(1, 1))",
        "LSTM(2, 3, num_layers=2, bidirectional=True)",
        "GRU(2, 3, batch_first=True)",
        "BatchNorm1d(3, eps=0.1)",
        "LayerNorm((3,), eps=1e-05)",
        "Dropout(p=0.5)",
        "Embedding(3, 2)",
        "Flatten(start_dim=1, end_dim=-1)",
        "GELU(approximate='tanh')",
        "Softmax(dim=1)",
        "LeakyReLU(negative_slope=0.1)",
    ):
        assert repr(eval(f"nn.{text}")) == text  # noqa: S307 (our own text)


def test_the_summary_counts_parameters_and_marks_buffers() -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3, rng=0), nn.BatchNorm2d(4))
    text = model.summary()
    assert "0.weight" in text
    assert "1.running_mean (buffer)" in text
    assert text.splitlines()[-1].split() == ["parameters", "48"]


def test_embedding_adds_up_the_gradients_of_a_word_used_twice() -> None:
    layer = nn.Embedding(3, 2, rng=0)
    layer([1, 1, 0]).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[1, 1], [2, 2], [0, 0]]


NOTHING: Any = None
TEXT: Any = "2"
X4, X3 = np.ones((2, 3, 4, 4)), np.ones((2, 3, 4))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.Conv2d(0, 1, 3), ValueError, "Conv2d: in_channels=0 must be a whole number"),
        (lambda: nn.Conv2d(1, 1, TEXT), ValueError, "Conv2d: kernel_size='2' must be a whole"),
        (lambda: nn.Conv2d(3, 4, 1, groups=2), ValueError, "groups=2 must divide in_channels=3"),
        (
            lambda: nn.Conv2d(1, 1, 3, padding=-1),
            ValueError,
            "padding=-1 must be a whole number of",
        ),
        (lambda: nn.Conv2d(1, 1, 3)(X4), errors.ShapeError, r"it must have shape \(n, 1, height"),
        (lambda: nn.Conv2d(3, 1, 5)(X4), errors.ShapeError, "a window of 5 x 5 does not fit into"),
        (lambda: nn.MaxPool2d(2)(X3), errors.ShapeError, r"MaxPool2d: x has shape \(2, 3, 4\)"),
        (lambda: nn.AvgPool2d(9)(X4), errors.ShapeError, "a window of 9 x 9 does not fit"),
        (lambda: nn.MaxPool2d(2, padding=2), ValueError, "must be at most half of kernel_size"),
        (lambda: nn.Flatten(3)(X3), ValueError, r"Flatten: x of shape \(2, 3, 4\) has no axes"),
        (lambda: nn.Embedding(3, 0), ValueError, "Embedding: embedding_dim=0 must be"),
        (lambda: nn.Embedding(3, 1)([0.0]), errors.DtypeError, "indices have dtype float64"),
        (lambda: nn.Embedding(3, 1)([3]), IndexError, "Embedding: index 3 is not from 0 to 2"),
        (lambda: nn.Embedding(3, 1)([-1]), IndexError, "Embedding: index -1 is not from 0 to 2"),
        (lambda: nn.Dropout(1.5), ValueError, "Dropout: p=1.5 must be a probability"),
        (lambda: nn.Dropout(float("nan")), ValueError, "Dropout: p=nan must be a probability"),
        (lambda: nn.BatchNorm1d(3, momentum=2), ValueError, "momentum=2 must be from 0 to 1, or"),
        (lambda: nn.BatchNorm1d(3, eps=-1), ValueError, "BatchNorm1d: eps=-1 must be at least 0"),
        (lambda: nn.BatchNorm1d(4)(X3), errors.ShapeError, r"\(n, 4\) or \(n, 4, length\)"),
        (lambda: nn.BatchNorm2d(3)(X3), errors.ShapeError, "BatchNorm2d: x has shape"),
        (lambda: nn.BatchNorm1d(3)(np.ones((1, 3))), errors.ShapeError, "has 1 value for each of"),
        (lambda: nn.LayerNorm((3, 0)), ValueError, r"LayerNorm: normalized_shape\[1\]=0 must be"),
        (lambda: nn.LayerNorm(3)(X3), errors.ShapeError, r"last axes must have shape \(3,\)"),
        (lambda: nn.RNN(3, 2, nonlinearity="sin"), ValueError, "nonlinearity='sin' must be 'tanh'"),
        (lambda: nn.GRU(0, 2), ValueError, "GRU: input_size=0 must be a whole number"),
        (lambda: nn.GRU(3, 2)(X3), errors.ShapeError, r"it must have shape \(time, n, 3\)"),
        (lambda: nn.GRU(4, 2)(X3[:0]), errors.ShapeError, "has no times; give one at least"),
        (lambda: nn.GRU(4, 2)(X3, X3), errors.ShapeError, r"it must have shape \(1, 3, 2\)"),
        (lambda: nn.LSTM(4, 2)(X3, [X3]), errors.ShapeError, "state has 1 parts; it needs 2"),
        (lambda: nn.ReLU().to(int), errors.DtypeError, "ReLU.to: dtype int64 is not floating"),
        (lambda: nn.GELU("fast"), ValueError, "GELU: approximate='fast' must be"),
        (lambda: nn.Softplus(beta=0), ValueError, "Softplus: beta=0 must be positive"),
        (lambda: nn.MLP((3,)), ValueError, r"MLP: sizes=\(3,\); give the widths"),
        (lambda: nn.huber_loss([1.0], [1.0], delta=0), ValueError, "delta=0 must be positive"),
        (lambda: nn.l1_loss([1.0], [1.0], "max"), ValueError, "l1_loss: reduction='max' must be"),
        (lambda: nn.l1_loss([1.0], 1.0), errors.ShapeError, "l1_loss: argument prediction has"),
        (lambda: nn.binary_cross_entropy([2.0], [1.0]), ValueError, "that are no probabilities"),
        (
            lambda: nn.cross_entropy(1.0, 1),
            errors.ShapeError,
            "prediction is a number; give logits",
        ),
        (lambda: nn.cross_entropy([1.0], 1), IndexError, "target names class 1; there are classes"),
        (lambda: nn.cross_entropy([[1.0]], [True]), errors.DtypeError, "target has dtype bool"),
        (lambda: nn.cross_entropy([[1.0]], [0, 0]), errors.ShapeError, r"have shape \(1,\)"),
        (lambda: nn.cross_entropy([1.0], [0.5, 1]), errors.ShapeError, "target \\(2,\\); reshape"),
        (
            lambda: nn.cross_entropy([[1.0, 2.0]], [-1]),
            IndexError,
            "target names class -1; there are classes 0 to 1",
        ),
        (
            lambda: nn.cross_entropy([[1.0, 2.0]], [0], weight=[1.0]),
            errors.ShapeError,
            r"argument weight has shape \(1,\); give a number for each of the 2 classes",
        ),
        (
            lambda: nn.binary_cross_entropy_with_logits([1.0], [1.0], pos_weight=[[1.0], [2.0]]),
            errors.ShapeError,
            r"pos_weight has shape \(2, 1\), which does not broadcast to \(1,\)",
        ),
        (lambda: nn.cross_entropy([1.0], 0, label_smoothing=2), ValueError, "from 0 to 1"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_losses_are_exact_and_silent_where_formulas_are_not() -> None:
    p = np.array([0, 1e-8, 1, 1e-38], np.float32)
    losses = nn.binary_cross_entropy(p, 0 * p, "none")
    np.testing.assert_allclose(losses, np.array([0, 1e-8, 100, 1e-38], np.float32), 1e-6)
    np.testing.assert_array_equal(nn.binary_cross_entropy(p[:1], 1 + 0 * p[:1], "none"), [100])
    logs, shares = Tensor([0.0, -np.inf], requires_grad=True), np.array([1.0, 0.0])
    with np.errstate(divide="ignore"):
        targets: list[Any] = [(shares, False), (np.log(shares), True)]
    for target, log_target in targets:  # a target of 0 misses nothing
        logs.zero_grad()
        loss = nn.kl_div(logs, target, "sum", log_target=log_target)
        loss.backward()
        assert loss.item() == 0
        assert logs.grad is not None
        assert logs.grad.tolist() == [-1, 0]
