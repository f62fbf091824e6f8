"""A bounded run of the fuzzer, and proof that it finds what is wrong."""

import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from autograd_nn import Tensor
from autograd_nn.primitive import Primitive
from autograd_nn.table import TABLE
from fuzz.__main__ import main
from fuzz.conventions import CHOICES, Choice
from fuzz.judge import ORACLES, available, judge
from fuzz.operation import Operation, Unfit
from fuzz.oracles import jax_space, jump, torch_space
from fuzz.programs import Builder, Program, draw_program
from fuzz.runs import MIXTURE, chosen, compose, refused
from fuzz.shrink import shrink
from fuzz.snippet import snippet
from fuzz.table import OPERATIONS

HERE = [oracle for oracle in available(ORACLES) if oracle != "jax"]  # which is slow


@cache
def operations() -> tuple[Operation, ...]:
    return tuple(operation for operation in OPERATIONS.values() if not refused(operation))


programs = st.randoms(use_true_random=False).map(
    lambda random: draw_program(random, operations(), MIXTURE)
)


@settings(max_examples=400)
@given(programs)
def test_compositions_have_the_derivatives_that_the_oracles_find(program: Program) -> None:
    for failure in judge(program, HERE).disagreements:
        pytest.fail(snippet(failure))


def test_a_seed_and_a_number_give_one_program() -> None:
    names = list(OPERATIONS)
    sources = [[compose(seed, i, names).source("numpy") for i in range(20)] for seed in (1, 1, 2)]
    assert sources[0] == sources[1] != sources[2]


def test_a_python_number_is_not_composed_further() -> None:
    """np.poly of nothing is 1.0, which has none of an array's methods."""
    builder = Builder(Random(0), "float64")
    with pytest.raises(Unfit):
        builder.step(OPERATIONS["poly(x)"], {"x": np.zeros(0), "n": 0}, {"x": ("a", "")})


# ---- what is wrong is found --------------------------------------------------------------------


def broken(monkeypatch: pytest.MonkeyPatch, function: Any, **rules: Any) -> None:
    """Replace rules of a function's primitive."""
    primitive: Any = TABLE[function]
    assert isinstance(primitive, Primitive)
    for name, rule in rules.items():
        monkeypatch.setattr(primitive, name, rule)


def wrong_sign(v: Any, _y: Any, x: Any) -> Any:
    return v * np.sin(x)


def right_but_detached(v: Any, _y: Any, x: Any) -> Any:
    """Be right to first order alone."""
    return -v * np.sin(x.value if isinstance(x, Tensor) else x)


def wrong_axes(v: Any, _y: Any, _x: Any, axes: Any = None) -> Any:
    return np.transpose(v, axes)


@pytest.mark.parametrize(
    ("function", "ops", "rules"),
    [
        (np.cos, "cos(x)", {"vjps": [wrong_sign]}),
        (np.cos, "cos(x)", {"jvps": [wrong_sign]}),
        (np.cos, "cos(x)", {"vjps": [right_but_detached], "jvps": [right_but_detached]}),
        (np.transpose, "transpose(x,axes)", {"vjps": [wrong_axes]}),
    ],
)
@pytest.mark.parametrize("oracle", HERE)
def test_a_wrong_rule_is_found(
    monkeypatch: pytest.MonkeyPatch, function: Any, ops: str, rules: Any, oracle: str
) -> None:
    broken(monkeypatch, function, **rules)
    few = [operation for operation in chosen(ops) if operation in operations()]
    found = [judge(draw_program(Random(i), few), [oracle]).disagreements for i in range(20)]
    assert any(found)


def test_a_failure_shrinks_to_a_snippet_that_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(monkeypatch, np.sinh, vjps=[lambda v, _y, x: v * np.sinh(x)])
    failures = (
        failure
        for i in range(10_000)
        if "sinh(x)" in (program := compose(0, i, [o.name for o in operations()])).operations
        for failure in judge(program, ["numeric"]).disagreements
    )
    smallest = shrink(
        next(f for f in failures if len(f.program.steps) > 1), ["numeric"], OPERATIONS
    )
    assert smallest.program.operations == ["sinh(x)"]
    text = snippet(smallest)
    assert "np.sinh(" in text
    exec(text, {})  # noqa: S102 (ours)
    assert "ours:" in capsys.readouterr().out


def test_a_jump_at_just_one_point_is_seen() -> None:
    """LAPACK does not reflect a column that is a multiple of the first unit vector already."""
    a = np.array([[-0.5, 1.5], [0.0, 1.7]])
    assert jump(lambda t: np.linalg.qr(a + t).R) > 0.9
    assert jump(lambda t: np.linalg.qr(a + t + 0.1).R) < 1e-6


def test_the_exit_code_tells() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz", "--n", "20", "--ops", "sin(x)"]
    done = subprocess.run(
        [*command, "--oracle", "numeric"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "20 compositions" in done.stdout
    assert "disagreements: 0" in done.stdout
    with pytest.raises(SystemExit, match="nonsense is none of"):
        main(["--oracle", "nonsense"])
    with pytest.raises(SystemExit, match="no operation is left"):
        main(["--ops", "nonsense"])


# ---- the table and the conventions -------------------------------------------------------------


NOT_COMPOSED = {
    "unique_all", "unique_counts", "unique_inverse",  # several results; unique_values is there
    "histogram_bin_edges", "nextafter", "spacing", "gammasgn",  # steps: slope 0, values uneven
}  # fmt: skip


def test_every_function_of_the_table_of_derivatives_is_in_a_composition() -> None:
    spelled = " ".join(operation.spellings["numpy"] for operation in OPERATIONS.values())
    words = set(re.findall(r"\w+", spelled))
    public = {
        function.__name__.lstrip("_")
        for function in TABLE
        if not getattr(function, "__module__", "").startswith("autograd_nn")
    }
    assert public - words - NOT_COMPOSED == set()


def gradient_of(choice: Choice, oracle: str) -> Any:
    x = np.array(choice.at)
    if oracle == "ours":
        leaf = Tensor(x, requires_grad=True)
        run: Callable[..., Any] = eval(f"lambda x: {choice.numpy}", {"np": np})  # noqa: S307
        np.sum(run(leaf)).backward()
        assert leaf.grad is not None
        return leaf.grad.numpy()
    if oracle == "torch":
        torch = torch_space()["torch"]
        leaf = torch.tensor(x, requires_grad=True)
        eval(f"lambda x: {choice.torch}", {"torch": torch})(leaf).sum().backward()  # noqa: S307
        return leaf.grad.numpy()
    space = jax_space()
    run = eval(f"lambda x: jnp.sum({choice.numpy.replace('np.', 'jnp.')})", space)  # noqa: S307
    return np.asarray(space["jax"].grad(run)(x))


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.numpy)
@pytest.mark.parametrize("oracle", ["ours", "torch", "jax"])
def test_conventions_are_what_they_are_said_to_be(choice: Choice, oracle: str) -> None:
    if oracle != "ours" and not find_spec(oracle):
        pytest.skip(f"{oracle} is not installed")
    found = gradient_of(choice, oracle)
    stated = {"ours": choice.ours, "torch": choice.by_torch, "jax": choice.by_jax}[oracle]
    if oracle == "torch" and choice.by_old_torch and np.array_equal(found, choice.by_old_torch):
        return
    np.testing.assert_array_equal(found, np.asarray(stated))
