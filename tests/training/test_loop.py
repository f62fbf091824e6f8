"""fit learns, measures, stops, resumes to the bit, eagerly and compiled, and says how far it is."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import errors, nn, optim
from autograd_nn.training import Checkpoint, EarlyStopping, History, Run, accuracy, evaluate, fit

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 3))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
VALIDATION = RNG.normal(size=(30, 3)), RNG.integers(0, 2, 30)
both_ways = pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])


def model_of(seed: int = 0, *, dropout: float = 0.2) -> nn.Module:
    return nn.MLP((3, 8, 2), dropout=dropout, rng=seed)


def run_fit(model: nn.Module, epochs: int = 3, **options: Any) -> History:
    options = {"rng": 1, "batch_size": 16, "progress": False} | options
    optimizer = options.pop("optimizer", None) or optim.Adam(model.parameters(), lr=0.05)
    return fit(model, (X, Y), nn.cross_entropy, optimizer, epochs, **options)


def bits(model: nn.Module) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in model.state_dict().items()}


def spied(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """List the steps that are compiled from now on."""
    made: list[Any] = []

    def spy(*args: Any, **options: Any) -> Any:
        made.append(ag.compile(*args, **options))
        return made[-1]

    monkeypatch.setattr("autograd_nn.training.steps.compiled", spy)
    return made


# ---- the loop ------------------------------------------------------------------------------


def test_it_is_the_loop_that_one_would_write() -> None:
    model, twin = model_of(), model_of()
    history = run_fit(model, metrics={"accuracy": accuracy}, validation=VALIDATION)
    optimizer, rng, expected = optim.Adam(twin.parameters(), lr=0.05), np.random.default_rng(1), []
    for _ in range(3):
        total = right = 0.0
        for x, y in ag.datasets.batches(X, Y, 16, rng):
            optimizer.zero_grad()
            prediction = twin(x)
            loss = nn.cross_entropy(prediction, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            right += (prediction.numpy().argmax(axis=1) == y).sum()
        expected.append((total / 70, right / 70))
    assert bits(model) == bits(twin)
    np.testing.assert_allclose(history["loss"], [a for a, _ in expected], 1e-15)
    np.testing.assert_allclose(history["accuracy"], [b for _, b in expected], 1e-15)
    twin.eval()
    prediction = twin(VALIDATION[0])
    assert history["val_accuracy"][-1] == pytest.approx(accuracy(prediction, VALIDATION[1]))
    last = nn.cross_entropy(prediction, VALIDATION[1]).item()
    assert history["val_loss"][-1] == pytest.approx(last, rel=1e-14)


def test_compiled_it_learns_the_same_with_one_recording_for_each_shape_of_a_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = spied(monkeypatch)
    model, twin = model_of(), model_of()
    options: dict[str, Any] = {"metrics": {"accuracy": accuracy}, "validation": VALIDATION}
    found, expected = run_fit(model, compile=True, **options), run_fit(twin, **options)
    assert [len(step.entries) for step in made] == [2]  # of 16 samples, and of the 6 left
    for name, numbers in expected.to_dict().items():
        np.testing.assert_allclose(found[name], numbers, 1e-9)


def test_the_numba_backend_learns_the_same() -> None:
    pytest.importorskip("numba")
    model, twin = nn.Linear(3, 1, rng=0), nn.Linear(3, 1, rng=0)
    for one, compiled in ((model, "numba"), (twin, False)):
        optimizer, data = optim.SGD(one.parameters(), lr=0.1), (X, X[:, :1])
        fit(one, data, nn.mse_loss, optimizer, 2, rng=0, compile=compiled, progress=False)
    np.testing.assert_allclose(model.weight.numpy(), twin.weight.numpy(), 1e-9)


def test_a_rate_in_a_tensor_changes_without_a_new_recording(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = spied(monkeypatch)
    model = model_of()
    optimizer = optim.SGD(model.parameters(), lr=ag.Tensor(0.1))
    schedule = optim.StepLR(optimizer, step_size=1, gamma=0.5)
    run_fit(model, 4, optimizer=optimizer, schedule=schedule, compile=True)
    assert [len(step.entries) for step in made] == [2]
    assert optimizer.state_dict()["lr"] == 0.1 * 0.5**3  # what the last epoch was trained with


def test_compiled_it_follows_numbers_that_change_between_epochs() -> None:
    def change(run: Run) -> None:
        run.model[2].p = 0.1 * run.epoch  # type: ignore[index]

    found = []
    for compiled in (False, True):
        model = model_of()
        optimizer = optim.SGD(model.parameters(), lr=0.5)
        schedule = optim.StepLR(optimizer, step_size=1, gamma=0.5)
        options: dict[str, Any] = {"schedule": schedule, "callbacks": [change]}
        found.append(run_fit(model, 4, optimizer=optimizer, compile=compiled, **options))
    np.testing.assert_allclose(found[1]["loss"], found[0]["loss"], 1e-9)


@both_ways
@pytest.mark.parametrize(
    ("option", "clip"),
    [("clip_norm", optim.clip_grad_norm_), ("clip_value", optim.clip_grad_value_)],
)
def test_gradients_may_be_clipped(option: str, clip: Any, *, compiled: bool) -> None:
    model, twin, free = model_of(), model_of(), model_of()
    made = [optim.SGD(m.parameters(), lr=0.5) for m in (model, twin, free)]
    run_fit(model, 2, optimizer=made[0], compile=compiled, **{option: np.float32(2**-6)})
    rng = np.random.default_rng(1)
    for _ in range(2):
        for x, y in ag.datasets.batches(X, Y, 16, rng):
            twin.zero_grad()
            nn.cross_entropy(twin(x), y).backward()
            clip(twin.parameters(), 2**-6)
            made[1].step()
    run_fit(free, 2, optimizer=made[2])
    for one, other, third in zip(*(m.parameters() for m in (model, twin, free)), strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), 1e-9)
        assert not np.allclose(one.numpy(), third.numpy(), 1e-3)


@both_ways
def test_lbfgs_minimises_the_loss_of_all_samples(*, compiled: bool, tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    model, twin = model_of(dropout=0), model_of(dropout=0)
    optimizer = optim.LBFGS(model.parameters(), max_iter=5)
    path = tmp_path / "run"
    history = run_fit(
        model,
        4,
        optimizer=optimizer,
        batch_size=len(X),
        compile=compiled,
        metrics={"accuracy": accuracy},
        callbacks=[Checkpoint(path)],
    )
    assert history["loss"][0] == pytest.approx(nn.cross_entropy(twin(X), Y).item())
    assert history["accuracy"][0] == accuracy(twin(X), Y)  # before it learned
    assert history["loss"] == sorted(history["loss"], reverse=True)
    assert history["loss"][-1] < 0.6 * history["loss"][0]
    again = model_of(3, dropout=0)
    optimizer = optim.LBFGS(again.parameters(), max_iter=5)
    run_fit(again, 4, optimizer=optimizer, batch_size=len(X), resume=path)
    assert bits(again) == bits(model)
    with pytest.raises(TypeError, match="clip_value would mislead the line search of LBFGS"):
        run_fit(model, optimizer=optim.LBFGS(model.parameters()), clip_value=1.0)
    with pytest.raises(KeyError, match=r"the state has 0\.step; load one that"):
        optimizer.load_state_dict({"0.step": 1})


def test_evaluation_leaves_modes_and_graphs_alone() -> None:
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.Dropout(0.5, rng=0), nn.BatchNorm1d(2))
    [*model][2].eval()
    before = bits(model)
    found = evaluate(model, (X, Y), nn.cross_entropy, {"accuracy": accuracy}, batch_size=7)
    whole = evaluate(model, (X, Y), nn.cross_entropy, {"accuracy": accuracy})
    assert found == pytest.approx(whole, rel=1e-13)
    assert [m.training for m in model] == [True, True, False]
    assert bits(model) == before
    assert all(p.grad is None for p in model.parameters())
    graphs: list[bool] = []

    def loss(prediction: Any, _target: Any) -> float:
        graphs.append(prediction.requires_grad)
        return 0.0

    evaluate(model, (X, Y), loss)
    assert graphs == [False]


def test_dropout_is_active_while_training_also_after_an_evaluation() -> None:
    model = model_of()
    model.eval()
    run_fit(model, 2, validation=VALIDATION)
    assert model.training
    assert model.state_dict()["2.draws"][1] == 2 * 5  # batches


def test_a_model_may_return_what_has_no_batch_of_classes() -> None:
    model = nn.Linear(3, 1, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    history = fit(model, (X, X[:, :1]), nn.mse_loss, optimizer, 20, rng=0, progress=False)
    assert history["loss"][-1] < 1e-3


# ---- stopping ------------------------------------------------------------------------------


def test_callbacks_are_called_in_order_with_the_run_and_may_stop_it() -> None:
    seen: list[tuple[str, int]] = []

    def second(run: Run) -> None:
        seen.append(("second", run.epoch))
        if run.epoch == 2:
            run.stop("enough")

    callbacks = [lambda run: seen.append(("first", run.epoch)), second]
    history = run_fit(model_of(), 5, callbacks=callbacks)
    assert seen == [("first", 1), ("second", 1), ("first", 2), ("second", 2)]
    assert (history.stopped, len(history)) == ("enough", 2)


@both_ways
def test_early_stopping_gives_the_best_state_back(*, compiled: bool) -> None:
    model, states = model_of(dropout=0), {}
    stopping = EarlyStopping("val_loss", patience=3)
    callbacks = [lambda run: states.update({run.epoch: bits(run.model)}), stopping]
    history = run_fit(
        model, 100, validation=VALIDATION, callbacks=callbacks, compile=compiled, batch_size=70
    )
    best = int(np.argmin(history["val_loss"])) + 1
    assert (stopping.best_epoch, stopping.best) == (best, min(history["val_loss"]))
    assert len(history) == best + 3 < 100
    assert bits(model) == states[best] != states[best + 3]
    reason = f"no better val_loss for 3 epochs; best: {stopping.best:.4g} after epoch {best}"
    assert history.stopped == reason


def test_early_stopping_minds_its_options() -> None:
    def epochs(numbers: list[float], **options: Any) -> int:
        model = nn.Linear(1, 1, rng=0)
        run = Run(model, optim.SGD(model.parameters(), lr=1), np.random.default_rng(0))
        stopping = EarlyStopping("x", **options)
        for number in numbers:
            run.history.append({"x": number})
            stopping(run)
            if run.history.stopped:
                break
        return run.epoch

    falling = [1.0, 0.9, 0.8, 0.7, 0.6]
    assert epochs(falling, patience=2) == 5
    assert epochs(falling, patience=2, mode="max") == 3
    assert epochs(falling, patience=2, min_delta=0.15) == 5
    assert epochs(falling, patience=1, min_delta=0.15) == 2
    assert epochs([float("nan")] * 5, patience=2) == 2


def test_early_stopping_is_saved_with_the_best_state(tmp_path: Path) -> None:
    first, other = EarlyStopping("loss"), EarlyStopping("loss")
    run_fit(model_of(), 2, callbacks=[first])
    ag.save(tmp_path / "x", stopping=first)
    ag.load(tmp_path / "x", stopping=other)
    assert (other.best, other.best_epoch) == (first.best, first.best_epoch)
    assert other.best_state.keys() == model_of().state_dict().keys()
    for name, array in first.best_state.items():
        np.testing.assert_array_equal(other.best_state[name], array)


def test_a_model_may_return_several_things() -> None:
    def loss(prediction: Any, target: Any) -> Any:
        return nn.mse_loss(prediction[0], target)

    data, found = (X[:12, :, None], X[:12, :, None] / 2), []
    for compiled in (False, True):
        model = nn.GRU(1, 1, rng=0)
        optimizer = optim.SGD(model.parameters(), lr=0.05)
        options: dict[str, Any] = {"validation": data, "progress": False, "compile": compiled}
        found.append(fit(model, data, loss, optimizer, 3, rng=0, **options)["val_loss"])
    np.testing.assert_allclose(found[0], found[1], 1e-9)
    assert found[0][-1] < found[0][0]


def test_a_loss_that_is_not_finite_stops_training() -> None:
    model = nn.Linear(3, 1, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=1e200)
    with np.errstate(all="ignore"):
        history = fit(model, (X, X[:, :1]), nn.mse_loss, optimizer, 9, rng=0, progress=False)
    assert re.fullmatch("the loss is (inf|nan)", history.stopped or "")
    assert len(history) < 9


# ---- resuming ------------------------------------------------------------------------------


def resumable(path: Path, seed: int, epochs: int, **options: Any) -> tuple[Any, Any, History]:
    model = model_of(seed)
    optimizer = optim.SGD(model.parameters(), lr=ag.Tensor(0.1), momentum=0.9)
    schedule = optim.CosineAnnealingLR(optimizer, T_max=8)
    callbacks = [Checkpoint(path), EarlyStopping(patience=4)]
    history = run_fit(
        model,
        epochs,
        optimizer=optimizer,
        schedule=schedule,
        callbacks=callbacks,
        validation=VALIDATION,
        rng=seed,
        **options,
    )
    return bits(model), optimizer.state_dict(), history


@both_ways
def test_a_training_that_is_resumed_is_the_uninterrupted_one_bit_for_bit(
    tmp_path: Path, *, compiled: bool
) -> None:
    class KilledError(Exception):
        pass

    def kill(run: Run) -> None:
        if run.epoch == 3:  # in the third epoch: what it did is lost
            raise KilledError

    whole, state, history = resumable(tmp_path / "whole", 0, 8, compile=compiled)
    model = model_of()
    optimizer = optim.SGD(model.parameters(), lr=ag.Tensor(0.1), momentum=0.9)
    with pytest.raises(KilledError):
        run_fit(
            model,
            8,
            optimizer=optimizer,
            schedule=optim.CosineAnnealingLR(optimizer, T_max=8),
            callbacks=[kill, Checkpoint(tmp_path / "run"), EarlyStopping(patience=4)],
            validation=VALIDATION,
            rng=0,
            compile=compiled,
        )
    again, other, second = resumable(
        tmp_path / "run", 5, 8, resume=tmp_path / "run", compile=compiled
    )
    assert again == whole
    assert {k: x.tobytes() for k, x in other.items()} == {k: x.tobytes() for k, x in state.items()}
    assert second.state_dict() == history.state_dict()


def test_a_training_that_was_paused_is_saved_and_goes_on_to_the_bit(tmp_path: Path) -> None:
    path, model, whole = tmp_path / "run.safetensors", model_of(), model_of()

    def pause(run: Run) -> None:
        if run.epoch == 2:
            run.pause()

    history = run_fit(model, 5, callbacks=[Checkpoint(path, every=100), pause])
    assert (len(history), history.stopped) == (2, None)
    resumed = model_of(seed=7)
    history = run_fit(resumed, 5, resume=path)
    assert history.to_dict() == run_fit(whole, 5).to_dict()
    assert bits(resumed) == bits(whole)


def test_a_training_that_had_stopped_is_not_taken_up_again(tmp_path: Path) -> None:
    options: dict[str, Any] = {"validation": VALIDATION, "batch_size": 70}
    callbacks = [Checkpoint(tmp_path / "run", every=50), EarlyStopping(patience=2)]
    model = model_of(dropout=0)
    first = run_fit(model, 100, callbacks=callbacks, **options)
    assert first.stopped
    callbacks = [Checkpoint(tmp_path / "x"), EarlyStopping(patience=2)]
    other = model_of(3, dropout=0)
    again = run_fit(other, 100, callbacks=callbacks, resume=tmp_path / "run", **options)
    assert again.state_dict() == first.state_dict()
    assert bits(other) == bits(model)
    assert not (tmp_path / "x").exists()


def test_checkpoints_are_written_as_often_as_asked(tmp_path: Path) -> None:
    found = []

    def look(_run: Run) -> None:
        there = (tmp_path / "x").exists()
        found.append(len(ag.load(tmp_path / "x")["history"]["records"]["loss"]) if there else 0)

    run_fit(model_of(), 5, callbacks=[look, Checkpoint(tmp_path / "x", every=2)])
    assert found == [0, 0, 2, 2, 4]  # as it was before each epoch's own


def test_a_diverged_training_does_not_replace_the_last_good_checkpoint(tmp_path: Path) -> None:
    model = nn.Linear(3, 1, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def blow_up(run: Run) -> None:
        if run.epoch == 3:
            run.optimizer.set_lr(1e200)

    callbacks: list[Any] = [blow_up, Checkpoint(tmp_path / "x")]
    with np.errstate(all="ignore"):
        data = X, X[:, :1]
        history = fit(
            model, data, nn.mse_loss, optimizer, 9, rng=0, callbacks=callbacks, progress=False
        )
    assert len(history) == 4
    assert np.isfinite(ag.load(tmp_path / "x")["model"]["weight"]).all()
    assert len(ag.load(tmp_path / "x")["history"]["records"]["loss"]) == 3


def test_what_is_resumed_must_fit(tmp_path: Path) -> None:
    run_fit(model_of(), 1, callbacks=[Checkpoint(tmp_path / "x")])
    with pytest.raises(errors.CheckpointError, match="no callback_0"):
        run_fit(model_of(), 2, callbacks=[EarlyStopping()], resume=tmp_path / "x")


# ---- showing -------------------------------------------------------------------------------


def test_without_a_terminal_there_are_a_few_plain_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_fit(model_of(), 40, progress=True, metrics={"accuracy": accuracy})
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert not out
    assert [int(line.split()[1]) for line in lines] == [1, *range(4, 41, 4)]
    assert re.fullmatch(r"epoch 1 of 40: loss [\d.]+, accuracy [\d.]+", lines[0])

    def stop(run: Run) -> None:
        if run.epoch == 2:
            run.stop("why")

    run_fit(model_of(), 40, progress=True, callbacks=[stop])
    assert capsys.readouterr().err.endswith(" (stopped: why)\n")


def test_on_a_terminal_there_is_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    run_fit(model_of(), 2, callbacks=[Checkpoint(tmp_path / "x")])
    run_fit(model_of(), 3, progress=True, resume=tmp_path / "x")
    shown = terminal.getvalue()
    assert "100%" in shown
    assert re.search(r"epoch 3 of 3, loss [\d.]+", shown)


def test_progress_can_be_silent(capsys: pytest.CaptureFixture[str]) -> None:
    run_fit(model_of(), 2)
    assert capsys.readouterr() == ("", "")


# ---- refusing ------------------------------------------------------------------------------


def test_wrong_arguments_are_one_sentence() -> None:
    model = model_of()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    other = optim.SGD(model_of().parameters(), lr=0.1)
    wrong: list[tuple[Any, Any]] = [
        ({"model": print}, "argument model is a builtin_function_or_method; give a Module"),
        ({"optimizer": 3}, "argument optimizer is a int; give one of autograd_nn.optim"),
        ({"optimizer": other}, "none of the model's parameters"),
        ({"schedule": optim.StepLR(other, 1)}, "not one of this optimizer"),
        ({"metrics": {"loss": accuracy}}, "argument metrics names a metric 'loss'"),
        ({"clip_norm": 0}, "fit: argument clip_norm=0 must be a positive number"),
        ({"clip_value": "1"}, "fit: argument clip_value='1' must be a positive number"),
        ({"clip_norm": 1, "clip_value": 1}, "clip_norm and clip_value exclude each other"),
        ({"epochs": 0}, "epochs=0 must be a whole number above 0"),
        ({"data": (X, Y[:3])}, "as many rows"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"data": (X[:0], Y[:0])}, r"data has inputs of shape \(0, 3\); give some samples"),
        ({"data": X}, r"argument data is a ndarray; give \(inputs, targets\)"),
        ({"validation": (X, Y, Y)}, r"argument validation is a tuple; give \(inputs, targets\)"),
        ({"loss": lambda p, y: np.mean(p.numpy())}, "argument loss returned a float64, not"),
    ]
    standard = {"model": model, "data": (X, Y), "loss": nn.cross_entropy, "optimizer": optimizer}
    for change, match in wrong:
        with pytest.raises((TypeError, ValueError), match=match):
            fit(**{**standard, "epochs": 1, "progress": False} | change)
    with pytest.raises(ValueError, match="evaluate: argument data has inputs of shape"):
        evaluate(model, (X[:0], Y[:0]), nn.cross_entropy)
    for make in (
        lambda: Checkpoint("x", every=0),
        lambda: EarlyStopping(mode="less"),
        lambda: EarlyStopping(patience=0),
        lambda: EarlyStopping(min_delta=float("nan")),
    ):
        with pytest.raises(ValueError, match=r"^(Checkpoint|EarlyStopping): "):
            make()
