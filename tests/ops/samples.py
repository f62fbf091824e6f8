"""What a row of the table of samples is; the rows are in samples_*.py, a file a module of ops.

A row names the function, how each argument is drawn (or what it is), and its parameters.
Drawn floating arguments are differentiated; all others are constants.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from oracles import Function, Judge, complex_step, richardson

TAKES_A_LIST = {
    *(np.concatenate, np.stack, np.vstack, np.hstack),
    *(np.dstack, np.column_stack, np.block, np.linalg.multi_dot),
}


@dataclass(frozen=True)
class Draw:
    """How an argument is drawn."""

    kind: str
    shape: tuple[int, ...]
    sample: Callable[[Generator, tuple[int, ...]], Any]

    def __str__(self) -> str:
        return f"{self.kind}{list(self.shape)}".replace(" ", "")


def normal(*shape: int) -> Draw:
    return Draw("normal", shape, lambda rng, size: rng.normal(size=size))


def positive(*shape: int) -> Draw:
    return Draw("positive", shape, lambda rng, size: rng.uniform(0.5, 2, size))


def nonzero(*shape: int) -> Draw:
    return Draw(
        "nonzero",
        shape,
        lambda rng, size: rng.uniform(0.5, 2, size) * rng.choice([-1, 1], size),
    )


def spaced(*shape: int) -> Draw:
    """Draw distinct odd multiples of 1/8: no ties, and 0, 1/4, 1/2, ... are 1/8 away."""
    return Draw(
        "spaced",
        shape,
        lambda rng, size: (
            (rng.permutation(int(np.prod(size))) - np.prod(size) // 2 + 0.5).reshape(size) / 4
        ),
    )


def about(centre: float, *shape: int) -> Draw:
    return Draw(f"about {centre}", shape, lambda rng, size: centre + rng.uniform(-0.02, 0.02, size))


def mask(*shape: int) -> Draw:
    return Draw("mask", shape, lambda rng, size: rng.uniform(size=size) > 0.5)


def gappy(*shape: int) -> Draw:
    """Draw as `spaced` does, but every fourth entry is NaN."""
    return Draw(
        "gappy",
        shape,
        lambda rng, size: np.where(
            np.arange(np.prod(size)).reshape(size) % 4 == 1,
            np.nan,
            spaced(*size).sample(rng, size),
        ),
    )


@dataclass(frozen=True)
class Spelled:
    """A call of a NumPy function that is not spelled ``forward(*args)``."""

    forward: Function
    call: Function

    def __call__(self, *args: Any, **params: Any) -> Any:
        return self.call(*args, **params)


@dataclass(frozen=True)
class Sample:
    """One row: a function and a call of it.

    `formula` is what the judges differentiate, where the function is our own; `analytic` says
    that the complex step may judge it.  `independent` says that vjp and jvp are two rules, so
    that their duality proves something; of an elementwise function they are one.  `exact`: the
    values are NumPy's to the last bit.
    """

    function: Function
    args: tuple[Any, ...]
    params: dict[str, Any] = field(default_factory=dict)
    formula: Function | None = None
    analytic: bool = True
    independent: bool = True
    exact: bool = True

    @property
    def entry(self) -> Function:
        """The key of the function in the table of derivatives."""
        entry: Function = getattr(self.function, "forward", self.function)
        return entry

    @property
    def judge(self) -> Judge:
        return complex_step if self.analytic else richardson

    @property
    def tolerance(self) -> float:
        return 1e-12 if self.analytic else 1e-8

    def pose(self, dtype: Any = np.float64) -> tuple[Function, Function, list[NDArray[Any]]]:
        """Return the function of the differentiated arguments alone, its formula, and these."""
        rng = np.random.default_rng(0)
        args = [np.asarray(a.sample(rng, a.shape)) if isinstance(a, Draw) else a for a in self.args]
        places = [
            i
            for i, a in enumerate(args)
            if isinstance(self.args[i], Draw) and np.issubdtype(a.dtype, np.floating)
        ]

        def of_differentiated(function: Function) -> Function:
            def call(*xs: Any) -> Any:
                given = list(args)
                for i, x in zip(places, xs, strict=True):
                    given[i] = x
                if self.function in TAKES_A_LIST:
                    given = [given]
                out = function(*given, **self.params)
                several = isinstance(out, tuple | list)
                if several:  # one judge for all of them
                    return np.concatenate([np.reshape(part, -1) for part in out])
                return out

            return call

        xs = [args[i].astype(dtype) for i in places]
        return (
            of_differentiated(self.function),
            of_differentiated(self.formula or self.function),
            xs,
        )

    def __str__(self) -> str:
        args = [f"array{a.tolist()}" if isinstance(a, np.ndarray) else str(a) for a in self.args]
        params = [f"{k}={v}" for k, v in self.params.items()]
        text = f"{self.entry.__name__}({', '.join([*args, *params])})".replace("\n", "")
        return re.sub(" at 0x[0-9a-f]+", "", text)  # names that are the same in every process


def row(
    function: Function,
    *args: Any,
    formula: Function | None = None,
    analytic: bool = True,
    exact: bool = True,
    **params: Any,
) -> Sample:
    return Sample(function, args, params, formula, analytic, exact=exact)


def each(
    function: Function, *args: Any, formula: Function | None = None, analytic: bool = True
) -> Sample:
    """Make the row of an elementwise function."""
    return Sample(function, args, {}, formula, analytic, independent=False)


def part(function: Function, place: int) -> Function:
    """Take one result of a NumPy function that returns several."""

    def call(*args: Any, **params: Any) -> Any:
        return function(*args, **params)[place]

    call.forward = function  # type: ignore[attr-defined]  # whose sample this is
    return call


def direction(*xs: Any, seed: int = 1) -> list[NDArray[Any]]:
    """Draw an array of the shape and dtype of each of `xs`."""
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=x.shape)).astype(x.dtype) for x in xs]
