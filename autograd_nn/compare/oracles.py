"""Differentiate any scalar function numerically, without the engine that is being judged.

Two oracles, both blind to how the function is written:

* `complex_step` is exact to rounding and needs a function that works on complex numbers;
* `finite_difference` needs nothing but values, and reaches about twelve digits.

This module imports NumPy and the standard library alone: a witness must not share a mistake with
the code it judges.
"""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["complex_step", "finite_difference"]

_EPS = float(np.finfo(np.float64).eps)
_LEVELS = {"central": 1, "richardson": 3}


def finite_difference(
    function: Callable[[Any], Any],
    parameters: Any,
    *,
    method: str = "richardson",
    step: float | None = None,
) -> Any:
    """Estimate the gradient of a scalar function from its values alone.

    Each entry x is moved by ``h = step * max(1, |x|)`` to both sides, so that a gradient of n
    entries costs 2 n calls ("central") or 6 n calls ("richardson").

    Parameters
    ----------
    function : callable
        ``function(parameters) -> float``. It receives a fresh float64 copy in every call.
    parameters : array_like, or mapping, list or tuple of them, nested at will
        The point, real numbers of any shape. It is never changed.
    method : {"richardson", "central"}
        "central" takes ``(f(x + h) - f(x - h)) / (2 h)``, with an error of order h^2.
        "richardson" extrapolates three such quotients, at h, h/2 and h/4, to an error of order
        h^6.
    step : float, optional
        The relative step. The default is ``eps ** (1 / (order + 1))``, which balances truncation
        with rounding; eps belongs to the dtype that `function` returns. In float64 this is 6.1e-6
        for "central" and 5.8e-3 for "richardson".

    Returns
    -------
    array or nested dicts, lists and tuples of arrays
        The gradient in the structure of `parameters`, each array float64 and of its parameter's
        shape. Where `function` is not finite at a moved point, the entry is not finite either.

    Raises
    ------
    TypeError
        If `function` is not callable or returns no real number, or a parameter is not real.
    ValueError
        If `function` returns an array instead of a scalar or is not finite at `parameters`, or
        `method` or `step` makes no sense.

    Notes
    -----
    Extrapolation to the limit is due to Richardson (1911), "The approximate arithmetical solution
    by finite differences of physical problems", Phil. Trans. R. Soc. A 210, 307-357. Ridders
    (1982), "Accurate computation of F'(x) and F'(x) F''(x)", Adv. Eng. Softw. 4, 75-76, builds the
    same triangular table; here its size is fixed. Near a kink (relu, abs, max) the quotients mix
    both slopes.

    Examples
    --------
    >>> import numpy as np
    >>> gradient = finite_difference(lambda p: np.sum(p["w"] ** 3), {"w": np.array([1.0, 2.0])})
    >>> gradient["w"].round(9)
    array([ 3., 12.])
    """
    if method not in _LEVELS:
        choices = " or ".join(map(repr, _LEVELS))
        msg = f"finite_difference: method must be {choices}, not {method!r}."
        raise ValueError(msg)
    levels = _LEVELS[method]
    point = _Point("finite_difference", function, parameters)

    here = _real_scalar(function(point.rebuild(point.vector)))
    if not np.isfinite(here):
        msg = (
            f"finite_difference: function is {here} at parameters; choose a point where it is "
            "finite."
        )
        raise ValueError(msg)
    if step is None:
        eps = max(_EPS, float(np.finfo(here.dtype).eps))
        step = eps ** (1 / (2 * levels + 1))
    _check_step("finite_difference", step, smallest=2 * _EPS)

    def value(index: int, moved: float) -> float:
        vector = point.vector.copy()
        vector[index] = moved
        return float(_real_scalar(function(point.rebuild(vector))))

    def quotient(index: int, step: float) -> float:
        x = float(point.vector[index])
        h = (x + step * max(1.0, abs(x))) - x  # x + h is now exactly representable
        return (value(index, x + h) - value(index, x - h)) / (2 * h)

    gradient = np.empty_like(point.vector)
    for index in range(gradient.size):
        estimates = [quotient(index, step / 2**level) for level in range(levels)]
        for order in range(2, 2 * levels, 2):
            estimates = [
                fine + (fine - coarse) / (2**order - 1) for coarse, fine in pairwise(estimates)
            ]
        gradient[index] = estimates[0]
    return point.rebuild(gradient)


def complex_step(function: Callable[[Any], Any], parameters: Any, *, step: float = 1e-30) -> Any:
    """Compute the gradient of a scalar function by steps along the imaginary axis.

    ``f(x + i h) = f(x) + i h f'(x) + O(h^2)``, so that ``imag(f(x + i h)) / h`` subtracts nothing
    and is exact to rounding for every tiny h. A gradient of n entries costs n calls.

    Parameters
    ----------
    function : callable
        ``function(parameters) -> complex``. It receives a fresh complex128 copy in every call and
        must be analytic: a hidden ``abs``, ``conj`` or ``.real`` in one of its terms gives a wrong
        gradient, of which only the cases under Raises can be seen here.
    parameters : array_like, or mapping, list or tuple of them, nested at will
        The point, real numbers of any shape. It is never changed.
    step : float
        The absolute step h; with the default, h^2 = 1e-60 vanishes beside any rounding.

    Returns
    -------
    array or nested dicts, lists and tuples of arrays
        The gradient in the structure of `parameters`, each array float64 and of its parameter's
        shape.

    Raises
    ------
    TypeError
        If `function` is not callable, returns a real value or casts to real on the way, or a
        parameter is not real.
    ValueError
        If `function` returns an array instead of a scalar or is not finite, or `step` is not
        positive.

    Notes
    -----
    Squire and Trapp (1998), "Using complex variables to estimate derivatives of real functions",
    SIAM Review 40, 110-112.

    Examples
    --------
    >>> import numpy as np
    >>> complex_step(lambda x: np.sum(x**3), np.array([1.0, 2.0]))
    array([ 3., 12.])
    """
    point = _Point("complex_step", function, parameters)
    _check_step("complex_step", step, smallest=float(np.finfo(np.float64).tiny))

    gradient = np.empty_like(point.vector)
    for index in range(gradient.size):
        vector = point.vector.astype(np.complex128)
        vector[index] += 1j * step
        moved = point.rebuild(vector)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                result = _scalar("complex_step", function(moved))
        except np.exceptions.ComplexWarning as warning:
            msg = (
                "complex_step: function casts a complex value to real, which throws the "
                "derivative away; remove the cast or use finite_difference."
            )
            raise TypeError(msg) from warning
        if result.dtype.kind != "c":
            msg = (
                f"complex_step: function returned a real value ({result.dtype}), so it is not "
                "analytic (abs, .real, a comparison) or ignores parameters; rewrite it or use "
                "finite_difference."
            )
            raise TypeError(msg)
        if not np.isfinite(result.real):
            msg = (
                f"complex_step: function is {result} after a step in {point.entry(index)}; choose "
                "a point where it is finite."
            )
            raise ValueError(msg)
        gradient[index] = result.imag / step
    return point.rebuild(gradient)


class _Point:
    """Hold nested parameters as one float64 vector, with the way back."""

    def __init__(self, caller: str, function: object, parameters: Any) -> None:
        if not callable(function):
            msg = (
                f"{caller}: function must be callable, not {type(function).__name__}; pass the "
                "function first and its parameters second."
            )
            raise TypeError(msg)
        self.structure = parameters
        self.leaves = [(name, _real_array(caller, name, leaf)) for name, leaf in leaves(parameters)]
        self.vector: NDArray[np.float64] = np.concatenate(
            [np.empty(0), *(array.ravel() for _, array in self.leaves)]
        )

    def rebuild(self, vector: NDArray[Any]) -> Any:
        """Copy `vector` into new arrays in the structure of the parameters."""
        ends = np.cumsum([array.size for _, array in self.leaves])[:-1]
        parts = np.split(vector, ends) if self.leaves else []
        arrays = (
            part.reshape(array.shape).copy()
            for part, (_, array) in zip(parts, self.leaves, strict=True)
        )
        return _fill(self.structure, arrays)

    def entry(self, index: int) -> str:
        """Name the parameter and the entry at `index` of the vector."""
        for name, array in self.leaves:
            if index < array.size:
                place = tuple(map(int, np.unravel_index(index, array.shape)))
                return f"{_label(name)}, entry {place}"
            index -= array.size
        raise IndexError(index)


def leaves(
    tree: Any, name: str = "", *, is_leaf: Callable[[Any], bool] = lambda _: False
) -> Iterator[tuple[str, Any]]:
    """Yield the dotted name and the value of each leaf; `is_leaf` may stop at a sequence.

    >>> list(leaves({"layer": {"weight": 1, "bias": 2}, "scale": [3]}))
    [('layer.weight', 1), ('layer.bias', 2), ('scale.0', 3)]
    """
    if isinstance(tree, Mapping):
        items: Any = tree.items()
    elif isinstance(tree, (list, tuple)) and not is_leaf(tree):
        items = enumerate(tree)
    else:
        yield name, tree
        return
    for key, branch in items:
        yield from leaves(branch, f"{name}.{key}" if name else f"{key}", is_leaf=is_leaf)


def _fill(tree: Any, values: Iterator[Any]) -> Any:
    """Build the structure of `tree` again from new values, taken in the order of `leaves`."""
    if isinstance(tree, Mapping):
        return {key: _fill(branch, values) for key, branch in tree.items()}
    if isinstance(tree, (list, tuple)):
        branches = [_fill(branch, values) for branch in tree]
        if isinstance(tree, list):
            return branches
        return type(tree)(*branches) if hasattr(tree, "_fields") else tuple(branches)
    return next(values)


def _label(name: str) -> str:
    return f"parameter {name!r}" if name else "parameters"


def _real_array(caller: str, name: str, value: Any) -> NDArray[np.float64]:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        msg = (
            f"{caller}: {_label(name)} must hold real numbers, not {array.dtype}; pass NumPy "
            "arrays or nested dicts, lists and tuples of them."
        )
        raise TypeError(msg)
    return array.astype(np.float64)


def _check_step(caller: str, step: float, *, smallest: float) -> None:
    if not (smallest <= step < math.inf):
        msg = f"{caller}: step must be a finite number of at least {smallest:.1e}, not {step!r}."
        raise ValueError(msg)


def _scalar(caller: str, result: Any) -> NDArray[Any]:
    scalar = np.asarray(result)
    if scalar.shape != ():
        msg = (
            f"{caller}: function must return a scalar, not an array of shape {scalar.shape}; "
            "reduce it, for example with np.sum."
        )
        raise ValueError(msg)
    return scalar


def _real_scalar(result: Any) -> NDArray[np.floating[Any]]:
    scalar = _scalar("finite_difference", result)
    if scalar.dtype.kind not in "iuf":
        msg = (
            "finite_difference: function must return a real number, not "
            f"{type(result).__name__} ({scalar.dtype}); return a float."
        )
        raise TypeError(msg)
    return scalar if scalar.dtype.kind == "f" else scalar.astype(np.float64)
