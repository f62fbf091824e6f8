"""Samples of autograd_nn/ops/fourier.py."""

from typing import Any

import numpy as np

from oracles import Function
from samples import Sample, normal, row


class Parts:
    """A function of a complex number as one of its parts, so that the judges of reals apply."""

    def __init__(self, forward: Function) -> None:
        self.forward = forward

    def __call__(self, x: Any, y: Any = None, **params: Any) -> Any:
        out = self.forward(x if y is None else x + 1j * y, **params)
        return np.stack([np.real(out), np.imag(out)]) if out.dtype.kind == "c" else out


def real(function: Function, *shape: int, **params: Any) -> Sample:
    return row(Parts(function), normal(*shape), analytic=False, **params)


def both(function: Function, *shape: int, **params: Any) -> list[Sample]:
    """Make a row for a real argument and one for a complex argument."""
    parts = row(Parts(function), normal(*shape), normal(*shape), analytic=False, **params)
    return [real(function, *shape, **params), parts]


LENGTHS: list[dict[str, Any]] = [{}, {"n": 1}, {"n": 3}, {"n": 4, "norm": "ortho"}, {"n": 9}]
ALONG: list[dict[str, Any]] = [
    {"axis": 0, "norm": "backward"},
    {"axis": -1, "norm": "ortho"},
    {"axis": -2, "norm": "forward", "n": 4},
]
SEVERAL: list[dict[str, Any]] = [
    {},
    {"axes": (0, 2), "norm": "ortho"},
    {"s": (2, 5), "axes": (-1, 0)},
    {"s": (-1, 3), "axes": (0, 1), "norm": "forward"},
]
OF_REALS = [np.fft.rfft, np.fft.ihfft]

SAMPLES: list[Sample] = [
    *[
        sample
        for f in (np.fft.fft, np.fft.ifft, np.fft.irfft, np.fft.hfft)
        for shape, params in [((5,), LENGTHS), ((4,), LENGTHS[:3]), ((3, 4), ALONG)]
        for p in params
        for sample in both(f, *shape, **p)
    ],
    *[real(f, n, **p) for f in OF_REALS for n in (4, 5) for p in LENGTHS],
    *[real(f, 3, 4, **p) for f in OF_REALS for p in ALONG],
    *[real(f, 1) for f in (np.fft.fft, np.fft.rfft)],
    *[
        sample
        for f in (np.fft.fftn, np.fft.ifftn, np.fft.irfftn)
        for p in SEVERAL
        for sample in both(f, 2, 3, 4, **p)
    ],
    *[real(np.fft.rfftn, 2, 3, 4, exact=False, **p) for p in SEVERAL],  # NumPy 2.0: other order
    *both(np.fft.fftn, 3, 4, s=(2, 5), axes=(0, 0)),
    *[
        sample
        for f in (np.fft.fft2, np.fft.ifft2, np.fft.irfft2)
        for p in ({}, {"s": (4, 3), "norm": "ortho"})
        for sample in both(f, 2, 3, 3, **p)
    ],
    *[real(np.fft.rfft2, 2, 3, 3, **p) for p in ({}, {"s": (4, 3), "norm": "ortho"})],
    *[row(f, normal(5)) for f in (np.fft.fftshift, np.fft.ifftshift)],
    *[
        row(f, normal(3, 4), axes=axes)
        for f in (np.fft.fftshift, np.fft.ifftshift)
        for axes in (None, 0, (0, 1))
    ],
]
