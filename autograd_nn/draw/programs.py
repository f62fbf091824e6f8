"""A compiled program as a picture: its calls of NumPy, forward and backward alike, a line each.

Seen from here a program is what its attributes say; `autograd_nn.program` stands beside, not below.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.draw.model import Card, Edge, Kind, Picture
from autograd_nn.draw.text import clean

AT_RUN = "known when it runs"


def is_program(given: Any) -> bool:
    """Tell whether something is a program, or a compiled function's recording of one."""
    return hasattr(given, "instructions") and hasattr(given, "lives")


def collect_program(program: Any, max_nodes: int) -> Picture:
    """Make a card for every instruction, or for the last of them, and for what they read."""
    return ProgramCollector(program, max_nodes).picture()


class ProgramCollector:
    """Makes the picture of one program."""

    def __init__(self, program: Any, max_nodes: int) -> None:
        self.program = program
        kept = program.instructions
        while kept and len(kept) + leaf_uses(kept) >= max_nodes:
            kept = kept[1 + len(kept) // 16 :]
        self.kept = kept or program.instructions[-1:]
        self.cards: list[Card] = []
        self.edges: list[Edge] = []
        self.of: dict[Any, Card] = {}
        self.updates = {new: live for live, new in program.updates}
        self.gradients = {v: live for live, v in program.gradients if v is not None}

    def picture(self) -> Picture:
        """Make all cards and edges."""
        hidden = len(self.program.instructions) - len(self.kept)
        if hidden:
            self.new(Kind.OMITTED, f"… {hidden:,} earlier calls are not drawn")
        results = set(self.program.results)
        for instruction in self.kept:
            operands = [(i, self.operand(v)) for i, v in enumerate(arrays_in(instruction))]
            for out in instruction.outs:
                kind = Kind.OUTPUT if out in results else Kind.OPERATION
                card = self.new(kind, self.title(out, instruction), out)
                card.operation = clean(instruction.name)
                if instruction.site is not None:
                    card.line = (
                        f"{instruction.site.file.rpartition('/')[2]}:{instruction.site.line}"
                    )
                self.of[out] = card
                self.edges += [Edge(operand.id, card.id, i) for i, operand in operands]
        roots = [self.of[v].id for v in self.program.results if v in self.of]
        return Picture(
            cards=self.cards,
            edges=self.edges,
            frames=[],
            roots=roots or [self.cards[-1].id],
            operations=len(self.program.instructions),
            parameters=len(self.program.lives),
            entries=sum(v.size for v in self.program.lives),
            drawn=len(self.kept),
            is_full=False,
        )

    def new(self, kind: Kind, title: str, value: Any = None) -> Card:
        """Make a card."""
        card = Card(f"n{len(self.cards)}", kind, title, value_note=AT_RUN)
        if value is not None:
            card.shape, card.dtype = value.shape, str(value.dtype)
        self.cards.append(card)
        return card

    def operand(self, value: Any) -> Card:
        """Find or make the card of what an instruction reads."""
        known = self.of.get(value)
        if known is None and value.maker is not None:  # made before what is drawn
            known = self.of[value] = self.cards[0]
        if known is None:
            is_live = value in self.program.lives
            title = clean(getattr(value.source, "path", "")) or value.name or "constant"
            known = self.new(Kind.PARAMETER if is_live else Kind.INPUT, title, value)
            self.of[value] = known
        elif known.is_leaf:  # a card for each use
            again = self.new(known.kind, known.title, value)
            again.ghost_of = known.id
            return again
        return known

    def title(self, value: Any, instruction: Any) -> str:
        """Name a value as the printed program does: by the user's name, or by what it is for."""
        if value in self.updates:
            return f"new {clean(self.updates[value].source.path)}"
        of = self.gradients.get(value) or value.cotangent_of
        if of is not None:
            name = clean(of.name or getattr(of.source, "path", ""))
            if name:
                return f"∂/∂{name}"
        return clean(value.name) or clean(instruction.name)


def arrays_in(instruction: Any) -> list[Any]:
    """List the arrays that an instruction reads, each once; numbers are part of the call."""
    values = dict.fromkeys(instruction.operands)
    return [v for v in values if np.ndim(getattr(v.source, "content", [])) > 0]


def leaf_uses(instructions: Any) -> int:
    """Count how often instructions read what none of them makes."""
    return sum(v.maker is None for i in instructions for v in arrays_in(i))
