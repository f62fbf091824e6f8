"""Who judges: PyTorch, JAX, and NumPy alone by the complex step or by Richardson's differences.

All of them compute in double precision, whatever the dtypes of the program.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ours import Arrays, Derivatives
from .programs import Directions, Input, Program

Unable = Exception  # whatever a library raises where it cannot do what NumPy does
PACKAGES = {"torch": "torch", "jax": "jax", "numeric": "numpy"}


def installed(oracle: str) -> bool:
    return find_spec(PACKAGES[oracle]) is not None


def double(x: Any) -> NDArray[Any]:
    """Widen floating and complex numbers to double precision."""
    x = np.asarray(x)
    kind = {"f": np.float64, "c": np.complex128}.get(x.dtype.kind, x.dtype)
    return np.ascontiguousarray(x, dtype=kind).reshape(x.shape)


def exact(given: Input) -> NDArray[Any]:
    """Prepare an input for libraries that promote otherwise than NumPy: integers become floats."""
    whole = given.kind == "f" and given.array.dtype.kind == "i"
    return double(given.array.astype(np.float64) if whole else given.array)


# ---- PyTorch ---------------------------------------------------------------------------------


@cache
def torch_space() -> dict[str, Any]:
    torch = import_module("torch")
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    return {"torch": torch}


def by_torch(program: Program, towards: Directions) -> Derivatives:
    """Differentiate twice: the gradient, then its product with `v` by cotangent and inputs.

    The gradient is linear in the cotangent u, so that the gradient of <gradient, v> by u is the
    jvp; by the inputs it is the second derivative.
    """
    torch = torch_space()["torch"]
    run = program.function("torch", torch_space())
    tensors = {given.name: torch.from_numpy(exact(given).copy()) for given in program.inputs}
    xs = [tensors[given.name].requires_grad_() for given in program.differentiated]
    out = run(**tensors)
    u = torch.from_numpy(towards.u.copy()).to(out.dtype).requires_grad_()
    if not out.requires_grad:
        zeros = [np.zeros(x.shape, double(x.detach().numpy()).dtype) for x in xs]
        return Derivatives([out.numpy()], zeros, [np.zeros(out.shape)], zeros)
    gradient = torch.autograd.grad(
        out, xs, u, create_graph=True, allow_unused=True, materialize_grads=True
    )

    def dot(vs: Arrays) -> Any:
        pairs = zip(vs, gradient, strict=True)
        return sum(torch.sum(torch.real(torch.from_numpy(v).conj() * g)) for v, g in pairs)

    def plain(x: Any) -> NDArray[Any]:
        # the sum, for PyTorch's lazy zeros have no memory that NumPy could read (2.15 crashes)
        summed: NDArray[Any] = (x.detach() + torch.zeros_like(x)).numpy(force=True)
        return summed

    def derive(number: Any, by: list[Any]) -> list[Any]:
        if not number.requires_grad:
            return [torch.zeros_like(x) for x in by]
        options = {"allow_unused": True, "materialize_grads": True, "retain_graph": True}
        return list(torch.autograd.grad(number, by, **options))

    found = [out], gradient, derive(dot(towards.v), [u]), derive(dot(towards.w), xs)
    return Derivatives(*([plain(g) for g in gs] for gs in found))


# ---- JAX -------------------------------------------------------------------------------------


@cache
def jax_space() -> dict[str, Any]:
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", val=True)
    return {"jax": jax, "jnp": jax.numpy}


def by_jax(program: Program, towards: Directions) -> Derivatives:
    """Differentiate by vjp and by jvp of the vjp; JAX's cotangents are our conjugates."""
    jax, jnp = jax_space()["jax"], jax_space()["jnp"]
    run = program.function("jax", jax_space())
    constants = {g.name: jnp.asarray(exact(g)) for g in program.inputs if not g.differentiated}
    names = [given.name for given in program.differentiated]
    xs = [jnp.asarray(exact(given)) for given in program.differentiated]

    def function(*ys: Any) -> Any:
        return run(**constants, **dict(zip(names, ys, strict=True)))

    out, along = jax.jvp(function, xs, [jnp.asarray(v) for v in towards.v])
    u = jnp.conj(jnp.asarray(towards.u, out.dtype))

    def gradient(*ys: Any) -> Any:
        return [jnp.conj(g) for g in jax.vjp(function, *ys)[1](u)]

    first, second = jax.jvp(gradient, xs, [jnp.asarray(w) for w in towards.w])
    return Derivatives(
        [np.asarray(out)], [np.asarray(g) for g in first], [np.asarray(along)],
        [np.asarray(g) for g in second],
    )  # fmt: skip


# ---- NumPy alone -----------------------------------------------------------------------------


class Path:
    """A program along a straight line through its inputs: a function of one number."""

    def __init__(self, program: Program) -> None:
        self.run = program.function("numpy")
        self.arrays = {given.name: exact(given) for given in program.inputs}
        self.names = [given.name for given in program.differentiated]

    def __call__(self, *moves: tuple[Any, Arrays]) -> Any:
        """Evaluate at the inputs, moved by multiples of tangents."""
        arrays = dict(self.arrays)
        for step, tangents in moves:
            for name, tangent in zip(self.names, tangents, strict=True):
                arrays[name] = arrays[name] + step * tangent
        return self.run(**arrays)


def richardson(function: Callable[[float], Any]) -> tuple[Any, float]:
    """Differentiate at 0 by central differences, extrapolated twice; with an estimated error.

    Two extrapolations from different steps: near a kink, or where rounding wins, they differ.
    """
    quotients = [
        (function(h) - function(-h)) / (2 * h) for h in (2.0**-7, 2.0**-8, 2.0**-9, 2.0**-10)
    ]
    coarse, fine = (
        (64 * narrow - 20 * middle + wide) / 45
        for wide, middle, narrow in (quotients[:3], quotients[1:])
    )
    return fine, float(np.max(np.abs(fine - coarse), initial=0))


def jump(function: Callable[[float], Any]) -> float:
    """Measure how far the value at 0 is from the limit of those on both sides.

    LAPACK's reflections, for one, leave out a column that is 0 already, so that at just this
    point a row of R has another sign.  Differences do not see it.
    """
    wide, narrow = ((function(h) + function(-h)) / 2 for h in (2.0**-9, 2.0**-10))
    limit = (4 * narrow - wide) / 3
    return float(np.max(np.abs(limit - function(0.0)), initial=0))


def complex_step(path: Path, tangents: Arrays, *moves: tuple[float, Arrays]) -> Any:
    """Differentiate along tangents, exact to rounding where the program is complex-analytic.

    W. Squire and G. Trapp, Using Complex Variables to Estimate Derivatives, SIAM Review (1998).
    """
    h = 1e-30
    return np.imag(path((1j * h, tangents), *moves)) / h
