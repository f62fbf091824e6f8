"""Words for matrices, stacked or not, that the rules of linear algebra are written in."""

import numpy as np

from autograd_nn.errors import NoDerivativeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import conj
from autograd_nn.primitive import Primitive, record


def real(x: Value) -> Value:
    """Take the real part of what is complex."""
    return np.real(x) if x.dtype.kind == "c" else x


def imaginary(x: Value) -> Value:
    """Keep the imaginary part alone, as an imaginary number."""
    return x - np.real(x)


def mT(x: Value) -> Value:  # noqa: N802 (NumPy's name)
    """Transpose matrices."""
    return x.mT


def adjoint(x: Value) -> Value:
    """Transpose matrices and conjugate them."""
    return conj(mT(x))


def column(x: Value) -> Value:
    """Make vectors columns."""
    return np.expand_dims(x, -1)


def row(x: Value) -> Value:
    """Make vectors rows."""
    return np.expand_dims(x, -2)


def diagonal(x: Value) -> Value:
    """Take the diagonals of square matrices."""
    return np.einsum("...ii->...i", x)


def diagonal_matrix(d: Value) -> Value:
    """Make diagonal matrices."""
    return np.where(np.eye(d.shape[-1], dtype=bool), column(d), 0)


def lower(x: Value, k: int = 0) -> Value:
    """Keep what lies on or below the k-th diagonal."""
    return np.where(np.tri(x.shape[-2], x.shape[-1], k, dtype=bool), x, 0)


def upper(x: Value, k: int = 0) -> Value:
    """Keep what lies on or above the k-th diagonal."""
    return np.where(np.tri(x.shape[-2], x.shape[-1], k - 1, dtype=bool), 0, x)


def hermitian(a: Value, triangle: str) -> Value:
    """Complete the Hermitian matrix of which NumPy reads one triangle, "L" or "U", alone.

    So a gradient has entries in that triangle only, and is the derivative of what NumPy
    computes, whatever the other triangle holds.  Where the whole matrix is a function of other
    things (``x @ x.T``), their gradient does not depend on the triangle.
    """
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:  # noqa: PLR2004
        return a  # NumPy will say what is wrong
    read = np.tri(a.shape[-1], dtype=bool)
    whole = np.where(read if triangle in "lL" else read.T, a, adjoint(a))
    if a.dtype.kind != "c":
        return whole
    return np.where(np.eye(a.shape[-1], dtype=bool), np.real(whole), whole)


def eps(x: Value) -> float:
    """Return the relative rounding error of the dtype."""
    return float(np.finfo(x.dtype).eps)


def coincide(w: Value) -> Value:
    """Tell which pairs of eigenvalues or singular values are equal up to rounding."""
    scale = np.sum(np.abs(w), axis=-1, keepdims=True)
    return np.abs(row(w) - column(w)) <= column(32 * eps(w) * scale)


def repeated(w: Value) -> Value:
    """Tell which pairs of different places hold equal eigenvalues or singular values."""
    return np.logical_and(coincide(w), ~np.eye(w.shape[-1], dtype=bool))


def shared(w: Value) -> Value:
    """Tell which eigenvalues or singular values are equal to another one."""
    return np.any(repeated(w), axis=-1)


def vanishing(w: Value) -> Value:
    """Tell which singular values are 0 up to rounding."""
    return w <= 32 * eps(w) * np.sum(w, axis=-1, keepdims=True)


def reciprocal_gaps(w: Value) -> Value:
    """Compute ``1 / (w[j] - w[i])``, and 0 where the two coincide."""
    same = coincide(w)
    return np.where(same, 0, 1 / np.where(same, 1, row(w) - column(w)))


def insist(on: Value, x: Value, scale: Value, message: str) -> None:
    """Refuse to differentiate if `x` is not negligible, against `scale`, where `on` is true."""
    size = np.sum(np.abs(scale), axis=(-1, -2), keepdims=True)
    if np.any(np.logical_and(on, np.abs(x) > eps(x) ** 0.5 * size)):
        raise NoDerivativeError(message)


def pass_on(x: Value, *, message: str) -> Value:  # noqa: ARG001 (for the rules)
    """Return `x`."""
    return x[...]


def refuse(_v: Value, _y: Value, _x: Value, *, message: str) -> Value:
    """Say why there is no derivative."""
    raise NoDerivativeError(message)


passing = Primitive(pass_on, [refuse], [refuse])


def unless(obstacle: Value, x: Value, message: str) -> Value:
    """Pass `x` through, but refuse to differentiate it if there is an obstacle anywhere."""
    return record(passing, (x,), {"message": message}) if np.any(obstacle) else x
