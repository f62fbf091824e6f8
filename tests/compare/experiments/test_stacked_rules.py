"""Stacked networks do, bit for bit, what the tutorial's loop does; rules are what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograd_nn import tutorial
from autograd_nn.compare import Case, cases, complex_step
from autograd_nn.compare.experiments import measures
from autograd_nn.compare.experiments.rules import (
    RULES,
    Array,
    Network,
    backward,
    descent,
    forward,
    half_sse,
    update,
)
from autograd_nn.compare.experiments.trial import Stack, run_stack

BACKWARD = {
    "printed": tutorial.backward_propagation,
    "mended": tutorial.mended_backward_propagation,
}
DATA = ["xor", "iris", "random-20x3x2", "random-7x5x1", "random-1x1x3", "random-33x9x4"]


def run_of(network: Network, run: int) -> list[Array]:
    """Return one run's parameters in the tutorial's shapes."""
    W1, b1, W2, b2 = (parameter[run] for parameter in network)
    return [W1, b1[0], W2, b2[0]]


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


@pytest.mark.filterwarnings("ignore:overflow")  # the tutorial's sigmoid far out
@pytest.mark.parametrize("rule", BACKWARD)
@pytest.mark.parametrize("data", DATA)
def test_each_network_of_a_stack_is_the_tutorials_bit_for_bit(data: str, rule: str) -> None:
    epochs, hidden = 120, 5
    work = cases(data=data, rule=rule, hidden=hidden, learning_rate=[0.3, 2.0], seed=[4, 8, 15])
    stack = Stack.of(work)
    for _ in range(epochs):
        stack.train_epoch(*forward(stack.x, stack.network))
    _, y = forward(stack.x, stack.network)
    losses = half_sse(stack.t, y)
    for run, case in enumerate(work):
        x, t = (values[run] if values.ndim == 3 else values for values in (stack.x, stack.t))
        layers = tutorial.train_network(
            x, t, *case.sizes, case.learning_rate, epochs, rng=case.seed, backward=BACKWARD[rule]
        )
        expected = [layer[name] for layer in layers for name in ("weights", "bias")]
        for found, wanted in zip(run_of(stack.network, run), expected, strict=True):
            assert np.array_equal(found, wanted)
        assert losses[run] == tutorial.half_sse(t, tutorial.predict(x, *layers))


@pytest.mark.parametrize(("data", "batch_size"), [("xor", None), ("random-8x3x2", 3)])
@pytest.mark.parametrize("rule", RULES)
def test_a_network_does_not_notice_its_neighbours(
    rule: str, data: str, batch_size: int | None
) -> None:
    axes = {"rule": rule, "data": data, "batch_size": batch_size, "epochs": 12}
    work = cases(**axes, learning_rate=[0.2, 3.0], scale=[1, 4], seed=range(2))
    together = run_stack(work)
    assert together == [outcome for case in work for outcome in run_stack([case])]
    assert together[::-1] == run_stack(work[::-1])
    assert len({outcome.loss for outcome in together}) == len(work)


@pytest.mark.parametrize("data", DATA)
def test_the_mended_rule_is_the_gradient(data: str) -> None:
    for case in cases(data=data, rule="mended", scale=[0.5, 2], seed=range(3)):
        stack = Stack.of([case])

        def loss(network: list[Array], stack: Stack = stack) -> Array:
            value: Array = half_sse(stack.t, forward(stack.x, Network(*network))[1])[0]
            return value

        true = complex_step(loss, list(stack.network))
        steps = descent(RULES["mended"], stack.x, stack.t, stack.network, stack.rates)
        for step, gradient in zip(steps, true, strict=True):
            np.testing.assert_allclose(-step, gradient, rtol=1e-12, atol=1e-14)


def test_each_rule_departs_from_the_chain_rule_where_it_says() -> None:
    case = Case(data="random-6x3x2", learning_rate=0.7, seed=1)
    stack = Stack.of([case])
    x, t, (W1, b1, W2, b2) = stack.x[0], stack.t[0], run_of(stack.network, 0)
    h = sigmoid(x @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    slope_h, slope_y, error = h * (1 - h), y * (1 - y), t - y
    wrong_h, wrong_y = sigmoid(h) * (1 - sigmoid(h)), sigmoid(y) * (1 - sigmoid(y))

    def by_hand(on_y: Array, on_h: Array, W2: Array = W2) -> list[Array]:
        delta2 = error * on_y
        delta1 = delta2 @ W2.T * on_h
        return [x.T @ delta1, delta1.sum(axis=0), h.T @ delta2, delta2.sum(axis=0)]

    mended = by_hand(slope_y, slope_h)
    expected = {
        "printed": by_hand(wrong_y, wrong_h),
        "mended": mended,
        "hidden-mended": by_hand(wrong_y, slope_h),
        "output-mended": by_hand(slope_y, wrong_h),
        "stale-weights": by_hand(slope_y, slope_h, W2 + 0.7 * mended[2]),
        "mean-bias": [mended[0], mended[1] / 6, mended[2], mended[3] / 6],
        "no-output-slope": by_hand(np.ones_like(y), slope_h),
        "no-hidden-slope": by_hand(slope_y, np.ones_like(h)),
    }
    assert expected.keys() == RULES.keys()
    for name, wanted in expected.items():
        steps = descent(RULES[name], stack.x, stack.t, stack.network, stack.rates)
        for found, step in zip(run_of(steps, 0), wanted, strict=True):
            np.testing.assert_allclose(found, step, rtol=1e-13, atol=1e-15, err_msg=name)


def test_an_update_adds_the_rates_times_the_steps_in_place() -> None:
    stack = Stack.of(cases(seed=range(2), learning_rate=[0.5, 2.0]))
    before = [parameter.copy() for parameter in stack.network]
    outputs = forward(stack.x, stack.network)
    steps = backward(stack.rule, stack.x, stack.t, stack.network, stack.rates, *outputs)
    update(stack.network, steps, stack.rates)
    for was, step, now in zip(before, steps, stack.network, strict=True):
        assert np.array_equal(now, was + stack.rates * step)


@pytest.mark.parametrize("batch_size", [1, 3, 8, 20])
def test_an_epoch_takes_every_sample_once_in_an_order_of_its_own(batch_size: int) -> None:
    stack = Stack.of(cases(data="random-20x3x2", seed=range(3)))
    for _ in range(2):
        orders = []
        batches = list(stack.batches(batch_size))
        assert len(batches) == -(-20 // batch_size)
        x = np.concatenate([x for x, _ in batches], axis=1)
        t = np.concatenate([t for _, t in batches], axis=1)
        for run in range(3):
            order = [int(np.flatnonzero((stack.x[run] == row).all(axis=1))[0]) for row in x[run]]
            assert sorted(order) == list(range(20))
            assert np.array_equal(stack.t[run][order], t[run])
            orders.append(tuple(order))
        assert len(set(orders)) == 3


def test_a_batch_of_one_is_trained_on_as_the_tutorials_loop_would() -> None:
    case = Case(data="xor", rule="printed", batch_size=1, learning_rate=0.9, seed=5)
    stack = Stack.of([case])
    layers = tutorial.initialize_network(*case.sizes, rng=5)
    order = Stack.of([case]).generators[0].permutation(4)
    for sample in order:
        x, t = stack.x[sample : sample + 1], stack.t[sample : sample + 1]
        outputs = tutorial.forward_propagation(x, *layers)
        tutorial.backward_propagation(x, *layers, *outputs, t, 0.9)
    stack.train_epoch(*forward(stack.x, stack.network))
    expected = [layer[name] for layer in layers for name in ("weights", "bias")]
    for found, wanted in zip(run_of(stack.network, 0), expected, strict=True):
        assert np.array_equal(found, wanted)


def curls(case: Case, rates: list[float]) -> Array:
    stack = Stack.of([replace(case, learning_rate=rate) for rate in rates])
    return measures.curl(stack.rule, stack.x, stack.t, stack.network, stack.rates)


@pytest.mark.parametrize("data", ["xor", "random-5x3x2"])
@pytest.mark.parametrize(
    ("rule", "is_a_gradient"),
    [
        ("mended", True),
        ("hidden-mended", True),  # of a loss that saturates less
        ("no-output-slope", True),  # of the cross-entropy
        ("printed", False),
        ("output-mended", False),
        ("mean-bias", False),
        ("no-hidden-slope", False),
    ],
)
def test_curl_is_zero_for_gradients_alone(rule: str, data: str, *, is_a_gradient: bool) -> None:
    [curl] = curls(Case(rule=rule, data=data, scale=2, seed=3), [1.0])
    assert (curl < 1e-12) == is_a_gradient
    assert is_a_gradient or curl > 1e-3


def test_the_curl_of_stale_weights_is_proportional_to_the_learning_rate() -> None:
    small, large = curls(Case(rule="stale-weights", seed=2), [1e-4, 1e-3])
    assert large / small == pytest.approx(10, rel=1e-2)
    assert small > 1e-7
