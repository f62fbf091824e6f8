"""What code may do that a judge must survive, notice and say: through the API and the command."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import cli
from autograd_nn.compare import diagnose
from autograd_nn.compare.diagnosis import Diagnosis, DiagnosisVerdict
from autograd_nn.compare.diagnosis.engine import Examination
from autograd_nn.compare.diagnosis.judging import Trial
from autograd_nn.compare.diagnosis.probes import SQUARE, points
from autograd_nn.compare.diagnosis.problem import Point
from autograd_nn.compare.diagnosis.purity import is_pure
from autograd_nn.errors import DiagnosisInputError
from backward_passes import load, program
from test_diagnosis_cli import RIGHT

EXACT = DiagnosisVerdict.EXACT
UNDECIDED = DiagnosisVerdict.CANNOT_DECIDE


def judged(name: str, right: str = "", wrong: str = "", **options: Any) -> Diagnosis:
    return diagnose(*program(name, right, wrong).arguments(), **options)


# ---- what is called --------------------------------------------------------------------------


def test_functions_that_no_run_calls_are_not_called(tmp_path: Path) -> None:
    made = tmp_path / "made.txt"
    text = program("sigmoid", "d2 = e2 * ds(z2)", "d2 = e2 * ds(a2)").text
    text += f"def save(path):\n    open({str(made)!r}, 'w').write(str(path))\n    return path\n"
    (blame,) = diagnose(*load(text, "saver").arguments()).blame
    assert blame.verified
    assert not made.exists()


def writes(x: Any) -> Any:
    x[0] = 1
    return x


def in_place(x: Any) -> Any:
    x *= 2
    return x


def slope(a: Any) -> Any:
    return np.where(a > 0, 1.0, 0.1 * np.exp(a))


def by_another(a: Any) -> Any:
    return slope(a) * max(float(np.sum(a)), 0.0)


def opens(path: Any) -> Any:
    return open(path)  # noqa: PTH123 (it is never called)


@pytest.mark.parametrize(
    ("function", "pure"),
    [(slope, True), (by_another, True), (writes, False), (in_place, False), (opens, False)],
)
def test_what_only_computes_is_told_from_what_does_more(function: Any, pure: bool) -> None:  # noqa: FBT001 (a row)
    assert is_pure(function) is pure
    saving: Any = lambda path: np.save(path, path)  # noqa: E731 (a function as short as can be)
    assert not is_pure(saving)


def test_a_helper_that_the_code_forgot_to_call_is_offered() -> None:
    text = program("sigmoid", "d2 = e2 * ds(z2)", "d2 = e2").text.replace("ds(z1)", "a1 * (1 - a1)")
    (blame,) = diagnose(*load(text, "forgot").arguments()).blame
    assert "ds(z2)" in " ".join([str(blame.repair), *blame.ties])


def test_calls_from_several_threads_wait_for_each_other() -> None:
    wrong = program("sigmoid", "d2 = e2 * ds(z2)", "d2 = e2 * ds(a2)").arguments()
    alone = str(diagnose(*wrong))
    found: list[str] = []

    def work() -> None:
        found.append(str(diagnose(*wrong)))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 3


# ---- what is noticed -------------------------------------------------------------------------


def test_a_cache_that_is_changed_is_said() -> None:
    found = judged("sigmoid", "e2 = a2 - y", "e2 = a2; e2 -= y")
    assert found.verdict is EXACT
    assert "backward changes its argument cache in place" in found.notes[0]


def test_parameters_that_are_changed_may_be_an_update() -> None:
    with pytest.raises(DiagnosisInputError, match=r"changes its argument params; .*'update'"):
        judged("sigmoid", "e2 = a2 - y", "e2 = a2 - y; p['W1'] *= 2")


@pytest.mark.parametrize(
    ("right", "wrong", "first"),
    [
        ("d1 = e1 * ds(z1)", "d1 = e1 * ds(z1) * np.random.random()", "W1"),
        ("return 0.5 *", "return np.random.random() *", "the loss"),
        ("a1 = s(z1)", "a1 = s(z1) * np.random.random()", "the loss"),
        ("e2 = a2 - y", "s.n = getattr(s, 'n', 0) + 1; e2 = (a2 - y) * s.n", "W1"),
    ],
)
def test_runs_that_differ_leave_it_undecided(right: str, wrong: str, first: str) -> None:
    found = judged("sigmoid", right, wrong)
    assert found.verdict is UNDECIDED
    assert found.reason.startswith(f"Two runs at the same point differ, first in {first}:")


def test_shapes_are_mended_by_name_and_the_rest_is_judged() -> None:
    found = judged("sigmoid", "dW1 = x.T @ d1", "dW1 = (x.T @ d1).T")
    assert "'W1' has shape (4, 3), not (3, 4); its transpose fits and agrees" in found.notes[0]
    rows = {
        row.parameter: row.verdict.name for row in found.comparison.rows if row.source == "hand"
    }
    assert rows["b1"] == rows["W2"] == "AGREES"


def test_a_gradient_that_broadcasting_grew_is_noted() -> None:
    notes = judged("sigmoid", "d1 = e1 * ds(z1)", "d1 = e1[:, None] * ds(z1)").notes
    assert "The gradient of 'W1' has shape (5, 3, 4), not (3, 4); its sum over axis 0" in notes[0]


def test_whole_numbers_as_gradients_are_noted() -> None:
    found = judged("sigmoid", "db1 = d1.sum(axis=0)", "db1 = d1.sum(axis=0).astype(int)")
    assert found.verdict is not EXACT
    assert any("'b1' has dtype int64, which holds no fractions" in note for note in found.notes)


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("return 0.5 * np.sum((out - y) ** 2)", "pass", "loss returned NoneType, not a number"),
        ("return 0.5 *", "return 1j *", "loss returned complex, not a number"),
        ("e2 = a2 - y", "import no_such", "backward needs no_such, which is not installed"),
        ("e2 = a2 - y", "raise SystemExit(4)", "backward failed: SystemExit: 4"),
        ("e2 = a2 - y", "e2 = a2 - q", "backward failed: NameError: name 'q' is not defined"),
    ],
)
def test_code_that_fails_is_one_sentence(right: str, wrong: str, sentence: str) -> None:
    with pytest.raises(DiagnosisInputError) as caught:
        judged("sigmoid", right, wrong)
    assert str(caught.value).startswith(f"diagnose: {sentence}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"rng": "x"}, "argument rng is str; pass a Generator or a seed"),
        ({"lr": 0.0}, "argument lr is 0.0; pass a number other than 0"),
        ({"inputs": np.zeros((0, 3))}, "argument inputs is empty; pass at least one sample"),
    ],
)
def test_arguments_that_make_no_sense_are_one_sentence(options: Any, sentence: str) -> None:
    names = ("forward", "backward", "loss", "params", "inputs", "targets")
    given: Any = dict(zip(names, program("sigmoid").arguments(), strict=True))
    with pytest.raises(DiagnosisInputError, match=sentence):
        diagnose(**given | options)


# ---- how it is judged ------------------------------------------------------------------------


def test_the_second_witness_has_its_rows() -> None:
    found = judged("sigmoid").comparison
    assert {row.source for row in found.rows} == {"hand", "complex step"}
    assert found.reference == "autograd"
    kinked = judged("softmax", "np.maximum(0, Z1)", "np.abs(Z1)", rng=1).comparison
    assert {row.source for row in kinked.rows} == {"hand", "difference quotient"}


def test_one_probe_is_square_and_others_are_of_distinct_primes() -> None:
    params = {"W": np.ones((3, 4)), "V": np.ones((4, 2))}
    given = Point(params, np.ones((6, 3)), np.ones((6, 2)))
    source = points(given, np.random.default_rng(0))
    shapes = [next(source).params["W"].shape + given.params["V"].shape[1:] for _ in range(6)]
    assert (SQUARE, SQUARE, 2) in shapes
    assert all(n in (2, 3, 5, 7, 11) for n in shapes[0][:2])
    assert shapes[0][0] != shapes[0][1]


def test_a_transpose_that_shows_where_it_is_square_is_noted() -> None:
    silent = "W = p['W2']; W = W.T if len(W) ** 2 == W.size else W; e1 = d2 @ W.T  # "
    found = judged("sigmoid", "e1 = d2 @ p", silent)
    assert found.verdict is EXACT
    assert any("right for the given shapes alone" in note for note in found.notes)


def test_a_judge_who_notices_nothing_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trial, "right", lambda self, *_: set(self.truth))
    found = judged("sigmoid")
    assert found.verdict is UNDECIDED
    assert found.reason.startswith("A mistake that was planted in line ")
    monkeypatch.setattr(Examination, "imprecise", staticmethod(lambda _: "nothing is seen"))
    assert judged("sigmoid").reason == "Nothing is seen."


# ---- the command -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("e = y - t", "while True: pass", "did not finish within 2 seconds"),
        ("e = y - t", "import no_such", "backward needs no_such, which is not installed"),
        ("e = y - t", "raise SystemExit", "ended the program (SystemExit: )"),
        ("e = y - t", "x *= 2; e = y - t", "backward changes its argument inputs"),
        ("return dw1, dw2", "return dw1", "backward returned no gradient of 'w2'"),
        ("w1 = np.random.randn(n_in, ", "w1 = np.ones((n_in, n_hidden), int)  # ", "dtype int64"),
        ("return dw1, dw2", "return dw1 dw2", "right.py, line 22, does not parse"),
    ],
)
def test_hazards_end_the_command_with_3_and_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], right: str, wrong: str, sentence: str
) -> None:
    path, output = tmp_path / "right.py", tmp_path / "report.html"
    assert right in RIGHT
    path.write_text(RIGHT.replace(right, wrong))
    timeout = "2" if "while" in wrong else "60"
    command = ["diagnose", str(path), "--timeout", timeout, "--output", str(output)]
    assert cli.main(command) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1
    assert "diagnose: diagnose:" not in err
    assert not output.exists()
