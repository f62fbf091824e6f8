"""Nothing comes back from a branch that was not chosen, not even NaN.

Where ``np.where(x >= 0, x, np.sqrt(-x))`` takes `x`, the cotangent of the root is 0.  But 0 times
the root's slope is NaN: the slope at -1 is NaN, at 0 infinite.  The zero of a choice says that
nothing depends on that entry, so it must stay 0; the zero of a calculation must not (in
``np.sqrt(x) ** 2`` at 0 it meets an infinite slope, and the limit is 1).  So below a choice, or a
write, which chooses between old and new, a mask goes along with each cotangent, True where it may
be other than 0, and what a rule returns elsewhere is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.fitting import Symbolic, Value, sum_to

Rule = Callable[..., Value]
Mask = Any  # an array of bool; None: True throughout


def confined(node: Any, masks: dict[Any, Mask], span: Any, table: Any, lift: Any) -> list[Rule]:
    """Pass on the mask of `node` to its parents, and confine its rules to where it is True."""
    mask, rules = masks.pop(node, None), list(node.primitive.vjps)
    if node.hooks:  # may have put anything anywhere
        mask = None
    if mask is None and node.primitive.chooses:
        mask = np.ones(node.shape, bool)
    for i, parent in enumerate(node.parents):
        if parent in span.members:
            rules[i], reached = confine(i, mask, node, recorded=lift is not None)
            if parent in table or parent in masks:  # it is used by others too
                reached = united(reached, masks.pop(parent, None))
            if reached is not None:
                masks[parent] = reached
    return rules


def confine(i: int, mask: Mask, node: Any, *, recorded: bool) -> tuple[Rule, Mask]:
    """Confine the rule of argument `i`, and find out which of its entries are reached."""
    primitive, parent = node.primitive, node.parents[i]
    rule: Rule = primitive.vjps[i]
    if mask is None:
        return rule, None
    single = isinstance(node.primals[i], np.ndarray | np.generic | Symbolic)
    known = not isinstance(mask, Symbolic)  # while a program is recorded, nobody knows
    if known and not mask.any():
        return zeros(parent) if single else rule, np.zeros(parent.shape, bool)
    reached = primitive.reach(rule, mask, node)
    if reached is mask:
        rule = within(mask, rule, recorded=recorded)
    elif single and not known:
        anything = mask.any()  # or nothing at all was chosen
        rule = within(anything, rule, recorded=recorded)
        reached = np.broadcast_to(anything, parent.shape) if reached is None else reached
    if reached is not None and reached.shape != parent.shape:
        reached = sum_to(reached, parent.shape, primitive.name) > 0
    return rule, reached


def united(one: Mask, other: Mask) -> Mask:
    """Tell where either mask is True."""
    both = None if one is None or other is None else one | other
    return None if both is None or (not isinstance(both, Symbolic) and both.all()) else both


def zeros(parent: Any) -> Rule:
    """Replace a rule below what was not chosen at all."""
    return lambda *_args, **_params: np.zeros(parent.shape, parent.dtype)


def within(mask: Mask, rule: Rule, *, recorded: bool) -> Rule:
    """Drop what a rule returns outside the mask: NaN, for what is finite is 0 there.

    If the sweep is recorded, it is dropped in any case: the next derivative may be infinite
    where this one is not.
    """

    def confined_rule(v: Value, *args: Value, **params: Any) -> Value:
        with np.errstate(divide="ignore", invalid="ignore"):
            term = rule(v, *args, **params)
        sure = not recorded and not isinstance(term, Symbolic) and np.isfinite(term).all()
        return term if sure else np.where(mask, term, 0)

    return confined_rule


# ---- how far a mask reaches through a function ---------------------------------------------------


def same(_rule: Rule, mask: Mask, _node: Any) -> Mask:
    """Pass on the mask itself: the function is elementwise."""
    return mask


def asked(rule: Rule, mask: Mask, node: Any) -> Mask:
    """Ask the rule of a function that moves entries, or drops them."""
    return rule(mask, node.out, *node.primals, **node.params) != 0


def weighed(rule: Rule, mask: Mask, node: Any) -> Mask:
    """Ask the rule of a linear function, with weights that do not cancel."""
    weights = np.random.default_rng(0).uniform(1, 2, mask.shape)
    return asked(rule, mask * weights, node)


def unknown(_rule: Rule, _mask: Mask, _node: Any) -> Mask:
    """Give up: any entry may depend on any."""
    return None
