"""docs/checkers.md is of this corpus, and what it asks checkers is what the cases say."""

import re

import numpy as np
import pytest

from checkers import PAGE, SETTINGS, Problem, Setting, groups, scipy
from corpus import CASES, Case


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.title)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_problem_is_the_case_on_one_vector(case: Case, setting: Setting) -> None:
    problem = Problem(case, setting)
    gradient = problem.gradient(problem.x)
    assert gradient.shape == problem.x.shape
    assert gradient.dtype == problem.x.dtype == problem.value(problem.x).dtype == setting.dtype


def test_scale_multiplies_the_loss_and_its_gradient() -> None:
    one, large = (Problem(CASES[-1], setting) for setting in (SETTINGS[0], SETTINGS[2]))
    assert large.value(one.x) == pytest.approx(1e4 * one.value(one.x))
    np.testing.assert_allclose(large.gradient(one.x), 1e4 * one.gradient(one.x))


def test_a_checker_tells_right_from_wrong() -> None:
    wrong, _, right = groups().values()
    assert not scipy(Problem(wrong[0], SETTINGS[0]))
    assert scipy(Problem(right[0], Setting("small", scale=1e-2)))


def test_the_page_has_a_row_for_every_checker_and_counts_these_cases() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!checker|---)(.*?) \| (.*) \|$", text, re.MULTILINE)
    assert [name for name, _ in rows] == ["PyTorch", "JAX", "HIPS autograd", "SciPy", "here"]
    sizes = [len(cases) for cases in groups().values()]
    for _, cells in rows[:-1]:
        assert [int(n) for n in re.findall(r"/(\d+)", cells)] == sizes * len(SETTINGS)
