"""Shards are added in order, weighted by their samples, alike on any number of ranks."""

import subprocess
import sys
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import errors, nn, optim
from autograd_nn.parallel import DataParallel, Group
from autograd_nn.training import Checkpoint, EarlyStopping, accuracy, evaluate, fit
from threads import on_ranks

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 6))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


def model_of(seed: int = 0) -> nn.Module:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(6, 16, rng=rng),
        nn.BatchNorm1d(16),
        nn.Tanh(),
        nn.Dropout(0.2, rng=rng),
        nn.Linear(16, 2, rng=rng),
    )


def bits(model: nn.Module) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in model.state_dict().items()}


def trained(
    shards: int | None, kind: str = "Adam", *, compiled: bool = False
) -> tuple[dict[str, bytes], dict[str, list[float]]]:
    """Train for some steps; every rank begins with another model and another seed."""
    group = None if shards is None else Group(shards)
    seed = group.rank if group else 0
    model = model_of(seed)
    make: Any = {"Adam": optim.Adam, "SGD": partial(optim.SGD, momentum=0.9)}[kind]
    history = fit(
        model,
        (X, Y),
        nn.cross_entropy,
        make(model.parameters(), lr=0.05),
        4,
        batch_size=31,
        rng=seed,
        validation=(X[:21], Y[:21]),
        metrics={"accuracy": accuracy},
        callbacks=[EarlyStopping(patience=4)],
        compile=compiled,
        parallel=group,
        progress=False,
    )
    return bits(model), history.to_dict()


# ---- sums ----------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 3, 4, 70])
def test_shards_are_all_samples_in_order_the_larger_ones_first(n: int) -> None:
    slices = Group(shards=4).slices(n)
    assert [i for part in slices for i in range(n)[part]] == [*range(n)]
    sizes = [part.stop - part.start for part in slices]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] - sizes[-1] <= 1


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 12])
def test_a_sum_is_that_of_a_loop_over_the_shards_on_any_number_of_ranks(size: int) -> None:
    rng = np.random.default_rng(1)
    dtypes = ["float64", "float32", "float64", "complex128", "float64"]
    shapes: list[tuple[int, ...]] = [(3, 5), (7,), (), (2,), (0, 3)]
    arrays = [
        [rng.normal(size=shape).astype(dtype) for shape, dtype in zip(shapes, dtypes, strict=True)]
        for _ in range(12)
    ]
    weights = rng.random(12).tolist()

    def add() -> list[Any]:
        group = Group(shards=12)
        return group.sum([(x, weights[i]) for x in arrays[i]] for i in group.own)

    expected = [array * weights[0] for array in arrays[0]]
    for shard, weight in zip(arrays[1:], weights[1:], strict=True):
        expected = [total + array * weight for total, array in zip(expected, shard, strict=True)]
    for found in on_ranks(size, add):
        assert [x.dtype for x in found] == dtypes
        assert [x.shape for x in found] == shapes
        assert [x.tobytes() for x in found] == [np.asarray(x).tobytes() for x in expected]


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_any_number_of_ranks_trains_to_the_same_bits(kind: str, *, compiled: bool) -> None:
    (alone,) = on_ranks(1, partial(trained, 4, kind, compiled=compiled))
    for size in (2, 4) if not compiled else (2,):
        for found in on_ranks(size, partial(trained, 4, kind, compiled=compiled)):
            assert found == alone
    assert trained(2, kind, compiled=compiled) != alone  # the number of shards is another matter


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_one_shard_is_training_without(*, compiled: bool) -> None:
    ours, plain = trained(1, compiled=compiled), trained(None, compiled=compiled)
    if not compiled:
        assert ours == plain
    for name, numbers in plain[1].items():
        np.testing.assert_allclose(ours[1][name], numbers, 1e-9)


# ---- gradients -----------------------------------------------------------------------------


def whole_gradient(model: nn.Module, loss: Any, x: Any, y: Any) -> tuple[float, list[Any]]:
    model.zero_grad()
    value = loss(model(x), y)
    value.backward()
    return value.item(), [parameter.grad.numpy() for parameter in model.parameters()]  # type: ignore[union-attr]


@pytest.mark.parametrize("n", [8, 7, 3, 1])
@pytest.mark.parametrize(
    ("loss", "reduction"),
    [
        (nn.mse_loss, "mean"),
        (nn.half_sse_loss, "sum"),
        (partial(nn.l1_loss, reduction="sum"), "sum"),
    ],
)
def test_the_gradient_is_that_of_the_whole_batch(n: int, loss: Any, reduction: str) -> None:
    model = nn.MLP((6, 5, 1), rng=0)
    replica = DataParallel(model, loss, Group(shards=4), metrics={"rows": lambda p, _: len(p)})
    found = replica.backward(X[:n], X[:n, :1])
    gradients = [parameter.grad.numpy() for parameter in model.parameters()]  # type: ignore[union-attr]
    value, expected = whole_gradient(model, loss, X[:n], X[:n, :1])
    assert replica.reduction == reduction
    np.testing.assert_allclose(found["loss"], value, 1e-13)
    for one, other in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(one, other, 1e-11, 1e-14)
    sizes = [len(X[:n][part]) for part in replica.group.slices(n)]
    assert found["rows"] == pytest.approx(sum(size * size for size in sizes) / n)  # weighted
    measured = replica.evaluate(X[:n], X[:n, :1])
    assert measured == pytest.approx(found)


def test_a_stated_reduction_is_taken() -> None:
    model = nn.Linear(6, 1, rng=0)
    loss = partial(nn.mse_loss, reduction="sum")
    by = {
        name: DataParallel(model, loss, Group(2), reduction=name).backward(X[:4], X[:4, :1])
        for name in ("mean", "sum")
    }
    assert by["sum"]["loss"] == pytest.approx(2 * by["mean"]["loss"])


def test_gradients_may_be_missing_in_all_shards_or_in_some() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            self.always, self.never = (ag.Tensor(1.0, requires_grad=True) for _ in range(2))
            self.sometimes = ag.Tensor(1.0, requires_grad=True)

        def forward(self, x: Any) -> Any:
            y = x * self.always
            return y * self.sometimes if x[0, 0] < 2 else y

    def run() -> list[Any]:
        model = Odd()
        group = Group(shards=2)
        for _ in range(2):
            DataParallel(model, nn.mse_loss, group).backward([[1.0], [3.0]], [[0.0], [0.0]])
        return [p.grad if p.grad is None else p.grad.item() for p in model.parameters()]

    assert on_ranks(1, run) == [[10.0, None, 1.0]]
    assert on_ranks(2, run) == [[10.0, None, 1.0]] * 2


# ---- buffers -------------------------------------------------------------------------------


def test_every_shard_drops_others_and_every_batch_too() -> None:
    masks: list[Any] = []

    def loss(prediction: Any, target: Any) -> Any:
        masks.append(np.asarray(prediction.numpy() != 0))
        return nn.mse_loss(prediction, target)

    class Scaled(nn.Module):
        def __init__(self) -> None:
            self.scale, self.drop = ag.Tensor(1.0, requires_grad=True), nn.Dropout(0.5, rng=0)

        def forward(self, x: Any) -> Any:
            return self.drop(x * self.scale)

    scaled, ones = Scaled(), np.ones((4, 64))
    key = scaled.drop.draws.numpy()[0]
    replica = DataParallel(scaled, loss, Group(shards=4), reduction="mean")
    replica.backward(ones, ones)
    replica.backward(ones, ones)
    assert len({mask.tobytes() for mask in masks}) == len(masks) == 8
    assert scaled.drop.draws.tolist() == [key, 2]


def test_running_means_are_means_over_the_shards_and_what_is_constant_stays() -> None:
    class Shifted(nn.Module):
        def __init__(self) -> None:
            self.norm, self.shift = nn.BatchNorm1d(6), ag.Tensor(1 / np.arange(1.0, 7.0))

        def forward(self, x: Any) -> Any:
            return self.norm(x) + self.shift

    def run() -> dict[str, Any]:
        model = Shifted()
        before = model.shift.numpy().tobytes()
        DataParallel(model, nn.mse_loss, Group(shards=3)).backward(X[:7], X[:7])
        assert model.shift.numpy().tobytes() == before
        return model.state_dict()

    found, *others = (*on_ranks(1, run), *on_ranks(3, run))
    parts = [X[0:3], X[3:5], X[5:7]]
    mean = sum(len(part) / 7 * 0.1 * part.mean(axis=0) for part in parts)
    variance = sum(len(p) / 7 * (0.9 + 0.1 * p.var(axis=0, ddof=1)) for p in parts)
    np.testing.assert_allclose(found["norm.running_mean"], mean, 1e-12)
    np.testing.assert_allclose(found["norm.running_var"], variance, 1e-12)
    assert found["norm.num_batches_tracked"] == 1
    for other in others:
        assert {k: x.tobytes() for k, x in other.items()} == {
            k: x.tobytes() for k, x in found.items()
        }


def test_evaluation_is_that_of_the_whole_and_leaves_the_model_alone() -> None:
    model = model_of()
    replica = DataParallel(model, nn.cross_entropy, Group(4), metrics={"accuracy": accuracy})
    before = bits(model)
    found = replica.evaluate(X, Y)
    whole = evaluate(model, (X, Y), nn.cross_entropy, {"accuracy": accuracy})
    assert found == pytest.approx(whole, rel=1e-13)
    assert bits(model) == before
    assert model.training


# ---- ranks that differ ---------------------------------------------------------------------


def test_what_differs_between_ranks_is_named() -> None:
    def run(mischief: str) -> None:
        group = Group(shards=2)
        model = nn.MLP((6, 4, 2), rng=group.rank)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        replica = DataParallel(model, nn.cross_entropy, group, check_every=3)
        for step in range(4):
            rows = slice(0, 8 + (mischief == "batch") * group.rank)
            replica.backward(X[rows], Y[rows])
            optimizer.step()
            if mischief == "model" and step == 1 and group.rank:
                model.parameters()[2].data[0, 0] += 1e-16 * group.rank
                model.parameters()[2].data[0, 0] *= 1 + 1e-15

    on_ranks(2, run, "none")
    with pytest.raises(
        errors.ParallelError, match=r"rank 1 differs from rank 0 in model\.2\.weight; let"
    ):
        on_ranks(2, run, "model")
    with pytest.raises(
        errors.ParallelError, match="rank 1 differs from rank 0 in inputs, and 1 more; let"
    ):
        on_ranks(2, run, "batch")
    with pytest.raises(
        errors.ParallelError, match="Group: rank 1 differs from rank 0 in shards; let"
    ):
        on_ranks(2, lambda: Group(shards=2 + 2 * _rank()))
    with pytest.raises(errors.ParallelError, match=r"model on rank 0 does not fit rank 1: .*shape"):
        on_ranks(2, lambda: Group(2).broadcast(model=nn.Linear(2, 1 + _rank(), rng=0)))


def _rank() -> int:
    return Group(shards=2).rank


def test_state_that_ranks_do_not_share_ends_fit_before_a_checkpoint(tmp_path: Any) -> None:
    def run() -> None:
        group = Group(shards=2)
        model = nn.Linear(6, 2, rng=0)
        optimizer = optim.Adam(model.parameters())

        def drift(_run: Any) -> None:
            optimizer.set_lr(0.1 * (1 + group.rank))

        saving = Checkpoint(tmp_path / "x", every=2)
        options: dict[str, Any] = {"callbacks": [drift, saving], "progress": False, "rng": 0}
        fit(model, (X, Y), nn.cross_entropy, optimizer, 4, parallel=group, **options)

    with pytest.raises(
        errors.ParallelError, match=r"fit: rank 1 differs from rank 0 in model\.weight, and \d more"
    ):
        on_ranks(2, run)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("kind", ["LBFGS", "clipped"])
def test_fit_clips_and_minimises_alike_on_any_number_of_ranks(kind: str) -> None:
    def run(shards: int | None) -> dict[str, bytes]:
        model = nn.Linear(6, 2, rng=0)
        optimizer: Any
        if kind == "LBFGS":
            optimizer, limit = optim.LBFGS(model.parameters(), max_iter=5), None
        else:
            optimizer, limit = optim.SGD(model.parameters(), lr=1.0), 0.01
        group = None if shards is None else Group(shards)
        options: dict[str, Any] = {"batch_size": 70, "clip_norm": limit, "progress": False}
        fit(model, (X, Y), nn.cross_entropy, optimizer, 2, parallel=group, rng=0, **options)
        return bits(model)

    alone = run(None)
    assert run(1) == alone
    assert on_ranks(2, lambda: run(2)) == [run(2), run(2)]
    assert run(2).keys() == alone.keys()


def test_rank_0_alone_saves_and_shows_progress(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    saved: list[int] = []

    def run() -> None:
        group = Group(shards=2)

        class Noted(Checkpoint):
            def __call__(self, run: Any) -> None:
                saved.append(group.rank)
                super().__call__(run)

        model = nn.Linear(6, 2, rng=group.rank)
        optimizer, callbacks = optim.Adam(model.parameters()), [Noted(tmp_path / "x")]
        fit(model, (X, Y), nn.cross_entropy, optimizer, 2, callbacks=callbacks, parallel=group)

    on_ranks(2, run)
    assert saved == [0, 0]
    assert capsys.readouterr().err.count("epoch 2 of 2") == 1


# ---- refusing ------------------------------------------------------------------------------


def test_wrong_arguments_are_one_sentence() -> None:
    model, group = nn.Linear(6, 1, rng=0), Group(shards=2)
    stranger = ag.Tensor(1.0, requires_grad=True)
    both = optim.SGD([*model.parameters(), stranger], lr=0.1)
    alone = optim.SGD(model.parameters(), lr=0.1)
    make = partial(DataParallel, model, nn.mse_loss, group)

    def neither(prediction: Any, target: Any) -> Any:
        return nn.mse_loss(prediction, target) * len(target) ** 2

    def weighted(prediction: Any, target: Any) -> Any:
        weight = 1 + (np.arange(len(target)) == 0)[:, None]
        return ((prediction - target) ** 2 * weight).sum() / weight.sum()

    def trained_on(x: Any, y: Any, loss: Any = nn.mse_loss) -> Any:
        return DataParallel(model, loss, group).backward(x, y)

    wrong: list[tuple[Any, str]] = [
        (lambda: Group(shards=0), "Group: argument shards=0 must be a whole number above 0"),
        (lambda: on_ranks(3, Group, 4), "Group: 3 ranks do not divide argument shards=4; start"),
        (lambda: DataParallel(print, nn.mse_loss, group), "argument model is a builtin"),  # type: ignore[arg-type]
        (lambda: DataParallel(model, nn.mse_loss, 4), "argument group is a int; give a Group"),  # type: ignore[arg-type]
        (lambda: make(reduction="none"), "reduction='none' must be 'mean' or 'sum'"),
        (lambda: make(check_every=0), "check_every=0 must be a whole number above 0"),
        (lambda: trained_on(X[:0], X[:0]), r"X has shape \(0, 6\) and y \(0, 6\); give a batch"),
        (lambda: trained_on(X, X[:3]), r"y \(3, 6\); give a batch of samples"),
        (lambda: trained_on(X, X[:, :1], neither), "neither a mean over samples nor a sum"),
        (lambda: trained_on(X, X[:, :1], lambda p, y: p.sum() * 0), "the loss is 0 of a batch"),
        (lambda: trained_on(X, X[:, :1], lambda p, y: (p - y) ** 2), r"loss returned shape \("),
        (lambda: trained_on(X, X[:, :1], weighted), "neither a mean over samples nor a sum"),
        (
            lambda: fit(model, (X, X[:, :1]), nn.mse_loss, alone, 1, metrics={"loss": nn.mse_loss}),
            "metrics names a metric 'loss'",
        ),
        (
            lambda: fit(model, (X, X[:, :1]), nn.mse_loss, both, 1, parallel=group),
            "argument optimizer has parameters that are not the model's",
        ),
        (
            lambda: fit(model, (X, X[:, :1]), nn.mse_loss, both, 1, parallel=4),  # type: ignore[arg-type]
            "argument parallel is a int; give a parallel.Group",
        ),
    ]
    for call, match in wrong:
        with pytest.raises((TypeError, ValueError), match=match):
            call()


def test_a_launcher_without_mpi4py_is_an_error_and_no_launcher_needs_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    assert Group(shards=2).size == 1
    monkeypatch.setenv("PMI_RANK", "0")
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'autograd_nn\[mpi\]'"):
        Group(shards=2)


def test_mpi_is_imported_only_when_asked_for() -> None:
    script = "import sys; from autograd_nn.parallel import Group; Group(2); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert b"numpy" in done.stdout
    assert b"mpi4py" not in done.stdout
