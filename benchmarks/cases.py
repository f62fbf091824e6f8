"""What is measured: one training step of a sigmoid network, of seven sizes."""

from __future__ import annotations

from dataclasses import dataclass
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
        Inputs, hidden units, outputs.
    batch : int
        Samples a step.
    dtype : str
        "float64" or "float32".
    lr : float
        Learning rate: small, so that hundreds of steps change little.
    """

    name: str
    sizes: tuple[int, int, int]
    batch: int
    dtype: str = "float64"
    lr: float = 1e-3

    def data(self) -> tuple[Array, Array]:
        """Draw inputs and targets, the same at every call."""
        rng = np.random.default_rng(1)
        x = rng.standard_normal((self.batch, self.sizes[0]))
        t = rng.uniform(size=(self.batch, self.sizes[2]))
        return x.astype(self.dtype), t.astype(self.dtype)

    def parameters(self) -> list[Array]:
        """Draw W1, b1, W2, b2, the same at every call."""
        rng = np.random.default_rng(2)
        n, h, o = self.sizes
        shapes: list[tuple[int, ...]] = [(n, h), (h,), (h, o), (o,)]
        scales = [n**-0.5, 0.1, h**-0.5, 0.1]
        return [
            (scale * rng.standard_normal(shape)).astype(self.dtype)
            for shape, scale in zip(shapes, scales, strict=True)
        ]


CASES = [
    Case("XOR 2-4-1, 4", (2, 4, 1), 4),
    Case("Iris 4-8-3, 150", (4, 8, 3), 150),
    Case("64-32-10, 64", (64, 32, 10), 64),
    Case("64-32-10, 1797", (64, 32, 10), 1797),
    Case("784-128-10, 64", (784, 128, 10), 64),
    Case("784-512-10, 256", (784, 512, 10), 256),
    Case("1024-1024-1024, 1024", (1024, 1024, 1024), 1024),
]
