"""Eigenvalues and eigenvectors.

Where an eigenvalue is repeated, its eigenvectors are any basis of a space, and NumPy's choice
jumps.  Functions of eigenvalues alone have a derivative there, if they treat equal ones equally
(otherwise it is that along NumPy's eigenvectors).  What uses eigenvectors of a repeated eigenvalue
is refused: from its first derivatives one cannot tell how it would change.  Others can be used.
"""

from typing import Any

import numpy as np

from autograd_nn.errors import NoDerivativeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import conj, valued
from autograd_nn.ops.matrices import (
    adjoint,
    column,
    diagonal,
    diagonal_matrix,
    hermitian,
    insist,
    mT,
    real,
    reciprocal_gaps,
    repeated,
    row,
    shared,
    unless,
)
from autograd_nn.table import composite, general, several

ADVICE = "use eigenvalues alone ({0}vals{1}), or separate them first"
PHASES = (
    "eigh: what is differentiated depends on the phases of the eigenvectors, which are arbitrary; "
    "use what does not, such as abs(V) or V @ V.conj().T"
)
JUMPS = (
    "{0}{1}: an eigenvalue is repeated, so that its eigenvectors jump when the matrix changes, and "
    f"what uses them has no derivative; {ADVICE}"
)
SPLITS = (
    "{0}{1}: an eigenvalue is repeated and splits in this direction, so that its eigenvectors "
    f"jump; {ADVICE}"
)
SECOND = (
    "{}: values are repeated or vanish, and their second derivative cannot be told there; separate "
    "them first, or use another form (traces of products, np.linalg.det)"
)


# ---- Hermitian ---------------------------------------------------------------------------------
# M. B. Giles (2008); complex as in C. Boeddeker et al., arXiv:1701.00392 (2017).


def check_use(w: Value, of_w: Value, of_V: Value, message: str) -> None:
    """Refuse what uses eigenvectors of a repeated eigenvalue, or tells its copies apart."""
    insist(row(shared(w)), of_V, of_V, message)
    if of_w is not None:
        insist(repeated(w), row(of_w) - column(of_w), column(of_w), message)


def eigh_vjp(v: Any, out: Any, _a: Value, UPLO: str = "L") -> Value:  # noqa: ARG001
    """Carry back to the Hermitian matrix."""
    of_w, of_V = v
    w, V = out
    if of_V is None:
        return conj(V) @ (column(of_w) * mT(V))
    check_use(w, of_w, of_V, JUMPS.format("eig", "h"))
    G = mT(V) @ of_V
    turns = diagonal_matrix(diagonal(G - adjoint(G)))
    insist(True, turns, of_V, PHASES)  # noqa: FBT003
    inner = reciprocal_gaps(w) * G
    if of_w is not None:
        inner = inner + diagonal_matrix(of_w)
    return conj(V) @ inner @ mT(V)


def eigh_jvp(v: Value, out: Any, _a: Value, UPLO: str = "L") -> tuple[Value, Value]:  # noqa: ARG001
    """Follow a Hermitian change."""
    w, V = out
    change = adjoint(V) @ v @ V
    insist(repeated(w), change, change, SPLITS.format("eig", "h"))
    return real(diagonal(change)), V @ (reciprocal_gaps(w) * change)


of_hermitian = several(np.linalg.eigh, [eigh_vjp], [eigh_jvp])


@composite(np.linalg.eigh)
def eigh(a: Value, UPLO: str = "L") -> Any:
    """Find eigenvalues and eigenvectors of a Hermitian matrix, of which one triangle is read."""
    return of_hermitian(hermitian(valued(a), UPLO), UPLO=UPLO)


def eigenvectors(a: Value, UPLO: str) -> Value:
    """Find eigenvectors to differentiate eigenvalues with."""
    w, V = of_hermitian(a, UPLO=UPLO)
    return unless(repeated(w), V, SECOND.format("eigvalsh"))


def eigvalsh_vjp(v: Value, _w: Value, a: Value, UPLO: str = "L") -> Value:
    """Carry back along the eigenvectors."""
    V = eigenvectors(a, UPLO)
    return conj(V) @ (column(v) * mT(V))


def eigvalsh_jvp(v: Value, _w: Value, a: Value, UPLO: str = "L") -> Value:
    """Take the change along the eigenvectors."""
    V = eigenvectors(a, UPLO)
    return real(np.sum(conj(V) * (v @ V), axis=-2))


values_of_hermitian = general(np.linalg.eigvalsh, [eigvalsh_vjp], [eigvalsh_jvp])


@composite(np.linalg.eigvalsh)
def eigvalsh(a: Value, UPLO: str = "L") -> Value:
    """Find the eigenvalues of a Hermitian matrix, of which one triangle is read."""
    return values_of_hermitian(hermitian(valued(a), UPLO), UPLO=UPLO)


# ---- general -----------------------------------------------------------------------------------


def check_basis(name: str, V: Value) -> None:
    """Refuse matrices whose eigenvectors are no basis."""
    if np.any(np.linalg.matrix_rank(V, rtol=1e3 * np.finfo(V.dtype).eps) < V.shape[-1]):
        message = (
            f"{name}: the matrix is defective (its eigenvectors are linearly dependent), so "
            "its eigenvalues have no derivative"
        )
        raise NoDerivativeError(message)


def eig_vjp(v: Any, out: Any, _a: Value) -> Value:
    """Carry back for eigenvectors of which no component changes along themselves."""
    of_w, of_V = v
    w, V = out
    check_basis("eig", V)
    inner = diagonal_matrix(np.zeros_like(w) if of_w is None else of_w)
    if of_V is not None:
        check_use(w, of_w, of_V, JUMPS.format("eig", ""))
        inner = inner + reciprocal_gaps(w) * (mT(V) @ of_V)
    return np.linalg.solve(mT(V), inner @ mT(V))


def eig_jvp(v: Value, out: Any, _a: Value) -> tuple[Value, Value]:
    """Follow a change, for such eigenvectors."""
    w, V = out
    check_basis("eig", V)
    change = np.linalg.solve(V, v @ V)
    insist(repeated(w), change, change, SPLITS.format("eig", ""))
    return diagonal(change), V @ (reciprocal_gaps(w) * change)


of_any_length = several(np.linalg.eig, [eig_vjp], [eig_jvp])
EigResult = type(np.linalg.eig(np.eye(1)))


@composite(np.linalg.eig)
def eig(a: Value) -> Any:
    """Find eigenvalues and eigenvectors, normalised as LAPACK does.

    Their length is 1 and, if complex, their largest component real (dgeev, zgeev).  Values are
    so already; said again here, it is differentiated.
    """
    w, V = of_any_length(valued(a))
    V = V / np.sqrt(np.sum(real(V * conj(V)), axis=-2, keepdims=True))
    if V.dtype.kind == "c":
        sizes = np.where(np.imag(V) == 0, np.abs(V), 0)
        largest = np.equal(np.arange(V.shape[-1])[:, None], row(np.argmax(sizes, axis=-2)))
        pivot = np.sum(np.where(largest, V, 0), axis=-2, keepdims=True)
        V = V * (np.conjugate(pivot) / (np.abs(pivot) * np.sign(np.real(pivot))))
    return EigResult(w, V)


def basis(a: Value) -> Value:
    """Find eigenvectors to differentiate eigenvalues with."""
    w, V = of_any_length(a)
    check_basis("eigvals", V)
    return unless(repeated(w), V, SECOND.format("eigvals"))


def eigvals_vjp(v: Value, _w: Value, a: Value) -> Value:
    """Carry back along left and right eigenvectors."""
    V = basis(a)
    return np.linalg.solve(mT(V), column(v) * mT(V))


def eigvals_jvp(v: Value, _w: Value, a: Value) -> Value:
    """Take the change along left and right eigenvectors."""
    V = basis(a)
    return diagonal(np.linalg.solve(V, v @ V))


eigvals = general(np.linalg.eigvals, [eigvals_vjp], [eigvals_jvp])
