"""Linearized: one evaluation of a function and the linear map next to it, both ways.

**Complex numbers.**  The graph carries plain transposes: for a cotangent `c` of `z`, the loss
changes by ``Re(sum(c * dz))``.  What users see is the conjugate, ``dL/dRe + i dL/dIm``, the
direction in which the loss grows fastest (PyTorch's convention): `pull` conjugates on its way
in and out, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any

import numpy as np

from autograd_nn.errors import DtypeError, ShapeError
from autograd_nn.fitting import Symbolic, Value, cast, owned
from autograd_nn.graph import Node, Span, history, pullback, pushforward
from autograd_nn.ops.elementwise import positive
from autograd_nn.primitive import NO_PARAMS, record
from autograd_nn.syntax import is_tracked
from autograd_nn.tensor import Tensor, check_differentiable, conjugate, leaf, rejoin
from autograd_nn.traced import active, box, recording, settled
from autograd_nn.transforms.trees import Tree, at, flatten, matching, paths, tree_map, unflatten

Argnums = int | tuple[int, ...]
NUMBERS = Tensor | Symbolic | np.ndarray | np.generic | int | float | complex


class Linearized:
    """One evaluation of a function, with the graph between fresh vertices and its outputs.

    A vertex for each leaf of the chosen arguments, an output for each leaf of what the function
    returns.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        argnums: Argnums,
        transform: str,
        kwargs: Mapping[str, Any] = NO_PARAMS,
        *,
        has_aux: bool = False,
    ) -> None:
        self.function, self.transform = function, transform
        self.several = isinstance(argnums, tuple)
        self.chosen = positions(argnums, len(args), transform)
        leaves, self.inputs = flatten(tuple([args[i] for i in self.chosen]))
        self.vertices = [self.vertex(arg, k) for k, arg in enumerate(leaves)]
        self.sources: list[Node] = [v.node for v in self.vertices]  # type: ignore[misc]
        given: Any = (leaves, args, kwargs) if len(args) > len(self.chosen) or kwargs else leaves
        self.keep_tensors = has_tensor(given)
        replaced = list(args)
        for i, fresh in zip(self.chosen, unflatten(self.inputs, self.vertices), strict=True):
            replaced[i] = fresh
        outer, recorded = active.get(), recording.get()
        tokens = active.set(outer.union(self.sources)), recording.set(True)
        try:
            out = function(*replaced, **kwargs)
        finally:
            active.reset(tokens[0])
            recording.reset(tokens[1])
        self.aux: Any = None
        if has_aux:
            out, self.aux = self.pair(out)
        self.outs, self.outputs = flatten(out)
        if not self.outs or not all(isinstance(out, NUMBERS) for out in self.outs):
            self.check_outputs()
        self.span, self.foreign = self.look_back(self.outs, recorded)
        if has_aux:
            self.foreign |= self.look_back(flatten(self.aux)[0], recorded)[1]

    # ---- what went in and came out -----------------------------------------------------------

    @property
    def name(self) -> str:
        """What to call the function."""
        return getattr(self.function, "__name__", "the function")

    def vertex(self, arg: Any, k: int) -> Tensor:
        """Make a fresh vertex of leaf `k`: a leaf, or for a recorded Tensor its younger twin."""
        if is_tracked(arg):
            return record(positive, (arg,))
        try:
            value = owned(arg.value if isinstance(arg, Tensor) else arg)
        except (TypeError, ValueError):
            value = np.array(None)
        if value.dtype == object:
            message = (
                f"{self.where(k)} is a {type(arg).__name__}, not an array of numbers; give an "
                "array, or leave it out of argnums"
            )
            raise DtypeError(message)
        if value.dtype.kind not in "fc":
            check_differentiable(self.where(k), value)
        return box(Tensor, settled(value), leaf(value, None))

    def where(self, k: int) -> str:
        """Name leaf `k` of the arguments, as the function's own code spells it."""
        found = [
            (i, path)
            for i, tree in zip(self.chosen, self.inputs, strict=True)
            for path in paths(tree)
        ]
        i, path = found[k]
        if not path:
            return f"{self.transform}: argument {i} of {self.name}"
        try:
            parameters = list(signature(self.function).parameters.values())
        except (TypeError, ValueError):
            parameters = []
        named = i < len(parameters) and parameters[i].kind is not parameters[i].VAR_POSITIONAL
        start = parameters[i].name if named else f"args[{i}]"
        return f"{self.transform}: {start}{path} of {self.name}"

    def pair(self, out: Any) -> tuple[Any, Any]:
        """Split what a function with has_aux=True returned."""
        if isinstance(out, tuple) and len(out) == 2:  # noqa: PLR2004 (a pair)
            return out
        message = (
            f"{self.transform}: with has_aux=True, {self.name} must return a pair (output, aux); "
            f"it returned {named(out)}"
        )
        raise TypeError(message)

    def check_outputs(self) -> None:
        """Refuse what no derivative can be taken of: None, text."""
        leaves = list(zip(paths(self.outputs), self.outs, strict=True))
        if self.outputs is None:
            leaves = [("", None)]
        for path, out in leaves:
            if not isinstance(out, NUMBERS):
                message = (
                    f"{self.transform}: {self.name} returned {named(out)}{at(path)}, not an array "
                    "or a number; return arrays, or dicts, lists and tuples of them"
                )
                raise DtypeError(message)

    def look_back(self, values: Sequence[Any], recorded: bool) -> tuple[Span, set[Node]]:  # noqa: FBT001
        """Find how `values` depend on the vertices, and which depend on others' variables too.

        Others' are leaves with an owner, and the vertices of transforms still running: what
        depends on them must stay in the graph.
        """
        roots = [v.node for v in values if isinstance(v, Tensor) and v.node is not None]
        if not roots:
            return Span([], self.sources), set()
        oldest = min([source.birth for source in self.sources], default=0)
        whole = history(*roots, since=0 if recorded else oldest)
        reached, operations, foreign = set(self.sources), [], set[Node]()
        if recorded:
            running = active.get()
            foreign = {
                end for end in whole.ends if end not in reached and (end.owner or end in running)
            }
        for node in reversed(whole.operations):
            if node not in reached and not reached.isdisjoint(node.parents):
                reached.add(node)
                operations.append(node)
            if foreign and not foreign.isdisjoint(node.parents):
                foreign.add(node)
        return Span(operations[::-1], self.sources), foreign

    def is_foreign(self, value: Any) -> bool:
        """Tell whether others differentiate through this: then it must stay in their graph."""
        return bool(self.foreign) and isinstance(value, Tensor) and value.node in self.foreign

    def result(self) -> Tree:
        """Return the output: free of this transform's vertices, unless others look through them."""
        finished = [self.finish(out, nested=self.is_foreign(out)) for out in self.outs]
        return unflatten(self.outputs, finished)

    def auxiliary(self) -> Tree:
        """Return what the function returned beside its output: free in the same way."""
        return tree_map(
            lambda x: self.finish(x, nested=self.is_foreign(x)) if isinstance(x, Tensor) else x,
            self.aux,
        )

    def finish(self, value: Any, *, nested: bool) -> Any:
        """Return a derivative or output as the caller expects it: array, constant or recorded."""
        if nested and isinstance(value, Tensor):
            return value
        bare = settled(owned(value.value if isinstance(value, Tensor) else value))
        return box(Tensor, bare) if self.keep_tensors else bare

    def of_inputs(self, leaves: Sequence[Any]) -> Tree:
        """Nest one value per vertex as the arguments are nested."""
        trees = unflatten(self.inputs, leaves)
        return trees if self.several else trees[0]

    # ---- backward ----------------------------------------------------------------------------

    def pull(self, cotangent: Tree) -> Tree:
        """Carry a cotangent of the output back to the arguments."""
        where = f"{self.transform}: the cotangent"
        try:
            given = list(matching(self.outputs, cotangent))
        except ValueError as error:
            message = f"{where} {error}; nest it like the output of {self.name}"
            raise ShapeError(message) from None
        seeds = []
        for k, (v, out) in enumerate(zip(given, self.outs, strict=True)):
            if np.shape(v) not in ((), np.shape(out)):
                path = at([*paths(self.outputs)][k])
                message = (
                    f"{where}{path} has shape {np.shape(v)}, the output of {self.name} "
                    f"{np.shape(out)}; they must be equal"
                )
                raise ShapeError(message)
            seeds.append(conjugate(self.fitting(v, out, where)))
        return self.of_inputs([conjugate(g) for g in self.backward(seeds)])

    def gradient(self) -> Tree:
        """Carry 1 back to the arguments, for the last time: buffers are released."""
        return self.of_inputs([conjugate(g) for g in self.backward([1.0], keep=False)])

    def fitting(self, v: Any, value: Any, where: str) -> Any:
        """Check that a direction `v` is of numbers, and real if it is a real value's."""
        v = v if isinstance(v, Tensor | Symbolic) else np.asarray(v)
        if v.dtype.kind not in "biufc":
            message = f"{where} has dtype {v.dtype}; give numbers"
            raise DtypeError(message)
        if v.dtype.kind == "c" and not np.iscomplexobj(bare_array(value)):
            message = f"{where} is complex, but belongs to a real value; give np.real of it"
            raise DtypeError(message)
        return v

    def backward(self, seeds: Sequence[Any], *, keep: bool = True) -> list[Any]:
        """Carry seeds, one per output or None, back to each vertex: transposed, not conjugated."""
        nested = is_tracked(seeds if isinstance(seeds, list) else list(seeds))
        table: dict[Node, Value] = {}
        for out, seed in zip(self.outs, seeds, strict=True):
            node = out.node if isinstance(out, Tensor) else None
            if seed is None or node is None:
                continue
            nested = nested or node in self.foreign
            v = seed if isinstance(seed, Tensor) and is_tracked(seed) else bare_array(seed)
            v = v if v.dtype == out.dtype else v.astype(out.dtype)
            v = v if v.shape == out.shape else np.broadcast_to(v, out.shape)
            table[node] = table[node] + v if node in table else v
        found = pullback(self.span, table, rejoin if nested else None, keep=keep or nested)
        return [
            self.finish(
                cast(found[source], source.dtype)
                if source in found
                else np.zeros(source.shape, source.dtype),
                nested=nested,
            )
            for source in self.sources
        ]

    # ---- forward -----------------------------------------------------------------------------

    def push(self, tangents: Sequence[Tree]) -> Tree:
        """Carry a tangent of each argument forward to the output."""
        where = f"{self.transform}: tangent"
        if len(tangents) != len(self.chosen):
            message = (
                f"{self.transform}: {len(self.chosen)} primals but {len(tangents)} tangents were "
                "given"
            )
            raise ShapeError(message)
        given: list[Any] = []
        for i, (tree, tangent) in enumerate(zip(self.inputs, tangents, strict=True)):
            try:
                given += matching(tree, tangent)
            except ValueError as error:
                message = f"{where} {i} {error}; nest it like its primal"
                raise ShapeError(message) from None
        places = [(i, path) for i, tree in enumerate(self.inputs) for path in paths(tree)]
        checked = []
        for (i, path), v, primal in zip(places, given, self.vertices, strict=True):
            if np.shape(v) != primal.shape:
                message = (
                    f"{where} {i}{at(path)} has shape {np.shape(v)}, its primal {primal.shape}; "
                    "they must be equal"
                )
                raise ShapeError(message)
            checked.append(self.fitting(v, primal, f"{where} {i}{at(path)}"))
        return unflatten(self.outputs, self.forward(checked))

    def forward(self, tangents: Sequence[Any]) -> list[Any]:
        """Carry a tangent of each vertex forward to each output."""
        tracked = is_tracked(list(tangents))
        start = {
            source: (v if is_tracked(v) else bare_array(v)).astype(source.dtype)
            for source, v in zip(self.sources, tangents, strict=True)
        }
        nested = tracked or any(map(self.is_foreign, self.outs))
        table = pushforward(self.span, start, rejoin if nested else None)
        pushed = []
        for out in self.outs:
            node = out.node if isinstance(out, Tensor) else None
            found = None if node is None else table.get(node)
            value = np.zeros_like(bare_array(out)) if found is None else cast(found, out.dtype)
            pushed.append(self.finish(value, nested=tracked or self.is_foreign(out)))
        return pushed


def positions(argnums: Argnums, n_args: int, transform: str) -> list[int]:
    """Check which arguments to differentiate by, and count them from the front."""
    chosen = argnums if isinstance(argnums, tuple) else (argnums,)
    for i in chosen:
        if not isinstance(i, int | np.integer) or not -n_args <= i < n_args:
            message = f"{transform}: argnums names argument {i!r}, but {n_args} were given"
            raise TypeError(message)
    found = [i % n_args for i in chosen]
    if len(set(found)) < len(found):
        message = f"{transform}: argnums={argnums!r} names an argument twice"
        raise TypeError(message)
    return found


def has_tensor(x: Any) -> bool:
    """Tell whether there is a Tensor in a tree."""
    if isinstance(x, Mapping):
        x = x.values()
    elif not isinstance(x, list | tuple):
        return isinstance(x, Tensor)
    return any(map(has_tensor, x))


def named(out: Any) -> str:
    """Name a kind of result."""
    return "None" if out is None else f"a {type(out).__name__}"


def bare_array(x: Any) -> Value:
    """Take the array out of a Tensor, or make one."""
    x = x.value if isinstance(x, Tensor) else x
    return x if isinstance(x, Symbolic) else np.asarray(x)
