"""Initialisers: the variances of the papers, for weights of any shape; biases at 0."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import nn

VARIANCES: dict[str, Any] = {
    "standard_normal": lambda _i, _o: 1.0,
    "uniform_fan_in": lambda i, _o: 1 / (3 * i),
    "lecun_normal": lambda i, _o: 1 / i,
    "glorot_uniform": lambda i, o: 2 / (i + o),
    "glorot_normal": lambda i, o: 2 / (i + o),
    "he_uniform": lambda i, _o: 2 / i,
    "he_normal": lambda i, _o: 2 / i,
}


@pytest.mark.parametrize("name", VARIANCES)
def test_weights_have_the_variance_that_the_paper_asks_for(name: str) -> None:
    initialise = getattr(nn, name)
    linear = nn.Linear(50, 400, rng=0, initialise=initialise)
    kernels = nn.Conv2d(10, 40, (5, 10), rng=0, initialise=initialise)
    for layer, fans in ((linear, (50, 400)), (kernels, (500, 2000))):
        w = layer.weight.numpy()
        assert w.mean() == pytest.approx(0, abs=4 * w.std() / w.size**0.5)
        assert w.var() == pytest.approx(VARIANCES[name](*fans), rel=0.05)
    # the same seed gives the same weights
    np.testing.assert_array_equal(
        nn.Linear(50, 400, rng=0, initialise=initialise).weight.numpy(), linear.weight.numpy()
    )


@pytest.mark.parametrize("name", [n for n in VARIANCES if "_fan_" not in n and "std" not in n])
def test_biases_begin_at_0_where_a_paper_speaks_of_weights(name: str) -> None:
    bias = nn.Linear(3, 4, rng=0, initialise=getattr(nn, name)).bias.numpy()
    assert np.any(bias != 0) == (name == "standard_normal")


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 3, 2, 2)])
def test_orthogonal_matrices_are_orthogonal_and_may_reflect(shape: tuple[int, ...]) -> None:
    signs = set()
    for seed in range(8):
        q = nn.orthogonal(np.random.default_rng(seed), shape, 1, 1).reshape(shape[0], -1)
        small = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
        np.testing.assert_allclose(small, np.eye(len(small)), atol=1e-14)
        signs.add(bool(q[0, 0] > 0))
    assert signs == {True, False}
