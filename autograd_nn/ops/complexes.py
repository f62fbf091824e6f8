"""Complex numbers: their parts, size and direction.

The sweeps carry plain transposes: a cotangent `v` of `z` means that the loss changes by
``Re(sum(v * dz))``.  So functions that have a complex derivative multiply by it, as real ones
do; those here, that have none, state both directions.
"""

import math

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.table import composite, constant, elementwise, general

conjugate = elementwise(np.conjugate, lambda v, *_: np.conjugate(v))
imag = general(np.imag, [lambda v, *_: v * -1j], [lambda v, *_: np.imag(v)])
real_part = general(np.real, [lambda v, *_: v], [lambda v, *_: np.real(v)])


@composite(np.real)
def real(val: Value) -> Value:
    """Take the real part; of real numbers the very same, as NumPy does."""
    return real_part(val) if val.dtype.kind == "c" else val


def towards(x: Value) -> Value:
    """Compute ``conj(x) / |x|``, which is 0 at 0."""
    sign = np.sign(x)
    return np.conjugate(sign) if x.dtype.kind == "c" else sign


absolute = general(
    np.absolute,
    [lambda v, _y, x: v * towards(x)],
    [lambda v, _y, x: np.real(v * towards(x))],
)


def distance(x: Value) -> Value:
    """Compute ``|x|``, or infinity at 0, to divide by: at 0 the slope of sign is 0."""
    return np.where(x == 0, np.inf, np.absolute(x))


def sign_vjp(v: Value, y: Value, x: Value) -> Value:
    """Drop what changes only the size; of real numbers that is all."""
    if x.dtype.kind != "c":
        return np.zeros_like(v)
    return (v - np.conjugate(y) * np.real(v * y)) / distance(x)


def sign_jvp(v: Value, y: Value, x: Value) -> Value:
    """Drop what changes only the size; of real numbers that is all."""
    if x.dtype.kind != "c":
        return np.zeros_like(v)
    return (v - y * np.real(v * np.conjugate(y))) / distance(x)


sign = general(np.sign, [sign_vjp], [sign_jvp])


@composite(np.angle)
def angle(z: Value, deg: bool = False) -> Value:  # noqa: FBT001, FBT002 (NumPy's signature)
    """Measure the angle to the positive real axis."""
    phi = np.arctan2(np.imag(z), np.real(z)) if z.dtype.kind == "c" else np.arctan2(0, z)
    return phi * (180 / math.pi) if deg else phi


@composite(np.real_if_close)
def real_if_close(a: Value, tol: float = 100) -> Value:
    """Take the real part if all imaginary parts are below `tol` (above 1: times eps)."""
    if a.dtype.kind != "c":
        return a
    bound = tol * np.finfo(a.dtype).eps if tol > 1 else tol
    return np.real(a) if np.all(np.absolute(np.imag(a)) < bound) else a


constant(np.iscomplex, np.isreal, np.iscomplexobj, np.isrealobj)
