"""What ONNX calls what we compute: a line for every primitive, and for modules that are one there.

A line is an operator's name, where arguments are the same; or a function that writes the nodes and
returns the name of the last one's result.  Numbers go in as tensors, never as attributes: those are
of single precision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Protocol

import numpy as np

from autograd_nn.nn.convolution import AvgPool2d, Conv2d, MaxPool2d
from autograd_nn.nn.embedding import Embedding
from autograd_nn.nn.normalisation import BatchNorm, BatchNorm1d, BatchNorm2d
from autograd_nn.ops import (
    activations,
    choosing,
    complexes,
    elementwise as ew,
    indexing,
    layers,
    normalisation,
    products,
    reductions,
    shaping,
    special,
)
from autograd_nn.ops.joining import joining
from autograd_nn.table import TABLE


class Writer(Protocol):
    """What lines write nodes with (`autograd_nn.nn.onnx.Graph`)."""

    dtype: np.dtype[Any]

    def node(self, operator: str, *inputs: Any, **attributes: Any) -> str:
        """Add a node, and return the name of its result; inputs are names, values or numbers."""

    def integers(self, *numbers: int) -> str:
        """Add a constant vector, such as a shape, and return its name."""

    def refuse(self, does: str, instead: str) -> NoReturn:
        """Say what cannot be exported, and what to do."""


FAR = 2**62  # beyond the end of any axis
Line = str | Callable[..., str]


def affine(graph: Writer, x: Any, weight: Any, bias: Any) -> str:
    """Compute ``x @ weight + bias``, which has an operator for matrices."""
    if x.ndim == 2:  # noqa: PLR2004
        return graph.node("Gemm", x, weight, bias)
    return graph.node("Add", graph.node("MatMul", x, weight), bias)


def elu(graph: Writer, x: Any, *, alpha: float = 1.0) -> str:
    """Compute ``alpha * (exp(x) - 1)`` below 0."""
    bent = graph.node("Elu", x, alpha=1.0)
    if alpha == 1:
        return bent
    return graph.node(
        "Where", graph.node("Greater", x, 0.0), x, graph.node("Mul", bent, float(alpha))
    )


def gelu(graph: Writer, x: Any) -> str:
    """Compute ``x * (1 + erf(x / sqrt(2))) / 2``: Gelu itself has single precision inside."""
    root = graph.node("Erf", graph.node("Div", x, 2**0.5))
    return graph.node("Mul", graph.node("Mul", x, 0.5), graph.node("Add", root, 1.0))


def standardise(graph: Writer, x: Any, *, axis: Any, eps: float) -> str:
    """Spell it out: the means of LayerNormalization have single precision at most."""
    axes = graph.integers(*reductions.axes_of(x.shape, axis))
    centred = graph.node("Sub", x, graph.node("ReduceMean", x, axes))
    variance = graph.node("ReduceMean", graph.node("Mul", centred, centred), axes)
    return graph.node("Div", centred, graph.node("Sqrt", graph.node("Add", variance, eps)))


def reduced(operator: str) -> Line:
    """Let an operator reduce axes."""

    def line(
        graph: Writer, x: Any, *, axis: Any = None, keepdims: bool = False, **others: Any
    ) -> str:
        if others:
            graph.refuse(f"reduces with {', '.join(others)}=", "choose with np.where before")
        axes = reductions.axes_of(x.shape, axis)
        if not axes:  # no axes would be all of them to ONNX
            return graph.node("Identity", x)
        return graph.node(operator, x, graph.integers(*axes), keepdims=int(keepdims))

    return line


def reshape(graph: Writer, x: Any, *, shape: Any, order: str = "C") -> str:
    """Arrange in another shape."""
    if order != "C":
        graph.refuse(f"reshapes in the order {order!r}", "reshape in C's")
    shape = lengths(graph, x.example, np.reshape(x.example, shape).shape)
    return graph.node("Reshape", x, graph.integers(*shape))


def lengths(graph: Writer, x: Any, shape: tuple[int, ...]) -> list[int]:
    """Say which shape `x` is to get, so that any batch goes in.

    The length of the first axis is copied (0), or computed (-1).
    """
    if 0 in shape:
        graph.refuse("makes an array without entries", "leave it out")
    return [0 if shape[0] == len(x) else -1, *shape[1:]] if shape and x.ndim else [*shape]


def permuted(axes_of: Callable[..., Sequence[int]]) -> Line:
    """Let Transpose do what a function of NumPy's does to the axes."""

    def line(graph: Writer, x: Any, **params: Any) -> str:
        return graph.node("Transpose", x, perm=[*map(int, axes_of(x.ndim, **params))])

    return line


@permuted
def transpose(n: int, *, axes: Any = None) -> Sequence[int]:
    """Take the axes as given, or backwards."""
    return range(n)[::-1] if axes is None else [axis % n for axis in axes]


@permuted
def swapaxes(n: int, *, axis1: int, axis2: int) -> Sequence[int]:
    """Put two axes in each other's place."""
    axes = [*range(n)]
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return axes


@permuted
def matrix_transpose(n: int) -> Sequence[int]:
    """Put the last two axes in each other's place."""
    return [*range(n - 2), n - 1, n - 2]


def expand_dims(graph: Writer, x: Any, *, axis: Any) -> str:
    """Add axes of length 1."""
    return graph.node("Unsqueeze", x, graph.integers(*np.ravel(axis)))


def getitem(graph: Writer, x: Any, *, index: Any) -> str:
    """Slice, a number being a slice of one entry, then take out and put in axes."""
    parts = [*index] if isinstance(index, tuple) else [index]
    if not all(part is None or part is ... or is_slice(part) for part in parts):
        graph.refuse("picks entries by an array", "pick by numbers and slices")
    parts += [] if ... in parts else [...]
    slices = [part for part in parts if part is not None]
    k = slices.index(...)
    slices[k : k + 1] = [slice(None)] * (x.ndim + 1 - len(slices))
    slices = [n if isinstance(n, slice) else slice(n, n + 1 or None) for n in slices]
    if not slices:  # x is a number, which gets axes
        return graph.node("Reshape", x.name, graph.integers(*x.example[index].shape))
    if abs(slices[0].step or 1) > 1:
        graph.refuse("skips samples", "give it every sample")
    bounds = [(*ends_of(part), part.step or 1) for part in slices]
    starts, ends, steps = (graph.integers(*column) for column in zip(*bounds, strict=True))
    sliced = graph.node("Slice", x.name, starts, ends, graph.integers(*range(len(slices))), steps)
    shape = lengths(graph, x.example[tuple(slices)], x.example[index].shape)
    return graph.node("Reshape", sliced, graph.integers(*shape))


def is_slice(part: Any) -> bool:
    """Tell whether part of an index is a slice or a number."""
    return isinstance(part, slice | int | np.integer) and not isinstance(part, bool)


def ends_of(part: slice) -> tuple[int, int]:
    """Find where a slice starts and ends; what lies beyond an array is its end."""
    beyond = FAR if (part.step or 1) > 0 else -FAR
    first = 0 if beyond > 0 else FAR
    start, stop = part.start, part.stop
    return first if start is None else int(start), beyond if stop is None else int(stop)


def concatenate(graph: Writer, *arrays: Any, axis: int = 0) -> str:
    """Join along an axis."""
    return graph.node("Concat", *arrays, axis=axis)


PRIMITIVES: dict[Any, Line] = {
    layers.affine: affine,
    products.matmul: "MatMul",
    special.sigmoid: "Sigmoid",
    special.relu: "Relu",
    special.softplus: "Softplus",
    special.softmax: lambda graph, x, *, axis=-1: graph.node("Softmax", x, axis=axis),
    special.log_softmax: lambda graph, x, *, axis=-1: graph.node("LogSoftmax", x, axis=axis),
    activations.leaky_relu: lambda graph, x, *, negative_slope=0.01: graph.node(
        "PRelu", x, float(negative_slope)
    ),
    activations.elu: elu,
    activations.gelu: gelu,
    activations.silu: lambda graph, x: graph.node("Mul", x, graph.node("Sigmoid", x)),
    normalisation.standardise: standardise,
    ew.add: "Add",
    ew.subtract: "Sub",
    ew.multiply: "Mul",
    ew.divide: "Div",
    ew.power: "Pow",
    ew.negative: "Neg",
    ew.reciprocal: "Reciprocal",
    ew.square: lambda graph, x: graph.node("Mul", x, x),
    ew.sqrt: "Sqrt",
    ew.exp: "Exp",
    ew.log: "Log",
    ew.sin: "Sin",
    ew.cos: "Cos",
    ew.tanh: "Tanh",
    complexes.absolute: "Abs",
    choosing.maximum: "Max",
    choosing.minimum: "Min",
    choosing.where: "Where",
    reductions.sum: reduced("ReduceSum"),
    reductions.mean: reduced("ReduceMean"),
    reductions.max: reduced("ReduceMax"),
    reductions.min: reduced("ReduceMin"),
    indexing.getitem: getitem,
    shaping.reshape: reshape,
    shaping.transpose: transpose,
    shaping.swapaxes: swapaxes,
    shaping.matrix_transpose: matrix_transpose,
    shaping.expand_dims: expand_dims,
    shaping.astype: lambda graph, x, *, dtype: graph.node("Cast", x.name, to=np.dtype(dtype)),
    np.greater: "Greater",
    np.greater_equal: "GreaterOrEqual",
    np.less: "Less",
    np.less_equal: "LessOrEqual",
}


def line_of(function: Any, n: int) -> Line | None:
    """Find the line of a primitive, or of a function of NumPy's, for `n` arguments."""
    if function is joining(n):  # there is one for every number of arrays
        return concatenate
    return PRIMITIVES.get(function) or PRIMITIVES.get(TABLE.get(function))


def conv2d(graph: Writer, layer: Conv2d, x: Any) -> str:
    """Slide kernels over images."""
    inputs = [x, layer.weight] + ([] if layer.bias is None else [layer.bias])
    return graph.node("Conv", *inputs, **windows(layer), group=layer.groups)


def max_pool2d(graph: Writer, layer: MaxPool2d, x: Any) -> str:
    """Take the largest entries."""
    return graph.node("MaxPool", x, **windows(layer))


def avg_pool2d(graph: Writer, layer: AvgPool2d, x: Any) -> str:
    """Average windows, padding included."""
    options = windows(layer)
    del options["dilations"]  # opset 19's
    return graph.node("AveragePool", x, **options, count_include_pad=1)


def windows(layer: Any) -> dict[str, Any]:
    """Say which windows of images a layer looks at."""
    return {
        "kernel_shape": layer.kernel_size,
        "strides": layer.stride,
        "pads": layer.padding * 2,
        "dilations": layer.dilation,
    }


def batch_norm(graph: Writer, layer: BatchNorm, x: Any) -> str:
    """Normalise by running means; add an epsilon that no attribute can hold beforehand."""
    weight = np.ones(layer.num_features) if layer.weight is None else layer.weight
    bias = np.zeros(layer.num_features) if layer.bias is None else layer.bias
    variance: Any = layer.running_var
    epsilon = float(np.float32(layer.eps))
    if epsilon != layer.eps and graph.dtype == np.float64:
        epsilon, variance = 0.0, graph.node("Add", variance, layer.eps)
    inputs = x, weight, bias, layer.running_mean, variance
    return graph.node("BatchNormalization", *inputs, epsilon=epsilon)


def embedding(graph: Writer, layer: Embedding, x: Any) -> str:
    """Pick rows by their numbers."""
    return graph.node("Gather", layer.weight, x.name)  # whole numbers, which stay so


MODULES: dict[Any, Callable[..., str]] = {  # by what they compute
    Conv2d.forward: conv2d,
    MaxPool2d.forward: max_pool2d,
    AvgPool2d.forward: avg_pool2d,
    Embedding.forward: embedding,
    BatchNorm1d.forward: batch_norm,
    BatchNorm2d.forward: batch_norm,
}


def module_line_of(module: Any) -> Callable[..., str] | None:
    """Find the line of a module that is one operator."""
    if isinstance(module, BatchNorm) and not module.track_running_stats:
        return None  # it computes means of the batch
    return MODULES.get(type(module).forward)
