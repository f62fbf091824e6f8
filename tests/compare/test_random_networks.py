"""Random networks are right, and mutants wrong, by oracles that know of neither."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from autograd_nn.compare import finite_difference
from autograd_nn.compare.diagnosis.mistakes import MISTAKES
from corpus.random_networks import (
    ACTIVATIONS,
    LOSSES,
    MUTATIONS,
    Network,
    random_mutant,
    random_network,
)


def error(network: Network) -> float:
    """Measure how far the hand-written gradient is from the numerical one, relative to it."""

    def total(params: Any) -> Any:
        output, _ = network.forward(params, network.inputs.astype(np.float64))
        return network.loss(output, network.targets.astype(np.float64), params)

    true = finite_difference(total, network.params, step=1e-5)
    hand = network.gradient()
    assert {k: g.shape for k, g in hand.items()} == {k: p.shape for k, p in network.params.items()}
    size = max(float(np.linalg.norm(g)) for g in true.values())
    return max(float(np.linalg.norm(hand[k] - true[k])) for k in true) / max(size, 1e-300)


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_are_right(seed: int) -> None:
    network = random_network(seed)
    (dtype,) = {array.dtype for array in network.params.values()}
    assert {g.dtype for g in network.gradient().values()} == {dtype}
    assert error(network) < (1e-7 if dtype == np.float64 else 1e-4)


@pytest.mark.parametrize("seed", range(30))
def test_mutants_are_wrong(seed: int) -> None:
    mutant = random_mutant(seed)
    assert mutant.mistake in MISTAKES
    assert error(mutant) > 5e-4


def test_everything_is_drawn() -> None:
    networks = [random_network(seed) for seed in range(1000)]
    assert {name for n in networks for name in n.activations} == set(ACTIVATIONS)
    assert {n.loss_name for n in networks} == set(LOSSES)
    assert {n.depth for n in networks} == {1, 2, 3, 4}
    assert {len(n.inputs) for n in networks} == set(range(1, 10))
    assert {width for n in networks for width in n.params["W1"].shape} == set(range(1, 9))
    assert {str(n.inputs.dtype) for n in networks} == {"float32", "float64"}
    assert {n.l2 for n in networks} == {0.0, 0.1}
    assert Counter(random_mutant(seed).mutation for seed in range(1000)).keys() == set(MUTATIONS)


def test_a_seed_draws_the_same_again() -> None:
    for draw in (random_network, random_mutant):
        first, second = draw(7).gradient(), draw(7).gradient()
        for name in first:
            np.testing.assert_array_equal(first[name], second[name])
