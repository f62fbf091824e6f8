"""What is judged: a person's forward, backward and loss, and the points at which they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.compare.oracles import leaves
from autograd_nn.errors import DiagnosisInputError
from autograd_nn.transforms.trees import flatten, tree_map, unflatten

Array = NDArray[Any]
ALONE = RLock()  # held while the user's functions are instrumented or their modules rebound


@dataclass(frozen=True)
class Point:
    """Hold the parameters, inputs and targets of one run; runs are given copies."""

    params: Any
    inputs: Any
    targets: Any
    lr: float | None = None
    lr_is_read: bool = True  # by an update: else there is nothing to vary
    shapes: str = "given"  # or "other", where lengths of axes were changed


@dataclass(frozen=True)
class Run:
    """Hold what one run of the hand-written code made."""

    loss: float
    gradients: dict[str, Array]
    given: list[Array]  # what the user's backward was given as params, as it was before


@dataclass(frozen=True)
class Problem:
    """Hold the user's functions, and how to call them."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    loss: Callable[..., Any]
    returns: str
    loss_takes_params: bool

    def value(self, point: Point) -> Any:
        """Compute the loss, on whatever kind of array the point holds."""
        output, _ = self.go_forward(point)
        return self.loss_of(output, point)

    def go_forward(self, point: Point) -> tuple[Any, Any]:
        """Run the user's forward."""
        result = self.forward(point.params, point.inputs)
        if not isinstance(result, tuple) or len(result) != 2:  # noqa: PLR2004 (output and cache)
            message = (
                f"diagnose: forward returned {type(result).__name__}; it must return a pair, "
                "(output, cache)"
            )
            raise DiagnosisInputError(message)
        return result

    def loss_of(self, output: Any, point: Point) -> Any:
        """Run the user's loss."""
        if self.loss_takes_params:
            return self.loss(output, point.targets, point.params)
        return self.loss(output, point.targets)

    def run(self, point: Point, around: AbstractContextManager[Any] | None = None) -> Run:
        """Run forward, loss and backward (`around` it, a context) on copies.

        The gradients are returned by dotted name.
        """
        point = copied(point)
        output, cache = self.go_forward(point)
        loss = self.loss_of(output, point)
        before = fresh(point.params)
        args = (point.params, point.inputs, point.targets, output, cache)
        if self.returns == "update":
            rate = 1.0 if point.lr is None else point.lr
            with around or nullcontext():
                returned = self.backward(*args, rate)
            after = named(point.params if returned is None else returned)
            gradients = {
                name: (old - after[name]) / rate
                for name, old in named(before).items()
                if name in after and np.shape(after[name]) == np.shape(old)
            }
        else:
            with around or nullcontext():
                returned = self.backward(*args)
            gradients = named(returned)
        return Run(float(np.asarray(loss)), gradients, flatten(before)[0])


def named(tree: Any) -> dict[str, Array]:
    """Lay out the arrays of a tree by their dotted names."""
    return {name: np.asarray(leaf) for name, leaf in leaves(tree) if leaf is not None}


def shaped_like(found: dict[str, Array], like: dict[str, Array]) -> bool:
    """Tell whether there is a gradient of the right shape for each parameter."""
    return all(name in found and found[name].shape == a.shape for name, a in like.items())


def copied(point: Point) -> Point:
    """Copy what a run may write to."""
    return replace(
        point,
        params=fresh(point.params),
        inputs=fresh(point.inputs),
        targets=fresh(point.targets),
    )


def fresh(tree: Any) -> Any:
    """Copy a tree and its arrays."""
    return tree_map(lambda x: np.array(x) if type(x) is np.ndarray else deepcopy(x), tree)


def mapped(point: Point, function: Callable[[Array], Any]) -> Point:
    """Apply a function to every array of the parameters."""
    return replace(point, params=tree_map(function, point.params))


def with_params(point: Point, arrays: list[Array]) -> Point:
    """Put other arrays in the place of the parameters."""
    return replace(point, params=unflatten(flatten(point.params)[1], arrays))


def scale_of(gradients: dict[str, Array]) -> float:
    """Return the largest finite entry of several gradients."""
    return max((float(np.max(np.abs(g), initial=0.0)) for g in gradients.values()), default=0.0)


@contextmanager
def quiet() -> Iterator[None]:
    """Let probes overflow silently: what is not finite is seen in the results."""
    with np.errstate(all="ignore"):
        yield
