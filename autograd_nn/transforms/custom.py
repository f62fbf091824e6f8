"""Your own derivatives: custom_vjp, custom_jvp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from typing import Any

import numpy as np

from autograd_nn.calling import check_numbers
from autograd_nn.fitting import Value, owned
from autograd_nn.primitive import Primitive, Rule
from autograd_nn.tensor import Tensor
from autograd_nn.traced import guard, settled
from autograd_nn.transforms.linearized import Linearized


def custom_vjp(
    function: Callable[..., Any], *rules: Rule | None, jvps: Sequence[Rule | None] = ()
) -> Any:
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
    >>> from autograd_nn import grad, tutorial
    >>> printed = custom_vjp(
    ...     tutorial.sigmoid, lambda v, a, _z: v * tutorial.sigmoid_derivative(a)
    ... )
    >>> float(grad(printed)(0.0)), float(grad(tutorial.sigmoid)(0.0))
    (0.2350037122015945, 0.25)
    """
    forward_rules = [*jvps, *[None] * (len(rules) - len(jvps))]
    return custom(function, rules, forward_rules, "custom_vjp")


def custom_jvp(function: Callable[..., Any], *rules: Rule | None) -> Any:
    """Give your own function your own forward rule, in place of the one its code implies.

    The backward rule follows: a tangent's rule is linear in the tangent, and what is linear is
    transposed by going backward through it.

    Parameters
    ----------
    function : callable
        Takes arrays, returns an array; what it does inside is not recorded.
    rules : callables ``rule(v, out, *args, **params)``
        One per differentiable argument: carry the tangent `v`, of that argument's shape, forward
        to the output.  Written in NumPy's functions, and linear in `v`.  None for an argument
        that is not differentiated.

    Returns
    -------
    callable
        Works on arrays and Tensors.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import grad
    >>> smooth = custom_jvp(lambda x: np.cumsum(x), lambda v, _out, _x: np.cumsum(v))
    >>> grad(lambda x: smooth(x)[-1])(np.array([1.0, 2.0, 3.0]))
    array([1., 1., 1.])
    """

    def transposed(rule: Rule | None, i: int) -> Rule | None:
        if rule is None:
            return None

        def back(v: Value, out: Value, *args: Any, **params: Any) -> Value:
            def forward(tangent: Tensor) -> Value:
                return rule(tangent, out, *map(guard, args), **params)

            start = np.zeros(np.shape(args[i]), args[i].dtype)
            return Linearized(forward, (start,), 0, where).backward([v])[0]

        back.__signature__ = signature(rule)  # type: ignore[attr-defined]
        return back

    where = f"custom_jvp: the rule of {name_of(function)}"
    backward_rules = [transposed(rule, i) for i, rule in enumerate(rules)]
    return custom(function, backward_rules, rules, "custom_jvp")


def custom(
    function: Callable[..., Any],
    backward_rules: Sequence[Rule | None],
    forward_rules: Sequence[Rule | None],
    maker: str,
) -> Primitive:
    """Make a primitive of a user's function and rules, which may not write to what they see."""
    if not backward_rules:
        message = f"{maker}: give a rule for each argument of {name_of(function)}"
        raise TypeError(message)

    @wraps(function)
    def forward(*args: Any, **params: Any) -> Value:
        return settled(np.array(function(*map(guard, args), **params)))

    forward.__name__ = name_of(function)

    def checked(rule: Rule | None) -> Rule | None:
        if rule is None:
            return None

        @wraps(rule)
        def returning(*args: Any, **params: Any) -> Value:
            term = rule(*map(guard, args), **params)
            if isinstance(term, Tensor):
                return term
            term = owned(term)  # the rule may keep its own
            check_numbers(f"{maker}: a rule of {name_of(function)}", term)
            return term

        returning.__signature__ = signature(rule)  # type: ignore[attr-defined]
        return returning

    made = Primitive(forward, [*map(checked, backward_rules)], [*map(checked, forward_rules)], None)
    made.reads = range(len(backward_rules))
    return made


def name_of(function: Callable[..., Any]) -> str:
    """Name a function; a partial has no name of its own."""
    return getattr(function, "__name__", "the function")
