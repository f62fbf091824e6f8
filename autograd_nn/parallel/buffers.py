"""Buffers: what a model remembers beside its parameters, from one batch to the next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.nn import Dropout, Module
from autograd_nn.tensor import Tensor
from autograd_nn.traced import settled

KEYS, STRIDE = 2**63, 0x9E3779B97F4A7C15  # the keys of a Dropout's shards lie so far apart


class Buffers:
    """Let all shards begin with the same buffers, and make one state of what they leave.

    Buffers of floats, such as running means, become the mean of what the shards leave.  Others
    count calls, alike in all shards; a `Dropout` draws for each shard by a key of that shard.
    """

    def __init__(self, model: Module) -> None:
        buffers = [buffer for _, buffer in model.named_buffers()]
        modules = [module for _, module in model.named_modules()]
        self.floats = [buffer for buffer in buffers if buffer.dtype.kind in "fc"]
        self.counts = [buffer for buffer in buffers if buffer.dtype.kind not in "fc"]
        self.draws = [module.draws for module in modules if isinstance(module, Dropout)]
        self.before: list[tuple[Tensor, NDArray[Any]]] = []

    def begin_batch(self) -> None:
        """Remember what all shards begin with."""
        self.before = [(x, np.array(x.value)) for x in (*self.floats, *self.counts)]

    def begin_shard(self, number: int) -> None:
        """Go back to that, and let every Dropout draw by the shard's key."""
        for buffer, value in self.before:
            put(buffer, value)
        self.shift_keys(number)

    def changed(self) -> list[bool]:
        """Tell which buffers of floats a shard has changed."""
        before = self.before[: len(self.floats)]
        return [x.value.tobytes() != value.tobytes() for x, value in before]

    def end_batch(self, number: int, means: Iterable[tuple[NDArray[Any], bool]]) -> None:
        """Take over means where a shard has changed a buffer; the latest one was `number`."""
        self.shift_keys(-number)
        for (buffer, value), (mean, is_changed) in zip(self.before, means, strict=False):
            put(buffer, mean if is_changed else value)

    def shift_keys(self, shards: int) -> None:
        """Go from the keys of one shard to those of another, so many further."""
        for draws in self.draws:
            key, count = map(int, draws.value)
            put(draws, np.array([(key + shards * STRIDE) % KEYS, count]))


def put(buffer: Tensor, value: Any) -> None:
    """Write a copy of `value` into a buffer."""
    buffer.write(settled(np.array(value)), "DataParallel")
    buffer.refresh()
