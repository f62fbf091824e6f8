"""Trees: dicts, lists, tuples and namedtuples, nested in any way, around the leaves.

None is a tree without leaves.  Everything else is a leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import Any

Tree = Any  # nested containers
HERE = ...  # stands in a stripped tree where a leaf was


def tree_map(function: Callable[[Any], Any], tree: Tree) -> Tree:
    """Make the tree whose leaves are those of `tree` under `function`.

    >>> tree_map(lambda x: 2 * x, {"b": 1, "a": [2, None, (3,)]})
    {'b': 2, 'a': [4, None, (6,)]}
    """
    if isinstance(tree, dict):
        items = {key: tree_map(function, item) for key, item in tree.items()}
        if type(tree) is dict:
            return items
        twin = copy(tree)  # an OrderedDict, a defaultdict and its factory
        for key, item in items.items():
            twin[key] = item
        return twin
    if isinstance(tree, list | tuple):
        kind = type(tree)
        return getattr(kind, "_make", kind)([tree_map(function, item) for item in tree])
    return None if tree is None else function(tree)


def flatten(tree: Tree) -> tuple[list[Any], Tree]:
    """Take a tree apart: its leaves in order, and what is left, stripped of them.

    >>> flatten({"b": 1.0, "a": [2.0, None]})
    ([1.0, 2.0], {'b': Ellipsis, 'a': [Ellipsis, None]})
    """
    leaves: list[Any] = []

    def strip(leaf: Any) -> Any:
        leaves.append(leaf)
        return HERE

    return leaves, tree_map(strip, tree)


def unflatten(stripped: Tree, leaves: Sequence[Any]) -> Tree:
    """Put leaves where they were: the inverse of `flatten`.

    >>> unflatten({"b": ..., "a": [..., None]}, [1.0, 2.0])
    {'b': 1.0, 'a': [2.0, None]}
    """
    following = iter(leaves)
    return tree_map(lambda _: next(following), stripped)


def matching(stripped: Tree, given: Tree, path: str = "") -> Iterator[Any]:
    """Find the leaves of `given`, which must be nested as `stripped` is.

    Where `stripped` has a leaf, anything is one: also a list, which an array can be made of.

    Raises
    ------
    ValueError
        If it is not; the message says where.

    Examples
    --------
    >>> list(matching({"b": ..., "a": [..., None]}, {"a": [2.0, None], "b": 1.0}))
    [1.0, 2.0]
    """
    if isinstance(stripped, dict):
        if not isinstance(given, dict) or given.keys() != stripped.keys():
            message = f"has {told(given)}{at(path)}, not {told(stripped)}"
            raise ValueError(message)
        for key, item in stripped.items():
            yield from matching(item, given[key], f"{path}[{key!r}]")
    elif isinstance(stripped, list | tuple):
        if not isinstance(given, list | tuple) or len(given) != len(stripped):
            message = f"has {told(given)}{at(path)}, not {told(stripped)}"
            raise ValueError(message)
        for i, item in enumerate(stripped):
            yield from matching(item, given[i], path + step(stripped, i))
    elif (stripped is None) != (given is None):
        message = f"has {told(given)}{at(path)}, not {told(stripped)}"
        raise ValueError(message)
    elif stripped is HERE:
        yield given


def paths(stripped: Tree, path: str = "") -> Iterator[str]:
    """Spell the way to each leaf, as Python does.

    >>> list(paths({"layers": [{"W": ..., "b": ...}], "t": (..., None)}, "params"))
    ["params['layers'][0]['W']", "params['layers'][0]['b']", "params['t'][0]"]
    """
    if isinstance(stripped, dict):
        for key, item in stripped.items():
            yield from paths(item, f"{path}[{key!r}]")
    elif isinstance(stripped, list | tuple):
        for i, item in enumerate(stripped):
            yield from paths(item, path + step(stripped, i))
    elif stripped is not None:
        yield path


def step(sequence: Any, i: int) -> str:
    """Spell the way to an item: a namedtuple's by name."""
    return f".{sequence._fields[i]}" if hasattr(sequence, "_fields") else f"[{i}]"


def at(path: str) -> str:
    """Say where, if not at the top."""
    return f" at {path}" if path else ""


def told(tree: Tree) -> str:
    """Describe the top of a tree in a few words."""
    if isinstance(tree, dict):
        return f"a dict of {', '.join(map(repr, tree)) or 'nothing'}"
    if isinstance(tree, list | tuple):
        return f"a {type(tree).__name__} of {len(tree)}"
    return "None" if tree is None else "an array"
