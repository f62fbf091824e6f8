"""Checkpoints: what is saved comes back to the bit, and a run goes on as if never interrupted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import errors, nn, optim, safetensors

X = np.random.default_rng(0).normal(size=(40, 3))
Y = np.random.default_rng(1).integers(0, 2, 40)
KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.MT19937,
        np.random.Philox,
        np.random.SFC64,
    )
}


class Run:
    """A model with dropout and running means, an optimiser, a schedule, a generator."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.model = nn.Sequential(
            nn.Linear(3, 5, rng=rng),
            nn.BatchNorm1d(5),
            nn.Dropout(0.3, rng=rng),
            nn.Linear(5, 2, rng=rng),
        )
        self.optimizer = optim.Adam(self.model.parameters(), lr=0.05)
        self.schedule = optim.CosineAnnealingLR(self.optimizer, T_max=6)
        self.rng = np.random.default_rng([seed, 1])

    def epochs(self, n: int, *, compiled: bool) -> None:
        step = ag.compile(self.step, X[:16], Y[:16]) if compiled else self.step
        for _ in range(n):
            for x, y in ag.datasets.batches(X, Y, 16, self.rng):
                step(x, y)
            self.schedule.step()

    def step(self, x: Any, y: Any) -> Any:
        self.optimizer.zero_grad()
        loss = nn.cross_entropy(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    def parts(self) -> dict[str, Any]:
        return vars(self)

    def bits(self) -> dict[str, Any]:
        states = (self.model.state_dict(), self.optimizer.state_dict(), self.schedule.state_dict())
        named = {f"{i}.{k}": x.tobytes() for i, s in enumerate(states) for k, x in s.items()}
        return named | {"rng": repr(self.rng.bit_generator.state)}


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_a_resumed_run_is_the_uninterrupted_one_bit_for_bit(
    tmp_path: Path, *, compiled: bool
) -> None:
    whole, first, second = Run(0), Run(0), Run(7)
    whole.epochs(5, compiled=compiled)
    first.epochs(2, compiled=compiled)
    ag.save(tmp_path / "run", **first.parts())
    ag.load(tmp_path / "run", **second.parts())
    assert second.bits() == first.bits() != whole.bits()
    second.epochs(3, compiled=compiled)
    assert second.bits() == whole.bits()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_generator_goes_on(kind: str, tmp_path: Path) -> None:
    rng, other = (np.random.Generator(KINDS[kind](seed)) for seed in (3, 4))
    rng.random(3, dtype=np.float32)  # half of a 64-bit number is left over
    ag.save(tmp_path / "x", rng=rng)
    ag.load(tmp_path / "x", rng=other)
    np.testing.assert_array_equal(rng.random(5, np.float32), other.random(5, np.float32))
    np.testing.assert_array_equal(rng.integers(9**9, size=700), other.integers(9**9, size=700))


def test_arrays_tensors_and_plain_data_come_back_as_they_were(tmp_path: Path) -> None:
    plain = {"n": 3, "x": 0.1, "text": "é", "none": None, "yes": True, "big": 2**200}
    arrays = {"a": np.arange(3), "z": np.array([1 + 2j, -0.0]), "t": ag.Tensor([1.0, 2.0])}
    nested = {"list": [1, [2.5, {"a": None}], float("inf")], "0.weight": np.eye(2)}
    small = np.array(1j, np.complex64)
    ag.save(tmp_path / "x", **plain, **arrays, nested=nested, empty={}, small=small)
    found = ag.load(tmp_path / "x")
    assert {k: found[k] for k in plain} == plain
    assert {k: type(found[k]) for k in plain} == {k: type(x) for k, x in plain.items()}
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], np.asarray(getattr(array, "value", array)))
    assert (found["small"].dtype, found["small"].item(), found["empty"]) == (np.complex64, 1j, {})
    assert found["nested"]["list"] == nested["list"]
    np.testing.assert_array_equal(found["nested"]["0.weight"], np.eye(2), strict=True)


def test_nan_is_plain_data(tmp_path: Path) -> None:
    ag.save(tmp_path / "x", losses=[float("nan"), 1.0])
    assert str(ag.load(tmp_path / "x")["losses"]) == "[nan, 1.0]"


def test_other_libraries_find_the_names_and_values(tmp_path: Path) -> None:
    reference = pytest.importorskip("safetensors.numpy")
    ag.save(tmp_path / "x", **Run(0).parts())
    found = reference.load_file(tmp_path / "x")
    np.testing.assert_array_equal(found["model.0.weight"], Run(0).model.state_dict()["0.weight"])


loop: list[Any] = []
loop.append(loop)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        (1, 2),
        {"a": (1, 2)},
        {1: 2.0},
        {"a": {1: 2}},
        {"a": {"b": (1, 2)}},
        {1, 2},
        b"x",
        1j,
        loop,
        {"a": [1j]},
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_would_not_come_back_is_refused_and_nothing_written(
    value: Any, tmp_path: Path
) -> None:
    with pytest.raises(TypeError, match=r"save: value"):
        ag.save(tmp_path / "x", value=value)
    assert not [*tmp_path.iterdir()]


def test_names_with_dots_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'a\.b' has a dot"):
        ag.save(tmp_path / "x", **{"a.b": 1})


def sizes(*widths: int) -> tuple[nn.MLP, optim.Optimizer]:
    model = nn.MLP(widths, rng=0)
    return model, optim.SGD(model.parameters(), lr=0.1, momentum=0.9)


def test_if_one_object_does_not_fit_none_is_restored(tmp_path: Path) -> None:
    run, other = Run(0), Run(7)
    run.epochs(1, compiled=False)
    ag.save(tmp_path / "x", **run.parts())
    before = other.bits()
    strangers = {
        "rng": np.random.Generator(np.random.Philox(0)),
        "optimizer": optim.SGD(other.model.parameters(), lr=0.1),
    }
    for name, stranger in strangers.items():
        with pytest.raises(errors.CheckpointError, match=f"does not fit argument {name}: "):
            ag.load(tmp_path / "x", **other.parts() | {name: stranger})
        assert other.bits() == before
    with pytest.raises(errors.CheckpointError, match=r"argument model: MLP.*lacks") as caught:
        ag.load(tmp_path / "x", rng=other.rng, model=nn.MLP((3, 5, 2)))
    assert isinstance(caught.value.__cause__, KeyError)
    assert other.bits() == before


def test_an_interruption_restores_nothing_not_even_what_was_being_restored(
    tmp_path: Path,
) -> None:
    class Interrupted:
        def __init__(self, number: int) -> None:
            self.number = number

        def state_dict(self) -> dict[str, Any]:
            return {"number": self.number}

        def load_state_dict(self, state: Any) -> None:
            self.number = state["number"]
            if self.number == 1:
                raise KeyboardInterrupt

    run, other, late = Run(0), Run(7), Interrupted(2)
    ag.save(tmp_path / "x", model=run.model, late=Interrupted(1))
    before = other.bits()
    with pytest.raises(KeyboardInterrupt):
        ag.load(tmp_path / "x", model=other.model, late=late)
    assert other.bits() == before
    assert late.number == 2


def test_what_cannot_be_restored_or_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    ag.save(tmp_path / "x", epoch=3, model=nn.Linear(1, 1, rng=0))
    with pytest.raises(TypeError, match=r"argument epoch is a int, which cannot be restored"):
        ag.load(tmp_path / "x", epoch=4)
    with pytest.raises(errors.CheckpointError, match=r"holds epoch, model, but no network; give"):
        ag.load(tmp_path / "x", network=nn.Linear(1, 1))
    with pytest.raises(FileNotFoundError):
        ag.load(tmp_path / "y")


def test_another_version_is_refused(tmp_path: Path) -> None:
    safetensors.write(tmp_path / "x", {}, {"format": "autograd_nn", "format_version": "2"})
    with pytest.raises(errors.CheckpointError, match=r"version '2' of the format; this is"):
        ag.load(tmp_path / "x")


@pytest.mark.parametrize(
    ("plain", "pairs"),
    [
        (None, None),
        ([], []),
        (3, []),
        ({"a": 1}, []),
        ({}, []),
        ({"b": 1}, []),
        ({"b": []}, []),
        ({"b": {"x": 1}}, []),
        ({"b": {}}, ["c"]),
        ({"b": {}}, ["a"]),
        ({"b": {}}, ["b.x"]),
        ({"b": {}}, [[]]),
        ({"b": {}}, 3),
    ],
)
def test_texts_that_save_does_not_write_are_refused(plain: Any, pairs: Any, tmp_path: Path) -> None:
    texts = {"format": "autograd_nn", "format_version": "1"}
    texts |= {} if plain is None else {"plain": json.dumps(plain), "complex": json.dumps(pairs)}
    safetensors.write(tmp_path / "x", {"a": np.zeros(()), "b.x": np.zeros((2, 3))}, texts)
    with pytest.raises(errors.CheckpointError, match="holds what save does not write"):
        ag.load(tmp_path / "x")


def test_a_state_of_the_right_names_with_the_wrong_values_is_refused(tmp_path: Path) -> None:
    model, optimizer = sizes(2, 3, 1)
    for name, state in {
        "optimizer": optimizer.state_dict() | {"lr": np.zeros(3)},
        "model": model.state_dict() | {"0.bias": np.zeros(3, complex)},
        "rng": {"bit_generator": "PCG64", "state": {"state": "x", "inc": 1}},
    }.items():
        ag.save(tmp_path / "x", **{name: state})
        target = {"optimizer": optimizer, "model": model, "rng": np.random.default_rng(0)}[name]
        with pytest.raises(errors.CheckpointError, match=f"does not fit argument {name}"):
            ag.load(tmp_path / "x", **{name: target})
