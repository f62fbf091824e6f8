"""Check a function's automatic gradients against differences of its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.compare.oracles import finite_difference
from autograd_nn.errors import DtypeError, GradcheckError
from autograd_nn.graph import between, pullback
from autograd_nn.tensor import Tensor
from autograd_nn.traced import no_grad


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Iterable[Tensor],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,  # noqa: FBT001, FBT002 (PyTorch's signature)
    *,
    rng: np.random.Generator | int = 0,
) -> bool:
    """Compare the automatic gradients of `func` with central differences, in PyTorch's shape.

    Every output is weighted with a random cotangent, so that errors cannot cancel as they do
    under a cotangent of ones; every entry of every input is then moved by `eps`.  Unlike
    PyTorch's, the tolerance is free of scale: a wrong gradient is found however small.

    Parameters
    ----------
    func : callable
        Takes the inputs, returns a Tensor or a tuple of Tensors.
    inputs : Tensor or iterable of Tensor
        Those that require a gradient are checked; they should be float64.
    eps : float
        The step, times ``max(1, |entry|)``.
    atol, rtol : float
        An entry may be off by ``rtol * |numerical entry| + atol * |largest numerical entry|``,
        besides what rounding does to the differences themselves.
    raise_exception : bool
        Whether to raise rather than return False.
    rng : Generator or int
        Where the cotangents are drawn from.

    Raises
    ------
    GradcheckError
        Names the input and its worst entry, both values and the error.
    DtypeError
        If no input requires a gradient, or one is not float64.

    Examples
    --------
    >>> x = Tensor([0.3, 0.7], requires_grad=True)
    >>> gradcheck(np.tanh, x)
    True
    """
    points = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    checked = [i for i, x in enumerate(points) if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        message = "gradcheck: no input requires a gradient; set requires_grad=True on one"
        raise DtypeError(message)
    for i in checked:
        if points[i].dtype != np.float64:
            message = (
                f"gradcheck: input {i} has dtype {points[i].dtype}; differences of eps={eps} need "
                "float64: use x.astype(float)"
            )
            raise DtypeError(message)
    rng = np.random.default_rng(rng)
    outputs = as_outputs(func(*points))
    cotangents = [rng.standard_normal(out.shape) for out in outputs]
    automatic = gradients(outputs, cotangents, [points[i] for i in checked])

    def weighted(arrays: dict[str, NDArray[np.float64]]) -> float:
        moved = list(points)
        for i in checked:
            moved[i] = Tensor(arrays[str(i)])
        with no_grad():
            values = as_outputs(func(*moved))
        return float(sum(np.sum(u * v.value) for u, v in zip(cotangents, values, strict=True)))

    at = {str(i): points[i].value for i in checked}
    numerical = finite_difference(weighted, at, method="central", step=eps)
    size = sum(float(np.sum(np.abs(u * v.value))) for u, v in zip(cotangents, outputs, strict=True))
    noise = 10 * np.finfo(float).eps * size / eps
    for i, gradient in zip(checked, automatic, strict=True):
        truth = np.asarray(numerical[str(i)])
        largest = float(np.max(np.abs(truth), initial=0.0))
        allowed = rtol * np.abs(truth) + atol * largest + noise
        error = np.abs(gradient - truth)
        if truth.size and not np.all(error <= allowed):
            if not raise_exception:
                return False
            worst = np.unravel_index(np.argmax(error - allowed), truth.shape)
            message = (
                f"gradcheck: the gradient of {getattr(func, '__name__', 'func')} with respect to "
                f"input {i} is wrong: at entry {tuple(map(int, worst))} the automatic one is "
                f"{gradient[worst]:.6g}, central differences give {truth[worst]:.6g} (allowed "
                f"error {allowed[worst]:.1g}); {np.mean(error > allowed):.0%} of the entries differ"
            )
            raise GradcheckError(message)
    return True


def as_outputs(out: Any) -> list[Tensor]:
    """List the outputs as Tensors, constants included."""
    several = out if isinstance(out, tuple | list) else (out,)
    return [x if isinstance(x, Tensor) else Tensor(x) for x in several]


def gradients(
    outputs: list[Tensor], cotangents: list[NDArray[np.float64]], inputs: list[Tensor]
) -> list[NDArray[np.float64]]:
    """Carry the cotangents back to inputs, which may themselves have a history."""
    sources = [x.node for x in inputs if x.node is not None]
    sums = [np.zeros(source.shape) for source in sources]
    for out, cotangent in zip(outputs, cotangents, strict=True):
        if out.node is not None:
            found = pullback(between(sources, out.node), {out.node: cotangent}, keep=True)
            sums = [s + found.get(n, 0.0) for s, n in zip(sums, sources, strict=True)]
    return sums
