"""Where a diagnosis is easily misled: rounding, decisions, zeros, probes unlike the data."""

from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis import Diagnosis, DiagnosisVerdict, diagnose
from autograd_nn.compare.diagnosis.judging import Trial
from autograd_nn.compare.diagnosis.probes import like
from autograd_nn.compare.diagnosis.problem import Point

EXACT = DiagnosisVerdict.EXACT


def squared_error(output: Any, targets: Any) -> Any:
    return 0.5 * np.sum((output - targets) ** 2)


def judged(forward: Any, backward: Any, loss: Any, shapes: dict[str, tuple[int, ...]]) -> Diagnosis:
    """Judge at 7 samples of 3 features and of 2 outputs."""
    rng = np.random.default_rng(0)
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    return diagnose(
        forward, backward, loss, params, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    )


# ---- gradients that are zero -----------------------------------------------------------------


def centred(params: Any, x: Any) -> Any:
    z = x @ params["W"] + params["b"]
    return z - z.mean(axis=0), None


def centred_backward(params: Any, x: Any, y: Any, output: Any, _cache: Any) -> Any:
    delta = output - y
    return {"W": x.T @ (delta - delta.mean(axis=0)), "b": np.zeros_like(params["b"])}


def test_a_gradient_that_is_rounding_alone_is_zero() -> None:
    found = judged(centred, centred_backward, squared_error, {"W": (3, 2), "b": (2,)})
    assert found.verdict is EXACT
    assert any("'b'" in note and "does not depend" in note for note in found.notes)


def test_what_is_not_zero_in_the_place_of_zeros_is_seen() -> None:
    def backward(*args: Any) -> Any:
        grads = centred_backward(*args)
        return {**grads, "b": grads["b"] + 1e-3}

    found = judged(centred, backward, squared_error, {"W": (3, 2), "b": (2,)})
    assert found.verdict not in {EXACT, DiagnosisVerdict.CANNOT_DECIDE}


def test_a_planted_mistake_is_no_smaller_than_a_thousandth_of_the_largest_where_all_is_zero() -> (
    None
):
    truth = {"W": np.full(2, 100.0), "b": np.full(2, 1e-15)}
    trial = Trial(Point(None, None, None), truth, truth, {"W": 1e-12, "b": 1e-12})
    assert not trial.is_zero("W")
    assert trial.is_zero("b")
    assert not trial.exact("b", trial.off("b"))


# ---- decisions -------------------------------------------------------------------------------


def pooled(params: Any, x: Any) -> Any:
    windows = (x @ params["W"]).reshape(len(x), -1, 2)
    return windows.max(axis=2), windows


def test_a_comparison_that_rounding_turns_is_no_rounding() -> None:
    def backward(_params: Any, x: Any, y: Any, output: Any, windows: Any) -> Any:
        mask = windows == windows.max()  # of each window, it should be
        return {"W": x.T @ (mask * (output - y)[:, :, None]).reshape(len(x), -1)}

    found = judged(pooled, backward, squared_error, {"W": (3, 4)})
    assert found.verdict not in {EXACT, DiagnosisVerdict.CANNOT_DECIDE}


# ---- probes ----------------------------------------------------------------------------------


def test_targets_of_one_class_stay_one_hot() -> None:
    rng = np.random.default_rng(0)
    assert np.array_equal(like(np.ones((5, 1)), rng, {5: 7}, free=False), np.ones((7, 1)))


def test_a_softmax_over_one_class_raises_no_alarm() -> None:
    def forward(params: Any, x: Any) -> Any:
        return x @ params["W"], None

    def loss(z: Any, y: Any) -> Any:
        return np.sum(y * (np.log(np.sum(np.exp(z), axis=1, keepdims=True)) - z))

    def backward(_params: Any, x: Any, y: Any, z: Any, _cache: Any) -> Any:
        return {"W": x.T @ (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) - y)}

    rng = np.random.default_rng(0)
    x, params = rng.normal(size=(7, 3)), {"W": rng.normal(size=(3, 1))}
    assert diagnose(forward, backward, loss, params, x, np.ones((7, 1))).verdict is EXACT


# ---- searching -------------------------------------------------------------------------------


def test_a_slice_of_an_array_that_is_overwritten_is_mended() -> None:
    def forward(params: Any, x: Any) -> Any:
        h = x @ params["W"]
        return h[:, 0:2] + h[:, 1:3], None

    def backward(_params: Any, x: Any, y: Any, output: Any, _cache: Any) -> Any:
        dh = np.zeros((len(x), 3))
        for t in range(2):
            dh[:, t : t + 2] = output - y
        return {"W": x.T @ dh}

    (blame,) = judged(forward, backward, squared_error, {"W": (3, 3)}).blame
    assert blame.variable == "dh[:, t:t + 2]"
    assert blame.mistake == "overwrite"
    assert blame.verified
