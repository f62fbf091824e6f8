"""Layers and losses: PyTorch's numbers, values and gradients, from the same parameters."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, nn

torch = pytest.importorskip("torch")
rng = np.random.default_rng(0)
TRANSPOSED = ("Linear", "RNN", "GRU", "LSTM")  # whose weights have PyTorch's shapes reversed


def normal(*shape: int) -> Any:
    return rng.standard_normal(shape)


def copy_to(theirs: Any, ours: nn.Module) -> None:
    """Give a layer of PyTorch our parameters and buffers."""
    state = {k: v for k, v in ours.state_dict().items() if not k.endswith("draws")}
    if type(ours).__name__ in TRANSPOSED:
        state = {k: v.T for k, v in state.items()}
    theirs.double().load_state_dict({k: torch.tensor(v) for k, v in state.items()})


def flat(outputs: Any) -> list[Any]:
    if isinstance(outputs, tuple):
        return [x for part in outputs for x in flat(part)]
    return [outputs]


def assert_same(ours: nn.Module, theirs: Any, x: Any, *more: Any) -> None:
    """Compare outputs, gradients by input and parameters, and buffers."""
    copy_to(theirs, ours)
    given, their_given = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    their_more = [
        tuple(map(torch.tensor, m)) if isinstance(m, tuple) else torch.tensor(m) for m in more
    ]
    outs, their_outs = flat(ours(given, *more)), flat(theirs(their_given, *their_more))
    cotangents = [np.random.default_rng(1).standard_normal(np.shape(out)) for out in outs]
    for out, other in zip(outs, their_outs, strict=True):
        np.testing.assert_allclose(out.numpy(), other.detach().numpy(), 1e-12, 1e-13)
    sum(np.sum(out * v) for out, v in zip(outs, cotangents, strict=True)).backward()
    their_terms = zip(their_outs, cotangents, strict=True)
    sum((out * torch.tensor(v)).sum() for out, v in their_terms).backward()
    close(given.grad, their_given.grad)
    transposed = type(ours).__name__ in TRANSPOSED
    their_parameters = dict(theirs.named_parameters())
    assert len(their_parameters) == len(ours.parameters())
    for name, parameter in ours.named_parameters():
        gradient = their_parameters[name].grad
        close(parameter.grad, gradient.T if transposed and gradient.ndim > 1 else gradient)
    for name, buffer in theirs.named_buffers():
        np.testing.assert_allclose(ours.state_dict()[name], buffer.numpy(), 1e-12)


def close(ours: Any, theirs: Any, tolerance: float = 1e-10) -> None:
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), tolerance, 1e-12)


CONVOLUTIONS: list[dict[str, Any]] = [
    {"kernel_size": 3},
    {"kernel_size": (2, 3), "stride": (2, 1), "padding": (1, 2)},
    {"kernel_size": 3, "padding": 2, "dilation": 2, "groups": 2},
    {"kernel_size": 1, "bias": False, "groups": 4},
    {"kernel_size": (3, 2), "stride": 3, "dilation": (1, 2)},
]


@pytest.mark.parametrize("options", CONVOLUTIONS, ids=str)
def test_conv2d(options: dict[str, Any]) -> None:
    ours = nn.Conv2d(4, 8, **options, rng=0)
    assert_same(ours, torch.nn.Conv2d(4, 8, **options), normal(3, 4, 7, 8))


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": (3, 2), "stride": 1, "padding": (1, 0)},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["MaxPool2d", "AvgPool2d"])
def test_pooling(kind: str, options: dict[str, Any]) -> None:
    ours, theirs = getattr(nn, kind)(**options), getattr(torch.nn, kind)(**options)
    assert_same(ours, theirs, normal(2, 3, 7, 6))
    if kind == "MaxPool2d":
        ties = np.random.default_rng(0).integers(2, size=(2, 3, 7, 6)).astype(float)
        assert_same(ours, theirs, ties)
        assert_same(nn.MaxPool2d(2, dilation=2), torch.nn.MaxPool2d(2, dilation=2), ties)
        ties[0, 0, :, :3] = np.nan
        ties[0, 1] = -np.inf
        expected = theirs(torch.tensor(ties)).numpy()
        np.testing.assert_array_equal(ours(ties), expected)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda m: m.BatchNorm1d(3), (5, 3)),
        (lambda m: m.BatchNorm1d(3, momentum=None, eps=0.1), (5, 3, 2)),
        (lambda m: m.BatchNorm2d(3, momentum=0.3, affine=False), (4, 3, 2, 5)),
        (lambda m: m.BatchNorm2d(3, track_running_stats=False), (4, 3, 2, 5)),
        (lambda m: m.LayerNorm(3), (5, 3)),
        (lambda m: m.LayerNorm((2, 5), elementwise_affine=False), (4, 3, 2, 5)),
        (lambda m: m.LayerNorm((3, 2), eps=1e-3), (5, 3, 2)),
    ],
)
def test_normalisation(make: Callable[[Any], Any], shape: tuple[int, ...]) -> None:
    ours, theirs = make(nn), make(torch.nn)
    for name, parameter in ours.named_parameters():
        parameter.data = normal(*parameter.shape) + 2 * (name == "weight")
    for _ in range(3):
        ours.zero_grad()
        theirs.zero_grad()
        assert_same(ours, theirs, 3 + 2 * normal(*shape))
    ours.zero_grad()
    theirs.zero_grad()
    assert_same(ours.eval(), theirs.eval(), normal(*shape))


RECURRENT: list[dict[str, Any]] = [
    {},
    {"num_layers": 2, "bidirectional": True},
    {"batch_first": True, "num_layers": 2},
    {"bidirectional": True},
]


@pytest.mark.parametrize("options", RECURRENT, ids=str)
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_recurrent_layers(kind: str, options: dict[str, Any]) -> None:
    ours = getattr(nn, kind)(3, 5, **options, rng=0)
    theirs = getattr(torch.nn, kind)(3, 5, **options)
    x = normal(6, 2, 3)
    assert_same(ours, theirs, x)
    n = x.shape[0] if options.get("batch_first") else x.shape[1]
    passes = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
    state: Any = normal(passes, n, 5)
    ours.zero_grad()
    theirs.zero_grad()
    assert_same(ours, theirs, x, (state, normal(passes, n, 5)) if kind == "LSTM" else state)


def test_rnn_with_relu_and_linear() -> None:
    assert_same(
        nn.RNN(3, 4, nonlinearity="relu", rng=0),
        torch.nn.RNN(3, 4, nonlinearity="relu"),
        normal(5, 2, 3),
    )
    assert_same(nn.Linear(3, 4, rng=0), torch.nn.Linear(3, 4), normal(5, 3))
    for shape in ((5, 3), (2, 5, 3)):
        ours, theirs = nn.Linear(3, 4, bias=False, rng=0), torch.nn.Linear(3, 4, bias=False)
        assert_same(ours, theirs, normal(*shape))


def test_embedding_and_flatten() -> None:
    ours, theirs = nn.Embedding(7, 3, rng=0), torch.nn.Embedding(7, 3)
    copy_to(theirs, ours)
    indices, v = np.array([[1, 6, 1], [0, 1, 3]]), normal(2, 3, 3)
    (ours(indices) * v).sum().backward()
    (theirs(torch.tensor(indices)) * torch.tensor(v)).sum().backward()
    close(ours.weight.grad, theirs.weight.grad)
    for dims in ((1, -1), (0, 1), (2, 3)):
        assert_same(nn.Flatten(*dims), torch.nn.Flatten(*dims), normal(2, 3, 4, 5))


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "Sigmoid": lambda m: m.Sigmoid(),
    "Tanh": lambda m: m.Tanh(),
    "ReLU": lambda m: m.ReLU(),
    "LeakyReLU": lambda m: m.LeakyReLU(0.2),
    "ELU": lambda m: m.ELU(0.7),
    "GELU": lambda m: m.GELU(),
    "GELU tanh": lambda m: m.GELU(approximate="tanh"),
    "SiLU": lambda m: m.SiLU(),
    "Softplus": lambda m: m.Softplus(),
    "Softplus beta": lambda m: m.Softplus(beta=0.5),
    "Softmax": lambda m: m.Softmax(dim=1),
    "LogSoftmax": lambda m: m.LogSoftmax(dim=0),
}


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_activations(kind: str) -> None:
    make = ACTIVATIONS[kind]
    x = np.concatenate([4 * normal(5, 3), np.zeros((1, 3)), [[-15.0, 15.0, 1e-9]]])
    assert_same(make(nn), make(torch.nn), x)
    far = np.array([[-1e3, 1e3, -1e30, 1e30, -700, 700, 40, -40]])
    expected = make(torch.nn)(torch.tensor(far)).numpy()
    np.testing.assert_allclose(make(nn)(far), expected, 1e-12, 1e-300)  # and no warning


def probabilities(*shape: int) -> Any:
    p = np.exp(normal(*shape))
    return p / p.sum(axis=1, keepdims=True)


X, P, Q = normal(5, 4), probabilities(5, 4), probabilities(5, 4)
WEIGHT, PADDED = np.array([0.5, 2.0, 1.0, 0.0]), np.array([0, -1, 1, 2, -1])
LABELS, SIGNS = np.array([0, 3, 1, 1, 2]), np.array([[0.0, 1.0, 1.0, 0.0]] * 5)
IMAGES, IMAGE_LABELS = normal(2, 4, 3, 3), rng.integers(4, size=(2, 3, 3))
Loss = Callable[..., Any]
LOSSES: dict[str, tuple[Loss, str, Any, Any, dict[str, Any]]] = {
    "mse": (nn.mse_loss, "mse_loss", X, P, {}),
    "l1": (nn.l1_loss, "l1_loss", X, P, {}),
    "l1 tie": (nn.l1_loss, "l1_loss", P, P, {}),
    "huber": (nn.huber_loss, "huber_loss", 2 * X, P, {"delta": 0.7}),
    "bce": (nn.binary_cross_entropy, "binary_cross_entropy", P, Q, {}),
    "bce sure": (nn.binary_cross_entropy, "binary_cross_entropy", SIGNS, 1 - SIGNS, {}),
    "bce right": (nn.binary_cross_entropy, "binary_cross_entropy", SIGNS, SIGNS, {}),
    "bce small": (nn.binary_cross_entropy, "binary_cross_entropy", 1e-20 * P, 0 * P, {}),
    "bce logits": (
        *(nn.binary_cross_entropy_with_logits, "binary_cross_entropy_with_logits"),
        *(X, P, {}),
    ),
    "bce far": (
        *(nn.binary_cross_entropy_with_logits, "binary_cross_entropy_with_logits"),
        *(1e3 * X, SIGNS, {}),
    ),
    "classes": (nn.cross_entropy, "cross_entropy", X, LABELS, {}),
    "classes far": (nn.cross_entropy, "cross_entropy", 1e4 * X, LABELS, {}),
    "one": (nn.cross_entropy, "cross_entropy", X[0], LABELS[1], {}),
    "smooth": (nn.cross_entropy, "cross_entropy", X, LABELS, {"label_smoothing": 0.2}),
    "images": (nn.cross_entropy, "cross_entropy", IMAGES, IMAGE_LABELS, {}),
    "image shares": (
        *(nn.cross_entropy, "cross_entropy", IMAGES, probabilities(2, 4, 3, 3)),
        {"label_smoothing": 0.1},
    ),
    "weighted": (nn.cross_entropy, "cross_entropy", X, LABELS, {"weight": WEIGHT}),
    "ignored": (nn.cross_entropy, "cross_entropy", X, LABELS, {"ignore_index": 1}),
    "padded": (nn.cross_entropy, "cross_entropy", X, PADDED, {"ignore_index": -1}),
    "weighted and padded": (
        *(nn.cross_entropy, "cross_entropy", X, PADDED),
        {"weight": WEIGHT, "ignore_index": -1},
    ),
    "weighted, padded and smooth": (
        *(nn.cross_entropy, "cross_entropy", X, PADDED),
        {"weight": WEIGHT, "ignore_index": -1, "label_smoothing": 0.3},
    ),
    "all of it for images": (
        *(nn.cross_entropy, "cross_entropy", 100 * IMAGES, IMAGE_LABELS),
        {"weight": WEIGHT, "ignore_index": 2, "label_smoothing": 0.3},
    ),
    "smooth and padded": (
        *(nn.cross_entropy, "cross_entropy", X, PADDED),
        {"ignore_index": -1, "label_smoothing": 0.3},
    ),
    "nothing counts": (nn.cross_entropy, "cross_entropy", X, 0 * LABELS, {"ignore_index": 0}),
    "weighted shares": (
        *(nn.cross_entropy, "cross_entropy", X, P),
        {"weight": WEIGHT, "label_smoothing": 0.2},
    ),
    "bce pos_weight": (
        *(nn.binary_cross_entropy_with_logits, "binary_cross_entropy_with_logits"),
        *(X, P, {"pos_weight": WEIGHT}),
    ),
    "bce far pos_weight": (
        *(nn.binary_cross_entropy_with_logits, "binary_cross_entropy_with_logits"),
        *(1e3 * X, SIGNS, {"pos_weight": 10 * WEIGHT}),
    ),
    "shares": (nn.cross_entropy, "cross_entropy", X, P, {}),
    "kl": (nn.kl_div, "kl_div", np.log(Q), P, {}),
    "kl zero": (nn.kl_div, "kl_div", np.log(Q), SIGNS, {}),
    "kl logs": (nn.kl_div, "kl_div", np.log(Q), np.log(P), {"log_target": True}),
}


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none", "batchmean"])
@pytest.mark.parametrize("kind", LOSSES)
def test_losses(kind: str, reduction: str) -> None:
    ours, name, x, t, options = LOSSES[kind]
    if reduction == "batchmean" and name != "kl_div":
        with pytest.raises(ValueError, match="reduction='batchmean' must be one of mean, sum"):
            ours(x, t, reduction, **options)
        return
    theirs = getattr(torch.nn.functional, name)
    given, their_given = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    their_target: Any = torch.tensor(t)
    target: Any = t
    if kind in {
        "mse",
        "huber",
        "bce",
        "bce logits",
        "bce pos_weight",
        "shares",
        "weighted shares",
        "kl",
        "kl logs",
    }:
        target = Tensor(t, requires_grad=True)
        their_target = torch.tensor(t, requires_grad=True)
    found = ours(given, target, reduction, **options)
    their_options = {
        k: torch.tensor(x) if isinstance(x, np.ndarray) else x for k, x in options.items()
    }
    expected = theirs(their_given, their_target, reduction=reduction, **their_options)
    np.testing.assert_allclose(found.numpy(), expected.detach().numpy(), 1e-12, 1e-15)
    found.sum().backward()
    expected.sum().backward()
    close(given.grad, their_given.grad, 1e-8 if kind == "bce sure" else 1e-10)  # 1e-12 as a float32
    if isinstance(target, Tensor):
        close(target.grad, their_target.grad)
