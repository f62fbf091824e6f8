"""Twins of primitives: what a program is made of."""

from typing import Any

import numpy as np

import autograd_nn as ag
from autograd_nn.primitive import Primitive


def test_a_fused_primitive_is_recorded_in_the_steps_of_its_formula() -> None:
    def scaled_sine(x: Any) -> Any:
        y = np.array(x)
        return np.sin(np.multiply(y, 3.0, y), y)

    fused = Primitive(scaled_sine, [lambda v, _y, x: v * (3 * np.cos(3 * x))], [None])
    x = np.array([1.0, 2.0])
    whole = ag.compile(ag.value_and_grad(lambda x: np.sum(fused(x))), x)
    fused.formula = lambda x: np.sin(3 * x)
    steps = ag.compile(ag.value_and_grad(lambda x: np.sum(fused(x))), x)
    assert "scaled_sine" in [i.name for i in whole.program.instructions]
    names = [i.name for i in steps.program.instructions]
    assert "scaled_sine" not in names
    assert names.count("multiply") == 2  # 3 * x once, and 3 * cos
    for one, other in zip(steps(x + 1), whole(x + 1), strict=True):
        assert np.array_equal(one, other)
