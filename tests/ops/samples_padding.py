"""Samples of autograd_nn/ops/padding.py."""

from typing import Any

import numpy as np

from samples import Sample, Spelled, normal, row, spaced

WIDTHS: list[Any] = [1, (0, 5), ((1, 2), (4, 0)), ((0, 0), (9, 8)), 0]
MODES: list[dict[str, Any]] = [
    {},
    {"mode": "constant", "constant_values": ((1, 2.5), (3, 4))},
    {"mode": "edge"},
    {"mode": "linear_ramp"},
    {"mode": "linear_ramp", "end_values": (1, 2)},
    {"mode": "mean"},
    {"mode": "mean", "stat_length": ((1, 2), (2, 9))},
    {"mode": "reflect"},
    {"mode": "reflect", "reflect_type": "odd"},
    {"mode": "symmetric"},
    {"mode": "symmetric", "reflect_type": "odd"},
    {"mode": "wrap"},
]
EXTREMES: list[dict[str, Any]] = [
    {"mode": "maximum"},
    {"mode": "maximum", "stat_length": 2},
    {"mode": "minimum", "stat_length": (1, 2)},
]


def with_constants(x: Any, a: Any, b: Any) -> Any:
    return np.pad(x, ((1, 0), (2, 1)), constant_values=((a, 1), (b, a)))


def within_undefined(x: Any) -> Any:
    return np.pad(x, 1, mode="empty")[1:-1, 1:-1]


SAMPLES: list[Sample] = [
    *[row(np.pad, normal(2, 3), widths, **p) for widths in WIDTHS for p in MODES],
    *[row(np.pad, spaced(2, 3), widths, **p) for widths in WIDTHS[1:3] for p in EXTREMES],
    *[row(np.pad, normal(1), 2, **p) for p in MODES if "stat_length" not in p and len(p) < 2],
    row(np.pad, normal(), 2),
    row(np.pad, normal(0, 2), 1),
    row(np.pad, normal(3), 1, constant_values=2.0),
    row(Spelled(np.pad, with_constants), normal(2, 3), normal(), normal()),
    row(Spelled(np.pad, within_undefined), normal(2, 3)),
]
