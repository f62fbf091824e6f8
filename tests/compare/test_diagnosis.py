"""Mistakes in hand-written backward passes are found, named and repaired; right ones pass."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd_nn import tutorial
from autograd_nn.compare.diagnosis import Diagnosis, DiagnosisVerdict, diagnose, field
from autograd_nn.errors import DiagnosisInputError
from backward_passes import MISTAKES, PROGRAMS, Program, load, program

AMBIGUOUS = {  # another line may be changed as well: a factor on either side of it
    ("dropout", "dh = ddropped * mask"),
    ("dropout", "dz = dh * (dropped > 0) * mask / 0.5"),
}


diagnosed: Any = diagnose


def judged(made: Program, name: str = "") -> Diagnosis:
    found: Diagnosis = diagnosed(
        *made.arguments(), returns="update" if name == "update" else "grads"
    )
    return found


def guilty_line(name: str, wrong: Program) -> int:
    pairs = zip(PROGRAMS[name].split("\n"), wrong.text.split("\n"), strict=False)
    return next(i for i, (right, now) in enumerate(pairs, 1) if right != now)


@pytest.mark.parametrize("name", PROGRAMS)
def test_right_backward_passes_are_exact(name: Any) -> None:
    diagnosis = judged(program(name), name)
    assert diagnosis.verdict is DiagnosisVerdict.EXACT
    assert not diagnosis.blame
    assert diagnosis.comparison.agrees


@pytest.mark.parametrize(("name", "right", "wrong", "mistake"), MISTAKES)
def test_mistakes_are_found_named_and_repaired(
    name: Any, right: Any, wrong: Any, mistake: Any
) -> None:
    made = program(name, right, wrong)
    diagnosis = judged(made, name)
    assert diagnosis.verdict is not DiagnosisVerdict.EXACT
    (blame,) = diagnosis.blame
    assert blame.verified
    if (name, wrong) not in AMBIGUOUS:
        assert blame.mistake == mistake
        assert blame.line == guilty_line(name, made) + (name == "update")
        assert blame.code in made.text


def test_every_class_of_mistake_is_planted() -> None:
    assert len({mistake for *_, mistake in MISTAKES}) == 16


# ---- the tutorial's case ---------------------------------------------------------------------

RENAMED = """
import numpy as np
def squash(v):
    return 1 / (1 + np.exp(-v))
def slope(v):
    return squash(v) * (1 - squash(v))
def run(rows, first, second):
    pre1 = np.dot(rows, first["m"]) + first["o"]
    post1 = squash(pre1)
    pre2 = np.dot(post1, second["m"]) + second["o"]
    post2 = squash(pre2)
    return post1, post2
def learn(rows, first, second, post1, post2, wanted, rate):
    miss = wanted - post2
    kick2 = miss * slope(post2)
    back = np.dot(kick2, second["m"].T)
    kick1 = back * slope(post1)
    second["m"] += rate * np.dot(post1.T, kick2)
    second["o"] += rate * np.sum(kick2, axis=0)
    first["m"] += rate * np.dot(rows.T, kick1)
    first["o"] += rate * np.sum(kick1, axis=0)
def forward(nets, rows):
    posts = run(rows, nets["first"], nets["second"])
    return posts[1], posts
def backward(nets, rows, wanted, output, posts, rate):
    learn(rows, nets["first"], nets["second"], *posts, wanted, rate)
def loss(output, wanted):
    return 0.5 * np.sum((output - wanted) ** 2)
def problem(rng):
    nets = {"first": {"m": rng.normal(size=(3, 5)), "o": rng.normal(size=5)},
            "second": {"m": rng.normal(size=(5, 2)), "o": rng.normal(size=2)}}
    return nets, rng.normal(size=(7, 3)), rng.random((7, 2))
"""


def test_the_tutorial_under_other_names_and_sizes() -> None:
    made = load(RENAMED, "renamed")
    diagnosis = diagnosed(*made.arguments(), returns="update")
    assert diagnosis.verdict is DiagnosisVerdict.NOT_A_DESCENT
    first, second = diagnosis.blame
    assert (first.variable, second.variable) == ("kick2", "kick1")
    assert {first.mistake, second.mistake} == {"double-derivative"}
    assert first.repair is not None
    assert second.repair is not None
    assert first.repair.startswith("replace `post2` by `pre2`")
    assert second.repair.startswith("replace `post1` by `pre1`")
    assert any("post2 * (1 - post2)" in tie for tie in first.ties)
    right = {line.variable for line in diagnosis.exact}
    fed_wrong = {line.variable for line in diagnosis.contaminated}
    assert "miss" in right
    assert fed_wrong == {"back", "second['m']", "second['o']", "first['m']", "first['o']"}


def test_the_counterexample_raises_the_loss() -> None:
    made = load(RENAMED, "renamed")
    found = diagnosed(*made.arguments(), returns="update").counterexample
    assert found is not None
    nets = found["params"]
    before = made.namespace.loss(made.namespace.forward(nets, found["inputs"])[0], found["targets"])
    output, posts = made.namespace.forward(nets, found["inputs"])
    made.namespace.backward(
        nets, found["inputs"], found["targets"], output, posts, found["learning_rate"]
    )
    after = made.namespace.loss(made.namespace.forward(nets, found["inputs"])[0], found["targets"])
    assert after > before
    assert found["cosine"] < 0


@pytest.mark.parametrize("seed", [2, 3, 14, 15])  # random points alone would find none
def test_a_counterexample_is_found_near_the_worst_point(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(field, "TRIES", 40)
    monkeypatch.setattr(field, "RANDOM", 8)
    diagnosis = diagnosed(*load(RENAMED, "renamed").arguments(), returns="update", rng=seed)
    assert diagnosis.verdict is DiagnosisVerdict.NOT_A_DESCENT


def test_one_of_two_mistakes_mended_leaves_the_gradient_of_another_loss() -> None:
    text = RENAMED.replace("slope(post1)", "post1 * (1 - post1)")
    diagnosis = diagnosed(*load(text, "half mended").arguments(), returns="update")
    assert diagnosis.verdict is DiagnosisVerdict.GRADIENT_OF_ANOTHER_LOSS
    assert [blame.variable for blame in diagnosis.blame] == ["kick2"]


def test_code_in_the_blocks_of_a_text(tmp_path: Path) -> None:
    blocks = RENAMED.strip().split("def run")
    text = "Words.\n\n```python\n{}\n```\n\nWords.\n\n```python\ndef run{}\n```\n".format(*blocks)
    file = tmp_path / "tutorial.md"
    file.write_text(text)
    inside, lines = False, []
    for line in text.split("\n"):
        fence = line.startswith("```")
        inside = inside != fence
        lines.append("" if fence or not inside else line)
    names: dict[str, Any] = {"__name__": "tutorial"}
    exec(compile("\n".join(lines), str(file), "exec"), names)  # noqa: S102 (it is ours)
    made = Program(SimpleNamespace(**names), text)
    diagnosis = diagnosed(*made.arguments(), returns="update")
    assert [blame.line for blame in diagnosis.blame] == [
        made.line("kick2 = miss"),
        made.line("kick1 = back"),
    ]
    assert diagnosis.blame[0].file == str(file)


def test_the_packages_own_printed_rule() -> None:
    def forward(params: Any, x: Any) -> Any:
        hidden, output = tutorial.forward_propagation(x, params["hidden"], params["output"])
        return output, (hidden, output)

    def backward(params: Any, x: Any, y: Any, output: Any, cache: Any, lr: Any) -> None:
        del output
        layers = params["hidden"], params["output"]
        tutorial.mended_backward_propagation(x, *layers, cache[0], cache[1], y, lr)

    hidden, output = tutorial.initialize_network(3, 4, 2, rng=0)
    x, y = np.random.default_rng(0).random((2, 5, 3))
    diagnosis = diagnose(
        *(forward, backward, tutorial.half_sse),
        *({"hidden": hidden, "output": output}, x, y[:, :2]),
        returns="update",
    )
    assert diagnosis.verdict is DiagnosisVerdict.EXACT


# ---- constants -------------------------------------------------------------------------------

LINEAR = """
import numpy as np
def forward(p, x):
    return np.tanh(x @ p["W"] + p["b"]), None
def loss(out, y):
    return LOSS
def backward(p, x, y, out, cache):
    d = (out - y) * (1 - out ** 2)
    return {"W": x.T @ d, "b": d.sum(axis=0)}
def problem(rng):
    p = {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}
    return p, rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
"""


@pytest.mark.parametrize(
    ("loss", "factor"),
    [
        ("0.5 * np.sum((out - y) ** 2) / len(y)", "N"),
        ("0.5 * np.sum((out - y) ** 2) * len(y)", "1/N"),
        ("np.sum((out - y) ** 2)", "1/2"),
        ("0.25 * np.sum((out - y) ** 2)", "2"),
        ("-0.5 * np.sum((out - y) ** 2)", "-1"),
        ("np.mean((out - y) ** 2)", "N*K/2"),
        ("0.5 * np.mean((out - y) ** 2)", "N*K"),
        ("np.sum((out - y) ** 2) / len(y)", "N/2"),
        ("0.5 * np.sum((out - y) ** 2) / y.shape[1]", "K"),
    ],
)
def test_constants_are_named(loss: Any, factor: Any) -> None:
    diagnosis = judged(load(LINEAR.replace("LOSS", loss), loss))
    assert diagnosis.verdict is DiagnosisVerdict.EXACT_UP_TO_A_FACTOR
    assert diagnosis.factor == {"W": factor, "b": factor}


def test_a_learning_rate_that_is_folded_in_is_named() -> None:
    text = PROGRAMS["update"].replace('net["w1"] += lr *', 'net["w1"] += lr * lr *')
    diagnosis = judged(load(text, "folded"), "update")
    assert diagnosis.factor == {"w1": "lr"}


# ---- verdicts and notes ----------------------------------------------------------------------


def test_a_tiny_constant_in_the_loss_is_no_mistake() -> None:
    text = LINEAR.replace('np.tanh(x @ p["W"] + p["b"])', "1 / (1 + np.exp(-x @ p['W'] - p['b']))")
    text = text.replace("(out - y) * (1 - out ** 2)", "out - y")
    text = text.replace(
        "LOSS", "-np.sum(y * np.log(out + 1e-9) + (1 - y) * np.log(1 - out + 1e-9))"
    )
    text = text.replace("rng.normal(size=(5, 2))", "rng.integers(0, 2, (5, 2)).astype(float)")
    assert judged(load(text, "tiny")).verdict is DiagnosisVerdict.EXACT


def test_a_regularisation_that_no_line_adds_is_named() -> None:
    text = LINEAR.replace("def loss(out, y):", "def loss(out, y, p):")
    text = text.replace("LOSS", '0.5 * np.sum((out - y) ** 2) + 0.15 * np.sum(p["W"] ** 2)')
    text = text.replace(
        'return {"W": x.T @ d, "b": d.sum(axis=0)}', 'g = {}; g["W"], g["b"] = both(x, d); return g'
    )
    text += "def both(x, d):\n    return x.T @ d, d.sum(axis=0)\n"
    (blame,) = judged(load(text, "unregularised")).blame
    assert blame.mistake == "regularisation"
    assert "lacks 0.3 times the parameter" in blame.explanation


def test_random_numbers_leave_it_undecided() -> None:
    text = PROGRAMS["sigmoid"].replace("d1 = e1 * ds(z1)", "d1 = e1 * ds(z1) * np.random.random()")
    diagnosis = judged(load(text, "random"))
    assert diagnosis.verdict is DiagnosisVerdict.CANNOT_DECIDE
    assert "random" in diagnosis.reason


def test_the_first_line_that_overflows_is_named() -> None:
    text = PROGRAMS["sigmoid"].replace("a1 = s(z1)", "a1 = np.log(np.minimum(z1, 0) - 1)")
    diagnosis = judged(load(text, "overflow"))
    assert diagnosis.verdict is DiagnosisVerdict.CANNOT_DECIDE
    assert "line 9 of <overflow> makes it first: a1 = np.log" in diagnosis.reason


def test_either_side_of_a_kink_is_accepted() -> None:
    text = LINEAR.replace("np.tanh(x @", "np.maximum(0, x @").replace("1 - out ** 2", "out > 0")
    made = load(text.replace("LOSS", "0.5 * np.sum((out - y) ** 2)"), "kink")
    n = made.namespace
    params = {"W": np.zeros((3, 2)), "b": np.zeros(2)}
    diagnosis = diagnose(n.forward, n.backward, n.loss, params, np.ones((5, 3)), np.ones((5, 2)))
    assert diagnosis.verdict is DiagnosisVerdict.EXACT
    assert any("kink" in note for note in diagnosis.notes)


def test_float32_is_judged_in_float64() -> None:
    made = program("sigmoid")
    n = made.namespace
    params, x, y = n.problem(np.random.default_rng(0))
    narrow = {name: p.astype(np.float32) for name, p in params.items()}
    found = diagnose(n.forward, n.backward, n.loss, narrow, np.float32(x), np.float32(y))
    assert found.verdict is DiagnosisVerdict.EXACT
    assert any("float32" in note for note in found.notes)


def test_what_overflows_in_float32_alone_is_noted() -> None:
    made = load(LINEAR.replace("LOSS", "0.5 * np.sum((out - y) ** 2)"), "narrow")
    n = made.namespace
    params, x, _ = n.problem(np.random.default_rng(0))
    narrow = {name: p.astype(np.float32) for name, p in params.items()}
    y = np.full((5, 2), 3e19, np.float32)
    found = diagnose(n.forward, n.backward, n.loss, narrow, np.float32(x), y)
    assert found.verdict is DiagnosisVerdict.EXACT
    assert any("overflows" in note for note in found.notes)


def test_code_without_source_is_judged_by_numbers_alone() -> None:
    names: dict[str, Any] = {}
    exec(PROGRAMS["sigmoid"].replace("d1 = e1 * ds(z1)", "d1 = e1"), names)  # noqa: S102 (it is ours)
    problem = names["problem"](np.random.default_rng(0))
    diagnosis = diagnose(names["forward"], names["backward"], names["loss"], *problem)
    assert diagnosis.verdict is not DiagnosisVerdict.EXACT
    assert not diagnosis.blame
    assert any("No line" in note for note in diagnosis.notes)


def test_python_numbers_and_lists_are_judged() -> None:
    text = """
import math
import numpy as np
def forward(p, x):
    h = [math.tanh(p["w"][i] * x[i]) for i in range(2)]
    return p["v"][0] * h[0] + p["v"][1] * h[1], h
def loss(out, y):
    return 0.5 * (out - y) ** 2
def backward(p, x, y, out, h):
    d = float(out - y)
    gv = [d * h[0], d * h[1]]
    gw = [d * p["v"][0] * (1 - h[0] ** 2) * x[0], WRONG]
    return {"w": np.array(gw), "v": np.array(gv)}
"""
    problem: Any = (
        {"w": np.array([0.3, -0.8]), "v": np.array([1.2, 0.7])},
        np.array([0.5, 1.5]),
        0.4,
    )
    for last, verdict in (
        ('d * p["v"][1] * (1 - h[1] ** 2) * x[1]', DiagnosisVerdict.EXACT),
        ('d * p["v"][1] * (1 - h[0] ** 2) * x[1]', None),
    ):
        n = load(text.replace("WRONG", last), last).namespace
        diagnosis = diagnose(n.forward, n.backward, n.loss, *problem)
        assert verdict is None or diagnosis.verdict is verdict
        assert verdict is not None or diagnosis.blame[0].variable == "gw[1]"


def test_functions_are_left_as_they_were() -> None:
    made = program("sigmoid", "d2 = e2 * ds(z2)", "d2 = e2 * ds(a2)")
    n = made.namespace
    codes = n.forward.__code__, n.backward.__code__, n.ds.__code__
    names = set(n.forward.__globals__)
    judged(made)
    assert codes == (n.forward.__code__, n.backward.__code__, n.ds.__code__)
    assert set(n.forward.__globals__) == names
    assert n.forward.__globals__["np"] is np


def test_arrays_among_the_names_of_a_module_are_no_obstacle() -> None:
    text = PROGRAMS["sigmoid"].replace("d2 = e2 * ds(z2)", "d2 = e2 * ds(a2)")
    (blame,) = judged(load("data = __import__('numpy').eye(2)" + text, "data")).blame
    assert blame.mistake == "double-derivative"


def test_results_repeat() -> None:
    made = program("sigmoid", "d2 = e2 * ds(z2)", "d2 = e2 * ds(a2)")
    assert str(judged(made)) == str(judged(made))


# ---- bad input -------------------------------------------------------------------------------


def with_program(**changes: Any) -> Diagnosis:
    made = program("sigmoid")
    n = made.namespace
    params, x, y = n.problem(np.random.default_rng(0))
    given = {
        "forward": n.forward, "backward": n.backward, "loss": n.loss,
        "params": params, "inputs": x, "targets": y, **changes,
    }  # fmt: skip
    return diagnose(**given)


def grads(change: Any) -> Any:
    n = program("sigmoid").namespace

    def backward(*args: Any) -> Any:
        return change(n.backward(*args))

    return backward


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"backward": 3}, "argument backward is int; pass a function"),
        ({"returns": "delta"}, "argument returns is 'delta'"),
        ({"params": {}}, "argument params holds no array"),
        ({"params": {"W1": np.ones((3, 4), int)}}, "'W1' has dtype int64, which has no gradient"),
        ({"params": {"W1": np.full(2, np.nan)}}, "'W1' is not finite"),
        ({"inputs": np.full((5, 3), np.inf)}, "argument inputs is not finite"),
        ({"params": {"W1": object()}}, "'W1' is object, not an array"),
        ({"loss": lambda out, y: (out - y) ** 2}, "loss returned an array of shape"),
        ({"loss": lambda out, y: out @ y}, "loss failed: ValueError"),
        ({"forward": lambda p, x: x}, "forward returned ndarray; it must return a pair"),
        ({"backward": lambda *_: None}, "backward returned None"),
        ({"backward": grads(lambda g: {"W1": g["W1"]})}, "no gradient of 'b1', only of 'W1'"),
        ({"backward": grads(lambda g: {**g, "W9": 1.0})}, "a gradient of 'W9'"),
    ],
)
def test_bad_input_is_one_clear_sentence(changes: Any, message: str) -> None:
    with pytest.raises(DiagnosisInputError) as caught:
        with_program(**changes)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_backward_that_changes_its_inputs_is_refused() -> None:
    n = program("sigmoid").namespace

    def backward(p: Any, x: Any, *rest: Any) -> Any:
        gradients = n.backward(p, x, *rest)
        x *= 2
        return gradients

    with pytest.raises(DiagnosisInputError, match="backward changes its argument inputs"):
        with_program(backward=backward)


def test_a_wrong_shape_is_noted_with_the_axis_that_mends_it() -> None:
    made = program("sigmoid", "db1 = d1.sum(axis=0)", "db1 = d1")
    notes = " ".join(judged(made).notes)
    assert "'b1' has shape (5, 4), not (4,); its sum over axis 0 fits and agrees" in notes


def test_a_parameter_without_effect_is_noted() -> None:
    n = program("sigmoid").namespace
    params, x, y = n.problem(np.random.default_rng(0))
    params["spare"] = np.ones(3)

    def backward(*args: Any) -> Any:
        return {**n.backward(*args), "spare": np.zeros(3)}

    diagnosis = diagnose(n.forward, backward, n.loss, params, x, y)
    assert any("does not depend on the parameter 'spare'" in note for note in diagnosis.notes)
