"""Who uses each leaf: whether it is one card, or one for each use."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from autograd_nn.draw.names import Names
from autograd_nn.draw.reading import constant
from autograd_nn.draw.selection import Unit
from autograd_nn.draw.twins import Twins, source
from autograd_nn.fitting import Value
from autograd_nn.graph import Node

MOST_USES = 2  # of a leaf: beyond, each use gets a card of its own, and edges stay short
FARTHEST = 4  # operations between two uses of one card
MOST_BYTES = 10_000  # larger unnamed constants are told apart by identity, not by content


class Uses:
    """The uses of all leaves of a picture, parameters and constants.

    Attributes
    ----------
    depths : dict of key to list of int
        How far from the beginning the cards are that use a leaf.
    values : dict of Node to array
        What a leaf was when it was used.
    """

    def __init__(self, units: Sequence[Unit], twins: Twins, names: Names) -> None:
        self.depths: dict[Hashable, list[int]] = {}
        self.values: dict[Node, Value] = {}
        depth: dict[Hashable, int] = {}
        for unit in units:
            used: dict[Hashable, None] = {}  # by one card
            deepest = 0
            for step in twins.steps[unit]:
                deepest = 0
                for i in range(len(step.parents)):
                    parent = source(step, i)
                    key: Hashable = parent
                    if parent is None:
                        key = None if unit.kind else constant_key(step, i, names)
                    elif parent in depth:
                        deepest = max(deepest, depth[parent])
                    elif step.primals is not None and parent in twins.original:
                        self.values[twins.original[parent]] = step.primals[i]
                    if key is not None:
                        used[key] = None
                depth[step] = deepest + 1
                if not unit.kind:
                    self.note(used, deepest + 1)
                    used = {}
            self.note(used, deepest + 1)

    def note(self, used: Iterable[Hashable], depth: int) -> None:
        """Note that a card so far from the beginning uses some keys."""
        for key in used:
            self.depths.setdefault(key, []).append(depth)

    def is_single(self, key: Hashable) -> bool:
        """Tell whether one card uses a leaf."""
        return len(self.depths[key]) == 1

    def is_drawn_again(self, key: Hashable) -> bool:
        """Tell whether each use of a leaf has its card: if there are many, or far apart."""
        depths = self.depths[key]
        return len(depths) > MOST_USES or max(depths) - min(depths) > FARTHEST


def constant_key(step: Node, i: int, names: Names) -> Hashable:
    """Identify a constant by its name, or else by its content; a number by nothing."""
    array = constant(step, i)
    if array is None:
        return None
    name = names.of_array(step.primals[i])
    content = id(step.primals[i]) if array.size > MOST_BYTES else array.tobytes()
    return name or (None if array.ndim == 0 else (array.shape, array.dtype.str, content))
