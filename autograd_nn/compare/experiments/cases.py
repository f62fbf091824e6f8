"""Describe an experiment: one network, its data, the rule that trains it and a seed."""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn import datasets
from autograd_nn.compare.experiments.rules import RULES

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """Describe one training run of the tutorial's network; the description decides all of it.

    Attributes
    ----------
    data : str
        'xor'; 'iris', standardised; or random data such as 'random-20x3x2': 20 samples of 3
        standard normal features, in 2 classes at random, new for each seed.
    hidden : int
        The number of hidden units.
    batch_size : int or None
        Samples to an update, shuffled anew in every epoch; None takes all.
    scale : float
        Initial weights and biases are standard normal times this.
    learning_rate : float
        Per unit of gradient summed over the samples.
    rule : str
        What takes the place of the gradient, a name in `RULES`.
    epochs : int
        Passes over the data.
    target : float
        A run succeeds when half its sum of squared errors, over all samples, comes down to this.
    seed : int
        Decides weights, random data and batches.

    Raises
    ------
    TypeError, ValueError
        If a field is of the wrong kind or out of range; the message names it.

    Examples
    --------
    >>> Case(data="iris", hidden=8, learning_rate=0.02).sizes
    (4, 8, 3)
    """

    data: str = "xor"
    hidden: int = 4
    batch_size: int | None = None
    scale: float = 1.0
    learning_rate: float = 1.0
    rule: str = "printed"
    epochs: int = 10_000
    target: float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        shape = shape_of(self.data)
        if self.rule not in RULES:
            msg = f"Case: rule must be one of {', '.join(RULES)}, not {self.rule!r}"
            raise ValueError(msg)
        for name, smallest in (("hidden", 1), ("epochs", 1), ("seed", 0), ("batch_size", 1)):
            if getattr(self, name) is not None or name != "batch_size":
                self._set(name, _whole(name, getattr(self, name), smallest))
        for name in ("scale", "learning_rate", "target"):
            self._set(name, _positive(name, getattr(self, name)))
        if self.batch_size is not None and self.batch_size > shape[0]:
            msg = (
                f"Case: batch_size must be at most the {shape[0]} samples of {self.data}, "
                f"not {self.batch_size}"
            )
            raise ValueError(msg)

    def _set(self, name: str, value: float) -> None:
        """Keep a field as Python's own number, so that equal cases are equal as JSON too."""
        object.__setattr__(self, name, value)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """The numbers of features, hidden units and outputs."""
        _, n_features, n_outputs = shape_of(self.data)
        return n_features, self.hidden, n_outputs


def cases(**axes: Any) -> list[Case]:
    """Make a case of every combination of the values given.

    Parameters
    ----------
    **axes : value, or iterable of values
        Named as the attributes of `Case`; those left out keep their defaults.

    Returns
    -------
    list of Case
        The last axis varies fastest.

    Raises
    ------
    TypeError, ValueError
        If there is no such attribute, or a value makes no sense for it.

    Examples
    --------
    >>> [(c.rule, c.seed) for c in cases(rule=["printed", "mended"], seed=range(2))]
    [('printed', 0), ('printed', 1), ('mended', 0), ('mended', 1)]
    """
    known = [field.name for field in fields(Case)]
    for name in axes:
        if name not in known:
            msg = f"cases: {name!r} is no attribute of Case; choose from {', '.join(known)}"
            raise TypeError(msg)
    values = (
        axis if isinstance(axis, Iterable) and not isinstance(axis, str) else (axis,)
        for axis in axes.values()
    )
    return [Case(**dict(zip(axes, chosen, strict=True))) for chosen in itertools.product(*values)]


def shape_of(data: str) -> tuple[int, int, int]:
    """Return the numbers of samples, features and outputs of a data set.

    >>> shape_of("random-20x3x2")
    (20, 3, 2)
    """
    if data in _SHAPES:
        return _SHAPES[data]
    found = re.fullmatch(r"random-([1-9]\d*)x([1-9]\d*)x([1-9]\d*)", str(data))
    if not found:
        msg = f"Case: data must be 'xor', 'iris' or like 'random-20x3x2', not {data!r}"
        raise ValueError(msg)
    n_samples, n_features, n_outputs = map(int, found.groups())
    return n_samples, n_features, n_outputs


def draw_data(data: str, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return features and targets; only random data draws from `rng`."""
    if data == "xor":
        loaded = datasets.xor()
        return loaded.features, loaded.targets
    if data == "iris":
        loaded = datasets.iris()
        x = loaded.features
        return (x - x.mean(axis=0)) / x.std(axis=0), loaded.targets
    n_samples, n_features, n_outputs = shape_of(data)
    x = rng.standard_normal((n_samples, n_features))
    labels = rng.integers(max(2, n_outputs), size=n_samples)
    targets = labels[:, np.newaxis] if n_outputs == 1 else np.eye(n_outputs)[labels]
    return x, targets.astype(np.float64)


_SHAPES = {"xor": (4, 2, 1), "iris": (150, 4, 3)}


def _whole(name: str, value: Any, smallest: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        msg = f"Case: {name} must be a whole number, not {value!r}"
        raise TypeError(msg) from None
    if number < smallest:
        msg = f"Case: {name} must be at least {smallest}, not {number}"
        raise ValueError(msg)
    return number


def _positive(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        msg = f"Case: {name} must be a number, not {value!r}"
        raise TypeError(msg) from None
    if not 0 < number < math.inf:
        msg = f"Case: {name} must be positive and finite, not {number}"
        raise ValueError(msg)
    return number
