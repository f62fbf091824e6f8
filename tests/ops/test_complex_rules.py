"""Judge every rule on complex arguments too, where NumPy's function takes them."""

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograd_nn import errors, jvp, vjp
from oracles import Arrays, Function, error, richardson
from samples import Sample
from table import SAMPLES

REORDERED = {"unique_values"}  # which NumPy lists in the order of their hashes
REFUSED = {"eigh", "svd", "psi", "ive"}  # their vectors have arbitrary phases; no rule is known
REAL = {"cond"}  # which NumPy 2.0 returns with an imaginary part of 0
NEAR_A_KINK = {"norm(normal[2,3], inf, axis=0)", "norm(normal[2,3], -inf, axis=0)"}


def upper(x: NDArray[Any], seed: int) -> NDArray[Any]:
    """Move into the upper half plane, away from the branch cuts on the axes."""
    return np.asarray(x + 1j * np.random.default_rng(seed).uniform(0.2, 0.6, x.shape))


def complex_direction(z: Any, seed: int) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    v = rng.normal(size=z.shape) + 1j * rng.normal(size=z.shape)
    return np.asarray(v if np.iscomplexobj(z) else v.real)


def numerical_gradient(function: Function, zs: Arrays, u: Any) -> list[NDArray[Any]]:
    """Compute ``dL/dRe + i dL/dIm`` of ``L = Re(sum(conj(u) * function(*zs)))``, PyTorch's."""
    found = []
    for k, z in enumerate(zs):
        g = np.zeros(z.shape, complex)
        for i in np.ndindex(z.shape):
            for unit in (1, 1j):
                vs = [np.zeros(other.shape, complex) for other in zs]
                vs[k][i] = unit
                g[i] += unit * np.sum(np.conj(u) * richardson(function, zs, vs)).real
        found.append(g)
    return found


def takes_complex(sample: Sample) -> bool:
    """Tell whether NumPy computes a sample with complex numbers, and keeps both their parts."""
    function, _, xs = sample.pose()
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            function(*[upper(x, k) for k, x in enumerate(xs)])
        except (TypeError, ValueError, errors.AutogradError, np.exceptions.ComplexWarning):
            return False
    return sample.entry.__name__ not in REORDERED and str(sample) not in NEAR_A_KINK


COMPLEX_SAMPLES = [sample for sample in SAMPLES if takes_complex(sample)]


def test_most_samples_are_judged_with_complex_numbers_too() -> None:
    assert len(COMPLEX_SAMPLES) > len(SAMPLES) / 2


@pytest.mark.parametrize("sample", COMPLEX_SAMPLES, ids=str)
def test_complex_derivatives_in_both_modes(sample: Sample) -> None:
    function, _, xs = sample.pose()
    zs = [upper(x, k) for k, x in enumerate(xs)]
    expected = np.asarray(function(*zs))
    expected = expected.real if sample.entry.__name__ in REAL else expected
    u = complex_direction(expected, 7)
    if sample.entry.__name__ in REFUSED and "compute_uv" not in sample.params:
        with pytest.raises(errors.AutogradError, match=r"phases|known for real arguments only"):
            vjp(function, *zs)[1](u)
        return
    out, pull = vjp(function, *zs)
    assert error(out, expected) <= 1e-13
    for found, exact in zip(pull(u), numerical_gradient(function, zs, u), strict=True):
        assert error(found, exact) <= 1e-7
    vs = [complex_direction(z, 9 + k) for k, z in enumerate(zs)]
    assert error(jvp(function, tuple(zs), tuple(vs))[1], richardson(function, zs, vs)) <= 1e-7
