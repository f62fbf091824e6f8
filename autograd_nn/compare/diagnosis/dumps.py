"""Judge gradients from their numbers alone, such as a program in another language dumped."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.compare.comparison import GradientComparison, compare_gradients
from autograd_nn.compare.diagnosis.discovery import discovered
from autograd_nn.compare.diagnosis.judging import constants
from autograd_nn.compare.diagnosis.matching import Function
from autograd_nn.compare.diagnosis.problem import ALONE, Point, Problem, named, quiet
from autograd_nn.compare.diagnosis.result import Diagnosis, DiagnosisVerdict
from autograd_nn.compare.diagnosis.validity import takes_params
from autograd_nn.compare.diagnosis.witnesses import truth_at
from autograd_nn.compare.rows import Verdict
from autograd_nn.errors import DiagnosisInputError

_KEYS = ("params", "inputs", "targets", "grads")


def judge_gradients(
    forward: Function,
    loss: Function,
    params: Any,
    inputs: Any,
    targets: Any,
    grads: Any,
    *,
    rtol: float = 1e-6,
) -> Diagnosis:
    """Judge gradients that were computed elsewhere, at the point where they were.

    Parameters
    ----------
    forward : callable
        ``forward(params, inputs) -> (output, cache)``; it says which mathematics was meant.
    loss : callable
        ``loss(output, targets) -> scalar``.
    params, inputs, targets : arrays, nested at will
        Where the gradients were computed.
    grads : arrays, nested as `params`
        The gradients.
    rtol : float
        Relative tolerance. Raise it to about 1e-4 for gradients in float32, and for decimals to
        the digits that were written.

    Returns
    -------
    Diagnosis
        It names no line, and knows one point alone: BIASED means that the cosine is positive
        there.

    Raises
    ------
    DiagnosisInputError
        If gradients are missing, surplus, not finite or of another shape; each is named.

    Examples
    --------
    >>> def forward(params, x):
    ...     return x @ params["W"], None
    >>> def loss(output, y):
    ...     return np.sum((output - y) ** 2)
    >>> x, y = np.eye(3, 2), np.ones((3, 1))
    >>> params = {"W": np.array([[2.0], [3.0]])}
    >>> half = {"W": [[1.0], [2.0]]}
    >>> judged = judge_gradients(forward, loss, params, x, y, half)
    >>> judged.verdict.name, judged.factor
    ('EXACT_UP_TO_A_FACTOR', {'W': '1/2'})
    """
    params, inputs, targets, grads = map(_arrays, (params, inputs, targets, grads))
    point = Point(params, inputs, targets)
    problem = Problem(forward, _no_backward, loss, "grads", takes_params(loss))
    with ALONE:
        try:
            with quiet():
                _, code = discovered(lambda: problem.value(point), (forward, loss))
        except DiagnosisInputError:
            raise
        except Exception as error:
            message = f"the forward pass failed at the point: {type(error).__name__}: {error}"
            raise DiagnosisInputError(message) from error
        truth = truth_at(problem, code, point, np.random.default_rng(0))
    comparison = compare_gradients(
        {"dump": grads, "autograd": truth.gradients}, "autograd", rtol=rtol
    )
    if truth.disputed:
        reason = f"The reference is disputed: {truth.disputed}."
        return Diagnosis(DiagnosisVerdict.CANNOT_DECIDE, comparison, reason=reason)
    obstacles = [row.note for row in comparison.rows if np.isnan(row.max_relative_error)]
    if obstacles:
        raise DiagnosisInputError(" ".join(obstacles))
    given = named(grads)
    judged = _judged(comparison, point, _cosine(given, truth.gradients), rtol)
    return replace(judged, gradients=given)


def read_dump(path: str | Path) -> dict[str, Any]:
    """Read what `judge_gradients` needs beside the functions, from NPZ or JSON.

    Parameters
    ----------
    path : path
        JSON: ``{"params": {"W1": [[...]], ...}, "inputs": ..., "targets": ..., "grads": {"W1":
        [[...]], ...}}``, nested at will. NPZ: arrays of the names ``params.W1``, ``inputs``,
        ``targets``, ``grads.W1``, with dots for nesting.

    Raises
    ------
    DiagnosisInputError
        If it cannot be read, or a part is missing.
    """
    try:
        if zipfile.is_zipfile(path):
            with np.load(path, allow_pickle=False) as archive:
                content = _nested({name: archive[name] for name in archive.files})
        else:
            content = _arrays(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read as NPZ or JSON: {error}"
        raise DiagnosisInputError(message) from error
    missing = [key for key in _KEYS if not isinstance(content, dict) or key not in content]
    if missing:
        message = f"{path} lacks {', '.join(missing)}; it must hold {', '.join(_KEYS)}"
        raise DiagnosisInputError(message)
    return {key: content[key] for key in _KEYS}


def _judged(comparison: GradientComparison, point: Point, cosine: float, rtol: float) -> Diagnosis:
    note = "No line can be named: the gradients are numbers from elsewhere."
    verdicts = {row.verdict for row in comparison.rows}
    if verdicts == {Verdict.AGREES}:
        return Diagnosis(DiagnosisVerdict.EXACT, comparison)
    factor = {
        row.parameter: _name(row.factor, point, rtol)
        for row in comparison.rows
        if row.verdict is Verdict.FACTOR and row.factor is not None
    }
    if verdicts <= {Verdict.AGREES, Verdict.FACTOR}:
        verdict = DiagnosisVerdict.EXACT_UP_TO_A_FACTOR
        return Diagnosis(verdict, comparison, factor=factor, notes=(note,))
    if cosine < 0:
        place = {"params": point.params, "inputs": point.inputs, "targets": point.targets}
        counterexample = {**place, "cosine": cosine}
        verdict = DiagnosisVerdict.NOT_A_DESCENT
    else:
        counterexample, verdict = None, DiagnosisVerdict.BIASED
        note += (
            f" They were judged at one point, where the cosine is {cosine:.4f}; whether they are "
            "the gradient of another loss, or point downhill elsewhere, cannot be told from it."
        )
    return Diagnosis(
        verdict, comparison, factor=factor, counterexample=counterexample, notes=(note,)
    )


def _name(factor: float, point: Point, rtol: float) -> str:
    fitting = [
        name for name, value in constants(point) if abs(value - factor) <= 10 * rtol * abs(factor)
    ]
    return fitting[0] if fitting else f"{factor:.6g}"


def _cosine(grads: dict[str, Any], truth: dict[str, Any]) -> float:
    g, t = (np.concatenate([np.ravel(tree[name]) for name in truth]) for tree in (grads, truth))
    norms = np.linalg.norm(g) * np.linalg.norm(t)
    return float(g @ t / norms) if norms else 0.0


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, array in flat.items():
        *path, last = name.split(".")
        branch = tree
        for key in path:
            branch = branch.setdefault(key, {})
        branch[last] = array
    return tree


def _arrays(content: Any) -> Any:
    """Make arrays of numbers and lists of numbers; leave arrays, and the nesting, as they are."""
    if isinstance(content, np.ndarray):
        return content
    if isinstance(content, dict):
        return {key: _arrays(value) for key, value in content.items()}
    try:
        array = np.asarray(content, float)
    except (TypeError, ValueError):
        if isinstance(content, list):
            return [_arrays(item) for item in content]
        raise
    return array


def _no_backward(*_: Any) -> None:
    raise NotImplementedError
