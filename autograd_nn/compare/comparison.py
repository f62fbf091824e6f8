"""Compare the gradients of several sources, parameter by parameter.

A source is anything that produced a gradient: a hand-written backward pass, this library, another
framework, a numerical oracle, numbers read from a file. Every source is judged against one
reference, relative to the scale of that reference: no absolute tolerance can hide a wrong gradient
that is small or raise an alarm about a right one that is large.
"""

import html
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.compare.oracles import leaves
from autograd_nn.compare.pair import NOISE_ULPS, Pair, eps, first_place, peak, remedy
from autograd_nn.compare.rows import GradientRow, Verdict, cells_of, notes, table
from autograd_nn.strict import strict

__all__ = ["GradientComparison", "GradientRow", "Verdict", "compare_gradients"]


@dataclass(frozen=True)
class GradientComparison:
    """Collect the rows of a comparison; print it for the table.

    Attributes
    ----------
    rows : tuple of GradientRow
        One per source and parameter, source by source.
    reference : str
        Name of the source that the others were compared with.
    rtol : float
        The relative tolerance used.
    """

    rows: tuple[GradientRow, ...]
    reference: str
    rtol: float

    @property
    def agrees(self) -> bool:
        """Tell whether every row agrees with the reference."""
        return not self._failing()

    def row(self, source: str, parameter: str) -> GradientRow:
        """Return the row of one parameter of one source.

        Raises
        ------
        LookupError
            If there is no such row.
        """
        for row in self.rows:
            if (row.source, row.parameter) == (source, parameter):
                return row
        sources = ", ".join(dict.fromkeys(repr(row.source) for row in self.rows))
        parameters = ", ".join(dict.fromkeys(repr(row.parameter) for row in self.rows))
        msg = (
            f"row: there is no row for source {source!r} and parameter {parameter!r}; the sources "
            f"are {sources} and the parameters {parameters}."
        )
        raise LookupError(msg)

    def assert_close(self) -> None:
        """Pass silently if every row agrees, for use in a test.

        Raises
        ------
        AssertionError
            If a row does not agree; the text is the table of such rows, each with its sentence.
        """
        __tracebackhide__ = True  # pytest shows the line of the test, not ours
        if failing := self._failing():
            raise AssertionError("\n".join([self._summary(), *table(failing), *notes(failing)]))

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain dicts, lists, strings and floats (NaN and inf too)."""
        return {
            "reference": self.reference,
            "rtol": self.rtol,
            "agrees": self.agrees,
            "rows": [{**vars(row), "verdict": row.verdict.value} for row in self.rows],
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return `to_dict` as strict JSON.

        JSON has no NaN or infinity: they become the strings "NaN", "Infinity" and "-Infinity",
        which ``float`` reads back.
        """
        return json.dumps(strict(self.to_dict()), indent=indent, allow_nan=False)

    def __str__(self) -> str:
        """Return an aligned table, with a sentence below it for each row that does not agree."""
        return "\n".join([self._summary(), *table(self.rows), *notes(self.rows)])

    def _repr_html_(self) -> str:
        header, *body = ([html.escape(cell) for cell in row] for row in cells_of(self.rows))
        lines = [f"<p>{html.escape(self._summary())}</p>", "<table>"]
        lines.append("<tr>" + "".join(f"<th>{cell}</th>" for cell in header) + "</tr>")
        lines += ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in body]
        lines.append("</table>")
        if failing := self._failing():
            notes = "".join(f"<li>{html.escape(row.note)}</li>" for row in failing)
            lines.append(f"<ul>{notes}</ul>")
        return "\n".join(lines)

    def _failing(self) -> tuple[GradientRow, ...]:
        return tuple(row for row in self.rows if row.verdict is not Verdict.AGREES)

    def _summary(self) -> str:
        agreeing = len(self.rows) - len(self._failing())
        return (
            f"{agreeing} of {len(self.rows)} gradients agree with {self.reference!r} "
            f"(rtol {self.rtol:g})"
        )


def compare_gradients(
    sources: Mapping[str, Any], reference: Any = None, *, rtol: float = 1e-6
) -> GradientComparison:
    """Compare the gradients of every source with those of a reference.

    A gradient g agrees with its reference t if ``max|g - t| <= rtol * max|t| + 32 eps * scale``.
    The scale is the largest entry of the whole reference, over all parameters, because rounding
    errors of that size travel backwards through a network; eps belongs to the coarser of the two
    float dtypes.

    Parameters
    ----------
    sources : mapping of str to gradients
        Gradients are arrays in nested dicts, lists and tuples, or one bare array (then called
        "gradient"). An array is anything `numpy.asarray` reads: float, complex or integer arrays,
        nested lists of numbers, tensors (detached first). Their names are joined by dots:
        "hidden_layer.weights", "layers.0.bias". None stands for a gradient that is missing.
    reference : str or gradients, optional
        The name of a source, by default the first, or gradients of their own, then called
        "reference".
    rtol : float
        Relative tolerance of each parameter, from 0 up to but not including 1. Raise it to about
        1e-4 for float32 sources, and to the oracle's own accuracy for numerical ones.

    Returns
    -------
    GradientComparison
        One row for each source other than the reference and each parameter. Wrong shapes, missing
        or surplus parameters, NaN and infinity are verdicts, not errors: the other parameters are
        still compared.

    Raises
    ------
    TypeError
        If `sources` is not a mapping, or a gradient does not hold numbers.
    ValueError
        If there is nothing to compare, the reference is unknown, two gradients share a name, or
        `rtol` makes no sense.

    Notes
    -----
    A gradient of which one entry alone is not zero is a multiple of any other such gradient.
    Hence it "agrees up to a factor" only if another parameter of the same source, with more
    entries, shows that factor too, or if the source has no parameter with more entries.

    Examples
    --------
    >>> import numpy as np
    >>> truth = {"weights": np.array([[1.0, -2.0]]), "bias": np.array([0.5, 3.0])}
    >>> mean = {"weights": np.array([[0.25, -0.5]]), "bias": np.array([0.5, 3.0])}
    >>> comparison = compare_gradients({"autograd": truth, "hand": mean})
    >>> print(comparison)
    1 of 2 gradients agree with 'autograd' (rtol 1e-06)
                       max rel.            norm  wrong
    source  parameter     error   cosine  ratio   sign  verdict
    hand    weights     7.5e-01  1.00000   0.25   0.0%  factor x 0.25
    hand    bias              0  1.00000      1   0.0%  agrees
    - source 'hand', parameter 'weights': the gradient is 0.25 times the reference, so a constant
      differs (a mean for a sum, a count, a 2 or 1/2 in the loss).
    >>> comparison.row("hand", "weights").factor
    0.25
    """
    if not isinstance(sources, Mapping):
        msg = (
            "compare_gradients: sources must map names to gradients, not "
            f"{type(sources).__name__}; pass {{'hand': ..., 'autograd': ...}}."
        )
        raise TypeError(msg)
    if not 0 <= rtol < 1:
        msg = f"compare_gradients: rtol must be at least 0 and below 1, not {rtol!r}."
        raise ValueError(msg)

    named = {str(name): gradients for name, gradients in sources.items()}
    if reference is None:
        reference = next(iter(named), "reference")
    elif not isinstance(reference, str):
        if "reference" in named:
            msg = (
                "compare_gradients: sources already has the name 'reference'; rename that source "
                "or pass reference='reference'."
            )
            raise ValueError(msg)
        named["reference"], reference = reference, "reference"
    if not named.keys() - {reference}:
        msg = (
            f"compare_gradients: sources holds {len(sources)} and nothing is left to compare; pass "
            "two sources, or one and reference."
        )
        raise ValueError(msg)
    if reference not in named:
        names = ", ".join(map(repr, named))
        msg = f"compare_gradients: reference {reference!r} is not a source; choose one of {names}."
        raise ValueError(msg)

    truth = _Gradients(reference, named.pop(reference))
    if not truth.arrays:
        msg = f"compare_gradients: reference {reference!r} holds no gradients; pass at least one."
        raise ValueError(msg)
    rows = [
        row
        for name, gradients in named.items()
        for row in _compare_source(_Gradients(name, gradients), truth, rtol)
    ]
    return GradientComparison(tuple(rows), reference, rtol)


class _Gradients:
    """Hold the gradients of one source by dotted name, and their largest finite entry."""

    def __init__(self, name: str, gradients: Any) -> None:
        self.name = name
        self.arrays: dict[str, NDArray[Any]] = {}
        for path, value in leaves(gradients, is_leaf=_is_numbers):
            parameter = path or "gradient"
            if value is None:
                continue
            if parameter in self.arrays:
                msg = (
                    f"compare_gradients: source {name!r} has two gradients called {parameter!r}; "
                    "rename one."
                )
                raise ValueError(msg)
            self.arrays[parameter] = _numbers(name, parameter, value)
        self.scale = max(
            (peak(array[np.isfinite(array)]) for array in self.arrays.values()), default=0.0
        )

    def has_several_entries(self, parameter: str) -> bool:
        """Tell whether more than one entry lies above rounding noise."""
        array = self.arrays[parameter]
        noise = NOISE_ULPS * eps(array) * self.scale
        return int(np.count_nonzero(np.abs(array) > noise)) > 1


def _is_numbers(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_numbers, value))
    return isinstance(value, Number)


def _numbers(source: str, name: str, value: Any) -> NDArray[Any]:
    if hasattr(value, "detach"):
        value = value.detach()
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        msg = (
            f"compare_gradients: {_place(source, name)} cannot be read as an array ({error}); pass "
            "NumPy arrays."
        )
        raise TypeError(msg) from error
    if array.dtype.kind not in "iufc":
        msg = (
            f"compare_gradients: {_place(source, name)} must hold numbers, not {array.dtype}; pass "
            "NumPy arrays."
        )
        raise TypeError(msg)
    return array


def _place(source: str, parameter: str) -> str:
    return f"source {source!r}, parameter {parameter!r}"


def _compare_source(source: _Gradients, truth: _Gradients, rtol: float) -> list[GradientRow]:
    """Judge every parameter of one source, then withdraw the factors that nothing supports."""
    names = dict.fromkeys([*truth.arrays, *source.arrays])
    rows = [_compare_parameter(name, source, truth, rtol) for name in names]

    comparable = [row for row in rows if not math.isnan(row.max_relative_error)]
    several = [row for row in comparable if truth.has_several_entries(row.parameter)]
    witnesses = [row.factor for row in several if row.verdict is Verdict.FACTOR]
    return [
        row
        if row.verdict is not Verdict.FACTOR
        or not several
        or any(_same(row.factor, factor, rtol) for factor in witnesses)
        else replace(
            row,
            verdict=Verdict.DIFFERS,
            factor=None,
            note=_difference(row.parameter, source, truth),
        )
        for row in rows
    ]


def _same(factor: float | None, other: float | None, rtol: float) -> bool:
    if factor is None or other is None:
        return False
    return math.isclose(factor, other, rel_tol=max(rtol, 1e-4))


def _compare_parameter(
    name: str, source: _Gradients, truth: _Gradients, rtol: float
) -> GradientRow:
    place = _place(source.name, name)
    if obstacle := _obstacle(name, source, truth, rtol):
        verdict, note = obstacle
        return GradientRow(source.name, name, verdict, note=f"{place}: {note}.")

    g, t = source.arrays[name], truth.arrays[name]
    pair = Pair(g, t, truth.scale, rtol)
    factor: float | None
    if pair.agrees():
        verdict, factor, note = Verdict.AGREES, 1.0, ""
    elif (factor := pair.factor()) is not None:
        verdict, note = Verdict.FACTOR, f"{place}: {_explanation(factor, rtol)}"
    else:
        verdict, note = Verdict.DIFFERS, _difference(name, source, truth)
    return GradientRow(
        source.name,
        name,
        verdict,
        max_relative_error=pair.distances().max(initial=0.0).item(),
        cosine=pair.cosine(),
        norm_ratio=pair.norm_ratio(),
        wrong_sign=pair.wrong_sign(source.scale),
        factor=factor,
        note=note,
    )


def _obstacle(
    name: str, source: _Gradients, truth: _Gradients, rtol: float
) -> tuple[Verdict, str] | None:
    """Say why two gradients cannot be compared entry by entry, or return None if they can."""
    g, t = source.arrays.get(name), truth.arrays.get(name)
    if t is None:
        others = ", ".join(map(repr, truth.arrays))
        return Verdict.EXTRA, f"{truth.name!r} has no gradient of that name, only {others}"
    if g is None:
        return (
            Verdict.MISSING,
            f"there is no gradient, but {truth.name!r} has one of shape {t.shape}",
        )
    if g.shape != t.shape:
        shapes = f"the shape is {g.shape}, but {truth.name!r} has {t.shape}"
        return Verdict.SHAPE, shapes + remedy(g, t, truth.scale, rtol)
    for owner, array in ((source.name, g), (truth.name, t)):
        if not np.isfinite(array).all():
            index = first_place(~np.isfinite(array))
            return Verdict.NOT_FINITE, (
                f"entry {index} of {owner!r} is {array[index]}; look for a division by zero, a "
                "logarithm of zero or an overflow"
            )
    return None


def _explanation(factor: float, rtol: float) -> str:
    causes = []
    if factor < 0:
        causes.append("the sign is wrong")
    if not _same(factor, -1.0, rtol):
        causes.append("a constant differs (a mean for a sum, a count, a 2 or 1/2 in the loss)")
    return f"the gradient is {factor:.10g} times the reference, so {' and '.join(causes)}."


def _difference(name: str, source: _Gradients, truth: _Gradients) -> str:
    """Name the worst entry."""
    g, t = source.arrays[name], truth.arrays[name]
    distances = Pair(g, t, truth.scale, 0.0).distances()
    index = first_place(distances == distances.max())
    ours, theirs = f"{g[index]:.6g}", f"{t[index]:.6g}"
    if ours == theirs:
        ours, theirs = str(g[index]), str(t[index])
    return f"{_place(source.name, name)}: entry {index} is {ours}, but {truth.name!r} has {theirs}."
