"""Fourier transforms: linear, and the discrete Fourier transform is its own transpose."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.errors import ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.indexing import scatter
from autograd_nn.table import composite, linear


def fitted(v: Value, n: int, axis: int) -> Value:
    """Cut the axis to length `n`, or lengthen it by zeros; either is the other's transpose."""
    axis %= v.ndim
    before, length = (slice(None),) * axis, v.shape[axis]
    if n <= length:
        return v if n == length else v[(*before, slice(n))]
    shape = (*v.shape[:axis], n, *v.shape[axis + 1 :])
    return scatter(v, index=(*before, slice(length)), shape=shape)


def twice_but_ends(v: Value, n: int, axis: int) -> Value:
    """Double what stands for two frequencies of `n`, itself and its mirror image."""
    weights = np.full(v.shape[axis], 2, v.dtype)
    weights[:1] = 1
    weights[(n + 1) // 2 :] = 1  # the middle one, if n is even
    return v * weights.reshape((-1,) + (1,) * (v.ndim - 1 - axis % v.ndim))


def whole(function: Callable[..., Any]) -> None:
    """Enter a transform of the whole spectrum: a symmetric matrix, after cutting or padding."""
    linear(
        function,
        lambda v, _y, x, n=None, axis=-1, norm=None: fitted(
            function(v, axis=axis, norm=norm), x.shape[axis], axis
        ),
    )


def halving(function: Callable[..., Any], full: Callable[..., Any]) -> None:
    """Enter a transform that returns the first half of what `full` does, for real arrays."""

    def vjp(
        v: Value, _y: Value, x: Value, n: Any = None, axis: int = -1, norm: Any = None
    ) -> Value:
        length = x.shape[axis]
        return fitted(full(v, n=length if n is None else n, axis=axis, norm=norm), length, axis)

    linear(function, vjp)


def doubling(function: Callable[..., Any], half: Callable[..., Any]) -> None:
    """Enter a transform of half a spectrum, whose other half is the mirror image, to reals."""
    linear(
        function,
        lambda v, _y, x, n=None, axis=-1, norm=None: fitted(
            twice_but_ends(half(v, axis=axis, norm=norm), v.shape[axis], axis), x.shape[axis], axis
        ),
    )


whole(np.fft.fft)
whole(np.fft.ifft)
halving(np.fft.rfft, np.fft.fft)
halving(np.fft.ihfft, np.fft.ifft)
doubling(np.fft.irfft, np.fft.ihfft)
doubling(np.fft.hfft, np.fft.rfft)


Steps = list[tuple[Any, int]]  # a length (None: the transform's own default) and an axis


def plan(a: Value, s: Any, axes: Any) -> Steps:
    """Pair the lengths that `s` asks for with axes, as NumPy does."""
    shape = np.shape(a)
    if axes is None:
        axes = range(-(len(shape) if s is None else len(s)), 0)
    lengths = [-1] * len(axes) if s is None else s
    if len(lengths) != len(axes):
        message = f"s has {len(lengths)} entries, axes {len(axes)}; give a length for every axis"
        raise ShapeError(message)
    return [(shape[axis] if n == -1 else n, axis) for n, axis in zip(lengths, axes, strict=True)]


def along(a: Value, transform: Callable[..., Any], steps: Steps, norm: Any) -> Value:
    """Transform axis after axis."""
    for n, axis in steps:
        a = transform(a, n=n, axis=axis, norm=norm)
    return a


@composite(np.fft.fftn)
def fftn(a: Value, s: Any = None, axes: Any = None, norm: Any = None) -> Value:
    """Transform along several axes, the last first."""
    return along(a, np.fft.fft, plan(a, s, axes)[::-1], norm)


@composite(np.fft.ifftn)
def ifftn(a: Value, s: Any = None, axes: Any = None, norm: Any = None) -> Value:
    """Undo fftn."""
    return along(a, np.fft.ifft, plan(a, s, axes)[::-1], norm)


@composite(np.fft.rfftn)
def rfftn(a: Value, s: Any = None, axes: Any = None, norm: Any = None) -> Value:
    """Transform reals along several axes: half a spectrum along the last, whole ones after."""
    steps = plan(a, s, axes)
    halved = along(a, np.fft.rfft, [steps[-1]], norm)
    return along(halved, np.fft.fft, steps[-2::-1], norm)


@composite(np.fft.irfftn)
def irfftn(a: Value, s: Any = None, axes: Any = None, norm: Any = None) -> Value:
    """Undo rfftn."""
    steps = plan(a, s, axes)
    n, axis = steps[-1]
    halved = along(a, np.fft.ifft, steps[:-1], norm)
    return np.fft.irfft(halved, n=None if s is None else n, axis=axis, norm=norm)


@composite(np.fft.fft2)
def fft2(a: Value, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Value:
    """Transform along two axes."""
    return fftn(a, s, axes, norm)


@composite(np.fft.ifft2)
def ifft2(a: Value, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Value:
    """Undo fft2."""
    return ifftn(a, s, axes, norm)


@composite(np.fft.rfft2)
def rfft2(a: Value, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Value:
    """Transform reals along two axes."""
    return rfftn(a, s, axes, norm)


@composite(np.fft.irfft2)
def irfft2(a: Value, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Value:
    """Undo rfft2."""
    return irfftn(a, s, axes, norm)


# Either shift moves entries around, and the other moves them back.
linear(np.fft.fftshift, lambda v, _y, _x, axes=None: np.fft.ifftshift(v, axes=axes))
linear(np.fft.ifftshift, lambda v, _y, _x, axes=None: np.fft.fftshift(v, axes=axes))
