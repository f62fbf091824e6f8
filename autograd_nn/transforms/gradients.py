"""Derivatives along one direction: grad, value_and_grad, vjp, jvp, linearize, hvp."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd_nn.errors import DtypeError, NonScalarError
from autograd_nn.tensor import Tensor
from autograd_nn.transforms.linearized import Argnums, Linearized, named
from autograd_nn.transforms.trees import HERE, Tree, tree_map

Function = Callable[..., Any]


def value_and_grad(function: Function, argnums: Argnums = 0, *, has_aux: bool = False) -> Function:
    """Make a function that returns ``(function(*args), gradient)``.

    Parameters
    ----------
    function : callable
        Takes arrays or Tensors, or dicts, lists and tuples of them, nested in any way; returns
        one real number.  Keyword arguments are passed on, and not differentiated.
    argnums : int or tuple of int
        Which positional arguments to differentiate by; negative ones count from the end, a
        tuple gives a tuple of gradients.  A gradient is nested as its argument is.
    has_aux : bool
        Whether `function` returns a pair ``(number, aux)``.  The result is then
        ``((number, aux), gradient)``, with any `aux`.

    Returns
    -------
    callable
        Of a complex argument ``z`` the gradient is ``dL/dRe(z) + i dL/dIm(z)``, as PyTorch's.

    Raises
    ------
    NonScalarError
        When called, if `function` returns more than one entry.
    DtypeError
        When called, if an argument to differentiate by is not floating, or the result not real.

    Examples
    --------
    >>> import numpy as np
    >>> value_and_grad(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    (np.float64(9.0), array([ 3., 12.]))
    >>> grad(lambda p, x: np.sum(p["W"] @ x + p["b"]))(
    ...     {"W": np.eye(2), "b": np.zeros(2)}, np.array([3.0, 4.0])
    ... )
    {'W': array([[3., 4.],
           [3., 4.]]), 'b': array([1., 1.])}
    """

    @wraps(function)
    def derived(*args: Any, **kwargs: Any) -> Any:
        run = Linearized(function, args, argnums, "grad", kwargs, has_aux=has_aux)
        check_number(run)
        value = (run.result(), run.auxiliary()) if has_aux else run.result()
        return value, run.gradient()

    return derived


def grad(function: Function, argnums: Argnums = 0, *, has_aux: bool = False) -> Function:
    """Make the function that computes the gradient of `function`.

    Parameters, errors: see `value_and_grad`.  With `has_aux`, it computes
    ``(gradient, aux)``.

    Examples
    --------
    >>> import numpy as np
    >>> d_tanh = grad(np.tanh)
    >>> float(d_tanh(0.0)), float(grad(d_tanh)(0.0)), float(grad(grad(d_tanh))(0.0))
    (1.0, -0.0, -2.0)
    """

    @wraps(function)
    def derived(*args: Any, **kwargs: Any) -> Any:
        run = Linearized(function, args, argnums, "grad", kwargs, has_aux=has_aux)
        check_number(run)
        return (run.gradient(), run.auxiliary()) if has_aux else run.gradient()

    return derived


def check_number(run: Linearized) -> None:
    """Refuse to take the gradient of what is not one real number."""
    out = run.outs[0] if run.outputs is HERE else None
    if out is None:
        message = (
            f"grad: {run.name} returned {named(run.result())}, not an array or a number; return "
            "one number, or use jacobian or vjp (has_aux=True is for further results)"
        )
        raise DtypeError(message)
    if np.size(out) != 1:
        message = (
            f"grad: {run.name} returned shape {np.shape(out)}, not one number; reduce it "
            "(np.sum), or use jacobian or vjp"
        )
        raise NonScalarError(message)
    if np.iscomplexobj(out.value if isinstance(out, Tensor) else out):
        message = (
            f"grad: {run.name} returned a complex number, which has no gradient; make it real "
            "(np.real, np.abs), or use vjp, or jacobian for f'(z) of a holomorphic function"
        )
        raise DtypeError(message)


def vjp(
    function: Function, *primals: Tree, has_aux: bool = False, **kwargs: Any
) -> tuple[Any, ...]:
    """Evaluate `function` and prepare to carry cotangents back through it.

    Returns ``(out, pull)``; ``pull(v)``, with `v` nested like `out`, gives one array (or tree)
    per primal, ``J.T @ v``.  Every call of `pull` costs about as much as one evaluation,
    whatever the size of the primals.  With `has_aux`, `function` returns ``(out, aux)``, and
    this ``(out, pull, aux)``.  Keyword arguments go to `function`.

    For complex numbers it is ``J.conj().T @ v``, as PyTorch's.

    Examples
    --------
    >>> import numpy as np
    >>> out, pull = vjp(lambda x, y: x * y, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    >>> pull(np.array([1.0, 10.0]))
    (array([ 3., 40.]), array([ 1., 20.]))
    """
    run = Linearized(function, primals, every(primals), "vjp", kwargs, has_aux=has_aux)
    return (run.result(), run.pull, run.auxiliary()) if has_aux else (run.result(), run.pull)


def jvp(
    function: Function, primals: Tree, tangents: Tree, *, has_aux: bool = False, **kwargs: Any
) -> tuple[Any, ...]:
    """Evaluate `function` and push tangents forward through it: ``(out, J @ tangents)``.

    Parameters
    ----------
    function : callable
        Takes as many arguments as there are primals; returns an array, or a tree of arrays.
    primals, tangents : tuple of arguments, or one that is not a tuple
        Nested alike, of equal shapes pairwise.
    has_aux : bool
        Whether `function` returns a pair ``(out, aux)``; the result is then
        ``(out, J @ tangents, aux)``.
    **kwargs
        Passed on to `function`.

    Raises
    ------
    ShapeError
        If a tangent does not have the shape of its primal.

    Examples
    --------
    >>> import numpy as np
    >>> jvp(np.sin, 0.0, 2.0)
    (np.float64(0.0), np.float64(2.0))
    """
    primals, tangents = as_tuple(primals), as_tuple(tangents)
    run = Linearized(function, primals, every(primals), "jvp", kwargs, has_aux=has_aux)
    pushed = run.result(), run.push(tangents)
    return (*pushed, run.auxiliary()) if has_aux else pushed


def linearize(
    function: Function, *primals: Tree, has_aux: bool = False, **kwargs: Any
) -> tuple[Any, ...]:
    """Evaluate `function` once and prepare to push tangents forward through it.

    Returns ``(out, push)``; ``push(*tangents)``, one tangent per primal, gives ``J @ tangents``,
    nested like `out`.  With `has_aux`, `function` returns ``(out, aux)``, and this
    ``(out, push, aux)``.  Keyword arguments go to `function`.

    Examples
    --------
    >>> import numpy as np
    >>> out, push = linearize(np.sin, 0.0)
    >>> out, push(2.0), push(3.0)
    (np.float64(0.0), np.float64(2.0), np.float64(3.0))
    """
    run = Linearized(function, primals, every(primals), "linearize", kwargs, has_aux=has_aux)

    def push(*tangents: Tree) -> Any:
        return run.push(tangents)

    return (run.result(), push, run.auxiliary()) if has_aux else (run.result(), push)


def hvp(function: Function, primals: Tree, tangents: Tree, **kwargs: Any) -> Any:
    """Multiply the Hessian of `function` by tangents, without forming it: forward over reverse.

    Parameters
    ----------
    function : callable
        Returns one real number.
    primals, tangents : tuple of arguments, or one that is not a tuple
        Nested alike, of equal shapes pairwise.  Tuples give a tuple.
    **kwargs
        Passed on to `function`.

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    argnums: Argnums = every(primals) if type(primals) is tuple else 0
    return jvp(grad(function, argnums), primals, tangents, **kwargs)[1]


def stop_gradient(tree: Tree) -> Tree:
    """Take values as constants, whatever they were computed from.

    Tensors, also inside dicts, lists and tuples, are detached; anything else passes through.

    Examples
    --------
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    return tree_map(lambda leaf: leaf.detach() if isinstance(leaf, Tensor) else leaf, tree)


def as_tuple(primals: Tree) -> tuple[Any, ...]:
    """Take a tuple as several arguments, anything else as one: also a namedtuple."""
    return primals if type(primals) is tuple else (primals,)


def every(primals: tuple[Any, ...]) -> tuple[int, ...]:
    """Choose all arguments."""
    return tuple(range(len(primals)))
