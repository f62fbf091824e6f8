"""The table of samples: a call or several of every function in the table of derivatives.

A row names the function, how each argument is drawn (or what it is), and its parameters.
Drawn floating arguments are differentiated; all others are constants.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from autograd_nn import log_softmax, logsumexp, relu, sigmoid, softplus
from autograd_nn.ops.elementwise import where
from autograd_nn.ops.indexing import getitem, scatter
from autograd_nn.ops.shaping import astype, reshape
from oracles import Function, Judge, complex_step, richardson

TAKES_A_LIST = {np.concatenate, np.stack, np.vstack, np.hstack}


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
                return np.stack(out) if several else out  # one judge for several

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
        return f"{self.entry.__name__}({', '.join([*args, *params])})".replace("\n", "")


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


def placed(v: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, v.dtype)
    np.add.at(out, index, v)
    return out


def log_of_sum(x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def log_of_share(x: Any, axis: Any = -1) -> Any:
    return x - log_of_sum(x, axis, keepdims=True)


AXES: list[dict[str, Any]] = [
    {},
    {"keepdims": True},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": (-1, 0), "keepdims": True},
    {"axis": ()},
]
INDICES: list[Any] = [
    0,
    -1,
    (1, 2),
    slice(None, None, -1),
    (slice(1, None), slice(None, None, 2)),
    (Ellipsis, 0),
    (None, slice(None), None, 1),
    np.array([2, 0, 2, 2]),
    (np.array([0, 0, 1]), np.array([1, 1, 3])),
    (slice(None), np.array([[0, 1], [3, 0]])),
    np.array([True, False, True]),
    np.arange(12).reshape(3, 4) % 5 == 0,
    (np.array([True, False, True]), 1),
    (np.array([[0], [1]]), np.array([2, 2])),
    np.array([], int),
]
PRODUCTS: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((1, 3), (3, 1)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
]
STACKS: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((4, 2, 3), (3,)),
    ((3,), (4, 3, 2)),
    ((4, 2, 3), (4, 3, 2)),
    ((4, 2, 3), (3, 2)),
    ((2, 3), (4, 3, 2)),
    ((2, 1, 2, 3), (3, 3, 2)),
]
EINSUMS: list[tuple[str, tuple[tuple[int, ...], ...]]] = [
    ("ij,jk->ik", ((2, 3), (3, 4))),
    ("ij,jk", ((2, 3), (3, 4))),
    ("ba,cb", ((2, 3), (4, 2))),
    ("i,i", ((3,), (3,))),
    ("i,j->ij", ((3,), (2,))),
    (",i->i", ((), (3,))),
    ("ij->ji", ((2, 3),)),
    ("ij->", ((2, 3),)),
    ("ij->j", ((2, 3),)),
    ("ij,jk->i", ((2, 3), (3, 4))),
    ("i,j->", ((2,), (3,))),
    ("ii", ((3, 3),)),
    ("ii->i", ((3, 3),)),
    ("iij->j", ((3, 3, 2),)),
    ("iji->ji", ((2, 3, 2),)),
    ("iii->i", ((2, 2, 2),)),
    ("ii,ij->j", ((3, 3), (3, 2))),
    ("ij,jj->i", ((2, 3), (3, 3))),
    ("ij,ij,ij->", ((2, 3), (2, 3), (2, 3))),
    ("bij,bjk,kl->il", ((2, 2, 3), (2, 3, 2), (2, 3))),
    ("...ij,...jk->...ik", ((2, 1, 2, 3), (2, 3, 2))),
    ("...ij,...jk", ((2, 2, 3), (3, 2))),
    ("i...->...", ((2, 3, 2),)),
    ("...,...->...", ((2, 3), (3,))),
    ("...ii->...i", ((2, 3, 3),)),
    ("ij,ij->j", ((1, 3), (2, 3))),
    (" i j , j -> i ", ((2, 3), (3,))),
    ("ij,jk->ik", ((2, 0), (0, 3))),
]

SAMPLES: list[Sample] = [
    # ---- elementwise -------------------------------------------------------------------------
    each(np.add, normal(3, 4), normal(4)),
    each(np.add, normal(3, 1), 2.0),
    each(np.subtract, normal(3, 1), normal(2, 1, 4)),
    each(np.subtract, 2.0, normal(3)),
    each(np.multiply, normal(2, 1, 4), normal(3, 1)),
    each(np.multiply, normal(0, 3), normal(3)),
    each(np.divide, normal(3, 4), nonzero(4)),
    each(np.divide, 1.0, nonzero(3)),
    each(np.negative, normal(3, 4)),
    each(np.positive, normal(3, 4)),
    each(np.reciprocal, nonzero(3, 4)),
    each(np.square, normal(3, 4)),
    each(np.sqrt, positive(3, 4)),
    each(np.exp, normal(3, 4)),
    each(np.exp, normal()),
    each(np.expm1, normal(3, 4)),
    each(np.log, positive(3, 4)),
    each(np.log1p, positive(3, 4)),
    each(np.sin, normal(3, 4)),
    each(np.cos, normal(3, 4)),
    each(np.tanh, normal(3, 4)),
    *[each(f, normal(3, 4)) for f in (np.tan, np.arctan, np.sinh, np.cosh, np.arcsinh, np.exp2)],
    *[each(f, about(0.4, 3, 4)) for f in (np.arcsin, np.arccos, np.arctanh)],
    each(np.arccosh, about(2.0, 3, 4)),
    *[each(f, positive(3, 4)) for f in (np.log2, np.log10)],
    *[each(f, normal(3, 4), analytic=False) for f in (np.degrees, np.radians)],
    *[each(f, spaced(3, 4), analytic=False) for f in (np.floor, np.ceil, np.trunc, np.rint)],
    *[each(f, normal(3, 1), normal(4), analytic=False) for f in (np.logaddexp, np.hypot)],
    each(np.arctan2, nonzero(3, 1), nonzero(4), analytic=False),
    each(np.tanh, normal(0)),
    each(np.absolute, spaced(3, 4), analytic=False),
    each(np.sign, spaced(3, 4), analytic=False),
    each(np.remainder, spaced(3, 4), about(1.0, 4), analytic=False),
    each(np.remainder, about(0.7, 3), -0.5, analytic=False),
    each(np.floor_divide, spaced(3, 4), about(1.0, 4), analytic=False),
    row(np.divmod, spaced(3, 4), about(1.0, 4), analytic=False),
    each(np.maximum, spaced(3, 4), about(0.0, 4)),
    each(np.maximum, spaced(3, 4), 0.0),
    each(np.minimum, about(0.5, 3, 1), spaced(3, 4)),
    each(np.where, mask(3, 4), normal(4), normal(3, 1)),
    each(np.where, mask(4), normal(3, 1), 0.0),
    each(where, mask(4), normal(4), normal(4)),
    each(np.where, mask(3, 4), 1.0, normal()),
    each(np.power, positive(3, 4), normal(4)),
    each(np.power, normal(3, 4), 3),
    each(np.power, nonzero(3, 4), -2.0),
    each(np.power, normal(3, 4), 0),
    each(np.power, positive(3, 4), 0.5),
    each(np.power, 2.0, normal(3, 4)),
    each(sigmoid, normal(3, 4), formula=lambda x: 1 / (1 + np.exp(-x))),
    each(relu, spaced(3, 4), formula=lambda x: np.maximum(x, 0)),
    each(softplus, normal(3, 4), formula=lambda x: np.log(1 + np.exp(x))),
    row(np.clip, spaced(3, 4), -0.5, 0.5),
    row(np.clip, spaced(3, 4), about(-0.5, 4), about(0.5, 3, 1)),
    row(np.clip, spaced(3, 4), None, 0.5),
    row(np.clip, spaced(3, 4), a_min=0.0, a_max=None),
    # ---- reductions --------------------------------------------------------------------------
    *[row(f, normal(2, 3, 2), **p) for f in (np.sum, np.mean, np.prod) for p in AXES],
    *[row(f, spaced(2, 3, 2), **p) for f in (np.max, np.min) for p in AXES],
    *[row(f, spaced(2, 3), **p) for f in (np.amax, np.amin) for p in AXES[:4]],
    *[row(np.var, normal(2, 3, 2), **p, analytic=False) for p in AXES],
    *[row(np.std, normal(3, 2, 3), **p, analytic=False) for p in AXES[:-1]],
    *[row(f, normal(3, 4), axis=1, ddof=1, analytic=False) for f in (np.var, np.std)],
    *[row(logsumexp, normal(2, 3, 2), **p, formula=log_of_sum) for p in AXES],
    row(log_softmax, normal(3, 4), formula=log_of_share),
    *[row(log_softmax, normal(2, 3), formula=log_of_share, axis=a) for a in (0, (0, 1), None)],
    *[row(f, normal()) for f in (np.sum, np.mean, np.prod, np.max, np.cumsum)],
    *[row(f, normal(), axis=0) for f in (np.sum, np.prod, np.max)],
    *[row(f, normal(0, 3), axis=0) for f in (np.sum, np.prod, np.cumsum)],
    *[row(f, normal(0, 3), axis=1) for f in (np.sum, np.mean, np.prod, np.max)],
    *[row(np.prod, normal(n, 2), axis=0) for n in (1, 5, 8)],
    *[row(np.cumsum, normal(2, 3, 2), axis=axis) for axis in (None, 0, 1, -1)],
    # ---- shaping -----------------------------------------------------------------------------
    *[row(np.reshape, normal(2, 3, 2), shape) for shape in [(3, 4), (2, -1), -1]],
    row(np.reshape, normal(1), ()),
    row(reshape, normal(2, 3), (3, 2), formula=np.reshape),
    row(np.reshape, normal(0, 3), (3, 0, 2)),
    row(np.swapaxes, normal(2, 3, 4), 0, -1),
    row(np.expand_dims, normal(2, 3), 1),
    row(np.expand_dims, normal(2, 3), axis=(0, -1)),
    row(np.squeeze, normal(1, 3, 1)),
    row(np.squeeze, normal(1, 3, 1), axis=-1),
    row(np.moveaxis, normal(2, 3, 4), 0, -1),
    row(np.moveaxis, normal(2, 3, 4), (0, 1), (2, 0)),
    row(np.broadcast_to, normal(3, 1), (2, 3, 4)),
    row(np.broadcast_to, normal(), (2, 3)),
    row(np.broadcast_to, normal(1), (0,)),
    row(np.transpose, normal(2, 3, 4)),
    row(np.transpose, normal(2, 3, 4), (1, 2, 0)),
    row(np.transpose, normal(2, 3, 4), axes=(-1, 0, 1)),
    row(np.ravel, normal(2, 3)),
    row(np.concatenate, normal(2, 3), normal(4, 3)),
    row(np.concatenate, normal(2, 3), normal(2, 1), normal(2, 0), axis=-1),
    row(np.concatenate, normal(2, 3), np.ones((1, 3), np.float32), axis=0),
    row(np.concatenate, normal(2, 3), normal(4), axis=None),
    row(np.stack, normal(2, 3), normal(2, 3)),
    row(np.stack, normal(2, 3), np.ones((2, 3), np.float32), normal(2, 3), axis=-1),
    row(np.stack, normal(), normal()),
    row(np.vstack, normal(3), normal(2, 3), normal(3)),
    row(np.hstack, normal(2, 3), normal(2, 1)),
    row(np.hstack, normal(3), normal(2)),
    row(np.hstack, normal(), normal(2)),
    *[row(np.flip, normal(2, 3, 2), axis=axis) for axis in (None, 0, -1, (0, 2))],
    row(np.split, normal(6, 2), 3),
    row(np.split, normal(2, 6), 2, axis=-1),
    row(np.split, normal(4), [2]),
    row(astype, normal(3), formula=np.asarray, analytic=False, dtype=np.longdouble),
    # ---- indexing ----------------------------------------------------------------------------
    *[row(getitem, normal(3, 4), formula=lambda x, index: x[index], index=i) for i in INDICES],
    row(scatter, normal(2, 3), formula=placed, index=slice(1, None), shape=(3, 3)),
    row(scatter, normal(3), formula=placed, index=np.array([0, 2, 0]), shape=(4,)),
    # ---- products ----------------------------------------------------------------------------
    *[row(np.matmul, normal(*a), normal(*b)) for a, b in PRODUCTS + STACKS],
    *[row(np.dot, normal(*a), normal(*b)) for a, b in PRODUCTS],
    row(np.dot, normal(2, 2, 3), normal(2, 3, 2), exact=False),
    row(np.dot, normal(2, 2, 3), normal(3)),
    row(np.dot, normal(2, 3), normal()),
    row(np.dot, np.float32(2), normal(3)),
    row(np.inner, normal(2, 3), normal(4, 3), exact=False),
    row(np.inner, normal(3), normal(3)),
    row(np.inner, np.float32(2), normal(2, 3)),
    row(np.trace, normal(3, 3), exact=False),
    row(np.trace, normal(2, 3, 2), exact=False),
    row(np.outer, normal(3), normal(2)),
    row(np.outer, normal(2, 2), normal(3)),
    row(np.tensordot, normal(2, 3, 2), normal(3, 2, 2)),
    row(np.tensordot, normal(2, 3), normal(3, 2), 1),
    row(np.tensordot, normal(2), normal(3), axes=0),
    row(np.tensordot, normal(2, 3, 4), normal(4, 3), axes=((1, 2), (1, 0))),
    row(np.tensordot, normal(2, 3, 4), normal(3, 2), axes=(-2, 0)),
    row(np.tensordot, normal(2, 0), normal(0, 3), axes=1),
    *[row(np.einsum, names, *[normal(*s) for s in shapes]) for names, shapes in EINSUMS],
]


def direction(*xs: Any, seed: int = 1) -> list[NDArray[Any]]:
    """Draw an array of the shape and dtype of each of `xs`."""
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=x.shape)).astype(x.dtype) for x in xs]
