"""The benchmarks run, refuse what disagrees, and name what is missing; no time is asserted."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import command, competitors, parallel, plot, rounds, table
from benchmarks.cases import CASES, Case
from benchmarks.competitors import UNIT, Competitor, Step, named

OURS = [UNIT, "autograd_nn", "autograd_nn compiled", "autograd_nn repeat"]


def wrong(case: Case) -> Step:
    step = named(UNIT).build(case)
    return step._replace(parameters=lambda: [1.001 * p for p in step.parameters()])


def test_the_smallest_case_fills_a_row_for_everyone_asked_for(capsys: Any, tmp_path: Path) -> None:
    output = tmp_path / "figures.md"
    asked = ["--cases", "XOR", "--rounds", "2", "--output", str(output), "--competitors", *OURS]
    assert command.main(asked) == 0
    printed = capsys.readouterr().out
    assert printed.strip() == output.read_text(encoding="utf-8").strip()
    rows = [line.split("|")[1].strip() for line in printed.splitlines() if line.startswith("|")]
    assert rows[2:] == OURS
    assert "1 (1" in printed  # the tutorial, in units of itself
    assert "thread" in printed


def test_who_disagrees_is_not_timed() -> None:
    unit = named(UNIT)
    liar = Competitor("liar", "numpy", wrong)
    first, second = rounds.compare([unit, liar], CASES[0], 2, rounds.here)
    assert isinstance(first, rounds.Measured)
    assert isinstance(second, rounds.Refused)
    assert "from the tutorial's" in second.reason
    assert table.NOTHING in table.of_steps({"XOR": [first, second]})


def test_who_is_not_installed_is_named() -> None:
    absent = Competitor("peer", "no_such_package", wrong)
    (outcome,) = rounds.compare([absent], CASES[0], 2, rounds.here)
    assert isinstance(outcome, rounds.Refused)
    assert "no_such_package" in outcome.reason


def test_the_picture_names_everyone_who_was_measured_apart() -> None:
    first, second = (rounds.Measured(name, 1, 1, 1, 1, 0) for name in (UNIT, "peer"))
    absent = rounds.Refused("absent", "it is not installed")
    drawn = plot.draw({"XOR": [first, second, absent]}, "svg", "a caption").decode()
    heights = [float(y) for y in re.findall(r'y="([\d.]+)"[^>]*>(?:tutorial|peer)<', drawn)]
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) > 9  # points
    assert "absent" not in drawn


def test_all_start_alike() -> None:
    for case in CASES[:3]:
        for one, other in zip(case.parameters(), case.parameters(), strict=True):
            np.testing.assert_array_equal(one, other)
    assert len({c.name for c in competitors.COMPETITORS}) == len(competitors.COMPETITORS)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--rounds", "1"], "--rounds is 1: quartiles need at least 2"),
        (["--threads", "0"], "--threads is 0: it must be at least 1"),
        (["--competitors", "nobody"], "--competitors: 'nobody' is none of tutorial"),
        (["--cases", "huge"], "--cases: nothing begins with 'huge'; there are: XOR"),
        (["--output", "/no/such/folder/x.md"], "--output: there is no folder /no/such/folder"),
        (["--plot", "steps.txt"], "--plot: the name must end with .png"),
    ],
)
def test_mistakes_are_one_clear_sentence(arguments: Any, sentence: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.main(arguments)
    assert stopped.value.code == 2
    assert sentence in capsys.readouterr().err


def test_the_model_of_parallel_training_finds_its_constants_and_has_a_picture() -> None:
    latency, bandwidth, sizes = 2e-5, 1e9, list(parallel.NETWORKS[0])
    sums = [
        {"entries": n, "best": {"two": parallel.exchange(2, 8 * n, latency, bandwidth)}}
        for n in parallel.SIZES
    ]
    steps: dict[str, Any] = {
        "sizes": sizes,
        "batch": 64,
        "means": {"plain": [1e-3, 2e-3], "one": [1e-3, 2e-3], "two": [5e-4, 4e-3]},
        "best": {"plain": 1e-3, "one": 9e-4, "two": 4e-4},
    }
    serial = {"sizes": sizes, "best": {"serial": 1e-4}}
    figures: dict[str, Any] = {"sums": sums, "steps": [steps], "serial": [serial]}
    assert parallel.constants(figures) == pytest.approx((latency, bandwidth))
    more = {**steps, "batch": 256, "best": {**steps["best"], "plain": 3e-3}}
    speed_up = parallel.predicted(figures, [steps, more], 2, (0, 8e12))  # fixed: 1/3 ms
    assert speed_up == pytest.approx(3 / (1 / 3 + 4 / 3 + 0.1), rel=1e-3)
    row = parallel.report(figures, 2).splitlines()[2].split("|")
    assert [cell.strip() for cell in row[1:-1]] == [
        "64-32-10", "64", "1.5 (1)", "1.5 (0.9)", "2.25 (0.4)", "1.25", "2.50",
    ]  # fmt: skip
    assert b"</svg>" in parallel.draw(figures)
