"""Pictures of sweeps show the numbers of the sweep; the witnesses behind them are right."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import cli
from autograd_nn.compare import Case, cases, summarize, sweep
from autograd_nn.compare.experiments import plots
from autograd_nn.compare.experiments.witnesses import (
    gradient_entries,
    order,
    step_errors,
    taylor_remainders,
)
from autograd_nn.errors import MissingExtraError


def test_only_the_gradient_has_a_taylor_remainder_of_order_two() -> None:
    steps = np.geomspace(1e-4, 1e-2, 7).tolist()
    for data in ("xor", "random-9x3x2"):
        for case in cases(data=data, rule=["printed", "mended", "mean-bias"], seed=range(3)):
            slope = order(steps, taylor_remainders(case, steps))
            assert slope == pytest.approx(2 if case.rule == "mended" else 1, abs=0.15)


def test_each_method_errs_by_its_order_and_no_less_than_rounding() -> None:
    for data in ("xor", "random-9x3x2"):
        large, small = [1e-2, 1e-1], [1e-14, 1e-12]
        errors = step_errors(Case(data=data, scale=0.5), large + small)
        orders = {method: order(large, found[:2]) for method, found in errors.items()}
        assert orders["forward"] == pytest.approx(1, abs=0.2)
        assert orders["central"] == pytest.approx(2, abs=0.2)
        assert orders["complex step"] == pytest.approx(2, abs=0.2)
        for method in ("forward", "central", "richardson"):
            assert order(small, errors[method][2:]) == pytest.approx(-1, abs=0.4)
        assert max(errors["complex step"][2:]) < 1e-14
        assert errors["richardson"][0] < 1e-9


def test_entries_are_those_of_the_part() -> None:
    case = Case(data="random-9x3x2", hidden=5, rule="printed")
    parts = [gradient_entries(case, part) for part in ("W1", "b1", "W2", "b2")]
    assert [len(rule) for rule, _ in parts] == [15, 5, 10, 2]
    whole, hidden = gradient_entries(case), gradient_entries(case, "hidden")
    for i in (0, 1):
        assert np.array_equal(np.concatenate([part[i] for part in parts]), whole[i])
        assert np.array_equal(hidden[i], whole[i][:20])
    assert not np.allclose(*whole)
    assert np.array_equal(*gradient_entries(Case(rule="mended")))


def test_plots_without_matplotlib_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'autograd_nn\[plot\]'"):
        plots.step_sizes(Case())


def test_curves_and_maps_show_the_outcomes() -> None:
    pytest.importorskip("matplotlib", reason="the extra [plot] is not installed")
    axes = {"rule": ["printed", "mended"], "learning_rate": [0.5, 5], "scale": [1, 3]}
    outcomes = sweep(cases(**axes, seed=range(3), epochs=300))
    curves = plots.learning_curves(outcomes)
    assert len(curves.axes) == 4
    assert curves.axes[0].get_title() == "scale 1, learning rate 0.5"
    lines: list[Any] = curves.axes[0].get_lines()
    assert [line.get_label() for line in lines[:2]] == ["printed", "mended"]
    runs = [o.losses for o in outcomes if (o.case.rule, o.case.scale) == ("mended", 1)][:3]
    medians = np.median(np.array(runs, dtype=np.float64), axis=0)
    np.testing.assert_allclose(lines[1].get_ydata(), medians)
    np.testing.assert_array_equal(lines[1].get_xdata(), outcomes[0].epochs)

    image: Any = plots.heat_maps(outcomes).axes[1].get_images()[0]
    shares = {}
    for row in summarize(outcomes):
        configuration = row.configuration
        shares[tuple(configuration[name] for name in ("rule", "scale", "learning_rate"))] = (
            100 * row.successes / row.runs
        )
    expected = [[shares["mended", scale, rate] for rate in (0.5, 5)] for scale in (1, 3)]
    np.testing.assert_allclose(np.asarray(image.get_array()), np.array(expected))
    assert len({*shares.values()}) > 1


def test_the_command_writes_every_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="the extra [plot] is not installed")
    options = ["--seeds", "2", "--epochs", "30", "--executor", "serial", "--plot"]
    assert cli.main(["sweep", "--out", str(tmp_path), *options]) == 0
    out = capsys.readouterr().out
    assert "digest" in out
    assert f"written to {tmp_path / 'taylor.png'}\n" in out
    pictures = sorted(path.stem for path in tmp_path.glob("*.png"))
    assert pictures == [
        "cosines",
        "gradient-entries",
        "learning-curves",
        "step-sizes",
        "successes",
        "taylor",
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.glob("*.png"))
