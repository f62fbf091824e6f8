"""All partial derivatives: jacobian (jacrev), jacfwd, hessian."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd_nn.errors import DtypeError
from autograd_nn.fitting import cast
from autograd_nn.tensor import Tensor, conjugate
from autograd_nn.traced import settled
from autograd_nn.transforms.linearized import Argnums, Linearized, bare_array
from autograd_nn.transforms.trees import unflatten

Function = Callable[..., Any]
TOLERANCE = 1e-2  # for being holomorphic: what is not fails by far more, roundoff by far less


def jacrev(function: Function, argnums: Argnums = 0, *, has_aux: bool = False) -> Function:
    """Make the function that computes all partial derivatives, ``out.shape + x.shape``.

    One evaluation, then one backward sweep per entry of the output: for functions of few outputs.
    `jacobian` is another name of it.

    Parameters
    ----------
    function : callable
        Takes and returns arrays, or dicts, lists and tuples of them, nested in any way.  Keyword
        arguments are passed on, and not differentiated.
    argnums : int or tuple of int
        Which positional arguments to differentiate by.
    has_aux : bool
        Whether `function` returns a pair ``(out, aux)``; the result is then ``(jacobian, aux)``.

    Returns
    -------
    callable
        Nested like the output of `function`, and within that like the argument (with a tuple
        `argnums`, like the tuple of them).

    Notes
    -----
    A complex output of a complex argument must be holomorphic and gives ``f'(z)``; what is seen not
    to be holomorphic is refused.  A real output of a complex argument gives its gradient,
    ``df/dRe(z) + i df/dIm(z)``, a complex output of a real argument its complex derivative.
    `jacfwd` agrees.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    >>> jacobian(lambda x: {"sum": np.sum(x), "square": x**2})(np.array([1.0, 2.0]))
    {'sum': array([1., 1.]), 'square': array([[2., 0.],
           [0., 4.]])}
    """
    return by_rows(function, argnums, "jacobian", has_aux=has_aux)


jacobian = jacrev


def by_rows(function: Function, argnums: Argnums, transform: str, *, has_aux: bool) -> Function:
    """Make the Jacobian's function for `jacrev`, or either of the two for `hessian`."""

    @wraps(function)
    def derived(*args: Any, **kwargs: Any) -> Any:
        run = Linearized(function, args, argnums, transform, kwargs, has_aux=has_aux)
        check_holomorphic(run)
        blocks = [run.of_inputs(rows(run, k)) for k in range(len(run.outs))]
        found = unflatten(run.outputs, blocks)
        return (found, run.auxiliary()) if has_aux else found

    return derived


def rows(run: Linearized, k: int) -> list[Any]:
    """Compute the blocks of output `k`, one per vertex, a row a sweep."""
    shape, is_complex = np.shape(run.outs[k]), of_complex(run.outs[k])
    imaginary = is_complex and not all(map(of_complex, run.vertices))
    found: list[list[Any]] = []
    seeds: list[Any] = [None] * len(run.outs)
    for seed in units(shape):
        seeds[k] = seed
        row = run.backward(seeds)
        if imaginary:  # of a real argument: a cotangent finds the real part alone
            seeds[k] = seed * -1j
            row = [
                x if of_complex(source) else x + y * 1j
                for source, x, y in zip(run.vertices, row, run.backward(seeds), strict=True)
            ]
        found.append(row if is_complex else [conjugate(x) for x in row])
    return [
        block(run, [row[i] for row in found], 0, (*shape, *source.shape), source, run.outs[k])
        for i, source in enumerate(run.vertices)
    ]


def jacfwd(function: Function, argnums: Argnums = 0, *, has_aux: bool = False) -> Function:
    """Make the function that computes all partial derivatives, ``out.shape + x.shape``.

    One evaluation, then one forward sweep per entry of the arguments: for functions of few inputs.
    Parameters, results, complex numbers: see `jacrev`.

    Examples
    --------
    >>> import numpy as np
    >>> jacfwd(lambda t: np.stack([np.cos(t), np.sin(t)]))(0.0)
    array([0., 1.])
    """

    @wraps(function)
    def derived(*args: Any, **kwargs: Any) -> Any:
        run = Linearized(function, args, argnums, "jacfwd", kwargs, has_aux=has_aux)
        check_holomorphic(run)
        by_vertex = [columns(run, i) for i in range(len(run.vertices))]
        blocks = [run.of_inputs([column[k] for column in by_vertex]) for k in range(len(run.outs))]
        found = unflatten(run.outputs, blocks)
        return (found, run.auxiliary()) if has_aux else found

    return derived


def columns(run: Linearized, i: int) -> list[Any]:
    """Compute the blocks of vertex `i`, one per output, a column a sweep."""
    source = run.vertices[i]
    imaginary = of_complex(source) and not all(map(of_complex, run.outs))
    found: list[list[Any]] = []
    tangents: list[Any] = [np.zeros(vertex.shape) for vertex in run.vertices]
    for tangent in units(source.shape):
        tangents[i] = tangent
        column = run.forward(tangents)
        if imaginary:  # of a real output: both slopes make its gradient
            tangents[i] = tangent * 1j
            column = [
                x if of_complex(out) else x + y * 1j
                for out, x, y in zip(run.outs, column, run.forward(tangents), strict=True)
            ]
        found.append(column)
    return [
        block(run, [c[k] for c in found], -1, (*np.shape(out), *source.shape), source, out)
        for k, out in enumerate(run.outs)
    ]


def units(shape: tuple[int, ...]) -> Any:
    """Make the arrays of `shape` with one entry 1 and the others 0."""
    size = int(np.prod(shape))
    return np.eye(size).reshape(size, *shape)


def block(
    run: Linearized, lines: Sequence[Any], axis: int, shape: tuple[int, ...], source: Any, out: Any
) -> Any:
    """Stack rows or columns, in the precision of the argument."""
    dtype = source.dtype
    if of_complex(out):
        dtype = np.result_type(dtype, np.complex64)
    if not lines:
        return run.finish(np.zeros(shape, dtype), nested=False)
    found = cast(np.stack(lines, axis=axis).reshape(shape), dtype)
    return found if isinstance(found, Tensor) else settled(found)


def check_holomorphic(run: Linearized) -> None:
    """Refuse complex derivatives that one complex number per entry cannot tell.

    A complex output of a complex argument must be holomorphic: multiplying a cotangent by i must
    multiply what comes back.  One cotangent without symmetries tells.
    """
    complex_source = any(map(of_complex, run.vertices))
    if run.transform == "hessian" and complex_source and not all(map(of_complex, run.outs)):
        message = (
            f"hessian: {run.name} is a real function of a complex argument, whose second "
            "derivatives are no array of complex numbers; use hvp, or give np.real and np.imag "
            "of the argument as two arguments"
        )
        raise DtypeError(message)
    if not complex_source or not any(map(of_complex, run.outs)):
        return
    seeds = [
        np.cos(1.0 + np.arange(np.size(out))).reshape(np.shape(out)) if of_complex(out) else None
        for out in run.outs
    ]
    turned = [None if seed is None else seed * 1j for seed in seeds]
    for v, u, source in zip(run.backward(seeds), run.backward(turned), run.vertices, strict=True):
        x, y = bare_array(v) * 1j, bare_array(u)
        if of_complex(source) and np.max(np.abs(x - y), initial=0) > TOLERANCE * np.max(
            np.abs(y), initial=0
        ):
            message = (
                f"{run.transform}: {run.name} is not holomorphic, so that one complex number an "
                "entry does not tell its derivative; use vjp or jvp, or give np.real and np.imag "
                "of the argument as two arguments"
            )
            raise DtypeError(message)


def of_complex(x: Any) -> bool:
    """Tell whether a value is complex."""
    return np.iscomplexobj(bare_array(x))


def hessian(function: Function, argnums: Argnums = 0, *, has_aux: bool = False) -> Function:
    """Make the function that computes all second derivatives, ``out.shape + x.shape + x.shape``.

    Reverse over reverse, measured to be faster here than forward over reverse.  Parameters and
    results: see `jacrev`; arguments nest twice.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    inner = by_rows(function, argnums, "hessian", has_aux=has_aux)
    return by_rows(inner, argnums, "hessian", has_aux=has_aux)
