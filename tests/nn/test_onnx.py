"""A model written as ONNX computes the same by ONNX's reference implementation, or is refused."""

import math
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, errors, nn
from autograd_nn.nn import onnx as exporting
from autograd_nn.nn.module import exporters
from autograd_nn.traced import tracers

onnx: Any = pytest.importorskip("onnx", reason="needs onnx: pip install 'autograd_nn[onnx]'")
reference: Any = pytest.importorskip("onnx.reference")
OpRun: Any = pytest.importorskip("onnx.reference.op_run").OpRun
rng = np.random.default_rng(0)
VECTORS, SEQUENCES = 3 * rng.normal(size=(5, 6)), rng.normal(size=(5, 3, 6))
IMAGES = rng.normal(size=(5, 2, 8, 7))


class Erf(OpRun):  # type: ignore[misc]
    """The error function: the reference implementation rounds it to single precision."""

    op_domain = ""

    def _run(self, x: Any) -> Any:
        return (np.vectorize(math.erf, otypes="d")(x).astype(x.dtype),)


def run(path: Path, x: Any) -> Any:
    return reference.ReferenceEvaluator(str(path), new_ops=[Erf]).run(None, {"input": x})[0]


def trained(layer: Any, x: Any) -> nn.Module:
    """Let running means be those of a batch, and weights be no ones."""
    layer(x)
    for i, parameter in enumerate(layer.parameters()):
        steps = np.linspace(0.1, 0.3, parameter.size) * (i + 1) / 3
        parameter.data = parameter.numpy() + steps.reshape(parameter.shape)
    return layer  # type: ignore[no-any-return]


MODELS: dict[str, tuple[Callable[[], nn.Module], Any]] = {
    "Linear": (lambda: nn.Linear(6, 4, rng=0), VECTORS),
    "Linear of sequences": (lambda: nn.Linear(6, 4, rng=0), SEQUENCES),
    "Linear without bias": (lambda: nn.Linear(6, 4, bias=False, rng=0), VECTORS),
    "Conv2d": (lambda: nn.Conv2d(2, 4, 3, (2, 1), (1, 2), rng=0), IMAGES),
    "Conv2d of groups": (lambda: nn.Conv2d(2, 4, (2, 3), 1, 0, 2, 2, bias=False, rng=0), IMAGES),
    "MaxPool2d": (lambda: nn.MaxPool2d((3, 2), 2, (1, 0)), IMAGES),
    "MaxPool2d dilated": (lambda: nn.MaxPool2d(2, dilation=(2, 3)), IMAGES),
    "AvgPool2d": (lambda: nn.AvgPool2d((3, 2), 2, (0, 1)), IMAGES),
    "Flatten": (nn.Flatten, IMAGES),
    "Flatten the batch": (lambda: nn.Flatten(0, 2), IMAGES),
    "Flatten the end": (lambda: nn.Flatten(2), IMAGES),
    "BatchNorm1d": (lambda: trained(nn.BatchNorm1d(6), 2 + VECTORS), VECTORS),
    "BatchNorm1d plain": (
        lambda: trained(nn.BatchNorm1d(3, 0.5, affine=False), SEQUENCES),
        SEQUENCES,
    ),
    "BatchNorm2d": (lambda: trained(nn.BatchNorm2d(2), 2 + IMAGES), IMAGES),
    "BatchNorm of the batch": (lambda: nn.BatchNorm1d(6, track_running_stats=False), VECTORS),
    "LayerNorm": (lambda: trained(nn.LayerNorm(6), VECTORS), VECTORS),
    "LayerNorm of two axes": (lambda: nn.LayerNorm((3, 6), 1e-3, False), SEQUENCES),  # noqa: FBT003 (PyTorch's)
    "Dropout": (nn.Dropout, VECTORS),
    "Embedding": (lambda: nn.Embedding(7, 3, rng=0), np.array([[1, 2], [6, 0], [3, 3]])),
    "Sigmoid": (nn.Sigmoid, VECTORS),
    "Tanh": (nn.Tanh, VECTORS),
    "ReLU": (nn.ReLU, VECTORS),
    "LeakyReLU": (lambda: nn.LeakyReLU(0.1), VECTORS),
    "ELU": (nn.ELU, VECTORS),
    "ELU alpha": (lambda: nn.ELU(0.7), VECTORS),
    "GELU": (nn.GELU, VECTORS),
    "GELU tanh": (lambda: nn.GELU("tanh"), VECTORS),
    "SiLU": (nn.SiLU, VECTORS),
    "Softplus": (nn.Softplus, VECTORS),
    "Softplus beta": (lambda: nn.Softplus(0.3), VECTORS),
    "Softmax": (lambda: nn.Softmax(1), SEQUENCES),
    "LogSoftmax": (nn.LogSoftmax, VECTORS),
    "MLP": (lambda: nn.MLP((6, 5, 4), activation=nn.GELU, dropout=0.5, rng=0), VECTORS),
    "SigmoidNetwork": (lambda: nn.SigmoidNetwork((6, 4, 1), rng=0), VECTORS),
    "a convolutional network": (
        lambda: trained(
            nn.Sequential(
                nn.Sequential(nn.Conv2d(2, 3, 3, rng=0), nn.BatchNorm2d(3), nn.ReLU()),
                *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 4, rng=0), nn.LogSoftmax()),
            ),
            IMAGES,
        ),
        IMAGES,
    ),
}


def plain(x: Any) -> Any:
    return x.numpy() if isinstance(x, Tensor) else np.asarray(x)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", MODELS)
def test_models_compute_the_same_there(kind: str, dtype: str, tmp_path: Path) -> None:
    make, x = MODELS[kind]
    model, x = make().to(dtype), x if x.dtype == int else x.astype(dtype)
    nn.to_onnx(tmp_path / "model.onnx", model, x[:2])
    assert model.training
    expected, found = plain(model.eval()(x)), run(tmp_path / "model.onnx", x)
    assert found.dtype == expected.dtype == dtype
    tolerance = 1e-6 if dtype == "float32" else 4e-15
    np.testing.assert_allclose(found, expected, tolerance, tolerance * np.abs(expected).max())


class Own(nn.Module):
    """A module whose function is given."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self.block = nn.MLP((6, 6), rng=0)
        self.matrix = Tensor(rng.normal(size=(6, 6)), requires_grad=True)
        self.number = Tensor(2.0, requires_grad=True)
        self.function = function

    def forward(self, x: Any) -> Any:
        return self.function(self, x)


OWN: list[Callable[[Any, Any], Any]] = [
    lambda m, x: x + m.block(x),
    lambda _, x: np.concatenate([x, -x, x], axis=1) @ np.ones((18, 2)),
    lambda m, x: ag.sigmoid(x @ m.matrix.T) * m.number / 2 - 1,
    lambda m, x: np.where(x > 0, x, m.number * np.minimum(x, 0.5)),
    lambda _, x: np.where(x <= 0, np.abs(x) ** 1.5, x**2),
    lambda _, x: x.reshape(-1, 2, 3).sum(axis=(1, 2)),
    lambda _, x: np.mean(x, axis=1, keepdims=True) + x.max(-1, keepdims=True) * x.min(),
    lambda _, x: np.reshape(x, (len(x), 2, 3)).transpose(0, 2, 1),
    lambda _, x: np.swapaxes(x.reshape(x.shape[0], 2, 3), -1, 1).mT,
    lambda _, x: x.T @ np.clip(x, -1, 1),
    lambda _, x: x.astype(np.float32) + np.float32(1),
    lambda _, x: np.stack([np.sin(x), np.cos(x)], axis=1) / np.sqrt(np.exp(x).sum()),
    lambda _, x: x + np.ones(6, np.float32),
    lambda _, x: np.sum(x, axis=()),
    lambda m, x: np.log(1 + np.reciprocal(1 + x * x)) * np.sum(m.matrix),
    lambda m, x: np.dot(np.expand_dims(np.maximum(x, 0), 1), m.matrix),
    lambda _, x: x[:, 0] + x[..., -1] * x[0, 1],
    lambda _, x: x[:, None, 1:-1:2] - x[..., 2:, None],
    lambda _, x: x[::-1, 4:0:-2] + x[:, -3:-1] - x[:, :2],
    lambda _, x: x[0] * np.sum(x)[None],
]


@pytest.mark.parametrize("i", range(len(OWN)))
def test_arithmetic_of_ones_own_is_written_too(i: int, tmp_path: Path) -> None:
    model = Own(OWN[i])
    nn.to_onnx(tmp_path / "model.onnx", model, VECTORS[:2])
    expected, found = plain(model(VECTORS)), run(tmp_path / "model.onnx", VECTORS)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(found, expected, 1e-14, 1e-14)


REFUSED: list[tuple[Callable[[Any, Any], Any], str]] = [
    (lambda _, x: x if x.sum() > 0 else -x, "looks at values.*; choose with np.where"),
    (lambda _, x: x.numpy(), "looks at values"),
    (lambda _, x: np.asarray(x), r"cannot be followed \(a tensor that requires a gradient"),
    (lambda _, x: np.cumsum(x, axis=1), "applies cumsum, for which there is no operator here"),
    (lambda _, x: np.argmax(x, axis=1), "applies argmax"),
    (lambda _, x: np.linalg.norm(x, axis=1), "applies norm"),
    (lambda _, x: x.reshape(-1, order="F"), "reshapes in the order 'F'; reshape in C's"),
    (lambda _, x: x * len(x), "computes with the number of samples"),
    (lambda _, x: x[:, [0, 1]], "picks entries by an array; pick by numbers and slices"),
    (lambda _, x: x[::2], "skips samples"),
    (lambda _, x: x[:, 3:3], "makes an array without entries"),
    (lambda _, x: x[: len(x) - 1], "computes with the number of samples"),
    (lambda _, x: np.reshape(x, (3, 2, 2)), "computes with the number of samples"),
    (lambda _, x: np.max(x, axis=1, initial=0), "reduces with initial=; choose with np.where"),
    (lambda _, x: (x, x), "returns a tuple, not one Tensor"),
    (lambda m, _: m.matrix, "returns what does not depend on its input"),
]


@pytest.mark.filterwarnings("ignore:a tensor that requires a gradient became")
@pytest.mark.parametrize("i", range(len(REFUSED)))
def test_what_cannot_be_exported_is_one_sentence_and_writes_nothing(i: int, tmp_path: Path) -> None:
    function, words = REFUSED[i]
    example = VECTORS[:2]
    with pytest.raises(errors.ExportError, match=rf"^to_onnx: the model \(Own\) {words}"):
        nn.to_onnx(tmp_path / "model.onnx", Own(function), example)
    assert not [*tmp_path.iterdir()]


def test_the_module_that_cannot_be_exported_is_named(tmp_path: Path) -> None:
    class Tagger(nn.Module):
        def __init__(self) -> None:
            self.encoder = nn.Sequential(nn.Embedding(7, 3), nn.GRU(3, 2, batch_first=True))

        def forward(self, x: Any) -> Any:
            return self.encoder(x)[0]

    path = tmp_path / "model.onnx"
    path.write_bytes(b"before")
    with pytest.raises(errors.ExportError, match=r"module 'encoder\.1' \(GRU\) applies slices"):
        nn.to_onnx(path, Tagger(), np.array([[1, 2]]))
    assert path.read_bytes() == b"before"
    assert not tracers
    assert not exporters


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(6, 4, rng=0), nn.ReLU(), nn.LayerNorm(4)).to("float32")
    model[1].eval()
    nn.to_onnx(tmp_path / "model.onnx", model, VECTORS[:1].astype("f"))
    assert (model[0].training, model[1].training) == (True, False)
    proto = onnx.load(tmp_path / "model.onnx")
    assert (proto.ir_version, proto.opset_import[0].version) == (8, 18)
    text = onnx.printer.to_text(proto)
    assert "(float[batch,6] input) => (float[batch,4] output)" in text
    held = {x.name: onnx.numpy_helper.to_array(x) for x in proto.graph.initializer}
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(held[name], array)
    assert [node.op_type for node in proto.graph.node[:2]] == ["Gemm", "Relu"]
    assert proto.graph.node[1].name == "1.Relu"


def test_an_axis_that_is_no_batch_has_another_name(tmp_path: Path) -> None:
    nn.to_onnx(tmp_path / "model.onnx", Own(lambda _, x: np.concatenate([x, x]).T), VECTORS)
    text = onnx.printer.to_text(onnx.load(tmp_path / "model.onnx"))
    assert "(double[batch,6] input) => (double[6,axis_1] output)" in text


def test_names_of_parameters_come_first(tmp_path: Path) -> None:
    class Scale(nn.Module):
        def __init__(self) -> None:
            self.input, self.output = Tensor(2.0, requires_grad=True), Tensor([3.0])

        def forward(self, x: Any) -> Any:
            return x * self.input * self.output

    nn.to_onnx(tmp_path / "model.onnx", Scale(), VECTORS)
    session = reference.ReferenceEvaluator(str(tmp_path / "model.onnx"))
    assert (session.input_names, session.output_names) == (["input_1"], ["output_1"])
    np.testing.assert_array_equal(session.run(None, {"input_1": VECTORS})[0], 6 * VECTORS)


def test_subclasses_that_compute_something_else_are_followed(tmp_path: Path) -> None:
    class Doubled(nn.MaxPool2d):
        def forward(self, x: Any) -> Any:
            return 2 * super().forward(x)

    class Renamed(nn.MaxPool2d):
        pass

    nn.to_onnx(tmp_path / "model.onnx", Renamed(2), IMAGES)
    np.testing.assert_array_equal(run(tmp_path / "model.onnx", IMAGES), nn.MaxPool2d(2)(IMAGES))
    with pytest.raises(errors.ExportError, match=r"the model \(Doubled\)"):
        nn.to_onnx(tmp_path / "other.onnx", Doubled(2), IMAGES)


def test_other_threads_compute_meanwhile(tmp_path: Path) -> None:
    model, found = nn.MLP((6, 3), rng=0), []

    def elsewhere() -> None:
        found.append(model(VECTORS).numpy())

    def function(_: Any, x: Any) -> Any:
        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()
        return x + 1

    nn.to_onnx(tmp_path / "model.onnx", Own(function), VECTORS)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], model(VECTORS).numpy())


def test_bad_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, model = tmp_path / "model.onnx", nn.Linear(6, 2)
    with pytest.raises(TypeError, match="argument model is a list; give a Module"):
        nn.to_onnx(path, [model], VECTORS)  # type: ignore[arg-type]
    for example in (1.0, VECTORS[:0]):
        with pytest.raises(errors.ShapeError, match="argument example has shape"):
            nn.to_onnx(path, model, example)
    with pytest.raises(errors.ShapeError, match="must hold the layer's 6 features"):
        nn.to_onnx(path, model, np.ones((2, 5)))
    with pytest.raises(OSError, match="nowhere"):
        nn.to_onnx(tmp_path / "nowhere" / "model.onnx", model, VECTORS)
    monkeypatch.setattr(exporting, "LIMIT", 111)
    with pytest.raises(errors.ExportError, match="has more than 2 GiB of parameters"):
        nn.to_onnx(path, model, VECTORS)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'autograd_nn\[onnx\]'"):
        nn.to_onnx(path, model, VECTORS)
    assert not [*tmp_path.iterdir()]
