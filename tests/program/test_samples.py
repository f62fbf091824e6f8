"""Compile every sample call of the table of derivatives: as eager, to the last bit, or refused."""

from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn.errors import TraceError
from samples import Sample, direction
from table import SAMPLES

every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def same(found: Any, expected: Any, *, exact: bool) -> bool:
    found, expected = np.asarray(found), np.asarray(expected)
    if found.dtype != expected.dtype or found.shape != expected.shape:
        return False
    tolerance = 0.0 if exact else 1e-12
    return bool(np.allclose(found, expected, tolerance, tolerance, equal_nan=True))


@every_sample
def test_a_compiled_function_and_its_gradient_are_the_eager_ones(sample: Sample) -> None:
    function, _, xs = sample.pose()
    others = [np.asarray(x * 1.01) for x in xs]
    (u,) = direction(np.asarray(function(*xs)), seed=2)

    def value_and_gradient(*xs: Any) -> Any:
        out, pull = ag.vjp(function, *xs)
        return out, *pull(u)

    try:
        fast = ag.compile(value_and_gradient, *xs)
    except TraceError as refusal:
        assert str(refusal).startswith("compile: ")  # noqa: PT017
        return
    for args in (xs, others):
        expected = value_and_gradient(*args)
        found = fast(*args)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert same(one, other, exact=fast.program.exact)
