"""Samples of autograd_nn/ops/solving.py, determinants.py, decompositions.py and their kin."""

from collections.abc import Callable
from typing import Any

import numpy as np

from samples import Draw, Sample, normal, row

la = np.linalg
SHAPES: list[tuple[int, ...]] = [(3, 3), (4, 2), (2, 4), (2, 3, 2)]


def flattened(function: Callable[..., Any]) -> Callable[..., Any]:
    """Join the results of a function of several, all differentiable, in one vector."""

    def joined(*args: Any, **params: Any) -> Any:
        return np.concatenate([np.ravel(part) for part in function(*args, **params)])

    joined.forward = function  # type: ignore[attr-defined]
    return joined


def positive_definite(*shape: int) -> Draw:
    return Draw("positive definite", shape, lambda rng, size: spread_out(rng.normal(size=size)))


def spread_out(x: Any) -> Any:
    """Add a diagonal that separates eigenvalues and keeps them positive."""
    return x / 4 + np.diag(np.arange(1.0, x.shape[-1] + 1) * 2)


def solution(*args: Any, **params: Any) -> Any:
    """Take from lstsq what can be differentiated."""
    x, squares, _, s = np.linalg.lstsq(*args, **params)
    return np.concatenate([np.ravel(x), squares, s])


solution.forward = np.linalg.lstsq  # type: ignore[attr-defined]


def judged(function: Any, *args: Any, **params: Any) -> Sample:
    """Make the row of a function that the complex step cannot judge."""
    return row(function, *args, analytic=False, exact=False, **params)


VECTOR_NORMS = [None, 0, 1, 2, 3, 4, 0.5, 2.5, -1, -2, np.inf, -np.inf]
MATRIX_NORMS = ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]

SAMPLES: list[Sample] = [
    *[row(la.inv, positive_definite(*s)) for s in [(3, 3), (2, 3, 3), (0, 0)]],
    row(la.solve, positive_definite(3, 3), normal(3), exact=False),
    row(la.solve, positive_definite(3, 3), normal(3, 2)),
    row(la.solve, positive_definite(2, 3, 3), normal(3)),
    row(la.solve, positive_definite(3, 3), normal(2, 3, 2)),
    row(la.solve, positive_definite(2, 1, 2, 2), normal(3, 2, 1)),
    *[row(la.matrix_power, positive_definite(2, 3, 3), n, exact=False) for n in (-2, -1, 0, 1, 5)],
    row(la.tensorinv, normal(4, 2, 2), ind=1),
    row(la.tensorinv, normal(2, 2, 4)),
    row(la.tensorsolve, normal(2, 2, 4), normal(2, 2), exact=False),
    row(la.tensorsolve, normal(4, 2, 2), normal(2, 2), axes=(0,), exact=False),
    *[judged(la.pinv, normal(*s)) for s in [*SHAPES, (1, 3)]],
    judged(la.pinv, normal(3, 2), rcond=1e-8),
    judged(la.pinv, normal(3, 2), rtol=1e-8),
    judged(la.pinv, normal(3, 2), 0.6),
    judged(la.pinv, positive_definite(3, 3), hermitian=True),
    *[judged(solution, normal(*s), normal(s[0])) for s in [(3, 3), (4, 2), (2, 4)]],
    judged(solution, normal(4, 2), normal(4, 3), rcond=1e-8),
    *[row(la.det, normal(*s)) for s in [(3, 3), (2, 3, 3), (0, 0)]],
    judged(flattened(la.slogdet), normal(3, 3)),
    judged(flattened(la.slogdet), normal(2, 2, 2)),
    judged(la.cholesky, positive_definite(3, 3)),
    judged(la.cholesky, positive_definite(2, 2, 2), upper=True),
    *[judged(flattened(la.qr), normal(*s)) for s in SHAPES],
    judged(la.qr, normal(4, 2), mode="r"),
    judged(flattened(la.qr), normal(2, 3), "complete"),
    *[judged(flattened(la.eigh), positive_definite(*s)) for s in [(3, 3), (2, 2, 2), (1, 1)]],
    judged(flattened(la.eigh), positive_definite(3, 3), UPLO="U"),
    *[judged(la.eigvalsh, positive_definite(*s)) for s in [(3, 3), (2, 2, 2)]],
    judged(la.eigvalsh, positive_definite(3, 3), UPLO="U"),
    *[judged(flattened(la.eig), positive_definite(*s)) for s in [(3, 3), (2, 2, 2)]],
    *[judged(la.eigvals, positive_definite(*s)) for s in [(3, 3), (2, 2, 2)]],
    *[judged(flattened(la.svd), normal(*s), full_matrices=False) for s in SHAPES],
    judged(flattened(la.svd), normal(3, 3)),
    judged(la.svd, normal(3, 2), compute_uv=False),
    *[judged(la.svdvals, normal(*s)) for s in SHAPES],
    *[judged(la.norm, normal(5), p) for p in VECTOR_NORMS],
    *[judged(la.norm, normal(2, 3), p, axis=0) for p in VECTOR_NORMS],
    *[judged(la.norm, normal(3, 2), p) for p in MATRIX_NORMS],
    *[judged(la.norm, normal(3, 2, 4), p, axis=(-1, 0)) for p in MATRIX_NORMS],
    judged(la.norm, normal(2, 3, 2)),
    judged(la.norm, normal(2, 3), keepdims=True),
    judged(la.norm, normal(2, 3, 2), 3, -1, keepdims=True),
    judged(la.norm, normal(2, 3, 2), "nuc", (0, 1), keepdims=True),
    judged(la.matrix_norm, normal(2, 3, 2)),
    judged(la.matrix_norm, normal(2, 3, 2), ord=1, keepdims=True),
    judged(la.vector_norm, normal(2, 3)),
    judged(la.vector_norm, normal(2, 3, 2), axis=(0, 2), ord=3, keepdims=True),
    judged(la.vector_norm, normal(2, 3), axis=-1, ord=1),
    *[judged(la.cond, normal(2, 3, 3), p) for p in [None, *MATRIX_NORMS]],
    judged(la.cond, normal(3, 2)),
]
