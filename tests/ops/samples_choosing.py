"""Samples of autograd_nn/ops/choosing.py."""

from inspect import signature
from typing import Any

import numpy as np

from autograd_nn.ops.choosing import where
from oracles import Function
from samples import Sample, about, each, mask, normal, row, spaced

LEFT = np.array([True, True, False, False])
ODD = np.array([False, True, False, True])
ROWS = np.array([[True], [False], [True]])


def spelled(entry: Any, call: Function) -> Function:
    """Name the entry of a call whose data stand inside lists or keywords."""
    call.forward = entry  # type: ignore[attr-defined]  # where Sample looks for it
    return call


SAMPLES: list[Sample] = [
    each(where, mask(4), normal(4), normal(4)),
    row(np.where, mask(3, 4), normal(4), normal(3, 1)),
    row(np.where, mask(4), normal(3, 1), 0.0),
    row(np.where, mask(3, 4), 1.0, normal()),
    row(np.where, np.array(True), normal(3), normal()),  # noqa: FBT003
    *[
        row(spelled(np.select, call), normal(4), normal(3, 1))
        for call in (
            lambda x, y: np.select([LEFT, ODD], [x, y]),
            lambda x, y: np.select((LEFT, ROWS), (1.0, y), x),
            lambda x, y: np.select([ODD & ROWS, LEFT], [x, 2 * x], default=y),
        )
    ],
    row(spelled(np.select, lambda x: np.select(np.array([LEFT, ODD]), x, 7)), normal(2, 4)),
    row(np.piecewise, normal(4), [LEFT, ODD], [np.sin, np.square, np.exp]),
    row(np.piecewise, normal(3, 4), [ROWS[:, 0]], [np.sin, 2.0]),
    row(np.piecewise, normal(4), LEFT, [lambda x, a: a * x, lambda x, a: x**2 - a], 3.0),
    row(np.piecewise, normal(4), [LEFT], [lambda x, a=1: a * x], a=2.0),
    row(np.piecewise, normal(), [True, False], [np.cos, np.sin]),
    row(np.choose, np.array([[0], [1], [1]]), normal(2, 4)),
    *[
        row(spelled(np.choose, call), normal(4), normal(3, 1))
        for call in (
            lambda x, y: np.choose([2, 0, 1, 1], [x, y, 1.0]),
            lambda x, y: np.choose([0, 5, 1, -1], (x, y), mode="wrap"),
            lambda x, y: np.choose([[0, 5, 1, -1]], [x, y], mode="clip"),
        )
    ],
    each(np.maximum, spaced(3, 4), about(0.0, 4)),
    each(np.maximum, spaced(3, 4), 0.0),
    each(np.minimum, about(0.5, 3, 1), spaced(3, 4)),
    each(np.fmax, spaced(3, 4), about(0.0, 4)),
    each(np.fmax, 0.0, spaced(3, 4)),
    each(np.fmin, about(0.5, 3, 1), spaced(3, 4)),
    row(np.clip, spaced(3, 4), -0.5, 0.5),
    row(np.clip, spaced(3, 4), about(-0.5, 4), about(0.5, 3, 1)),
    row(np.clip, spaced(3, 4), None, 0.5),
    row(np.clip, spaced(3, 4), a_min=0.0, a_max=None),
]

if "min" in signature(np.clip).parameters:  # since NumPy 2.1
    SAMPLES += [
        row(spelled(np.clip, lambda x, y: np.clip(x, min=y)), spaced(3, 4), about(0.0, 4)),
        row(np.clip, spaced(3, 4), min=-0.5, max=0.5),
    ]
