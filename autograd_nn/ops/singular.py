"""Singular values and singular vectors.

J. Townsend, Differentiating the singular value decomposition (2016), rewritten for sum and
difference of the turns of both bases, so that a single singular value 0 does no harm.  What
`autograd_nn/ops/eigen.py` says of repeated eigenvalues holds here too, and of several zeros.
"""

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import conj, valued
from autograd_nn.ops.eigen import SECOND
from autograd_nn.ops.matrices import (
    adjoint,
    coincide,
    column,
    diagonal,
    diagonal_matrix,
    insist,
    mT,
    real,
    reciprocal_gaps,
    repeated,
    row,
    shared,
    unless,
    vanishing,
)
from autograd_nn.table import composite, general, several

ADVICE = "use singular values alone (svdvals), or separate them first"
CHOICE = (
    "svd: what is differentiated depends on the phases of the singular vectors, or on the choice "
    "of those that complete a basis, which are arbitrary; use what does not, such as U @ Vh"
)
JUMPS = (
    "svd: a singular value is repeated or vanishes, so that its singular vectors jump when the "
    f"matrix changes, and what uses them (but for U @ Vh) has no derivative; {ADVICE}"
)
SPLITS = (
    "svd: a singular value is repeated or vanishes and splits in this direction, so that its "
    f"singular vectors jump; {ADVICE}"
)


def open_zeros(s: Value, U: Value, Vh: Value) -> Value:
    """Tell which singular values are 0 and leave more of their vectors open than a sign."""
    zero = vanishing(s)
    if U.shape[-2] == Vh.shape[-1] and U.dtype.kind != "c":
        return np.logical_and(zero, np.sum(zero, axis=-1, keepdims=True) > 1)
    return zero


def reciprocals(x: Value, zero: Value) -> Value:
    """Compute ``1 / x``, and 0 where it is zero."""
    return np.where(zero, 0, 1 / np.where(zero, 1, x))


def reciprocal_sums(s: Value) -> Value:
    """Compute ``1 / (s[i] + s[j])``, and 0 where both vanish."""
    zero = vanishing(s)
    return reciprocals(row(s) + column(s), np.logical_and(row(zero), column(zero)))


def thin(U: Value, Vh: Value, k: int) -> tuple[Value, Value]:
    """Take the vectors that belong to singular values."""
    return U[..., :k], adjoint(Vh[..., :k, :])


def svd_jvp(
    v: Value,
    out: Any,
    _a: Value,
    full_matrices: bool = True,  # noqa: ARG001, FBT001, FBT002 (NumPy's)
) -> tuple[Value, Value, Value]:
    """Turn both bases: the sum of the turns and their difference are known."""
    U, s, Vh = out
    U1, V1 = thin(U, Vh, s.shape[-1])
    change = adjoint(U1) @ v @ V1
    beyond_U, beyond_V = v @ V1 - U1 @ change, adjoint(v) @ U1 - V1 @ adjoint(change)
    insist(repeated(s), change + adjoint(change), change, SPLITS)
    zero = open_zeros(s, U, Vh)
    for x, on in ((change, column(zero)), (beyond_U, True), (beyond_V, True)):
        insist(np.logical_and(row(zero), on), x, v, SPLITS)
    both = (change + adjoint(change)) * reciprocal_gaps(s)
    apart = (change - adjoint(change)) * reciprocal_sums(s)
    inverse = row(reciprocals(s, vanishing(s)))
    of_U = completed(U, U1 @ ((both + apart) / 2) + beyond_U * inverse)
    of_V = completed(adjoint(Vh), V1 @ ((both - apart) / 2) + beyond_V * inverse)
    return of_U, real(diagonal(change)), adjoint(of_V)


def completed(U: Value, of_first: Value) -> Value:
    """Let the columns that complete a basis stay orthogonal to the first, which turn."""
    k = of_first.shape[-1]
    if U.shape[-1] == k:
        return of_first
    rest = -U[..., :k] @ (adjoint(of_first) @ U[..., k:])
    return np.concatenate([of_first, rest], axis=-1)


def svd_vjp(
    v: Any,
    out: Any,
    _a: Value,
    full_matrices: bool = True,  # noqa: ARG001, FBT001, FBT002 (NumPy's)
) -> Value:
    """Transpose `svd_jvp`."""
    of_U, of_s, of_Vh = v
    U, s, Vh = out
    k = s.shape[-1]
    U1, V1 = thin(U, Vh, k)
    if of_U is None and of_Vh is None:
        return conj(U1) @ (column(np.where(vanishing(s), 0, of_s)) * mT(V1))
    V = adjoint(Vh)
    of_U = np.zeros_like(U) if of_U is None else of_U
    of_V = np.zeros_like(V) if of_Vh is None else adjoint(of_Vh)
    G, H = mT(U1) @ of_U[..., :k], mT(V1) @ of_V[..., :k]
    check_use(s, G, H, of_s, open_zeros(s, U, Vh))
    for basis, of_basis in ((U, of_U), (V, of_V)):
        rest = mT(basis[..., k:]) @ of_basis[..., k:]
        insist(True, rest - adjoint(rest), of_basis, CHOICE)  # noqa: FBT003
        insist(row(open_zeros(s, U, Vh)), of_basis[..., :k], of_basis, JUMPS)
    both, apart = (G + H) / 2 * reciprocal_gaps(s), (G - H) / 2 * reciprocal_sums(s)
    inner = both + adjoint(both) + apart - adjoint(apart)
    if of_s is not None:
        inner = inner + diagonal_matrix(of_s)
    found = conj(U1) @ inner @ mT(V1)
    inverse = row(reciprocals(s, vanishing(s)))
    if U.shape[-2] > k:
        found = found + (beyond(U, of_U, k) * inverse) @ mT(V1)
    if Vh.shape[-1] > k:
        found = found + conj(U1) @ adjoint(beyond(V, of_V, k) * inverse)
    return found


def beyond(U: Value, of_U: Value, k: int) -> Value:
    """Find what turns the first columns out of their span, and (transposed) others into it."""
    U1, of_first = U[..., :k], of_U[..., :k]
    part = of_first - conj(U1) @ (mT(U1) @ of_first)
    if U.shape[-1] == k:
        return part
    return part - conj(U[..., k:]) @ (adjoint(of_U[..., k:]) @ conj(U1))


def check_use(s: Value, G: Value, H: Value, of_s: Value, zero: Value) -> None:
    """Refuse what depends on turns of both bases that change the matrix by nothing.

    Where singular values are repeated, ``U @ Vh`` (the nearest orthogonal matrix) still has its
    derivative: its G is the adjoint of H.
    """
    scale = np.abs(G) + np.abs(H)
    insist(True, diagonal_matrix(diagonal(G + H - adjoint(G + H))), scale, CHOICE)  # noqa: FBT003
    several = np.logical_and(coincide(s), column(shared(s)))
    insist(several, G - adjoint(H), scale, JUMPS)
    if of_s is not None:
        insist(several, scale, scale, JUMPS)
        insist(repeated(s), row(of_s) - column(of_s), column(of_s), JUMPS)
        insist(row(zero), row(of_s), column(of_s), JUMPS)


of_general = several(np.linalg.svd, [svd_vjp], [svd_jvp])
SVDResult = type(np.linalg.svd(np.eye(1)))


@composite(np.linalg.svd)
def svd(
    a: Value,
    full_matrices: bool = True,  # noqa: FBT001, FBT002 (NumPy's)
    compute_uv: bool = True,  # noqa: FBT001, FBT002
    hermitian: bool = False,  # noqa: FBT001, FBT002
) -> Any:
    """Find singular values and vectors."""
    a = valued(a)
    if not hermitian:
        if compute_uv:
            return of_general(a, full_matrices=full_matrices)
        return values(a)
    w, U = np.linalg.eigh(a) if compute_uv else (np.linalg.eigvalsh(a), None)
    order = np.argsort(np.abs(w), axis=-1)[..., ::-1]
    w = np.take_along_axis(w, order, axis=-1)
    if U is None:
        return np.abs(w)
    U = np.take_along_axis(U, row(order), axis=-1)
    return SVDResult(U, np.abs(w), adjoint(U * row(np.sign(w))))


def vectors(a: Value) -> tuple[Value, Value, Value]:
    """Find singular vectors to differentiate singular values with; 0 is a kink, of slope 0."""
    U, s, Vh = of_general(a, full_matrices=False)
    zero = vanishing(s)
    U = unless(np.logical_or(zero, shared(s)), U, SECOND.format("svdvals"))
    return U, adjoint(Vh), zero


def values_vjp(v: Value, _s: Value, a: Value) -> Value:
    """Carry back along the singular vectors."""
    U, V, zero = vectors(a)
    return conj(U) @ (column(np.where(zero, 0, v)) * mT(V))


def values_jvp(v: Value, _s: Value, a: Value) -> Value:
    """Take the change along the singular vectors."""
    U, V, zero = vectors(a)
    return np.where(zero, 0, real(np.sum(conj(U) * (v @ V), axis=-2)))


values = general(np.linalg.svdvals, [values_vjp], [values_jvp])
