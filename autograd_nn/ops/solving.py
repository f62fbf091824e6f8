"""Inverses, linear equations, powers of matrices.

The rules are in M. B. Giles, Collected matrix derivative results for forward and reverse mode
algorithmic differentiation (2008), but for the pseudo-inverse's.
"""

from inspect import signature
from operator import index
from typing import Any

import numpy as np

from autograd_nn.errors import NoDerivativeError, ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import conj, valued
from autograd_nn.ops.matrices import adjoint, column, hermitian, mT, real
from autograd_nn.table import composite, constant, general

constant(np.linalg.matrix_rank)

inv = general(
    np.linalg.inv,
    [lambda v, y, _x: -mT(y) @ v @ mT(y)],
    [lambda v, y, _x: -y @ v @ y],
)


@composite(np.linalg.matrix_power)
def matrix_power(a: Value, n: int) -> Value:
    """Multiply a matrix n times by itself, by repeated squaring; invert it first if n < 0."""
    n = index(n)
    if n == 0:
        return np.where(np.zeros((1, 1), bool), a, np.eye(a.shape[-1], dtype=a.dtype))
    if n < 0:
        a, n = np.linalg.inv(a), -n
    product: Value = None
    while n:
        if n % 2:
            product = a if product is None else product @ a
        n //= 2
        a = a @ a if n else a
    return +product  # a copy, also of the first power


# ---- equations ---------------------------------------------------------------------------------

of_matrices = general(
    np.linalg.solve,
    [
        lambda v, y, a, _b: -np.linalg.solve(mT(a), v) @ mT(y),
        lambda v, _y, a, _b: np.linalg.solve(mT(a), v),
    ],
    [
        lambda v, y, a, _b: -np.linalg.solve(a, v @ y),
        lambda v, _y, a, _b: np.linalg.solve(a, v),
    ],
)


@composite(np.linalg.solve)
def solve(a: Value, b: Value) -> Value:
    """Solve ``a @ x = b``; `b` is a vector only if it has one axis, else matrices."""
    a, b = valued(a), valued(b)
    if b.ndim == 1:
        return np.squeeze(of_matrices(a, column(b)), -1)
    return of_matrices(a, b)


@composite(np.linalg.tensorinv)
def tensorinv(a: Value, ind: int = 2) -> Value:
    """Invert a tensor as a matrix, whose rows are its first `ind` axes."""
    if ind <= 0:
        message = f"tensorinv: ind={ind!r} must be positive"
        raise ShapeError(message)
    first, rest = a.shape[:ind], a.shape[ind:]
    matrix = np.reshape(a, (int(np.prod(first)), int(np.prod(rest))))
    return np.reshape(np.linalg.inv(matrix), (*rest, *first))


@composite(np.linalg.tensorsolve)
def tensorsolve(a: Value, b: Value, axes: Any = None) -> Value:
    """Solve ``tensordot(a, x, x.ndim) = b``."""
    a, b = valued(a), valued(b)
    if axes is not None:
        last = [axis % a.ndim for axis in axes]
        a = np.transpose(a, (*[i for i in range(a.ndim) if i not in last], *last))
    unknowns = a.shape[b.ndim :]
    if b.size**2 != a.size or int(np.prod(unknowns)) != b.size:
        message = (
            f"tensorsolve cannot be applied to shapes {a.shape} and {b.shape}: there must be as "
            "many unknowns as equations"
        )
        raise ShapeError(message)
    matrix = np.reshape(a, (b.size, b.size))
    return np.reshape(np.linalg.solve(matrix, np.reshape(b, -1)), unknowns)


# ---- generalised inverses ----------------------------------------------------------------------


def pinv_vjp(v: Value, p: Value, a: Value, rcond: Any = None, rtol: Any = None) -> Value:  # noqa: ARG001
    """Transpose `pinv_jvp`."""
    vT = mT(v)
    kept = (vT - a @ (p @ vT)) @ p @ adjoint(p) + adjoint(p) @ p @ (vT - (vT @ p) @ a)
    return conj(kept) - mT(p) @ v @ mT(p)


def pinv_jvp(v: Value, p: Value, a: Value, rcond: Any = None, rtol: Any = None) -> Value:  # noqa: ARG001
    """Follow a change that keeps the rank.

    G. H. Golub and V. Pereyra, The differentiation of pseudo-inverses and nonlinear least
    squares problems whose variables separate, SIAM J. Numer. Anal. 10 (1973).
    """
    vH = adjoint(v)
    beyond = p @ adjoint(p) @ (vH - (vH @ a) @ p) + (vH - p @ (a @ vH)) @ adjoint(p) @ p
    return beyond - p @ v @ p


of_constant_rank = general(np.linalg.pinv, [pinv_vjp], [pinv_jvp])
NOT_GIVEN = signature(np.linalg.pinv).parameters["rtol"].default


@composite(np.linalg.pinv)
def pinv(
    a: Value,
    rcond: Any = None,
    hermitian: bool = False,  # noqa: FBT001, FBT002
    *,
    rtol: Any = NOT_GIVEN,
) -> Value:
    """Invert a matrix as far as it goes; where it is short of rank, for changes that keep it so.

    Singular values that are cut off though they are not 0 move the singular vectors too: then
    it is composed of the singular value decomposition.
    """
    if hermitian:
        a = completed(a, "L")
    given = {k: c for k, c in (("rcond", rcond), ("rtol", rtol)) if c is not NOT_GIVEN}
    if rcond is None and rtol is NOT_GIVEN:
        return of_constant_rank(a)
    cutoff = rtol if rcond is None else rcond
    if cutoff is None or np.all(np.linalg.matrix_rank(a, rtol=cutoff) >= np.linalg.matrix_rank(a)):
        return of_constant_rank(a, **given)
    U, s, Vh = np.linalg.svd(a, full_matrices=False)
    kept = s > column(np.asarray(cutoff)) * np.max(s, axis=-1, keepdims=True)
    inverse = np.where(kept, 1 / np.where(kept, s, 1), 0)
    return adjoint(Vh) @ (column(inverse) * adjoint(U))


completed = hermitian  # the keyword of pinv has this name too


@composite(np.linalg.lstsq)
def lstsq(a: Value, b: Value, rcond: Any = None) -> tuple[Value, Value, Value, Value]:
    """Solve in the sense of least squares: solution, squared residuals, rank, singular values."""
    a, b = valued(a), valued(b)
    m, n = a.shape
    s = np.linalg.svdvals(a)
    precision = np.finfo(s.dtype).eps
    cutoff = max(m, n) * precision if rcond is None else precision if rcond < 0 else rcond
    rank = np.intc(np.linalg.matrix_rank(a, rtol=cutoff) if min(m, n) else 0)  # LAPACK's integer
    if rank < min(m, n):
        message = (
            f"lstsq: the matrix of shape {a.shape} has rank {int(rank)}, so the solution jumps "
            "when it changes and has no derivative; drop dependent columns, add a ridge, or "
            "write np.linalg.pinv(a) @ b to follow only changes that keep the rank"
        )
        raise NoDerivativeError(message)
    x = np.linalg.pinv(a) @ b
    left = a @ x - b
    squares = np.reshape(np.sum(real(left * conj(left)), axis=0), -1)
    return x, squares if m > n else squares[:0], rank, s
