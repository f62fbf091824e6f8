"""What a picture shows, as plain data: one card per value, collected from the graph."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.draw.formulas import Formula, formula, literal
from autograd_nn.draw.tables import norm
from autograd_nn.errors import AutogradError, NoGradientError
from autograd_nn.fitting import Form, Value
from autograd_nn.graph import Node, Span, history, pullback

if TYPE_CHECKING:
    from collections.abc import Hashable

    from autograd_nn.draw.names import Names
    from autograd_nn.tensor import Tensor

Array = NDArray[Any]
MOST_CARDS = 120
MOST_BYTES = 10_000  # larger unnamed constants are told apart by identity, not by content
MOST_USES = 3  # of a leaf: beyond, each use gets a card of its own, and edges stay short
NOT_COMPUTED = "gradient not computed: call backward()"
RELEASED = "released by backward(); pass retain_graph=True to keep it"
NOT_NEEDED = "no gradient needed"
JOINT = "several results"
SEVERAL = "gradients between are shown for a result of one entry"
GONE = "its tensor is gone, and the numbers with it"
ACCUMULATED = ".grad is not this gradient alone: accumulated, or of another loss"


class Kind(StrEnum):
    """What part a value plays; the word stands on its card."""

    INPUT = "input"
    PARAMETER = "parameter"
    OPERATION = "operation"
    ROOT = "root"
    OMITTED = "omitted"


@dataclass
class Card:
    """One value: an operation and its result, a parameter, an input.

    Attributes
    ----------
    kind : Kind
        What part it plays.
    title, word, formula : str
        Its name; what made it, or what it is; how it was computed.
    operands : list of Card
        What it was computed from, each once.
    value, gradient : array or None
        The numbers; if None, `value_note` and `gradient_note` say why.
    remark : str
        What else there is to know about the gradient.
    is_derivative : bool
        Whether the gradient is known to be the derivative of the root; a stored `grad` may have
        accumulated, or come from another loss.
    again : bool
        Whether this is one more use of a leaf whose numbers stand on another card.
    writing : Formula
        How formulas speak of it.
    """

    kind: Kind
    title: str
    word: str = ""
    formula: str = ""
    shape: tuple[int, ...] = ()
    dtype: str = ""
    operands: list[Card] = field(default_factory=list)
    value: Array | None = None
    value_note: str = ""
    gradient: Array | None = None
    gradient_note: str = ""
    remark: str = ""
    is_derivative: bool = True
    again: bool = False
    writing: Formula = field(default_factory=lambda: Formula("…"))

    @property
    def is_leaf(self) -> bool:
        """Whether it was not computed: it may hang below its use."""
        return self.kind in (Kind.INPUT, Kind.PARAMETER)

    @property
    def gradient_norm(self) -> float | None:
        """Size of the gradient, where there is one."""
        return None if self.gradient is None else norm(self.gradient)


@dataclass
class Picture:
    """All cards, operands before what is computed from them; the last is the root."""

    cards: list[Card]
    operations: int
    parameters: int
    entries: int

    @property
    def root(self) -> Card:
        """The end of the computation."""
        return self.cards[-1]


def collect(root: Tensor, names: Names) -> Picture:
    """Collect the cards of everything `root` was computed from, or of the youngest part of it."""
    if root.node is None:
        message = (
            "graph: nothing was recorded behind this tensor; compute it from a tensor with "
            "requires_grad=True, outside no_grad()"
        )
        raise NoGradientError(message)
    span = history(root.node)
    names.values.setdefault(root.node, root.value)
    cards = Collector(root.node, names, span).cards()
    entries = sum(int(np.prod(end.shape)) for end in span.ends)
    return Picture(cards, len(span.operations), len(span.ends), entries)


class Collector:
    """Makes the cards of one picture, operands first."""

    def __init__(self, root: Node, names: Names, span: Span) -> None:
        self.root, self.names, self.whole = root, names, span
        self.drawn = youngest(span)
        self.is_cut = len(self.drawn.operations) < len(span.operations)
        self.several = int(np.prod(root.shape)) != 1
        self.went_backward = any(stored(end) is not None for end in span.ends)
        self.gradients = self.sweep()
        self.recorded: dict[Node, Value] = {}  # values of leaves when they were used
        self.uses: Counter[Hashable] = Counter()
        for node in self.drawn.operations:
            for i, parent in enumerate(node.parents):
                self.uses[self.key(node, i)] += 1
                if parent is not None and node.primals is not None:
                    self.recorded[parent] = node.primals[i]
        self.made: dict[Hashable, Card] = {}
        self.omitted: Card | None = None
        self.leaves_left_out = 0
        self.done: list[Card] = []

    def cards(self) -> list[Card]:
        """Make all cards."""
        if not self.drawn.operations:
            return [self.parameter(self.root)]
        for node in reversed(self.drawn.operations):
            self.made[node] = self.operation(node)
            self.done.append(self.made[node])
        return self.done

    def sweep(self) -> dict[Node, Value]:
        """Compute the gradients of all drawn values, if ``backward()`` has been called.

        The graph stays as it was: its buffers are kept, and the hooks that look on are removed.
        """
        operations = self.drawn.operations
        released = any(node.primals is None for node in operations)
        if not self.went_backward or released or self.several:
            return {}
        seen: dict[Node, Value] = {}
        before = {node: node.hooks for node in operations}
        try:
            for node in operations:
                node.hooks = [*(node.hooks or ()), partial(seen.setdefault, node)]
            seed = np.ones(self.root.shape, self.root.dtype)[()]
            with np.errstate(all="ignore"):
                return pullback(self.drawn, {self.root: seed}, keep=True) | seen
        except AutogradError:  # a rule is missing: backward() says it better than a picture
            return {}
        finally:
            for node, hooks in before.items():
                node.hooks = hooks

    # ---- what goes into an operation -----------------------------------------------------

    def key(self, node: Node, i: int) -> Hashable:
        """Identify operand `i`: by its node, or as a constant by its name or else its content."""
        parent: Node | None = node.parents[i]
        if parent is not None:
            return parent
        array = constant(node, i)
        if array is None:
            return None
        name = self.names.of_array(node.primals[i])
        content = id(node.primals[i]) if array.size > MOST_BYTES else array.tobytes()
        return name or (None if array.ndim == 0 else (array.shape, array.dtype.str, content))

    def operands(self, node: Node) -> tuple[list[Card], list[Formula]]:
        """Find or make the cards of the operands, each once, and write the operands down."""
        cards: dict[Hashable, Card] = {}
        writings = []
        for i, parent in enumerate(node.parents):
            key = self.key(node, i)
            if key is None:
                writings.append(Formula("…" if node.primals is None else literal(node.primals[i])))
                continue
            if key not in cards:
                cards[key] = self.operand(key, node, i, parent)
            writings.append(cards[key].writing)
        return list({id(card): card for card in cards.values()}.values()), writings

    def operand(self, key: Hashable, node: Node, i: int, parent: Node | None) -> Card:
        """Find or make the card of one operand."""
        known = self.made.get(key)
        if known is None:
            older = parent is not None and parent.parents
            if older or len(self.done) >= MOST_CARDS - 2:
                self.leaves_left_out += not older
                return self.left_out()
            known = self.made[key] = self.parameter(parent) if parent else self.input(node, i)
            self.done.append(known)
        elif known.is_leaf and self.uses[key] > MOST_USES:
            known = replace(known, again=True)
            self.done.append(known)
        return known

    # ---- one card each -------------------------------------------------------------------

    def left_out(self) -> Card:
        """Make or complete the card that stands for all that is not drawn."""
        if self.omitted is None:
            self.omitted = Card(Kind.OMITTED, "")
            self.done.insert(0, self.omitted)
        operations = len(self.whole.operations) - len(self.drawn.operations)
        missing = [
            counted(operations, "older operation") if operations else "",
            counted(self.leaves_left_out, "value") if self.leaves_left_out else "",
        ]
        verb = "are" if operations + self.leaves_left_out > 1 else "is"
        self.omitted.title = f"… {' and '.join(filter(None, missing))} {verb} not drawn"
        return self.omitted

    def input(self, node: Node, i: int) -> Card:
        """Make the card of a constant array."""
        array = np.asarray(node.primals[i])
        title = self.names.of_array(node.primals[i]) or "input"
        return Card(
            *(Kind.INPUT, title, "input"),
            shape=array.shape,
            dtype=str(array.dtype),
            value=array,
            gradient_note=NOT_NEEDED,
            writing=Formula(title),
        )

    def parameter(self, node: Node) -> Card:
        """Make the card of a leaf that requires a gradient."""
        name = self.names.nodes.get(node)
        card = Card(
            *(Kind.PARAMETER, name or f"parameter {node.shape}", "parameter"),
            shape=node.shape,
            dtype=str(node.dtype),
            writing=Formula(name or "parameter"),
        )
        owner = node.owner() if node.owner else None
        values = (self.recorded, self.names.values)
        value = next(
            (table[node] for table in values if node in table), getattr(owner, "value", None)
        )
        if value is None:
            card.value_note = GONE
        else:
            card.value = np.asarray(value)
        mine, held = self.gradients.get(node), stored(node)
        if held is not None:
            card.gradient = held
            complete = mine is not None and not self.is_cut
            card.is_derivative = complete and close(mine, held)
            card.remark = ACCUMULATED if complete and not card.is_derivative else ""
        elif owner is None and mine is not None and not self.is_cut:
            card.gradient = np.asarray(mine)
        else:
            card.gradient_note = NOT_COMPUTED
        return card

    def operation(self, node: Node) -> Card:
        """Make the card of an operation and its result."""
        operands, writings = self.operands(node)
        written = formula(node, writings)
        name = self.names.nodes.get(node)
        is_root = node is self.root
        word = node.primitive.name
        card = Card(
            Kind.ROOT if is_root else Kind.OPERATION,
            name or ("L" if is_root else written.within(0)),
            f"{word}, root" if is_root else word,
            formula=written.text,
            shape=node.shape,
            dtype=str(node.dtype),
            operands=operands,
            writing=Formula(name) if name else written,
        )
        if card.title == "…":
            card.title = word
        value = self.names.values.get(node) if isinstance(node.out, Form) else node.out
        if value is None:
            card.value_note = RELEASED
        elif not isinstance(value, np.ndarray | np.generic):
            card.value_note = card.gradient_note = JOINT
            return card
        else:
            card.value = np.asarray(value)
        if node in self.gradients:
            card.gradient = np.asarray(self.gradients[node])
        elif node.primals is None:
            card.gradient_note = f"gradient {RELEASED}"
        elif self.went_backward and self.several:
            card.gradient_note = SEVERAL
        else:
            card.gradient_note = NOT_COMPUTED
        return card


def youngest(span: Span) -> Span:
    """Take as many of the youngest operations, with their leaves, as a picture can hold."""
    room = MOST_CARDS - 2
    operations: list[Node] = []
    for node in span.operations:
        room -= 1 + sum(parent is None or not parent.parents for parent in node.parents)
        if room < 0 and operations:
            break
        operations.append(node)
    used = {parent for node in operations for parent in node.parents}
    return Span(operations, [end for end in span.ends if end in used])


def stored(leaf: Node) -> Array | None:
    """Read the `grad` of the Tensor that owns a leaf."""
    owner = leaf.owner() if leaf.owner else None
    grad = getattr(owner, "grad", None)
    return None if grad is None else np.asarray(grad.value)


def constant(node: Node, i: int) -> Array | None:
    """Read operand `i` as an array; None if it is a Python number, or no longer there."""
    if node.primals is None or isinstance(node.primals[i], bool | int | float | complex | str):
        primal = None if node.primals is None else node.primals[i]
        return np.asarray(primal) if isinstance(primal, np.generic) else None
    array = np.asarray(node.primals[i])
    return array if array.dtype.kind in "biufc" else None


def close(x: Value, y: Value) -> bool:
    """Tell whether two gradients are the same but for rounding."""
    scale = np.max(np.abs(y), initial=0)
    return bool(np.allclose(x, y, rtol=1e-3, atol=1e-3 * float(scale), equal_nan=True))


def counted(n: int, word: str) -> str:
    """Write a number of things.

    >>> counted(1, "parameter"), counted(2, "parameter")
    ('1 parameter', '2 parameters')
    """
    return f"{n} {word}{'s' * (n != 1)}"
