"""Train networks side by side, as their cases describe them, and measure what comes of it.

Each network's numbers are those that it would have alone, to the bit: what shares its stack, and
which process it is in, changes nothing.  NumPy alone, so that what judges gradients shares no
code with the engine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.compare.experiments import measures
from autograd_nn.compare.experiments.cases import Case, draw_data
from autograd_nn.compare.experiments.outcome import Agreement, Outcome
from autograd_nn.compare.experiments.rules import (
    PARAMETERS,
    RULES,
    Array,
    Network,
    Rule,
    backward,
    descent,
    forward,
    half_sse,
    update,
)

SAMPLES = 24  # of a curve, the start and repetitions not counted
PARTS = {name: (name,) for name in PARAMETERS} | {
    "hidden": ("W1", "b1"),
    "output": ("W2", "b2"),
    "all": PARAMETERS,
}


def stack_key(case: Case) -> tuple[Any, ...]:
    """Return what cases must have in common to be trained in one stack."""
    return case.data, case.hidden, case.batch_size, case.rule, case.epochs


@dataclass(frozen=True)
class Stack:
    """Hold networks to be trained side by side, with the data and generator of each."""

    cases: Sequence[Case]
    rule: Rule
    x: Array  # (n_samples, n_features), or (n_runs, ...) where each has its own
    t: Array
    network: Network
    rates: Array  # (n_runs, 1, 1)
    generators: Sequence[np.random.Generator]

    @classmethod
    def of(cls, cases: Sequence[Case]) -> Stack:
        """Draw weights, in the tutorial's order, then data, for each case from its seed."""
        generators = [np.random.default_rng(case.seed) for case in cases]
        networks, features, targets = [], [], []
        for case, rng in zip(cases, generators, strict=True):
            n_features, n_hidden, n_outputs = case.sizes
            shapes = (n_features, n_hidden), (1, n_hidden), (n_hidden, n_outputs), (1, n_outputs)
            networks.append([case.scale * rng.standard_normal(shape) for shape in shapes])
            x, t = draw_data(case.data, rng)
            features.append(x)
            targets.append(t)
        shared = not cases[0].data.startswith("random")
        return cls(
            cases=cases,
            rule=RULES[cases[0].rule],
            x=features[0] if shared else np.array(features),
            t=targets[0] if shared else np.array(targets),
            network=Network(*map(np.array, zip(*networks, strict=True))),
            rates=np.array([case.learning_rate for case in cases])[:, np.newaxis, np.newaxis],
            generators=generators,
        )

    def agreements(self) -> list[dict[str, Agreement]]:
        """Set what the rule takes for the gradient beside the gradient, now, run by run."""
        gradients = [
            descent(rule, self.x, self.t, self.network, self.rates)
            for rule in (self.rule, RULES["mended"])
        ]
        found: list[dict[str, Agreement]] = [{} for _ in self.cases]
        for part, names in PARTS.items():
            g, t = (measures.flat(gradient, names) for gradient in gradients)
            columns = measures.cosine(g, t), measures.norm_ratio(g, t), measures.sign_flips(g, t)
            for run, (cosine, ratio, flips) in enumerate(zip(*columns, strict=True)):
                found[run][part] = Agreement(finite(cosine), finite(ratio), float(flips))
        return found

    def train_epoch(self, h: Array, y: Array) -> None:
        """Update every network once for each batch; `h` and `y` are of all samples, now."""
        size = self.cases[0].batch_size
        if size is None or size == self.x.shape[-2]:
            steps = backward(self.rule, self.x, self.t, self.network, self.rates, h, y)
            update(self.network, steps, self.rates)
            return
        for x, t in self.batches(size):
            update(self.network, descent(self.rule, x, t, self.network, self.rates), self.rates)

    def batches(self, size: int) -> Iterator[tuple[Array, Array]]:
        """Yield the samples of every run in an order of its own, `size` at a time."""
        n_samples = self.x.shape[-2]
        orders = np.array([rng.permutation(n_samples) for rng in self.generators])
        for start in range(0, n_samples, size):
            chosen = orders[:, start : start + size, np.newaxis]
            yield self._take(self.x, chosen), self._take(self.t, chosen)

    def _take(self, values: Array, chosen: Array) -> Array:
        everyone = np.broadcast_to(values, (len(self.cases), *values.shape[-2:]))
        return np.take_along_axis(everyone, chosen, axis=1)


def run_stack(cases: Sequence[Case]) -> list[Outcome]:
    """Train the networks of `cases`, which share their `stack_key`, and measure them."""
    with np.errstate(over="ignore", invalid="ignore"):  # what diverges is measured as None
        stack = Stack.of(cases)
        epochs = cases[0].epochs
        sampled = np.unique(np.geomspace(1, epochs, SAMPLES).round().astype(int)).tolist()
        sampled = [0, *sampled]

        curl = measures.curl(stack.rule, stack.x, stack.t, stack.network, stack.rates)
        first: list[dict[str, Agreement]] = stack.agreements()
        cosines: list[list[float | None]] = [[] for _ in cases]
        losses = np.empty((epochs + 1, len(cases)))
        for epoch in range(epochs + 1):
            h, y = forward(stack.x, stack.network)
            losses[epoch] = half_sse(stack.t, y)
            if epoch in sampled:
                for run, agreement in enumerate(stack.agreements()):
                    cosines[run].append(agreement["all"].cosine)
            if epoch < epochs:
                stack.train_epoch(h, y)

        accuracy, raised = measures.accuracy(stack.t, y), measures.raised(losses)
        return [
            Outcome(
                case=case,
                loss=finite(losses[-1, run]),
                accuracy=float(accuracy[run]),
                epochs_to_target=measures.first_at(losses[:, run], case.target),
                relapses=measures.relapses(losses[:, run], case.target),
                raised=float(raised[run]),
                curl=finite(curl[run]),
                agreement=first[run],
                epochs=tuple(sampled),
                losses=tuple(finite(loss) for loss in losses[sampled, run]),
                cosines=tuple(cosines[run]),
            )
            for run, case in enumerate(cases)
        ]


def finite(value: Any) -> float | None:
    """Return a Python float, or None for what JSON has no number for."""
    return float(value) if math.isfinite(value) else None
