"""Export to ONNX: a model is run on what stands for an array, and what it does written down."""

from __future__ import annotations

import os
from copy import copy
from itertools import chain, count, zip_longest
from threading import get_ident
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from autograd_nn.errors import (
    DetachError,
    ExportError,
    MissingExtraError,
    NoRuleError,
    ShapeError,
)
from autograd_nn.files import write_durably
from autograd_nn.fitting import Symbolic
from autograd_nn.nn.module import Module, evaluating, exporters
from autograd_nn.nn.onnx_operators import line_of, module_line_of
from autograd_nn.ops.arguments import bare
from autograd_nn.primitive import Primitive
from autograd_nn.tensor import Tensor
from autograd_nn.traced import box, no_grad, one_at_a_time, tracers

OPSET, IR_VERSION = 18, 8  # of ONNX 1.13 (December 2022); all later releases read them
LIMIT = 2**31 - 1  # bytes of a Protocol Buffers message
BY_NUMBER = "computes with the number of samples"
INSTEAD = "write it with layers and NumPy's arithmetic, or export what comes before it"
STATIC = {np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj}


def to_onnx(path: str | os.PathLike[str], model: Module, example: ArrayLike) -> None:
    """Write what a model computes in evaluation mode as an ONNX file.

    Layers become ONNX's operators, and so does NumPy's arithmetic in a ``forward()`` of one's own,
    such as ``x + self.block(x)``.  Parameters have the names of ``state_dict()``.  The first axis
    of the input, called ``batch``, has any length; the input is called ``input``, the result
    ``output``.

    Parameters
    ----------
    path : path
        Replaced whole or not at all.
    model : Module
        Of one input and one result.  Afterwards in the mode that it was in.
    example : array_like
        An input, with a sample a row: its dtype, and the lengths of all other axes, are those
        that the file asks for.

    Raises
    ------
    MissingExtraError
        If onnx is not installed (the extra ``[onnx]``).
    ExportError
        If the model computes something that has no operator here, such as a recurrent layer, or
        looks at values, or at the number of samples; the message names the module.
    OSError
        If the file cannot be written.

    Notes
    -----
    The operator set is 18, the version of the format 8.  float64 stays float64, and what ONNX has
    in single precision alone is written with other operators.

    Examples
    --------
    ::

        model = nn.MLP((64, 32, 10))
        to_onnx("digits.onnx", model, np.zeros((1, 64)))
        session = onnx.reference.ReferenceEvaluator("digits.onnx")  # or onnxruntime's
        (logits,) = session.run(None, {"input": images})
    """
    onnx = imported()
    if not isinstance(model, Module):
        message = f"to_onnx: argument model is a {type(model).__name__}; give a Module"
        raise TypeError(message)
    array = np.asarray(example)
    if array.ndim == 0 or len(array) == 0:
        message = (
            f"to_onnx: argument example has shape {array.shape}; give an input of the model, with "
            "a sample a row, one at least"
        )
        raise ShapeError(message)
    graph, larger = Graph(model), Graph(model)
    with evaluating(model):
        graph.trace(array)
        try:
            larger.trace(np.concatenate([array, array[:1]]))
        except ShapeError as error:  # of a shape with the number of samples in it
            raise graph.refusal(BY_NUMBER, INSTEAD) from error
    graph.check_same(larger)
    proto = graph.proto(onnx, larger)
    onnx.checker.check_model(proto, full_check=True)
    write_durably(path, [proto.SerializeToString()])


def imported() -> Any:
    """Import onnx, or say how to get it."""
    try:
        import onnx.checker  # noqa: PLC0415 (only when asked for)
    except ImportError as error:
        message = "to_onnx needs onnx: pip install 'autograd_nn[onnx]'"
        raise MissingExtraError(message) from error
    return onnx


class OnnxValue(Symbolic):
    """What stands for an array: a name in the graph, and an example of what it holds."""

    __slots__ = ("example", "graph", "name")
    base = None  # it is no view

    def __init__(self, graph: Graph, name: str, example: Any) -> None:
        self.graph, self.name, self.example = graph, name, np.asarray(example)

    shape = property(lambda self: self.example.shape)
    dtype = property(lambda self: self.example.dtype)
    ndim = property(lambda self: self.example.ndim)
    size = property(lambda self: self.example.size)

    def __len__(self) -> int:
        return len(self.example)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **params: Any) -> Any:
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return self.graph.apply(function, args, params)

    def __array_function__(self, function: Any, _types: Any, args: Any, params: Any) -> Any:
        if function in STATIC:
            return function(*map(example_of, args), **params)
        return self.graph.apply(function, args, params)

    def values(self, *_args: Any, **_params: Any) -> NoReturn:
        """Refuse to give values: a graph has none."""
        self.graph.refuse("looks at values, which a graph does not have", "choose with np.where")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.values()

    __array__ = __bool__ = __float__ = __int__ = __index__ = __iter__ = __getitem__ = values


class Node(NamedTuple):
    """An operation: the names of what goes in and comes out, and the module that it is in."""

    operator: str
    inputs: tuple[str, ...]
    result: str
    attributes: dict[str, Any]
    module: Module


class Graph:
    """What a model computes, written down while it runs on an OnnxValue.

    Primitives have twins meanwhile, and modules that are one operator are not run.
    """

    def __init__(self, model: Module) -> None:
        self.paths = {id(module): path for path, module in model.named_modules()}
        self.parameters = {id(x.value): (name, x.value) for name, x in model.named_tensors()}
        self.taken = {name for name, _ in self.parameters.values()}
        self.initializers: dict[str, Any] = {}
        self.constants: dict[Any, str] = {}
        self.nodes: list[Node] = []
        self.inside = [model]
        self.dtype: np.dtype[Any] = np.dtype(float)  # of what is computed now
        self.thread = get_ident()
        self.input = self.output = OnnxValue(self, self.fresh("input"), 0)

    def trace(self, example: Any) -> None:
        """Run the model on what stands for an example."""
        model = self.inside[0]
        self.input = OnnxValue(self, self.input.name, example)
        with one_at_a_time:
            tracers.append(self)
            exporters.append(self)
            try:
                result = model(self.tensor(self.input))
            finally:
                tracers.remove(self)
                exporters.remove(self)
        if not isinstance(result, Tensor):
            kind = type(result).__name__
            self.refuse(f"returns a {kind}, not one Tensor", "export a module that does")
        if not isinstance(result.value, OnnxValue):
            self.refuse("returns what does not depend on its input", "export a module that does")
        self.output = result.value
        if self.output is self.input:
            self.output = self.value(self.node("Identity", self.input.name), example)

    # ---- what is seen ------------------------------------------------------------------------

    def is_mine(self) -> bool:
        """Tell whether the running thread is the one that records."""
        return get_ident() == self.thread

    def twin(self, primitive: Primitive) -> Primitive:
        """Make a primitive that writes down what it does to OnnxValues."""
        if not self.is_mine():
            return primitive
        made = copy(primitive)
        made.forward = lambda *primals, **params: self.apply(primitive, primals, params)
        return made

    def apply(self, function: Any, args: Any, params: Any) -> Any:
        """Apply a function of NumPy's or a primitive; to OnnxValues, by writing a node."""
        if isinstance(function, Primitive) and function.parts:
            first, last = function.parts
            return self.apply(last, [self.apply(first, args, params)], {})
        compute = getattr(function, "forward", function)
        if not any(isinstance(arg, OnnxValue) for arg in args):
            return compute(*args, **params)
        line = line_of(function, len(args))
        if line is None:
            name = getattr(function, "__name__", repr(function))
            self.refuse(f"applies {name}, for which there is no operator here", INSTEAD)
        examples = [*map(example_of, args)]
        example = np.asarray(compute(*examples, **params))
        self.dtype = example.dtype if example.dtype.kind == "f" else np.result_type(*examples)
        if isinstance(line, str):
            return self.value(self.node(line, *args, **params), example)
        return self.value(line(self, *args, **params), example)

    def call(self, module: Module, args: Any, params: Any) -> Any:
        """Run a module, or write it down as one operator."""
        if not self.is_mine():
            return module.forward(*args, **params)
        self.inside.append(module)
        try:
            line = module_line_of(module)
            if line is None or len(args) != 1 or not isinstance(bare(args[0]), OnnxValue):
                return module.forward(*args, **params)
            x = bare(args[0])
            with no_grad():
                example = np.asarray(bare(module.forward(x.example)))
            self.dtype = example.dtype
            return self.tensor(self.value(line(self, module, x), example))
        except (DetachError, NoRuleError) as error:
            does = f"cannot be followed ({error})"
            raise self.refusal(does, INSTEAD) from error
        finally:
            self.inside.pop()

    # ---- what is written ---------------------------------------------------------------------

    def value(self, name: str, example: Any) -> OnnxValue:
        """Make what stands for a result."""
        return OnnxValue(self, name, example)

    def tensor(self, value: OnnxValue) -> Tensor:
        """Make a Tensor of it; of floats one that is followed."""
        tensor = box(Tensor, value)
        if value.dtype.kind == "f":
            tensor.requires_grad = True
        return tensor

    def node(self, operator: str, *inputs: Any, **attributes: Any) -> str:
        """Add a node, and return the name of its result; inputs are names, values or numbers."""
        names = tuple(map(self.named, inputs))
        module = self.inside[-1]
        result = self.fresh(f"{self.paths.get(id(module), '')}.{operator}".lstrip("."))
        self.nodes.append(Node(operator, names, result, attributes, module))
        return result

    def named(self, x: Any) -> str:
        """Name an input, in the dtype of what is computed; truth values stay what they are."""
        if isinstance(x, str):
            return x
        x = bare(x)
        if isinstance(x, OnnxValue):
            name = x.name
        elif id(x) in self.parameters:
            name = self.parameters[id(x)][0]
            self.initializers[name] = x
        else:
            constant = np.asarray(x)
            return self.constant(
                constant if constant.dtype == bool else constant.astype(self.dtype)
            )
        if x.dtype not in (self.dtype, bool):
            name = self.node("Cast", name, to=self.dtype)
        return name

    def integers(self, *numbers: int) -> str:
        """Add a constant vector, such as a shape, and return its name."""
        return self.constant(np.array(numbers, np.int64))

    def constant(self, array: Any) -> str:
        """Add a constant, unless there is the same."""
        key = array.dtype, array.shape, array.tobytes()
        if key not in self.constants:
            self.constants[key] = self.fresh("constant")
            self.initializers[self.constants[key]] = array
        return self.constants[key]

    def fresh(self, name: str) -> str:
        """Make a name that is nobody's."""
        names = chain([name], (f"{name}_{k}" for k in count(1)))
        free = next(name for name in names if name not in self.taken)
        self.taken.add(free)
        return free

    # ---- the end -----------------------------------------------------------------------------

    def check_same(self, larger: Graph) -> None:
        """Refuse a graph that is another one for a larger batch."""
        for one, other in zip_longest(self.nodes, larger.nodes):
            if not (one and other and self.meaning(one) == larger.meaning(other)):
                self.inside = [(one or other).module]
                self.refuse(BY_NUMBER, INSTEAD)

    def meaning(self, node: Node) -> Any:
        """Return what must be the same in the graphs of two batches."""
        constants = [self.initializers.get(name) for name in node.inputs]
        return node[:4], [None if x is None else x.tobytes() for x in constants]

    def proto(self, onnx: Any, larger: Graph) -> Any:
        """Make the message that is an ONNX file."""
        if sum(x.nbytes for x in self.initializers.values()) > LIMIT:
            self.refuse("has more than 2 GiB of parameters", "export it in parts")
        helper, type_of = onnx.helper, onnx.helper.np_dtype_to_tensor_dtype
        output = self.output.name
        self.output.name = self.fresh("output")
        renamed = {output: self.output.name}

        def made(node: Node) -> Any:
            names = [[renamed.get(x, x) for x in part] for part in (node.inputs, [node.result])]
            kinds = {k: type_of(x) if k == "to" else x for k, x in node.attributes.items()}
            return helper.make_node(node.operator, *names, name=node.result, **kinds)

        batch = len(self.input), len(larger.input)

        def info(one: OnnxValue, other: OnnxValue) -> Any:
            lengths = enumerate(zip(one.shape, other.shape, strict=True))
            shape = [
                pair[0] if pair[0] == pair[1] else "batch" if pair == batch else f"axis_{i}"
                for i, pair in lengths
            ]
            return helper.make_tensor_value_info(one.name, type_of(one.dtype), shape)

        graph = helper.make_graph(
            [made(node) for node in self.nodes],
            type(self.inside[0]).__name__,
            [info(self.input, larger.input)],
            [info(self.output, larger.output)],
            [onnx.numpy_helper.from_array(np.asarray(x), k) for k, x in self.initializers.items()],
        )
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="autograd_nn",
        )

    def refusal(self, does: str, instead: str) -> ExportError:
        """Build the error for what cannot be exported."""
        module = self.inside[-1]
        path = self.paths.get(id(module), "")
        who = f"module {path!r}" if path else "the model"
        return ExportError(f"to_onnx: {who} ({type(module).__name__}) {does}; {instead}")

    def refuse(self, does: str, instead: str) -> NoReturn:
        """Say what cannot be exported, and what to do."""
        raise self.refusal(does, instead)


def example_of(x: Any) -> Any:
    """Take the example of an OnnxValue."""
    return x.example if isinstance(x, OnnxValue) else x
