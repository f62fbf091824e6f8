"""What a layout places: cards as boxes, and the ways between them."""

from __future__ import annotations

from dataclasses import dataclass, field

HANG = 44.0  # between an operation and the leaf that hangs below it
LANES = 9.0  # between the two arrows of an edge on its way


@dataclass(eq=False, slots=True)
class Box:
    """A card to be placed: its size, the heights of its two ports, and what hangs below it."""

    width: float
    height: float
    value: float
    gradient: float
    is_leaf: bool = False
    is_parameter: bool = False
    is_fixed: bool = False  # on the spine
    depth: int = 0
    column: int = 0
    x: float = 0.0
    y: float = 0.0
    weight: float = 1.0  # of its wishes: how little it yields to its neighbours
    order: float = 0.0
    offset: float = 0.0  # of its value port, from the first of its column
    hanging: Box | None = None
    hangs_from: Box | None = None
    before: list[Box] = field(default_factory=list)
    after: list[Box] = field(default_factory=list)

    @property
    def below(self) -> float:
        """How far it reaches below its value port, with what hangs from it."""
        own = self.height - self.value
        return own + (HANG + self.hanging.height if self.hanging else 0.0)

    @property
    def breadth(self) -> float:
        """How wide it is, with what hangs from it."""
        return max(self.width, self.hanging.width if self.hanging else 0.0)


@dataclass(eq=False, slots=True)
class Way:
    """An edge to be led from box to box; `stops` are boxes of no width in the columns between."""

    source: Box
    target: Box
    room: float = 0.0  # for its label
    stops: list[Box] = field(default_factory=list)
    out_slot: int = 0  # its place among those that leave the same box, from the top
    in_slot: int = 0

    @property
    def hangs(self) -> bool:
        """Whether it joins an operation to what hangs below it."""
        return self.source.hangs_from is self.target
