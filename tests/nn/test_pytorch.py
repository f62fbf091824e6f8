"""Parameters go to PyTorch and back, with the right layouts, and compute the same there."""

import sys
from typing import Any

import numpy as np
import pytest

from autograd_nn import errors, nn

torch = pytest.importorskip("torch")
rng = np.random.default_rng(0)


def pairs() -> list[tuple[Any, Any, tuple[int, ...]]]:
    t = torch.nn
    return [
        (nn.Linear(3, 4, rng=0), t.Linear(3, 4), (5, 3)),
        (nn.Linear(3, 3, rng=0), t.Linear(3, 3), (5, 3)),  # no shape tells
        (nn.Linear(3, 4, bias=False, rng=0), t.Linear(3, 4, bias=False), (5, 3)),
        (
            nn.MLP((3, 4, 2), dropout=0.5, rng=0),
            t.Sequential(t.Linear(3, 4), t.ReLU(), t.Dropout(0.5), t.Linear(4, 2)),
            (5, 3),
        ),
        (
            nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.BatchNorm2d(2), nn.Flatten()),
            t.Sequential(t.Conv2d(1, 2, 3), t.BatchNorm2d(2), t.Flatten()),
            (2, 1, 5, 6),
        ),
        (
            nn.LSTM(3, 3, 2, bidirectional=True, rng=0),
            t.LSTM(3, 3, 2, bidirectional=True),
            (4, 2, 3),
        ),
        (nn.GRU(3, 2, rng=0), t.GRU(3, 2), (4, 2, 3)),
        (nn.LayerNorm((2, 3)), t.LayerNorm((2, 3)), (4, 2, 3)),
    ]


def outputs(model: Any, x: Any) -> Any:
    out = model(x)
    return (out[0] if isinstance(out, tuple) else out).detach().numpy()


@pytest.mark.parametrize("i", range(len(pairs())))
def test_models_compute_the_same_after_the_way_there_and_after_the_way_back(i: int) -> None:
    ours, theirs, shape = pairs()[i]
    x = rng.normal(size=shape)
    theirs.double().eval().load_state_dict(nn.to_pytorch(ours))
    ours.eval()
    np.testing.assert_allclose(outputs(ours, x), outputs(theirs, torch.tensor(x)), 1e-12, 1e-14)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.mul_(2).add_(0.5)
    nn.from_pytorch(ours, theirs.state_dict())
    np.testing.assert_allclose(outputs(ours, x), outputs(theirs, torch.tensor(x)), 1e-12, 1e-14)


def test_single_precision_comes_in_and_the_copies_are_of_their_own() -> None:
    ours, theirs = nn.Linear(3, 2, rng=0), torch.nn.Linear(3, 2)
    nn.from_pytorch(ours, theirs.state_dict())
    assert ours.weight.dtype == np.float64
    before = ours.weight.numpy().copy()
    with torch.no_grad():
        theirs.weight.zero_()
    nn.to_pytorch(ours)["weight"].zero_()
    np.testing.assert_array_equal(ours.weight.numpy(), before)


def test_what_does_not_fit_changes_nothing() -> None:
    ours = nn.Linear(3, 2, rng=0)
    before = ours.weight.tolist()
    with pytest.raises(errors.ShapeError, match="weight has shape"):
        nn.from_pytorch(ours, torch.nn.Linear(2, 3).state_dict())
    with pytest.raises(KeyError, match="lacks bias"):
        nn.from_pytorch(ours, torch.nn.Linear(3, 2, bias=False).state_dict())
    assert ours.weight.tolist() == before


def test_without_pytorch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'autograd_nn\[torch\]'"):
        nn.to_pytorch(nn.Linear(1, 1))
