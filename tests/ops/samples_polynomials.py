"""Samples of autograd_nn/ops/polynomials.py."""

import numpy as np

from samples import Draw, Sample, Spelled, nonzero, normal, positive, row, spaced
from samples_fourier import Parts


def near(*roots: complex) -> Draw:
    """Draw coefficients near those of a polynomial with the given roots."""
    centre = np.poly(roots)
    return Draw("near", centre.shape, lambda rng, n: centre + rng.uniform(-0.02, 0.02, n))


def matrix(n: int) -> Draw:
    """Draw coefficients of the size of one."""
    return Draw("matrix", (n, n), lambda rng, size: rng.normal(size=size) / n)


SAMPLES: list[Sample] = [
    row(np.polyval, normal(4), normal(2, 3)),
    row(np.polyval, normal(3), normal()),
    row(np.polyval, normal(1), 2.0),
    row(np.polyval, [1, 2, 3], normal(3), analytic=False),
    *[
        row(f, normal(n), normal(3))
        for f in (np.polyadd, np.polysub, np.polymul)
        for n in (2, 3, 4)
    ],
    row(np.polymul, normal(3), [0.0, 1.0, 2.0]),
    row(np.polydiv, normal(4), nonzero(3)),
    *[row(np.polyder, normal(4), m) for m in (1, 2, 5)],
    *[row(np.polyint, normal(3), **p) for p in ({}, {"m": 2}, {"m": 2, "k": [1, 2]})],
    *[row(np.polyint, normal(3), 2, normal(n)) for n in (1, 2)],
    row(np.poly, normal(3)),
    *[row(np.poly, matrix(n), analytic=False) for n in (1, 2, 4)],
    row(np.polyfit, spaced(5), normal(5), 2, analytic=False, exact=False),
    row(np.polyfit, spaced(5), normal(5, 2), 1, analytic=False, exact=False),
    *[
        row(np.polyfit, spaced(5), normal(5), 1, cov=cov, analytic=False, exact=False)
        for cov in (True, "unscaled")
    ],
    row(
        Spelled(np.polyfit, lambda x, y, w: np.polyfit(x, y, 1, w=w)),
        *(spaced(5), normal(5), positive(5)),
        analytic=False,
        exact=False,
    ),
    row(np.roots, near(1, 2, 4), analytic=False),
    row(Parts(np.roots), near(1, 1 + 2j, 1 - 2j), analytic=False),
]
