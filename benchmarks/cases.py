"""What is measured: one training step of a sigmoid network, of several sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """A network, a batch, and what it is trained with.

    Attributes
    ----------
    sizes : tuple of int
        Inputs, hidden units of each layer, outputs.
    batch : int
        Samples a step.
    dtype : str
        "float64" or "float32".
    """

    name: str
    sizes: tuple[int, ...]
    batch: int
    dtype: str = "float64"

    @property
    def lr(self) -> float:
        """The learning rate: small, whatever the batch that the loss is a sum over."""
        return 0.1 / self.batch

    @property
    def repeats(self) -> int:
        """How many steps make a call, where many are one: few of what takes long."""
        multiplications = 3 * self.batch * sum(n * m for n, m in pairwise(self.sizes))
        return max(5, min(100, int(1.5e9 / multiplications)))

    def data(self) -> tuple[Array, Array]:
        """Draw inputs and targets, the same at every call."""
        rng = np.random.default_rng(1)
        x = rng.standard_normal((self.batch, self.sizes[0]))
        t = rng.uniform(size=(self.batch, self.sizes[-1]))
        return x.astype(self.dtype), t.astype(self.dtype)

    def parameters(self) -> list[Array]:
        """Draw W1, b1, W2, b2 and so on, the same at every call."""
        rng = np.random.default_rng(2)
        drawn = []
        for n, m in pairwise(self.sizes):
            drawn += [rng.standard_normal((n, m)) / n**0.5, 0.1 * rng.standard_normal(m)]
        return [parameter.astype(self.dtype) for parameter in drawn]


def layers(parameters: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Take parameters two by two: weights and bias."""
    return zip(parameters[::2], parameters[1::2], strict=True)


CASES = [
    Case("XOR 2-4-1, 4", (2, 4, 1), 4),
    Case("Iris 4-8-3, 150", (4, 8, 3), 150),
    Case("64-32-10, 64", (64, 32, 10), 64),
    Case("64-32-10, 1797", (64, 32, 10), 1797),
    Case("784-128-10, 64", (784, 128, 10), 64),
    Case("784-512-10, 256", (784, 512, 10), 256),
    Case("1024-1024-1024, 1024", (1024, 1024, 1024), 1024),
]
