"""Measure stacks of gradients and histories of losses; NumPy alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.compare.experiments.rules import PARAMETERS, Network, Rule, descent

Array = NDArray[Any]
RELAPSE = 10  # a run has relapsed when, having reached its target, it is at so many times it
_STEP = 1e-30  # of the complex step: its square vanishes beside any rounding


def flat(network: Network, names: tuple[str, ...] = PARAMETERS) -> Array:
    """Lay the entries of the named parameters side by side, (n_runs, n_entries)."""
    arrays = [getattr(network, name) for name in names]
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


def cosine(g: Array, t: Array) -> Array:
    """Return the cosine between each row of `g` and of `t`; nan where one is zero."""
    (g, norm_g), (t, norm_t) = _unit(g), _unit(t)
    inner = np.where((norm_g > 0) & (norm_t > 0), np.sum(g * t, axis=1), np.nan)
    cosines: Array = np.clip(inner, -1.0, 1.0)
    return cosines


def norm_ratio(g: Array, t: Array) -> Array:
    """Return ``|g| / |t|`` of each row; nan where t is zero."""
    (_, norm_g), (_, norm_t) = _unit(g), _unit(t)
    return np.divide(norm_g, norm_t, out=np.full_like(norm_g, np.nan), where=norm_t > 0)


def sign_flips(g: Array, t: Array) -> Array:
    """Return the share of entries of each row whose signs are opposite."""
    shares: Array = np.mean(np.sign(g) * np.sign(t) < 0, axis=1)
    return shares


def curl(rule: Rule, x: Array, t: Array, network: Network, rates: Array) -> Array:
    """Return ``|J - J.T| / |J + J.T|``, J being the Jacobian of what `rule` returns, (n_runs,).

    It is 0 up to rounding if and only if the rule is, near here, the gradient of some loss: then
    J is a Hessian, and symmetric.  Columns come of complex steps.
    """
    moved = Network(*(parameter.astype(np.complex128) for parameter in network))
    columns = []
    for parameter in moved:
        for entry in np.ndindex(parameter.shape[1:]):
            at = (slice(None), *entry)
            parameter[at] += 1j * _STEP
            columns.append(flat(descent(rule, x, t, moved, rates)).imag / _STEP)
            parameter[at] = parameter[at].real
    J = np.stack(columns, axis=2)
    return norm_ratio(*((J + sign * J.mT).reshape(len(J), -1) for sign in (-1, 1)))


def raised(losses: Array) -> Array:
    """Return the share of steps after which the loss was higher; `losses` is (n + 1, n_runs)."""
    shares: Array = np.mean(losses[1:] > losses[:-1], axis=0)
    return shares


def first_at(losses: Array, target: float) -> int | None:
    """Return the first place where one run's loss is at most `target`, if there is one."""
    reached = losses <= target
    return int(np.argmax(reached)) if reached.any() else None


def relapses(losses: Array, target: float) -> int:
    """Count how often one run went from at most `target` to above ten times that.

    >>> relapses(np.array([9.0, 1.0, 5.0, 11.0, 12.0, 1.0, 2.0, 30.0]), 1.0)
    2
    """
    states = (losses <= target).astype(int) - ~(losses <= RELAPSE * target)
    told = states[states != 0]  # between the two levels nothing changes
    return int(np.sum((told[:-1] == 1) & (told[1:] == -1)))


def accuracy(t: Array, y: Array) -> Array:
    """Return the share of samples of each network in their class, (n_runs,)."""
    if t.shape[-1] == 1:
        right = ((y > 0.5) == (t > 0.5))[..., 0]  # noqa: PLR2004 (halfway between the classes)
    else:
        right = np.argmax(y, axis=-1) == np.argmax(t, axis=-1)
    shares: Array = np.mean(right, axis=-1)
    return shares


def _unit(g: Array) -> tuple[Array, Array]:
    """Return each row over its norm, and the norm; by way of the peak, so that none underflows."""
    peak = np.max(np.abs(g), axis=1)
    shape = g / np.where(peak > 0, peak, 1.0)[:, np.newaxis]
    norm = np.sqrt(np.sum(shape * shape, axis=1))
    return shape / np.where(norm > 0, norm, 1.0)[:, np.newaxis], peak * norm
