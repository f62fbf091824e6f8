"""The true gradient, by two witnesses that share nothing: the tape, and steps of the loss."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.discovery import Code
from autograd_nn.compare.diagnosis.problem import (
    Array,
    Point,
    Problem,
    copied,
    named,
    quiet,
    with_params,
)
from autograd_nn.compare.diagnosis.tracing import ON_COMPLEX, ON_DOUBLES, ON_TENSORS, bound
from autograd_nn.compare.oracles import complex_step, finite_difference
from autograd_nn.errors import AutogradError
from autograd_nn.graph import Node, history, pullback
from autograd_nn.tensor import Tensor
from autograd_nn.traced import active
from autograd_nn.transforms.trees import flatten, tree_map, unflatten

DIRECTIONS = 2
STEP = 1e-30  # along the imaginary axis
AGREEMENT = 1e-8  # of the tape with the complex step
LOOSE = 2e-5  # of the tape with differences, which lose digits
MANY = 400  # entries of which each is moved, where there is no tape


@dataclass(frozen=True)
class Truth:
    """Hold the gradient at a point, and who says so."""

    loss: float
    gradients: dict[str, Array]
    witness: str  # what has confirmed it
    disputed: str = ""  # why it cannot be believed
    accuracy: float = 0.0  # how far it may be off, relative to its largest entry


class Tape:
    """The forward pass on Tensors: the loss, and the cotangent of all that went into it."""

    def __init__(self, problem: Problem, code: Code, point: Point) -> None:
        point = copied(point)
        arrays, stripped = flatten(point.params)
        self.leaves = [Tensor(np.asarray(a, np.float64), requires_grad=True) for a in arrays]
        params = unflatten(stripped, [*self.leaves])
        data = {
            "inputs": tree_map(constant, point.inputs),  # for x.dot(W) knows nothing of Tensors
            "targets": tree_map(constant, point.targets),
        }
        nodes = frozenset(leaf.node for leaf in self.leaves if leaf.node is not None)
        token = active.set(active.get() | nodes)
        try:
            with bound(ON_TENSORS, code.scopes), quiet():
                loss = problem.value(replace(point, params=params, **data))
        finally:
            active.reset(token)
        self.names = list(named(point.params))
        self.loss = loss

    def gradients(
        self, asked: list[Node] | None = None
    ) -> tuple[dict[str, Array], dict[Node, Any]]:
        """Go backward: return the gradients, and the cotangents of the nodes asked for."""
        cotangents: dict[Node, Any] = {}

        def keep(node: Node) -> Callable[[Any], None]:
            def hook(v: Any) -> None:
                cotangents[node] = v

            return hook

        for node in asked or ():
            node.hooks = [keep(node)]
        loss = self.loss
        if not isinstance(loss, Tensor) or loss.node is None:
            return {n: np.zeros(t.shape) for n, t in zip(self.names, self.leaves, strict=True)}, {}
        with quiet():
            seed = np.ones(loss.shape, loss.dtype)
            found = pullback(history(loss.node), {loss.node: seed}, keep=True)
        cotangents |= found
        zero = [np.zeros(leaf.shape) for leaf in self.leaves]
        pairs = zip(self.names, self.leaves, zero, strict=True)
        return {n: np.asarray(found.get(leaf.node, z)) for n, leaf, z in pairs}, cotangents  # type: ignore[arg-type]


def constant(x: Any) -> Any:
    """Make a Tensor of floats; leave indices as they are."""
    return Tensor(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" and x.ndim else x


def truth_at(
    problem: Problem,
    code: Code,
    point: Point,
    rng: np.random.Generator,
    directions: int = DIRECTIONS,
) -> Truth:
    """Differentiate the loss at a point; let the second witness confirm it, along directions."""
    point = doubled(point)
    try:
        tape = Tape(problem, code, point)
        gradients, _ = tape.gradients()
    except (AutogradError, TypeError, ValueError, AttributeError, IndexError) as error:
        return numerical(problem, code, point, error)
    loss = float(np.asarray(getattr(tape.loss, "value", tape.loss)))
    flat = np.concatenate([np.ravel(g) for g in gradients.values()])
    if not (np.isfinite(flat).all() and np.isfinite(loss)):
        return Truth(loss, gradients, "nothing", "the loss or its gradient is not finite here")
    witness = "nothing"
    for _ in range(directions):
        direction = [rng.standard_normal(g.shape) for g in gradients.values()]
        slope = sum(
            float(np.sum(g * d)) for g, d in zip(gradients.values(), direction, strict=True)
        )
        scale = sum(
            float(np.sum(np.abs(g * d))) for g, d in zip(gradients.values(), direction, strict=True)
        )
        second, witness, allowed = slope_along(problem, code, point, direction, loss)
        if not abs(second - slope) <= allowed * scale + rounding(loss, witness):
            text = f"along a direction the tape finds {slope:.9g}, the {witness} {second:.9g}"
            return Truth(loss, gradients, witness, text)
    return Truth(loss, gradients, witness)


def rounding(loss: float, witness: str) -> float:
    """Bound what rounding does to a slope found by steps of the loss."""
    return 1e-12 * abs(loss) if witness == "complex step" else 1e-8 * abs(loss)


def slope_along(
    problem: Problem, code: Code, point: Point, direction: list[Array], loss: float
) -> tuple[float, str, float]:
    """Find the slope of the loss along a direction, by a complex step or else by differences."""
    params = flatten(point.params)[0]

    def moved(h: complex) -> Point:
        pairs = zip(params, direction, strict=True)
        return copied(with_params(point, [np.asarray(p) + h * d for p, d in pairs]))

    try:
        with bound(ON_COMPLEX, code.scopes), quiet(), warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            value = np.asarray(problem.value(moved(1j * STEP)))
        if value.dtype.kind == "c" and np.isclose(value.real, loss, rtol=1e-9):
            slope = float(value.imag) / STEP
            # abs, max and comparisons take the imaginary part for a number: differences decide.
            with bound(ON_DOUBLES, code.scopes), quiet():
                rough = differences(problem, moved)
            if abs(rough - slope) <= 1e-4 * abs(slope) + 1e-6 * abs(loss):
                return slope, "complex step", AGREEMENT
            return rough, "difference quotient", LOOSE
    except Exception as error:  # noqa: BLE001 (the user's code may refuse complex numbers in any way)
        del error
    with bound(ON_DOUBLES, code.scopes), quiet():
        return differences(problem, moved), "difference quotient", LOOSE


def differences(problem: Problem, moved: Callable[[float], Point]) -> float:
    """Extrapolate central differences along a direction."""

    def quotient(h: float) -> float:
        above, below = (float(np.asarray(problem.value(moved(s * h)))) for s in (1, -1))
        return (above - below) / (2 * h)

    h = 1e-4
    return (4 * quotient(h / 2) - quotient(h)) / 3


def numerical(problem: Problem, code: Code, point: Point, error: Exception) -> Truth:
    """Differentiate entry by entry what the tape cannot record."""
    size = sum(np.size(leaf) for leaf in flatten(point.params)[0])
    if size > MANY:
        text = f"the forward pass cannot be recorded ({error}) and has too many parameters to step"
        return Truth(float("nan"), {}, "nothing", text)

    with bound(ON_DOUBLES, code.scopes), quiet():
        loss = float(np.asarray(problem.value(copied(point))))
    try:
        gradients, witness = stepped(problem, code, point, "complex step"), "complex step"
    except Exception:  # noqa: BLE001 (the user's code may refuse complex numbers in any way)
        gradients = stepped(problem, code, point, "difference quotient")
        witness = "difference quotient"
    accuracy = 1e-12 if witness == "complex step" else 1e-6
    return Truth(loss, gradients, f"{witness} alone", accuracy=accuracy)


def stepped(problem: Problem, code: Code, point: Point, witness: str) -> dict[str, Array]:
    """Differentiate entry by entry, by complex steps of the loss or by differences."""

    def loss_of(params: Any) -> Any:
        return problem.value(copied(replace(point, params=params)))

    if witness == "complex step":
        with bound(ON_COMPLEX, code.scopes), quiet():
            return named(complex_step(loss_of, point.params))
    with bound(ON_DOUBLES, code.scopes), quiet():  # small steps: large ones cross kinks
        return named(finite_difference(loss_of, point.params, method="central"))


def beside(problem: Problem, code: Code, point: Point, truth: Truth) -> dict[str, dict[str, Array]]:
    """Return the true gradient, and what the other witness finds in full, by who says so.

    The other witness is left out where there are too many parameters to step one by one.
    """
    if truth.witness.endswith("alone"):
        return {truth.witness.removesuffix(" alone"): truth.gradients}
    found = {"autograd": truth.gradients}
    size = sum(np.size(leaf) for leaf in flatten(point.params)[0])
    if size <= MANY and truth.witness in ("complex step", "difference quotient"):
        found[truth.witness] = stepped(problem, code, point, truth.witness)
    return found


def doubled(point: Point) -> Point:
    """Convert floats to float64: mathematics is judged there."""

    def double(x: Any) -> Any:
        is_float = isinstance(x, np.ndarray | np.generic) and x.dtype.kind == "f"
        return np.asarray(x, np.float64) if is_float else x

    return replace(
        point,
        params=tree_map(double, point.params),
        inputs=tree_map(double, point.inputs),
        targets=tree_map(double, point.targets),
    )
