"""Look at one case's gradient closely: entry by entry, against differences, along a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_nn.compare.experiments.cases import Case
from autograd_nn.compare.experiments.measures import flat
from autograd_nn.compare.experiments.rules import RULES, Array, Network, descent, forward, half_sse
from autograd_nn.compare.experiments.trial import PARTS, Stack
from autograd_nn.compare.oracles import complex_step, finite_difference


def gradient_entries(case: Case, part: str = "all") -> tuple[Array, Array]:
    """Return what the case's rule takes for the gradient, and the gradient, at the start.

    Parameters
    ----------
    case : Case
    part : {'W1', 'b1', 'W2', 'b2', 'hidden', 'output', 'all'}

    Returns
    -------
    rule, gradient : (n_entries,) arrays

    Examples
    --------
    >>> rule, gradient = gradient_entries(Case(rule="mean-bias"), "b2")
    >>> bool(np.isclose(gradient / rule, 4).all())  # samples
    True
    """
    stack = Stack.of([case])
    rule, gradient = (
        -flat(descent(rule, stack.x, stack.t, stack.network, stack.rates), PARTS[part])[0]
        for rule in (stack.rule, RULES["mended"])
    )
    return rule, gradient


def step_errors(case: Case, steps: Sequence[float]) -> dict[str, list[float]]:
    """Measure how far four numerical gradients are from the true one, for each step.

    Parameters
    ----------
    case : Case
        Of its rule, nothing is used.
    steps : sequence of float
        Relative, as in `finite_difference`; at least 4.5e-16.

    Returns
    -------
    dict of str to list of float
        For 'forward', 'central', 'richardson' and 'complex step' the relative errors
        ``|estimate - gradient| / |gradient|``.

    Examples
    --------
    >>> errors = step_errors(Case(), [1e-6])
    >>> errors["complex step"][0] < errors["central"][0] < errors["forward"][0]
    True
    """
    loss, start = _loss(case)
    _, gradient = gradient_entries(case)
    return numerical_errors(loss, start, gradient, steps)


def numerical_errors(
    loss: Callable[[Any], Any],
    start: Any,
    gradient: Any,
    steps: Sequence[float],
    methods: Sequence[str] = ("forward", "central", "richardson", "complex step"),
) -> dict[str, list[float]]:
    """Measure how far numerical gradients are from the true one, for each step.

    Parameters
    ----------
    loss : callable
        Takes a real array and a complex one, and returns a number.
    start : array_like
        Where.
    gradient : array_like of the shape of `start`
        The true one.
    steps : sequence of float
        As in `step_errors`.
    methods : sequence of str
        Any of those four.

    Returns
    -------
    dict of str to list of float
        As `step_errors`.

    Examples
    --------
    >>> numerical_errors(np.sum, [1.0, 2.0], [1.0, 1.0], [1e-3, 1.0], ["complex step"])
    {'complex step': [0.0, 0.0]}
    """
    start = np.asarray(start, dtype=np.float64)
    estimates: dict[str, Callable[[float], Any]] = {
        "forward": lambda step: _forward_difference(loss, start, step),
        "central": lambda step: finite_difference(loss, start, method="central", step=step),
        "richardson": lambda step: finite_difference(loss, start, method="richardson", step=step),
        "complex step": lambda step: complex_step(loss, start, step=step),
    }

    def error(estimate: Array) -> float:
        return float(np.linalg.norm(estimate - gradient) / np.linalg.norm(gradient))

    return {name: [error(estimates[name](step)) for step in steps] for name in methods}


def taylor_remainders(case: Case, steps: Sequence[float]) -> list[float]:
    """Measure ``|L(w + h d) - L(w) - h <g, d>|`` for each step h, g being the rule's.

    Parameters
    ----------
    case : Case
    steps : sequence of float

    Returns
    -------
    list of float
        Of order h^2 if g is the gradient, of order h if it is not, until rounding takes over.
        The direction d, of length 1, is drawn from the case's seed.

    Examples
    --------
    >>> steps = [1e-3, 1e-2]
    >>> for rule in ("printed", "mended"):
    ...     print(rule, round(order(steps, taylor_remainders(Case(rule=rule), steps))))
    printed 1
    mended 2
    """
    loss, start = _loss(case)
    g, _ = gradient_entries(case)
    direction = np.random.default_rng([case.seed, 1]).standard_normal(start.size)
    direction /= np.linalg.norm(direction)
    here, slope = loss(start), g @ direction
    return [float(abs(loss(start + h * direction) - here - h * slope)) for h in steps]


def order(steps: Sequence[float], errors: Sequence[float]) -> float:
    """Return the least-squares slope of the errors over the steps, both logarithmic."""
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


def _loss(case: Case) -> tuple[Callable[[Array], Any], Array]:
    """Return the loss as a function of one vector of parameters, and where the case starts."""
    stack = Stack.of([replace(case, rule="mended")])
    shapes = [parameter.shape for parameter in stack.network]
    ends = np.cumsum([parameter.size for parameter in stack.network])[:-1]

    def loss(vector: Array) -> Any:
        parts = zip(np.split(vector, ends), shapes, strict=True)
        network = Network(*(part.reshape(shape) for part, shape in parts))
        return half_sse(stack.t, forward(stack.x, network)[1])[0]

    return loss, flat(stack.network)[0]


def _forward_difference(loss: Callable[[Array], Any], start: Array, step: float) -> Array:
    here, gradient = loss(start), np.empty_like(start)
    for index, x in np.ndenumerate(start):
        moved = start.copy()
        moved[index] = x + step * max(1.0, abs(x))
        gradient[index] = (loss(moved) - here) / (moved[index] - x)
    return gradient
