"""What cannot be judged, said in one sentence before anything is judged."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np

from autograd_nn.compare.diagnosis.discovery import LIBRARIES, Code, discovered
from autograd_nn.compare.diagnosis.problem import Array, Point, Problem, copied, fresh, named, quiet
from autograd_nn.compare.oracles import leaves
from autograd_nn.errors import DiagnosisInputError
from autograd_nn.transforms.trees import flatten, tree_map

RATE = 0.7  # of updates, where none is given: unlike any count or its inverse
FIXED_RATE = (
    "The update does not depend on the learning rate that it is given, if it takes one; it was "
    "judged as a step of the rate {:g}."
)
UNSTEADY = (
    "two runs at the same point differ, first in {}: the code draws random numbers, or keeps "
    "something from one call to the next; give it the masks or a seed, so that it repeats"
)
CHANGED = (
    "backward changes its argument {} in place, so that a second call after the same forward pass "
    "finds other values; let it work on a copy."
)


@dataclass(frozen=True)
class FirstRun:
    """What running the code at the given point showed."""

    code: Code
    gradients: dict[str, Array]
    undecided: str  # why nothing can be decided, or ""
    finite: bool = True
    notes: tuple[str, ...] = ()  # what is odd, a sentence each


def refuse(message: str, cause: BaseException | None = None) -> NoReturn:
    """Raise the error for what cannot be judged."""
    text = f"diagnose: {message}"
    raise DiagnosisInputError(text) from cause


def checked(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    loss: Callable[..., Any],
    given: Point,
    returns: str,
) -> Problem:
    """Check what can be checked before anything runs."""
    for name, function in (("forward", forward), ("backward", backward), ("loss", loss)):
        if not callable(function):
            refuse(f"argument {name} is {type(function).__name__}; pass a function")
    if returns not in ("grads", "update"):
        refuse(f"argument returns is {returns!r}; it must be 'grads' or 'update'")
    if given.lr is not None and not 0 < abs(given.lr) < float("inf"):
        refuse(f"argument lr is {given.lr!r}; pass a number other than 0")
    check_data(given)
    check_parameters(given)
    return Problem(forward, backward, loss, returns, takes_params(loss))


def check_data(given: Point) -> None:
    """Check the inputs and the targets."""
    for name, data in (("inputs", given.inputs), ("targets", given.targets)):
        for _, leaf in leaves(data):
            is_float = isinstance(leaf, np.ndarray | np.floating) and leaf.dtype.kind == "f"
            if is_float and not np.isfinite(leaf).all():
                refuse(f"argument {name} is not finite; pass finite numbers")
            if np.size(leaf) == 0:
                refuse(f"argument {name} is empty; pass at least one sample")


def check_parameters(given: Point) -> None:
    """Check the parameters."""
    arrays = dict(leaves(given.params))
    if not arrays:
        refuse("argument params holds no array; pass a dict of arrays")
    for name, leaf in arrays.items():
        label = f"the parameter {name!r}" if name else "argument params"
        array = np.asarray(leaf)
        if array.dtype.kind == "O":
            refuse(f"{label} is {type(leaf).__name__}, not an array; pass NumPy arrays")
        if array.dtype.kind != "f":
            refuse(f"{label} has dtype {array.dtype}, which has no gradient; use astype(float)")
        if not np.isfinite(array).all():
            refuse(f"{label} is not finite; pass finite numbers")


def takes_params(loss: Callable[..., Any]) -> bool:
    """Tell whether a loss takes the parameters as a third argument."""
    try:
        parameters = inspect.signature(loss).parameters.values()
    except (TypeError, ValueError):
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in parameters if p.kind in kinds and p.default is p.empty]
    return len(needed) >= 3  # noqa: PLR2004 (output, targets, params)


def rated(problem: Problem, given: Point) -> Point:
    """Choose the learning rate of an update; one that the update does not read is not varied."""
    with quiet():
        steps = [stepwise(problem, replace(given, lr=lr)).gradients for lr in (RATE, 2 * RATE)]
    moves = any(np.any(g) for g in steps[0].values())
    if moves and all(np.array_equal(g, steps[1][name]) for name, g in steps[0].items()):
        return replace(given, lr=1.0 if given.lr is None else given.lr, lr_is_read=False)
    return replace(given, lr=RATE if given.lr is None else given.lr)


def first_run(problem: Problem, given: Point) -> FirstRun:
    """Run the code twice at the given point, and check what it makes.

    Raises
    ------
    DiagnosisInputError
        If it fails, or what it makes cannot be judged.
    """
    entries = (problem.forward, problem.backward, problem.loss)
    with quiet():
        first, code = discovered(lambda: stepwise(problem, given), entries)
        again = stepwise(problem, given)
    gradients, notes = first.gradients, [*first.notes]
    check_names(named(given.params), gradients)
    if not given.lr_is_read:
        notes.append(FIXED_RATE.format(given.lr))
    runs = [{"the loss": np.asarray(step.loss)} | step.gradients for step in (first, again)]
    for name, g in runs[0].items():
        if not np.array_equal(g, runs[1][name], equal_nan=g.dtype.kind == "f"):
            return FirstRun(code, gradients, UNSTEADY.format(name))
    finite = all(np.isfinite(x).all() for x in (first.loss, *gradients.values()))
    return FirstRun(code, gradients, "", bool(finite), tuple(notes))


@dataclass(frozen=True)
class Step:
    """What one run made, and what was odd about it."""

    loss: float
    gradients: dict[str, Array]
    notes: list[str]


def stepwise(problem: Problem, given: Point) -> Step:
    """Run, and say which function failed if one does."""
    point = copied(given)
    step = "forward"
    try:
        output, cache = problem.go_forward(point)
        step = "loss"
        loss = problem.loss_of(output, point)
        check_loss(loss)
        step = "backward"
        watched = {"inputs": point.inputs, "targets": point.targets}
        if problem.returns == "grads":
            watched["params"] = point.params
        left = {"output": output, "cache": cache}
        before = fresh(watched) | tree_map(lambda x: kept(x, point.params), left)
        rate = (1.0 if point.lr is None else point.lr,) if problem.returns == "update" else ()
        old = fresh(point.params)
        arguments = (point.params, point.inputs, point.targets, output, cache, *rate)
        returned = problem.backward(*arguments)
    except DiagnosisInputError:
        raise
    except ModuleNotFoundError as error:
        refuse(f"{step} needs {error.name}, which is not installed; install it", error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (the user's code may fail in any way)
        refuse(f"{step} failed: {type(error).__name__}: {error}{last_line(error)}", error)
    for name, tree in watched.items():
        if not same(before[name], tree):
            instead = ", or pass returns='update'" if name == "params" else ""
            refuse(f"backward changes its argument {name}; let it work on a copy{instead}")
    notes = [CHANGED.format(name) for name, tree in left.items() if not same(before[name], tree)]
    return Step(float(loss), gradients_of(problem, point, old, returned), notes[-1:])


def check_loss(loss: Any) -> None:
    """Check that a loss is one real number."""
    if np.shape(loss) != ():
        shape = np.shape(loss)
        refuse(f"loss returned an array of shape {shape}, not a number; take its sum or mean")
    if np.asarray(loss).dtype.kind not in "fiub":
        refuse(f"loss returned {type(loss).__name__}, not a number; let it return a real number")


def gradients_of(problem: Problem, point: Point, old: Any, returned: Any) -> dict[str, Array]:
    """Read what backward returned, or how it changed the parameters."""
    if problem.returns == "grads":
        if returned is None:
            refuse("backward returned None; return the gradients, or pass returns='update'")
        return named(returned)
    gradients = {}
    after = named(point.params if returned is None else returned)
    for name, a in named(old).items():
        if name in after and after[name].shape != a.shape:
            refuse(f"the update turned {name!r} from shape {a.shape} to {after[name].shape}")
        gradients[name] = a - after.get(name, a)
    return gradients


def check_names(params: dict[str, Array], found: dict[str, Array]) -> None:
    """Check that there is a gradient for each parameter, and no other."""
    known = ", ".join(map(repr, found)) or "nothing"
    for name in params:
        if name not in found:
            refuse(f"backward returned no gradient of {name!r}, only of {known}; add it")
    for name, g in found.items():
        if name not in params:
            others = ", ".join(map(repr, params))
            refuse(f"backward returned a gradient of {name!r}, but the parameters are {others}")
        if g.dtype.kind not in "fiu":
            refuse(f"the gradient of {name!r} has dtype {g.dtype}; return an array of floats")


def kept(x: Any, params: Any) -> Any:
    """Copy an array of the cache; an update may change what is a parameter's own memory."""
    if type(x) is not np.ndarray:
        return None
    own = any(np.shares_memory(x, p) for p in flatten(params)[0] if isinstance(p, np.ndarray))
    return None if own else x.copy()


def same(before: Any, after: Any) -> bool:
    """Tell whether two trees of arrays are equal."""
    pairs = zip(leaves(before), leaves(after), strict=False)
    return all(
        not isinstance(a, np.ndarray) or np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for (_, a), (_, b) in pairs
    )


def last_line(error: BaseException) -> str:
    """Say in which line of the user's code an error was raised."""
    trace, line = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(LIBRARIES):
            line = f" (line {trace.tb_lineno} of {file})"
        trace = trace.tb_next
    return line
