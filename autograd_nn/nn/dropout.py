"""Dropout, by random numbers that are a function of how many were drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.nn.arguments import Rng, check_probability
from autograd_nn.nn.module import Module
from autograd_nn.primitive import Primitive, record
from autograd_nn.tensor import Tensor


class Dropout(Module):
    """In training, drop entries at random and scale up the rest; afterwards leave all.

    Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, "Dropout" (2014).

    Parameters
    ----------
    p : float
        How probably an entry is dropped; the others are multiplied by ``1 / (1 - p)``.
    rng : Generator or int, optional
        Where the key of the random numbers is drawn from.

    Notes
    -----
    Call number n of a key always drops the same.  Key and number are the buffer `draws`: they
    are saved with the parameters, so that a resumed run drops what it would have dropped, and a
    compiled function draws anew at every call.

    Examples
    --------
    >>> layer = Dropout(0.5, rng=0)
    >>> layer(np.ones(8))
    array([2., 0., 0., 0., 2., 2., 0., 0.])
    >>> layer.eval()(np.ones(3))
    array([1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, *, rng: Rng = None) -> None:
        check_probability("Dropout", p)
        self.p = p
        key = np.random.default_rng(rng).integers(2**63)
        self.draws = Tensor(np.array([key, 0]))

    def forward(self, x: Any) -> Any:
        """Map any shape to the same shape."""
        if not self.training or self.p == 0:
            return x
        shape, dtype = np.shape(x), np.result_type(x)
        params = {"p": self.p, "shape": shape, "dtype": dtype}
        mask: Any = record(masks, (self.draws,), params)
        self.draws.write(self.draws.value + ONE_MORE, "Dropout")
        return x * mask.value

    def __repr__(self) -> str:
        return f"Dropout(p={self.p})"


ONE_MORE = np.array([0, 1])


def mask_of(draws: Value, *, p: float, shape: tuple[int, ...], dtype: Any) -> Value:
    """Draw which entries are kept: 0, or what keeps the mean."""
    key, count = int(draws[0]), int(draws[1])
    rng = np.random.Generator(np.random.Philox(key=key, counter=[0, 0, count, 0]))
    kept = rng.random(shape, np.float32) >= p
    return kept * np.asarray(1 / (1 - p) if p < 1 else 0, dtype)


masks = Primitive(mask_of, [None], [None])
