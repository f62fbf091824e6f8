"""Polynomials: their coefficients (the highest power first), their values and their roots."""

import warnings
from typing import Any

import numpy as np

from autograd_nn.errors import NoDerivativeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare
from autograd_nn.table import composite, general


def coefficients(p: Value) -> Value:
    """Make an array of what NumPy takes for the coefficients of a polynomial."""
    if isinstance(p, np.poly1d):
        return p.coeffs
    listed = isinstance(p, list | tuple) and len(p) > 0  # perhaps of Tensors
    return np.atleast_1d(np.stack(p) if listed else p)


def like(p: Value, *given: Value) -> Value:
    """Make a poly1d, which may hold a Tensor, if one was given, as NumPy does."""
    return np.poly1d(p) if any(isinstance(a, np.poly1d) for a in given) else p


@composite(np.polyval)
def polyval(p: Value, x: Value) -> Value:
    """Evaluate by Horner's scheme."""
    if isinstance(x, np.poly1d):
        y = 0
    else:
        x = x if np.ndim(x) == 0 else coefficients(x)
        y = np.zeros_like(x)
    for c in coefficients(p):
        y = y * x + c
    return y


def aligned(a1: Value, a2: Value) -> tuple[Value, Value]:
    """Write two polynomials with equally many coefficients."""
    a1, a2 = coefficients(a1), coefficients(a2)
    more = len(a2) - len(a1)
    if more > 0:
        a1 = np.concatenate([np.zeros(more, a1.dtype), a1])
    elif more < 0:
        a2 = np.concatenate([np.zeros(-more, a2.dtype), a2])
    return a1, a2


@composite(np.polyadd)
def polyadd(a1: Value, a2: Value) -> Value:
    """Add coefficient by coefficient."""
    p, q = aligned(a1, a2)
    return like(p + q, a1, a2)


@composite(np.polysub)
def polysub(a1: Value, a2: Value) -> Value:
    """Subtract coefficient by coefficient."""
    p, q = aligned(a1, a2)
    return like(p - q, a1, a2)


@composite(np.polymul)
def polymul(a1: Value, a2: Value) -> Value:
    """Convolve the coefficients, and leave out what leading zeros make, as NumPy does."""
    p, q = (p if len(p) else np.zeros(1, p.dtype) for p in map(coefficients, (a1, a2)))
    return like(np.convolve(p, q)[leading_zeros(p) + leading_zeros(q) :], a1, a2)


def leading_zeros(p: Value) -> int:
    """Count the zeros before the first other coefficient; of zeros alone, all but the last."""
    nonzero = np.flatnonzero(bare(p))
    return int(nonzero[0]) if len(nonzero) else len(p) - 1


@composite(np.polydiv)
def polydiv(u: Value, v: Value) -> tuple[Value, Value]:
    """Divide with remainder, coefficient by coefficient, as long division does."""
    p, q = coefficients(u) + 0.0, coefficients(v) + 0.0
    dtype, longer = np.result_type(p.dtype, q.dtype), len(p) - len(q)
    quotient, rest, scale = [], p.astype(dtype), 1.0 / q[0]
    for k in range(longer + 1):
        quotient.append(scale * rest[k])
        taken = quotient[k] * q
        rest = np.concatenate([rest[:k], rest[k : k + len(q)] - taken, rest[k + len(q) :]])
    start = 0
    while start < len(rest) - 1 and np.allclose(bare(rest[start]), 0, rtol=1e-14):
        start += 1
    result = np.stack(quotient) if quotient else np.zeros_like(rest[:1])
    return like(result, u, v), like(rest[start:], u, v)


@composite(np.polyder)
def polyder(p: Value, m: int = 1) -> Value:
    """Differentiate `m` times."""
    p = coefficients(p)
    for n in range(len(p) - 1, len(p) - 1 - checked(m, "polyder", "polyint"), -1):
        p = p[:-1] * np.arange(n, 0, -1)
    return p


@composite(np.polyint)
def polyint(p: Value, m: int = 1, k: Value = None) -> Value:
    """Integrate `m` times; the constants of integration `k` are 0 by default."""
    m = checked(m, "polyint", "polyder")
    p, k = coefficients(p), np.zeros(m) if k is None else coefficients(k)
    if len(k) == 1 < m:
        k = k[0] * np.ones(m)
    if len(k) < m:
        message = f"polyint: k has {len(k)} entries; give one, or one for each of {m} integrations"
        raise ValueError(message)
    for i in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), k[i : i + 1]])
    return p


def checked(m: Any, name: str, inverse: str) -> int:
    """Refuse a negative order."""
    if int(m) < 0:
        message = f"{name}: m={m} is negative; use {inverse}"
        raise ValueError(message)
    return int(m)


# ---- polynomials from roots, roots of polynomials -----------------------------------------------


def cofactors(x: Value, p: Value) -> list[Value]:
    """Compute the matrices B of ``adj(s I - x) = sum(B[k] * s**(n - 1 - k))``.

    This is the recursion of Faddeev and LeVerrier, from the coefficients `p` of
    ``det(s I - x)``: no eigenvalues, so repeated ones do no harm.
    """
    found = [np.eye(len(x), dtype=x.dtype)]
    for k in range(1, len(x)):
        found.append(x @ found[-1] + p[k] * found[0])
    return found


def characteristic_vjp(v: Value, p: Value, x: Value) -> Value:
    """Use Jacobi's formula, ``d det(s I - x) = -trace(adj(s I - x) dx)``."""
    terms = [v[k + 1] * np.swapaxes(b, 0, 1) for k, b in enumerate(cofactors(x, p))]
    return -np.sum(np.stack(terms), axis=0)


def characteristic_jvp(v: Value, p: Value, x: Value) -> Value:
    """Use Jacobi's formula."""
    slopes = [np.sum(np.swapaxes(b, 0, 1) * v) for b in cofactors(x, p)]
    return -np.stack([0 * slopes[0], *slopes])


characteristic = general(np.poly, [characteristic_vjp], [characteristic_jvp])


@composite(np.poly)
def poly(seq_of_zeros: Value) -> Value:
    """Multiply out the polynomial of given roots, or that of a matrix's eigenvalues."""
    zeros = coefficients(seq_of_zeros)
    if zeros.ndim != 1:
        return characteristic(zeros)
    zeros = zeros.astype(np.mintypecode(zeros.dtype.char))  # from float16 up to float64
    p = np.ones(1, zeros.dtype)
    for zero in zeros:
        p = np.convolve(p, np.stack([np.ones_like(zero), -zero]))
    return np.real(p) if np.isrealobj(np.poly(bare(zeros))) and p.dtype.kind == "c" else p


def slopes_at(r: Value, p: Value) -> Value:
    """Compute ``p'(r)``, which at a repeated root is 0."""
    slopes = np.polyval(np.polyder(p), r)
    if np.any(slopes == 0):
        message = (
            "roots: at a repeated root the roots have no derivative; differentiate what you need "
            "of them in terms of the coefficients"
        )
        raise NoDerivativeError(message)
    return slopes


# From p(r) = 0: p'(r) dr + (dp)(r) = 0.
roots = general(
    np.roots,
    [lambda v, r, p: -np.matmul(v / slopes_at(r, p), np.vander(r, len(p)))],
    [lambda v, r, p: -np.polyval(v, r) / slopes_at(r, p)],
)


@composite(np.polyfit)
def polyfit(
    x: Value,
    y: Value,
    deg: Any,
    rcond: Any = None,
    full: bool = False,  # noqa: FBT001, FBT002 (NumPy's signature)
    w: Value = None,
    cov: Any = False,  # noqa: FBT002
) -> Any:
    """Solve for the coefficients by least squares, step by step as NumPy does."""
    x, y = coefficients(x) + 0.0, coefficients(y) + 0.0
    left, right = np.vander(x, int(deg) + 1), y
    rcond = len(x) * np.finfo(x.dtype).eps if rcond is None else rcond
    if w is not None:
        w = coefficients(w) + 0.0
        left = left * w[:, np.newaxis]
        right = right * (w[:, np.newaxis] if y.ndim > 1 else w)
    scale = np.sqrt((left * left).sum(axis=0))
    left = left / scale
    c, residuals, rank, s = np.linalg.lstsq(left, right, rcond)
    c = (c.T / scale).T
    if full:
        return c, residuals, rank, s, rcond
    if rank != left.shape[1]:
        message = "Polyfit may be poorly conditioned"  # NumPy's words
        warnings.warn(message, np.exceptions.RankWarning, stacklevel=2)
    if not cov:
        return c
    spread = np.linalg.inv(np.dot(left.T, left)) / np.outer(scale, scale)
    freedom = len(x) - left.shape[1]
    if cov != "unscaled":
        if freedom <= 0:
            message = f"polyfit: {len(x)} points are too few to scale the covariance; take more"
            raise ValueError(message)
        spread = (spread if y.ndim == 1 else spread[:, :, np.newaxis]) * (residuals / freedom)
    elif y.ndim > 1:
        spread = spread[:, :, np.newaxis]
    return c, spread
