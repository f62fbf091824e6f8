"""The hook: see the values that code makes, and put others in their place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from types import FrameType
from typing import Any

import numpy as np

from autograd_nn.traced import Traced


@dataclass(frozen=True)
class Surroundings:
    """The names that code sees at a site, when it is met first."""

    module: dict[str, Any]
    local: dict[str, Any]


Occurrence = Any  # an array, a number or a Tensor
Replacement = Callable[[int, Any, FrameType], Any]


@dataclass
class Watch:
    """See the values that pass the hooks, and put others in their place."""

    seen: dict[int, list[Occurrence]] | None = None
    frames: dict[int, Surroundings] | None = None
    replacements: dict[int, Replacement] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    viewer: Callable[[int, Any], Any] | None = None
    clock: Iterator[int] = field(default_factory=count)
    times: dict[int, list[int]] = field(default_factory=dict)  # when what was seen was made

    def __call__(self, k: int, value: Any) -> Any:
        """Let a value pass."""
        if self.viewer is not None:
            value = self.viewer(k, value)
        replacement = self.replacements.get(k)
        if replacement is not None:
            i = self.counts[k] = self.counts.get(k, -1) + 1
            value = replacement(i, value, sys._getframe(1))  # noqa: SLF001 (the user's frame)
        if self.seen is not None and is_numeric(value):  # or a truth value, an index, a count
            self.seen.setdefault(k, []).append(snapshot(value))
            self.times.setdefault(k, []).append(next(self.clock))
            if self.frames is not None and k not in self.frames:
                frame = sys._getframe(1)  # noqa: SLF001
                here = {n: v for n, v in frame.f_locals.items() if not n.startswith("__")}
                self.frames[k] = Surroundings(frame.f_globals, here)
        return value

    @contextmanager
    def seeing(self, *, frames: bool = False) -> Iterator[dict[int, list[Occurrence]]]:
        """Remember what passes."""
        self.seen, self.times, self.frames = {}, {}, {} if frames else self.frames
        try:
            yield self.seen
        finally:
            self.seen = None

    @contextmanager
    def replacing(self, replacements: dict[int, Replacement]) -> Iterator[None]:
        """Put other values in the place of what passes."""
        self.replacements, self.counts = replacements, {}
        try:
            yield
        finally:
            self.replacements = {}


def is_numeric(value: Any) -> bool:
    """Tell whether a value may be, or be part of, a gradient."""
    if isinstance(value, np.ndarray | np.generic | Traced):
        kind: str = value.dtype.kind  # type: ignore[union-attr]  # a Traced is a Tensor
        return kind in "fcbiu"
    return isinstance(value, float | int) and not isinstance(value, bool)


def snapshot(value: Any) -> Any:
    """Keep an array as it is now."""
    return value if isinstance(value, Traced) else np.array(value)
