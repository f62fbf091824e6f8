"""Functions of functions: grad, value_and_grad, vjp, jvp, jacobian, hessian, hvp, custom_vjp.

Each gives its arguments a fresh vertex in the graph, and differentiates by that vertex alone.
That is the whole defence against perturbation confusion: nested derivatives never mistake one
variable for another, in whatever order the transforms are nested.

What goes in as plain arrays comes out as plain arrays; if a Tensor goes in, or the function
closes over a Tensor that requires a gradient, Tensors come out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import signature
from typing import Any

import numpy as np

from autograd_nn.calling import check_numbers
from autograd_nn.errors import DtypeError, NonScalarError, ShapeError
from autograd_nn.fitting import Value
from autograd_nn.graph import Node, Span, between, history, pullback, pushforward
from autograd_nn.ops.elementwise import positive
from autograd_nn.primitive import NO_PARAMS, Primitive, Rule, record
from autograd_nn.syntax import is_tracked
from autograd_nn.tensor import Tensor, check_differentiable, leaf, rejoin
from autograd_nn.traced import active, box, guard, recording, settled

Function = Callable[..., Any]


def value_and_grad(function: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """Make a function that returns ``(function(*args), gradient)``.

    Parameters
    ----------
    function : callable
        Takes arrays or Tensors, returns one number.
    argnums : int or tuple of int
        Which positional arguments to differentiate by; a tuple gives a tuple of gradients.

    Raises
    ------
    NonScalarError
        When called, if `function` returns more than one entry.
    DtypeError
        When called, if an argument to differentiate by is not floating.

    Examples
    --------
    >>> import numpy as np
    >>> value_and_grad(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    (np.float64(9.0), array([ 3., 12.]))
    """

    @wraps(function)
    def derived(*args: Any, **kwargs: Any) -> Any:
        run = Linearized(function, args, argnums, "grad", kwargs)
        if np.size(run.out) != 1:
            message = (
                f"grad: {run.name} returned shape {np.shape(run.out)}, not one number; reduce it "
                "(np.sum), or use jacobian or vjp"
            )
            raise NonScalarError(message)
        return run.result(), run.pull(1.0, keep=False)

    return derived


def grad(function: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """Make the function that computes the gradient of `function`.

    Parameters, errors: see `value_and_grad`.

    Examples
    --------
    >>> import numpy as np
    >>> d_tanh = grad(np.tanh)
    >>> float(d_tanh(0.0)), float(grad(d_tanh)(0.0)), float(grad(grad(d_tanh))(0.0))
    (1.0, -0.0, -2.0)
    """
    both = value_and_grad(function, argnums)
    return wraps(function)(lambda *args, **kwargs: both(*args, **kwargs)[1])


def vjp(function: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Evaluate `function` and prepare to carry cotangents back through it.

    Returns ``(out, pull)``; ``pull(v)`` gives one array per primal, ``J.T @ v``.  Every call
    of `pull` costs about as much as one evaluation, whatever the size of the primals.

    Examples
    --------
    >>> import numpy as np
    >>> out, pull = vjp(lambda x, y: x * y, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    >>> pull(np.array([1.0, 10.0]))
    (array([ 3., 40.]), array([ 1., 20.]))
    """
    run = Linearized(function, primals, tuple(range(len(primals))), "vjp")
    return run.result(), run.pull


def jvp(function: Function, primals: Any, tangents: Any) -> tuple[Any, Any]:
    """Evaluate `function` and push tangents forward through it: ``(out, J @ tangents)``.

    Parameters
    ----------
    function : callable
        Takes as many arrays as there are primals; may return a tuple.
    primals, tangents : tuple of array_like, or one array_like
        Of equal shapes pairwise.

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
    run = Linearized(function, primals, tuple(range(len(primals))), "jvp")
    return run.result(), run.push(tangents)


def jacobian(function: Function, argnums: int = 0) -> Function:
    """Make the function that computes all partial derivatives, ``out.shape + x.shape``.

    One evaluation, then one backward sweep per entry of the output.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @wraps(function)
    def derived(*args: Any, **kwargs: Any) -> Any:
        if not isinstance(argnums, int):
            message = f"jacobian: argnums={argnums!r} must be one position; call it once for each"
            raise TypeError(message)
        run = Linearized(function, args, argnums, "jacobian", kwargs)
        shape = (*np.shape(run.out), *run.vertices[0].shape)
        rows = np.eye(np.size(run.out)).reshape(np.size(run.out), *np.shape(run.out))
        return (
            np.stack([run.pull(row) for row in rows]).reshape(shape)
            if len(rows)
            else np.zeros(shape)
        )

    return derived


def hessian(function: Function, argnums: int = 0) -> Function:
    """Make the function that computes all second derivatives, ``x.shape + x.shape``.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(grad(function, argnums), argnums)


def hvp(function: Function, primals: Any, tangents: Any) -> Any:
    """Multiply the Hessian of `function` by tangents, without forming it: forward over reverse.

    Parameters
    ----------
    function : callable
        Returns one number.
    primals, tangents : tuple of array_like, or one array_like
        Of equal shapes pairwise.  Tuples give a tuple.

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    several = isinstance(primals, tuple)
    argnums = tuple(range(len(primals))) if several else 0
    return jvp(grad(function, argnums), primals, tangents)[1]


def custom_vjp(function: Function, *rules: Rule | None, jvps: Sequence[Rule | None] = ()) -> Any:
    """Give your own function your own backward rule, in place of the one its code implies.

    Parameters
    ----------
    function : callable
        Takes arrays, returns an array; what it does inside is not recorded.
    rules : callables ``rule(v, out, *args, **params)``
        One per differentiable argument: carry the cotangent `v`, of the output's shape, back to
        that argument.  None for an argument that is not differentiated.
    jvps : callables of the same signature, optional
        Carry a tangent of each argument forward, for `jvp` and `hvp`.

    Returns
    -------
    callable
        Works on arrays and Tensors.

    Examples
    --------
    A sigmoid with the tutorial's mistake: its derivative applies sigmoid to the activation.

    >>> import numpy as np
    >>> from autograd_nn import tutorial
    >>> printed = custom_vjp(
    ...     tutorial.sigmoid, lambda v, a, _z: v * tutorial.sigmoid_derivative(a)
    ... )
    >>> float(grad(printed)(0.0)), float(grad(tutorial.sigmoid)(0.0))
    (0.2350037122015945, 0.25)
    """
    if not rules:
        message = f"custom_vjp: give a rule for each argument of {function.__name__}"
        raise TypeError(message)

    @wraps(function)
    def forward(*args: Any, **params: Any) -> Value:
        return settled(np.array(function(*map(guard, args), **params)))

    def checked(rule: Rule | None) -> Rule | None:
        if rule is None:
            return None

        @wraps(rule)
        def returning(*args: Any, **params: Any) -> Value:
            term = rule(*map(guard, args), **params)
            if isinstance(term, Tensor):
                return term
            term = np.array(term)  # the rule may keep its own
            check_numbers(f"custom_vjp: a rule of {function.__name__}", term)
            return term

        returning.__signature__ = signature(rule)  # type: ignore[attr-defined]
        return returning

    forward_rules = [*jvps, *[None] * (len(rules) - len(jvps))]
    custom = Primitive(forward, [*map(checked, rules)], [*map(checked, forward_rules)], hint=None)
    custom.reads = range(len(rules))
    return custom


class Linearized:
    """One evaluation of a function, with the graph between fresh vertices and its output."""

    def __init__(
        self,
        function: Function,
        args: Sequence[Any],
        argnums: int | tuple[int, ...],
        transform: str,
        kwargs: Mapping[str, Any] = NO_PARAMS,
    ) -> None:
        self.name = getattr(function, "__name__", "the function")
        self.several = isinstance(argnums, tuple)
        chosen = positions(argnums, len(args), transform)
        self.vertices = [
            vertex(args[i], f"{transform}: argument {i} of {self.name}") for i in chosen
        ]
        self.sources = [fresh.node for fresh in self.vertices if fresh.node is not None]
        self.keep_tensors = any(isinstance(arg, Tensor) for arg in args)
        inputs = list(args)
        for i, fresh in zip(chosen, self.vertices, strict=True):
            inputs[i] = fresh
        outer, recorded = active.get(), recording.get()
        tokens = active.set(outer.union(self.sources)), recording.set(True)
        try:
            self.out = function(*inputs, **kwargs)
        finally:
            active.reset(tokens[0])
            recording.reset(tokens[1])
        outputs = as_tuple(self.out) if transform == "jvp" else (self.out,)
        for out in outputs:
            check_output(out, f"{transform}: {self.name}")
        self.spans = {id(out): self.span(out) for out in outputs}
        self.nested = {id(out): recorded and self.is_nested(out) for out in outputs}

    def span(self, out: Any) -> Span:
        """Find how `out` depends on the vertices; no operations if it does not."""
        node = getattr(out, "node", None)
        return Span([], self.sources) if node is None else between(self.sources, node)

    def is_nested(self, out: Any) -> bool:
        """Tell whether others differentiate through this: then derivatives must stay in a graph.

        Others are leaves with an owner, and the vertices of transforms still running.
        """
        node = getattr(out, "node", None)
        ends = [] if node is None else history(node).ends
        running = active.get()
        return any(end not in self.sources and (end.owner or end in running) for end in ends)

    def result(self) -> Any:
        """Return the output: free of this transform's vertices, unless others look through them."""
        return each(self.out, lambda out: self.finish(out, nested=self.nested[id(out)]))

    def finish(self, value: Any, *, nested: bool) -> Any:
        """Return a derivative or output as the caller expects it: array, constant or recorded."""
        if nested and isinstance(value, Tensor):
            return value
        bare = settled(np.array(value.value if isinstance(value, Tensor) else value))
        return box(Tensor, bare) if self.keep_tensors else bare

    def pull(self, cotangent: Any, *, keep: bool = True) -> Any:
        """Carry a cotangent of the output back to the vertices."""
        out = self.out
        if np.shape(cotangent) not in ((), np.shape(out)):
            message = (
                f"vjp: the cotangent has shape {np.shape(cotangent)}, the output of {self.name} "
                f"{np.shape(out)}; they must be equal"
            )
            raise ShapeError(message)
        span = self.spans[id(out)]
        nested = self.nested[id(out)] or is_tracked(cotangent)
        found: dict[Node, Value] = {}
        if isinstance(out, Tensor) and out.node is not None:
            seed = cotangent if nested and isinstance(cotangent, Tensor) else bare_array(cotangent)
            seed = np.broadcast_to(seed, out.shape).astype(out.dtype)
            found = pullback(
                span, {out.node: seed}, rejoin if nested else None, keep=keep or nested
            )
        gradients = [
            self.finish(found.get(source, np.zeros(source.shape)), nested=nested)
            for source in self.sources
        ]
        typed = [
            g if g.dtype == source.dtype else g.astype(source.dtype)
            for g, source in zip(gradients, self.sources, strict=True)
        ]
        return tuple(typed) if self.several else typed[0]

    def push(self, tangents: Sequence[Any]) -> Any:
        """Carry tangents of the vertices forward to the output."""
        if len(tangents) != len(self.sources):
            message = f"jvp: {len(self.sources)} primals but {len(tangents)} tangents were given"
            raise ShapeError(message)
        table: dict[Node, Value] = {}
        nested_tangents = is_tracked(list(tangents))
        for i, (source, tangent) in enumerate(zip(self.sources, tangents, strict=True)):
            if np.shape(tangent) != source.shape:
                message = (
                    f"jvp: tangent {i} has shape {np.shape(tangent)}, its primal {source.shape}; "
                    "they must be equal"
                )
                raise ShapeError(message)
            kept = nested_tangents and isinstance(tangent, Tensor)
            table[source] = (tangent if kept else bare_array(tangent)).astype(source.dtype)

        def push(out: Any) -> Any:
            span = self.spans[id(out)]
            nested = self.nested[id(out)] or nested_tangents
            node = getattr(out, "node", None)
            tangent = table.get(node) if node is not None else None
            if span.operations:
                tangent = pushforward(span, table, rejoin if nested else None)
            zero = np.zeros(np.shape(out), getattr(out, "dtype", float))
            return self.finish(zero if tangent is None else tangent, nested=nested)

        return each(self.out, push)


def positions(argnums: int | tuple[int, ...], n_args: int, transform: str) -> list[int]:
    """Check which arguments to differentiate by, and count them from the front."""
    chosen = argnums if isinstance(argnums, tuple) else (argnums,)
    for i in chosen:
        if not isinstance(i, int) or not -n_args <= i < n_args:
            message = f"{transform}: argnums names argument {i!r}, but {n_args} were given"
            raise TypeError(message)
    found = [i % n_args for i in chosen]
    if len(set(found)) < len(found):
        message = f"{transform}: argnums={argnums!r} names an argument twice"
        raise TypeError(message)
    return found


def check_output(out: Any, where: str) -> None:
    """Refuse what no derivative can be taken of: None, lists, dicts, text."""
    if not isinstance(out, Tensor | np.ndarray | np.generic | int | float):
        message = (
            f"{where} returned {'None' if out is None else 'a ' + type(out).__name__}, not an "
            "array or a number; return one (np.stack joins several)"
        )
        raise DtypeError(message)


def vertex(arg: Any, where: str) -> Tensor:
    """Make a fresh vertex for an argument: a leaf, or for a recorded Tensor its younger twin."""
    if is_tracked(arg):
        return record(positive, (arg,))
    value = np.array(arg.value if isinstance(arg, Tensor) else arg)
    if value.dtype == object:
        message = f"{where} is not an array of numbers; give an array, or leave it out of argnums"
        raise DtypeError(message)
    check_differentiable(where, value)
    return box(Tensor, settled(value), leaf(value, None))


def as_tuple(x: Any) -> tuple[Any, ...]:
    """Take a tuple as several, anything else as one."""
    return x if isinstance(x, tuple) else (x,)


def each(x: Any, function: Callable[[Any], Any]) -> Any:
    """Apply `function` to `x`, or if it is a tuple to each of its items."""
    return tuple(map(function, x)) if isinstance(x, tuple) else function(x)


def bare_array(x: Any) -> Value:
    """Take the array out of a Tensor, or make one."""
    return x.value if isinstance(x, Tensor) else np.asarray(x)
