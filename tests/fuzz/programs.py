"""Programs: random compositions of operations, as source code in each library's dialect."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .domains import MARGIN
from .operation import FOR_NUMPY, Argument, Context, Operation, Unfit, statements
from .shapes import Lengths, draw, match

DIALECTS = ("numpy", "torch", "jax")
PREFIX = {"numpy": "np.", "torch": "torch.", "jax": "jnp."}
LARGEST = 40  # entries of a value
ATTEMPTS = 8  # operations tried for each step
LOOSE = 0.9  # how often a step is dropped that does not use the one before
BOUND = 50.0  # on the entries of every value
UNFIT = (
    *(Unfit, ValueError, IndexError, TypeError, ZeroDivisionError),
    np.exceptions.ComplexWarning,
)
PROFILES = {  # dtypes of inputs; float16 is compared by value only
    "float64": (np.float64,),
    "float32": (np.float32,),
    "mixed": (np.float64, np.float32),
    "complex128": (np.complex128, np.complex128, np.float64),
    "float16": (np.float16,),
}
LAYOUTS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "plain": lambda x: x,
    "transposed": lambda x: x.T.copy().T,
    "backwards": lambda x: np.flip(np.flip(x).copy()),
    "every other": lambda x: np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x,
    "read-only": lambda x: frozen(x),
}


def frozen(x: NDArray[Any]) -> NDArray[Any]:
    x = np.array(x)
    x.flags.writeable = False
    return x


@dataclass
class Input:
    """An array that goes into a program; a constant of it, or differentiated."""

    name: str
    array: NDArray[Any]
    differentiated: bool
    layout: str = "plain"
    kind: str = "f"  # as of an Argument: integers of kind "f" are data, of kind "i" positions

    def laid_out(self) -> NDArray[Any]:
        return np.asarray(LAYOUTS[self.layout](self.array))


@dataclass
class Step:
    """One operation applied: its lines in each dialect that has it."""

    name: str
    operation: Operation
    lines: dict[str, list[str]]
    uses: list[str]
    value: Any


@dataclass
class Program:
    """Inputs, steps, and the name of the value that comes out."""

    inputs: list[Input]
    steps: list[Step]
    output: str
    seed: int  # of cotangents and directions
    profile: str = "float64"
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)

    @property
    def operations(self) -> list[str]:
        return [step.operation.name for step in self.steps]

    @property
    def differentiated(self) -> list[Input]:
        return [given for given in self.inputs if given.differentiated]

    @property
    def analytic(self) -> bool:
        """Tell whether the complex step may judge it."""
        values = [*(given.array for given in self.inputs), *(step.value for step in self.steps)]
        return all(step.operation.analytic for step in self.steps) and not any(
            np.iscomplexobj(value) for value in values
        )

    def speaks(self, dialect: str) -> bool:
        return all(dialect in step.lines for step in self.steps)

    def source(self, dialect: str) -> str:
        """Write the program as a Python function of its inputs."""
        head = f"def program({', '.join(given.name for given in self.inputs)}):"
        body = [line for step in self.steps for line in step.lines[dialect]]
        return "\n    ".join([head, *body, f"return {self.output}"]) + "\n"

    def function(self, dialect: str, space: dict[str, Any] | None = None) -> Callable[..., Any]:
        """Make the program callable."""
        if dialect not in self.functions:
            names = dict(FOR_NUMPY if space is None else space)
            exec(self.source(dialect), names)  # noqa: S102 (our own code)
            self.functions[dialect] = names["program"]
        return self.functions[dialect]

    def directions(self) -> Directions:
        """Draw a cotangent of the output and two tangents of the differentiated inputs."""
        rng = np.random.default_rng(self.seed)
        out = self.steps[-1].value if self.steps else self.inputs[0].array
        xs = [given.array for given in self.differentiated]
        return Directions(
            draw_like(out, rng), [draw_like(x, rng) for x in xs], [draw_like(x, rng) for x in xs]
        )


@dataclass
class Directions:
    """A cotangent `u` of the output; tangents `v` and `w` of the inputs."""

    u: NDArray[Any]
    v: list[NDArray[Any]]
    w: list[NDArray[Any]]


def draw_like(x: Any, rng: np.random.Generator) -> NDArray[Any]:
    """Draw an array of a shape, complex if the original is; always in double precision."""
    shape = np.shape(x)
    drawn = np.round(rng.uniform(-1, 1, shape), 2)
    if np.iscomplexobj(x):
        drawn = drawn + 1j * np.round(rng.uniform(-1, 1, shape), 2)
    return np.asarray(drawn)


def draw_program(
    random: Random, operations: Sequence[Operation], profiles: Sequence[str] = ("float64",)
) -> Program:
    """Draw a program of one to five operations whose values are finite, small and not at kinks."""
    while True:
        builder = Builder(random, random.choice(profiles))
        n_steps = random.choice((1, 2, 3, 2, 3, 4, 5))
        with quietly():
            for _ in range(ATTEMPTS * n_steps):
                if len(builder.steps) < n_steps:
                    builder.add(random.choice(operations))
        program = builder.finish()
        if program is not None:
            return program


@contextmanager
def quietly() -> Iterator[None]:
    """Silence warnings, but raise where the imaginary part is thrown away, and its derivative."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        yield


class Builder:
    """A program that grows: every step is evaluated at once, so that the next can fit to it."""

    def __init__(self, random: Random, profile: str) -> None:
        self.random, self.profile = random, profile
        self.seed = random.randrange(2**20)
        self.rng = np.random.default_rng(self.seed)
        self.inputs: list[Input] = []
        self.steps: list[Step] = []

    def add(self, operation: Operation) -> bool:
        """Append a step, unless the operation cannot be applied to what was drawn."""
        n_inputs = len(self.inputs)
        try:
            context, refs = self.arguments(operation)
            step = self.step(operation, context, refs)
            if self.steps and self.steps[-1].name not in step.uses and self.random.random() < LOOSE:
                raise Unfit
        except UNFIT:
            del self.inputs[n_inputs:]
            return False
        self.steps.append(step)
        return True

    def arguments(self, operation: Operation) -> tuple[Context, dict[str, tuple[str, str]]]:
        """Draw arguments and parameters; of arguments also how they are referred to."""
        known: Lengths = {}
        context: Context = {}
        refs: dict[str, tuple[str, str]] = {}
        for place, (name, argument) in enumerate(operation.arguments.items()):
            ref, wrap, value, known = self.argument(operation, argument, known, place)
            refs[name] = ref, wrap
            context[name] = value
        context |= known
        for name, param in operation.params.items():
            context[name] = param(self.random, context)
            if name == "axis":
                context["dims"] = dims(context["axis"], np.ndim(next(iter(context.values()))))
        return context, refs

    def argument(
        self, operation: Operation, argument: Argument, known: Lengths, place: int
    ) -> tuple[str, str, Any, Lengths]:
        """Take an earlier value where one fits, or draw an input."""
        if argument.kind == "f" and self.random.random() < 0.8:
            found = self.earlier(operation, argument, known)
            if found is not None:
                return found
        shape = draw(argument.pattern, known, self.random)
        given = self.draw_input(operation, argument, shape, place)
        self.inputs.append(given)
        lengths = match(argument.pattern, shape, known)
        if lengths is None:
            raise Unfit
        return given.name, "", given.laid_out(), lengths

    def earlier(
        self, operation: Operation, argument: Argument, known: Lengths
    ) -> tuple[str, str, Any, Lengths] | None:
        """Find an earlier value that fits, the latest first: steps hang together."""
        pool: list[tuple[str, Any]] = [(s.name, s.value) for s in reversed(self.steps)]
        if not pool or self.random.random() > 0.8:
            given = [(g.name, g.laid_out()) for g in self.inputs if g.array.dtype.kind in "fc"]
            self.random.shuffle(given)
            pool = given + pool
        for name, value in pool:
            if np.iscomplexobj(value) and not operation.takes_complex:
                continue
            lengths = match(argument.pattern, np.shape(value), known)
            if lengths is None:
                continue
            domain = argument.domain
            if np.size(value) == 0 or domain.holds(value):
                return name, "", value, lengths
            if domain.wrap:
                wrapped = evaluate(domain.wrap)(value)
                if domain.holds(wrapped):
                    return name, domain.wrap, wrapped, lengths
        return None

    def draw_input(
        self, operation: Operation, argument: Argument, shape: tuple[int, ...], place: int
    ) -> Input:
        """Draw an input: a mask, integers, or numbers of one of the profile's dtypes."""
        name = f"{'abcdefghijklmnopqrstuvwxyz'[len(self.inputs) % 26]}"
        if argument.kind == "b":
            return Input(name, np.asarray(self.rng.uniform(size=shape) > 0.4), False, kind="b")  # noqa: FBT003
        if argument.kind == "i":
            whole = self.rng.integers(argument.low, argument.high, shape)
            return Input(name, np.asarray(whole), differentiated=False, kind="i")
        array = np.asarray(np.round(argument.domain.sample(self.rng, shape), 3))
        layout = self.random.choice(("plain", "plain", *LAYOUTS))
        chance = self.random.random()
        if chance > 0.95 and place:
            whole = np.rint(array).astype(np.int64)
            if np.size(whole) and not argument.domain.holds(whole):
                raise Unfit
            return Input(name, whole, differentiated=False, layout=layout)
        dtype = self.random.choice(PROFILES[self.profile])
        if dtype == np.complex128 and not operation.takes_complex:
            dtype = np.float64
        if dtype == np.complex128:
            array = array + 1j * np.round(self.rng.uniform(-0.6, 0.6, shape), 3)
        array = np.asarray(array.astype(dtype))
        return Input(name, array, differentiated=chance < 0.85, layout=layout)

    def step(
        self, operation: Operation, context: Context, refs: dict[str, tuple[str, str]]
    ) -> Step:
        """Evaluate and write down a step."""
        if operation.kink and np.any(np.abs(operation.distance(**context)) < MARGIN):
            raise Unfit
        value = operation.apply(**context)
        if not isinstance(value, np.ndarray | np.generic):  # 1.0: np.poly of nothing
            raise Unfit
        if value.dtype.kind not in "fc" or value.size > LARGEST or value.ndim > 5:
            raise Unfit
        if not np.all(np.abs(value) < BOUND):
            raise Unfit
        texts = {name: repr(context[name]) for name in operation.names if name not in refs}
        lines = {}
        name = f"v{len(self.steps) + 1}"
        for dialect, template in operation.spellings.items():
            arguments = {
                arg: respell(wrap, dialect).format(ref) if wrap else ref
                for arg, (ref, wrap) in refs.items()
            }
            lines[dialect] = statements(template, name, texts | arguments)
        return Step(name, operation, lines, [ref for ref, _ in refs.values()], value)

    def finish(self) -> Program | None:
        """Take the last value for the output, and leave out what it does not use."""
        if not self.steps:
            return None
        needed, steps = {self.steps[-1].name}, []
        for step in reversed(self.steps):
            if step.name in needed:
                steps.append(step)
                needed.update(step.uses)
        inputs = [given for given in self.inputs if given.name in needed]
        if not any(given.differentiated for given in inputs):
            floating = [given for given in inputs if given.array.dtype.kind in "fc"]
            if not floating:
                return None
            floating[0].differentiated = True
        return Program(inputs, steps[::-1], self.steps[-1].name, self.seed, self.profile)


def dims(axis: Any, ndim: int) -> tuple[int, ...]:
    """Count axes from the front."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(a % ndim for a in (axis if isinstance(axis, tuple) else (axis,)))


def respell(template: str, dialect: str) -> str:
    return template.replace("np.", PREFIX[dialect])


@cache
def evaluate(wrap: str) -> Callable[..., Any]:
    """Make a function of the text that brings a value into a domain."""
    function: Callable[..., Any] = eval(f"lambda x: {wrap.format('x')}", dict(FOR_NUMPY))  # noqa: S307
    return function
