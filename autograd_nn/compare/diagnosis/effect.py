"""What a mistake does to training: the code as it is, and with every subset of its repairs.

Whether a gradient is right and whether it trains well are two questions; `diagnose` answers the
first, this module the second.
"""

from __future__ import annotations

import ast
import builtins
import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import combinations
from math import nan
from statistics import median
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.excerpts import mended
from autograd_nn.compare.diagnosis.matching import Function
from autograd_nn.compare.diagnosis.probes import randomised
from autograd_nn.compare.diagnosis.problem import ALONE, Point, Problem, named, quiet, with_params
from autograd_nn.compare.diagnosis.result import Blame, Diagnosis
from autograd_nn.compare.diagnosis.validity import takes_params
from autograd_nn.compare.training import TrainingEffect
from autograd_nn.errors import DiagnosisInputError

MOST_LINES = 4


def repair_effects(
    diagnosis: Diagnosis,
    forward: Function,
    backward: Function,
    loss: Function,
    params: Any,
    inputs: Any,
    targets: Any,
    returns: str = "grads",
    *,
    lr: float = 0.1,
    seeds: Sequence[int] = range(20),
    epochs: int = 500,
    threshold: float | None = None,
) -> list[TrainingEffect]:
    """Train with the code as it is, and with every subset of its repairs.

    Every step takes all samples. A run succeeds if its loss comes down to `threshold` after at most
    `epochs` updates, and ends there. Each seed starts all arms from the same parameters.

    Parameters
    ----------
    diagnosis : Diagnosis
        What `diagnose` said of the functions.
    forward, backward, loss, params, inputs, targets, returns
        What `diagnose` was given. The data are trained on; parameters are drawn like `params`.
    lr : float
    seeds : sequence of int
    epochs : int
    threshold : float, optional
        By default a tenth of the median loss at the starting points.

    Returns
    -------
    list of TrainingEffect
        First "as written", then one for each subset of the repaired lines, small ones first.

    Raises
    ------
    DiagnosisInputError
        If no line is blamed, or more than 4 are, or a repair cannot be run where it stands.
    """
    if not 1 <= len(diagnosis.blame) <= MOST_LINES:
        message = (
            f"training compares repairs of 1 to {MOST_LINES} lines, and {len(diagnosis.blame)} "
            "are blamed"
        )
        raise DiagnosisInputError(message)
    problem = Problem(forward, backward, loss, returns, takes_params(loss))
    given = Point(params, inputs, targets, lr)
    starts = [randomised(given, np.random.default_rng(seed), 1.0).params for seed in seeds]
    if threshold is None:
        threshold = median(float(problem.value(replace(given, params=p))) for p in starts) / 10
    changes = [_change(line, diagnosis.sources.get(line.file, "")) for line in diagnosis.blame]
    effects = []
    for count in range(len(changes) + 1):
        for chosen in combinations(changes, count):
            with ALONE, _mended(chosen, diagnosis.sources), quiet():
                runs = [
                    _train(problem, replace(given, params=start), lr, epochs, threshold)
                    for start in starts
                ]
            effects.append(_summary(_rule(chosen), lr, runs))
    return effects


@dataclass(frozen=True)
class _Change:
    """The lines of a guilty statement, and what stands there when it is mended."""

    line: Blame
    first: int
    after: list[str]
    function: FunctionType


@dataclass(frozen=True)
class _Run:
    updates: int | None  # None if it did not succeed
    steps: int
    raised: int


def _change(line: Blame, source: str) -> _Change:
    """Choose the repair of a line whose names are known where it stands."""
    function = _function_at(line)
    for repair in (line.repair, *line.ties):
        change = mended(replace(line, repair=repair), source)
        if change is None or function is None or not _known(change[1], function):
            continue
        before, after = change
        first = next(
            number
            for number in range(line.line, 0, -1)
            if source.splitlines()[number - 1 : number - 1 + len(before)] == before
        )
        if len(after) <= len(before):
            return _Change(line, first, after + [""] * (len(before) - len(after)), function)
    message = (
        f"{line.file}, line {line.line}: its repair needs what is not known where it stands, so "
        "that training with it cannot be tried"
    )
    raise DiagnosisInputError(message)


def _function_at(line: Blame) -> FunctionType | None:
    """Find the function whose code a line is in."""
    around = [
        function
        for function in gc.get_objects()
        if type(function) is FunctionType  # others may do anything when asked for their class
        and function.__code__.co_filename == line.file
        and line.line in {number for _, _, number in function.__code__.co_lines()}
    ]
    return max(around, key=lambda function: function.__code__.co_firstlineno, default=None)


def _known(statement: list[str], function: FunctionType) -> bool:
    code = function.__code__
    known = {*code.co_varnames, *code.co_freevars, *code.co_cellvars}
    known |= {*function.__globals__, *dir(builtins)}
    text = "\n".join(statement)
    tree = ast.parse(text.strip())
    return all(node.id in known for node in ast.walk(tree) if isinstance(node, ast.Name))


@contextmanager
def _mended(changes: Sequence[_Change], sources: Mapping[str, str]) -> Iterator[None]:
    """Let functions run their mended code for a while."""
    kept = [(change.function, change.function.__code__) for change in changes]
    try:
        for file in {change.line.file for change in changes}:
            rows = sources[file].splitlines()
            of_file = [change for change in changes if change.line.file == file]
            for change in of_file:
                rows[change.first - 1 : change.first - 1 + len(change.after)] = change.after
            codes = list(_codes(compile("\n".join(rows), file, "exec", dont_inherit=True)))
            for function in {change.function for change in of_file}:
                old = function.__code__
                function.__code__ = next(
                    code
                    for code in codes
                    if (code.co_qualname, code.co_firstlineno)
                    == (old.co_qualname, old.co_firstlineno)
                )
        yield
    finally:
        for function, code in reversed(kept):
            function.__code__ = code


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _codes(part)


def _train(problem: Problem, point: Point, lr: float, epochs: int, threshold: float) -> _Run:
    """Descend from a point until the loss is at the threshold."""
    before, raised = np.inf, 0
    for epoch in range(epochs + 1):
        run = problem.run(point)
        raised += run.loss > before
        if run.loss <= threshold:
            return _Run(epoch, epoch, raised)
        if not np.isfinite(run.loss):
            break
        before = run.loss
        moved = [value - lr * run.gradients[name] for name, value in named(point.params).items()]
        point = with_params(point, moved)
    return _Run(None, epoch, raised)


def _rule(changes: Sequence[_Change]) -> str:
    numbers = ", ".join(str(change.line.line) for change in changes)
    plural = "s" if len(changes) > 1 else ""
    return f"line{plural} {numbers} mended" if changes else "as written"


def _summary(rule: str, lr: float, runs: Sequence[_Run]) -> TrainingEffect:
    successes = [run.updates for run in runs if run.updates is not None]
    steps = sum(run.steps for run in runs)
    return TrainingEffect(
        lr,
        rule,
        len(runs),
        len(successes),
        median(successes) if successes else nan,
        sum(run.raised for run in runs) / steps if steps else nan,
    )
