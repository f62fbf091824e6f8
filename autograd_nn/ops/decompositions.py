"""Cholesky and QR."""

from typing import Any

import numpy as np

from autograd_nn.errors import NoDerivativeError, NoRuleError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import conj, valued
from autograd_nn.ops.matrices import (
    adjoint,
    diagonal,
    diagonal_matrix,
    eps,
    hermitian,
    imaginary,
    lower,
    mT,
)
from autograd_nn.table import composite, general, several

# ---- Cholesky ----------------------------------------------------------------------------------


def half(x: Value) -> Value:
    """Keep the lower triangle and half of the diagonal: the triangular half of ``x + x.T``."""
    return lower(x, -1) + diagonal_matrix(diagonal(x) / 2)


def cholesky_jvp(v: Value, L: Value, _a: Value) -> Value:
    """Follow a Hermitian change.

    I. Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527 (2016).
    """
    inverse = np.linalg.inv(L)
    return L @ half(inverse @ v @ adjoint(inverse))


def cholesky_vjp(v: Value, L: Value, _a: Value) -> Value:
    """Transpose `cholesky_jvp`."""
    inverse = np.linalg.inv(L)
    return mT(inverse) @ half(mT(L) @ v) @ conj(inverse)


of_hermitian = general(np.linalg.cholesky, [cholesky_vjp], [cholesky_jvp])


@composite(np.linalg.cholesky)
def cholesky(a: Value, /, *, upper: bool = False) -> Value:
    """Factor a positive matrix, of which NumPy reads one triangle."""
    L = of_hermitian(hermitian(a, "U" if upper else "L"))
    return adjoint(L) if upper else L


# ---- QR ----------------------------------------------------------------------------------------

# S. F. Walter and L. Lehmann, Algorithmic differentiation of linear algebra functions with
# application in optimum experimental design, arXiv:1001.1654 (2010).  LAPACK makes the diagonal
# of R real, also where the matrix is complex.


def turn(x: Value) -> Value:
    """Compute the antihermitian matrix of which `x` is the lower triangle; its diagonal turns."""
    below = lower(x, -1)
    whole = below - adjoint(below)
    return whole + diagonal_matrix(imaginary(diagonal(x))) if x.dtype.kind == "c" else whole


def turn_transposed(x: Value) -> Value:
    """Transpose `turn`."""
    below = lower(x - adjoint(x), -1)
    return below + diagonal_matrix(imaginary(diagonal(x))) if x.dtype.kind == "c" else below


def inverted(R: Value) -> Value:
    """Invert the triangle, or say that it has no inverse."""
    sizes = np.abs(diagonal(R))
    if np.any(sizes <= 32 * eps(R) * np.sum(sizes, axis=-1, keepdims=True)):
        message = (
            "qr: the columns are linearly dependent, so Q jumps when they change and has no "
            "derivative; drop dependent columns"
        )
        raise NoDerivativeError(message)
    return np.linalg.inv(R)


def qr_jvp(v: Value, out: Any, _a: Value) -> tuple[Value, Value]:
    """Split the change of the columns into one of Q and one of R."""
    Q, R = out
    change = v @ inverted(R)
    inside = adjoint(Q) @ change
    turned = turn(inside)
    return Q @ turned + change - Q @ inside, (inside - turned) @ R


def qr_vjp(v: Any, out: Any, _a: Value) -> Value:
    """Transpose `qr_jvp`."""
    of_Q, of_R = v
    Q, R = out
    inverse = inverted(R)
    of_Q = np.zeros_like(Q) if of_Q is None else of_Q
    of_R = np.zeros_like(R) if of_R is None else of_R
    inside, of_turn = of_R @ mT(R), mT(Q) @ of_Q
    of_inside = inside + turn_transposed(of_turn - inside) - of_turn
    return (conj(Q) @ of_inside + of_Q) @ mT(inverse)


of_independent_columns = several(np.linalg.qr, [qr_vjp], [qr_jvp])
QRResult = type(np.linalg.qr(np.eye(1)))


@composite(np.linalg.qr)
def qr(a: Value, mode: str = "reduced") -> Any:
    """Factor into orthonormal columns and a triangle.

    The columns of a wide matrix beyond the square only follow (Roberts and Roberts, QR and LQ
    decomposition matrix backpropagation algorithms, arXiv:2009.10071, 2020).
    """
    a = valued(a)
    m, n = a.shape[-2:]
    if mode == "raw" or (mode == "complete" and m > n) or mode not in {"reduced", "complete", "r"}:
        message = f"qr of shape {a.shape} with mode={mode!r} has no derivative rule: " + {
            "raw": "its reflectors are LAPACK's own; use mode='reduced'",
            "complete": "the columns that complete Q are arbitrary; use mode='reduced'",
        }.get(mode, "it is not one of reduced, complete, r, raw")
        raise NoRuleError(message)
    Q, R = of_independent_columns(a[..., :m] if m < n else a)
    if m < n:
        R = np.concatenate([R, adjoint(Q) @ a[..., m:]], axis=-1)
    return R if mode == "r" else QRResult(Q, R)
