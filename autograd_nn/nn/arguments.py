"""What layers ask of their arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.errors import ShapeError

Rng = np.random.Generator | int | None


def check_sizes(layer: str, **sizes: Any) -> None:
    """Refuse sizes that are not whole numbers above 0."""
    for name, size in sizes.items():
        if not (isinstance(size, int | np.integer) and size > 0):
            message = f"{layer}: {name}={size!r} must be a whole number above 0"
            raise ValueError(message)


def check_probability(layer: str, p: Any) -> None:
    """Refuse what is no probability; NaN too."""
    if not (isinstance(p, int | float) and 0 <= p <= 1):
        message = f"{layer}: p={p!r} must be a probability, from 0 to 1"
        raise ValueError(message)


def check_eps(layer: str, eps: Any) -> None:
    """Refuse what cannot keep a variance from 0; NaN too."""
    if not (isinstance(eps, int | float) and eps >= 0):
        message = f"{layer}: eps={eps!r} must be at least 0"
        raise ValueError(message)


def pair(layer: str, name: str, value: Any, least: int) -> tuple[int, int]:
    """Make a pair, for height and width, of a whole number or a pair of them."""
    both = (value, value) if isinstance(value, int | np.integer) else value
    if not (
        isinstance(both, tuple | list)
        and len(both) == 2  # noqa: PLR2004
        and all(isinstance(n, int | np.integer) and n >= least for n in both)
    ):
        message = (
            f"{layer}: {name}={value!r} must be a whole number of at least {least}, or a pair of "
            "them for height and width"
        )
        raise ValueError(message)
    return int(both[0]), int(both[1])


def check_shape(layer: str, x: Any, *forms: tuple[str | int, ...]) -> None:
    """Refuse an input that has none of the forms: numbers must be met, names are free."""
    shape = np.shape(x)
    for form in forms:
        if len(form) == len(shape) and all(
            isinstance(n, str) or n == m for n, m in zip(form, shape, strict=True)
        ):
            return
    wanted = " or ".join(f"({', '.join(map(str, form))})" for form in forms)
    message = f"{layer}: x has shape {shape}; it must have shape {wanted}"
    raise ShapeError(message)
