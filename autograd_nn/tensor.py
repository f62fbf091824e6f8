"""Tensor: Python's and NumPy's syntax for recorded arrays."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from threading import Lock
from typing import Any
from weakref import ref

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from autograd_nn.calling import detached
from autograd_nn.carrier import carry, is_joining
from autograd_nn.errors import (
    DtypeError,
    NoGradientError,
    NonScalarError,
    ShapeError,
)
from autograd_nn.fitting import Several, Symbolic, Value, cast, form, owned
from autograd_nn.graph import Node, history, pullback
from autograd_nn.protocols import NumPyProtocols
from autograd_nn.several import unpack
from autograd_nn.traced import box, guard, recording, settled


class Tensor(NumPyProtocols):
    """Hold an array and, if `requires_grad`, remember what is computed from it.

    Parameters
    ----------
    data : array_like
        Numbers of any shape.  They are copied: later changes of `data` do not reach the Tensor.
    requires_grad : bool
        Whether ``backward()`` shall compute the gradient with respect to this Tensor.
    dtype : dtype, optional
        Defaults to that of `data`.  Only floating dtypes can require a gradient.

    Raises
    ------
    DtypeError
        If `data` is not numeric, or not floating and a gradient is required.

    Examples
    --------
    NumPy's own functions work, and are differentiated:

    >>> import numpy as np
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> y = np.sum(np.tanh(x) * x)
    >>> y.backward()
    >>> x.grad
    Tensor([1.1815685 , 1.10532923], shape=(2,), dtype=float64)
    """

    __slots__ = ("_grad",)

    def __init__(
        self, data: Any, requires_grad: bool = False, dtype: DTypeLike | None = None
    ) -> None:
        if isinstance(data, Tensor):
            data = data.value
        try:
            array = owned(data, dtype)
        except (TypeError, ValueError) as error:
            message = f"Tensor: argument data cannot be made an array: {error}"
            raise DtypeError(message) from error
        if array.dtype.kind not in "biufc":
            message = f"Tensor: argument data has dtype {array.dtype}; give numbers"
            raise DtypeError(message)
        self.value = settled(array)
        self.node = None
        self.exposed = False
        if requires_grad:
            self.requires_grad = True

    # ---- what it holds -------------------------------------------------------------------

    @property
    def data(self) -> NDArray[Any]:
        """The values as a plain array that may be written to; recorded graphs keep theirs."""
        if isinstance(self.value, Symbolic):  # a program is being recorded
            return self.value  # type: ignore[return-value]
        if not self.exposed:
            if self.is_shared() or not isinstance(self.value, np.ndarray):
                self.value = np.array(self.value)
            self.exposed = True
        data: NDArray[Any] = self.value
        return data

    @data.setter
    def data(self, data: ArrayLike) -> None:
        free = isinstance(data, Tensor) and not data.requires_grad
        self.write(owned(data.value if free else data, self.dtype), "data =")  # type: ignore[union-attr]

    def numpy(self) -> NDArray[Any]:
        """Return the values as a read-only array, leaving the graph behind.

        It is a snapshot: later changes of the Tensor do not reach it.  Write to `data` instead.
        """
        held = owned(self.value) if self.exposed else np.asarray(self.value)
        snapshot: NDArray[Any] = guard(held)
        return snapshot

    def item(self, *index: Any) -> Any:
        """Return the single entry, or the one at a flat or full index, as a Python number."""
        return self.value.item(*index)

    def tolist(self) -> Any:
        """Return the entries as nested lists of Python numbers."""
        return self.value.tolist()

    def __repr__(self) -> str:
        text = np.array2string(np.asarray(self.value), separator=", ", prefix="Tensor(")
        origin = ""
        if self.node is not None:
            leaf = not self.node.parents
            origin = ", requires_grad=True" if leaf else f", made by {self.node.primitive.name}"
        return f"Tensor({text}, shape={self.shape}, dtype={self.dtype}{origin})"

    def __getattr__(self, name: str) -> Any:
        # Only for names that are not there; slots that are not set come here too.
        if name in UNSET:
            raise AttributeError(name)
        hint = f"; it is about memory: try t.numpy().{name}" if hasattr(np.ndarray, name) else ""
        hint = f"; try np.{name}(t)" if callable(getattr(np, name, None)) else hint
        message = f"a Tensor has no attribute {name!r}{hint}"
        raise AttributeError(message)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and self.ndim == 0 else format(str(self), spec)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Show the graph in a notebook.  By name: draw stands above this module."""
        draw = import_module("autograd_nn.draw")
        bundle: dict[str, str] = draw.mimebundle(self)
        return bundle

    # ---- gradients -----------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow back to (or through) this Tensor."""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, required: bool) -> None:
        if self.node is not None and self.node.parents:
            message = (
                f"requires_grad of a tensor made by {self.node.primitive.name} cannot be set; "
                "use detach() to get one that is free of the graph"
            )
            raise NoGradientError(message)
        if not required:
            self.node = None
        elif self.node is None:
            check_differentiable("requires_grad=True", self.value)
            self.node = leaf(self.value, ref(self))

    @property
    def is_leaf(self) -> bool:
        """Whether this Tensor was made by the user rather than by a recorded operation."""
        return self.node is None or not self.node.parents

    @property
    def grad(self) -> Tensor | None:
        """Sum of the gradients that ``backward()`` has brought so far; None before the first."""
        found = getattr(self, "_grad", None)
        if found is None and self.node is not None and self.node.parents:
            message = (
                f"the grad of a tensor made by {self.node.primitive.name} is never filled: only "
                "leaves get one; use register_hook to see it, and change parameters in place "
                "(optimizer.step(), or `with no_grad(): w -= lr * w.grad`)"
            )
            warnings.warn(message, stacklevel=2)
        return found

    @grad.setter
    def grad(self, grad: ArrayLike | Tensor | None) -> None:
        if grad is not None:
            grad = grad if isinstance(grad, Tensor) else Tensor(grad, dtype=self.dtype)
            if grad.shape != self.shape:
                message = (
                    f"grad has shape {grad.shape}, its tensor {self.shape}; they must be equal"
                )
                raise ShapeError(message)
        self._grad = grad

    def backward(
        self,
        gradient: ArrayLike | Tensor | None = None,
        retain_graph: bool = False,
        create_graph: bool = False,
    ) -> None:
        """Add the gradient of this Tensor to the `grad` of every leaf it was computed from.

        Parameters
        ----------
        gradient : array_like of this Tensor's shape, optional
            The cotangent to carry back.  May be left out for a single entry, where it is 1.
        retain_graph : bool
            Keep the recorded buffers, to go backward again or to draw them.
        create_graph : bool
            Record this sweep too, so that the gradients can be differentiated.

        Raises
        ------
        NonScalarError
            If there are several entries and no `gradient`.
        NoGradientError
            If nothing that requires a gradient went into this Tensor.
        GraphReleasedError
            If an earlier backward has released part of the graph.

        Examples
        --------
        >>> x = Tensor(3.0, requires_grad=True)
        >>> (x * x).backward()
        >>> x.grad.item()
        6.0
        """
        if self.node is None:
            message = (
                "backward: this tensor was not computed from any tensor with requires_grad=True "
                "(or recording was off); set requires_grad=True on what to differentiate by"
            )
            raise NoGradientError(message)
        seed = self.seed(gradient)
        if not create_graph:
            seed = seed.value if isinstance(seed, Tensor) else seed
        lift = rejoin if create_graph else None
        span = history(self.node)
        found = pullback(span, {self.node: seed}, lift, keep=retain_graph or create_graph)
        with accumulating:
            for end, value in found.items():
                owner = end.owner and end.owner()
                if owner is not None:
                    owner.accumulate(value)

    def seed(self, gradient: ArrayLike | Tensor | None) -> Value:
        """Check the cotangent that backward() starts from, or make it: 1 for a single entry."""
        value = self.value
        if gradient is None:
            if value.dtype.kind == "c":
                message = (
                    "backward: the tensor is complex, and only a real number has a gradient; take "
                    "np.real or np.abs of it first, or pass gradient="
                )
                raise NonScalarError(message)
            if value.size != 1:
                message = (
                    f"backward: the tensor has shape {self.shape}, not one entry; reduce it first "
                    "(.sum(), .mean()) or pass gradient= of the same shape"
                )
                raise NonScalarError(message)
            one = value.dtype.type(1)
            return np.full(value.shape, one) if value.ndim else one
        seed = gradient if isinstance(gradient, Tensor) else owned(gradient)
        if seed.shape != value.shape:
            message = (
                f"backward: argument gradient has shape {seed.shape}, the tensor {self.shape}; "
                "give one of the tensor's shape"
            )
            raise ShapeError(message)
        return conjugate(cast(seed, value.dtype))

    def accumulate(self, value: Value) -> None:
        """Add what a backward pass found to `grad`."""
        value = conjugate(value)
        if isinstance(value, Tensor):
            found = box(Tensor, value.value, value.node, value.exposed)
        else:
            found = box(Tensor, value if value.ndim else settled(value))
        held = getattr(self, "_grad", None)
        self._grad = found if held is None else held + found

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self._grad = None

    def detach(self) -> Tensor:
        """Return the same values without the graph: a constant."""
        return box(Tensor, self.value, exposed=self.exposed)

    def register_hook(self, hook: Callable[[Tensor], Any]) -> Callable[[], None]:
        """Call ``hook(gradient)`` when a backward pass has this Tensor's whole gradient.

        What the hook returns, unless None, takes the gradient's place.  Returns a function
        that removes the hook.

        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> remove = x.register_hook(lambda gradient: 10 * gradient)
        >>> (x * x).sum().backward()
        >>> x.grad.tolist()
        [20.0, 40.0]
        """
        node = self.node
        if node is None:
            message = "register_hook: the tensor does not require a gradient"
            raise NoGradientError(message)

        def raw_hook(v: Value) -> Value | None:
            v = conjugate(v)
            shown = v if isinstance(v, Tensor) else box(Tensor, v)
            replacement = hook(shown)
            if replacement is None:
                replacement = shown  # which the hook may have changed in place
            elif not isinstance(replacement, Tensor):
                replacement = Tensor(replacement)
            if replacement.shape != node_shape:
                message = (
                    f"register_hook: the hook returned shape {replacement.shape} for a gradient "
                    f"of shape {node_shape}"
                )
                raise ShapeError(message)
            return conjugate(replacement if isinstance(v, Tensor) else replacement.value)

        node_shape = node.shape
        hooks = node.hooks = node.hooks or []
        hooks.append(raw_hook)
        return lambda: hooks.remove(raw_hook) if raw_hook in hooks else None

    # ---- copies --------------------------------------------------------------------------

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if self.requires_grad and recording.get():
            if is_joining(self, sys._getframe(1)):  # noqa: SLF001 (np.r_ asks no protocol)
                return carry(self)
            raise detached()
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __copy__(self) -> Tensor:
        return self.copy()

    def __deepcopy__(self, _memo: Any) -> Tensor:
        twin = Tensor(self.value, requires_grad=self.requires_grad and self.is_leaf)
        twin.grad = self.grad
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        return Tensor, (np.asarray(self.value), self.requires_grad and self.is_leaf)


UNSET = {"_grad", "lens", "views"}  # slots that may be empty
accumulating = Lock()  # threads may bring gradients to the same leaf


def rejoin(value: Value, node: Node) -> Any:
    """Make a Tensor of a saved value, back in the graph at `node`; of several a tuple."""
    joined = box(Tensor, value, node)
    return unpack(joined) if isinstance(value, Several) else joined


def leaf(value: Value, owner: ref[Tensor] | None) -> Node:
    """Make a vertex without history."""
    node = Node(
        None, (), (), {}, form(value.shape, value.dtype)
    )  # the owner has the values, and may change them
    node.owner = owner
    return node


def check_differentiable(where: str, value: Value) -> None:
    """Refuse dtypes that have no derivative."""
    if value.dtype.kind not in "fc":
        message = (
            f"{where}: dtype {value.dtype} has no derivative; use floats, such as "
            "Tensor([1.0, 2.0]) or dtype=float"
        )
        raise DtypeError(message)


def conjugate(v: Value) -> Value:
    """Turn the engine's cotangents into gradients, or gradients into cotangents.

    The sweeps carry plain transposes: a change `dz` of a complex value changes a real loss by
    ``Re(sum(v * dz))``.  Its gradient is PyTorch's, ``dL/dRe + i dL/dIm``: the conjugate of `v`.
    """
    return np.conjugate(v) if v.dtype.kind == "c" else v
