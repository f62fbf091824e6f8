"""Layers as one node: what their joint rule is asked for."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from autograd_nn import Tensor
from autograd_nn.ops.layers import affine, affine_sigmoid

X = np.linspace(-1, 1, 12).reshape(3, 2, 2)
W = np.linspace(0, 1, 6).reshape(2, 3)
V = np.linspace(2, 3, 18).reshape(3, 2, 3)


def test_one_call_brings_the_cotangents_of_a_layer_but_not_those_of_constants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[list[bool]] = []
    joint: Any = affine_sigmoid.joint

    def spy(v: Any, wanted: Any, *saved: Any) -> Any:
        asked.append([bool(w) for w in wanted])
        return joint(v, wanted, *saved)

    monkeypatch.setattr(affine_sigmoid, "joint", spy)
    weight, bias = (Tensor(p, requires_grad=True) for p in (W, np.zeros(3)))
    affine_sigmoid(X, weight, bias).sum().backward()
    assert asked == [[False, True, True]]


def test_each_argument_can_be_asked_for_alone() -> None:
    joint: Any = affine.joint
    together = joint(V, [True, True, True], None, X, W, None)
    for i, rule in enumerate(affine.vjps):
        wanted = [k == i for k in range(3)]
        terms = joint(V, wanted, None, X, W, None)
        assert [term is not None for term in terms] == wanted
        assert_array_equal(terms[i], together[i])
        assert_array_equal(rule(V, None, X, W, None), together[i])
