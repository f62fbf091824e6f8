"""What cannot be judged, said in one sentence before anything is judged."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.instrument import Code, discovered
from autograd_nn.compare.diagnosis.problem import Array, Point, Problem, named, quiet, copied
from autograd_nn.errors import DiagnosisInputError


def check(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    loss: Callable[..., Any],
    params: Any,
    inputs: Any,
    targets: Any,
    returns: str,
) -> Problem:
    """Check what can be checked before anything runs."""
    for name, function in (("forward", forward), ("backward", backward), ("loss", loss)):
        if not callable(function):
            message = f"diagnose: {name} is {type(function).__name__}; pass a function"
            raise DiagnosisInputError(message)
    if returns not in ("grads", "update"):
        message = f"diagnose: returns={returns!r}; it must be 'grads' or 'update'"
        raise DiagnosisInputError(message)
    arrays = named(params)
    if not arrays:
        message = "diagnose: params holds no array; pass a dict of arrays"
        raise DiagnosisInputError(message)
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            message = (
                f"diagnose: the parameter {name!r} has dtype {array.dtype}, which has no gradient; "
                "convert it with astype(float)"
            )
            raise DiagnosisInputError(message)
        if not np.isfinite(array).all():
            message = f"diagnose: the parameter {name!r} is not finite; pass finite numbers"
            raise DiagnosisInputError(message)
    del inputs, targets
    return Problem(forward, backward, loss, returns, takes_params(loss))


def takes_params(loss: Callable[..., Any]) -> bool:
    """Tell whether a loss takes the parameters as a third argument."""
    try:
        parameters = inspect.signature(loss).parameters.values()
    except (TypeError, ValueError):
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in parameters if p.kind in kinds and p.default is p.empty]
    return len(needed) >= 3  # noqa: PLR2004 (output, targets, params)


def check_run(problem: Problem, given: Point) -> tuple[Code, str, dict[str, Array]]:
    """Run the code twice at the given point.

    Return the code that ran, why nothing can be decided (or ""), and the gradients.
    """
    entries = (problem.forward, problem.backward, problem.loss)
    with quiet():
        first, code = discovered(lambda: stepwise(problem, given), entries)
        second = stepwise(problem, given)
    undecided = ""
    for name, g in first.items():
        if not np.array_equal(g, second.get(name, np.nan), equal_nan=True):
            undecided = (
                f"two runs at the same point differ (in {name!r}): the code draws random numbers; "
                "give it the masks or the seed, so that it repeats"
            )
            break
    expected = named(given.params)
    for name, array in expected.items():
        if name not in first and problem.returns == "grads":
            known = ", ".join(map(repr, first))
            message = (
                f"diagnose: backward returned no gradient of the parameter {name!r}, only of {known}; "
                "name gradients as the parameters are named"
            )
            raise DiagnosisInputError(message)
        del array
    for name in first:
        if name not in expected:
            message = (
                f"diagnose: backward returned a gradient called {name!r}, but there is no such "
                f"parameter, only {', '.join(map(repr, expected))}"
            )
            raise DiagnosisInputError(message)
    return code, undecided, first


def stepwise(problem: Problem, given: Point) -> dict[str, Array]:
    """Run, and say which function failed if one does."""
    point = copied(given)
    step = "forward"
    try:
        output, cache = problem.go_forward(point)
        step = "loss"
        loss = problem.loss_of(output, point)
        step = "backward"
        kept = deepcopy((point.inputs, point.targets, output, cache))
        rate = (1.0 if point.lr is None else point.lr,) if problem.returns == "update" else ()
        before = deepcopy(point.params)
        returned = problem.backward(point.params, point.inputs, point.targets, output, cache, *rate)
    except DiagnosisInputError:
        raise
    except Exception as error:
        message = f"diagnose: {step} failed with {type(error).__name__}: {error}{last_line(error)}"
        raise DiagnosisInputError(message) from error
    if np.shape(loss) != ():
        message = (
            f"diagnose: loss returned an array of shape {np.shape(loss)}; it must return a single "
            "number: take its sum or mean"
        )
        raise DiagnosisInputError(message)
    del kept
    if problem.returns == "update":
        after = named(point.params if returned is None else returned)
        return {n: (old - after[n]) / rate[0] for n, old in named(before).items() if n in after and after[n].shape == old.shape}
    if returned is None:
        message = (
            "diagnose: backward returned None; return the gradients, or pass returns='update' if it "
            "changes the parameters"
        )
        raise DiagnosisInputError(message)
    return named(returned)


def last_line(error: Exception) -> str:
    """Say in which line of the user's code an error was raised."""
    trace, line = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "autograd_nn" not in code.co_filename and "site-packages" not in code.co_filename:
            line = f" (line {trace.tb_lineno} of {code.co_filename})"
        trace = trace.tb_next
    return line
