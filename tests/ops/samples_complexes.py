"""Samples of autograd_nn/ops/complexes.py, on real numbers; complex ones are in test_complexes."""

from typing import Any

import numpy as np

from samples import Sample, each, nonzero, normal, row, spaced


def real(x: Any) -> Any:
    """Take the real part of what is no leaf: np.real of a real leaf is that leaf itself."""
    return np.real(2 * x)


def real_if_close(x: Any) -> Any:
    return np.real_if_close(2 * x)


real.forward = np.real  # type: ignore[attr-defined]  # the entry
real_if_close.forward = np.real_if_close  # type: ignore[attr-defined]

SAMPLES: list[Sample] = [
    each(np.conjugate, normal(3, 4), analytic=False),
    row(real, normal(3, 4), analytic=False),
    row(np.imag, normal(3, 4), analytic=False),
    row(np.absolute, spaced(3, 4), analytic=False),
    row(np.sign, spaced(3, 4), analytic=False),
    row(np.angle, nonzero(3, 4), analytic=False),
    row(np.angle, nonzero(3), deg=True, analytic=False),
    row(real_if_close, normal(3, 4), analytic=False),
]
