"""Determinants, differentiable to any order at singular matrices too."""

from typing import Any

import numpy as np

from autograd_nn.errors import NoDerivativeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import conj
from autograd_nn.ops.matrices import adjoint, column, eps, imaginary, mT, real
from autograd_nn.primitive import Primitive, record
from autograd_nn.table import general, several

det = general(
    np.linalg.det,
    [lambda v, _y, x: column(column(v)) * cofactors(x)],
    [lambda v, _y, x: np.sum(v * cofactors(x), axis=(-1, -2))],
)


def cofactors(x: Value) -> Value:
    """Compute the derivative of the determinant, ``det(x) * inv(x).T``, finite for every x."""
    if not x.size:
        return x  # nothing, of the shape that is asked for; NumPy 2.0 finds no rank of it
    rank = np.linalg.matrix_rank(x, rtol=eps(x) ** 0.4)  # beyond, an inverse loses digits
    if np.all(rank == x.shape[-1]):
        return column(column(np.linalg.det(x))) * mT(np.linalg.inv(x))
    if x.ndim > 2:  # noqa: PLR2004 (one by one, for their ranks may differ)
        return np.stack([cofactors(one) for one in x])
    return cofactors_of_singular(x, int(rank))


def cofactors_of_singular(x: Value, rank: int) -> Value:
    """Compute the cofactors of one matrix of that rank, up to rounding, to be differentiated.

    In the bases of its singular vectors, held fixed, the matrix is diagonal at this very value.
    Its block of that rank is inverted.  What remains, the Schur complement, is about 0, and
    there polynomials do: the algorithm of Faddeev and LeVerrier divides by integers alone.
    """
    bases: Value = record(frames, (x,))
    U, Vh = bases
    core = adjoint(U) @ x @ adjoint(Vh)
    A, B = core[:rank, :rank], core[:rank, rank:]
    C, D = core[rank:, :rank], core[rank:, rank:]
    inverse = np.linalg.inv(A)
    AB, CA = inverse @ B, C @ inverse
    rest, of_rest = adjugate(D - CA @ B)
    top = np.concatenate([rest * inverse + AB @ of_rest @ CA, -AB @ of_rest], axis=1)
    bottom = np.concatenate([-of_rest @ CA, of_rest], axis=1)
    of_core = np.linalg.det(A) * np.concatenate([top, bottom])
    phase = np.linalg.det(U) * np.linalg.det(Vh)
    return phase * (conj(U) @ mT(of_core) @ conj(Vh))


def adjugate(x: Value) -> tuple[Value, Value]:
    """Compute determinant and adjugate by products and sums (Faddeev and LeVerrier)."""
    n = x.shape[-1]
    identity = np.eye(n, dtype=x.dtype)
    adjugate, product = identity, x
    for k in range(1, n):
        adjugate = product - identity * (np.trace(product) / k)
        product = x @ adjugate
    sign = (-1) ** (n - 1)
    return np.trace(product) * (sign / n), adjugate * sign


def singular_frames(x: Value) -> Value:
    """Find the bases in which a matrix is diagonal: as constants, they are not differentiated."""
    U, _, Vh = np.linalg.svd(x)
    return np.stack([U, Vh])


def constant_frames(_v: Value, y: Value, _x: Value) -> Value:
    """Return 0."""
    return np.zeros_like(y)[0]


frames = Primitive(singular_frames, [constant_frames], [lambda _v, y, _x: np.zeros_like(y)])


# ---- sign and logarithm ------------------------------------------------------------------------


def checked_inverse(x: Value) -> Value:
    """Invert, or say that the logarithm of 0 has no derivative."""
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError as error:
        message = (
            "slogdet: the matrix is singular, and the logarithm of 0 has no derivative; "
            "np.linalg.det has one"
        )
        raise NoDerivativeError(message) from error


def slogdet_vjp(v: Any, out: Any, x: Value) -> Value:
    """Carry back ``d log det(x) = sum(inv(x).T * dx)``: the real part scales, the other turns."""
    of_sign, of_logarithm = v
    weight = np.zeros_like(out[1]) if of_logarithm is None else of_logarithm
    if of_sign is not None and x.dtype.kind == "c":
        weight = weight + imaginary(of_sign * out[0])  # the sign of real matrices is constant
    return column(column(weight)) * mT(checked_inverse(x))


def slogdet_jvp(v: Value, out: Any, x: Value) -> tuple[Value, Value]:
    """Carry forward the same."""
    change = np.sum(v * mT(checked_inverse(x)), axis=(-1, -2))
    turn = imaginary(change) if x.dtype.kind == "c" else np.zeros_like(change)
    return out[0] * turn, real(change)


slogdet = several(np.linalg.slogdet, [slogdet_vjp], [slogdet_jvp])
